//! OCSF 1.8.0 (<https://schema.ocsf.io/1.8.0/classes/compliance_finding>): every evaluated finding as an event of the class
//! Compliance Finding (2003), with the profile `cloud`. What is Microsoft's part or not offered at all was not evaluated,
//! and is left out.
//!
//! `compliance.status_id` is Pass or Fail; Warning for an unknown feature, because that is the schema's word for a check
//! without a result for want of information; Other for the verdicts that the schema does not know, under our word. The
//! status of the finding itself is New while it is open and Suppressed when an exemption covers it. What was read and
//! where stands under `unmapped`.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::baseline::{Crosswalk, FamilyCode, catalogue};
use crate::documents::text::neutral;
use crate::posture::{Condition, Finding, Judgement, Severity, VerdictWord};

use super::fingerprint::fingerprint;
use super::head::reason;
use super::{ReportHead, ReportedServer};

const VERSION: &str = "1.8.0";

/// The class, and with the activity Create the type.
const CLASS: u32 = 2003;
const TYPE_CREATE: u32 = CLASS * 100 + 1;

/// Writes an array of events, server by server.
#[derive(Debug)]
pub struct Ocsf<W: Write> {
    out: W,
    head: ReportHead,
    events: u64,
}

impl<W: Write> Ocsf<W> {
    /// Writes what stands before the first event.
    ///
    /// # Errors
    /// When `out` refuses.
    pub fn new(mut out: W, head: &ReportHead) -> io::Result<Self> {
        out.write_all(b"[")?;
        Ok(Self {
            out,
            head: head.clone(),
            events: 0,
        })
    }

    /// Writes the events of a server.
    ///
    /// # Errors
    /// When `out` refuses.
    pub fn server(&mut self, server: &ReportedServer<'_>) -> io::Result<()> {
        for finding in server.findings {
            if matches!(
                finding.verdict.word(),
                VerdictWord::Platform | VerdictWord::Unsupported
            ) {
                continue;
            }
            write!(self.out, "{}", if self.events == 0 { "\n" } else { ",\n" })?;
            serde_json::to_writer(&mut self.out, &event(&self.head, server, finding))?;
            self.events += 1;
        }
        Ok(())
    }

    /// Writes what stands after the last event. Returns how many there are.
    ///
    /// # Errors
    /// When `out` refuses.
    pub fn finish(mut self) -> io::Result<u64> {
        self.out.write_all(b"\n]\n")?;
        self.out.flush()?;
        Ok(self.events)
    }
}

fn event(head: &ReportHead, server: &ReportedServer<'_>, finding: &Finding) -> Value {
    let feature = catalogue().feature(finding.feature);
    let verdict = finding.verdict.word();
    let (severity_id, severity) = severity(finding);
    let (compliance_id, compliance) = compliance_status(verdict);
    let summary = server.summary;
    let read_at = finding
        .conditions
        .iter()
        .flat_map(|condition| &condition.evidence)
        .filter_map(|seen| seen.fetched_at)
        .max()
        .unwrap_or(head.scan.started_at);
    let mut event = json!({
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Compliance Finding",
        "type_uid": TYPE_CREATE,
        "type_name": "Compliance Finding: Create",
        "time": read_at.as_millisecond(),
        "severity_id": severity_id,
        "severity": severity,
        "message": format!("{}: {} on {}", verdict.word(), feature.name, summary.name),
        "metadata": {
            "version": VERSION,
            "profiles": ["cloud"],
            "event_code": feature.id.slug(),
            "original_event_uid": format!("{}/{}", head.scan.id, fingerprint(&summary.id, feature.id)),
            "product": {
                "name": "flexposture",
                "vendor_name": "flexposture",
                "version": env!("CARGO_PKG_VERSION"),
            },
        },
        "cloud": cloud(server),
        "compliance": {
            "control": feature.control,
            "category": catalogue().family(feature.id.family()).title,
            "desc": feature.description,
            "standards": standards(feature.id.family()),
            "requirements": requirements(&feature.control, &feature.name),
            "status_id": compliance_id,
            "status": compliance,
            "checks": finding.conditions.iter().map(check).collect::<Vec<_>>(),
        },
        "finding_info": {
            "uid": fingerprint(&summary.id, feature.id),
            "title": format!("{} {}", feature.control, feature.name),
            "data_sources": ["Azure Resource Manager"],
            "analytic": {"type_id": 1, "type": "Rule", "uid": feature.id.slug(), "name": feature.name},
        },
        "resources": [resource(server)],
        "unmapped": {
            "verdict": verdict.word(),
            "ruleset": head.ruleset,
            "scan": head.scan.id,
            "conditions": super::findings::condition_records(finding),
            "notes": finding.notes,
        },
    });
    let mut details: Vec<String> = reason(finding).into_iter().collect();
    let open = finding.conditions.iter().filter(|it| it.is_open());
    details.extend(open.map(super::sarif::open_words));
    if !details.is_empty() {
        event["compliance"]["status_details"] = details.into();
    }
    let status = match verdict {
        VerdictWord::Fail | VerdictWord::Unknown | VerdictWord::Manual => Some((1, "New")),
        VerdictWord::Waived => Some((3, "Suppressed")),
        _ => None,
    };
    if let Some((id, word)) = status {
        event["status_id"] = id.into();
        event["status"] = word.into();
        event["finding_info"]["desc"] = feature.guidance.meaning.as_str().into();
        event["remediation"] = json!({"desc": feature.guidance.action});
        if let Some(url) = feature.reference.as_ref().and_then(|it| it.url.as_deref()) {
            event["remediation"]["references"] = json!([url]);
        }
    }
    event
}

