//! One message in, effects out.

mod columns;
mod control_list;
mod control_servers;
mod difference;
mod filter;
mod find;
mod form;
mod groups;
mod history;
mod input;
mod jobs;
mod live;
mod many;
mod matrix;
mod motion;
mod navigate;
mod overlay;
mod page_search;
mod palette;
mod pointer;
mod reports;
mod saved;
mod scans;
mod screens;
mod session;
mod settle;
mod survey;
mod trend;
mod ways;

use crate::documents::text::{neutral, neutral_lines};

use super::{Effect, Message, Notice, NoticeLevel, Problem, Size, State};

/// The most problems that are kept.
const MOST_PROBLEMS: usize = 500;

/// Changes the state by what happened, and says what has to be done. Never panics, for no sequence of messages.
#[must_use]
pub fn update(state: &mut State, message: Message) -> Vec<Effect> {
    let mut effects = Vec::new();
    match message {
        // It never comes alone: what follows it settles.
        Message::Clock(now) => {
            state.now = Some(now);
            return effects;
        }
        Message::Key(key) => input::press(state, key, &mut effects),
        Message::Command(command) => {
            state.notice = None;
            state.pending.0.clear();
            input::command(state, command, &mut effects);
        }
        Message::Visit(place) => session::visit(state, &place, &mut effects),
        Message::Paste(text) => input::paste(state, &text, &mut effects),
        Message::Pointer(pointer) => pointer::act(state, pointer, &mut effects),
        Message::Resize { columns, rows } => state.size = Size { columns, rows },
        Message::ScanOpened { job, scan } => jobs::scan_opened(state, job, scan, &mut effects),
        Message::FleetGrew {
            job,
            subscriptions,
            servers,
        } => jobs::fleet_grew(state, job, subscriptions, servers, &mut effects),
        Message::Progress { job, progress } => jobs::progress(state, job, progress),
        Message::Reread { job, servers } => live::reread(state, job, servers),
        Message::DetailLoaded { job, detail } => jobs::detail_loaded(state, job, detail),
        Message::ReportsProgress { job, servers } => reports::progressed(state, job, servers),
        Message::ReportsMade { job, reports } => reports::made(state, job, reports),
        Message::CompareProgress { job, servers } => difference::progressed(state, job, servers),
        Message::Compared { job, comparison } => difference::compared(state, job, comparison),
        Message::PairLoaded { job, pair } => difference::pair_loaded(state, job, pair),
        Message::HistoryLoaded { job, history } => history::loaded(state, job, history),
        Message::Indexed { generation, index } => {
            filter::indexed(state, generation, index, &mut effects);
        }
        Message::Found { generation, found } => find::found(state, generation, found),
        Message::SearchesRead(text) => saved::read(state, &text),
        Message::WordsGathered { generation, words } => {
            filter::words_gathered(state, generation, words);
        }
        Message::Filtered { generation, hits } => filter::filtered(state, generation, hits),
        Message::Surveyed { revision, survey } => survey::surveyed(state, revision, survey),
        Message::Listed { generation, places } => {
            control_servers::listed(state, generation, places);
        }
        Message::Scans(news) => scans::news(state, news, &mut effects),
        Message::Due { generation } => live::due(state, generation, &mut effects),
        Message::Writing { job, done } => form::progressed(state, job, done),
        Message::Written { job, written } => form::written(state, job, &written),
        Message::FileExists { job, path } => form::file_exists(state, job, &path),
        Message::ScriptMade { job, text } => form::script_made(state, job, text, &mut effects),
        Message::ExemptionsAdded { job, added } => {
            form::exemptions_added(state, job, added, &mut effects);
        }
        Message::Copied(how) => many::copied(state, &how),
        Message::CopyFailed(why) => {
            state.copying.clear();
            problem(state, "nothing was copied", &why);
        }
        Message::ThemeTaken(words) => say(state, NoticeLevel::Done, &words),
        Message::ThemeRefused(why) => {
            problem(state, "the theme is wrong and was not taken", &why);
        }
        Message::Failed { job, title, detail } => {
            jobs::failed(state, job, &title, &detail, &mut effects);
        }
        Message::TaskPanicked(words) => problem(
            state,
            "a part of the program broke down; what it was doing is not done",
            &words,
        ),
    }
    survey::demand(state, &mut effects);
    history::follow(state, &mut effects);
    settle::settle(state);
    effects
}

/// Watches from now on.
pub(super) fn watch(state: &mut State, every: u64, kept: String) {
    live::begin_to_watch(state, every, kept);
}

/// Says something in the last line, until the next key.
fn say(state: &mut State, level: NoticeLevel, text: &str) {
    state.notice = Some(Notice {
        level,
        text: neutral(text).into_owned(),
    });
}

/// Says that something went wrong, and keeps it in the list of errors.
fn problem(state: &mut State, title: &str, detail: &str) {
    let title = neutral(title).into_owned();
    say(
        state,
        NoticeLevel::Problem,
        &format!("{title} (L shows more)"),
    );
    if state.problems.len() >= MOST_PROBLEMS {
        state.problems.remove(0);
    }
    state.problems.push(Problem {
        at: state.now,
        title,
        detail: neutral_lines(detail),
    });
}
