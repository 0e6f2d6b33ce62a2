//! Whether people can see the themes inside the program: contrast, and colours apart for eyes that lack one kind of cone.
//!
//! A theme paints no ground: what it stands on is the terminal's. It is measured against the extremes that it is meant
//! for: black and a dark grey, white and a cream.

use ratatui::style::Color;

use super::super::depth::{Colours, palette};
use super::super::picture::Ground;
use super::super::role::Role;
use super::Theme;

type Rgb = [f64; 3];
type Matrix = [Rgb; 3];

/// What eyes without one kind of cone see of linear sRGB: G. M. Machado, M. M. Oliveira, L. A. F. Fernandes,
/// "A Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE Transactions on Visualization and
/// Computer Graphics 15 (6), 2009, severity 1.0.
const PROTANOPIA: Matrix = [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
];
const DEUTERANOPIA: Matrix = [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.011820, 0.042940, 0.968881],
];
const TRITANOPIA: Matrix = [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.303900],
];

/// The verdicts that a reader must tell apart at a glance, and that have a colour.
const VERDICTS: [Role; 4] = [Role::Pass, Role::Fail, Role::Unknown, Role::Manual];

/// How far apart colours are to be, in CIE 1976 L*a*b*; about two can be told apart side by side.
const APART: f64 = 20.0;

fn channels(color: Color) -> Option<[u8; 3]> {
    match color {
        Color::Rgb(red, green, blue) => Some([red, green, blue]),
        Color::Indexed(index) if index >= 16 => Some(palette(index)),
        _ => None,
    }
}

/// Light of each channel (sRGB, IEC 61966-2-1).
fn linear(channels: [u8; 3]) -> Rgb {
    channels.map(|channel| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    })
}

fn luminance([red, green, blue]: Rgb) -> f64 {
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// The contrast ratio of WCAG 2.2, from 1 to 21.
fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let [one, other] = [one, other].map(|channels| luminance(linear(channels)) + 0.05);
    one.max(other) / one.min(other)
}

fn seen(light: Rgb, by: &Matrix) -> Rgb {
    by.map(|row| {
        let sum: f64 = row
            .iter()
            .zip(light)
            .map(|(part, light)| part * light)
            .sum();
        sum.clamp(0.0, 1.0)
    })
}

/// L*a*b* of light under D65.
fn lab([red, green, blue]: Rgb) -> Rgb {
    let bent = |value: f64| {
        if value > 0.008_856 {
            value.cbrt()
        } else {
            7.787 * value + 16.0 / 116.0
        }
    };
    let x = bent((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505);
    let y = bent(luminance([red, green, blue]));
    let z = bent((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

fn distance(one: Rgb, other: Rgb) -> f64 {
    let [one, other] = [one, other].map(lab);
    let squares = one
        .iter()
        .zip(other)
        .map(|(one, other)| (one - other).powi(2));
    squares.sum::<f64>().sqrt()
}

fn grounds(theme: &Theme) -> &'static [[u8; 3]] {
    match theme.ground() {
        Some(Ground::Dark) => &[[0, 0, 0], [40, 44, 52]],
        Some(Ground::Light) => &[[255, 255, 255], [253, 246, 227]],
        None => &[],
    }
}

const EXACT: [Colours; 2] = [Colours::TwoFiftySix, Colours::TrueColour];

#[test]
fn the_measures_are_right_where_their_values_are_known() {
    let ratio = contrast([0, 0, 0], [255, 255, 255]);
    assert!((ratio - 21.0).abs() < 1e-9, "{ratio}");
    // The lightest grey that WCAG lets stand on white.
    assert!(contrast([0x76; 3], [255; 3]) >= 4.5 && contrast([0x77; 3], [255; 3]) < 4.5);
    // Grey is grey to everybody.
    for matrix in [PROTANOPIA, DEUTERANOPIA, TRITANOPIA] {
        let grey = seen([0.5; 3], &matrix);
        assert!(
            grey.iter().all(|channel| (channel - 0.5).abs() < 1e-3),
            "{grey:?}"
        );
    }
    // Red and green of equal lightness are apart for most, and hardly for eyes without the middle cone.
    let [red, green] = [[0xb8, 0x5c, 0x5c], [0x6b, 0x80, 0x3c]].map(linear);
    assert!(distance(red, green) > 45.0);
    assert!(distance(seen(red, &DEUTERANOPIA), seen(green, &DEUTERANOPIA)) < 20.0);
}

#[test]
fn every_colour_of_text_can_be_read_on_the_ground_that_it_is_meant_for() {
    for name in Theme::built_in_names() {
        let theme = Theme::built_in(name).unwrap();
        let least = if name.starts_with("high-contrast") {
            7.0
        } else {
            4.5
        };
        for (role, colours) in Role::ALL
            .iter()
            .flat_map(|role| EXACT.map(|depth| (*role, depth)))
        {
            let style = theme.style(role, colours);
            let own = style.bg.and_then(channels).map(|ground| vec![ground]);
            let grounds = own.unwrap_or_else(|| grounds(&theme).to_vec());
            let Some(text) = style.fg.and_then(channels) else {
                continue;
            };
            for ground in grounds {
                let ratio = contrast(text, ground);
                assert!(ratio >= least, "{name} {role:?} {colours:?}: {ratio:.2}");
            }
        }
    }
}

#[test]
fn nothing_is_dim_where_contrast_is_what_is_asked_for() {
    for name in ["high-contrast", "high-contrast-light", "mono"] {
        let theme = Theme::built_in(name).unwrap();
        for role in Role::ALL {
            let dim = ratatui::style::Modifier::DIM;
            let style = theme.style(*role, Colours::TrueColour);
            assert!(!style.add_modifier.contains(dim), "{name} {role:?}");
        }
    }
}

#[test]
fn verdicts_stay_apart_for_the_eyes_that_a_theme_is_for() {
    let whole: Matrix = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    let themes: [(&str, &[Matrix]); 8] = [
        ("dark", &[whole]),
        ("light", &[whole]),
        ("high-contrast", &[whole]),
        ("high-contrast-light", &[whole]),
        ("deuteranopia", &[whole, DEUTERANOPIA, PROTANOPIA]),
        ("deuteranopia-light", &[whole, DEUTERANOPIA, PROTANOPIA]),
        ("tritanopia", &[whole, TRITANOPIA]),
        ("tritanopia-light", &[whole, TRITANOPIA]),
    ];
    for (name, eyes) in themes {
        let theme = Theme::built_in(name).unwrap();
        for (matrix, colours) in eyes
            .iter()
            .flat_map(|eyes| EXACT.map(|depth| (eyes, depth)))
        {
            let light = |role| {
                let color = theme.style(role, colours).fg.and_then(channels).unwrap();
                seen(linear(color), matrix)
            };
            for (place, one) in VERDICTS.iter().enumerate() {
                for other in &VERDICTS[..place] {
                    let apart = distance(light(*one), light(*other));
                    assert!(
                        apart >= APART,
                        "{name} {colours:?} {one:?} {other:?}: {apart:.1}"
                    );
                }
            }
        }
    }
}
