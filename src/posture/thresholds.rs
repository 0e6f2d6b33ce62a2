//! The numbers and choices that conditions compare with: one table says of each how it is called, what it means, what
//! is allowed, and where it is kept.

mod read;
mod value;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::AddressRange;

pub use value::Value;

/// The numbers and choices that conditions compare with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thresholds {
    /// Public address ranges that the firewall may open without being called wide.
    pub allowed_public_ranges: Vec<AddressRange>,
    /// How many public addresses the firewall may open beside the allowed ranges.
    pub firewall_max_addresses: u64,
    /// Whether a server without a customer-managed key fails, instead of being left to the customer's decision.
    pub require_cmk: bool,
    /// The fewest days for which backups are to be kept.
    pub min_backup_retention_days: i64,
    /// Whether backups are to be geo-redundant.
    pub require_geo_redundant_backup: bool,
    /// The greatest age of the newest completed backup, in hours.
    pub max_backup_age_hours: i64,
    /// How many days before its end a key is said to expire soon.
    pub key_expiry_warning_days: i64,
    /// The kinds of event that the audit log has to record, as `audit_log_events` names them, in capitals.
    pub required_audit_events: Vec<String>,
    /// How many days before the end of standard support a version is said to near it.
    pub version_eol_warning_days: i64,
    /// The names of the tags that every server has to carry.
    pub required_tags: Vec<String>,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            allowed_public_ranges: Vec::new(),
            firewall_max_addresses: 256,
            require_cmk: false,
            min_backup_retention_days: 7,
            require_geo_redundant_backup: true,
            max_backup_age_hours: 48,
            key_expiry_warning_days: 30,
            required_audit_events: vec!["CONNECTION".to_owned()],
            version_eol_warning_days: 180,
            required_tags: Vec::new(),
        }
    }
}

/// The kinds of event that the server parameter `audit_log_events` takes, as its `allowedValues` lists them (recorded
/// answer of `configurations`, api-version 2021-05-01).
const AUDIT_EVENTS: [&str; 10] = [
    "DDL",
    "DML_SELECT",
    "DML_NONSELECT",
    "DCL",
    "ADMIN",
    "DML",
    "GENERAL",
    "CONNECTION",
    "CONNECTION_V2",
    "TABLE_ACCESS",
];

/// The most days for which Azure keeps a backup (`backup.backupRetentionDays`, 1 to 35).
const LONGEST_RETENTION_DAYS: i64 = 35;

/// The most days of a warning: ten years.
const LONGEST_WARNING_DAYS: i64 = 3650;

/// Where a threshold is kept, and what is allowed there.
enum Kind {
    /// A whole number from the first to the second.
    Whole(i64, i64, fn(&mut Thresholds) -> &mut i64),
    /// A whole number from 0 to the first.
    Count(u64, fn(&mut Thresholds) -> &mut u64),
    /// True or false.
    Choice(fn(&mut Thresholds) -> &mut bool),
    /// A list of address ranges.
    Ranges(fn(&mut Thresholds) -> &mut Vec<AddressRange>),
    /// A list of kinds of event.
    Events(fn(&mut Thresholds) -> &mut Vec<String>),
    /// A list of names of tags.
    Tags(fn(&mut Thresholds) -> &mut Vec<String>),
}

/// One threshold.
pub struct Threshold {
    /// Its key in the config file.
    pub key: &'static str,
    /// The environment variable that gives it.
    pub variable: &'static str,
    /// What it is, for people.
    pub meaning: &'static str,
    kind: Kind,
}