fn severity_of(severity: Severity) -> (u8, &'static str) {
    match severity {
        Severity::Critical => (5, "Critical"),
        Severity::High => (4, "High"),
        Severity::Medium => (3, "Medium"),
        Severity::Low => (2, "Low"),
    }
}

/// How bad a finding is: of what is unread nobody knows, and what is not open is only said.
fn severity(finding: &Finding) -> (u8, &'static str) {
    match (finding.verdict.word(), finding.severity()) {
        (VerdictWord::Fail, Some(severity)) => severity_of(severity),
        (VerdictWord::Fail | VerdictWord::Unknown | VerdictWord::Manual, _) => (0, "Unknown"),
        _ => (1, "Informational"),
    }
}

/// The status of a compliance check, as the schema names it, or as `Other` names our verdict.
const fn compliance_status(verdict: VerdictWord) -> (u8, &'static str) {
    match verdict {
        VerdictWord::Pass => (1, "Pass"),
        VerdictWord::Unknown => (2, "Warning"),
        VerdictWord::Fail => (3, "Fail"),
        other => (99, other.word()),
    }
}

fn check(condition: &Condition) -> Value {
    let (severity_id, severity) = severity_of(condition.severity);
    let (status_id, status) = match (&condition.judgement, &condition.waiver) {
        (_, Some(_)) => (99, "Waived"),
        (Judgement::Met, _) => (1, "Pass"),
        (Judgement::Unread(_), _) => (2, "Warning"),
        (Judgement::Unmet, _) => (3, "Fail"),
        (other, _) => (99, other.word()),
    };
    json!({
        "uid": condition.id,
        "name": condition.id,
        "desc": condition.statement,
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
    })
}

fn standards(family: FamilyCode) -> Vec<&'static str> {
    if family.is_baseline() {
        vec![
            "Azure security baseline for Azure Database for MySQL - Flexible Server",
            "Microsoft cloud security benchmark v1",
        ]
    } else {
        vec!["flexposture, beyond the baseline"]
    }
}

/// What the feature asks for, and the rows of other frameworks in the benchmark's own mapping.
fn requirements(control: &str, feature: &str) -> Vec<String> {
    let mut requirements = vec![feature.to_owned()];
    let Some(control) = catalogue().control(control) else {
        return requirements;
    };
    let Crosswalk {
        cis_v7_1,
        cis_v8,
        nist_sp800_53_r4,
        pci_dss_v3_2_1,
        ..
    } = &control.crosswalk;
    for (framework, ids) in [
        ("CIS Controls v7.1", cis_v7_1),
        ("CIS Controls v8", cis_v8),
        ("NIST SP 800-53 r4", nist_sp800_53_r4),
        ("PCI DSS v3.2.1", pci_dss_v3_2_1),
    ] {
        requirements.extend(ids.iter().map(|id| format!("{framework} {id}")));
    }
    requirements
}

fn cloud(server: &ReportedServer<'_>) -> Value {
    let summary = server.summary;
    let mut cloud = json!({
        "provider": "Azure",
        "account": {"uid": &*summary.subscription, "name": server.subscription},
    });
    if !summary.region.is_empty() {
        cloud["region"] = (*summary.region).into();
    }
    cloud
}

fn resource(server: &ReportedServer<'_>) -> Value {
    let summary = server.summary;
    let tags: Vec<Value> = summary
        .tags
        .iter()
        .map(|(name, value)| json!({"name": &**name, "value": &**value}))
        .collect();
    let mut resource = json!({
        "uid": neutral(&summary.id),
        "name": &*summary.name,
        "type": "Microsoft.DBforMySQL/flexibleServers",
        "tags": tags,
    });
    for (key, text) in [("region", &*summary.region), ("version", &*summary.version)] {
        if !text.is_empty() {
            resource[key] = text.into();
        }
    }
    if !summary.resource_group.is_empty() {
        resource["group"] = json!({"name": &*summary.resource_group});
    }
    if !summary.state.is_empty() {
        resource["data"] = json!({"state": &*summary.state});
    }
    resource
}
