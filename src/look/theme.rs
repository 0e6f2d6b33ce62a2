//! Themes: a style for every role, from a TOML file. Format, by example:
//!
//! ```toml
//! description = "Night shift"       # one line for the list of themes
//! inherits = "dark"                 # roles not named here come from there; "dark" if left out
//! ground = "dark"                   # what it is meant to stand on: "dark", "light", "any"
//!
//! [palette]                         # names of colours, for use below and in what is inherited
//! alarm = { full = "#ff6b6b", 256 = 203, 16 = "light-red" }
//! good = "#8fd0ff"                  # "dark" has the names good, bad, warn, note, cool: this changes all that is good
//!
//! [roles]
//! fail = { fg = "alarm", modifiers = ["bold"] }
//! critical = { like = "fail", modifiers = ["bold", "underlined"] }    # what is not named here is as there
//! link = { fg = "#6cb6ff", fg16 = "cyan", modifiers = ["underlined"] }
//! high = { fg = "alarm", mono = ["underlined"] }    # mono: modifiers where there are no colours
//! ```
//!
//! A colour is `#rrggbb`, one of the sixteen names (`black` … `white`, `light-red` …, `default`), or a
//! name of the palette. What a terminal with fewer colours shows is taken from the file (`256`, `16`,
//! `fg256`, `fg16`, `bg256`, `bg16`) and computed only where the file leaves it open. A role that a file
//! names is replaced as a whole; one that is like another follows it, also where an heir changes the other.

mod nearest;
mod read;
#[cfg(test)]
mod sight;

use ratatui::style::{Color, Modifier, Style};

use super::depth::{Colours, to_16, to_256};
use super::picture::Ground;
use super::role::Role;

pub(super) use read::name_of;
pub use read::{Problem, ThemeError};

/// The themes inside the program: name and file.
const BUILT_IN: [(&str, &str); 9] = [
    ("dark", include_str!("../../themes/dark.toml")),
    ("light", include_str!("../../themes/light.toml")),
    (
        "high-contrast",
        include_str!("../../themes/high-contrast.toml"),
    ),
    (
        "high-contrast-light",
        include_str!("../../themes/high-contrast-light.toml"),
    ),
    (
        "deuteranopia",
        include_str!("../../themes/deuteranopia.toml"),
    ),
    (
        "deuteranopia-light",
        include_str!("../../themes/deuteranopia-light.toml"),
    ),
    ("tritanopia", include_str!("../../themes/tritanopia.toml")),
    (
        "tritanopia-light",
        include_str!("../../themes/tritanopia-light.toml"),
    ),
    ("mono", include_str!("../../themes/mono.toml")),
];

/// What to call a theme file in messages, and its text or why it cannot be read.
pub type ThemeText = (String, Result<String, String>);

/// A style for every role, at every depth of colours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    description: String,
    ground: Option<Ground>,
    faces: Vec<Face>,
}

/// A colour with what to show instead where there are fewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Paint {
    full: Color,
    indexed: Option<u8>,
    named: Option<Color>,
}

/// The style of one role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Face {
    /// The role that says what this one leaves open.
    like: Option<Role>,
    foreground: Option<Paint>,
    background: Option<Paint>,
    modifiers: Option<Modifier>,
    /// Instead of `modifiers` where there are no colours.
    mono: Option<Modifier>,
}

impl Theme {
    /// The names of the themes inside the program.
    pub fn built_in_names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// A theme inside the program.
    ///
    /// # Errors
    ///
    /// When there is none of that name; the error names those that there are.
    pub fn built_in(name: &str) -> Result<Self, ThemeError> {
        Self::named(name, &|_| None)
    }

    /// A theme by name: one of the person's own first, then those inside the program.
    ///
    /// `own` finds a theme file by name and returns what to call it in messages (its path), and its text
    /// or why it cannot be read.
    ///
    /// # Errors
    ///
    /// When there is none of that name, or when its file or one that it inherits from is wrong: every
    /// problem with its file and line.
    pub fn named(name: &str, own: &dyn Fn(&str) -> Option<ThemeText>) -> Result<Self, ThemeError> {
        read::named(name, own)
    }

