//! Theme files into themes. Every problem of a file is told at once, each with its line.

mod reader;

use std::fmt;

use toml::de::DeTable;

use super::nearest::with_nearest;
use super::{BUILT_IN, Theme, ThemeText};
use crate::nesting::{TOO_DEEP, too_deep};
pub(in crate::look) use reader::name_of;
use reader::{Palette, Reader};

/// What a theme without `inherits` is laid over.
const ROOT: &str = "dark";
/// Longest chain of inheritance: longer is a circle.
const DEEPEST: usize = 8;

/// Why there is no such theme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// No theme has this name.
    #[error("{}", no_such_theme(name, known))]
    NoSuchTheme {
        /// The name that was asked for.
        name: String,
        /// The themes that there are.
        known: Vec<String>,
    },
    /// A theme file is wrong.
    #[error("{}", list(.0))]
    Wrong(Vec<Problem>),
}

/// One thing that is wrong in a theme file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, as the caller called it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.file, self.line, self.message)
    }
}

fn no_such_theme(name: &str, known: &[String]) -> String {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    with_nearest(format!("there is no theme {name:?}"), name, &known)
}

fn list(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    lines.join("\n")
}

/// What finds a person's own theme.
type Own<'a> = &'a dyn Fn(&str) -> Option<ThemeText>;

pub(super) fn named(name: &str, own: Own<'_>) -> Result<Theme, ThemeError> {
    let no_such_theme = || ThemeError::NoSuchTheme {
        name: name.to_owned(),
        known: Theme::built_in_names().map(str::to_owned).collect(),
    };
    let (file, text, inside) = own(name)
        .map(|(file, text)| (file, text, false))
        .or_else(|| inside(name))
        .ok_or_else(no_such_theme)?;
    laid_over(
        &Source {
            name,
            file: &file,
            text: &text,
            inside,
        },
        own,
        &Palette::new(),
        0,
    )
}

fn inside(name: &str) -> Option<(String, Result<String, String>, bool)> {
    let (_, text) = BUILT_IN.iter().find(|(built_in, _)| *built_in == name)?;
    Some((format!("themes/{name}.toml"), Ok((*text).to_owned()), true))
}

/// A theme file that is being read.
struct Source<'a> {
    name: &'a str,
    file: &'a str,
    text: &'a Result<String, String>,
    /// Whether it is one inside the program.
    inside: bool,
}

