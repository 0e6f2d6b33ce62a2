//! Servers by features, as a map.

use ratatui::buffer::Buffer;

use crate::app::{Area, State};
use crate::look::Look;

pub const fn draw(_buffer: &mut Buffer, _body: Area, _state: &State, _look: &Look) {}
