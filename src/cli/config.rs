//! `flexposture config`: the settings in force with the origin of each, where the config file is, a file to begin with,
//! and the schema of it.

mod init;
pub mod schema;

use std::io::Write;
use std::path::PathBuf;

use serde_json::{Value as Json, json};

use crate::app::OwnKey;
use crate::config::{Config, ConfigError, Environment, Origin};
use crate::documents::text::neutral;
use crate::posture::{Ruleset, STRICT_BASELINE, THRESHOLDS, Value};
use crate::report::{DocumentKind, write_document};
use crate::store::Retention;

use super::appearance::Appearance;
use super::judging::{
    ConfigArgument, JudgingArguments, RulesetArguments, STRICT_BASELINE_NAMES, Settings,
    THRESHOLDS_TABLE,
};
use super::reading_arguments::{CONCURRENCY, LONGEST_OUTAGE_SECONDS, ReadingArguments};
use super::store_choice;
use super::watch::{KEEP_ALL_HOURS, KEEP_DAILY_DAYS, retention};

/// Show the settings and where they come from
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show every setting with its value, its default and its origin
    Show {
        /// Write JSON
        #[arg(long)]
        json: bool,

        #[command(flatten)]
        judging: JudgingArguments,

        #[command(flatten)]
        appearance: Appearance,
    },
    /// Write where the config file is, or would be
    Path {
        #[command(flatten)]
        config: ConfigArgument,
    },
    /// Write a config file that holds every setting with its meaning and its default, all of them as comments
    Init {
        #[command(flatten)]
        config: ConfigArgument,
    },
    /// Write the JSON schema of the config file, for editors that check and complete
    Schema,
}

/// Does what the arguments ask and writes the answer to `out`.
///
/// # Errors
/// When anything in a file or the environment is wrong, when there is no config folder, or when `out` refuses.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<()> {
    match &args.command {
        Command::Show {
            json,
            judging,
            appearance,
        } => show(judging, appearance, *json, out),
        Command::Path { config } => {
            writeln!(out, "{}", place(config)?.display())?;
            Ok(())
        }
        Command::Init { config } => {
            let path = place(config)?;
            init::write(&path)?;
            writeln!(out, "{}", path.display())?;
            Ok(())
        }
        Command::Schema => {
            serde_json::to_writer_pretty(&mut *out, &schema::schema()?)?;
            writeln!(out)?;
            Ok(())
        }
    }
}

/// Where the config file is or would be.
fn place(config: &ConfigArgument) -> Result<PathBuf, ConfigError> {
    let place = config.place();
    place
        .map(|place| place.value)
        .ok_or(ConfigError::NoFolder { option: "--config" })
}

/// One setting, as it is shown.
struct Row {
    key: &'static str,
    variable: &'static str,
    meaning: &'static str,
    value: Shown,
    default: Shown,
    origin: Origin,
}

/// A value in words and as JSON.
#[derive(PartialEq)]
struct Shown {
    words: String,
    json: Json,
}

impl From<Value> for Shown {
    fn from(value: Value) -> Self {
        Self {
            words: value.to_string(),
            json: json!(value),
        }
    }
}

impl From<Json> for Shown {
    fn from(json: Json) -> Self {
        let words = json.to_string();
        Self { words, json }
    }
}

fn show(
    judging: &JudgingArguments,
    appearance: &Appearance,
    as_json: bool,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let settings = judging.ruleset.settings()?;
    let exemptions = judging.exemptions.place();
    let store = store_choice::shown(&settings.config)?;
    let rows = rows(&settings, appearance)?;
    let id = settings.ruleset.id();
    let file = settings.config.place();
    if as_json {
        let rows: Vec<Json> = rows
            .iter()
            .map(|row| {
                json!({
                    "key": row.key,
                    "variable": row.variable,
                    "value": row.value.json,
                    "default": row.default.json,
                    "origin": origin(&row.origin),
                    "meaning": row.meaning,
                })
            })
            .collect();
        let all = json!({
            "file": file.map(|place| json!({
                "path": place.value,
                "exists": settings.config.file().is_some(),
                "origin": origin(&place.origin),
            })),
            "exemptions": exemptions.map(|place| json!({
                "path": place.value,
                "exists": place.value.exists(),
                "origin": origin(&place.origin),
            })),
            "store": store.map(|place| json!({
                "path": place.value,
                "exists": place.value.exists(),
                "origin": origin(&place.origin),
            })),
            "ruleset": id,
            "settings": rows,
            "keys": keys(&settings).into_iter().map(|(key, origin_of_key)| json!({
                "scope": key.scope,
                "keys": key.keys.to_string(),
                "command": key.command,
                "origin": origin(&origin_of_key),
            })).collect::<Vec<_>>(),
        });
        write_document(out, DocumentKind::Settings, &all)?;
        return Ok(());
    }
    let missing = |there: bool| if there { "" } else { " (there is none)" };
    match file {
        Some(place) => writeln!(
            out,
            "config      {}{}",
            place.value.display(),
            missing(settings.config.file().is_some())
        )?,
        None => writeln!(out, "config      nowhere: the environment names no home")?,
    }
    if let Some(place) = exemptions {
        writeln!(
            out,
            "exemptions  {}{}",
            place.value.display(),
            missing(place.value.exists())
        )?;
    }
    if let Some(place) = store {
        writeln!(
            out,
            "store       {}{}; {}",
            neutral(&place.value.display().to_string()),
            missing(place.value.exists()),
            origin_words(&place.origin)
        )?;
    }
    writeln!(out, "ruleset     {id}")?;
    for row in rows {
        writeln!(out, "\n{} = {}", row.key, neutral(&row.value.words))?;
        writeln!(out, "    {}", row.meaning)?;
        let default = if row.value == row.default {
            String::new()
        } else {
            format!("; the default is {}", row.default.words)
        };
        writeln!(out, "    {}{default}", origin_words(&row.origin))?;
        if row.origin != Origin::Environment(row.variable) {
            writeln!(out, "    variable {}", row.variable)?;
        }
    }
    writeln!(out, "\nkeys")?;
    let keys = keys(&settings);
    if keys.is_empty() {
        writeln!(
            out,
            "    as they are by default; `flexposture keys` lists them. Only the config file changes them"
        )?;
    }
    for (key, origin) in keys {
        let command = key.command.unwrap_or("nothing");
        writeln!(
            out,
            "    in {}: {} is {command}, {}",
            key.scope,
            key.keys,
            origin_words(&origin)
        )?;
    }
    Ok(())
}

