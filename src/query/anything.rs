//! Finding anything that has a name or a text: servers, controls, features, server parameters, policies, guidance.
//!
//! Each kind is searched for itself: a control is found once, not once for every server.

use std::sync::LazyLock;

use crate::baseline::{Feature, FeatureId, catalogue};

use super::pattern::begins_a_word;
use super::terms::Word;
use super::{Query, SearchIndex, filter, folded, literal_ranges};

/// The most that is shown of a kind.
const MOST: usize = 50;

/// How much of a text stands before what was found in it, and how much in all, in characters.
const BEFORE: usize = 24;
const SNIPPET: usize = 160;

/// The server parameters that conditions read, with the features whose conditions read them; a test compares it with
/// what a judge reads.
pub const PARAMETERS: [(&str, FeatureId); 11] = [
    ("require_secure_transport", FeatureId::TransitEncryption),
    ("tls_version", FeatureId::TransitEncryption),
    ("aad_auth_only", FeatureId::LocalAuthentication),
    ("aad_auth_only", FeatureId::ConditionalAccess),
    ("aad_auth_only", FeatureId::LocalAdminAccounts),
    ("audit_log_enabled", FeatureId::ResourceLogs),
    ("audit_log_events", FeatureId::ResourceLogs),
    ("audit_log_include_users", FeatureId::ResourceLogs),
    ("audit_log_exclude_users", FeatureId::ResourceLogs),
    ("slow_query_log", FeatureId::ResourceLogs),
    ("local_infile", FeatureId::RiskyParameters),
];

/// A kind of thing that can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FoundKind {
    /// Servers, by all that is known of them.
    Servers,
    /// Controls of the baseline.
    Controls,
    /// Features of the baseline.
    Features,
    /// Server parameters that a condition reads.
    Parameters,
    /// Policies of the catalogue.
    Policies,
    /// The text of the catalogue: what a feature is, what to do, what that may break.
    Guidance,
}

impl FoundKind {
    /// Every kind, in the order in which they are listed.
    pub const ALL: [Self; 6] = [
        Self::Servers,
        Self::Controls,
        Self::Features,
        Self::Parameters,
        Self::Policies,
        Self::Guidance,
    ];

    /// What they are called together.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Servers => "servers",
            Self::Controls => "controls",
            Self::Features => "features",
            Self::Parameters => "server parameters",
            Self::Policies => "policies",
            Self::Guidance => "guidance",
        }
    }
}

/// Where something that was found is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The server at this place of the fleet.
    Server(u32),
    /// The control of this identifier.
    Control(&'static str),
    /// A feature.
    Feature(FeatureId),
    /// The guidance of a feature.
    Guidance(FeatureId),
    /// The policy of this identifier.
    Policy(&'static str),
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundItem {
    /// Where it is.
    pub target: Target,
    /// Its name, or the part of a text; empty for a server, whose name the fleet has.
    pub text: String,
    /// What it belongs to; empty for a server.
    pub about: String,
}

/// What was found of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundGroup {
    /// The kind.
    pub kind: FoundKind,
    /// How many there are.
    pub total: usize,
    /// The best of them, the very best first.
    pub best: Vec<FoundItem>,
}

/// Everything that was found, by kind; kinds of which nothing was found are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The kinds, in the order of [`FoundKind::ALL`].
    pub groups: Vec<FoundGroup>,
}

/// Finds what has every word of a text. `keep_going` is asked now and then; once it says no the answer is `None`.
#[must_use]
pub fn find(index: &SearchIndex, text: &str, keep_going: &dyn Fn() -> bool) -> Option<Found> {
    let query = Query::of_words(text);
    let mut groups = Vec::new();
    if query.is_empty() {
        return Some(Found::default());
    }
    for kind in FoundKind::ALL {
        let (total, best) = match kind {
            FoundKind::Servers => servers(index, &query, keep_going)?,
            kind => named(kind, &query),
        };
        if total > 0 {
            groups.push(FoundGroup { kind, total, best });
        }
    }
    Some(Found { groups })
}

