//! The signs of the screen, each with a twin in ASCII, each one cell wide.
//!
//! Signs that stand in text and tables have one width everywhere. Lines and blocks (borders, levels of a
//! sparkline) are "ambiguous" in Unicode's table of East Asian widths: terminals that were told to draw
//! such characters two cells wide need `--ascii`.

use ratatui::symbols::border;

macro_rules! glyphs {
    ($($(#[$doc:meta])* $variant:ident = $unicode:literal, $ascii:literal;)*) => {
        /// A sign.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Glyph {
            $($(#[$doc])* $variant,)*
        }

        impl Glyph {
            /// Every sign.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The sign, beyond ASCII or within it.
            #[must_use]
            pub const fn text(self, unicode: bool) -> &'static str {
                match self {
                    $(Self::$variant => if unicode { $unicode } else { $ascii },)*
                }
            }
        }
    };
}

glyphs! {
    /// The verdict Pass.
    Pass = "✓", "+";
    /// The verdict Fail.
    Fail = "✗", "x";
    /// The verdict Unknown.
    Unknown = "?", "?";
    /// The verdict Manual.
    Manual = "!", "!";
    /// The verdict Not applicable.
    NotApplicable = "−", "-";
    /// The verdict Platform.
    Platform = "◊", "p";
    /// The verdict Unsupported.
    Unsupported = "∅", "u";
    /// The verdict Waived.
    Waived = "~", "~";
    /// Before the row under the cursor.
    Marker = "▐", ">";
    /// Before a marked row.
    Mark = "*", "*";
    /// Between two places of the way here.
    BreadcrumbSeparator = "▸", ">";
    /// Between two facts on one line.
    Separator = "∙", "-";
    /// Before an item of a list in text.
    Bullet = "∙", "-";
    /// A column sorted upwards; something that rose.
    Up = "▴", "^";
    /// A column sorted downwards; something that fell.
    Down = "▾", "v";
    /// From one value to another.
    Arrow = "➔", ">";
    /// A folded group.
    Folded = "▸", "+";
    /// An unfolded group.
    Unfolded = "▾", "-";
    /// Where text was cut.
    Ellipsis = "⋯", "~";
    /// The done part of a bar.
    BarFull = "▮", "#";
    /// The rest of a bar.
    BarEmpty = "▯", ".";
    /// A value in a chart.
    ChartPoint = "▪", "#";
    /// A value in a chart that is not whole.
    ChartPartial = "▫", "o";
    /// Between two values in a chart.
    ChartLine = "∙", ".";
    /// The thumb of a scroll bar.
    ScrollThumb = "▐", "#";
}

/// Heights of a sparkline, lowest first.
pub(super) const LEVELS: [[&str; 8]; 2] = [
    ["_", ".", "-", ":", "=", "+", "*", "#"],
    ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
];

/// Frames in ASCII.
pub(super) const ASCII_BORDER: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;

    #[test]
    fn every_sign_is_one_cell_wide_on_every_terminal() {
        for glyph in Glyph::ALL {
            let (unicode, ascii) = (glyph.text(true), glyph.text(false));
            assert_eq!(unicode.chars().count(), 1, "{glyph:?}");
            assert_eq!((unicode.width(), unicode.width_cjk()), (1, 1), "{glyph:?}");
            assert!(ascii.len() == 1 && ascii.is_ascii(), "{glyph:?}");
        }
    }

    #[test]
    fn lines_and_blocks_are_the_only_ambiguous_ones_and_have_twins() {
        let plain = border::PLAIN;
        for line in [plain.top_left, plain.vertical_left, plain.horizontal_top] {
            assert_eq!(line.width(), 1);
        }
        for level in LEVELS[1] {
            assert!(('\u{2580}'..='\u{259f}').contains(&level.chars().next().unwrap()));
        }
        assert!(LEVELS[0].iter().all(|level| level.len() == 1));
    }

    #[test]
    fn verdicts_differ_without_colour_in_both_sets() {
        let verdicts = [
            Glyph::Pass,
            Glyph::Fail,
            Glyph::Unknown,
            Glyph::Manual,
            Glyph::NotApplicable,
            Glyph::Platform,
            Glyph::Unsupported,
            Glyph::Waived,
        ];
        for unicode in [true, false] {
            let mut signs = verdicts.map(|glyph| glyph.text(unicode)).to_vec();
            signs.sort_unstable();
            signs.dedup();
            assert_eq!(signs.len(), verdicts.len());
        }
    }
}
