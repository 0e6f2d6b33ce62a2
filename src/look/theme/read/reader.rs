//! The entries of one theme file. What is wrong is noted with its line and left out.

use std::collections::HashMap;
use std::ops::Range;

use ratatui::style::{Color, Modifier};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::super::depth::NAMED;
use super::super::super::picture::Ground;
use super::super::super::role::Role;
use super::super::nearest::with_nearest;
use super::super::{Face, Paint, Theme};
use super::Problem;

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

type Value<'a> = Spanned<DeValue<'a>>;

/// Colours by the names that theme files give them.
pub(super) type Palette = HashMap<String, Paint>;

/// A theme file that is being read.
pub(super) struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    palette: Palette,
    pub problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub fn new(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            text,
            palette: Palette::new(),
            problems: Vec::new(),
        }
    }

    pub fn problem(&mut self, place: Range<usize>, message: String) {
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

    /// Reads the palette. What `over` names stands above it.
    pub fn palette(&mut self, table: &DeTable<'_>, over: &Palette) {
        if let Some(palette) = table.get("palette").and_then(|value| self.table(value)) {
            for (name, value) in palette {
                if let Some(paint) = self.palette_entry(value) {
                    self.palette.insert(name.get_ref().to_string(), paint);
                }
            }
        }
        let over = over.iter().map(|(name, paint)| (name.clone(), *paint));
        self.palette.extend(over);
    }

    /// The palette as read.
    pub const fn colours(&self) -> &Palette {
        &self.palette
    }

    /// Reads everything else into a theme, the one that the file inherits from.
    pub fn theme(&mut self, table: &DeTable<'_>, theme: &mut Theme) {
        const KNOWN: [&str; 5] = ["description", "ground", "inherits", "palette", "roles"];
        for (key, _) in table {
            if !KNOWN.contains(&key.get_ref().as_ref()) {
                self.unknown(key.span(), "entry", key.get_ref(), &KNOWN);
            }
        }
        if let Some(value) = table.get("description") {
            theme.description = self.text(value).unwrap_or_default();
        }
        if let Some(value) = table.get("ground") {
            theme.ground = self.ground(value);
        }
        let Some(roles) = table.get("roles").and_then(|value| self.table(value)) else {
            return;
        };
        let mut likenesses = Vec::new();
        for (name, value) in roles {
            let Some(role) = self.role(name.span(), name.get_ref()) else {
                continue;
            };
            let face = self.face(value);
            if face.like.is_some() {
                likenesses.push((role, name.span()));
            }
            if let Some(slot) = theme.faces.get_mut(role as usize) {
                *slot = face;
            }
        }
        for (role, place) in likenesses {
            if theme.is_like_itself(role) {
                let message = format!("{:?} is like itself in the end", role.name());
                self.problem(place, message);
            }
        }
    }

    fn role(&mut self, place: Range<usize>, name: &str) -> Option<Role> {
        let role = Role::from_name(name);
        if role.is_none() {
            let known: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
            self.unknown(place, "role", name, &known);
        }
        role
    }

    fn ground(&mut self, value: &Value<'_>) -> Option<Ground> {
        const KNOWN: [&str; 3] = ["dark", "light", "any"];
        match self.text(value)?.as_str() {
            "dark" => Some(Ground::Dark),
            "light" => Some(Ground::Light),
            "any" => None,
            other => {
                self.unknown(value.span(), "ground", other, &KNOWN);
                None
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
        const KNOWN: [&str; 9] = [
            "like",
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
        let like = table.get("like").and_then(|value| {
            let name = self.text(value)?;
            self.role(value.span(), &name)
        });
        Face {
            like,
            foreground: self.paint(table, ["fg", "fg256", "fg16"]),
            background: self.paint(table, ["bg", "bg256", "bg16"]),
            modifiers: modifiers.map(|value| self.modifiers(value)),
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

    pub fn text(&mut self, value: &Value<'_>) -> Option<String> {
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

/// The name of one of the sixteen; empty for any other colour.
pub(in crate::look) fn name_of(color: Color) -> &'static str {
    let index = NAMED.iter().position(|known| *known == color);
    index
        .and_then(|index| NAMES.get(index))
        .map_or("", |name| name)
}

fn named_color(name: &str) -> Option<Color> {
    if name == "default" {
        return Some(Color::Reset);
    }
    let index = NAMES.iter().position(|known| *known == name)?;
    NAMED.get(index).copied()
}