    /// One line about the theme.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// What it is meant to stand on; `None`: anything.
    #[must_use]
    pub const fn ground(&self) -> Option<Ground> {
        self.ground
    }

    /// The style of a role for a terminal with so many colours.
    pub(super) fn style(&self, role: Role, colours: Colours) -> Style {
        let face = self.face(role);
        let modifiers = match colours {
            Colours::None => face.mono.or(face.modifiers),
            _ => face.modifiers,
        };
        let at_depth = |paint: Paint| paint.at(colours);
        Style {
            fg: face.foreground.and_then(at_depth),
            bg: face.background.and_then(at_depth),
            add_modifier: modifiers.unwrap_or_default(),
            ..Style::new()
        }
    }

    /// The face of a role, with what it takes from those that it is like.
    fn face(&self, role: Role) -> Face {
        let own = |role| self.faces.get(role as usize).copied().unwrap_or_default();
        let mut face = own(role);
        // No longer than there are roles: a circle is an error of the file and never comes here.
        for _ in Role::ALL {
            let Some(like) = face.like else { break };
            let other = own(like);
            face = Face {
                like: other.like,
                foreground: face.foreground.or(other.foreground),
                background: face.background.or(other.background),
                mono: face.mono.or(match face.modifiers {
                    Some(_) => None,
                    None => other.mono,
                }),
                modifiers: face.modifiers.or(other.modifiers),
            };
        }
        face
    }

    fn is_like_itself(&self, role: Role) -> bool {
        let like = |role| self.faces.get(role as usize).and_then(|face| face.like);
        let chain = std::iter::successors(like(role), |role| like(*role));
        chain.take(Role::ALL.len()).any(|other| other == role)
    }

    fn bare() -> Self {
        Self {
            description: String::new(),
            ground: None,
            faces: vec![Face::default(); Role::ALL.len()],
        }
    }
}

impl Paint {
    fn at(self, colours: Colours) -> Option<Color> {
        let indexed = || {
            self.indexed
                .map_or_else(|| to_256(self.full), Color::Indexed)
        };
        match colours {
            Colours::None => None,
            Colours::Sixteen => Some(self.named.unwrap_or_else(|| match self.full {
                Color::Rgb(..) => to_16(self.full),
                _ => to_16(indexed()),
            })),
            Colours::TwoFiftySix => Some(indexed()),
            Colours::TrueColour => Some(self.full),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_themes_are_right_and_the_one_under_all_names_every_role() {
        for (name, text) in BUILT_IN {
            let theme = Theme::built_in(name).unwrap_or_else(|error| panic!("{error}"));
            assert!(!theme.description().is_empty(), "{name}");
            assert!(text.contains("\nground = "), "{name}");
        }
        let (_, dark) = BUILT_IN[0];
        for role in Role::ALL {
            let start = format!("\n{} = ", role.name());
            assert!(dark.contains(&start), "dark lacks {}", role.name());
        }
    }

    #[test]
    fn the_theme_without_colours_has_none_at_any_depth() {
        let theme = Theme::built_in("mono").unwrap();
        let few = Modifier::BOLD | Modifier::UNDERLINED | Modifier::REVERSED;
        for role in Role::ALL {
            let style = theme.style(*role, Colours::TrueColour);
            assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
            assert!(few.contains(style.add_modifier), "{role:?}");
        }
    }

    #[test]
    fn a_depth_takes_the_file_s_word_before_it_computes() {
        let paint = Paint {
            full: Color::Rgb(255, 107, 107),
            indexed: None,
            named: Some(Color::Magenta),
        };
        assert_eq!(paint.at(Colours::TrueColour), Some(paint.full));
        assert_eq!(paint.at(Colours::TwoFiftySix), Some(Color::Indexed(203)));
        assert_eq!(paint.at(Colours::Sixteen), Some(Color::Magenta));
        assert_eq!(paint.at(Colours::None), None);
        let computed = Paint {
            named: None,
            ..paint
        };
        assert_eq!(computed.at(Colours::Sixteen), Some(Color::LightRed));
    }
}
