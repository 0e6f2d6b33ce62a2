//! Values in a row of heights.

use crate::look::{Glyph, Look, Role};

use super::Line;

/// A column for each value, between the least and the most of them; a value that is not whole has a sign of its own, and
/// one that is not known is a gap.
pub fn sparkline(line: &mut Line<'_>, values: &[(Option<u64>, bool)], look: &Look) {
    let known = || values.iter().filter_map(|(value, _)| *value);
    let (least, most) = (known().min().unwrap_or(0), known().max().unwrap_or(0));
    let levels = look.levels();
    let last = levels.len() as u64 - 1;
    for (value, is_whole) in values {
        match value {
            Some(_) if !is_whole => {
                line.glyph(Role::Warning, Glyph::ChartPartial);
            }
            Some(value) => {
                // All alike is a line in the middle.
                let level = match most - least {
                    0 => last / 2,
                    span => (value - least) * last / span,
                };
                let level = usize::try_from(level).unwrap_or(0);
                line.put(Role::Info, levels[level.min(levels.len() - 1)]);
            }
            None => {
                line.put(Role::Text, " ");
            }
        }
    }
}
