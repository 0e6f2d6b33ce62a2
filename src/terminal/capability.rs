//! What this terminal can show, from the environment alone. The terminal is never asked: over SSH its
//! answers come late and are taken for keys.

/// How many colours the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColourDepth {
    /// None: bold, dim, underlined and reversed text only.
    None,
    /// The sixteen named ones.
    Sixteen,
    /// The palette of 256.
    TwoFiftySix,
    /// 24 bits.
    TrueColour,
}

/// A program between us and the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Multiplexer {
    /// tmux.
    Tmux,
    /// GNU screen.
    Screen,
}

/// Whether the terminal's background is dark or light.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Background {
    /// Light text on it.
    Dark,
    /// Dark text on it.
    Light,
}

/// What a person asked for, above the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wishes {
    /// The number of colours; `None`: as the environment says.
    pub colours: Option<ColourDepth>,
    /// Characters beyond ASCII or not; `None`: as the environment says.
    pub unicode: Option<bool>,
    /// Whether addresses may be links, where the terminal has them.
    pub links: bool,
    /// Whether the clipboard may be used, where it can be reached.
    pub clipboard: bool,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            colours: None,
            unicode: None,
            links: true,
            clipboard: true,
        }
    }
}

/// What this terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capability {
    /// How many colours.
    pub colours: ColourDepth,
    /// Whether it shows characters beyond ASCII.
    pub unicode: bool,
    /// The background, where the environment tells it (`COLORFGBG`).
    pub background: Option<Background>,
    /// Whether frames are marked for synchronized output (mode 2026), which is ignored where it is unknown.
    pub synchronized: bool,
    /// The program in between.
    pub multiplexer: Option<Multiplexer>,
    /// Whether the line crosses a network.
    pub ssh: bool,
    /// Whether it cannot place text at all (`TERM` unset or `dumb`).
    pub dumb: bool,
    /// Whether it may take text for its clipboard (OSC 52).
    pub clipboard: bool,
    /// Whether the person wants the clipboard left alone.
    pub clipboard_unwanted: bool,
    /// Whether text may carry the address that it stands for (OSC 8). A terminal that does not know this shows the text.
    pub links: bool,
}

impl Capability {
    /// Reads the environment of this process.
    #[must_use]
    pub fn detect(wishes: Wishes) -> Self {
        Self::from_environment(|name| std::env::var(name).ok(), wishes)
    }

    /// Decides from an environment; variables that are set but empty count as unset.
    pub fn from_environment(environment: impl Fn(&str) -> Option<String>, wishes: Wishes) -> Self {
        let variable = |name: &str| environment(name).filter(|value| !value.is_empty());
        let set = |name: &str| variable(name).is_some();
        let term = variable("TERM").unwrap_or_default();
        let dumb = term.is_empty() || term == "dumb";
        let multiplexer = if set("TMUX") {
            Some(Multiplexer::Tmux)
        } else if set("STY") {
            Some(Multiplexer::Screen)
        } else if term.starts_with("tmux") {
            Some(Multiplexer::Tmux)
        } else {
            None
        };
        let console = term == "linux";
        Self {
            colours: wishes
                .colours
                .unwrap_or_else(|| colours(&variable, &term, multiplexer)),
            unicode: wishes
                .unicode
                .unwrap_or_else(|| !dumb && !console && locale_is_utf8(&variable)),
            background: variable("COLORFGBG").and_then(|value| background(&value)),
            synchronized: !dumb,
            multiplexer,
            ssh: set("SSH_CONNECTION") || set("SSH_TTY") || set("SSH_CLIENT"),
            dumb,
            clipboard: wishes.clipboard && !dumb && !console,
            clipboard_unwanted: !wishes.clipboard,
            // GNU screen does not pass them on; the console and terminals of wires and glass may show them as text.
            links: wishes.links
                && !dumb
                && !console
                && !OLD.contains(&term.as_str())
                && multiplexer != Some(Multiplexer::Screen),
        }
    }
}

/// Terminals from before colours and addresses.
const OLD: [&str; 5] = ["vt50", "vt52", "vt100", "vt102", "vt220"];

