//! Bytes from the terminal into events: keys, pastes, mouse and focus reports.
//!
//! Decoding is our own because the decision about what an incomplete sequence means needs the clock and
//! the descriptor of the reader: a lone `ESC` becomes the Escape key only when nothing follows for a
//! moment, a sequence cut in two by the network is put together again, and no read ever blocks in the
//! middle of one. However the bytes are cut into pieces, the events are the same. Sequences are those of
//! xterm's `ctlseqs` and the kitty keyboard protocol (reports only; neither is switched on here).
//!
//! Answers of the terminal to questions somebody else asked (colours, device attributes, cursor position)
//! are swallowed, so that a late one is never taken for keys.

mod sequence;

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

use sequence::escaped;

/// How long a lone `ESC` may wait for the rest of a sequence before it is the Escape key.
const ESCAPE_PATIENCE: Duration = Duration::from_millis(25);
/// How long a sequence that has begun may wait for its end.
const SEQUENCE_PATIENCE: Duration = Duration::from_millis(250);
/// How long a paste may be silent before it is delivered as it is.
const PASTE_PATIENCE: Duration = Duration::from_secs(5);
/// Longest paste that is kept, in bytes; the rest of it is dropped.
const LONGEST_PASTE: usize = 1 << 20;
const PASTE_END: &[u8] = b"\x1b[201~";
const ESCAPE: u8 = 0x1b;

/// Turns pieces of input into events. Never fails: what it does not know, it drops.
#[derive(Debug, Default)]
pub struct Decoder {
    pending: Vec<u8>,
    paste: Option<Vec<u8>>,
}

enum Step {
    /// More bytes are needed.
    Incomplete,
    /// So many bytes are used up, with or without an event.
    Used(usize, Option<Event>),
    /// So many bytes are used up and what follows is pasted text.
    PasteBegins(usize),
}

impl Decoder {
    /// Takes the next bytes and appends what they complete to `events`.
    pub fn push(&mut self, bytes: &[u8], events: &mut Vec<Event>) {
        self.pending.extend_from_slice(bytes);
        let mut at = 0;
        loop {
            if self.paste.is_some() {
                match self.take_pasted(at, events) {
                    Some(used) => at += used,
                    None => return,
                }
            }
            match step(&self.pending[at..]) {
                Step::Incomplete => break,
                Step::Used(count, event) => {
                    at += count;
                    events.extend(event);
                }
                Step::PasteBegins(count) => {
                    at += count;
                    self.paste = Some(Vec::new());
                }
            }
        }
        self.pending.drain(..at);
    }

    /// How long to wait for more bytes before [`Decoder::give_up`]; `None`: nothing hangs on time.
    #[must_use]
    pub fn patience(&self) -> Option<Duration> {
        if self.paste.is_some() {
            return Some(PASTE_PATIENCE);
        }
        match self.pending.as_slice() {
            [ESCAPE] => Some(ESCAPE_PATIENCE),
            [ESCAPE, ..] => Some(SEQUENCE_PATIENCE),
            _ => None,
        }
    }

    /// Nothing more came: decides what the bytes at hand mean.
    pub fn give_up(&mut self, events: &mut Vec<Event>) {
        if let Some(mut pasted) = self.paste.take() {
            pasted.append(&mut self.pending);
            events.push(Event::Paste(String::from_utf8_lossy(&pasted).into_owned()));
            return;
        }
        match self.pending.as_slice() {
            [ESCAPE] => events.push(key(KeyCode::Esc, KeyModifiers::NONE)),
            [ESCAPE, byte] if byte.is_ascii_graphic() => {
                events.push(character(char::from(*byte), KeyModifiers::ALT));
            }
            _ => {}
        }
        self.pending.clear();
    }

    /// Moves pasted text out of the pending bytes from `at` on. The number of bytes used when the paste
    /// ended, `None` when it goes on (all pending bytes but a possible beginning of its end are taken).
    fn take_pasted(&mut self, at: usize, events: &mut Vec<Event>) -> Option<usize> {
        let pasted = self.paste.as_mut()?;
        let rest = &self.pending[at..];
        if let Some(end) = memchr::memmem::find(rest, PASTE_END) {
            keep(pasted, &rest[..end]);
            let text = String::from_utf8_lossy(pasted).into_owned();
            events.push(Event::Paste(text));
            self.paste = None;
            return Some(end + PASTE_END.len());
        }
        let held = (1..PASTE_END.len())
            .rev()
            .find(|length| rest.ends_with(&PASTE_END[..*length]))
            .unwrap_or(0);
        keep(pasted, &rest[..rest.len() - held]);
        self.pending.drain(..self.pending.len() - held);
        None
    }
}

