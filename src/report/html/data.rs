//! The servers of a page as data for its script, small: what many servers say alike is written once and named by a number.
//!
//! A server's own names in such texts are places to fill in, so that two servers say the same: characters of Unicode's area
//! for private use, which are taken out of the texts of Azure before.

use std::collections::HashMap;
use std::hash::Hash;

use serde_json::{Map, Value, json};

use crate::baseline::{FamilyCode, FeatureId, catalogue};
use crate::posture::{Cell, Condition, Evidence, Finding, Judgement, Severity, VerdictWord};
use crate::report::head::reason;
use crate::report::{ReportedServer, WaiverRecord};

use super::family_title;

const NAME: char = '\u{E000}';
const ID: char = '\u{E001}';
const SUBSCRIPTION: char = '\u{E002}';
const GROUP: char = '\u{E003}';

/// The shortest name that is worth a place to fill in; a shorter one may stand in a word by accident.
const SHORTEST: usize = 5;

/// The longest text of one value, in characters.
const LONGEST: usize = 400;

/// Things that are written once.
#[derive(Debug)]
struct Once<T> {
    places: HashMap<T, u32>,
    all: Vec<T>,
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self {
            places: HashMap::new(),
            all: Vec::new(),
        }
    }
}

impl<T: Hash + Eq + Clone> Once<T> {
    fn place(&mut self, thing: T) -> u32 {
        if let Some(place) = self.places.get(&thing) {
            return *place;
        }
        let place = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.all.push(thing.clone());
        self.places.insert(thing, place);
        place
    }
}

/// A condition of some servers: id, statement, severity; whether it decides; outcome; reason, note, exemption; evidence.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Standing {
    words: [u32; 3],
    decides: bool,
    outcome: &'static str,
    more: [u32; 3],
    evidence: Vec<u32>,
}

/// What the servers of a page share.
#[derive(Debug, Default)]
pub struct Data {
    strings: Once<String>,
    /// What was seen, what was expected, the request, the pointer.
    evidence: Once<[u32; 4]>,
    conditions: Once<Standing>,
    /// Reason, notes, conditions.
    findings: Once<(u32, u32, Vec<u32>)>,
}

/// The names of a server that texts are freed from.
struct Names<'a> {
    id: &'a str,
    name: &'a str,
    subscription: &'a str,
    group: &'a str,
}

impl Names<'_> {
    fn freed(&self, text: &str) -> String {
        let private = |c: char| ('\u{E000}'..='\u{E003}').contains(&c);
        let mut text = if text.chars().count() > LONGEST {
            text.chars().take(LONGEST).chain(['…']).collect()
        } else {
            text.to_owned()
        };
        if text.contains(private) {
            text = text.replace(private, "\u{FFFD}");
        }
        for (own, place) in [
            (self.id, ID),
            (self.subscription, SUBSCRIPTION),
            (self.name, NAME),
            (self.group, GROUP),
        ] {
            if own.len() >= SHORTEST && text.contains(own) {
                text = text.replace(own, place.encode_utf8(&mut [0; 4]));
            }
        }
        text
    }
}

impl Data {
    fn string(&mut self, text: &str) -> u32 {
        self.strings.place(text.to_owned())
    }

    /// The row of a server.
    pub fn server(&mut self, server: &ReportedServer<'_>, group: &str) -> Value {
        let summary = server.summary;
        let names = Names {
            id: &summary.id,
            name: &summary.name,
            subscription: &summary.subscription,
            group: &summary.resource_group,
        };
        let mut cells = vec!["-"; FeatureId::COUNT];
        let mut findings = Vec::with_capacity(server.findings.len());
        for finding in server.findings {
            cells[finding.feature.index()] = letter(summary.cell(finding.feature));
            findings.push((finding.feature, self.finding(finding, &names)));
        }
        findings.sort_unstable();
        let findings: Vec<u32> = findings.into_iter().map(|(_, place)| place).collect();
        let usual = format!(
            "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.DBforMySQL/flexibleServers/{}",
            summary.subscription, summary.resource_group, summary.name
        );
        let id = if *usual == *summary.id {
            json!(0)
        } else {
            json!(crate::documents::text::neutral(&summary.id))
        };
        let tags: Vec<String> = summary
            .tags
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let score = |score: Option<u8>| score.map_or(-1, i32::from);
        json!([
            &*summary.name,
            id,
            self.string(server.subscription),
            self.string(&summary.subscription),
            self.string(&summary.resource_group),
            self.string(&summary.region),
            self.string(&summary.version),
            self.string(&summary.state),
            self.string(&tags.join(", ")),
            score(summary.score.percent()),
            score(summary.beyond.percent()),
            cells.concat(),
            findings,
            self.string(group),
        ])
    }

