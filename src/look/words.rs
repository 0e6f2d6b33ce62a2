//! A style in the words of a theme file.

use ratatui::style::{Color, Modifier, Style};

const MODIFIERS: [(Modifier, &str); 6] = [
    (Modifier::BOLD, "bold"),
    (Modifier::DIM, "dim"),
    (Modifier::ITALIC, "italic"),
    (Modifier::UNDERLINED, "underlined"),
    (Modifier::REVERSED, "reversed"),
    (Modifier::CROSSED_OUT, "crossed-out"),
];

/// The colours and the modifiers of a style, as a theme file writes them; empty for plain text.
#[must_use]
pub fn words(style: Style) -> String {
    let mut words: Vec<String> = style.fg.map(colour).into_iter().collect();
    words.extend(style.bg.map(|color| format!("on {}", colour(color))));
    let modifiers = MODIFIERS
        .iter()
        .filter(|(modifier, _)| style.add_modifier.contains(*modifier));
    words.extend(modifiers.map(|(_, word)| (*word).to_owned()));
    words.join(" ")
}

fn colour(color: Color) -> String {
    match color {
        Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        Color::Indexed(index) => index.to_string(),
        Color::Reset => "default".to_owned(),
        named => super::theme::name_of(named).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_is_told_as_a_theme_file_writes_it() {
        let style = Style::new()
            .fg(Color::LightRed)
            .bg(Color::Rgb(1, 2, 255))
            .add_modifier(Modifier::BOLD | Modifier::CROSSED_OUT);
        assert_eq!(words(style), "light-red on #0102ff bold crossed-out");
        assert_eq!(words(Style::new().fg(Color::Indexed(99))), "99");
        assert_eq!(words(Style::new().fg(Color::Gray)), "gray");
        assert_eq!(words(Style::new()), "");
    }
}
