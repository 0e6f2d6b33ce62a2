//! A script with what would make findings of many servers hold: about which features, and where it goes.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::app::many::{Acting, feature_here, marked_or_shown};
use crate::app::page::Writer;
use crate::app::{State, Tone};
use crate::baseline::{FamilyCode, FeatureId};
use crate::posture::{Fleet, VerdictWord};

use super::{FILE, Field, Form, Purpose, feature_name, servers};

/// What a script starts from.
#[derive(Clone, Debug)]
pub struct Draft {
    acting: Acting,
    /// What can be chosen, each with its features; `None` for all.
    choices: Vec<(String, Option<BTreeSet<FeatureId>>)>,
}

/// Where a script goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FixTarget {
    /// To the clipboard.
    Clipboard,
    /// To a file.
    File {
        /// As it was written: relative to the working directory, `~` for the home.
        file: String,
        /// Whether a file that is there may be replaced.
        replace: bool,
    },
}

/// A script that is to be made.
#[derive(Clone, Debug)]
pub struct FixOrder {
    /// The servers of the scan.
    pub fleet: Arc<Fleet>,
    /// The places of those that it is about, in the order of the list.
    pub places: Arc<[u32]>,
    /// The features; `None` for all.
    pub features: Option<BTreeSet<FeatureId>>,
    /// Where it goes.
    pub target: FixTarget,
    /// What it is about, in words.
    pub about: String,
    /// The scan's id.
    pub scan: String,
    /// When the scan began.
    pub scanned_at: Timestamp,
}

impl PartialEq for FixOrder {
    fn eq(&self, other: &Self) -> bool {
        (&self.features, &self.target, &self.about, &self.scan)
            == (&other.features, &other.target, &other.about, &other.scan)
            && self.places == other.places
            && Arc::ptr_eq(&self.fleet, &other.fleet)
    }
}

const FEATURES: &str = "features";
const TO: &str = "to";

pub(super) fn form(state: &State) -> Result<Form, &'static str> {
    let acting = marked_or_shown(state).ok_or("there is no server to fix")?;
    let fleet = state.roster.fleet();
    let mut fails = [false; FeatureId::COUNT];
    for place in &acting.places {
        if let Some(server) = fleet.servers.get(*place as usize) {
            for (fails, cell) in fails.iter_mut().zip(&server.cells) {
                *fails |= cell.verdict == VerdictWord::Fail;
            }
        }
    }
    let failing = FeatureId::ALL.into_iter().filter(|it| fails[it.index()]);
    let failing: Vec<FeatureId> = failing.collect();
    if failing.is_empty() {
        return Err("nothing fails on these servers");
    }
    let mut choices = vec![("everything that fails".to_owned(), None)];
    for family in FamilyCode::ALL {
        let of_family: BTreeSet<FeatureId> = failing
            .iter()
            .copied()
            .filter(|feature| feature.family() == family)
            .collect();
        if !of_family.is_empty() {
            choices.push((format!("what fails in {family}"), Some(of_family)));
        }
    }
    let families = choices.len();
    for feature in &failing {
        choices.push((feature_name(*feature), Some(BTreeSet::from([*feature]))));
    }
    let chosen = match (feature_here(state), state.roster.family()) {
        (Some(feature), _) => failing
            .iter()
            .position(|it| *it == feature)
            .map(|place| families + place),
        (None, Some(family)) => choices[1..families]
            .iter()
            .position(|(_, features)| {
                let mut features = features.iter().flatten();
                features.any(|feature| feature.family() == family)
            })
            .map(|place| place + 1),
        (None, None) => None,
    };
    let names = choices.iter().map(|(name, _)| name.clone()).collect();
    let fields = vec![
        Field::choice(FEATURES, names, chosen.unwrap_or(0)),
        Field::choice(TO, vec!["a file".to_owned(), "the clipboard".to_owned()], 0),
        Field::text(FILE, ""),
    ];
    let mut form = Form::new(Purpose::Fixes(Draft { acting, choices }), fields);
    super::refresh(&mut form, &state.day());
    Ok(form)
}

pub(super) fn file_name(day: &str) -> String {
    format!("flexposture-fix-{day}.sh")
}

pub(super) fn order(state: &State, form: &Form, draft: &Draft) -> FixOrder {
    let chosen = draft.choices.get(form.chosen(FEATURES));
    let (name, features) = chosen.cloned().unwrap_or_default();
    let scan = state.scan.as_ref();
    FixOrder {
        fleet: Arc::clone(state.roster.fleet()),
        places: draft.acting.places.clone().into(),
        features,
        target: if form.chosen(TO) == 1 {
            FixTarget::Clipboard
        } else {
            FixTarget::File {
                file: form.content(FILE).to_owned(),
                replace: false,
            }
        },
        about: format!("{}; {name}", draft.acting.words(state.roster.fleet())),
        scan: scan.map_or_else(String::new, |scan| scan.id.clone()),
        scanned_at: scan.map_or(Timestamp::UNIX_EPOCH, |scan| scan.started_at),
    }
}

pub(super) fn explain(writer: &mut Writer, state: &State, form: &Form, draft: &Draft) {
    writer.text(
        Tone::Plain,
        &format!("About {}.", draft.acting.words(state.roster.fleet())),
    );
    writer.text(
        Tone::Plain,
        "One script for a shell with the commands of the Azure CLI, server by server, the way back below each as a \
         comment.",
    );
    writer.text(
        Tone::Warning,
        "It is never run here, and it runs nothing before somebody has read it: it stops unless REVIEWED=yes is set.",
    );
    let words = if form.chosen(TO) == 1 {
        "A terminal takes some 75,000 bytes; what is longer needs a file.".to_owned()
    } else {
        format!(
            "The documents of {} are read for it. The file is readable by you alone and no program: sh runs it.",
            servers(draft.acting.places.len())
        )
    };
    writer.text(Tone::Muted, &words);
}
