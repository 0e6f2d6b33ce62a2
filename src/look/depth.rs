//! Colours for a terminal that has fewer of them: from 24 bits to the palette of 256, and to the sixteen
//! named ones. A theme may say what to use instead; this is for what it leaves open.

use ratatui::style::Color;

/// How many colours there are to choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Colours {
    /// None: bold, dim, underlined and reversed text only.
    None,
    /// The sixteen named ones, as the terminal's owner has set them.
    Sixteen,
    /// The palette of 256.
    TwoFiftySix,
    /// 24 bits.
    TrueColour,
}

/// The sixteen by number.
pub(super) const NAMED: [Color; 16] = [
    Color::Black,
    Color::Red,
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightGreen,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::White,
];

/// The levels of a channel in the palette's cube of 6 × 6 × 6.
const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The nearest colour of the palette of 256 that every terminal shows alike (not one of the first sixteen).
pub(super) fn to_256(color: Color) -> Color {
    let Color::Rgb(red, green, blue) = color else {
        return color;
    };
    let wanted = [red, green, blue];
    let nearest = (16..=255_u8)
        .min_by_key(|index| distance(palette(*index), wanted))
        .unwrap_or(16);
    Color::Indexed(nearest)
}

/// The nearest named colour by hue and brightness; greys by brightness alone. Not by distance: the named
/// colours differ from terminal to terminal, only their hues are sure.
pub(super) fn to_16(color: Color) -> Color {
    let channels = match color {
        Color::Rgb(red, green, blue) => [red, green, blue],
        Color::Indexed(index) if index >= 16 => palette(index),
        Color::Indexed(index) => return NAMED[usize::from(index)],
        named => return named,
    };
    let [red, green, blue] = channels;
    let highest = red.max(green).max(blue);
    let lowest = red.min(green).min(blue);
    if highest - lowest < 40 {
        let brightness = (2 * u16::from(red) + 5 * u16::from(green) + u16::from(blue)) / 8;
        return match brightness {
            0..=47 => Color::Black,
            48..=127 => Color::DarkGray,
            128..=207 => Color::Gray,
            _ => Color::White,
        };
    }
    let middle = lowest + (highest - lowest) / 2;
    let hue = usize::from(red > middle)
        | usize::from(green > middle) << 1
        | usize::from(blue > middle) << 2;
    NAMED[if highest > 191 { hue + 8 } else { hue }]
}

/// The channels of a palette colour from 16 on.
pub(super) fn palette(index: u8) -> [u8; 3] {
    if index >= 232 {
        return [8 + (index - 232) * 10; 3];
    }
    let cube = index.saturating_sub(16);
    [cube / 36, cube / 6 % 6, cube % 6].map(|level| CUBE[usize::from(level)])
}

/// How different two colours look: squares weighted by the mean of red, a common approximation.
fn distance(one: [u8; 3], other: [u8; 3]) -> u64 {
    let [red, green, blue] = [0, 1, 2].map(|channel| {
        let difference = u64::from(one[channel].abs_diff(other[channel]));
        difference * difference
    });
    let mean = u64::from(u16::from(one[0]).midpoint(u16::from(other[0])));
    (512 + mean) * red + 1024 * green + (767 - mean) * blue
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_of_the_palette_stay_themselves() {
        for index in 16..=255_u8 {
            let [red, green, blue] = palette(index);
            let Color::Indexed(found) = to_256(Color::Rgb(red, green, blue)) else {
                panic!("no palette colour");
            };
            assert_eq!(palette(found), [red, green, blue], "{index}");
        }
        assert_eq!(palette(16), [0, 0, 0]);
        assert_eq!(palette(196), [255, 0, 0]);
        assert_eq!(palette(231), [255, 255, 255]);
        assert_eq!(palette(232), [8, 8, 8]);
        assert_eq!(palette(255), [238, 238, 238]);
    }

    #[test]
    fn the_nearest_of_256() {
        assert_eq!(to_256(Color::Rgb(254, 1, 1)), Color::Indexed(196));
        assert_eq!(to_256(Color::Rgb(88, 90, 87)), Color::Indexed(240));
        assert_eq!(to_256(Color::Red), Color::Red);
        assert_eq!(to_256(Color::Indexed(99)), Color::Indexed(99));
    }

    #[test]
    fn the_hue_survives_in_sixteen() {
        for (channels, expected) in [
            ((207, 34, 46), Color::LightRed),
            ((140, 20, 20), Color::Red),
            ((126, 199, 126), Color::LightGreen),
            ((26, 127, 55), Color::Green),
            ((154, 103, 0), Color::Yellow),
            ((108, 182, 255), Color::LightCyan),
            ((9, 60, 180), Color::Blue),
            ((196, 100, 255), Color::LightMagenta),
            ((10, 10, 12), Color::Black),
            ((90, 92, 95), Color::DarkGray),
            ((180, 180, 178), Color::Gray),
            ((250, 250, 250), Color::White),
        ] {
            let (red, green, blue) = channels;
            assert_eq!(
                to_16(Color::Rgb(red, green, blue)),
                expected,
                "{channels:?}"
            );
        }
        assert_eq!(to_16(Color::Indexed(9)), Color::LightRed);
        assert_eq!(to_16(Color::Indexed(196)), Color::LightRed);
        assert_eq!(to_16(Color::Reset), Color::Reset);
    }
}
