//! How a scan reads: how many requests at once, and for how long it waits for a network that is gone. Options, and the
//! table of the config file that holds them where no option says otherwise.

use std::time::Duration;

use crate::azure;
use crate::config::{Config, ConfigError, Number, Origin, Setting};

use super::resume::duration;

/// The table of the config file.
pub const SCAN_TABLE: &str = "scan";

/// The variable for how many requests are under way at once.
pub const CONCURRENCY: &str = "FLEXPOSTURE_SCAN_CONCURRENCY";
/// The variable for how long an outage is waited for.
pub const LONGEST_OUTAGE_SECONDS: &str = "FLEXPOSTURE_SCAN_LONGEST_OUTAGE_SECONDS";

/// The most requests at once that can be asked for: more than Azure's limits bear for one subscription.
pub const MOST_AT_ONCE: u32 = 128;
/// The longest outage that can be waited for, in seconds: a day.
pub const LONGEST_OUTAGE: u32 = 86_400;

/// How a scan reads.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
#[command(next_help_heading = "Reading")]
pub struct ReadingArguments {
    /// How many requests are under way at once at most, from 1 to 128 [default: scan.concurrency of the config file, else 16]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_AT_ONCE)))]
    concurrency: Option<u32>,

    /// How long reads wait for a network that is gone before the scan ends without the rest, such as 10m
    /// [default: scan.longest_outage_seconds of the config file, else 2m]
    #[arg(long, value_name = "TIME", value_parser = outage)]
    longest_outage: Option<u32>,
}

/// A length of time in whole seconds, at most a day.
fn outage(text: &str) -> Result<u32, String> {
    let seconds = duration(text)?.as_secs();
    u32::try_from(seconds)
        .ok()
        .filter(|it| (1..=LONGEST_OUTAGE).contains(it))
        .ok_or_else(|| "it must be from one second to a day".to_owned())
}

impl ReadingArguments {
    /// How many requests are under way at once, and how many seconds an outage is waited for.
    ///
    /// # Errors
    /// When the config file or the environment says something else than numbers in their ranges.
    pub fn settings(&self, config: &Config) -> Result<[Setting<u32>; 2], ConfigError> {
        let default = azure::Settings::default();
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let mut all = config.numbers(
            SCAN_TABLE,
            [
                Number {
                    key: "concurrency",
                    variable: CONCURRENCY,
                    range: 1..=MOST_AT_ONCE,
                    default: number(default.concurrency as u64),
                },
                Number {
                    key: "longest_outage_seconds",
                    variable: LONGEST_OUTAGE_SECONDS,
                    range: 1..=LONGEST_OUTAGE,
                    default: number(default.longest_outage.as_secs()),
                },
            ],
        )?;
        let options = [
            (self.concurrency, "--concurrency"),
            (self.longest_outage, "--longest-outage"),
        ];
        for (setting, (option, name)) in all.iter_mut().zip(options) {
            if let Some(value) = option {
                *setting = Setting::of(value, Origin::Option(name));
            }
        }
        Ok(all)
    }

    /// How patient the client is.
    ///
    /// # Errors
    /// As for [`ReadingArguments::settings`].
    pub fn client(&self, config: &Config) -> Result<azure::Settings, ConfigError> {
        let [concurrency, outage] = self.settings(config)?;
        Ok(azure::Settings {
            concurrency: concurrency.value as usize,
            longest_outage: Duration::from_secs(outage.value.into()),
            ..azure::Settings::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Environment;

    #[test]
    fn an_option_goes_before_the_file_and_that_before_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let text = "[scan]\nconcurrency = 5\nlongest_outage_seconds = 900\n";
        std::fs::write(folder.path().join("config.toml"), text).unwrap();
        let config = |folder| Config::find(None, Environment::default(), folder).unwrap();
        let both = |arguments: ReadingArguments, folder| {
            let it = arguments.client(&config(folder)).unwrap();
            (it.concurrency, it.longest_outage.as_secs())
        };
        let none = ReadingArguments::default();
        assert_eq!(both(none, None), (16, 120));
        assert_eq!(both(none, Some(folder.path())), (5, 900));
        let some = ReadingArguments {
            concurrency: Some(3),
            longest_outage: None,
        };
        assert_eq!(both(some, Some(folder.path())), (3, 900));
        std::fs::write(
            folder.path().join("config.toml"),
            "[scan]\nconcurrency = 0\n",
        )
        .unwrap();
        let error = none.client(&config(Some(folder.path()))).unwrap_err();
        let words = error.to_string();
        assert!(words.contains("from 1 to 128"), "{words}");
    }

    #[test]
    fn outages_are_written_as_people_write_times() {
        assert_eq!(outage("10m"), Ok(600));
        for text in ["", "0s", "500ms", "2 days", "soon"] {
            assert!(outage(text).is_err(), "{text}");
        }
    }
}
