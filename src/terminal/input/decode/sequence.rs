//! What stands after an `ESC`: named keys, mouse and focus reports, and answers that nobody asked for.

use crossterm::event::{Event, KeyCode, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::{ESCAPE, Step, character, key, step};

/// Longest control sequence that is looked at, in bytes.
const LONGEST_SEQUENCE: usize = 256;
/// Longest answer (OSC, DCS, APC) that is swallowed as one, in bytes.
const LONGEST_ANSWER: usize = 4096;

/// What follows an `ESC`; counts include it.
pub(super) fn escaped(rest: &[u8]) -> Step {
    match rest {
        [] => Step::Incomplete,
        [ESCAPE, ..] => Step::Used(1, Some(key(KeyCode::Esc, KeyModifiers::NONE))),
        [b'[', sequence @ ..] => control_sequence(sequence),
        [b'O', sequence @ ..] => function_key(sequence),
        [b']' | b'P' | b'_' | b'^'] => Step::Incomplete,
        [b']', b'0'..=b'9', ..]
        | [b'P', b'0'..=b'9' | b'>' | b'!' | b'$' | b'+' | b'|', ..]
        | [b'_' | b'^', b'A'..=b'Z', ..] => answer(rest),
        _ => match step(rest) {
            Step::Used(count, Some(Event::Key(mut pressed))) => {
                pressed.modifiers |= KeyModifiers::ALT;
                Step::Used(count + 1, Some(Event::Key(pressed)))
            }
            Step::Used(count, event) => Step::Used(count + 1, event),
            other => other,
        },
    }
}

/// An OSC, DCS, APC or PM string, up to `BEL` or `ST`; nobody here asked for one.
fn answer(rest: &[u8]) -> Step {
    let window = &rest[..rest.len().min(LONGEST_ANSWER)];
    for (index, byte) in window.iter().enumerate().skip(1) {
        match byte {
            0x07 => return Step::Used(index + 2, None),
            &ESCAPE => match rest.get(index + 1) {
                Some(b'\\') => return Step::Used(index + 3, None),
                Some(_) => return Step::Used(index + 1, None),
                None => return Step::Incomplete,
            },
            _ => {}
        }
    }
    if window.len() == LONGEST_ANSWER {
        Step::Used(LONGEST_ANSWER + 1, None)
    } else {
        Step::Incomplete
    }
}

/// `ESC O x`: cursor and function keys in application mode, keypad.
fn function_key(sequence: &[u8]) -> Step {
    let Some(last) = sequence.first() else {
        return Step::Incomplete;
    };
    let code = match last {
        b'P'..=b'S' => KeyCode::F(last - b'P' + 1),
        b'M' => KeyCode::Enter,
        b'j'..=b'y' => KeyCode::Char(char::from(last - b'j' + b'*')),
        _ => match letter(*last) {
            Some(code) => code,
            None if last.is_ascii_graphic() => return Step::Used(3, None),
            None => return Step::Used(2, Some(character('O', KeyModifiers::ALT))),
        },
    };
    Step::Used(3, Some(key(code, KeyModifiers::NONE)))
}

fn letter(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'H' => KeyCode::Home,
        b'F' => KeyCode::End,
        _ => return None,
    })
}

/// `ESC [ …`; counts include the two introducing bytes.
fn control_sequence(sequence: &[u8]) -> Step {
    if let [b'[', rest @ ..] = sequence {
        return linux_function_key(rest);
    }
    let end = sequence
        .iter()
        .take(LONGEST_SEQUENCE)
        .position(|byte| !(0x20..0x40).contains(byte));
    let Some(end) = end else {
        return if sequence.len() >= LONGEST_SEQUENCE {
            Step::Used(LONGEST_SEQUENCE + 2, None)
        } else {
            Step::Incomplete
        };
    };
    let last = sequence[end];
    if !(0x40..0x7f).contains(&last) {
        return Step::Used(end + 2, None);
    }
    let used = end + 3;
    let body = &sequence[..end];
    if last == b'M' && body.is_empty() {
        // The oldest mouse report: three bytes follow. It is not switched on here, only kept from being
        // keys.
        return if sequence.len() < 4 {
            Step::Incomplete
        } else {
            Step::Used(used + 3, None)
        };
    }
    if let [b'<', report @ ..] = body {
        return Step::Used(used, mouse(&numbers(report), last));
    }
    if body
        .iter()
        .any(|byte| !matches!(byte, b'0'..=b'9' | b';' | b':'))
    {
        return Step::Used(used, None);
    }
    let numbers = numbers(body);
    if last == b'~' && numbers.first() == Some(&[200, 0]) {
        return Step::PasteBegins(used);
    }
    Step::Used(used, named_key(&numbers, last))
}

/// F1 to F5 of the Linux console: `ESC [ [ A` to `ESC [ [ E`.
fn linux_function_key(rest: &[u8]) -> Step {
    match rest {
        [] => Step::Incomplete,
        [last @ b'A'..=b'E', ..] => Step::Used(
            4,
            Some(key(KeyCode::F(last - b'A' + 1), KeyModifiers::NONE)),
        ),
        _ => Step::Used(3, None),
    }
}

