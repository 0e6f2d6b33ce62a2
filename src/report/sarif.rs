//! SARIF 2.1.0 (OASIS standard, with errata 01) for code scanning.
//!
//! A rule is a feature, a result is a finding that is open. What passes or does not apply is left out: code scanning of
//! GitHub takes every result for an alert, whatever its `kind`. By the standard (section 3.27.9) a failing feature is of
//! kind `fail`; an unknown one is `open`, because what is known does not decide it; one that only a person can decide is
//! `review`. Kinds other than `fail` have no level. What an exemption covers is `fail` with an accepted suppression.
//!
//! GitHub shows a result only where it has a file: the resource id stands for one, without its first slash.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::baseline::{Feature, FeatureId, catalogue};
use crate::documents::text::neutral;
use crate::posture::{Condition, Finding, Judgement, Severity, VerdictWord};

use super::fingerprint::fingerprint;
use super::head::reason;
use super::{ConditionRecord, Overview, ReportHead, ReportedServer, WaiverRecord};

/// How many results GitHub takes in one run; it refuses a file with more.
pub const MOST_RESULTS_OF_GITHUB: u64 = 25_000;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// How long the text of a result becomes, in characters; everything stands in its properties.
const LONGEST_MESSAGE: usize = 1_000;

/// Writes a log in SARIF, server by server.
#[derive(Debug)]
pub struct Sarif<W: Write> {
    out: W,
    results: u64,
}

impl<W: Write> Sarif<W> {
    /// Writes what stands before the first result. `overview` says which severities rules have.
    ///
    /// # Errors
    /// When `out` refuses.
    pub fn new(mut out: W, head: &ReportHead, overview: &Overview) -> io::Result<Self> {
        let rules: Vec<Value> = catalogue()
            .features()
            .iter()
            .map(|feature| rule(feature, overview.worst(feature.id)))
            .collect();
        let version = env!("CARGO_PKG_VERSION");
        let driver = json!({
            "name": "flexposture",
            "semanticVersion": version,
            "version": version,
            "rules": rules,
        });
        let scan = &head.scan;
        let complete = scan.completeness == "complete";
        let mut invocation = json!({
            "executionSuccessful": complete,
            "startTimeUtc": utc(scan.started_at),
            "toolExecutionNotifications": scan
                .notes
                .iter()
                .map(|note| json!({"level": "note", "message": {"text": escaped(&neutral(note))}}))
                .collect::<Vec<_>>(),
        });
        if let Some(finished) = scan.finished_at {
            invocation["endTimeUtc"] = utc(finished).into();
        }
        write!(
            out,
            "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\"tool\":{{\"driver\":"
        )?;
        serde_json::to_writer(&mut out, &driver)?;
        write!(out, "}},\"automationDetails\":")?;
        let automation = json!({"id": format!("flexposture/{}", scan.id)});
        serde_json::to_writer(&mut out, &automation)?;
        write!(out, ",\"invocations\":[")?;
        serde_json::to_writer(&mut out, &invocation)?;
        write!(
            out,
            "],\"columnKind\":\"unicodeCodePoints\",\"properties\":"
        )?;
        serde_json::to_writer(&mut out, &json!({"report": head}))?;
        write!(out, ",\"results\":[")?;
        Ok(Self { out, results: 0 })
    }

    /// Writes the results of a server.
    ///
    /// # Errors
    /// When `out` refuses.
    pub fn server(&mut self, server: &ReportedServer<'_>) -> io::Result<()> {
        for finding in server.findings {
            let Some(result) = result(server, finding) else {
                continue;
            };
            write!(self.out, "{}", if self.results == 0 { "\n" } else { ",\n" })?;
            serde_json::to_writer(&mut self.out, &result)?;
            self.results += 1;
        }
        Ok(())
    }

    /// Writes what stands after the last result. Returns how many there are.
    ///
    /// # Errors
    /// When `out` refuses.
    pub fn finish(mut self) -> io::Result<u64> {
        self.out.write_all(b"\n]}]}\n")?;
        self.out.flush()?;
        Ok(self.results)
    }
}

fn utc(time: jiff::Timestamp) -> String {
    format!("{time:.3}")
}

/// The level of a result that fails, by severity.
const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// The number by which GitHub tells critical (over 9.0), high (7.0 and more), medium (4.0 and more) and low apart.
const fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

fn rule(feature: &Feature, worst: Option<Severity>) -> Value {
    let guidance = &feature.guidance;
    let parts = [
        ("What it means", &guidance.meaning),
        ("What to do", &guidance.action),
        ("What it may break", &guidance.impact),
    ];
    let parts = || parts.iter().filter(|(_, text)| !text.is_empty());
    let text: Vec<String> = parts()
        .map(|(title, text)| format!("{title}: {text}"))
        .collect();
    let markdown: Vec<String> = parts()
        .map(|(title, text)| format!("## {title}\n\n{text}"))
        .collect();
    let family = feature.id.family();
    let mut tags = vec![
        "security",
        "azure",
        "mysql",
        family.code(),
        &feature.control,
    ];
    tags.dedup();
    let mut rule = json!({
        "id": feature.id.slug(),
        "name": pascal(feature.id),
        "shortDescription": {"text": escaped(&format!("{} {}", feature.control, feature.name))},
        "fullDescription": {"text": escaped(&feature.description)},
        "help": {"text": escaped(&text.join("\n\n")), "markdown": markdown.join("\n\n")},
        "defaultConfiguration": {"level": worst.map_or("warning", level)},
        "properties": {"tags": tags, "precision": "very-high"},
    });
    if let Some(url) = feature.reference.as_ref().and_then(|it| it.url.as_deref()) {
        rule["helpUri"] = url.into();
    }
    if let Some(worst) = worst {
        rule["properties"]["security-severity"] = security_severity(worst).into();
    }
    rule
}

