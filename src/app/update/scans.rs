//! The scans that are kept on this machine: listing, choosing, opening, copying, deleting.

mod neighbours;

use crate::app::scans::{Asked, ScansPromptKind, ScansState};
use crate::app::{
    Checked, Command, Effect, Ended, Mode, NoticeLevel, Prompt, Question, ScanChoice, ScanEntry,
    ScansCommand, ScansNews, ScansPrompt, ScansWork, Screen, State, bytes, moment,
};
use crate::documents::text::neutral;

use super::motion::step;
use super::{jobs, overlay, problem, say, screens, trend};

pub(super) use neighbours::{opened, step_scan};

/// The screen comes up.
pub(super) fn enter(state: &mut State, effects: &mut Vec<Effect>) {
    list(state, effects);
}

/// Asks for the list; what there is stays until it comes.
pub(super) fn list(state: &mut State, effects: &mut Vec<Effect>) {
    let scans = &mut state.scans;
    scans.generation += 1;
    if scans.state != ScansState::Loaded {
        scans.state = ScansState::Loading;
    }
    effects.push(Effect::Scans(ScansWork::List {
        generation: scans.generation,
    }));
}

/// Into what is selected.
pub(super) fn open(state: &mut State, effects: &mut Vec<Effect>) {
    match state.scans.selected().cloned() {
        Some(entry) => open_entry(state, &entry, effects),
        None => say(state, NoticeLevel::Hint, "there is no scan in the list"),
    }
}

/// Opens a file and leaves the screen for its servers; the open one is only gone back to.
pub(super) fn open_entry(state: &mut State, entry: &ScanEntry, effects: &mut Vec<Effect>) {
    if is_open(state, &entry.file) {
        return screens::go_to(state, Screen::Fleet, effects);
    }
    let why = match &entry.scan {
        Err(why) => Some(format!("it cannot be opened: {why}")),
        Ok(_) if state.is_scanning() => {
            Some("a scan is running: stop it first, or wait for its end".to_owned())
        }
        Ok(scan) if scan.ended == Ended::Running => {
            Some("another process writes it: it can be opened when it has ended".to_owned())
        }
        Ok(_) => None,
    };
    if let Some(why) = why {
        return say(state, NoticeLevel::Hint, &why);
    }
    let job = state.jobs.next();
    state.jobs.opening = Some(job);
    state.scans.opening = Some(job);
    say(state, NoticeLevel::Hint, "the scan is being opened ...");
    effects.push(Effect::OpenScan {
        job,
        choice: ScanChoice::Named(entry.file.clone()),
    });
}

fn is_open(state: &State, file: &str) -> bool {
    state.scan.as_ref().is_some_and(|scan| scan.file == file)
}

/// One step back within the screen; whether there was one.
pub(super) fn back(state: &mut State, _effects: &mut Vec<Effect>) -> bool {
    let scans = &mut state.scans;
    let stepped = !scans.filter.is_empty() || scans.chosen.is_some();
    if scans.chosen.take().is_none() {
        scans.filter.clear();
    }
    scans.refresh_rows();
    stepped
}

/// Moves the cursor.
pub(super) fn go(state: &mut State, command: Command) {
    let height = usize::from(state.scans_layout().rows.height);
    let scans = &mut state.scans;
    step(&mut scans.position, command, scans.rows.len(), height);
}

/// Positions that fit the size.
pub(super) fn settle(state: &mut State) {
    let height = usize::from(state.scans_layout().rows.height);
    let scans = &mut state.scans;
    scans.position.fit(scans.rows.len(), height);
}

