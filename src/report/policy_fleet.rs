//! The policies over all servers of a scan, as a record and as text.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::baseline::{FeatureId, PolicyCoverage, catalogue};
use crate::documents::CauseKind;
use crate::posture::policy::{
    Agreement, AssignmentInFleet, BlindSpots, Evaluates, PolicyFleet, PolicyRow, blind_spot_words,
    blind_spots,
};

use super::policies::AzureExemptionRecord;

/// What `policies --json` writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyFleetRecord {
    /// How many servers were looked at.
    pub servers: usize,
    /// How many subscriptions they lie in.
    pub subscriptions: usize,
    /// The policies that the catalogue shows with a feature.
    pub policies: Vec<PolicyRowRecord>,
    /// The features that no policy can evaluate on a flexible server.
    pub blind_spots: Vec<BlindSpotRecord>,
    /// The exemptions of Azure Policy that cover servers of the scan.
    pub azure_exemptions: Vec<ExemptionInFleetRecord>,
    /// On how many servers the exemptions could not be read, by cause.
    pub azure_exemptions_unread: BTreeMap<&'static str, usize>,
}

/// A policy over all servers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyRowRecord {
    /// The GUID of the definition.
    pub guid: &'static str,
    /// Its display name.
    pub name: &'static str,
    /// The version whose rule our reading follows.
    pub version: &'static str,
    /// Whether the baseline page itself names it.
    pub named_by_baseline_page: bool,
    /// Whether it can evaluate a flexible server.
    pub evaluates_flexible_servers: bool,
    /// What it evaluates, in words.
    pub evaluates: &'static str,
    /// Why it never evaluates a flexible server.
    pub evaluates_reason: Option<String>,
    /// The features that it is shown with, each by its control and name.
    pub features: Vec<String>,
    /// How many servers, or subscriptions where it evaluates those, the counts are of.
    pub counted: usize,
    /// Where it is assigned, by the states that show.
    pub assignments: Vec<AssignmentInFleetRecord>,
    /// How often Azure says what, in its words.
    pub azure: BTreeMap<String, usize>,
    /// How often no state of it shows.
    pub azure_not_seen: usize,
    /// How often states could not be read, by cause.
    pub azure_unread: BTreeMap<&'static str, usize>,
    /// How often our reading says what.
    pub ours: BTreeMap<&'static str, usize>,
    /// How often the two agree.
    pub agreement: BTreeMap<Agreement, usize>,
}

/// An assignment that states show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AssignmentInFleetRecord {
    /// The assignment's id.
    pub id: String,
    /// The assignment's name.
    pub name: String,
    /// The id of the initiative, where it is one.
    pub initiative: Option<String>,
    /// How many servers a state shows it on.
    pub servers: usize,
}

/// A feature that no policy can evaluate on a flexible server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BlindSpotRecord {
    /// The control's id.
    pub control: &'static str,
    /// The feature's name.
    pub feature: &'static str,
    /// Whether the feature is one of the baseline, and not of family X.
    pub baseline: bool,
    /// What the policies there are can evaluate.
    pub coverage: PolicyCoverage,
    /// Why none can evaluate a flexible server, in words.
    pub reason: &'static str,
}

/// An exemption of Azure Policy over all servers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExemptionInFleetRecord {
    /// The exemption; what it covers is over all servers.
    #[serde(flatten)]
    pub exemption: AzureExemptionRecord,
    /// How many servers of the scan lie in its scope.
    pub servers: usize,
}

impl PolicyFleetRecord {
    /// The record of a fold.
    #[must_use]
    pub fn new(fleet: &PolicyFleet) -> Self {
        Self {
            servers: fleet.servers,
            subscriptions: fleet.subscriptions(),
            policies: fleet.policies.iter().map(PolicyRowRecord::new).collect(),
            blind_spots: blind_spot_records(),
            azure_exemptions: fleet
                .exemptions
                .values()
                .map(|found| {
                    let mut exemption = AzureExemptionRecord::new(found.exemption.clone());
                    exemption.covers =
                        Some(found.covers.iter().map(|it| it.guid.as_str()).collect());
                    ExemptionInFleetRecord {
                        exemption,
                        servers: found.servers,
                    }
                })
                .collect(),
            azure_exemptions_unread: by_word(&fleet.exemptions_unread),
        }
    }
}

