//! The arguments that say what findings are judged by, and the judge that they, the environment and the files make: the
//! same for every command that shows a verdict.

use std::path::PathBuf;

use jiff::ZonedDateTime;

use super::appearance::APPEARANCE_KEYS;
use super::reading_arguments::SCAN_TABLE;
use super::store_choice::STORE_NAMES;
use super::watch::WATCH_TABLE;
use crate::app::Keymap;
use crate::config::{
    self, Config, ConfigError, Environment, Names, Origin, Problem, Setting, folder_of_user,
    read_text,
};
use crate::posture::{self, Exemptions, Judge, Ruleset, STRICT_BASELINE, THRESHOLDS, Thresholds};

/// The table of thresholds in the config file.
pub const THRESHOLDS_TABLE: &str = "thresholds";

/// The table of keys in the config file.
const KEYS_TABLE: &str = "keys";

/// The names of the setting that the baseline page alone counts.
pub const STRICT_BASELINE_NAMES: Names = Names {
    key: STRICT_BASELINE,
    variable: "FLEXPOSTURE_STRICT_BASELINE",
    option: "--strict-baseline",
};

const EXEMPTIONS_NAMES: Names = Names {
    key: "",
    variable: "FLEXPOSTURE_EXEMPTIONS",
    option: "--exemptions",
};

/// The name of the exemptions file in the config folder.
const EXEMPTIONS_FILE: &str = "exemptions.toml";

/// Where the config file is.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Judging")]
pub struct ConfigArgument {
    /// The config file [env: FLEXPOSTURE_CONFIG] [default: config.toml in the config folder]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// What documents are judged by.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Judging")]
pub struct RulesetArguments {
    #[command(flatten)]
    config: ConfigArgument,

    /// Judge by the baseline page alone, also where Azure has moved since [env: FLEXPOSTURE_STRICT_BASELINE]
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    strict_baseline: Option<bool>,
}

/// Where the exemptions are.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Judging")]
pub struct ExemptionsArgument {
    /// The exemptions file [env: FLEXPOSTURE_EXEMPTIONS] [default: exemptions.toml in the config folder]
    #[arg(long, value_name = "FILE")]
    exemptions: Option<PathBuf>,
}

/// What findings are judged by, exemptions included.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct JudgingArguments {
    /// What documents are judged by.
    #[command(flatten)]
    pub ruleset: RulesetArguments,

    /// Where the exemptions are.
    #[command(flatten)]
    pub exemptions: ExemptionsArgument,
}

/// The ruleset with the origin of each of its settings.
#[derive(Debug)]
pub struct Settings {
    /// The sources.
    pub config: Config,
    /// What documents are judged by.
    pub ruleset: Ruleset,
    /// The keys of the explorer.
    pub keymap: Keymap,
    /// Where [`Ruleset::strict_baseline`] comes from.
    strict_baseline: Origin,
}

/// The exemptions with their file.
#[derive(Debug)]
pub struct ExemptionsFile {
    /// Where the file is, and who says so.
    pub place: Setting<PathBuf>,
    /// Its text; `None` when it is missing and need not be there.
    pub text: Option<String>,
    /// The exemptions in it.
    pub exemptions: Exemptions,
}

impl JudgingArguments {
    /// The judge. Exemptions are looked at on the day that it is here and now.
    ///
    /// # Errors
    /// When a file that was named is missing, or anything in a file or the environment is wrong: everything that is.
    pub fn judge(&self) -> Result<Judge, ConfigError> {
        self.judge_and_settings().map(|(judge, _)| judge)
    }

    /// The judge, and the settings by which it judges: the config file is read once.
    ///
    /// # Errors
    /// When a file that was named is missing, or anything in a file or the environment is wrong: everything that is.
    pub fn judge_and_settings(&self) -> Result<(Judge, Settings), ConfigError> {
        let (settings, exemptions) = match (self.ruleset.settings(), self.exemptions.read()) {
            (Err(ConfigError::Wrong(mut all)), Err(ConfigError::Wrong(more))) => {
                all.extend(more);
                return Err(ConfigError::Wrong(all));
            }
            (settings, exemptions) => (settings?, exemptions?),
        };
        let judge = Judge {
            ruleset: settings.ruleset.clone(),
            exemptions: exemptions.map(|file| file.exemptions).unwrap_or_default(),
            today: ZonedDateTime::now().date(),
        };
        Ok((judge, settings))
    }
}

impl ConfigArgument {
    /// Where the config file is or would be; `None` when nobody names one and there is no home.
    #[must_use]
    pub fn place(&self) -> Option<Setting<PathBuf>> {
        config::place_of_config(
            self.config.as_deref(),
            &Environment::of_process(),
            folder_of_user().as_deref(),
        )
    }
}

impl RulesetArguments {
    /// The sources of settings.
    ///
    /// # Errors
    /// When a file that was named is missing, cannot be read, or is no TOML.
    pub fn config(&self) -> Result<Config, ConfigError> {
        Config::find(
            self.config.config.as_deref(),
            Environment::of_process(),
            folder_of_user().as_deref(),
        )
    }

    /// The ruleset out of the options, the environment and the config file.
    ///
    /// # Errors
    /// When a file that was named is missing, or anything in the file or the environment is wrong: everything that is.
    pub fn settings(&self) -> Result<Settings, ConfigError> {
        self.settings_of(self.config()?)
    }