    fn finding(&mut self, finding: &Finding, names: &Names<'_>) -> u32 {
        let reason = names.freed(&reason(finding).unwrap_or_default());
        let reason = self.strings.place(reason);
        let notes = self.strings.place(names.freed(&finding.notes.join("; ")));
        let conditions = finding
            .conditions
            .iter()
            .map(|condition| self.condition(condition, names))
            .collect();
        self.findings.place((reason, notes, conditions))
    }

    fn condition(&mut self, condition: &Condition, names: &Names<'_>) -> u32 {
        let (outcome, reason) = match &condition.judgement {
            Judgement::Met => ("m", String::new()),
            Judgement::Unmet => ("u", String::new()),
            Judgement::Unread(cause) => {
                let words = cause.to_string();
                ("?", crate::documents::text::neutral(&words).into_owned())
            }
            Judgement::Manual(why) => ("n", why.clone()),
            Judgement::NotApplicable(why) => ("a", why.clone()),
        };
        let waiver = condition.waiver.as_deref();
        let waiver = waiver.map_or_else(String::new, |it| WaiverRecord::from(it).to_string());
        let evidence = condition
            .evidence
            .iter()
            .map(|seen| self.seen(seen, names))
            .collect();
        let standing = Standing {
            words: [
                self.string(condition.id),
                self.string(condition.statement),
                self.string(condition.severity.word()),
            ],
            decides: condition.decides(),
            outcome,
            more: [
                self.strings.place(names.freed(&reason)),
                self.strings
                    .place(names.freed(condition.note.as_deref().unwrap_or_default())),
                self.strings.place(names.freed(&waiver)),
            ],
            evidence,
        };
        self.conditions.place(standing)
    }

    fn seen(&mut self, seen: &Evidence, names: &Names<'_>) -> u32 {
        let request = if seen.path.is_empty() {
            String::new()
        } else {
            format!(
                "{} {}?api-version={}",
                seen.method, seen.path, seen.api_version
            )
        };
        let texts = [&seen.observed, &seen.expected, &request, &seen.pointer];
        let places = texts.map(|text| self.strings.place(names.freed(text)));
        self.evidence.place(places)
    }

    /// What the rows name by numbers, in the order in which it is to be written.
    pub fn shared(&self) -> [(&'static str, Value); 6] {
        let features: Vec<Value> = FeatureId::ALL
            .into_iter()
            .map(|it| {
                let name = &catalogue().feature(it).name;
                json!([it.slug(), it.control(), name, it.family().code()])
            })
            .collect();
        let families: Map<String, Value> = FamilyCode::ALL
            .into_iter()
            .map(|it| (it.code().to_owned(), family_title(it).into()))
            .collect();
        let conditions: Vec<Value> = self
            .conditions
            .all
            .iter()
            .map(|it| {
                let ([id, statement, severity], [reason, note, waiver]) = (it.words, it.more);
                let decides = u8::from(it.decides);
                json!([
                    id,
                    statement,
                    severity,
                    decides,
                    it.outcome,
                    reason,
                    note,
                    waiver,
                    it.evidence
                ])
            })
            .collect();
        [
            ("features", features.into()),
            ("families", families.into()),
            ("strings", json!(self.strings.all)),
            ("evidence", json!(self.evidence.all)),
            ("conditions", conditions.into()),
            ("findings", json!(self.findings.all)),
        ]
    }
}

/// A feature's standing as a letter.
const fn letter(cell: Cell) -> &'static str {
    match (cell.verdict, cell.severity) {
        (VerdictWord::Fail, Some(Severity::Critical)) => "c",
        (VerdictWord::Fail, Some(Severity::High)) => "h",
        (VerdictWord::Fail, Some(Severity::Medium)) => "m",
        (VerdictWord::Fail, Some(Severity::Low)) => "l",
        (VerdictWord::Fail, None) => "f",
        (VerdictWord::Unknown, _) => "u",
        (VerdictWord::Manual, _) => "n",
        (VerdictWord::Pass, _) => "p",
        (VerdictWord::Waived, _) => "w",
        (VerdictWord::NotApplicable, _) => "a",
        (VerdictWord::Platform, _) => "s",
        (VerdictWord::Unsupported, _) => "x",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_two_servers_are_one_and_nothing_of_azure_is_a_place_to_fill_in() {
        let names = |name: &'static str| Names {
            id: match name {
                "mysql-1" => "/subscriptions/s1/x/mysql-1",
                _ => "/subscriptions/s1/x/mysql-2",
            },
            name,
            subscription: "s1",
            group: "rg",
        };
        let of = |name| names(name).freed(&format!("GET /subscriptions/s1/x/{name}/y of {name}"));
        assert_eq!(of("mysql-1"), of("mysql-2"));
        assert_eq!(of("mysql-1"), "GET \u{E001}/y of \u{E000}");
        assert_eq!(names("mysql-1").freed("a\u{E001}b rg"), "a\u{FFFD}b rg");
        assert_eq!(
            names("mysql-1").freed(&"é".repeat(500)).chars().count(),
            LONGEST + 1
        );
    }
}
