//! Drawing: a frame is a function of the state. Nothing here changes anything, matches a key, or names a colour.
//!
//! ```text
//! header   flexposture, scope, counts              scan, age, completeness            posture
//! title    the way here, or the list's order and filter
//! strip    how far a running scan is
//! body     welcome | fleet (+ preview) | servers, controls, feature | control list | matrix | difference | trend | scans
//! status   hints, or a prompt, a question, a notice; a chord shows what can follow above it
//! ```
//!
//! Help, errors and progress lie over the body. One screen a file, one panel a file; `widget` holds what several of
//! them draw. Only the rows on the screen are ever made.

mod columns;
mod control_list;
mod control_servers;
mod controls;
mod difference;
mod feature;
mod find;
mod fleet;
mod form;
mod header;
mod in_view;
mod links;
mod live;
mod matrix;
mod overlay;
mod palette;
pub mod plain;
mod preview;
mod prompt;
mod saved;
mod scans;
mod server;
mod servers;
mod status;
mod strip;
mod title;
mod trend;
mod welcome;
mod which_key;
mod widget;

pub use links::{Hyperlink, links};
use ratatui::Frame;

use crate::app::{Mode, Screen, State};
use crate::look::Look;

/// Draws the state.
pub fn draw(frame: &mut Frame<'_>, state: &State, look: &Look) {
    let buffer = frame.buffer_mut();
    let chrome = state.chrome();
    if let Some(area) = chrome.header {
        header::draw(buffer, area, state, look);
    }
    if let Some(area) = chrome.title {
        title::draw(buffer, area, state, look);
    }
    if let Some(area) = chrome.strip {
        strip::draw(buffer, area, state, look);
    }
    match state.screen() {
        Screen::Welcome => welcome::draw(buffer, chrome.body, state, look),
        Screen::Fleet => fleet::draw(buffer, state, look),
        Screen::Server => server::draw(buffer, state, look),
        Screen::Controls => control_list::draw(buffer, chrome.body, state, look),
        Screen::ControlServers => control_servers::draw(buffer, chrome.body, state, look),
        Screen::Matrix => matrix::draw(buffer, chrome.body, state, look),
        Screen::Difference => difference::draw(buffer, state, look),
        Screen::Trend => trend::draw(buffer, state, look),
        Screen::Scans => scans::draw(buffer, state, look),
    }
    let mut cursor = None;
    for mode in state.overlays() {
        match mode {
            Mode::Form(form) => cursor = form::draw(buffer, state, form, look),
            Mode::Palette(shown) => palette::draw(buffer, state, shown, look),
            mode => overlay::draw(buffer, state, mode, look),
        }
    }
    let writing = matches!(state.mode(), Mode::Form(_));
    cursor = cursor.filter(|_| writing);
    which_key::draw(buffer, chrome.body, state, look);
    if let Some(area) = chrome.status {
        cursor = status::draw(buffer, area, state, look).or(cursor);
    }
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
}