/// The order is: `NO_COLOR` (<https://no-color.org>), then what forces colours, then what the terminal
/// says it has.
fn colours(
    variable: &impl Fn(&str) -> Option<String>,
    term: &str,
    multiplexer: Option<Multiplexer>,
) -> ColourDepth {
    if variable("NO_COLOR").is_some() {
        return ColourDepth::None;
    }
    let said = said_by_terminal(variable, term, multiplexer);
    let at_least = match variable("FORCE_COLOR").as_deref() {
        Some("0" | "false") => return ColourDepth::None,
        Some("2") => ColourDepth::TwoFiftySix,
        Some("3") => ColourDepth::TrueColour,
        Some(_) => ColourDepth::Sixteen,
        None => match variable("CLICOLOR_FORCE").as_deref() {
            None | Some("0") => ColourDepth::None,
            Some(_) => ColourDepth::Sixteen,
        },
    };
    said.max(at_least)
}

fn said_by_terminal(
    variable: &impl Fn(&str) -> Option<String>,
    term: &str,
    multiplexer: Option<Multiplexer>,
) -> ColourDepth {
    const TRUE_COLOUR: [&str; 7] = [
        "alacritty",
        "contour",
        "foot",
        "ghostty",
        "kitty",
        "rio",
        "wezterm",
    ];
    if term.is_empty() || term == "dumb" || OLD.contains(&term) || term.ends_with("-m") {
        return ColourDepth::None;
    }
    let says_true = variable("COLORTERM").is_some_and(|value| {
        value.eq_ignore_ascii_case("truecolor") || value.eq_ignore_ascii_case("24bit")
    });
    let known = term.ends_with("-direct") || TRUE_COLOUR.iter().any(|name| term.contains(name));
    if says_true || known {
        // GNU screen passes the outer terminal's COLORTERM on and understands 256 colours itself.
        return match multiplexer {
            Some(Multiplexer::Screen) => ColourDepth::TwoFiftySix,
            _ => ColourDepth::TrueColour,
        };
    }
    if term.contains("256color") {
        ColourDepth::TwoFiftySix
    } else {
        ColourDepth::Sixteen
    }
}

fn locale_is_utf8(variable: &impl Fn(&str) -> Option<String>) -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(variable)
        .is_some_and(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        })
}

