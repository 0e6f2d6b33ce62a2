//! What several screens draw.

mod frame;
mod line;
mod page;
mod sparkline;
mod text;
mod verdict;

pub use frame::{clear, frame};
pub use line::Line;
pub use page::page;
pub use sparkline::sparkline;
pub use text::{cut_end, cut_start, in_reach};
pub use verdict::{severity_role, verdict_glyph, verdict_role, verdict_word};
