//! Planned misfortune: what goes wrong, where, and how often. Deterministic for each path.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;

use super::http::{Answer, Call};

/// The faults of a simulator, tried in order: the first whose path and turn fit is the one that happens.
#[derive(Debug, Clone, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// No faults at all.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a fault after the others.
    #[must_use]
    pub fn and(mut self, fault: Fault) -> Self {
        self.0.push(fault);
        self
    }
}

/// One thing that goes wrong.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Path without the query, compared without case; `*` stands for any text, slashes included.
    pub path: String,
    /// Which of the requests for a path it strikes; each path is counted by itself.
    pub turns: Turns,
    /// What happens then.
    pub mishap: Mishap,
}

impl Fault {
    /// A mishap that strikes the first `count` requests for each path that fits.
    #[must_use]
    pub fn first(count: u32, path: impl Into<String>, mishap: Mishap) -> Self {
        Self {
            path: path.into(),
            turns: Turns::First(count),
            mishap,
        }
    }

    /// A mishap that strikes every request for a path that fits.
    #[must_use]
    pub fn always(path: impl Into<String>, mishap: Mishap) -> Self {
        Self {
            path: path.into(),
            turns: Turns::Always,
            mishap,
        }
    }
}

/// Which requests a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turns {
    /// The first so many for each path; then all is well.
    First(u32),
    /// Every one.
    Always,
    /// So many in a thousand, chosen by path and turn, so that a repeated run strikes the same ones.
    PerMille(u16),
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum Mishap {
    /// Another answer comes in place of the right one.
    Answer {
        /// The status.
        status: u16,
        /// Headers beside the usual ones.
        headers: Vec<(String, String)>,
        /// The body, as it is sent.
        body: String,
    },
    /// The connection ends in the middle of the body, whose announced length is that of the whole.
    Truncate {
        /// Bytes of the body that arrive.
        keep: usize,
    },
    /// The connection is reset before a byte of the answer is sent.
    Reset,
    /// The body comes in pieces with a pause before each.
    Slow {
        /// Bytes in a piece.
        piece: usize,
        /// Time before each piece.
        pause: Duration,
    },
    /// A member of the right answer is replaced, to have a value of a wrong type for instance.
    Replace {
        /// JSON pointer to the member; where it leads nowhere nothing happens.
        pointer: String,
        /// What stands there instead.
        value: Value,
    },
    /// Every text of the right answer has this behind it, but for ids and what leads to the next page.
    Taint(
        /// What is put behind.
        String,
    ),
    /// One member of the right answer, or one item of a list in it, is replaced by a value of another type: which one and
    /// by what, the number and the answer decide.
    Scramble(
        /// A seed.
        u64,
    ),
    /// The right answer gets a header.
    Header {
        /// Its name.
        name: String,
        /// What it says.
        value: String,
    },
    /// The right answer gets a next link to this address.
    NextLink(
        /// The whole address.
        String,
    ),
}

impl Mishap {
    /// The answer of a service that asks to be left alone for some seconds.
    #[must_use]
    pub fn throttled(seconds: u32) -> Self {
        Self::Answer {
            status: 429,
            headers: vec![("Retry-After".to_owned(), seconds.to_string())],
            body: format!(
                "{{\"error\":{{\"code\":\"SubscriptionRequestsThrottled\",\"message\":\"Number of 'read' requests \
                 exceeded. Please try again after '{seconds}' seconds.\"}}}}"
            ),
        }
    }

    /// The answer of a service that fails, with a body as Azure Resource Manager writes it.
    #[must_use]
    pub fn failing(status: u16) -> Self {
        let code = match status {
            503 => "ServiceUnavailable",
            504 => "GatewayTimeout",
            _ => "InternalServerError",
        };
        Self::Answer {
            status,
            headers: Vec::new(),
            body: format!(
                "{{\"error\":{{\"code\":\"{code}\",\"message\":\"The request could not be served.\"}}}}"
            ),
        }
    }