/// `foreground;background` or `foreground;default;background` in numbers of the sixteen colours.
fn background(value: &str) -> Option<Background> {
    let number: u8 = value.rsplit(';').next()?.trim().parse().ok()?;
    match number {
        7 | 9..=15 => Some(Background::Light),
        0..=6 | 8 => Some(Background::Dark),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(environment: &[(&str, &str)]) -> Capability {
        wished(environment, Wishes::default())
    }

    fn wished(environment: &[(&str, &str)], wishes: Wishes) -> Capability {
        Capability::from_environment(
            |name| {
                environment
                    .iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, value)| (*value).to_owned())
            },
            wishes,
        )
    }

    #[test]
    fn the_depth_of_colours() {
        use ColourDepth::{None, Sixteen, TrueColour, TwoFiftySix};
        for (environment, expected) in [
            (&[("TERM", "xterm")][..], Sixteen),
            (&[("TERM", "xterm-256color")], TwoFiftySix),
            (
                &[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")],
                TrueColour,
            ),
            (
                &[("TERM", "tmux-256color"), ("COLORTERM", "24bit")],
                TrueColour,
            ),
            (
                &[
                    ("TERM", "screen-256color"),
                    ("STY", "1.pts"),
                    ("COLORTERM", "truecolor"),
                ],
                TwoFiftySix,
            ),
            (&[("TERM", "xterm-kitty")], TrueColour),
            (&[("TERM", "xterm-direct")], TrueColour),
            (&[("TERM", "linux")], Sixteen),
            (&[("TERM", "vt100"), ("COLORTERM", "truecolor")], None),
            (&[("TERM", "dumb")], None),
            (&[], None),
            (&[("TERM", "xterm-256color"), ("NO_COLOR", "1")], None),
            (&[("TERM", "xterm-256color"), ("NO_COLOR", "")], TwoFiftySix),
            (&[("TERM", "vt100"), ("FORCE_COLOR", "3")], TrueColour),
            (&[("TERM", "vt100"), ("CLICOLOR_FORCE", "1")], Sixteen),
            (&[("TERM", "xterm"), ("FORCE_COLOR", "0")], None),
            (
                &[("TERM", "xterm"), ("NO_COLOR", "1"), ("FORCE_COLOR", "3")],
                None,
            ),
        ] {
            assert_eq!(detect(environment).colours, expected, "{environment:?}");
        }
    }

    #[test]
    fn a_wish_stands_above_the_environment() {
        let wishes = Wishes {
            colours: Some(ColourDepth::Sixteen),
            unicode: Some(false),
            ..Wishes::default()
        };
        let capability = wished(
            &[("TERM", "xterm"), ("NO_COLOR", "1"), ("LANG", "C.UTF-8")],
            wishes,
        );
        assert_eq!(capability.colours, ColourDepth::Sixteen);
        assert!(!capability.unicode);
    }

    #[test]
    fn the_first_locale_that_is_set_decides_about_characters() {
        let unicode = |environment: &[(&str, &str)]| {
            let mut all = vec![("TERM", "xterm")];
            all.extend_from_slice(environment);
            detect(&all).unicode
        };
        assert!(unicode(&[("LANG", "en_US.UTF-8")]));
        assert!(unicode(&[
            ("LC_ALL", ""),
            ("LC_CTYPE", "C.utf8"),
            ("LANG", "C")
        ]));
        assert!(!unicode(&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")]));
        assert!(!unicode(&[("LANG", "en_US.ISO-8859-1")]));
        assert!(!unicode(&[]));
        assert!(!detect(&[("TERM", "linux"), ("LANG", "en_US.UTF-8")]).unicode);
    }

    #[test]
    fn what_lies_between() {
        assert_eq!(
            detect(&[("TERM", "screen-256color"), ("TMUX", "/tmp/x,1,0")]).multiplexer,
            Some(Multiplexer::Tmux)
        );
        assert_eq!(
            detect(&[("TERM", "screen"), ("STY", "1.pts-0.host")]).multiplexer,
            Some(Multiplexer::Screen)
        );
        assert_eq!(detect(&[("TERM", "xterm")]).multiplexer, None);
        assert!(detect(&[("TERM", "xterm"), ("SSH_CONNECTION", "a 1 b 2")]).ssh);
        assert!(!detect(&[("TERM", "xterm")]).ssh);
    }

    #[test]
    fn a_terminal_that_cannot_place_text() {
        for environment in [&[][..], &[("TERM", "dumb")], &[("TERM", "")]] {
            let capability = detect(environment);
            assert!(capability.dumb && !capability.synchronized && !capability.clipboard);
        }
        assert!(!detect(&[("TERM", "xterm")]).dumb);
    }

    #[test]
    fn links_and_the_clipboard_where_they_are_wanted_and_can_be() {
        let links = |environment: &[(&str, &str)]| detect(environment).links;
        assert!(links(&[("TERM", "xterm")]));
        assert!(links(&[("TERM", "tmux-256color"), ("TMUX", "x")]));
        assert!(!links(&[("TERM", "screen"), ("STY", "1.pts-0.host")]));
        for term in ["", "dumb", "linux", "vt100"] {
            assert!(!links(&[("TERM", term)]), "{term:?}");
        }
        let unwanted = Wishes {
            links: false,
            clipboard: false,
            ..Wishes::default()
        };
        let capability = wished(&[("TERM", "xterm")], unwanted);
        assert!(!capability.links && !capability.clipboard && capability.clipboard_unwanted);
    }

    #[test]
    fn the_background_where_it_is_told() {
        let told = |value| detect(&[("TERM", "rxvt"), ("COLORFGBG", value)]).background;
        assert_eq!(told("15;0"), Some(Background::Dark));
        assert_eq!(told("0;default;15"), Some(Background::Light));
        assert_eq!(told("default;default"), None);
        assert_eq!(told(""), None);
    }
}
