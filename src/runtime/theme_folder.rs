//! The themes that there are: those inside the program, and those that a person keeps in a folder.

use std::fs;
use std::path::{Path, PathBuf};

use crate::look::{Theme, ThemeError, ThemeText};

/// What the name of a theme file ends with.
const EXTENSION: &str = "toml";
/// The largest theme file that is read, in bytes.
const LARGEST: u64 = 256 * 1024;

/// The folder of a person's own themes, one file each: `NAME.toml`.
#[derive(Clone, Debug, Default)]
pub struct ThemeFolder(Option<PathBuf>);

impl ThemeFolder {
    /// The folder; it need not be there. `None`: there is no place for one.
    #[must_use]
    pub const fn at(folder: Option<PathBuf>) -> Self {
        Self(folder)
    }

    /// Where it is or would be.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.0.as_deref()
    }

    /// A theme by name: one of the folder first, then those inside the program.
    ///
    /// # Errors
    /// When there is none of that name, or a file is wrong: every problem with its file and line.
    pub fn load(&self, name: &str) -> Result<Theme, ThemeError> {
        Theme::named(name, &|name| self.read(name)).map_err(|error| match error {
            ThemeError::NoSuchTheme { name, .. } => ThemeError::NoSuchTheme {
                name,
                known: self.names(),
            },
            wrong => wrong,
        })
    }

    /// The names of all themes: those inside the program, then those of the folder that have another name, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Theme::built_in_names().map(str::to_owned).collect();
        let own = self.own().into_iter();
        let other: Vec<String> = own.filter(|name| !names.contains(name)).collect();
        names.extend(other);
        names
    }

    /// The file of a theme, when the folder holds one of that name.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<PathBuf> {
        // A name is no path.
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || !name.chars().all(plain) {
            return None;
        }
        let file = self.0.as_ref()?.join(name).with_extension(EXTENSION);
        file.is_file().then_some(file)
    }

    /// The names of the themes in the folder, sorted.
    fn own(&self) -> Vec<String> {
        let Some(entries) = self.0.as_ref().and_then(|folder| fs::read_dir(folder).ok()) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let name = path.file_stem()?.to_str()?.to_owned();
                (path.extension()? == EXTENSION && self.file(&name).is_some()).then_some(name)
            })
            .collect();
        names.sort_unstable();
        names
    }

    /// The files in the folder.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        let own = self.own();
        own.iter().filter_map(|name| self.file(name)).collect()
    }

    fn read(&self, name: &str) -> Option<ThemeText> {
        let file = self.file(name)?;
        let told = file.display().to_string();
        let text = match fs::metadata(&file) {
            Ok(about) if about.len() > LARGEST => {
                Err("the file is too large for a theme".to_owned())
            }
            _ => fs::read_to_string(&file)
                .map_err(|error| format!("the file cannot be read: {error}")),
        };
        Some((told, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, ThemeFolder) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let themes = ThemeFolder::at(Some(folder.path().to_owned()));
        (folder, themes)
    }

    #[test]
    fn themes_of_the_folder_come_after_those_inside_and_go_before_their_namesakes() {
        let (_folder, themes) = folder(&[
            ("night.toml", "description = \"Night shift\"\n"),
            (
                "dark.toml",
                "description = \"My dark\"\ninherits = \"dark\"\n",
            ),
            ("notes.txt", "no theme"),
        ]);
        let names = themes.names();
        assert_eq!(names.first().map(String::as_str), Some("dark"));
        assert_eq!(names.last().map(String::as_str), Some("night"));
        assert_eq!(names.len(), 1 + Theme::built_in_names().count());
        assert_eq!(themes.load("dark").unwrap().description(), "My dark");
        assert_eq!(themes.load("night").unwrap().description(), "Night shift");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_file_and_line() {
        let (folder, themes) =
            folder(&[("night.toml", "description = \"x\"\n[roles]\nfial = {}\n")]);
        let file = folder.path().join("night.toml");
        let error = themes.load("night").unwrap_err().to_string();
        assert_eq!(
            error,
            format!(
                "{}:3: unknown role \"fial\"; did you mean \"fail\"?",
                file.display()
            )
        );
    }

    #[test]
    fn a_file_that_cannot_be_read_is_told_as_such() {
        let (folder, themes) = folder(&[]);
        fs::write(folder.path().join("night.toml"), [0xff, 0xfe]).unwrap();
        let error = themes.load("night").unwrap_err().to_string();
        assert!(
            error.contains("night.toml:1: the file cannot be read"),
            "{error}"
        );
    }

    #[test]
    fn a_name_is_no_path_and_an_unknown_one_names_the_nearest() {
        let (_folder, themes) = folder(&[("night.toml", "")]);
        for name in ["../night", "/etc/passwd", "night.toml", "", "a b"] {
            assert!(matches!(
                themes.load(name),
                Err(ThemeError::NoSuchTheme { .. })
            ));
        }
        let error = themes.load("nihgt").unwrap_err().to_string();
        assert_eq!(
            error,
            "there is no theme \"nihgt\"; did you mean \"night\"?"
        );
        let nowhere = ThemeFolder::default();
        assert!(nowhere.load("dark").is_ok() && nowhere.files().is_empty());
    }
}
