//! What people set on a server: parameters and tags.

use fastrand::Rng;

use super::super::server::{Character, Parameter, Version};
use super::{Part, one_in};

pub(super) fn pick_parameters(
    dice: &mut Rng,
    part: Part,
    character: Character,
    version: Version,
    has_administrator: bool,
) -> Vec<Parameter> {
    let mut set = Vec::new();
    let mut put = |name, value| {
        set.push(Parameter {
            name,
            value,
            in_force: None,
        })
    };
    let roll = dice.u8(..100);

    let entra_only = match character {
        Character::Careful => 60,
        Character::Ordinary => 12,
        Character::Careless => 2,
    };
    if has_administrator && dice.u8(..100) < entra_only {
        put("aad_auth_only", "ON");
    }
    let audited = part == Part::AuditWithSpace
        || match character {
            Character::Careful => roll < 85,
            Character::Ordinary => roll < 45,
            Character::Careless => roll < 12,
        };
    if audited {
        put("audit_log_enabled", "ON");
    }
    const EVENTS: [&str; 7] = [
        "CONNECTION,DDL,DCL",
        "CONNECTION_V2",
        "GENERAL,CONNECTION",
        "DDL, CONNECTION",
        "ADMIN,DCL,connection",
        "DML_NONSELECT,DDL",
        "GENERAL",
    ];
    if part == Part::AuditWithSpace {
        put("audit_log_events", "DDL, CONNECTION");
    } else if (audited || one_in(dice, 10)) && dice.bool() {
        put("audit_log_events", EVENTS[dice.usize(..EVENTS.len())]);
    }
    if audited && one_in(dice, 12) {
        put("audit_log_include_users", "orders_app,orders_batch");
    }
    if character == Character::Careful || one_in(dice, 8) {
        put("local_infile", "OFF");
    }
    let plain = match character {
        Character::Careful => false,
        Character::Ordinary => one_in(dice, 10),
        Character::Careless => dice.bool(),
    };
    if plain {
        put("require_secure_transport", "OFF");
    }
    if one_in(dice, 3) {
        put("slow_query_log", "ON");
        put("log_output", "FILE");
    }
    if one_in(dice, 4) {
        put("wait_timeout", "600");
    }
    set.extend(pick_tls(dice, part, character, version));
    set
}

/// `tls_version`, unless it keeps its default. Servers of 5.7 alone still take TLS 1.0 and 1.1.
fn pick_tls(
    dice: &mut Rng,
    part: Part,
    character: Character,
    version: Version,
) -> Option<Parameter> {
    const OLD: [&str; 5] = [
        "TLSV1.1",
        "TLSv1,TLSv1.1,TLSv1.2",
        "TLSv1,TLSv1.2",
        "TLSv1.1,TLSv1.2",
        "TLSv1.2, TLSv1",
    ];
    const NEW: [&str; 4] = ["TLSv1.3", "TLSv1.2", "TLSv1.3,TLSv1.2", "tlsv1.2,tlsv1.3"];
    let tls = |value, in_force| {
        Some(Parameter {
            name: "tls_version",
            value,
            in_force,
        })
    };
    let changed = dice.u8(..100);
    match (part, version, character) {
        (Part::PendingRestart { .. }, Version::V57, _) => {
            tls("TLSv1.2", Some(OLD[dice.usize(..4)]))
        }
        (Part::PendingRestart { .. }, ..) => tls("TLSv1.3", Some("TLSv1.2,TLSv1.3")),
        (Part::Careless57, Version::V57, _) => tls(OLD[dice.usize(..OLD.len())], None),
        (_, Version::V57, Character::Careless) if changed < 70 => {
            tls(OLD[dice.usize(..OLD.len())], None)
        }
        (_, Version::V57, Character::Ordinary) if changed < 15 => {
            tls(OLD[dice.usize(..OLD.len())], None)
        }
        (_, Version::V57, _) => None,
        _ if changed < 25 => tls(NEW[dice.usize(..NEW.len())], None),
        _ => None,
    }
}

pub(super) fn pick_tags(
    dice: &mut Rng,
    part: Part,
    character: Character,
    environment: &'static str,
    application: &'static str,
) -> Vec<(&'static str, &'static str)> {
    if part == Part::HostileText {
        return vec![
            ("env", environment),
            ("motd", "\u{1b}[2J\u{1b}[31mowned\u{1b}]0;title\u{7}"),
            ("note", "it's \"quoted\"; $(id) `id` | tee /dev/null"),
            ("formula", "=HYPERLINK(\"http://203.0.113.9\",\"open\")"),
            ("order", "\u{202e}txt.exe\u{202c}"),
            ("lines", "one\ntwo\ttabbed\r"),
            ("担当", "データ基盤チーム 🛡️ e\u{301}"),
        ];
    }
    let mut tags = Vec::new();
    if character != Character::Careless {
        tags.push(("env", environment));
        tags.push(("app", application));
        tags.push((
            "team",
            [
                "data-platform",
                "checkout",
                "customer-care",
                "基盤",
                "plattform",
            ][dice.usize(..5)],
        ));
    }
    if character == Character::Careful {
        tags.push(("costCenter", ["4711", "0815", "2203"][dice.usize(..3)]));
        tags.push((
            "dataClass",
            ["confidential", "internal", "restricted"][dice.usize(..3)],
        ));
    }
    tags
}
