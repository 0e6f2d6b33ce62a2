//! Theme files into themes. Every problem of a file is told at once, each with its line.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use ratatui::style::{Color, Modifier};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::depth::NAMED;
use super::super::role::Role;
use super::nearest::with_nearest;
use super::{BUILT_IN, Face, Paint, Theme};

/// What a theme without `inherits` is laid over.
const ROOT: &str = "dark";
/// Longest chain of inheritance: longer is a circle.
const DEEPEST: usize = 8;

const NAMES: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "gray",
    "dark-gray",
    "light-red",
    "light-green",
    "light-yellow",
    "light-blue",
    "light-magenta",
    "light-cyan",
    "white",
];

const MODIFIERS: [(&str, Modifier); 6] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underlined", Modifier::UNDERLINED),
    ("reversed", Modifier::REVERSED),
    ("crossed-out", Modifier::CROSSED_OUT),
];

/// Why there is no such theme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// No theme has this name.
    #[error("there is no theme {name:?}; there are: {known}")]
    NoSuchTheme {
        /// The name that was asked for.
        name: String,
        /// The themes inside the program.
        known: String,
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

fn list(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    lines.join("\n")
}

type Own<'a> = &'a dyn Fn(&str) -> Option<(String, String)>;

pub(super) fn named(name: &str, own: Own<'_>) -> Result<Theme, ThemeError> {
    let no_such_theme = || ThemeError::NoSuchTheme {
        name: name.to_owned(),
        known: BUILT_IN.map(|(name, _)| name).join(", "),
    };
    let (file, text, inside) = own(name)
        .map(|(file, text)| (file, text, false))
        .or_else(|| inside(name))
        .ok_or_else(no_such_theme)?;
    laid_over(name, &file, &text, inside, own, 0)
}

fn inside(name: &str) -> Option<(String, String, bool)> {
    let (_, text) = BUILT_IN.iter().find(|(built_in, _)| *built_in == name)?;
    Some((format!("themes/{name}.toml"), (*text).to_owned(), true))
}

/// Reads a file and lays it over what it inherits from. A theme that inherits from its own name means the
/// one inside the program.
fn laid_over(
    name: &str,
    file: &str,
    text: &str,
    is_inside: bool,
    own: Own<'_>,
    depth: usize,
) -> Result<Theme, ThemeError> {
    let mut reader = Reader::new(file, text);
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            reader.problem(error.span().unwrap_or_default(), error.message().to_owned());
            return Err(ThemeError::Wrong(reader.problems));
        }
    };
    let table = table.get_ref();
    let parent = match table.get("inherits") {
        Some(value) => reader.text(value).map(|parent| (parent, value.span())),
        None if is_inside && name == ROOT => None,
        None => Some((ROOT.to_owned(), 0..0)),
    };
    let mut theme = match parent {
        None => Theme::bare(),
        Some((parent, place)) => {
            let of_own_name = parent == name;
            let found = own(&parent)
                .filter(|_| !of_own_name)
                .map(|(file, text)| (file, text, false))
                .or_else(|| inside(&parent).filter(|_| !(of_own_name && is_inside)));
            match found {
                _ if depth >= DEEPEST => {
                    reader.problem(place, format!("{parent:?} inherits from itself"));
                    Theme::bare()
                }
                Some((file, text, is_inside)) => {
                    laid_over(&parent, &file, &text, is_inside, own, depth + 1)?
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

type Value<'a> = Spanned<DeValue<'a>>;

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    palette: HashMap<String, Paint>,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    fn new(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            text,
            palette: HashMap::new(),
            problems: Vec::new(),
        }
    }

    fn problem(&mut self, place: Range<usize>, message: String) {
        let before = self.text.as_bytes().iter().take(place.start);
        self.problems.push(Problem {
            file: self.file.to_owned(),
            line: 1 + before.filter(|byte| **byte == b'\n').count(),
            message,
        });
    }

    fn unknown(&mut self, place: Range<usize>, what: &str, name: &str, known: &[&str]) {
        let message = format!("unknown {what} {name:?}");
        self.problem(place, with_nearest(message, name, known));
    }

    fn theme(&mut self, table: &DeTable<'_>, theme: &mut Theme) {
        const KNOWN: [&str; 4] = ["description", "inherits", "palette", "roles"];
        for (key, _) in table {
            if !KNOWN.contains(&key.get_ref().as_ref()) {
                self.unknown(key.span(), "entry", key.get_ref(), &KNOWN);
            }
        }
        if let Some(value) = table.get("description") {
            theme.description = self.text(value).unwrap_or_default();
        }
        if let Some(palette) = table.get("palette").and_then(|value| self.table(value)) {
            for (name, value) in palette {
                if let Some(paint) = self.palette_entry(value) {
                    self.palette.insert(name.get_ref().to_string(), paint);
                }
            }
        }
        if let Some(roles) = table.get("roles").and_then(|value| self.table(value)) {
            for (name, value) in roles {
                let Some(role) = Role::from_name(name.get_ref()) else {
                    let known: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
                    self.unknown(name.span(), "role", name.get_ref(), &known);
                    continue;
                };
                let face = self.face(value);
                if let Some(slot) = theme.faces.get_mut(role as usize) {
                    *slot = face;
                }
            }
        }
    }

    fn palette_entry(&mut self, value: &Value<'_>) -> Option<Paint> {
        const KNOWN: [&str; 3] = ["full", "256", "16"];
        if value.get_ref().as_str().is_some() {
            return self.color(value).map(plain);
        }
        let table = self.table(value)?;
        for (key, _) in table {
            if !KNOWN.contains(&key.get_ref().as_ref()) {
                self.unknown(key.span(), "entry", key.get_ref(), &KNOWN);
            }
        }
        let Some(full) = table.get("full") else {
            self.problem(value.span(), "a palette colour needs `full`".to_owned());
            return None;
        };
        let full = self.color(full)?;
        Some(Paint {
            full,
            indexed: table.get("256").and_then(|value| self.index(value)),
            named: table.get("16").and_then(|value| self.named(value)),
        })
    }

    fn face(&mut self, value: &Value<'_>) -> Face {
        const KNOWN: [&str; 8] = [
            "fg",
            "fg256",
            "fg16",
            "bg",
            "bg256",
            "bg16",
            "modifiers",
            "mono",
        ];
        let Some(table) = self.table(value) else {
            return Face::default();
        };
        for (key, _) in table {
            if !KNOWN.contains(&key.get_ref().as_ref()) {
                self.unknown(key.span(), "entry", key.get_ref(), &KNOWN);
            }
        }
        let modifiers = table.get("modifiers");
        let mono = table.get("mono");
        Face {
            foreground: self.paint(table, ["fg", "fg256", "fg16"]),
            background: self.paint(table, ["bg", "bg256", "bg16"]),
            modifiers: modifiers.map_or(Modifier::empty(), |value| self.modifiers(value)),
            mono: mono.map(|value| self.modifiers(value)),
        }
    }

    fn paint(&mut self, table: &DeTable<'_>, [full, indexed, named]: [&str; 3]) -> Option<Paint> {
        let instead = [indexed, named].map(|key| table.get(key));
        let Some(value) = table.get(full) else {
            if let Some(value) = instead.into_iter().flatten().next() {
                self.problem(value.span(), format!("{indexed} and {named} need {full}"));
            }
            return None;
        };
        let from_palette = value
            .get_ref()
            .as_str()
            .and_then(|name| self.palette.get(name).copied());
        let mut paint = match from_palette {
            Some(paint) => paint,
            None => plain(self.color(value)?),
        };
        if let Some(value) = instead[0] {
            paint.indexed = self.index(value);
        }
        if let Some(value) = instead[1] {
            paint.named = self.named(value);
        }
        Some(paint)
    }

    fn color(&mut self, value: &Value<'_>) -> Option<Color> {
        let text = self.text(value)?;
        if let Some(digits) = text.strip_prefix('#') {
            let number = Some(digits)
                .filter(|digits| {
                    digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
                })
                .and_then(|digits| u32::from_str_radix(digits, 16).ok());
            let Some(number) = number else {
                let message = format!("{text:?} is no colour: six hexadecimal digits follow the #");
                self.problem(value.span(), message);
                return None;
            };
            let [_, red, green, blue] = number.to_be_bytes();
            return Some(Color::Rgb(red, green, blue));
        }
        if let Some(color) = named_color(&text) {
            return Some(color);
        }
        let names: Vec<String> = self.palette.keys().cloned().collect();
        let mut known: Vec<&str> = names.iter().map(String::as_str).collect();
        known.sort_unstable();
        known.extend(NAMES);
        known.push("default");
        self.unknown(value.span(), "colour", &text, &known);
        None
    }

    fn named(&mut self, value: &Value<'_>) -> Option<Color> {
        let text = self.text(value)?;
        let color = named_color(&text);
        if color.is_none() {
            self.unknown(value.span(), "name of the sixteen colours", &text, &NAMES);
        }
        color
    }

    fn index(&mut self, value: &Value<'_>) -> Option<u8> {
        let number = value
            .get_ref()
            .as_integer()
            .and_then(|integer| u8::from_str_radix(integer.as_str(), integer.radix()).ok())
            .filter(|number| *number >= 16);
        if number.is_none() {
            let message = "a colour of the palette of 256 is a number from 16 to 255";
            self.problem(value.span(), message.to_owned());
        }
        number
    }

    fn modifiers(&mut self, value: &Value<'_>) -> Modifier {
        let Some(array) = value.get_ref().as_array() else {
            let message = "a list is needed here, such as [\"bold\"]";
            self.problem(value.span(), message.to_owned());
            return Modifier::empty();
        };
        let mut all = Modifier::empty();
        for value in array {
            let Some(text) = self.text(value) else {
                continue;
            };
            match MODIFIERS.iter().find(|(name, _)| *name == text) {
                Some((_, modifier)) => all |= *modifier,
                None => {
                    let known = MODIFIERS.map(|(name, _)| name);
                    self.unknown(value.span(), "modifier", &text, &known);
                }
            }
        }
        all
    }

    fn text(&mut self, value: &Value<'_>) -> Option<String> {
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.problem(value.span(), "a text in quotes is needed here".to_owned());
        }
        text
    }

    fn table<'t>(&mut self, value: &'t Value<'t>) -> Option<&'t DeTable<'t>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            let message = "a table is needed here, such as { fg = \"red\" }";
            self.problem(value.span(), message.to_owned());
        }
        table
    }
}

const fn plain(full: Color) -> Paint {
    Paint {
        full,
        indexed: None,
        named: None,
    }
}

fn named_color(name: &str) -> Option<Color> {
    if name == "default" {
        return Some(Color::Reset);
    }
    let index = NAMES.iter().position(|known| *known == name)?;
    NAMED.get(index).copied()
}

#[cfg(test)]
mod tests {
    use super::super::super::depth::Colours;
    use super::*;

    fn own(text: &str) -> Result<Theme, ThemeError> {
        Theme::named("mine", &|name| {
            (name == "mine").then(|| ("mine.toml".to_owned(), text.to_owned()))
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
                "mine.toml:10: unknown entry \"colour\"; known are: fg, fg256, fg16, bg, bg256, bg16, modifiers, mono",
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
            Some((format!("{name}.toml"), format!("inherits = \"{other}\"")))
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
                ("dark.toml".to_owned(), text.to_owned())
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
            "there is no theme \"solarized\"; there are: dark, light"
        );
        let found = problems("inherits = \"lihgt\"\n");
        assert_eq!(
            found,
            ["mine.toml:1: there is no theme \"lihgt\" to inherit from; did you mean \"light\"?"]
        );
    }
}