/// The word of a feature as the name of a rule: `TransitEncryption`.
fn pascal(feature: FeatureId) -> String {
    let mut name = String::new();
    for part in feature.slug().split('-') {
        let mut letters = part.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.extend(letters);
    }
    name
}

fn result(server: &ReportedServer<'_>, finding: &Finding) -> Option<Value> {
    let verdict = finding.verdict.word();
    let kind = match verdict {
        VerdictWord::Fail | VerdictWord::Waived => "fail",
        VerdictWord::Unknown => "open",
        VerdictWord::Manual => "review",
        VerdictWord::Pass
        | VerdictWord::NotApplicable
        | VerdictWord::Platform
        | VerdictWord::Unsupported => return None,
    };
    // Of what is exempt the conditions say how bad it would be.
    let severity = finding.severity().or_else(|| {
        let waived = finding.conditions.iter().filter(|it| it.waiver.is_some());
        waived.map(|it| it.severity).min()
    });
    let level = match (kind, severity) {
        ("fail", Some(severity)) => level(severity),
        ("fail", None) => "warning",
        _ => "none",
    };
    let id = neutral(server.documents.id().as_str()).into_owned();
    let name = &*server.summary.name;
    let print = fingerprint(server.documents.id().as_str(), finding.feature);
    let mut result = json!({
        "ruleId": finding.feature.slug(),
        "ruleIndex": finding.feature.index(),
        "kind": kind,
        "level": level,
        "message": {"text": message(name, finding)},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": file_of(&id)},
                "region": {"startLine": 1},
            },
            "logicalLocations": [{"name": name, "fullyQualifiedName": id, "kind": "resource"}],
        }],
        "partialFingerprints": {
            "flexposture/v1": print,
            "primaryLocationLineHash": format!("{print}:1"),
        },
        "properties": {
            "verdict": verdict.word(),
            "severity": severity.map(Severity::word),
            "control": finding.feature.control(),
            "family": finding.feature.family().code(),
            "subscription": server.subscription,
            "conditions": open_conditions(finding),
        },
    });
    if verdict == VerdictWord::Waived {
        let waivers = finding
            .conditions
            .iter()
            .filter_map(|it| it.waiver.as_deref());
        let mut waivers: Vec<String> = waivers
            .map(|it| WaiverRecord::from(it).to_string())
            .collect();
        waivers.dedup();
        result["suppressions"] = json!([{
            "kind": "external",
            "status": "accepted",
            "justification": waivers.join("; "),
        }]);
    }
    Some(result)
}

/// The conditions that are open, with where they were read.
fn open_conditions(finding: &Finding) -> Vec<ConditionRecord<'_>> {
    let open = |it: &ConditionRecord<'_>| matches!(it.outcome, "Unmet" | "Unknown" | "Manual");
    let mut conditions = super::findings::condition_records(finding);
    conditions.retain(open);
    conditions
}

/// What a result says in one text: the verdict, and each condition that is open with what was seen.
fn message(server: &str, finding: &Finding) -> String {
    let feature = &catalogue().feature(finding.feature).name;
    let mut text = format!("{}: {feature} on {server}", finding.verdict.word().word());
    if let Some(reason) = reason(finding) {
        text += &format!(". {reason}");
    }
    for condition in finding.conditions.iter().filter(|it| it.is_open()) {
        text += &format!("\n{}", open_words(condition));
    }
    if text.chars().count() > LONGEST_MESSAGE {
        text = text.chars().take(LONGEST_MESSAGE - 1).collect();
        text.push('…');
    }
    escaped(&text)
}

/// A condition that is open, in a line.
pub(super) fn open_words(condition: &Condition) -> String {
    let mut words = match condition.judgement {
        Judgement::Unmet => format!("Does not hold ({})", condition.severity),
        Judgement::Unread(_) => "Unread".to_owned(),
        _ => "To be decided by a person".to_owned(),
    };
    words += &format!(": {}", condition.statement);
    for seen in &condition.evidence {
        words += &format!("; saw {}, expected {}", seen.observed, seen.expected);
    }
    words
}

/// Text as a message of SARIF: braces would be places to fill in, brackets links (sections 3.11.5 and 3.11.6).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '{' => escaped.push_str("{{"),
            '}' => escaped.push_str("}}"),
            '[' | ']' | '\\' => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A resource id as the relative address of a file.
fn file_of(id: &str) -> String {
    let mut uri = String::with_capacity(id.len());
    for byte in id.trim_start_matches('/').bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_azure_is_neither_a_place_to_fill_in_nor_a_link_nor_another_file() {
        assert_eq!(escaped("a{0}[b](c)"), "a{{0}}\\[b\\](c)");
        assert_eq!(
            file_of("/subscriptions/a b/é?x#y"),
            "subscriptions/a%20b/%C3%A9%3Fx%23y"
        );
        assert_eq!(pascal(FeatureId::TransitEncryption), "TransitEncryption");
    }
}