/// Every setting as it is where nobody has set anything, with the table of the config file that it stands in; empty: none.
fn defaults() -> Result<Vec<(&'static str, Row)>, ConfigError> {
    let nothing_set = Config::find(None, Environment::default(), None)?;
    let settings = RulesetArguments::default().settings_of(nothing_set)?;
    let rows = rows(&settings, &Appearance::default())?;
    let placed = rows.into_iter().map(|mut row| {
        let threshold = THRESHOLDS.iter().any(|it| it.key == row.key);
        let table = match row.key.split_once('.') {
            Some((table, key)) => {
                row.key = key;
                table
            }
            None if threshold => THRESHOLDS_TABLE,
            None => "",
        };
        (table, row)
    });
    Ok(placed.collect())
}

/// Every setting, in the order in which they are shown.
fn rows(settings: &Settings, appearance: &Appearance) -> Result<Vec<Row>, ConfigError> {
    let looks = appearance.settings(&settings.config)?;
    let looks = looks.rows().into_iter().map(|row| Row {
        key: row.key,
        variable: row.variable,
        meaning: row.meaning,
        value: row.value.into(),
        default: row.default.into(),
        origin: row.origin,
    });
    let kept = Retention::default();
    let watch = [
        (
            "watch.keep_all_hours",
            KEEP_ALL_HOURS,
            "for how many hours all scans of watch mode are kept",
            kept.all_hours,
        ),
        (
            "watch.keep_daily_days",
            KEEP_DAILY_DAYS,
            "for how many days the last one of each day is kept after that",
            kept.daily_days,
        ),
    ];
    let watch = watch.into_iter().zip(retention(&settings.config)?);
    let watch = watch.map(|((key, variable, meaning, default), setting)| Row {
        key,
        variable,
        meaning,
        value: json!(setting.value).into(),
        default: json!(default).into(),
        origin: setting.origin,
    });
    let reading = ReadingArguments::default();
    let defaults = reading.settings(&Config::find(None, Environment::default(), None)?)?;
    let scan = [
        (
            "scan.concurrency",
            CONCURRENCY,
            "how many requests of a scan are under way at once at most",
        ),
        (
            "scan.longest_outage_seconds",
            LONGEST_OUTAGE_SECONDS,
            "for how many seconds reads wait for a network that is gone",
        ),
    ];
    let scan = scan.into_iter().zip(reading.settings(&settings.config)?);
    let scan = scan
        .zip(defaults)
        .map(|(((key, variable, meaning), setting), default)| Row {
            key,
            variable,
            meaning,
            value: json!(setting.value).into(),
            default: json!(default.value).into(),
            origin: setting.origin,
        });
    Ok(settings
        .ruleset
        .settings()
        .into_iter()
        .zip(Ruleset::default().settings())
        .map(|((key, value), (_, default))| Row {
            key,
            variable: variable(key),
            meaning: meaning(key),
            value: value.into(),
            default: default.into(),
            origin: settings.origin(key),
        })
        .chain(looks)
        .chain(watch)
        .chain(scan)
        .collect())
}

/// The keys that the config file sets, each with its place.
fn keys(settings: &Settings) -> Vec<(&OwnKey, Origin)> {
    let Some(file) = settings.config.file() else {
        return Vec::new();
    };
    let own = settings.keymap.own().iter();
    own.map(|key| (key, file.origin(&key.place))).collect()
}

fn meaning(key: &str) -> &'static str {
    if key == STRICT_BASELINE {
        return "whether the baseline page alone counts, also where Azure has moved since";
    }
    let threshold = THRESHOLDS.iter().find(|threshold| threshold.key == key);
    threshold.map_or("", |threshold| threshold.meaning)
}

fn variable(key: &str) -> &'static str {
    let threshold = THRESHOLDS.iter().find(|threshold| threshold.key == key);
    threshold.map_or(STRICT_BASELINE_NAMES.variable, |it| it.variable)
}

fn origin_words(origin: &Origin) -> String {
    match origin {
        Origin::Default => "by default".to_owned(),
        Origin::File { .. } => format!("from {origin}"),
        Origin::Environment(name) => format!("from the environment, {name}"),
        Origin::Option(name) => format!("from the option {name}"),
    }
}

fn origin(origin: &Origin) -> Json {
    match origin {
        Origin::Default => json!({"from": "default"}),
        Origin::File { file, line } => json!({"from": "file", "file": file, "line": line}),
        Origin::Environment(name) => json!({"from": "environment", "name": name}),
        Origin::Option(name) => json!({"from": "option", "name": name}),
    }
}