pub(super) fn run(state: &mut State, command: ScansCommand, effects: &mut Vec<Effect>) {
    match command {
        ScansCommand::OpenNewest => {
            let newest = state
                .scans
                .entries
                .iter()
                .find(|it| it.scan.is_ok())
                .cloned();
            match newest {
                Some(entry) => open_entry(state, &entry, effects),
                None => say(
                    state,
                    NoticeLevel::Hint,
                    "there is no scan that can be opened",
                ),
            }
        }
        ScansCommand::Previous => step_scan(state, -1, effects),
        ScansCommand::Next => step_scan(state, 1, effects),
        ScansCommand::Choose => choose(state),
        ScansCommand::Compare if state.screen() == Screen::Trend => trend::compare(state, effects),
        ScansCommand::Compare => compare_selected(state, effects),
        ScansCommand::CopyFile => ask_where(state),
        ScansCommand::Delete => ask_delete(state),
        ScansCommand::Resume => resume(state, effects),
        ScansCommand::Verify => verify(state, effects),
        ScansCommand::CopyPath => {
            effects.extend(
                state
                    .scans
                    .selected()
                    .map(|it| Effect::Copy(it.file.clone())),
            );
        }
        ScansCommand::CopyId => {
            let id = state.scans.selected().and_then(|it| it.readable());
            effects.extend(id.map(|scan| Effect::Copy(scan.id.clone())));
        }
        ScansCommand::Filter => {
            let before = state.scans.filter.clone();
            state.modes.push(Mode::Scans(ScansPrompt {
                prompt: Prompt::new(&before),
                kind: ScansPromptKind::Filter { before },
            }));
        }
        ScansCommand::Sort(sort) => {
            state.scans.sort = sort;
            state.scans.inverted = false;
            state.scans.refresh_rows();
        }
        ScansCommand::Invert => {
            state.scans.inverted = !state.scans.inverted;
            state.scans.refresh_rows();
        }
        ScansCommand::Earlier => trend::step_point(state, -1),
        ScansCommand::Later => trend::step_point(state, 1),
        ScansCommand::AllFamilies => state.trend.position.cursor = 0,
    }
}

fn choose(state: &mut State) {
    let Some(entry) = state.scans.selected() else {
        return;
    };
    if entry.scan.is_err() {
        return say(state, NoticeLevel::Hint, "this file cannot be read");
    }
    let file = entry.file.clone();
    let scans = &mut state.scans;
    if scans.chosen.as_ref() == Some(&file) {
        scans.chosen = None;
    } else {
        scans.chosen = Some(file);
        say(
            state,
            NoticeLevel::Hint,
            "chosen: d on another scan compares the two",
        );
    }
}

/// The chosen scan with the selected one; without a chosen one, the one before the selected one of its scope with it.
fn compare_selected(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(entry) = state.scans.selected() else {
        return;
    };
    let Some(scan) = entry.readable() else {
        return say(state, NoticeLevel::Hint, "this file cannot be read");
    };
    let (file, at) = (entry.file.clone(), scan.started_at);
    let chosen = state.scans.chosen.clone().filter(|chosen| *chosen != file);
    let other = chosen.or_else(|| {
        let scope = crate::app::ScanScope {
            scope: scan.scope.clone(),
            endpoint: Some(scan.endpoint.clone()),
        };
        let series = state.scans.series(&scope);
        let before = series.0.iter().rev().find(|(_, it)| it.started_at < at);
        before.map(|(entry, _)| entry.file.clone())
    });
    let Some(other) = other else {
        let words = "there is no earlier scan of this scope: choose another one with Space";
        return say(state, NoticeLevel::Hint, words);
    };
    let older = state.scans.entry(&other).and_then(ScanEntry::readable);
    // The older one comes first, however they were chosen.
    if older.is_some_and(|older| older.started_at > at) {
        compare(state, &file, &other, effects);
    } else {
        compare(state, &other, &file, effects);
    }
}

/// Goes to the difference of two files.
pub(super) fn compare(state: &mut State, from: &str, to: &str, effects: &mut Vec<Effect>) {
    let named = |file: &str| ScanChoice::Named(file.to_owned());
    super::difference::show_scans(state, Some(named(from)), named(to), effects);
}