impl PolicyRowRecord {
    pub(super) fn new(row: &PolicyRow) -> Self {
        let never = matches!(row.evaluates, Evaluates::Never(_));
        Self {
            guid: &row.policy.guid,
            name: &row.policy.name,
            version: &row.policy.version,
            named_by_baseline_page: row.policy.is_named_by_the_page(),
            evaluates_flexible_servers: row.evaluates == Evaluates::FlexibleServer,
            evaluates: row.evaluates.words(),
            evaluates_reason: match &row.evaluates {
                Evaluates::Never(why) => Some(why.clone()),
                Evaluates::FlexibleServer | Evaluates::Subscription => None,
            },
            features: row.features.iter().copied().map(feature_words).collect(),
            counted: row.counted,
            assignments: row
                .assignments
                .values()
                .map(AssignmentInFleetRecord::new)
                .collect(),
            azure: row
                .azure
                .iter()
                .map(|(state, count)| (state.word().to_owned(), *count))
                .collect(),
            azure_not_seen: row.not_seen,
            azure_unread: by_word(&row.unread),
            ours: [
                ("Compliant", row.ours.compliant),
                ("NonCompliant", row.ours.non_compliant),
                ("Open", row.ours.open),
                ("DoesNotApply", row.ours.does_not_apply),
            ]
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .collect(),
            agreement: Agreement::ALL
                .into_iter()
                .filter(|_| !never)
                .map(|agreement| (agreement, row.agreement.get(agreement)))
                .collect(),
        }
    }
}

impl AssignmentInFleetRecord {
    fn new(assignment: &AssignmentInFleet) -> Self {
        Self {
            id: assignment.id.clone(),
            name: assignment.name.clone(),
            initiative: assignment.initiative.clone(),
            servers: assignment.servers,
        }
    }
}

fn by_word(counts: &BTreeMap<CauseKind, usize>) -> BTreeMap<&'static str, usize> {
    counts
        .iter()
        .map(|(kind, count)| (kind.word(), *count))
        .collect()
}

fn feature_words(feature: FeatureId) -> String {
    format!(
        "{} {}",
        feature.control(),
        catalogue().feature(feature).name
    )
}

fn blind_spot_records() -> Vec<BlindSpotRecord> {
    let BlindSpots { baseline, beyond } = blind_spots(catalogue());
    baseline
        .into_iter()
        .chain(beyond)
        .filter_map(|(feature, coverage)| {
            Some(BlindSpotRecord {
                control: feature.control(),
                feature: &catalogue().feature(feature).name,
                baseline: feature.is_baseline(),
                coverage,
                reason: blind_spot_words(coverage)?,
            })
        })
        .collect()
}

/// Writes the policies over all servers as text.
///
/// # Errors
/// When `out` refuses.
pub fn write_policies(out: &mut impl Write, record: &PolicyFleetRecord) -> io::Result<()> {
    writeln!(
        out,
        "Azure Policy over {} and {}",
        counted(record.servers, "server"),
        counted(record.subscriptions, "subscription")
    )?;
    let (evaluating, never): (Vec<_>, Vec<_>) = record
        .policies
        .iter()
        .partition(|policy| policy.evaluates_reason.is_none());
    for policy in evaluating {
        write_policy(out, policy)?;
    }
    writeln!(out, "\nThese never evaluate a flexible server")?;
    for policy in never {
        let named = if policy.named_by_baseline_page {
            ", named by the baseline page"
        } else {
            ""
        };
        writeln!(out, "  {} {}{named}", short(policy.guid), policy.name)?;
        writeln!(out, "    shown with   {}", policy.features.join("; "))?;
        if let Some(why) = &policy.evaluates_reason {
            writeln!(out, "    {why}")?;
        }
    }
    for (title, baseline) in [
        ("Policy blind spots of the baseline", true),
        ("Policy blind spots beyond the baseline", false),
    ] {
        writeln!(out, "\n{title}")?;
        for spot in record
            .blind_spots
            .iter()
            .filter(|it| it.baseline == baseline)
        {
            writeln!(
                out,
                "  {:5} {}: {}",
                spot.control, spot.feature, spot.reason
            )?;
        }
    }
    write_exemptions(out, record)
}