    /// What the answer becomes, as far as that is a matter of its text.
    pub(super) fn alter(&self, answer: Answer) -> Answer {
        let edit = |change: &dyn Fn(&mut Value)| {
            let mut answer = answer.clone();
            if let Ok(mut body) = serde_json::from_slice(&answer.body) {
                change(&mut body);
                answer.body = serde_json::to_vec(&body).unwrap_or_default();
            }
            answer
        };
        match self {
            Self::Answer {
                status,
                headers,
                body,
            } => Answer {
                status: *status,
                headers: headers.clone(),
                body: body.clone().into_bytes(),
            },
            Self::Replace { pointer, value } => edit(&|body| {
                if let Some(member) = body.pointer_mut(pointer) {
                    *member = value.clone();
                }
            }),
            Self::NextLink(address) => edit(&|body| {
                if let Some(body) = body.as_object_mut() {
                    body.insert("nextLink".to_owned(), address.as_str().into());
                }
            }),
            Self::Taint(behind) => edit(&|body| taint(body, behind)),
            Self::Scramble(seed) => edit(&|body| scramble(body, hash(&(*seed, &answer.body)))),
            Self::Header { name, value } => answer.with(name, value.clone()),
            Self::Truncate { .. } | Self::Reset | Self::Slow { .. } => answer,
        }
    }
}

/// Puts a text behind every other one, names of tags included.
fn taint(value: &mut Value, behind: &str) {
    match value {
        Value::String(text) => text.push_str(behind),
        Value::Array(items) => items.iter_mut().for_each(|item| taint(item, behind)),
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.to_ascii_lowercase();
                let leads = ["id", "ids", "type", "link", "token"];
                if name == "tags" {
                    *member = match member.take() {
                        Value::Object(tags) => tags
                            .into_iter()
                            .map(|(name, value)| (name + behind, value))
                            .collect(),
                        other => other,
                    };
                }
                if !leads.iter().any(|end| name.ends_with(end)) {
                    taint(member, behind);
                }
            }
        }
        _ => {}
    }
}

/// Replaces a member or an item, chosen by a number, by a value of another type.
fn scramble(body: &mut Value, number: u64) {
    let mut left = number % places(body).max(1);
    if let Some(place) = nth(body, &mut left) {
        let others = [
            Value::Bool(true),
            Value::from(7),
            Value::from("odd"),
            serde_json::json!({"odd": 1}),
            serde_json::json!(["odd"]),
        ];
        let first = usize::try_from(number >> 32).unwrap_or(0);
        let kind = std::mem::discriminant(&*place);
        let other = (0..others.len())
            .map(|step| &others[(first + step) % others.len()])
            .find(|other| std::mem::discriminant(*other) != kind);
        if let Some(other) = other {
            *place = other.clone();
        }
    }
}

/// How many members and items there are, at every depth.
fn places(value: &Value) -> u64 {
    match value {
        Value::Array(items) => items.iter().map(|item| 1 + places(item)).sum(),
        Value::Object(members) => members.values().map(|member| 1 + places(member)).sum(),
        _ => 0,
    }
}

fn nth<'v>(value: &'v mut Value, left: &mut u64) -> Option<&'v mut Value> {
    let below: Vec<&mut Value> = match value {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(members) => members.values_mut().collect(),
        _ => Vec::new(),
    };
    for member in below {
        if *left == 0 {
            return Some(member);
        }
        *left -= 1;
        if let Some(found) = nth(member, left) {
            return Some(found);
        }
    }
    None
}

/// Faults with the count of the requests that they have seen.
#[derive(Debug)]
pub(super) struct Fate {
    faults: Vec<Fault>,
    seen: Mutex<HashMap<(usize, u64), u32>>,
}

impl Fate {
    pub(super) fn new(faults: Faults) -> Self {
        Self {
            faults: faults.0,
            seen: Mutex::default(),
        }
    }