/// `1;5:3` as `[[1, 0], [5, 3]]`: each parameter with its first sub-parameter.
fn numbers(body: &[u8]) -> Vec<[u32; 2]> {
    let number = |digits: &[u8]| {
        digits.iter().fold(0_u32, |value, digit| {
            value
                .saturating_mul(10)
                .saturating_add(u32::from(digit.wrapping_sub(b'0').min(9)))
        })
    };
    body.split(|byte| *byte == b';')
        .map(|parameter| {
            let mut parts = parameter.split(|byte| *byte == b':').map(number);
            [
                parts.next().unwrap_or_default(),
                parts.next().unwrap_or_default(),
            ]
        })
        .collect()
}

fn modifiers(parameter: u32) -> KeyModifiers {
    let bits = parameter.saturating_sub(1);
    let mut held = KeyModifiers::NONE;
    for (bit, modifier) in [
        (1, KeyModifiers::SHIFT),
        (2, KeyModifiers::ALT),
        (4, KeyModifiers::CONTROL),
        (8, KeyModifiers::SUPER),
        (32, KeyModifiers::META),
    ] {
        if bits & bit != 0 {
            held |= modifier;
        }
    }
    held
}

fn named_key(numbers: &[[u32; 2]], last: u8) -> Option<Event> {
    const RELEASED: u32 = 3;
    let first = numbers.first().map_or(0, |parameter| parameter[0]);
    let [modifier, kind] = numbers.get(1).copied().unwrap_or_default();
    let held = modifiers(modifier);
    match last {
        b'I' => return Some(Event::FocusGained),
        b'O' => return Some(Event::FocusLost),
        _ if kind == RELEASED => return None,
        b'Z' => return Some(key(KeyCode::BackTab, held | KeyModifiers::SHIFT)),
        b'u' => return by_number(first, held),
        b'~' if first == 27 => return by_number(numbers.get(2)?[0], held),
        // `ESC [ row ; column R` is a cursor report; as F3 its first number is 1.
        b'P'..=b'S' if first <= 1 => return Some(key(KeyCode::F(last - b'P' + 1), held)),
        _ => {}
    }
    let code = match last {
        b'~' => tilde(first)?,
        _ => letter(last)?,
    };
    Some(key(code, held))
}

fn tilde(number: u32) -> Option<KeyCode> {
    let function = |base: u32, first: u32| {
        let number = u8::try_from(number - base + first).ok()?;
        Some(KeyCode::F(number))
    };
    match number {
        1 | 7 => Some(KeyCode::Home),
        2 => Some(KeyCode::Insert),
        3 => Some(KeyCode::Delete),
        4 | 8 => Some(KeyCode::End),
        5 => Some(KeyCode::PageUp),
        6 => Some(KeyCode::PageDown),
        11..=15 => function(11, 1),
        17..=21 => function(17, 6),
        23..=26 => function(23, 11),
        28 | 29 => function(28, 15),
        31..=34 => function(31, 17),
        _ => None,
    }
}

/// A key given by its code point, as `modifyOtherKeys` and the kitty protocol send it.
fn by_number(number: u32, held: KeyModifiers) -> Option<Event> {
    let code = match char::from_u32(number)? {
        '\x1b' => KeyCode::Esc,
        '\r' => KeyCode::Enter,
        '\t' if held.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
        '\t' => KeyCode::Tab,
        '\x7f' | '\x08' => KeyCode::Backspace,
        other if other.is_control() || ('\u{e000}'..='\u{f8ff}').contains(&other) => return None,
        other if held.contains(KeyModifiers::SHIFT) && other.is_ascii_lowercase() => {
            KeyCode::Char(other.to_ascii_uppercase())
        }
        other => KeyCode::Char(other),
    };
    Some(key(code, held))
}

/// A mouse report in the SGR form (mode 1006).
fn mouse(numbers: &[[u32; 2]], last: u8) -> Option<Event> {
    let [[button, _], [column, _], [row, _]] = *numbers else {
        return None;
    };
    let pressed = match last {
        b'M' => true,
        b'm' => false,
        _ => return None,
    };
    let which = match button & 3 {
        0 => Some(MouseButton::Left),
        1 => Some(MouseButton::Middle),
        2 => Some(MouseButton::Right),
        _ => None,
    };
    let kind = match (button & 64 != 0, button & 32 != 0, which) {
        (true, _, _) => match button & 3 {
            0 => MouseEventKind::ScrollUp,
            1 => MouseEventKind::ScrollDown,
            2 => MouseEventKind::ScrollLeft,
            _ => MouseEventKind::ScrollRight,
        },
        (false, true, Some(which)) => MouseEventKind::Drag(which),
        (false, true, None) => MouseEventKind::Moved,
        (false, false, Some(which)) if pressed => MouseEventKind::Down(which),
        (false, false, Some(which)) => MouseEventKind::Up(which),
        (false, false, None) => return None,
    };
    let mut held = KeyModifiers::NONE;
    held.set(KeyModifiers::SHIFT, button & 4 != 0);
    held.set(KeyModifiers::ALT, button & 8 != 0);
    held.set(KeyModifiers::CONTROL, button & 16 != 0);
    Some(Event::Mouse(MouseEvent {
        kind,
        column: u16::try_from(column.checked_sub(1)?).ok()?,
        row: u16::try_from(row.checked_sub(1)?).ok()?,
        modifiers: held,
    }))
}
