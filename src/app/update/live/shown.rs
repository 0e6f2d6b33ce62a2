//! Reading again many servers: what is marked, a group, or all that is shown.

use std::sync::Arc;

use crate::app::live::{Asked, Part, Target};
use crate::app::update::{overlay, say};
use crate::app::{Acting, Effect, JobId, NoticeLevel, Question, Screen, State, Why, many};

/// More servers than these are read again only after a question.
const WITHOUT_A_QUESTION: usize = 10;
/// About so many requests are made for a server: itself, its lists, and its part of what servers share.
const REQUESTS_OF_A_SERVER: usize = 8;

/// Reads again what is marked, else the group whose head is under the cursor, else all that is shown.
pub(in crate::app::update) fn refresh_shown(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(acting) = group(state).or_else(|| many::marked_or_shown(state)) else {
        return say(state, NoticeLevel::Hint, "there is no server in the list");
    };
    let fleet = state.roster.fleet();
    let words = match acting.why {
        Why::Shown => format!(
            "{} shown {}",
            acting.places.len(),
            plural(acting.places.len())
        ),
        _ => acting.words(fleet),
    };
    let servers: Vec<String> = acting
        .places
        .iter()
        .filter_map(|place| fleet.servers.get(*place as usize))
        .map(|server| server.id.to_string())
        .collect();
    let count = servers.len();
    let requests = (count * REQUESTS_OF_A_SERVER).next_multiple_of(100);
    state.live.asked = Asked {
        question: [
            format!("Read {words} again? About {requests} requests; the rest stays as it is."),
            format!("Read {count} again, about {requests} requests?"),
        ],
        servers,
        words,
    };
    if count > WITHOUT_A_QUESTION {
        overlay::ask(state, Question::Refresh);
    } else {
        refresh_asked(state, effects);
    }
}

const fn plural(count: usize) -> &'static str {
    if count == 1 { "server" } else { "servers" }
}

/// The servers of the group whose head is under the cursor, where nothing is marked.
fn group(state: &State) -> Option<Acting> {
    let is_list = matches!(state.screen(), Screen::Fleet | Screen::Matrix);
    if !is_list || state.roster.marked() > 0 {
        return None;
    }
    let cursor = state.roster.position().cursor;
    let group = state.roster.group().filter(|it| it.row == cursor)?;
    let places = state.roster.places().get(group.servers.clone())?.to_vec();
    Some(Acting {
        places,
        why: Why::Group,
    })
}

/// Reads again what was asked about.
pub(in crate::app::update) fn refresh_asked(state: &mut State, effects: &mut Vec<Effect>) {
    let Asked { servers, words, .. } = std::mem::take(&mut state.live.asked);
    // A scan may have begun while the question stood.
    if servers.is_empty() || state.live.refreshing.is_some() || !state.scan_is_whole() {
        return say(state, NoticeLevel::Hint, "nothing is read again now");
    }
    let ids = servers.iter().map(|id| id.to_ascii_lowercase().into());
    let target = Target::Servers {
        ids: Arc::new(ids.collect()),
        words,
    };
    super::begin(state, target, servers, Part::Server, effects);
}

/// Hears how many of several servers were read again.
pub(in crate::app::update) fn reread(state: &mut State, job: JobId, servers: usize) {
    if let Some(refreshing) = state.live.refreshing.as_mut().filter(|it| it.job == job) {
        refreshing.read = servers;
    }
}
