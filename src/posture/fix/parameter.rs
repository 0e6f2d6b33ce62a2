//! Fixes that set a server parameter: one table, one way.

use crate::documents::{ResourceId, parameters};
use crate::posture::checks::audit::missing_events;
use crate::posture::{ConditionId, Ruleset};

use super::need::{Need, Parameter};
use super::shell::Draft;
use super::{Fix, Undo};

/// A condition that a parameter's value decides.
struct Rule {
    condition: ConditionId,
    parameter: &'static str,
    title: &'static str,
    wanted: Wanted,
    breaks: &'static str,
    /// Whether a change needs a restart, where Azure did not say: as Microsoft documents the parameter.
    is_static: bool,
}

/// What the parameter is to be.
#[derive(Clone, Copy)]
enum Wanted {
    Value(&'static str),
    /// The versions in force without those before 1.2.
    StrongTls,
    /// The events in force and those that are required.
    Events,
    /// Azure's default, which is empty.
    Default,
}

const RULES: [Rule; 6] = [
    Rule {
        condition: "require-tls",
        parameter: "require_secure_transport",
        title: "Refuse connections without TLS",
        wanted: Wanted::Value("ON"),
        breaks: "Clients that connect without TLS are refused from then on.",
        is_static: false,
    },
    Rule {
        condition: "tls-min",
        parameter: "tls_version",
        title: "Offer TLS 1.2 and newer only",
        wanted: Wanted::StrongTls,
        breaks: "Clients that speak nothing newer than TLS 1.1 are refused. The restart breaks open connections.",
        is_static: true,
    },
    Rule {
        condition: "audit-on",
        parameter: "audit_log_enabled",
        title: "Switch the audit log on",
        wanted: Wanted::Value("ON"),
        breaks: "Writing the log costs some performance, and storing it where it is sent costs money.",
        is_static: false,
    },
    Rule {
        condition: "audit-events",
        parameter: "audit_log_events",
        title: "Audit the events that are required",
        wanted: Wanted::Events,
        breaks: "More events make a larger log.",
        is_static: false,
    },
    Rule {
        condition: "audit-users",
        parameter: "audit_log_include_users",
        title: "Audit every user",
        wanted: Wanted::Default,
        breaks: "More users make a larger log. Users named in audit_log_exclude_users stay out of it.",
        is_static: false,
    },
    Rule {
        condition: "local-infile",
        parameter: "local_infile",
        title: "Refuse LOAD DATA LOCAL",
        wanted: Wanted::Value("OFF"),
        breaks: "Clients that load files with LOAD DATA LOCAL INFILE get an error.",
        is_static: false,
    },
];

/// The conditions that this table answers for.
pub const CONDITIONS: &[ConditionId] = &[
    "require-tls",
    "tls-min",
    "audit-on",
    "audit-events",
    "audit-users",
    "local-infile",
];

/// One fix for every parameter.
pub fn set(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    RULES
        .iter()
        .filter(|rule| unmet.contains(&rule.condition))
        .map(|rule| rule.fix(need))
        .collect()
}

impl Rule {
    fn fix(&self, need: &Need<'_>) -> Fix {
        let read = need.parameter(self.parameter);
        let portal = format!(
            "the server › Settings › Server parameters › {}",
            self.parameter
        );
        let restarts = read
            .and_then(Parameter::needs_restart)
            .unwrap_or(self.is_static);
        let waits = read.is_some_and(|it| it.waits() && self.is_met_by(it, need.ruleset));
        let mut fix = Fix::new(&[self.condition], self.title, portal).breaks(self.breaks);
        if read.is_some_and(Parameter::is_read_only) {
            fix = fix.first(format!(
                "Azure marks {} as read-only for now and refuses the change until that has passed.",
                self.parameter
            ));
        }
        fix.restarts = restarts || waits;
        let restart = Need::on(need.server(), "restart");
        let commands = if waits {
            fix.title = format!("Restart, so that {} takes effect", self.parameter);
            fix = fix.first("The value is set already and waits for a restart.");
            vec![restart.clone()]
        } else {
            let target = self.target(read, need.ruleset);
            let mut commands = vec![set_to(need.server(), self.parameter, target.as_deref())];
            commands.extend(restarts.then(|| restart.clone()));
            commands
        };
        fix.commands(commands).undo(undo(
            need.server(),
            self.parameter,
            read,
            (restarts || waits).then_some(restart),
        ))
    }

    /// The value to set; `None` for Azure's default.
    fn target(&self, read: Option<Parameter<'_>>, ruleset: &Ruleset) -> Option<String> {
        let now = read.and_then(Parameter::in_force).unwrap_or_default();
        match self.wanted {
            Wanted::Value(value) => Some(value.to_owned()),
            Wanted::Default => None,
            Wanted::StrongTls => Some(strong_tls(
                &now,
                read.and_then(Parameter::allowed).as_deref(),
            )),
            Wanted::Events => Some(with_required(
                &now,
                &ruleset.thresholds.required_audit_events,
            )),
        }
    }

