//! Settings from files, the environment and options, each as one value with its origin. Knows nothing of what the
//! settings mean: it finds the file, parses it into a table with places, and says which of several sources counts.
//!
//! An option goes before an environment variable, that before the config file, and that before the default.

mod environment;
mod error;
mod file;
mod folder;
mod private;
mod setting;
mod table;

use std::path::{Path, PathBuf};

pub use environment::Environment;
pub use error::{ConfigError, Problem};
pub use file::{File, read_text};
pub use folder::folder_of_user;
pub use private::append;
pub use setting::{Names, Origin, Setting};
pub use table::Number;

/// The variable that names the config file.
const CONFIG_VARIABLE: &str = "FLEXPOSTURE_CONFIG";
/// The option that names the config file.
const CONFIG_OPTION: &str = "--config";
/// The name of the config file in the config folder.
const CONFIG_FILE: &str = "config.toml";

/// All sources of settings.
#[derive(Debug)]
pub struct Config {
    place: Option<Setting<PathBuf>>,
    file: Option<File>,
    environment: Environment,
}

impl Config {
    /// Finds and parses the config file: the one that the option names, else the one that the environment names, else
    /// `config.toml` of `folder` when it is there.
    ///
    /// # Errors
    /// When a file that was named is missing, when the file cannot be read, or when it is no TOML.
    pub fn find(
        option: Option<&Path>,
        environment: Environment,
        folder: Option<&Path>,
    ) -> Result<Self, ConfigError> {
        let place = place_of_config(option, &environment, folder);
        let file = match &place {
            Some(place) => {
                let text = read_text(&place.value, place.origin != Origin::Default)?;
                text.map(|text| File::parse(&place.value, text))
                    .transpose()?
            }
            None => None,
        };
        Ok(Self {
            place,
            file,
            environment,
        })
    }

    /// Where the config file is or would be, and who says so; `None` when nobody names one and there is no home.
    #[must_use]
    pub const fn place(&self) -> Option<&Setting<PathBuf>> {
        self.place.as_ref()
    }

    /// The config file, when there is one.
    #[must_use]
    pub const fn file(&self) -> Option<&File> {
        self.file.as_ref()
    }