fn servers(
    index: &SearchIndex,
    query: &Query,
    keep_going: &dyn Fn() -> bool,
) -> Option<(usize, Vec<FoundItem>)> {
    let hits = filter(index, query, None, keep_going)?;
    let ranked = hits.scores.len() == hits.rows.len();
    let score = |place: usize, row: u32| {
        if ranked {
            hits.scores[place]
        } else {
            let name = index.name(row);
            let worth = query.words.iter().map(|word| worth(name, "", word));
            i64::from(worth.map(Option::unwrap_or_default).sum::<u32>())
        }
    };
    let rows = hits.rows.iter().enumerate();
    let mut rows: Vec<(i64, u32)> = rows
        .map(|(place, row)| (score(place, *row), *row))
        .collect();
    let total = rows.len();
    let better = |it: &(i64, u32)| (std::cmp::Reverse(it.0), it.1);
    if total > MOST {
        rows.select_nth_unstable_by_key(MOST, better);
        rows.truncate(MOST);
    }
    rows.sort_unstable_by_key(better);
    let item = |(_, row)| FoundItem {
        target: Target::Server(row),
        text: String::new(),
        about: String::new(),
    };
    Some((total, rows.into_iter().map(item).collect()))
}

/// Something of the catalogue.
struct Entry {
    kind: FoundKind,
    target: Target,
    name: String,
    about: String,
    /// What is searched first, folded.
    title: String,
    /// What is searched too, folded.
    text: String,
}

fn named(kind: FoundKind, query: &Query) -> (usize, Vec<FoundItem>) {
    let entries = ENTRIES.iter().filter(|entry| entry.kind == kind);
    let mut found: Vec<(u32, &Entry)> = entries
        .filter_map(|entry| {
            let worth = |word| worth(&entry.title, &entry.text, word);
            let all: Option<Vec<u32>> = query.words.iter().map(worth).collect();
            Some((all?.into_iter().sum(), entry))
        })
        .collect();
    found.sort_by_key(|(worth, _)| std::cmp::Reverse(*worth));
    let total = found.len();
    let item = |(_, entry): (u32, &Entry)| FoundItem {
        target: entry.target,
        text: match kind {
            FoundKind::Guidance => snippet(&entry.name, query),
            _ => entry.name.clone(),
        },
        about: entry.about.clone(),
    };
    (total, found.into_iter().take(MOST).map(item).collect())
}

/// What it is worth that a word stands there: more in a title, most at the beginning of a word; `None` when it does
/// not stand there, or should not.
fn worth(title: &str, text: &str, word: &Word) -> Option<u32> {
    let worth = if begins_a_word(title, &word.text) {
        8
    } else if title.contains(&word.text) {
        4
    } else if begins_a_word(text, &word.text) {
        2
    } else {
        u32::from(text.contains(&word.text))
    };
    match word.not {
        true => (worth == 0).then_some(0),
        false => (worth > 0).then_some(worth),
    }
}

/// The part of a text round the first word that was found in it.
fn snippet(text: &str, query: &Query) -> String {
    let first = query
        .words
        .iter()
        .filter(|word| !word.not)
        .filter_map(|word| literal_ranges(&word.text, text).into_iter().next())
        .map(|range| range.start)
        .min()
        .unwrap_or(0);
    let mut start = 0;
    if let Some((at, _)) = text[..first].char_indices().rev().nth(BEFORE) {
        // From the beginning of a word on.
        start = text[at..first]
            .find(' ')
            .map_or(first, |space| at + space + 1);
    }
    text[start..].chars().take(SNIPPET).collect()
}

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let mut entries = Vec::new();
    for control in catalogue().controls() {
        entries.push(Entry {
            kind: FoundKind::Controls,
            target: Target::Control(&control.id),
            name: format!("{} {}", control.id, control.title),
            about: catalogue().family(control.family).title.clone(),
            title: folded(&format!("{} {}", control.id, control.title)),
            text: String::new(),
        });
    }
    for feature in catalogue().features() {
        entries.push(Entry {
            kind: FoundKind::Features,
            target: Target::Feature(feature.id),
            name: feature.name.clone(),
            about: feature.control.clone(),
            title: folded(&format!("{} {}", feature.name, feature.id.slug())),
            text: folded(&feature.control),
        });
        let text = text_of(feature);
        entries.push(Entry {
            kind: FoundKind::Guidance,
            target: Target::Guidance(feature.id),
            about: format!("{} {}", feature.control, feature.name),
            title: String::new(),
            text: folded(&text),
            name: text,
        });
    }
    for (parameter, feature) in PARAMETERS {
        let feature = catalogue().feature(feature);
        entries.push(Entry {
            kind: FoundKind::Parameters,
            target: Target::Feature(feature.id),
            name: parameter.to_owned(),
            about: format!("{} {}", feature.control, feature.name),
            title: parameter.to_owned(),
            text: String::new(),
        });
    }
    for policy in catalogue().policies() {
        let features = catalogue().features_of_policy(&policy.guid);
        let controls: Vec<&str> = features.map(|it| it.control.as_str()).collect();
        entries.push(Entry {
            kind: FoundKind::Policies,
            target: Target::Policy(&policy.guid),
            name: policy.name.clone(),
            about: controls.join(", "),
            title: folded(&policy.name),
            text: folded(&format!("{} {}", policy.guid, policy.rule)),
        });
    }
    entries
});

