//! X-1, Supported version: how long Azure supports the MySQL version that the server runs.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::baseline::{VersionSupport, version_support, version_table};
use crate::documents::text::neutral;
use crate::documents::{Cause, Fact};
use crate::posture::{Condition, Judgement, Severity};

use super::look::{Look, Rule};

/// The severity is that of a version which nobody repairs any more; a version in paid support is less.
pub const SUPPORTED_VERSION: Rule = Rule {
    id: "supported-version",
    statement: "Azure supports the MySQL version as part of the service",
    severity: Severity::High,
};

/// X-1 Supported version: `supported-version`, as of the moment at which the server was read.
pub fn supported_version(look: &Look<'_>) -> Condition {
    let seen = look.member_text("/properties/version");
    let as_of = look.as_of(seen.source.kind);
    let expected = as_of.map_or_else(
        || "a version in standard support".to_owned(),
        |as_of| format!("a version in standard support on {}", day(as_of)),
    );
    let evidence = look.evidence(&seen, &expected);
    let (judgement, severity, note) = match (&seen.fact, as_of) {
        (Fact::Known(version), Some(as_of)) => match version_support(version) {
            Some(support) => standing(
                support,
                day(as_of),
                look.ruleset.thresholds.version_eol_warning_days,
            ),
            None => {
                let detail = format!(
                    "nothing is known to this version of flexposture about the support of MySQL {:?}",
                    neutral(&version.chars().take(40).collect::<String>())
                );
                (
                    Judgement::Unread(Cause::Malformed { detail }),
                    Severity::Medium,
                    None,
                )
            }
        },
        (Fact::Known(_), None) | (Fact::Absent, _) => {
            (Judgement::Unread(Cause::Absent), Severity::Medium, None)
        }
        (Fact::Unread(cause), _) => (Judgement::Unread(cause.clone()), Severity::Medium, None),
    };
    let mut condition = SUPPORTED_VERSION.decides(judgement, vec![evidence]);
    condition.severity = severity;
    condition.note = note;
    condition
}

/// The day of a moment, in UTC.
fn day(moment: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(moment).date()
}

/// How old the dates are by which versions are judged: Azure has moved them before.
#[must_use]
pub fn age_of_the_dates() -> String {
    format!(
        "the dates of support are those of {} and have moved before: look them up before you plan by them",
        version_table().seen
    )
}

/// How a version stands on a day.
fn standing(
    support: &VersionSupport,
    today: Date,
    warning_days: i64,
) -> (Judgement, Severity, Option<String>) {
    let version = &support.version;
    if support.innovation {
        let note = format!(
            "{version} is an Innovation release: for trying out, without backups, standby or support"
        );
        return (Judgement::Unmet, Severity::High, Some(note));
    }
    if let Some(end) = support.extended_end.filter(|end| today > *end) {
        let note = format!("extended support of {version} ended on {end}: nobody repairs it");
        return (Judgement::Unmet, Severity::High, Some(note));
    }
    match (support.standard_end, support.extended_end) {
        (Some(end), extended) if today > end => {
            let extended = extended.map_or_else(
                || "its end is not known".to_owned(),
                |extended| format!("it ends on {extended}"),
            );
            let note = format!(
                "standard support of {version} ended on {end}; what goes on is paid extended support, {extended}"
            );
            (Judgement::Unmet, Severity::Medium, Some(note))
        }
        (Some(end), _) => {
            let warns_from = end.saturating_sub(SignedDuration::from_hours(24 * warning_days));
            let note = (today >= warns_from)
                .then(|| format!("standard support of {version} ends on {end}: plan the upgrade"));
            (Judgement::Met, Severity::Medium, note)
        }
        (None, _) => match support.community_end {
            Some(end) if today <= end => {
                let note = format!(
                    "Azure has named no end for {version}; its rule is the end of the community's support, {end}"
                );
                (Judgement::Met, Severity::Medium, Some(note))
            }
            _ => {
                let detail = format!("how long Azure supports MySQL {version} is not known");
                (
                    Judgement::Unread(Cause::Malformed { detail }),
                    Severity::Medium,
                    None,
                )
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::{Value, json};

    use super::*;
    use crate::documents::DocumentKind;
    use crate::posture::Ruleset;
    use crate::posture::fixtures::{Fixture, causes};

    fn condition(fixture: Fixture) -> Condition {
        let documents = fixture.documents();
        supported_version(&Look {
            documents: &documents,
            ruleset: &Ruleset::default(),
        })
    }

    fn of(version: Value) -> Condition {
        condition(Fixture::new().server(json!({ "version": version })))
    }

    fn support(standard: Option<Date>, extended: Option<Date>) -> VersionSupport {
        VersionSupport {
            version: "8.0".into(),
            innovation: false,
            community_end: Some(date(2026, 4, 30)),
            standard_end: standard,
            extended_end: extended,
            note: None,
            source: "test".into(),
        }
    }

    #[test]
    fn a_version_stands_by_the_day_on_which_it_was_read() {
        let known = support(Some(date(2027, 1, 31)), Some(date(2029, 5, 31)));
        let on = |day| standing(&known, day, 180);
        for (day, judgement, severity, noted) in [
            (date(2026, 1, 1), Judgement::Met, Severity::Medium, false),
            (date(2026, 8, 3), Judgement::Met, Severity::Medium, false),
            (date(2026, 8, 4), Judgement::Met, Severity::Medium, true),
            (date(2027, 1, 31), Judgement::Met, Severity::Medium, true),
            (date(2027, 2, 1), Judgement::Unmet, Severity::Medium, true),
            (date(2029, 5, 31), Judgement::Unmet, Severity::Medium, true),
            (date(2029, 6, 1), Judgement::Unmet, Severity::High, true),
        ] {
            let (found, how_bad, note) = on(day);
            assert_eq!(
                (found, how_bad, note.is_some()),
                (judgement, severity, noted),
                "{day}"
            );
        }
    }

    #[test]
    fn without_a_date_of_azure_the_community_decides_and_without_both_nobody() {
        let unknown = support(None, None);
        assert_eq!(standing(&unknown, date(2026, 4, 30), 180).0, Judgement::Met);
        assert!(matches!(
            standing(&unknown, date(2026, 5, 1), 180).0,
            Judgement::Unread(_)
        ));
    }

    #[test]
    fn the_first_two_numbers_of_the_version_count() {
        // All documents of these tests were fetched on 2026-11-20.
        for version in ["5.7", "5.7.44"] {
            let condition = of(json!(version));
            assert_eq!(
                (condition.judgement, condition.severity),
                (Judgement::Unmet, Severity::Medium),
                "{version}"
            );
        }
        assert_eq!(of(json!("8.0.21")).judgement, Judgement::Met);
        assert_eq!(of(json!("8.4")).judgement, Judgement::Met);
        let innovation = of(json!("9.3"));
        assert_eq!(
            (innovation.judgement, innovation.severity),
            (Judgement::Unmet, Severity::High)
        );
    }

    #[test]
    fn a_version_that_nobody_lists_is_not_judged() {
        for version in [
            json!("9.9"),
            json!("10.1"),
            json!("eight"),
            json!("8"),
            json!(8.0),
        ] {
            assert!(
                matches!(
                    of(version.clone()).judgement,
                    Judgement::Unread(Cause::Malformed { .. })
                ),
                "{version}"
            );
        }
        assert_eq!(of(json!(null)).judgement, Judgement::Unread(Cause::Absent));
        for cause in causes() {
            let fixture = Fixture::new().unread(DocumentKind::Server, cause.clone());
            assert_eq!(condition(fixture).judgement, Judgement::Unread(cause));
        }
    }
}