    /// Whether the value that waits for a restart is the wanted one.
    fn is_met_by(&self, parameter: Parameter<'_>, ruleset: &Ruleset) -> bool {
        let Some(requested) = parameter.requested() else {
            return false;
        };
        match self.wanted {
            Wanted::Value(value) => requested.eq_ignore_ascii_case(value),
            Wanted::Default => requested.trim().is_empty(),
            Wanted::StrongTls => {
                let mut versions = parameters::set(&requested).peekable();
                versions.peek().is_some() && versions.all(|version| strong(version).is_some())
            }
            Wanted::Events => {
                missing_events(&requested, &ruleset.thresholds.required_audit_events).is_empty()
            }
        }
    }
}

/// `parameter set`, to a value or, without one, back to Azure's default.
pub fn set_to(server: &ResourceId, parameter: &'static str, value: Option<&str>) -> Draft {
    let draft = Need::on_named(server, "parameter set").own("--name", parameter);
    match value {
        Some(value) => draft.given("--value", value),
        None => draft,
    }
}

/// The way back to the value that was in force.
pub fn undo(
    server: &ResourceId,
    parameter: &'static str,
    read: Option<Parameter<'_>>,
    restart: Option<Draft>,
) -> Undo {
    let Some(old) = read.and_then(|it| {
        let old = it.in_force()?;
        Some(if it.is_default() { None } else { Some(old) })
    }) else {
        return Undo::Unread(format!(
            "the value of {parameter} before the change was not read: note it first"
        ));
    };
    let back = set_to(server, parameter, old.as_deref());
    Undo::by(std::iter::once(back).chain(restart))
}

/// A TLS version of 1.2 or newer, as Azure spells it.
fn strong(version: &str) -> Option<&'static str> {
    match version.to_ascii_lowercase().as_str() {
        "tlsv1.2" => Some("TLSv1.2"),
        "tlsv1.3" => Some("TLSv1.3"),
        _ => None,
    }
}

/// What to offer: the strong versions that are in force, else those that Azure allows, else 1.2.
fn strong_tls(now: &str, allowed: Option<&str>) -> String {
    let of = |text: &str| parameters::set(text).filter_map(strong).collect::<Vec<_>>();
    let mut versions = of(now);
    if versions.is_empty() {
        versions = of(allowed.unwrap_or_default());
    }
    versions.sort_unstable();
    versions.dedup();
    if versions.is_empty() {
        versions.push("TLSv1.2");
    }
    versions.join(",")
}

/// The events in force, and those that are missing.
fn with_required(now: &str, required: &[String]) -> String {
    parameters::set(now)
        .chain(missing_events(now, required))
        .collect::<Vec<_>>()
        .join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_versions_are_left_out_and_the_strong_ones_kept() {
        for (now, allowed, expected) in [
            ("TLSv1,TLSv1.2", None, "TLSv1.2"),
            ("TLSV1.3, tlsv1.1,TLSv1.2", None, "TLSv1.2,TLSv1.3"),
            (
                "TLSv1.1",
                Some("TLSv1,TLSv1.1,TLSv1.2,TLSv1.3"),
                "TLSv1.2,TLSv1.3",
            ),
            ("TLSv1.1", Some("TLSv1,TLSv1.1,TLSv1.2"), "TLSv1.2"),
            ("TLSv1", None, "TLSv1.2"),
        ] {
            assert_eq!(strong_tls(now, allowed), expected, "{now}");
        }
    }

    #[test]
    fn required_events_are_added_unless_another_event_holds_them() {
        let required = |events: &[&str]| events.iter().map(ToString::to_string).collect::<Vec<_>>();
        for (now, needs, expected) in [
            ("DDL", &["CONNECTION"][..], "DDL,CONNECTION"),
            ("DDL, CONNECTION_V2", &["CONNECTION"], "DDL,CONNECTION_V2"),
            (
                "GENERAL",
                &["DML_SELECT", "TABLE_ACCESS"],
                "GENERAL,TABLE_ACCESS",
            ),
            ("", &["CONNECTION"], "CONNECTION"),
        ] {
            assert_eq!(with_required(now, &required(needs)), expected, "{now}");
        }
    }

    #[test]
    fn the_table_answers_for_its_conditions() {
        let mut ours: Vec<_> = RULES.iter().map(|rule| rule.condition).collect();
        let mut named = CONDITIONS.to_vec();
        ours.sort_unstable();
        named.sort_unstable();
        assert_eq!(ours, named);
    }
}