    /// What an environment variable says; an empty one counts as not set.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name)
    }

    /// The keys at the top of the config file that are not among `known`, each as a problem.
    #[must_use]
    pub fn unknown_keys(&self, known: &[&str]) -> Vec<Problem> {
        self.file
            .as_ref()
            .map_or_else(Vec::new, |file| file.unknown_keys(known))
    }

    /// A setting that is true or false.
    ///
    /// # Errors
    /// When the file or the environment says something else.
    pub fn choice(
        &self,
        names: &Names,
        option: Option<bool>,
        default: bool,
    ) -> Result<Setting<bool>, ConfigError> {
        if let Some(value) = option {
            return Ok(Setting::of(value, Origin::Option(names.option)));
        }
        if let Some(word) = self.environment.get(names.variable) {
            return match word.to_ascii_lowercase().as_str() {
                "true" | "1" => Ok(true),
                "false" | "0" => Ok(false),
                _ => Err(ConfigError::Variable {
                    name: names.variable,
                    value: word.to_owned(),
                    allowed: "true or false".to_owned(),
                }),
            }
            .map(|value| Setting::of(value, Origin::Environment(names.variable)));
        }
        let found = self
            .file
            .as_ref()
            .and_then(|file| Some((file, file.get(names.key)?)));
        let Some((file, value)) = found else {
            return Ok(Setting::of(default, Origin::Default));
        };
        match value.get_ref().as_bool() {
            Some(choice) => Ok(Setting::of(choice, file.origin(&value.span()))),
            None => {
                let message = format!("`{}` needs true or false", names.key);
                Err(ConfigError::Wrong(vec![
                    file.problem(&value.span(), message),
                ]))
            }
        }
    }

    /// A setting that is a word; `parse` knows those that are allowed, which `allowed` names.
    ///
    /// # Errors
    /// When the file or the environment says something else.
    pub fn word<T>(
        &self,
        names: &Names,
        option: Option<T>,
        default: T,
        allowed: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Setting<T>, ConfigError> {
        if let Some(value) = option {
            return Ok(Setting::of(value, Origin::Option(names.option)));
        }
        if let Some(word) = self.environment.get(names.variable) {
            return parse(word)
                .map(|value| Setting::of(value, Origin::Environment(names.variable)))
                .ok_or_else(|| ConfigError::Variable {
                    name: names.variable,
                    value: word.to_owned(),
                    allowed: allowed.to_owned(),
                });
        }
        let found = self
            .file
            .as_ref()
            .and_then(|file| Some((file, file.get(names.key)?)));
        let Some((file, value)) = found else {
            return Ok(Setting::of(default, Origin::Default));
        };
        match value.get_ref().as_str().and_then(parse) {
            Some(word) => Ok(Setting::of(word, file.origin(&value.span()))),
            None => {
                let message = format!("`{}` needs {allowed}", names.key);
                Err(ConfigError::Wrong(vec![
                    file.problem(&value.span(), message),
                ]))
            }
        }
    }

    /// A setting that is a path; `None` when nobody names one. A relative one of the config file is seen from its folder.
    ///
    /// # Errors
    /// When the file says something that is no path.
    pub fn path(
        &self,
        names: &Names,
        option: Option<&Path>,
    ) -> Result<Option<Setting<PathBuf>>, ConfigError> {
        if let Some(path) = option {
            let origin = Origin::Option(names.option);
            return Ok(Some(Setting::of(path.to_owned(), origin)));
        }
        if let Some(path) = self.environment.get(names.variable) {
            let origin = Origin::Environment(names.variable);
            return Ok(Some(Setting::of(PathBuf::from(path), origin)));
        }
        let found = self
            .file
            .as_ref()
            .and_then(|file| Some((file, file.get(names.key)?)));
        let Some((file, value)) = found else {
            return Ok(None);
        };
        match value.get_ref().as_str().filter(|path| !path.is_empty()) {
            Some(path) => {
                let above = file.path().parent().unwrap_or(Path::new(""));
                let origin = file.origin(&value.span());
                Ok(Some(Setting::of(above.join(path), origin)))
            }
            None => {
                let message = format!("`{}` needs the path of a folder", names.key);
                Err(ConfigError::Wrong(vec![
                    file.problem(&value.span(), message),
                ]))
            }
        }
    }
}

/// Where the config file is or would be.
#[must_use]
pub fn place_of_config(
    option: Option<&Path>,
    environment: &Environment,
    folder: Option<&Path>,
) -> Option<Setting<PathBuf>> {
    let names = Names {
        key: "",
        variable: CONFIG_VARIABLE,
        option: CONFIG_OPTION,
    };
    place_of(&names, option, environment, folder, CONFIG_FILE)
}

