//! What is being read again, and what that changed: words for titles and rows.

use jiff::tz::TimeZone;

use crate::app::{News, State, Target};
use crate::look::Role;
use crate::posture::ServerSummary;

/// The word behind a server's name: that it is being read, or what became of it.
pub fn news(state: &State, server: &ServerSummary) -> Option<(Role, &'static str)> {
    if state.live.reads(&server.id) {
        return Some((Role::Info, "reading"));
    }
    state.live.news_of(&server.id).map(|news| {
        let role = match news {
            News::Worse => Role::Error,
            News::Better => Role::Success,
            News::Changed | News::New => Role::Info,
        };
        (role, news.word())
    })
}

/// What is being read again or waited for, from the most words to the fewest; nothing where neither is.
pub fn doings(state: &State) -> Vec<String> {
    let live = &state.live;
    if let Some(refreshing) = &live.refreshing {
        let done = state.progress.as_ref().filter(|it| it.servers_found > 0);
        let far = match (&refreshing.target, done) {
            (Target::Fleet, Some(it)) => {
                format!(" {} of {}", it.servers_done, it.servers_found)
            }
            (Target::Servers { ids, .. }, _) => format!(" {} of {}", refreshing.read, ids.len()),
            _ => String::new(),
        };
        let verb = if refreshing.stopped {
            "stopping"
        } else {
            "reading"
        };
        return vec![
            format!("{verb} {} again{far}", refreshing.target.words()),
            format!("{verb}{far}"),
        ];
    }
    match live.watch.as_ref().and_then(|watch| watch.next) {
        Some(next) => {
            let at = clock(next, &state.zone);
            vec![format!("watching, next scan {at}"), format!("next {at}")]
        }
        None => Vec::new(),
    }
}

fn clock(at: jiff::Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone())
        .strftime("%H:%M:%S")
        .to_string()
}