fn write_policy(out: &mut impl Write, policy: &PolicyRowRecord) -> io::Result<()> {
    writeln!(
        out,
        "\n  {} {} (version {})",
        short(policy.guid),
        policy.name,
        policy.version
    )?;
    let of_what = if policy.evaluates_flexible_servers {
        "server"
    } else {
        "subscription"
    };
    writeln!(out, "    shown with   {}", policy.features.join("; "))?;
    writeln!(
        out,
        "    evaluates    {}: {}",
        policy.evaluates,
        counted(policy.counted, of_what)
    )?;
    for assignment in &policy.assignments {
        let through = assignment
            .initiative
            .as_ref()
            .map_or_else(String::new, |initiative| format!(" through {initiative}"));
        writeln!(
            out,
            "    assigned     {}{through}: {}",
            assignment.id,
            counted(assignment.servers, "server")
        )?;
    }
    let mut azure: Vec<String> = policy
        .azure
        .iter()
        .map(|(state, count)| format!("{state} {count}"))
        .collect();
    if policy.azure_not_seen > 0 {
        azure.push(format!("no state {}", policy.azure_not_seen));
    }
    azure.extend(unread_words(&policy.azure_unread));
    let azure = if policy.evaluates_flexible_servers || !policy.azure.is_empty() {
        joined(&azure)
    } else {
        "not known: its states are about the subscription, and those are not read".to_owned()
    };
    writeln!(out, "    Azure says   {azure}")?;
    let ours: Vec<String> = policy
        .ours
        .iter()
        .map(|(word, count)| format!("{word} {count}"))
        .collect();
    writeln!(out, "    its rule     {}", joined(&ours))?;
    let agreement: Vec<String> = policy
        .agreement
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(agreement, count)| format!("{} {count}", agreement.words()))
        .collect();
    writeln!(out, "    agreement    {}", joined(&agreement))
}

fn write_exemptions(out: &mut impl Write, record: &PolicyFleetRecord) -> io::Result<()> {
    writeln!(
        out,
        "\nExemptions of Azure Policy that cover these servers; they change no verdict here"
    )?;
    for found in &record.azure_exemptions {
        writeln!(
            out,
            "  {}: {}",
            found.exemption.in_words(),
            counted(found.servers, "server")
        )?;
        let covers = found.exemption.covers.iter().flatten();
        let covers: Vec<&str> = covers.copied().map(short).collect();
        if !covers.is_empty() {
            writeln!(out, "    covers {}", covers.join(", "))?;
        }
    }
    let unread: Vec<String> = unread_words(&record.azure_exemptions_unread).collect();
    if !unread.is_empty() {
        writeln!(out, "  {}", unread.join(", "))?;
    } else if record.azure_exemptions.is_empty() {
        writeln!(out, "  none that you may see")?;
    }
    Ok(())
}

fn unread_words(counts: &BTreeMap<&'static str, usize>) -> impl Iterator<Item = String> {
    counts
        .iter()
        .map(|(cause, count)| format!("unread ({cause}) {count}"))
}

fn joined(words: &[String]) -> String {
    if words.is_empty() {
        "nothing".to_owned()
    } else {
        words.join(", ")
    }
}

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

fn short(guid: &str) -> &str {
    guid.get(..8).unwrap_or(guid)
}
