//! The argument that has everything read again and again, and how long those scans are kept.

use std::time::Duration;

use anyhow::bail;
use jiff::SignedDuration;

use crate::config::{Config, ConfigError, Number, Setting};
use crate::runtime::Watching;
use crate::store::Retention;

use super::azure_arguments::AzureArguments;

/// The table of the config file.
pub const WATCH_TABLE: &str = "watch";

/// The shortest time between two scans of Azure: its request limits are for other work too.
const SHORTEST: Duration = Duration::from_secs(60);

/// How long scans of watch mode can be kept at most, in hours: ten years.
pub const MOST_HOURS: u32 = 87_600;
/// The same in days.
pub const MOST_DAYS: u32 = 3_650;

/// The environment variable of `keep_all_hours`.
pub const KEEP_ALL_HOURS: &str = "FLEXPOSTURE_WATCH_KEEP_ALL_HOURS";
/// The environment variable of `keep_daily_days`.
pub const KEEP_DAILY_DAYS: &str = "FLEXPOSTURE_WATCH_KEEP_DAILY_DAYS";

/// Reading everything again and again.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct WatchArgument {
    /// Read everything again so long after the end of each scan: 15m, 2h; for Azure at least 1m
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub watch: Option<Duration>,
}

fn duration(text: &str) -> Result<Duration, String> {
    let parsed: SignedDuration = text
        .parse()
        .map_err(|_| "this is no time; 15m or 1h 30m would be one".to_owned())?;
    let seconds = u64::try_from(parsed.as_secs()).unwrap_or(0);
    if seconds == 0 {
        return Err("this is less than a second".to_owned());
    }
    Ok(Duration::from_secs(seconds))
}

impl WatchArgument {
    /// What is to be watched, when anything is. `demo` asks no Azure.
    ///
    /// # Errors
    /// When the time is too short, or the config file wrong.
    pub fn watching(
        &self,
        azure: &AzureArguments,
        demo: bool,
        config: &Config,
    ) -> anyhow::Result<Option<Watching>> {
        let Some(every) = self.watch else {
            return Ok(None);
        };
        let on_this_machine = demo || azure.arm_endpoint.is_some();
        if every < SHORTEST && !on_this_machine {
            bail!("--watch needs at least 1m: Azure's request limits are for other work too");
        }
        let [hours, days] = retention(config)?;
        Ok(Some(Watching {
            every,
            retention: Retention {
                all_hours: hours.value,
                daily_days: days.value,
            },
        }))
    }
}

/// How long scans of watch mode are kept: for how many hours all of them, and for how many days one a day.
///
/// # Errors
/// When the config file or the environment says something else than a number.
pub fn retention(config: &Config) -> Result<[Setting<u32>; 2], ConfigError> {
    let default = Retention::default();
    config.numbers(
        WATCH_TABLE,
        [
            Number {
                key: "keep_all_hours",
                variable: KEEP_ALL_HOURS,
                range: 0..=MOST_HOURS,
                default: default.all_hours,
            },
            Number {
                key: "keep_daily_days",
                variable: KEEP_DAILY_DAYS,
                range: 0..=MOST_DAYS,
                default: default.daily_days,
            },
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_people_write_them() {
        for (text, seconds) in [("10s", 10), ("15m", 900), ("1h 30m", 5_400), ("2h", 7_200)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "soon", "0s", "-5m", "5ms"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
