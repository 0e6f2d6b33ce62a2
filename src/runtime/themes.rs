//! The theme in use: another one, the same one read anew, and notices of changed files.
//!
//! A theme that is wrong is not taken: the one before it stays.

use std::time::Duration;

use crate::look::{Colours, Look, Theme, ThemeError};
use crate::terminal::{Capability, ColourDepth};

use super::ThemeFolder;
use super::file_notices::FileNotices;

/// Editors write a file in several steps, which are one change.
const GATHERING: Duration = Duration::from_millis(50);

/// The theme in use, and the way to others.
pub struct Themes {
    folder: ThemeFolder,
    /// The name of the theme in use.
    name: String,
    /// Where among the names one is: on the theme in use, or on one that was wrong.
    at: String,
    colours: Colours,
    /// How many colours a theme has that somebody chose.
    of_choice: Colours,
    unicode: bool,
    notices: Option<FileNotices>,
}

impl Themes {
    /// Begins with a theme.
    pub fn new(
        folder: ThemeFolder,
        name: String,
        of_choice: ColourDepth,
        capability: &Capability,
    ) -> Self {
        let mut themes = Self {
            folder,
            at: name.clone(),
            name,
            colours: colours(capability.colours),
            of_choice: colours(of_choice),
            unicode: capability.unicode,
            notices: None,
        };
        themes.watch();
        themes
    }

    /// A theme as this terminal shows it.
    pub fn look(&self, theme: &Theme) -> Look {
        Look::new(theme, self.colours, self.unicode)
    }

    /// Goes on to another theme by its place among the names, round the end: its name with its place, and its look.
    ///
    /// # Errors
    /// When its file is wrong; the theme in use stays, and the next step goes on from there.
    pub fn step(&mut self, steps: isize) -> Result<(String, Look), ThemeError> {
        let names = self.folder.names();
        let here = names.iter().position(|name| *name == self.at).unwrap_or(0);
        let length = names.len().max(1).cast_signed();
        let place = (here.cast_signed() + steps)
            .rem_euclid(length)
            .unsigned_abs();
        let Some(name) = names.get(place).cloned() else {
            return self.reload().map(|look| (self.name.clone(), look));
        };
        self.at.clone_from(&name);
        let theme = self.folder.load(&name)?;
        self.name = name;
        self.colours = self.of_choice;
        let words = format!("{} ({} of {})", self.name, place + 1, names.len());
        Ok((words, self.look(&theme)))
    }

    /// Reads the theme in use anew, and sees which files there are.
    ///
    /// # Errors
    /// When its file is wrong now.
    pub fn reload(&mut self) -> Result<Look, ThemeError> {
        self.watch();
        let theme = self.folder.load(&self.name)?;
        Ok(self.look(&theme))
    }

    /// The name of the theme in use.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits until a file of a theme changes; for ever when none is watched.
    pub async fn changed(&mut self) {
        match &mut self.notices {
            Some(notices) => {
                notices.next().await;
            }
            None => std::future::pending().await,
        }
    }

    /// Every theme of the folder is watched: one may inherit from another. Without a file nothing is watched.
    fn watch(&mut self) {
        let files = self.folder.files();
        self.notices = (!files.is_empty())
            .then(|| FileNotices::of(&files, GATHERING).ok())
            .flatten();
    }
}

/// The colours of a depth.
#[must_use]
pub const fn colours(depth: ColourDepth) -> Colours {
    match depth {
        ColourDepth::None => Colours::None,
        ColourDepth::Sixteen => Colours::Sixteen,
        ColourDepth::TwoFiftySix => Colours::TwoFiftySix,
        ColourDepth::TrueColour => Colours::TrueColour,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::look::Role;
    use crate::terminal::Wishes;

    fn themes(folder: &std::path::Path, name: &str) -> Themes {
        let capability = Capability::from_environment(|_| None, Wishes::default());
        let folder = ThemeFolder::at(Some(folder.to_owned()));
        Themes::new(
            folder,
            name.to_owned(),
            ColourDepth::TrueColour,
            &capability,
        )
    }

    #[test]
    fn stepping_goes_round_and_passes_over_what_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("zzz.toml"), "[roles]\nfial = {}\n").unwrap();
        let mut themes = themes(folder.path(), "dark");
        assert!(themes.step(-1).is_err());
        assert_eq!(themes.name(), "dark");
        let (words, _) = themes.step(-1).unwrap();
        assert_eq!((themes.name(), words.as_str()), ("mono", "mono (9 of 10)"));
        assert!(themes.step(1).is_err());
        assert_eq!(themes.step(1).unwrap().0, "dark (1 of 10)");
    }

    #[test]
    fn a_theme_that_somebody_chose_has_the_colours_that_there_are() {
        let folder = tempfile::tempdir().unwrap();
        let mut themes = themes(folder.path(), "dark");
        let before = themes.look(&Theme::built_in("dark").unwrap());
        assert_eq!(before.style(Role::Pass).fg, None);
        let (_, after) = themes.step(1).unwrap();
        assert_eq!(after.colours(), Colours::TrueColour);
    }

    #[tokio::test]
    async fn a_changed_file_is_told_of_and_a_wrong_one_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mine.toml");
        fs::write(&file, "").unwrap();
        let mut themes = themes(folder.path(), "mine");
        fs::write(&file, "[roles]\nfail = { mono = [\"reversed\"] }\n").unwrap();
        themes.changed().await;
        let look = themes.reload().unwrap();
        let reversed = ratatui::style::Modifier::REVERSED;
        assert_eq!(look.style(Role::Fail).add_modifier, reversed);
        fs::write(&file, "[roles]\nfail = 1\n").unwrap();
        assert!(themes.reload().unwrap_err().to_string().contains(":2: "));
    }
}