/// Every threshold, in the order in which they are shown.
pub const THRESHOLDS: [Threshold; 10] = [
    Threshold {
        key: "allowed_public_ranges",
        variable: "FLEXPOSTURE_ALLOWED_PUBLIC_RANGES",
        meaning: "public addresses that the firewall may open without being called wide",
        kind: Kind::Ranges(|it| &mut it.allowed_public_ranges),
    },
    Threshold {
        key: "firewall_max_addresses",
        variable: "FLEXPOSTURE_FIREWALL_MAX_ADDRESSES",
        meaning: "how many public addresses the firewall may open beside the allowed ranges",
        kind: Kind::Count(1 << 32, |it| &mut it.firewall_max_addresses),
    },
    Threshold {
        key: "require_cmk",
        variable: "FLEXPOSTURE_REQUIRE_CMK",
        meaning: "whether a server without a customer-managed key fails",
        kind: Kind::Choice(|it| &mut it.require_cmk),
    },
    Threshold {
        key: "min_backup_retention_days",
        variable: "FLEXPOSTURE_MIN_BACKUP_RETENTION_DAYS",
        meaning: "the fewest days for which backups are kept",
        kind: Kind::Whole(1, LONGEST_RETENTION_DAYS, |it| {
            &mut it.min_backup_retention_days
        }),
    },
    Threshold {
        key: "require_geo_redundant_backup",
        variable: "FLEXPOSTURE_REQUIRE_GEO_REDUNDANT_BACKUP",
        meaning: "whether backups have to be geo-redundant",
        kind: Kind::Choice(|it| &mut it.require_geo_redundant_backup),
    },
    Threshold {
        key: "max_backup_age_hours",
        variable: "FLEXPOSTURE_MAX_BACKUP_AGE_HOURS",
        meaning: "the greatest age of the newest completed backup, in hours",
        kind: Kind::Whole(1, LONGEST_RETENTION_DAYS * 24, |it| {
            &mut it.max_backup_age_hours
        }),
    },
    Threshold {
        key: "key_expiry_warning_days",
        variable: "FLEXPOSTURE_KEY_EXPIRY_WARNING_DAYS",
        meaning: "how many days before its end a key is said to expire soon",
        kind: Kind::Whole(0, LONGEST_WARNING_DAYS, |it| {
            &mut it.key_expiry_warning_days
        }),
    },
    Threshold {
        key: "required_audit_events",
        variable: "FLEXPOSTURE_REQUIRED_AUDIT_EVENTS",
        meaning: "the kinds of event that the audit log has to record",
        kind: Kind::Events(|it| &mut it.required_audit_events),
    },
    Threshold {
        key: "version_eol_warning_days",
        variable: "FLEXPOSTURE_VERSION_EOL_WARNING_DAYS",
        meaning: "how many days before the end of its support a version is said to near it",
        kind: Kind::Whole(0, LONGEST_WARNING_DAYS, |it| {
            &mut it.version_eol_warning_days
        }),
    },
    Threshold {
        key: "required_tags",
        variable: "FLEXPOSTURE_REQUIRED_TAGS",
        meaning: "the tags that every server has to carry",
        kind: Kind::Tags(|it| &mut it.required_tags),
    },
];

impl Threshold {
    /// Its value among `thresholds`.
    #[must_use]
    pub fn value(&self, thresholds: &Thresholds) -> Value {
        // One way to the member serves reading and writing, so that they cannot part.
        let mut thresholds = thresholds.clone();
        match self.kind {
            Kind::Whole(_, _, member) => Value::Whole(*member(&mut thresholds)),
            Kind::Count(_, member) => {
                Value::Whole(i64::try_from(*member(&mut thresholds)).unwrap_or(i64::MAX))
            }
            Kind::Choice(member) => Value::Choice(*member(&mut thresholds)),
            Kind::Ranges(member) => Value::Ranges(std::mem::take(member(&mut thresholds))),
            Kind::Events(member) | Kind::Tags(member) => {
                Value::Words(std::mem::take(member(&mut thresholds)))
            }
        }
    }

    /// What is allowed, in words that follow "needs".
    #[must_use]
    pub fn allowed(&self) -> String {
        match self.kind {
            Kind::Whole(from, to, _) => format!("a whole number from {from} to {to}"),
            Kind::Count(to, _) => format!("a whole number from 0 to {to}"),
            Kind::Choice(_) => "true or false".to_owned(),
            Kind::Ranges(_) => "a list of address ranges, such as [\"203.0.113.0/24\"]".to_owned(),
            Kind::Events(_) => format!("a list out of {}", AUDIT_EVENTS.join(", ")),
            Kind::Tags(_) => "a list of names of tags, such as [\"owner\"]".to_owned(),
        }
    }

    /// What is allowed, as a JSON schema.
    #[must_use]
    pub fn schema(&self) -> Json {
        let texts = |items: Json| json!({"type": "array", "items": items});
        match self.kind {
            Kind::Whole(from, to, _) => json!({"type": "integer", "minimum": from, "maximum": to}),
            Kind::Count(to, _) => json!({"type": "integer", "minimum": 0, "maximum": to}),
            Kind::Choice(_) => json!({"type": "boolean"}),
            Kind::Ranges(_) | Kind::Tags(_) => texts(json!({"type": "string"})),
            Kind::Events(_) => texts(json!({"enum": AUDIT_EVENTS})),
        }
    }
}