/// Goes on with the selected scan, and shows how far that is; or says why there is nothing to go on with.
fn resume(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(entry) = state.scans.selected() else {
        return;
    };
    let why = match &entry.scan {
        Err(_) => Some("this file cannot be read"),
        Ok(_) if state.is_scanning() || state.live.refreshing.is_some() => {
            Some("a scan is running: stop it first, or wait for its end")
        }
        Ok(scan) => match scan.ended {
            Ended::Running => Some("another process writes this scan: wait for its end"),
            Ended::Complete => Some(
                "this scan is complete: there is nothing to go on with; open it and press R to read anew",
            ),
            Ended::Stopped | Ended::BrokenOff if scan.parent.is_some() => {
                Some("this is a refresh of another scan, which is not gone on with: refresh again")
            }
            Ended::Stopped | Ended::BrokenOff => None,
        },
    };
    if let Some(why) = why {
        return say(state, NoticeLevel::Hint, why);
    }
    let scan = entry.file.clone();
    jobs::start(state, |job| Effect::ResumeScan { job, scan }, effects);
    // The list of servers lies under everything, and takes the scan once it is open.
    state.modes.truncate(1);
    screens::forget_what_is_gone(state);
    state.modes.push(Mode::Progress(0));
}

fn ask_where(state: &mut State) {
    let Some(entry) = state.scans.selected() else {
        return;
    };
    let prompt = Prompt::new(&format!("./{}.flexscan", entry.name()));
    let file = entry.file.clone();
    state.modes.push(Mode::Scans(ScansPrompt {
        prompt,
        kind: ScansPromptKind::CopyTo { file },
    }));
}

fn ask_delete(state: &mut State) {
    let Some(entry) = state.scans.selected() else {
        return;
    };
    let file = entry.file.clone();
    let size = bytes(entry.bytes);
    let (what, id, why) = match &entry.scan {
        Ok(scan) => {
            let child = state
                .scans
                .entries
                .iter()
                .filter_map(ScanEntry::readable)
                .find(|it| it.parent.as_ref() == Some(&scan.id));
            let why = match child {
                Some(child) => Some(format!("the scan {} is laid over it", child.id)),
                None if scan.ended == Ended::Running => Some("it is being written".to_owned()),
                None if is_open(state, &file) => Some("it is open".to_owned()),
                None => None,
            };
            let at = moment(scan.started_at, &state.zone);
            let servers = scan.servers;
            let what = format!("scan {} of {at}, {servers} servers, {size}", scan.id);
            (what, scan.id.clone(), why)
        }
        Err(_) => {
            let what = format!("{}, which cannot be read, {size}", entry.name());
            (what, entry.name(), None)
        }
    };
    if let Some(why) = why {
        return say(
            state,
            NoticeLevel::Hint,
            &format!("it is not deleted: {why}"),
        );
    }
    state.scans.asked = Asked {
        words: format!("Delete {what}?"),
        short: format!("Delete {id} ({size})?"),
        file,
        to: String::new(),
    };
    overlay::ask(state, Question::DeleteScan);
}

fn verify(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(entry) = state.scans.selected() else {
        return;
    };
    if let Some((_, Checked::Running(..))) = state.scans.checked {
        return say(state, NoticeLevel::Hint, "another file is being looked at");
    }
    let file = entry.file.clone();
    state.scans.checked = Some((file.clone(), Checked::Running(0, 0)));
    effects.push(Effect::Scans(ScansWork::Verify { file }));
}

/// Takes what is written in the line that has the keys.
pub(super) fn written(state: &mut State) {
    if let Some(Mode::Scans(ScansPrompt {
        kind: ScansPromptKind::Filter { .. },
        prompt,
    })) = state.modes.last()
    {
        state.scans.filter = prompt.text().to_owned();
        state.scans.refresh_rows();
    }
}

/// The line is finished.
pub(super) fn accept(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(Mode::Scans(line)) = state.modes.last() else {
        return;
    };
    let line = line.clone();
    if let ScansPromptKind::CopyTo { file } = line.kind {
        let to = line.prompt.text().trim().to_owned();
        if to.is_empty() {
            return say(state, NoticeLevel::Hint, "write where to copy it, or Esc");
        }
        effects.push(Effect::Scans(ScansWork::Copy {
            file,
            to,
            replace: false,
        }));
    }
    state.modes.pop();
}

