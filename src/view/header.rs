//! The line about the scan.

use ratatui::buffer::Buffer;

use crate::app::{Area, Completeness, ScanInfo, State, age, counted, moment};
use crate::documents::text::neutral;
use crate::look::{Look, Role};

use super::widget::{Line, sparkline};

/// The most scans whose scores stand behind that of now.
const SCORES: usize = 8;

/// How much stands on the left and on the right, from most to least: how whole and how old a scan is matters more than
/// how large it is, and the score more than the words for the scope.
const FORMS: [(u8, u8); 8] = [
    (3, 5),
    (3, 4),
    (3, 3),
    (2, 3),
    (1, 3),
    (1, 2),
    (0, 2),
    (0, 1),
];

pub fn draw(buffer: &mut Buffer, area: Area, state: &State, look: &Look) {
    let Some(scan) = &state.scan else {
        let mut line = Line::new(look);
        line.put(Role::Title, " flexposture ");
        return line.draw(buffer, area, 0);
    };
    for form in FORMS {
        let left = left(state, scan, form.0, look);
        let right = right(state, scan, form.1, look);
        if left.width() + right.width() + 2 <= usize::from(area.width) {
            left.draw(buffer, area, 0);
            return right.draw_right(buffer, area, 0);
        }
    }
    right(state, scan, 1, look).draw_right(buffer, area, 0);
}

/// What was scanned: the number of servers, then the name of the program, then the scope, then the subscriptions.
fn left<'a>(state: &State, scan: &ScanInfo, parts: u8, look: &'a Look) -> Line<'a> {
    let fleet = state.roster.fleet();
    let mut line = Line::new(look);
    line.put(Role::TopLine, " ");
    if parts >= 1 {
        line.put(Role::Title, "flexposture ");
        line.put(Role::TopLine, " ");
    }
    if parts >= 2 {
        line.put(Role::TopLine, neutral(&scan.scope).into_owned());
        line.separator();
    }
    if parts >= 3 {
        let count = fleet.subscriptions.len();
        line.put(Role::TopLine, counted(count, "subscription"));
        line.separator();
    }
    line.put(Role::TopLine, counted(fleet.servers.len(), "server"));
    line
}

/// How whole the scan is, then how old, then the score, then when it was made.
fn right<'a>(state: &State, scan: &ScanInfo, parts: u8, look: &'a Look) -> Line<'a> {
    let mut line = Line::new(look);
    let taken = scan.finished_at.unwrap_or(scan.started_at);
    if parts >= 4 {
        line.put(
            Role::TopLine,
            format!("scan {}", moment(taken, &state.zone)),
        );
        line.separator();
    }
    if parts >= 2
        && scan.completeness != Completeness::Running
        && let Some(now) = state.now
    {
        line.put(Role::TopLine, format!("{} old", age(now, taken)));
        line.separator();
    }
    let role = match scan.completeness {
        Completeness::Complete => Role::TopLine,
        Completeness::Partial | Completeness::Running => Role::Warning,
    };
    line.put(role, scan.completeness.word());
    if parts >= 3 {
        line.put(Role::TopLine, "   posture ");
        let score = state.roster.score().percent();
        let score = score.map_or_else(|| "none".to_owned(), |score| score.to_string());
        line.put(Role::Title, score);
    }
    if parts >= 5 {
        let scores = state.scores_so_far();
        let skipped = scores.len().saturating_sub(SCORES);
        let scores: Vec<(Option<u64>, bool)> = scores[skipped..]
            .iter()
            .map(|(score, whole)| (Some(u64::from(*score)), *whole))
            .collect();
        // One alone is no course.
        if scores.len() > 1 {
            line.put(Role::TopLine, " ");
            sparkline(&mut line, &scores, look);
        }
    }
    line.put(Role::TopLine, " ");
    line
}
