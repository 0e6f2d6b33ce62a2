//! No scan is open: what can be done, and what that needs.

use ratatui::buffer::Buffer;

use crate::app::{Area, ScanEntry, ScansState, State, age, moment, wrap};
use crate::look::{Glyph, Look, Role};

use super::widget::{Line, cut_end};

/// The choices: key, title, and what each one does.
const CHOICES: [(&str, &str, &str); 2] = [
    (
        "d",
        "Explore a demo",
        "Scans a simulated fleet on this machine, over real HTTP. No credentials, and nothing leaves this machine.",
    ),
    (
        "s",
        "Scan Azure",
        "Reads every MySQL flexible server that you can see. Reads only: nothing is changed. The role Reader is \
         enough; what it may not read is shown as unknown, with the missing permission.",
    ),
];

const CREDENTIALS: &str = "Credentials: those of the environment when it has some (workload or managed identity, \
     client secret), else those of the Azure CLI: az login --use-device-code. flexposture doctor says what was found.";

pub fn draw(buffer: &mut Buffer, body: Area, state: &State, look: &Look) {
    let idle = !state.is_scanning() && !state.is_opening();
    let problem = state.problems.last().filter(|_| idle && body.height >= 14);
    let said = problem.map_or_else(Vec::new, |problem| {
        let width = usize::from(body.width.min(72));
        wrap(&format!("{}: {}", problem.title, problem.detail), width)
    });
    let roomy = body.height >= 18;
    let area = if roomy {
        let more = u16::try_from(said.len()).unwrap_or(u16::MAX);
        let scans = u16::try_from(state.welcome_scans().count()).unwrap_or(0);
        body.centred(72, more.saturating_add(18).saturating_add(scans))
    } else {
        body
    };
    let kept = state.welcome_scans().count();
    let mut row = 0;
    let mut put = |line: Line<'_>| {
        line.draw(buffer, area, row);
        row = row.saturating_add(1);
    };
    if roomy {
        let mut line = Line::new(look);
        line.put(
            Role::Title,
            "The posture of MySQL flexible servers in Azure",
        );
        put(line);
        put(Line::new(look));
    }
    if state.is_scanning() || state.is_opening() {
        let mut line = Line::new(look);
        let words = if state.is_scanning() {
            "The scan is starting ..."
        } else {
            "The scan is being opened ..."
        };
        line.put(Role::Info, words);
        put(line);
    } else if !said.is_empty() {
        for words in said {
            let mut line = Line::new(look);
            line.put(Role::Warning, words);
            put(line);
        }
    } else if body.height >= 8 {
        let mut line = Line::new(look);
        match &state.scans.state {
            ScansState::None | ScansState::Loading => {
                line.put(Role::Dim, "Looking for scans that are kept here ...");
            }
            ScansState::Failed(why) => {
                let words = format!("The kept scans cannot be listed: {why}");
                line.put(
                    Role::Warning,
                    cut_end(&words, usize::from(area.width), look).into_owned(),
                );
            }
            ScansState::Loaded if kept == 0 => {
                line.put(Role::Text, "There is no scan here yet.");
            }
            ScansState::Loaded => {
                line.put(Role::Text, "The newest scans that are kept here; ");
                line.put(Role::Key, "g s")
                    .put(Role::Text, " lists all of them:");
            }
        }
        put(line);
    }
    for (place, entry) in state.welcome_scans().enumerate() {
        put(scan(entry, place == state.welcome, area, state, look));
    }
    for (place, (key, title, words)) in CHOICES.into_iter().enumerate() {
        if body.height >= 8 {
            put(Line::new(look));
        }
        let selected = place + kept == state.welcome;
        let mut line = Line::new(look);
        if selected {
            line.glyph(Role::SelectedMarker, Glyph::Marker);
        } else {
            line.put(Role::Text, " ");
        }
        line.put(Role::Key, format!(" {key} "));
        let role = if selected { Role::Selected } else { Role::Text };
        line.put(role, format!(" {title} "));
        put(line);
        if body.height >= 14 || (body.height >= 9 && selected) {
            for words in wrap(words, usize::from(area.width).saturating_sub(5)) {
                let mut line = Line::new(look);
                line.put(Role::Dim, format!("     {words}"));
                put(line);
            }
        }
    }
    if body.height >= 14 {
        put(Line::new(look));
        for words in wrap(CREDENTIALS, usize::from(area.width)) {
            let mut line = Line::new(look);
            line.put(Role::Dim, words);
            put(line);
        }
    }
}

/// A kept scan in a line.
fn scan<'a>(
    entry: &ScanEntry,
    selected: bool,
    area: Area,
    state: &State,
    look: &'a Look,
) -> Line<'a> {
    let mut line = Line::new(look);
    if selected {
        line.glyph(Role::SelectedMarker, Glyph::Marker);
    } else {
        line.put(Role::Text, " ");
    }
    let Some(scan) = entry.readable() else {
        return line;
    };
    let at = if area.width >= 60 {
        moment(scan.started_at, &state.zone)
    } else {
        state
            .zone
            .to_datetime(scan.started_at)
            .strftime("%d %b %H:%M")
            .to_string()
    };
    let role = if selected { Role::Selected } else { Role::Text };
    line.put(role, format!(" {at} "));
    let mut words = format!(" {} servers", scan.servers);
    if let Some(now) = state.now {
        words += &format!(", {} old", age(now, scan.started_at));
    }
    words += &format!(", {}, {}", scan.ended.words(), scan.scope);
    let room = usize::from(area.width).saturating_sub(line.width());
    line.put(Role::Dim, cut_end(&words, room, look).into_owned());
    line
}