fn keep(pasted: &mut Vec<u8>, bytes: &[u8]) {
    let room = LONGEST_PASTE.saturating_sub(pasted.len());
    pasted.extend_from_slice(&bytes[..bytes.len().min(room)]);
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

/// A typed character; upper case carries Shift, as the rest of the crossterm world expects.
fn character(character: char, modifiers: KeyModifiers) -> Event {
    let shift = if character.is_uppercase() {
        KeyModifiers::SHIFT
    } else {
        KeyModifiers::NONE
    };
    key(KeyCode::Char(character), modifiers | shift)
}

fn step(bytes: &[u8]) -> Step {
    match bytes {
        [] => Step::Incomplete,
        [ESCAPE, rest @ ..] => escaped(rest),
        [first, ..] if first.is_ascii() => Step::Used(1, Some(single(*first))),
        _ => multibyte(bytes),
    }
}

/// One byte below 0x80 that is not `ESC`.
fn single(byte: u8) -> Event {
    let control = |character: u8| key(KeyCode::Char(char::from(character)), KeyModifiers::CONTROL);
    match byte {
        b'\r' => key(KeyCode::Enter, KeyModifiers::NONE),
        b'\t' => key(KeyCode::Tab, KeyModifiers::NONE),
        0x7f => key(KeyCode::Backspace, KeyModifiers::NONE),
        0 => control(b' '),
        0x01..=0x1a => control(byte - 1 + b'a'),
        0x1c..=0x1f => control(byte - 0x1c + b'4'),
        _ => character(char::from(byte), KeyModifiers::NONE),
    }
}

fn multibyte(bytes: &[u8]) -> Step {
    let length = match bytes[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Step::Used(1, None),
    };
    let good = 1 + bytes[1..]
        .iter()
        .take(length - 1)
        .take_while(|byte| (0x80..0xc0).contains(*byte))
        .count();
    if good == length {
        let decoded = std::str::from_utf8(&bytes[..length]).ok();
        let typed = decoded.and_then(|text| text.chars().next());
        Step::Used(
            length,
            typed.map(|typed| character(typed, KeyModifiers::NONE)),
        )
    } else if bytes.len() > good {
        Step::Used(good, None)
    } else {
        Step::Incomplete
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
    use proptest::prelude::*;

    use super::*;

    fn decode(bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        Decoder::default().push(bytes, &mut events);
        events
    }

    fn pressed(code: KeyCode) -> Event {
        key(code, KeyModifiers::NONE)
    }

    fn held(code: KeyCode, modifiers: KeyModifiers) -> Event {
        key(code, modifiers)
    }

    #[test]
    fn plain_keys() {
        assert_eq!(
            decode(b"jG\r\t\x7f"),
            [
                pressed(KeyCode::Char('j')),
                held(KeyCode::Char('G'), KeyModifiers::SHIFT),
                pressed(KeyCode::Enter),
                pressed(KeyCode::Tab),
                pressed(KeyCode::Backspace),
            ]
        );
        assert_eq!(
            decode(b"\x03\x00\x1c"),
            [
                held(KeyCode::Char('c'), KeyModifiers::CONTROL),
                held(KeyCode::Char(' '), KeyModifiers::CONTROL),
                held(KeyCode::Char('4'), KeyModifiers::CONTROL),
            ]
        );
        assert_eq!(decode("é漢😀".as_bytes()).len(), 3);
    }

    #[test]
    fn sequences_of_several_terminals() {
        for (bytes, code) in [
            (&b"\x1b[A"[..], KeyCode::Up),
            (b"\x1bOB", KeyCode::Down),
            (b"\x1b[H", KeyCode::Home),
            (b"\x1b[4~", KeyCode::End),
            (b"\x1b[5~", KeyCode::PageUp),
            (b"\x1bOP", KeyCode::F(1)),
            (b"\x1b[[B", KeyCode::F(2)),
            (b"\x1b[15~", KeyCode::F(5)),
            (b"\x1b[24~", KeyCode::F(12)),
            (b"\x1bOM", KeyCode::Enter),
            (b"\x1bOq", KeyCode::Char('1')),
        ] {
            assert_eq!(decode(bytes), [pressed(code)], "{bytes:?}");
        }
        assert_eq!(
            decode(b"\x1b[1;5C\x1b[3;2~\x1b[Z\x1b[27;5;105~\x1b[97;3u"),
            [
                held(KeyCode::Right, KeyModifiers::CONTROL),
                held(KeyCode::Delete, KeyModifiers::SHIFT),
                held(KeyCode::BackTab, KeyModifiers::SHIFT),
                held(KeyCode::Char('i'), KeyModifiers::CONTROL),
                held(KeyCode::Char('a'), KeyModifiers::ALT),
            ]
        );
        assert_eq!(decode(b"\x1b[97;1:3u"), [], "a release is not a press");
    }

    #[test]
    fn a_lone_escape_waits_and_is_then_a_key() {
        let mut decoder = Decoder::default();
        let mut events = Vec::new();
        decoder.push(b"\x1b", &mut events);
        assert!(events.is_empty());
        assert_eq!(decoder.patience(), Some(ESCAPE_PATIENCE));
        decoder.give_up(&mut events);
        assert_eq!(events, [pressed(KeyCode::Esc)]);
        assert_eq!(decoder.patience(), None);
        decoder.push(b"\x1b[", &mut events);
        assert_eq!(decoder.patience(), Some(SEQUENCE_PATIENCE));
        decoder.push(b"A", &mut events);
        assert_eq!(events[1..], [pressed(KeyCode::Up)]);
        decoder.push(b"\x1b]", &mut events);
        decoder.give_up(&mut events);
        assert_eq!(events[2..], [held(KeyCode::Char(']'), KeyModifiers::ALT)]);
    }

    #[test]
    fn alt_is_a_prefix() {
        assert_eq!(
            decode(b"\x1bj\x1b\r"),
            [
                held(KeyCode::Char('j'), KeyModifiers::ALT),
                held(KeyCode::Enter, KeyModifiers::ALT),
            ]
        );
        assert_eq!(
            decode(b"\x1b\x1b[A"),
            [pressed(KeyCode::Esc), pressed(KeyCode::Up)]
        );
    }

    #[test]
    fn late_answers_are_not_keys() {
        for answer in [
            &b"\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\"[..],
            b"\x1b]10;rgb:ffff/ffff/ffff\x07",
            b"\x1b[?62;4c",
            b"\x1b[24;80R",
            b"\x1bP>|xterm(390)\x1b\\",
            b"\x1b[?2026;2$y",
            b"\x1b_Gi=31;OK\x1b\\",
            b"\x1b[M ab",
        ] {
            let mut bytes = answer.to_vec();
            bytes.push(b'q');
            assert_eq!(decode(&bytes), [pressed(KeyCode::Char('q'))], "{answer:?}");
        }
    }

    #[test]
    fn a_paste_is_one_event_even_with_escapes_inside() {
        assert_eq!(
            decode(b"\x1b[200~rm -rf\r\x1b[A\x1b[201~q"),
            [
                Event::Paste("rm -rf\r\x1b[A".into()),
                pressed(KeyCode::Char('q'))
            ]
        );
        let mut decoder = Decoder::default();
        let mut events = Vec::new();
        decoder.push(b"\x1b[200~half\x1b[20", &mut events);
        assert_eq!(decoder.patience(), Some(PASTE_PATIENCE));
        decoder.give_up(&mut events);
        assert_eq!(events, [Event::Paste("half\x1b[20".into())]);
    }

    #[test]
    fn an_endless_paste_is_cut() {
        let mut bytes = b"\x1b[200~".to_vec();
        bytes.resize(LONGEST_PASTE + 4096, b'x');
        bytes.extend_from_slice(PASTE_END);
        match decode(&bytes).as_slice() {
            [Event::Paste(text)] => assert_eq!(text.len(), LONGEST_PASTE),
            other => panic!("{} events", other.len()),
        }
    }

    #[test]
    fn mouse_reports() {
        let event = |kind, column, row| {
            Event::Mouse(MouseEvent {
                kind,
                column,
                row,
                modifiers: KeyModifiers::NONE,
            })
        };
        assert_eq!(
            decode(b"\x1b[<0;3;4M\x1b[<0;3;4m\x1b[<64;1;1M\x1b[<32;9;9M"),
            [
                event(MouseEventKind::Down(MouseButton::Left), 2, 3),
                event(MouseEventKind::Up(MouseButton::Left), 2, 3),
                event(MouseEventKind::ScrollUp, 0, 0),
                event(MouseEventKind::Drag(MouseButton::Left), 8, 8),
            ]
        );
        assert_eq!(decode(b"\x1b[<0;0;0M\x1b[<0;99999999999;1M"), []);
    }

    /// Bytes as they come from terminals, and as they never should.
    fn input() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            Just(b"\x1b[A".to_vec()),
            Just(b"\x1b[200~".to_vec()),
            Just(PASTE_END.to_vec()),
            Just(b"\x1b]11;rgb:0/0/0\x1b\\".to_vec()),
            Just(b"\x1b[<0;3;4M".to_vec()),
            Just("漢é".as_bytes().to_vec()),
            Just(b"\x1b".to_vec()),
            proptest::collection::vec(any::<u8>(), 0..6),
            proptest::collection::vec(0x20_u8..0x7f, 0..6),
        ];
        proptest::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(bytes in input(), cuts in proptest::collection::vec(1_usize..7, 1..40)) {
            let whole = decode(&bytes);
            let mut decoder = Decoder::default();
            let mut events = Vec::new();
            let mut rest = bytes.as_slice();
            let mut cuts = cuts.iter().cycle();
            while !rest.is_empty() {
                let (piece, later) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
                decoder.push(piece, &mut events);
                rest = later;
            }
            prop_assert_eq!(&events, &whole);
            decoder.give_up(&mut events);
            prop_assert_eq!(decoder.patience(), None);
        }
    }
}
