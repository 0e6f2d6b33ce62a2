//! Theme and glyphs resolved for one terminal. The only room that names a colour; it knows nothing of the
//! terminal it is for but how many colours it has and whether it shows more than ASCII, and nothing of
//! the domain.
//!
//! A view asks for the style of a [`Role`] and the text of a [`Glyph`]. What a colour says, a sign or a
//! word says too: without colours the styles keep their weight, underline and reversal.

mod depth;
mod glyph;
mod picture;
mod role;
mod theme;
mod words;

use ratatui::style::Style;
use ratatui::symbols::border;

pub use depth::Colours;
pub use glyph::Glyph;
pub use picture::{Ground, svg};
pub use role::Role;
pub use theme::{Problem, Theme, ThemeError, ThemeText};
pub use words::words;

/// A theme as this terminal can show it.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    styles: Vec<Style>,
    colours: Colours,
    unicode: bool,
}

impl Look {
    /// Resolves a theme for a terminal with so many colours, which shows characters beyond ASCII or not.
    #[must_use]
    pub fn new(theme: &Theme, colours: Colours, unicode: bool) -> Self {
        Self {
            styles: Role::ALL
                .iter()
                .map(|role| theme.style(*role, colours))
                .collect(),
            colours,
            unicode,
        }
    }

    /// The style of a role.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }

    /// The text of a sign; always one cell wide.
    #[must_use]
    pub const fn glyph(&self, glyph: Glyph) -> &'static str {
        glyph.text(self.unicode)
    }

    /// The lines of a frame.
    #[must_use]
    pub const fn border(&self) -> border::Set<'static> {
        if self.unicode {
            border::PLAIN
        } else {
            glyph::ASCII_BORDER
        }
    }

    /// Eight heights for a sparkline, lowest first.
    #[must_use]
    pub const fn levels(&self) -> &'static [&'static str; 8] {
        &glyph::LEVELS[self.unicode as usize]
    }

    /// How many colours the styles use.
    #[must_use]
    pub const fn colours(&self) -> Colours {
        self.colours
    }

    /// Whether signs go beyond ASCII.
    #[must_use]
    pub const fn is_unicode(&self) -> bool {
        self.unicode
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::{Color, Modifier};

    use super::*;

    fn look(name: &str, colours: Colours) -> Look {
        Look::new(&Theme::built_in(name).unwrap(), colours, true)
    }

    fn is_named(color: Color) -> bool {
        !matches!(color, Color::Rgb(..) | Color::Indexed(_))
    }

    #[test]
    fn every_depth_keeps_within_its_colours() {
        for name in Theme::built_in_names() {
            for role in Role::ALL {
                let plain = look(name, Colours::None).style(*role);
                assert_eq!((plain.fg, plain.bg), (None, None), "{name} {role:?}");
                let sixteen = look(name, Colours::Sixteen).style(*role);
                let middle = look(name, Colours::TwoFiftySix).style(*role);
                for (style, allowed) in [
                    (sixteen, is_named as fn(Color) -> bool),
                    (middle, |color| !matches!(color, Color::Rgb(..))),
                ] {
                    let colours = [style.fg, style.bg];
                    assert!(
                        colours.into_iter().flatten().all(allowed),
                        "{name} {role:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn without_colours_the_selection_and_the_verdicts_still_stand_out() {
        for name in Theme::built_in_names() {
            let look = look(name, Colours::None);
            let selected = look.style(Role::Selected);
            assert!(selected.add_modifier.contains(Modifier::REVERSED), "{name}");
            for role in [
                Role::Fail,
                Role::Critical,
                Role::Match,
                Role::Mistake,
                Role::Error,
                Role::Key,
                Role::TabSelected,
            ] {
                assert!(!look.style(role).add_modifier.is_empty(), "{name} {role:?}");
            }
        }
    }

    #[test]
    fn no_built_in_theme_paints_a_background() {
        for name in Theme::built_in_names() {
            for colours in [Colours::Sixteen, Colours::TwoFiftySix, Colours::TrueColour] {
                for role in Role::ALL {
                    assert_eq!(look(name, colours).style(*role).bg, None, "{name} {role:?}");
                }
            }
        }
    }

    #[test]
    fn ascii_is_ascii() {
        let look = Look::new(&Theme::built_in("dark").unwrap(), Colours::None, false);
        let border = look.border();
        let all = Glyph::ALL
            .iter()
            .map(|glyph| look.glyph(*glyph))
            .chain(look.levels().iter().copied())
            .chain([border.top_left, border.vertical_left, border.horizontal_top]);
        for text in all {
            assert!(text.is_ascii() && text.len() == 1, "{text:?}");
        }
    }
}
