//! Which servers a command acts on that can act on many: the marked ones if there are any, else the one under the cursor;
//! with what is shown of one server it is that server. A form over many servers starts with the same, or with all that
//! are shown where nothing is marked, and says which.

use crate::baseline::FeatureId;
use crate::posture::Fleet;

use super::{Screen, State};

/// Why these servers and no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// They are marked.
    Marked,
    /// They are shown.
    Shown,
    /// They are of the group whose head is under the cursor.
    Group,
    /// It is under the cursor.
    UnderCursor,
}

/// The servers that a command acts on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acting {
    /// Their places in the fleet, in the order of the list.
    pub places: Vec<u32>,
    /// Why these.
    pub why: Why,
}

impl Acting {
    /// They in words: `12 marked servers`; one by its name.
    #[must_use]
    pub fn words(&self, fleet: &Fleet) -> String {
        if let [place] = self.places[..]
            && self.why == Why::UnderCursor
            && let Some(server) = fleet.servers.get(place as usize)
        {
            return server.name.to_string();
        }
        let servers = super::counted(self.places.len(), "server");
        let (count, servers) = servers.split_once(' ').unwrap_or(("", &servers));
        match self.why {
            Why::Marked => format!("{count} marked {servers}"),
            Why::Shown => format!("{count} {servers}, all that are shown"),
            Why::Group => format!("{count} {servers} of the group"),
            Why::UnderCursor => "the server under the cursor".to_owned(),
        }
    }
}

impl Acting {
    /// The filter by which the servers are shown, as it was typed.
    pub(super) fn filter(&self, state: &State) -> Option<String> {
        let text = state.filter_text();
        let narrowed = self.why == Why::Shown && !text.is_empty();
        narrowed.then(|| text.to_owned())
    }
}

/// What a command acts on that is meant for one server or for those that somebody has marked.
pub(super) fn marked_or_one(state: &State) -> Option<Acting> {
    if let (Screen::Server, Some(server)) = (state.screen(), &state.server) {
        let place = state.roster.place(&server.summary.id)?;
        return Some(one(place));
    }
    marked(state).or_else(|| match state.screen() {
        // A list of its own has a cursor of its own.
        Screen::ControlServers => {
            let server = state.server_here()?;
            state.roster.place(&server.id).map(one)
        }
        _ => state.roster.selected_place().map(one),
    })
}

/// What a command acts on that is meant for many: the marked servers, else all that are shown.
pub(super) fn marked_or_shown(state: &State) -> Option<Acting> {
    if let (Screen::Server, Some(server)) = (state.screen(), &state.server) {
        let place = state.roster.place(&server.summary.id)?;
        return Some(one(place));
    }
    marked(state).or_else(|| {
        let places = match state.screen() {
            Screen::ControlServers => state.control_servers.places().to_vec(),
            _ => state.roster.places().to_vec(),
        };
        (!places.is_empty()).then_some(Acting {
            places,
            why: Why::Shown,
        })
    })
}

fn marked(state: &State) -> Option<Acting> {
    (state.roster.marked() > 0).then(|| Acting {
        places: state.roster.marked_places(),
        why: Why::Marked,
    })
}

fn one(place: u32) -> Acting {
    Acting {
        places: vec![place],
        why: Why::UnderCursor,
    }
}

/// The feature that the screen is about, when it is about one.
pub(super) fn feature_here(state: &State) -> Option<FeatureId> {
    match state.screen() {
        Screen::Server | Screen::ControlServers => state.feature_here(),
        _ => None,
    }
}