/// Where a file is that an option or the environment names, and that else lies in the config folder under `default`;
/// `None` when nobody names it and there is no home.
#[must_use]
pub fn place_of(
    names: &Names,
    option: Option<&Path>,
    environment: &Environment,
    folder: Option<&Path>,
    default: &str,
) -> Option<Setting<PathBuf>> {
    if let Some(path) = option {
        return Some(Setting::of(path.to_owned(), Origin::Option(names.option)));
    }
    if let Some(path) = environment.get(names.variable) {
        let origin = Origin::Environment(names.variable);
        return Some(Setting::of(PathBuf::from(path), origin));
    }
    folder.map(|folder| Setting::of(folder.join(default), Origin::Default))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: Names = Names {
        key: "loud",
        variable: "LOUD",
        option: "--loud",
    };

    fn environment(variables: &[(&str, &str)]) -> Environment {
        variables.iter().copied().collect()
    }

    fn config(text: Option<&str>, variables: &[(&str, &str)]) -> (tempfile::TempDir, Config) {
        let folder = tempfile::tempdir().unwrap();
        if let Some(text) = text {
            std::fs::write(folder.path().join("config.toml"), text).unwrap();
        }
        let config = Config::find(None, environment(variables), Some(folder.path())).unwrap();
        (folder, config)
    }

    #[test]
    fn an_option_goes_before_the_environment_before_the_file_before_the_default() {
        let text = Some("# first\n\nloud = true\n");
        let variables = [("LOUD", "false")];
        let (folder, all) = config(text, &variables);
        let choice = |config: &Config, option| config.choice(&NAMES, option, false).unwrap();
        let of = Setting::of;
        assert_eq!(choice(&all, Some(true)), of(true, Origin::Option("--loud")));
        assert_eq!(choice(&all, None), of(false, Origin::Environment("LOUD")));
        drop(folder);
        let (folder, file) = config(text, &[("LOUD", "")]);
        let origin = Origin::File {
            file: folder.path().join("config.toml"),
            line: 3,
        };
        assert_eq!(choice(&file, None), of(true, origin));
        let (_folder, nothing) = config(None, &[]);
        assert_eq!(choice(&nothing, None), of(false, Origin::Default));
        assert!(nothing.file().is_none());
    }

    #[test]
    fn what_is_neither_true_nor_false_is_told_with_its_place() {
        let (_folder, config) = config(Some("\nloud = \"yes\"\n"), &[]);
        let error = config.choice(&NAMES, None, false).unwrap_err().to_string();
        assert!(
            error.ends_with("config.toml:2:8: `loud` needs true or false"),
            "{error}"
        );
        let (_folder, config) = self::config(None, &[("LOUD", "very")]);
        let error = config.choice(&NAMES, None, false).unwrap_err().to_string();
        assert_eq!(error, "LOUD is \"very\", and needs true or false");
    }

    #[test]
    fn a_word_is_one_of_those_that_are_allowed_wherever_it_comes_from() {
        let parse = |word: &str| ["red", "blue"].iter().position(|known| *known == word);
        let names = Names {
            key: "ink",
            variable: "INK",
            option: "--ink",
        };
        let word = |text, variables: &[(&str, &str)], option| {
            let (_folder, config) = config(text, variables);
            config.word(&names, option, 9, "red or blue", parse)
        };
        assert_eq!(word(None, &[], None).unwrap().value, 9);
        assert_eq!(word(Some("ink = \"blue\"\n"), &[], None).unwrap().value, 1);
        let all = word(Some("ink = \"blue\"\n"), &[("INK", "red")], None).unwrap();
        assert_eq!(all, Setting::of(0, Origin::Environment("INK")));
        let error = word(Some("ink = 1\n"), &[], None).unwrap_err().to_string();
        assert!(
            error.ends_with("config.toml:1:7: `ink` needs red or blue"),
            "{error}"
        );
        let error = word(None, &[("INK", "green")], None)
            .unwrap_err()
            .to_string();
        assert_eq!(error, "INK is \"green\", and needs red or blue");
    }

    #[test]
    fn a_file_that_somebody_named_must_be_there() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing.toml");
        let named = |option: Option<&Path>, variables: &[(&str, &str)]| {
            Config::find(option, environment(variables), None)
        };
        let error = named(Some(&missing), &[]).unwrap_err().to_string();
        assert!(error.contains("missing.toml"), "{error}");
        let variables = [(CONFIG_VARIABLE, missing.to_str().unwrap())];
        assert!(named(None, &variables).is_err());
        std::fs::write(&missing, "").unwrap();
        let found = named(None, &variables).unwrap();
        let origin = Origin::Environment(CONFIG_VARIABLE);
        assert_eq!(found.place(), Some(&Setting::of(missing, origin)));
        let nowhere = named(None, &[]).unwrap();
        assert!(nowhere.place().is_none() && nowhere.file().is_none());
    }

    #[test]
    fn unknown_keys_and_broken_files_are_told_with_their_lines() {
        let (_folder, config) = config(Some("loud = true\nlowd = 1\n[other]\n"), &[]);
        let problems = config.unknown_keys(&["loud", "thresholds"]);
        let told: Vec<(usize, &str)> = problems
            .iter()
            .map(|it| (it.line, it.message.as_str()))
            .collect();
        let known = "unknown key `other`; known are loud, thresholds";
        let near = "unknown key `lowd`; the nearest is `loud`";
        assert_eq!(told, [(2, near), (3, known)]);
        let file = File::parse(Path::new("c.toml"), "a = 1\nb =\n".to_owned());
        let error = file.unwrap_err().to_string();
        assert!(error.starts_with("c.toml:2:"), "{error}");
    }
}
