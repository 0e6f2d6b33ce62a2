//! What the terminal reports, as the explorer's messages.

use crossterm::event::{
    Event, KeyCode as Code, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent,
    MouseEventKind,
};

use crate::app::{Key, KeyCode, Message, Pointer, PointerAct};

/// The message for an event; `None` for what the explorer has no use for.
pub fn message(event: Event) -> Option<Message> {
    match event {
        Event::Key(event) if event.kind != KeyEventKind::Release => key(event).map(Message::Key),
        Event::Paste(text) => Some(Message::Paste(text)),
        Event::Mouse(event) => pointer(event).map(Message::Pointer),
        Event::Resize(columns, rows) => Some(Message::Resize { columns, rows }),
        _ => None,
    }
}

fn pointer(event: MouseEvent) -> Option<Pointer> {
    let act = match event.kind {
        MouseEventKind::Down(MouseButton::Left) => PointerAct::Press,
        MouseEventKind::ScrollDown => PointerAct::WheelDown,
        MouseEventKind::ScrollUp => PointerAct::WheelUp,
        _ => return None,
    };
    Some(Pointer {
        x: event.column,
        y: event.row,
        act,
    })
}

fn key(event: KeyEvent) -> Option<Key> {
    let code = match event.code {
        Code::Char(character) => KeyCode::Character(character),
        Code::Enter => KeyCode::Enter,
        Code::Esc => KeyCode::Escape,
        Code::Backspace => KeyCode::Backspace,
        Code::Delete => KeyCode::Delete,
        Code::Insert => KeyCode::Insert,
        Code::Tab => KeyCode::Tab,
        Code::BackTab => KeyCode::BackTab,
        Code::Up => KeyCode::Up,
        Code::Down => KeyCode::Down,
        Code::Left => KeyCode::Left,
        Code::Right => KeyCode::Right,
        Code::Home => KeyCode::Home,
        Code::End => KeyCode::End,
        Code::PageUp => KeyCode::PageUp,
        Code::PageDown => KeyCode::PageDown,
        Code::F(number) => KeyCode::Function(number),
        _ => return None,
    };
    let held = |modifier| event.modifiers.contains(modifier);
    // A letter says by its case whether shift was held, and BackTab is shift and Tab by name.
    let says_shift = matches!(code, KeyCode::Character(_) | KeyCode::BackTab);
    Some(Key {
        code,
        control: held(KeyModifiers::CONTROL),
        alt: held(KeyModifiers::ALT),
        shift: held(KeyModifiers::SHIFT) && !says_shift,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_carries_shift_in_its_case_and_nothing_else() {
        let event = KeyEvent::new(Code::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(
            key(event),
            Some(Key {
                code: KeyCode::Character('G'),
                control: false,
                alt: false,
                shift: false
            })
        );
        let event = KeyEvent::new(Code::Char('d'), KeyModifiers::CONTROL);
        assert!(key(event).is_some_and(|key| key.control && !key.shift));
    }

    #[test]
    fn a_key_let_go_is_no_key() {
        let mut event = KeyEvent::new(Code::Enter, KeyModifiers::NONE);
        event.kind = KeyEventKind::Release;
        assert!(message(Event::Key(event)).is_none());
        assert!(message(Event::FocusGained).is_none());
    }
}
