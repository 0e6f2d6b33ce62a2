//! Copying to the clipboard of the terminal that a person sits at, through OSC 52. The text travels
//! inside the terminal's own stream, so it works over SSH, where a clipboard program would fill the
//! clipboard of the wrong machine. The terminal never confirms: what can be said is that the text was
//! sent.

use crossterm::Command;
use crossterm::clipboard::CopyToClipboard;

use super::capability::{Capability, Multiplexer};

/// Longest text that is sent, in bytes: with its base64 form and the introduction it stays within the
/// 100,000 bytes that terminals commonly take.
pub const LONGEST_COPY: usize = 74_994;

/// Longest string that GNU screen passes on in one piece, in bytes, with room for its own introduction.
const SCREEN_PIECE: usize = 240;

/// The command that fills tmux's buffer and the outer clipboard from its standard input. It needs no
/// permission in tmux's configuration, unlike the sequence; whoever runs programs may try it first.
pub const TMUX_LOAD_BUFFER: [&str; 4] = ["tmux", "load-buffer", "-w", "-"];

/// What became of a copy. Each message is what a person is told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The text is longer than terminals take.
    #[error(
        "not copied: {length} bytes are more than the {LONGEST_COPY} that terminals take; export to a file instead"
    )]
    TooLarge {
        /// Its length in bytes.
        length: usize,
    },
    /// The terminal has no clipboard that can be reached.
    #[error("not copied: this terminal has no clipboard that can be reached through it")]
    NoClipboard,
    /// The person wants it left alone.
    #[error("not copied: the clipboard is switched off (clipboard = false, or --no-clipboard)")]
    Unwanted,
}

/// The bytes that ask the terminal to take `text`, wrapped for what lies in between. When they have been
/// written, say that the text was *sent* to the terminal's clipboard.
///
/// # Errors
///
/// [`Refused`] when nothing may be sent.
pub fn copy(text: &str, capability: &Capability) -> Result<Vec<u8>, Refused> {
    if capability.clipboard_unwanted {
        return Err(Refused::Unwanted);
    }
    if !capability.clipboard {
        return Err(Refused::NoClipboard);
    }
    if text.len() > LONGEST_COPY {
        return Err(Refused::TooLarge { length: text.len() });
    }
    let mut sequence = String::with_capacity(text.len() / 3 * 4 + 16);
    // Writing to memory does not fail.
    let _ = CopyToClipboard::to_clipboard_from(text).write_ansi(&mut sequence);
    Ok(match capability.multiplexer {
        None => sequence.into_bytes(),
        Some(Multiplexer::Tmux) => through_tmux(&sequence),
        Some(Multiplexer::Screen) => through_screen(&sequence),
    })
}

/// tmux passes on what is wrapped in a device control string of its own, every `ESC` inside doubled.
fn through_tmux(sequence: &str) -> Vec<u8> {
    let inner = sequence.replace('\x1b', "\x1b\x1b");
    format!("\x1bPtmux;{inner}\x1b\\").into_bytes()
}

/// GNU screen passes on short device control strings; the sequence goes in pieces and ends with `BEL`,
/// since `ESC \` would end the wrapping.
fn through_screen(sequence: &str) -> Vec<u8> {
    let body = sequence.strip_suffix("\x1b\\").unwrap_or(sequence);
    let mut bytes = Vec::with_capacity(body.len() + body.len() / SCREEN_PIECE * 4 + 8);
    let body = [body.as_bytes(), b"\x07"].concat();
    for piece in body.chunks(SCREEN_PIECE) {
        bytes.extend_from_slice(b"\x1bP");
        bytes.extend_from_slice(piece);
        bytes.extend_from_slice(b"\x1b\\");
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::super::capability::Wishes;
    use super::*;

    fn under(variables: &[(&str, &str)]) -> Capability {
        Capability::from_environment(
            |name| {
                variables
                    .iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, value)| (*value).to_owned())
            },
            Wishes::default(),
        )
    }

    fn copied(text: &str, variables: &[(&str, &str)]) -> String {
        String::from_utf8(copy(text, &under(variables)).unwrap()).unwrap()
    }

    #[test]
    fn the_bytes_for_each_way() {
        assert_eq!(
            copied("mysql", &[("TERM", "xterm")]),
            "\x1b]52;c;bXlzcWw=\x1b\\"
        );
        assert_eq!(
            copied("mysql", &[("TERM", "tmux"), ("TMUX", "x")]),
            "\x1bPtmux;\x1b\x1b]52;c;bXlzcWw=\x1b\x1b\\\x1b\\"
        );
        assert_eq!(
            copied("mysql", &[("TERM", "screen"), ("STY", "x")]),
            "\x1bP\x1b]52;c;bXlzcWw=\x07\x1b\\"
        );
    }

    #[test]
    fn screen_gets_it_in_pieces_that_join_to_the_whole() {
        let text = "x".repeat(600);
        let wrapped = copied(&text, &[("TERM", "screen"), ("STY", "x")]);
        let pieces: Vec<&str> = wrapped
            .split("\x1bP")
            .skip(1)
            .map(|piece| piece.strip_suffix("\x1b\\").unwrap())
            .collect();
        assert!(pieces.len() > 3);
        assert!(pieces.iter().all(|piece| piece.len() <= SCREEN_PIECE));
        let plain = copied(&text, &[("TERM", "xterm")]);
        let plain = plain.strip_suffix("\x1b\\").unwrap();
        assert_eq!(pieces.concat(), format!("{plain}\x07"));
    }

    #[test]
    fn too_much_is_refused_and_the_most_fits_in_100000_bytes() {
        let most = "x".repeat(LONGEST_COPY);
        assert!(copied(&most, &[("TERM", "xterm")]).len() <= 100_002);
        let more = "x".repeat(LONGEST_COPY + 1);
        assert_eq!(
            copy(&more, &under(&[("TERM", "xterm")])),
            Err(Refused::TooLarge {
                length: LONGEST_COPY + 1
            })
        );
    }

    #[test]
    fn a_clipboard_that_is_switched_off_gets_nothing() {
        let unwanted = Wishes {
            clipboard: false,
            ..Wishes::default()
        };
        let capability = Capability::from_environment(|_| Some("xterm".to_owned()), unwanted);
        assert_eq!(copy("x", &capability), Err(Refused::Unwanted));
    }

    #[test]
    fn a_terminal_without_a_clipboard_is_said_to_have_none() {
        assert_eq!(
            copy("x", &under(&[("TERM", "dumb")])),
            Err(Refused::NoClipboard)
        );
        assert_eq!(
            copy("x", &under(&[("TERM", "linux")])),
            Err(Refused::NoClipboard)
        );
    }
}