    /// What happens to this request, if anything does.
    pub(super) fn strike(&self, call: &Call) -> Option<&Mishap> {
        let path = call.path.to_ascii_lowercase();
        for (place, fault) in self.faults.iter().enumerate() {
            if !fits(&fault.path.to_ascii_lowercase(), &path) {
                continue;
            }
            let name = hash(&path);
            let turn = {
                let mut seen = self.seen.lock().unwrap_or_else(|it| it.into_inner());
                let turn = seen.entry((place, name)).or_insert(0);
                *turn += 1;
                *turn
            };
            let strikes = match fault.turns {
                Turns::First(count) => turn <= count,
                Turns::Always => true,
                Turns::PerMille(share) => hash(&(place, name, turn)) % 1_000 < u64::from(share),
            };
            if strikes {
                return Some(&fault.mishap);
            }
        }
        None
    }
}

fn hash(thing: &impl Hash) -> u64 {
    // `DefaultHasher::new` has fixed keys, so the same thing has the same hash in every run.
    let mut hasher = DefaultHasher::new();
    thing.hash(&mut hasher);
    hasher.finish()
}

/// Whether a pattern with `*` fits the whole text.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(place) => rest = &rest[place + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(path: &str) -> Call {
        Call::new("GET", path, "", String::new(), String::new(), Vec::new())
    }

    #[test]
    fn patterns_fit_whole_paths() {
        assert!(fits("*", "/a/b"));
        assert!(fits("*/configurations", "/s/configurations"));
        assert!(!fits("*/configurations", "/s/configurations/x"));
        assert!(fits("/a*b*c", "/a-b-b-c"));
        assert!(!fits("/a*b*c", "/a-c"));
        assert!(fits("/a", "/a"));
        assert!(!fits("/a", "/a/b"));
    }

    #[test]
    fn turns_are_counted_for_each_path() {
        let fate = Fate::new(Faults::none().and(Fault::first(1, "/s/*", Mishap::Reset)));
        assert_eq!(fate.strike(&call("/S/one")), Some(&Mishap::Reset));
        assert_eq!(fate.strike(&call("/s/ONE")), None);
        assert_eq!(fate.strike(&call("/s/two")), Some(&Mishap::Reset));
        assert_eq!(fate.strike(&call("/t")), None);
    }

    #[test]
    fn a_share_strikes_the_same_requests_in_every_run() {
        let run = || {
            let fate = Fate::new(Faults::none().and(Fault {
                path: "*".to_owned(),
                turns: Turns::PerMille(50),
                mishap: Mishap::Reset,
            }));
            (0..2_000)
                .map(|it| fate.strike(&call(&format!("/{it}"))).is_some())
                .collect::<Vec<_>>()
        };
        let struck = run();
        assert_eq!(struck, run());
        let count = struck.iter().filter(|it| **it).count();
        assert!(
            (60..=140).contains(&count),
            "{count} of 2,000 at 50 in a thousand"
        );
    }

    #[test]
    fn answers_are_altered_where_the_mishap_says() {
        let right = Answer::text(200, br#"{"value":[{"name":"a"}]}"#.to_vec());
        let wrong = Mishap::Replace {
            pointer: "/value/0/name".to_owned(),
            value: 7.into(),
        };
        assert_eq!(
            wrong.alter(right.clone()).body,
            br#"{"value":[{"name":7}]}"#
        );
        let linked = Mishap::NextLink("http://127.0.0.2/x".to_owned()).alter(right.clone());
        assert_eq!(
            linked.body,
            br#"{"nextLink":"http://127.0.0.2/x","value":[{"name":"a"}]}"#
        );
        let tainted = Mishap::Taint("!".to_owned()).alter(Answer::text(
            200,
            br#"{"id":"/s","name":"a","tags":{"env":"x"},"value":["b",1]}"#.to_vec(),
        ));
        assert_eq!(
            tainted.body,
            br#"{"id":"/s","name":"a!","tags":{"env!":"x!"},"value":["b!",1]}"#
        );
        let scrambled: std::collections::BTreeSet<Vec<u8>> = (0..100)
            .map(|seed| Mishap::Scramble(seed).alter(right.clone()).body)
            .collect();
        assert!(
            scrambled.len() >= 9,
            "three places, and four or more values of another type"
        );
        assert!(!scrambled.contains(&right.body));
        let refused = Mishap::throttled(3).alter(right);
        assert_eq!((refused.status, refused.headers[0].1.as_str()), (429, "3"));
    }
}