    /// The ruleset out of the options and these sources.
    ///
    /// # Errors
    /// When anything in the file or the environment is wrong: everything that is.
    pub fn settings_of(&self, config: Config) -> Result<Settings, ConfigError> {
        let known = [
            &[
                STRICT_BASELINE,
                THRESHOLDS_TABLE,
                KEYS_TABLE,
                WATCH_TABLE,
                SCAN_TABLE,
                STORE_NAMES.key,
            ][..],
            &APPEARANCE_KEYS,
        ]
        .concat();
        let mut wrong = config.unknown_keys(&known);
        let mut thresholds = Thresholds::default();
        if let Some(file) = config.file()
            && let Some(table) = file.get(THRESHOLDS_TABLE)
        {
            match Thresholds::read(file.text(), &table) {
                Ok(read) => thresholds = read,
                Err(problems) => wrong.extend(in_file(file.path(), problems)),
            }
        }
        for threshold in &THRESHOLDS {
            let Some(text) = config.variable(threshold.variable) else {
                continue;
            };
            let taken = threshold.take(&mut thresholds, text);
            taken.map_err(|allowed| ConfigError::Variable {
                name: threshold.variable,
                value: text.to_owned(),
                allowed,
            })?;
        }
        let mut keymap = Keymap::default();
        if let Some(file) = config.file()
            && let Some(table) = file.get(KEYS_TABLE)
        {
            match Keymap::from_config(&table) {
                Ok(read) => keymap = read,
                Err(problems) => wrong.extend(
                    problems
                        .into_iter()
                        .map(|problem| file.problem(&problem.place, problem.message)),
                ),
            }
        }
        let strict_baseline = match config.choice(
            &STRICT_BASELINE_NAMES,
            self.strict_baseline,
            Ruleset::default().strict_baseline,
        ) {
            Ok(choice) => choice,
            Err(ConfigError::Wrong(problems)) => {
                wrong.extend(problems);
                Setting::of(false, Origin::Default)
            }
            Err(error) => return Err(error),
        };
        if !wrong.is_empty() {
            wrong.sort_by_key(|problem| (problem.line, problem.column));
            return Err(ConfigError::Wrong(wrong));
        }
        Ok(Settings {
            config,
            ruleset: Ruleset {
                thresholds,
                strict_baseline: strict_baseline.value,
            },
            strict_baseline: strict_baseline.origin,
            keymap,
        })
    }
}

impl Settings {
    /// Where the value of a setting comes from.
    #[must_use]
    pub fn origin(&self, key: &str) -> Origin {
        if key == STRICT_BASELINE {
            return self.strict_baseline.clone();
        }
        let known = THRESHOLDS.iter().find(|threshold| threshold.key == key);
        debug_assert!(known.is_some());
        if let Some(threshold) = known
            && self.config.variable(threshold.variable).is_some()
        {
            return Origin::Environment(threshold.variable);
        }
        self.config
            .file()
            .and_then(|file| {
                let table = file.get(THRESHOLDS_TABLE)?;
                let value = table.get_ref().as_table()?.get(key)?;
                Some(file.origin(&value.span()))
            })
            .unwrap_or(Origin::Default)
    }
}

impl ExemptionsArgument {
    /// Where the exemptions file is or would be; `None` when nobody names one and there is no home.
    #[must_use]
    pub fn place(&self) -> Option<Setting<PathBuf>> {
        config::place_of(
            &EXEMPTIONS_NAMES,
            self.exemptions.as_deref(),
            &Environment::of_process(),
            folder_of_user().as_deref(),
            EXEMPTIONS_FILE,
        )
    }

    /// Reads the exemptions; `None` when nobody names a file and there is no home.
    ///
    /// # Errors
    /// When a file that was named is missing, or anything in it is wrong: everything that is.
    pub fn read(&self) -> Result<Option<ExemptionsFile>, ConfigError> {
        self.read_if(|origin| *origin != Origin::Default)
    }

    /// The same where the file may also be missing when it was named, and where its folder must be known.
    ///
    /// # Errors
    /// When there is no place for the file, or anything in it is wrong: everything that is.
    pub fn read_or_new(&self) -> Result<ExemptionsFile, ConfigError> {
        self.read_if(|_| false)?.ok_or(ConfigError::NoFolder {
            option: EXEMPTIONS_NAMES.option,
        })
    }

    fn read_if(
        &self,
        must_exist: impl Fn(&Origin) -> bool,
    ) -> Result<Option<ExemptionsFile>, ConfigError> {
        let Some(place) = self.place() else {
            return Ok(None);
        };
        let text = read_text(&place.value, must_exist(&place.origin))?;
        let exemptions = Exemptions::parse(text.as_deref().unwrap_or_default())
            .map_err(|problems| ConfigError::Wrong(in_file(&place.value, problems)))?;
        Ok(Some(ExemptionsFile {
            place,
            text,
            exemptions,
        }))
    }
}

fn in_file(file: &std::path::Path, problems: Vec<posture::Problem>) -> Vec<Problem> {
    problems
        .into_iter()
        .map(|problem| Problem {
            file: file.to_owned(),
            line: problem.line,
            column: problem.column,
            message: problem.message,
        })
        .collect()
}