/// Reads a file and lays it over what it inherits from, whose palette `over` changes. A theme that inherits from its own
/// name means the one inside the program.
fn laid_over(
    source: &Source<'_>,
    own: Own<'_>,
    over: &Palette,
    depth: usize,
) -> Result<Theme, ThemeError> {
    let text = match source.text {
        Ok(text) => text,
        Err(why) => {
            return Err(ThemeError::Wrong(vec![Problem {
                file: source.file.to_owned(),
                line: 1,
                message: why.clone(),
            }]));
        }
    };
    let mut reader = Reader::new(source.file, text);
    if let Some(place) = too_deep(text) {
        reader.problem(place, TOO_DEEP.to_owned());
        return Err(ThemeError::Wrong(reader.problems));
    }
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            reader.problem(error.span().unwrap_or_default(), error.message().to_owned());
            return Err(ThemeError::Wrong(reader.problems));
        }
    };
    let table = table.get_ref();
    reader.palette(table, over);
    let parent = match table.get("inherits") {
        Some(value) => reader.text(value).map(|parent| (parent, value.span())),
        None if source.inside && source.name == ROOT => None,
        None => Some((ROOT.to_owned(), 0..0)),
    };
    let mut theme = match parent {
        None => Theme::bare(),
        Some((parent, place)) => {
            let of_own_name = parent == source.name;
            let found = own(&parent)
                .filter(|_| !of_own_name)
                .map(|(file, text)| (file, text, false))
                .or_else(|| inside(&parent).filter(|_| !(of_own_name && source.inside)));
            match found {
                _ if depth >= DEEPEST => {
                    reader.problem(place, format!("{parent:?} inherits from itself"));
                    Theme::bare()
                }
                Some((file, text, inside)) => {
                    let parent = Source {
                        name: &parent,
                        file: &file,
                        text: &text,
                        inside,
                    };
                    laid_over(&parent, own, reader.colours(), depth + 1)?
                }
                None => {
                    let known: Vec<&str> = Theme::built_in_names().collect();
                    let message = format!("there is no theme {parent:?} to inherit from");
                    reader.problem(place, with_nearest(message, &parent, &known));
                    Theme::bare()
                }
            }
        }
    };
    reader.theme(table, &mut theme);
    if reader.problems.is_empty() {
        Ok(theme)
    } else {
        reader.problems.sort_by_key(|problem| problem.line);
        Err(ThemeError::Wrong(reader.problems))
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::{Color, Modifier};

    use super::super::super::depth::Colours;
    use super::super::super::role::Role;
    use super::*;

    fn own(text: &str) -> Result<Theme, ThemeError> {
        Theme::named("mine", &|name| {
            (name == "mine").then(|| ("mine.toml".to_owned(), Ok(text.to_owned())))
        })
    }

    fn problems(text: &str) -> Vec<String> {
        match own(text) {
            Err(ThemeError::Wrong(problems)) => problems.iter().map(Problem::to_string).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_theme_is_laid_over_what_it_inherits_from() {
        let theme = own(
            "inherits = \"light\"\n[palette]\nalarm = { full = \"#ff0000\", 16 = \"magenta\" }\n\
             [roles]\nfail = { fg = \"alarm\", fg256 = 200, modifiers = [\"bold\"], mono = [\"reversed\"] }\n",
        )
        .unwrap();
        let light = Theme::built_in("light").unwrap();
        assert_eq!(
            theme.style(Role::Pass, Colours::TrueColour),
            light.style(Role::Pass, Colours::TrueColour)
        );
        let fail = |colours| theme.style(Role::Fail, colours);
        assert_eq!(fail(Colours::TrueColour).fg, Some(Color::Rgb(255, 0, 0)));
        assert_eq!(fail(Colours::TwoFiftySix).fg, Some(Color::Indexed(200)));
        assert_eq!(fail(Colours::Sixteen).fg, Some(Color::Magenta));
        assert_eq!(fail(Colours::None).fg, None);
        assert_eq!(fail(Colours::Sixteen).add_modifier, Modifier::BOLD);
        assert_eq!(fail(Colours::None).add_modifier, Modifier::REVERSED);
    }

    #[test]
    fn every_problem_is_told_with_its_line_and_the_nearest_name() {
        assert_eq!(
            problems(
                "descripton = \"x\"\n[palette]\nalarm = \"#ff00\"\n[roles]\nfial = {}\n\
                 pass = { fg = \"gren\", modifiers = [\"bolt\"] }\nlink = { fg256 = 12 }\nhigh = { fg = \"red\", fg256 = 12 }\n\
                 low = \"red\"\nerror = { colour = \"red\" }\n"
            ),
            [
                "mine.toml:1: unknown entry \"descripton\"; did you mean \"description\"?",
                "mine.toml:3: \"#ff00\" is no colour: six hexadecimal digits follow the #",
                "mine.toml:5: unknown role \"fial\"; did you mean \"fail\"?",
                "mine.toml:6: unknown colour \"gren\"; did you mean \"green\"?",
                "mine.toml:6: unknown modifier \"bolt\"; did you mean \"bold\"?",
                "mine.toml:7: fg256 and fg16 need fg",
                "mine.toml:8: a colour of the palette of 256 is a number from 16 to 255",
                "mine.toml:9: a table is needed here, such as { fg = \"red\" }",
                "mine.toml:10: unknown entry \"colour\"; known are: like, fg, fg256, fg16, bg, bg256, bg16, modifiers, mono",
            ]
        );
    }

    #[test]
    fn broken_toml_is_told_with_its_line() {
        let found = problems("description = \"x\"\n[roles\n");
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("mine.toml:2: "), "{found:?}");
    }

    #[test]
    fn a_circle_is_found() {
        let error = Theme::named("a", &|name| {
            let other = if name == "a" { "b" } else { "a" };
            Some((
                format!("{name}.toml"),
                Ok(format!("inherits = \"{other}\"")),
            ))
        })
        .unwrap_err();
        assert!(
            error.to_string().contains("inherits from itself"),
            "{error}"
        );
    }

    #[test]
    fn a_theme_of_one_s_own_may_carry_a_built_in_name_and_build_on_it() {
        let theme = Theme::named("dark", &|name| {
            (name == "dark").then(|| {
                let text = "inherits = \"dark\"\n[roles]\nfail = { fg = \"blue\" }\n";
                ("dark.toml".to_owned(), Ok(text.to_owned()))
            })
        })
        .unwrap();
        let built_in = Theme::built_in("dark").unwrap();
        let style = |theme: &Theme, role| theme.style(role, Colours::Sixteen);
        assert_eq!(style(&theme, Role::Fail).fg, Some(Color::Blue));
        assert_eq!(style(&theme, Role::Pass), style(&built_in, Role::Pass));
    }

    #[test]
    fn an_unknown_theme_names_those_that_there_are() {
        let error = Theme::built_in("solarized").unwrap_err().to_string();
        assert_eq!(
            error,
            "there is no theme \"solarized\"; known are: dark, light, high-contrast, high-contrast-light, deuteranopia, \
             deuteranopia-light, tritanopia, tritanopia-light, mono"
        );
        let error = Theme::built_in("dakr").unwrap_err().to_string();
        assert_eq!(error, "there is no theme \"dakr\"; did you mean \"dark\"?");
        let found = problems("inherits = \"lihgt\"\n");
        assert_eq!(
            found,
            ["mine.toml:1: there is no theme \"lihgt\" to inherit from; did you mean \"light\"?"]
        );
    }

    #[test]
    fn a_colour_of_the_palette_is_changed_for_everything_that_is_inherited() {
        let theme = own("[palette]\nbad = \"#112233\"\n").unwrap();
        let changed = Some(Color::Rgb(0x11, 0x22, 0x33));
        for role in [Role::Fail, Role::Critical, Role::Error, Role::ChartPoor] {
            assert_eq!(
                theme.style(role, Colours::TrueColour).fg,
                changed,
                "{role:?}"
            );
        }
        let dark = Theme::built_in("dark").unwrap();
        let pass = |theme: &Theme| theme.style(Role::Pass, Colours::TrueColour);
        assert_eq!(pass(&theme), pass(&dark));
    }

    #[test]
    fn a_role_follows_the_one_that_it_is_like_also_in_an_heir() {
        let theme = own(
            "[roles]\nfail = { fg = \"blue\", modifiers = [\"bold\"], mono = [\"reversed\"] }\n\
             low = { like = \"high\", fg = \"green\" }\n",
        )
        .unwrap();
        let style = |role, colours| theme.style(role, colours);
        let critical = style(Role::Critical, Colours::Sixteen);
        assert_eq!(critical.fg, Some(Color::Blue));
        assert_eq!(critical.add_modifier, Modifier::BOLD | Modifier::UNDERLINED);
        // A role with modifiers of its own keeps them where there are no colours.
        let critical = style(Role::Critical, Colours::None);
        assert_eq!(critical.add_modifier, Modifier::BOLD | Modifier::UNDERLINED);
        // low is like high, which is like fail.
        let low = style(Role::Low, Colours::Sixteen);
        assert_eq!(
            (low.fg, low.add_modifier),
            (Some(Color::Green), Modifier::BOLD)
        );
        assert_eq!(
            style(Role::Low, Colours::None).add_modifier,
            Modifier::REVERSED
        );
    }

    #[test]
    fn a_role_that_is_like_itself_or_nothing_is_told_with_its_line() {
        assert_eq!(
            problems(
                "ground = \"drak\"\n[roles]\nfail = { like = \"high\" }\nlow = { like = \"higth\" }\n"
            ),
            [
                "mine.toml:1: unknown ground \"drak\"; did you mean \"dark\"?",
                "mine.toml:3: \"fail\" is like itself in the end",
                "mine.toml:4: unknown role \"higth\"; did you mean \"high\"?",
            ]
        );
    }
}