/// All that the catalogue tells of a feature, on one line.
fn text_of(feature: &Feature) -> String {
    let guidance = &feature.guidance;
    let note = feature.platform_note.as_ref();
    let parts = [
        Some(feature.description.as_str()),
        Some(&guidance.meaning),
        Some(&guidance.action),
        Some(&guidance.impact),
        feature.notes.as_deref(),
        note.map(|note| note.text.as_str()),
    ];
    let words: Vec<&str> = parts
        .into_iter()
        .flatten()
        .flat_map(str::split_whitespace)
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::test_support::{fleet, summary};

    fn found(text: &str) -> Found {
        let servers = (0..300).map(|number| summary(&format!("mysql-prod-weu-{number:04}")));
        let index = SearchIndex::new(&fleet(servers));
        find(&index, text, &|| true).unwrap()
    }

    fn group(found: &Found, kind: FoundKind) -> Option<&FoundGroup> {
        found.groups.iter().find(|group| group.kind == kind)
    }

    #[test]
    fn every_kind_is_found_for_itself_with_its_count() {
        let prod = found("prod");
        let servers = group(&prod, FoundKind::Servers).unwrap();
        assert_eq!((servers.total, servers.best.len()), (300, MOST));
        let tls = found("tls");
        let parameters = group(&tls, FoundKind::Parameters).unwrap();
        assert_eq!(
            (parameters.total, &*parameters.best[0].text),
            (1, "tls_version")
        );
        assert!(group(&tls, FoundKind::Guidance).unwrap().total > 0);
        assert!(group(&tls, FoundKind::Servers).is_none());
        let ns = found("ns-2");
        let control = &group(&ns, FoundKind::Controls).unwrap().best[0];
        assert_eq!(control.target, Target::Control("NS-2"));
        assert_eq!(found(" "), Found::default());
    }

    #[test]
    fn the_best_stands_first() {
        let link = found("private link");
        let feature = &group(&link, FoundKind::Features).unwrap().best[0];
        assert_eq!(feature.target, Target::Feature(FeatureId::PrivateLink));
        let one = found("0042");
        let server = &group(&one, FoundKind::Servers).unwrap().best[0];
        assert_eq!(server.target, Target::Server(42));
    }

    #[test]
    fn guidance_shows_the_words_that_were_found() {
        let found = found("restart");
        for item in &group(&found, FoundKind::Guidance).unwrap().best {
            let text = item.text.to_lowercase();
            assert!(text.contains("restart") && item.text.chars().count() <= SNIPPET);
        }
    }

    #[test]
    fn a_search_that_nobody_waits_for_ends() {
        let index = SearchIndex::new(&fleet(["one"].map(summary)));
        assert_eq!(find(&index, "one", &|| false), None);
    }

    #[test]
    fn every_parameter_that_a_condition_reads_leads_to_its_feature() {
        use crate::posture::fixtures::Fixture;
        use crate::posture::{Ruleset, judge};

        let mut read = Vec::new();
        for finding in judge(&Fixture::new().documents(), &Ruleset::default()) {
            let evidence = finding.conditions.iter().flat_map(|it| &it.evidence);
            for pointer in evidence.map(|it| it.pointer.as_str()) {
                let name = pointer.strip_prefix("/value/[");
                if let Some(name) = name.and_then(|name| name.strip_suffix(']')) {
                    let known = PARAMETERS.contains(&(name, finding.feature));
                    assert!(known, "{name} of {}", finding.feature);
                    read.push(name.to_owned());
                }
            }
        }
        assert!(read.len() >= 6, "{read:?}");
    }
}
