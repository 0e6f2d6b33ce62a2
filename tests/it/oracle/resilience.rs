//! What is to be found of backups, and beyond the baseline.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::planted::{
    ABSENT, Became, DENIED, MALFORMED, MET, OUT_OF_PLAY, Planted, UNMET, UNSETTLED, holds, refusal,
};

/// How long versions are supported, as the data of the baseline say.
#[derive(Deserialize)]
struct Support {
    version: Vec<Version>,
}

#[derive(Deserialize)]
struct Version {
    version: String,
    innovation: bool,
    community_end: Option<String>,
    standard_end: Option<String>,
    extended_end: Option<String>,
}

fn support() -> Vec<Version> {
    let text = include_str!("../../../assets/baseline/versions.toml");
    toml::from_str::<Support>(text).expect("TOML").version
}

/// Whether a version is supported at a time, and how bad it is if not.
pub fn supported(version: &str, now: Timestamp) -> (Became, char) {
    let two: Vec<&str> = version.split('.').take(2).collect();
    let today = TimeZone::UTC.to_datetime(now).date();
    let past = |end: &Option<String>| {
        end.as_ref()
            .is_some_and(|end| today > end.parse::<Date>().expect("a date"))
    };
    let Some(known) = support()
        .into_iter()
        .find(|known| known.version == two.join("."))
    else {
        // The answer names what no table of versions has.
        return (MALFORMED, 'M');
    };
    if known.innovation || past(&known.extended_end) {
        (UNMET, 'H')
    } else if past(&known.standard_end) {
        (UNMET, 'M')
    } else if known.standard_end.is_none()
        && (known.community_end.is_none() || past(&known.community_end))
    {
        // Azure gives no date, and the community does not support it.
        (ABSENT, 'M')
    } else {
        (MET, 'M')
    }
}

impl Planted<'_> {
    pub fn retention(&self) -> Became {
        let days = self.server["backup"]["retentionDays"].as_i64();
        holds(days >= Some(self.ruleset.thresholds.min_backup_retention_days))
    }

    pub fn geo_backup(&self) -> Became {
        if !self.ruleset.thresholds.require_geo_redundant_backup || self.is_replica() {
            OUT_OF_PLAY
        } else {
            holds(self.server["backup"]["geoRedundant"] == true)
        }
    }

    pub fn recent_backup(&self) -> Became {
        if self.denied("backups") {
            return DENIED;
        }
        let limit = SignedDuration::from_hours(self.ruleset.thresholds.max_backup_age_hours);
        let created: Timestamp = self.server["created"]
            .as_str()
            .and_then(|text| text.parse().ok())
            .expect("a time");
        let number = self.server["number"].as_i64().expect("a number");
        let newest = self.server["backup"]["newestHoursAgo"]
            .as_i64()
            .map(|hours| self.now() - SignedDuration::from_mins(hours * 60 + number % 60))
            // There is no backup of a server that does not exist yet.
            .filter(|newest| *newest >= created);
        let younger = |time: Timestamp| self.now().duration_since(time) < limit;
        match newest {
            Some(newest) if younger(newest) => MET,
            _ if younger(created) => OUT_OF_PLAY,
            _ => UNMET,
        }
    }

    pub fn supported_version(&self) -> (Became, char) {
        supported(
            self.server["version"].as_str().expect("a version"),
            self.now(),
        )
    }

    pub fn high_availability(&self) -> Became {
        let planted = &self.server["highAvailability"];
        if self.is_burstable() || self.is_replica() {
            OUT_OF_PLAY
        } else if planted["mode"] == "Disabled" {
            UNMET
        } else if !self.is_ready() {
            UNSETTLED
        } else {
            match planted["state"].as_str() {
                Some("Healthy") => MET,
                Some("CreatingStandby" | "FailingOver" | "RemovingStandby") => UNSETTLED,
                other => panic!("what is {other:?}?"),
            }
        }
    }

    pub fn auto_grow(&self) -> Became {
        holds(self.server["storage"]["autoGrow"] == true)
    }

    pub fn delete_lock(&self) -> Became {
        let locks = &self.server["locks"];
        refusal(&locks["read"]).unwrap_or_else(|| {
            let acts = |lock: &serde_json::Value| {
                ["subscription", "resourceGroup", "server"]
                    .contains(&lock["scope"].as_str().expect("a scope"))
                    && ["CanNotDelete", "ReadOnly"]
                        .contains(&lock["level"].as_str().expect("a level"))
            };
            holds(
                locks["planted"]
                    .as_array()
                    .expect("a list")
                    .iter()
                    .any(acts),
            )
        })
    }

    pub fn local_infile(&self) -> Became {
        match self.is_on("local_infile") {
            MET => UNMET,
            UNMET => MET,
            unread => unread,
        }
    }

    pub fn maintenance_window(&self) -> Became {
        if self.is_burstable() {
            OUT_OF_PLAY
        } else {
            holds(self.server["maintenanceWindow"].is_object())
        }
    }

    pub fn required_tags(&self) -> Became {
        let required = &self.ruleset.thresholds.required_tags;
        if required.is_empty() {
            return OUT_OF_PLAY;
        }
        let tags = self.server["tags"].as_array().expect("a list");
        holds(required.iter().all(|required| {
            tags.iter()
                .any(|tag| required.eq_ignore_ascii_case(tag[0].as_str().expect("a name")))
        }))
    }

    /// The ten conditions in which a replica is compared with its source.
    fn compared(&self) -> [Became; 10] {
        let [world, _, azure] = self.firewall();
        let [on, _, _, exported] = self.audit_log();
        [
            holds(self.closed()),
            world,
            azure,
            self.is_on("require_secure_transport"),
            self.tls(),
            self.entra_admin(),
            self.entra_only(),
            self.defender()[0],
            on,
            exported,
        ]
    }

    pub fn replica_parity(&self) -> Became {
        let source = match self.source() {
            None => return OUT_OF_PLAY,
            Some(Err(unread)) => return unread,
            Some(Ok(source)) => source.compared(),
        };
        let weaker = |(replica, source): (Became, Became)| {
            let good = |became| became == MET || became == OUT_OF_PLAY;
            match (replica, source) {
                _ if good(replica) || source == UNMET => MET,
                (UNMET, _) if good(source) => UNMET,
                (UNMET, unread) => unread,
                (unread, _) => unread,
            }
        };
        let compared: Vec<Became> = self
            .compared()
            .into_iter()
            .zip(source)
            .map(weaker)
            .collect();
        let unread = || {
            compared
                .iter()
                .filter(|became| became.starts_with("Unknown"))
                .min_by_key(|became| super::expected::rank(became))
        };
        if compared.contains(&UNMET) {
            UNMET
        } else {
            unread().copied().unwrap_or(MET)
        }
    }
}