/// The line is given up.
pub(super) fn give_up(state: &mut State) {
    if let Some(Mode::Scans(ScansPrompt {
        kind: ScansPromptKind::Filter { before },
        ..
    })) = state.modes.pop()
    {
        state.scans.filter = before;
        state.scans.refresh_rows();
    }
}

/// The question was answered with yes.
pub(super) fn confirmed(state: &mut State, question: Question, effects: &mut Vec<Effect>) {
    let Asked { file, to, .. } = std::mem::take(&mut state.scans.asked);
    effects.push(Effect::Scans(match question {
        Question::DeleteScan => ScansWork::Delete {
            file,
            open: state.scan.as_ref().map(|scan| scan.file.clone()),
        },
        _ => ScansWork::Copy {
            file,
            to,
            replace: true,
        },
    }));
}

pub(super) fn news(state: &mut State, news: ScansNews, effects: &mut Vec<Effect>) {
    match news {
        ScansNews::Listed {
            generation,
            entries,
        } if generation == state.scans.generation => match entries {
            Ok(entries) => {
                let before = welcome_scans(state);
                state.scans.take(entries);
                state.scans.state = ScansState::Loaded;
                // Whoever has chosen something on the welcome keeps it.
                if state.welcome > 0 {
                    state.welcome = (state.welcome + welcome_scans(state)).saturating_sub(before);
                }
                trend::listed(state, effects);
            }
            Err(why) => {
                state.scans.take(Vec::new());
                state.scans.state = ScansState::Failed(neutral(&why).into_owned());
            }
        },
        ScansNews::Listed { .. } => {}
        ScansNews::Counted {
            generation,
            file,
            counted,
        } => trend::counted(state, generation, file, counted),
        ScansNews::CountEnded { generation } => {
            if state.trend.generation == Some(generation) {
                state.trend.generation = None;
            }
        }
        ScansNews::Copied { to, bytes: size } => {
            let words = format!("copied to {to} ({})", bytes(size));
            say(state, NoticeLevel::Done, &words);
        }
        ScansNews::IsThere { file, to } => {
            // A question that somebody else asks meanwhile is not pushed away.
            if matches!(state.mode(), Mode::Confirm(_)) {
                return say(state, NoticeLevel::Hint, &format!("{to} is there already"));
            }
            state.scans.asked = Asked {
                words: format!("{} is there already. Write over it?", neutral(&to)),
                short: "It is there already. Replace?".to_owned(),
                file,
                to,
            };
            overlay::ask(state, Question::ReplaceFile);
        }
        ScansNews::Deleted { file, bytes: size } => {
            let name = state.scans.entry(&file).map(ScanEntry::name);
            let words = format!("deleted {} ({})", name.unwrap_or_default(), bytes(size));
            state.scans.entries.retain(|entry| entry.file != file);
            let entries = std::mem::take(&mut state.scans.entries);
            state.scans.take(entries);
            say(state, NoticeLevel::Done, &words);
            list(state, effects);
        }
        ScansNews::Checked { file, checked } => {
            let name = state
                .scans
                .entry(&file)
                .map(ScanEntry::name)
                .unwrap_or_default();
            match &checked {
                Checked::Running(..) => {}
                Checked::Intact => {
                    say(
                        state,
                        NoticeLevel::Done,
                        &format!("{name} is what was written"),
                    );
                }
                Checked::Unfinished => {
                    let words = format!("{name} has no end: nothing was written to compare with");
                    say(state, NoticeLevel::Hint, &words);
                }
                Checked::Changed(what) => {
                    problem(state, &format!("{name} is not what was written"), what);
                }
            }
            state.scans.checked = Some((file, checked));
        }
        ScansNews::Refused { title, detail } => {
            if matches!(state.scans.checked, Some((_, Checked::Running(..)))) {
                state.scans.checked = None;
            }
            problem(state, &title, &detail);
        }
    }
}

/// How many scans the welcome lists.
fn welcome_scans(state: &State) -> usize {
    state.welcome_scans().count()
}
