//! What is to be found of encryption and of its keys.

use serde_json::Value;

use super::planted::{
    ABSENT, Became, MANUAL, MET, NOT_VISIBLE, OUT_OF_PLAY, Planted, UNMET, holds, refusal,
};

const DAY: i64 = 24 * 60 * 60;

impl Planted<'_> {
    pub fn tls(&self) -> Became {
        self.parameter("tls_version").map_or_else(
            |why| why,
            |value| {
                let offered = value.to_uppercase().replace(' ', "");
                holds(
                    offered
                        .split(',')
                        .all(|version| ["TLSV1.2", "TLSV1.3"].contains(&version)),
                )
            },
        )
    }

    /// Whether a customer's key is used, and another one for geo-redundant backups.
    pub fn customer_keys(&self) -> [Became; 2] {
        let key = &self.server["customerKey"];
        let own = match (key.is_object(), self.ruleset.thresholds.require_cmk) {
            (true, _) => MET,
            (false, true) => UNMET,
            (false, false) => MANUAL,
        };
        let geo = if key.is_object() && self.server["backup"]["geoRedundant"] == true {
            holds(key["geoKey"] == true)
        } else {
            OUT_OF_PLAY
        };
        [own, geo]
    }

    /// What is to be found of one key of the server and of its vault, in the order of `KEY_CONDITIONS`.
    pub fn key(&self, which: &str) -> [Became; 8] {
        let planted = &self.server[which];
        if planted.is_null() {
            return [OUT_OF_PLAY; 8];
        }
        let [enabled, expired, expiring, rotation] = self.key_itself(planted);
        let [purge, soft, network] = vault(&planted["vault"]);
        let unversioned = holds(planted["version"].is_null());
        [
            enabled,
            expired,
            purge,
            soft,
            expiring,
            rotation,
            unversioned,
            network,
        ]
    }

    /// Enabled, not expired, not about to expire, rotated.
    fn key_itself(&self, planted: &Value) -> [Became; 4] {
        let key = &planted["key"];
        let unread = out_of_sight(&planted["vault"]).or_else(|| refusal(&key["read"]));
        let pinned = planted["version"].is_object();
        if let Some(unread) = unread {
            let rotation = if pinned { OUT_OF_PLAY } else { unread };
            return [unread, unread, unread, rotation];
        }
        // A version is judged as it is, whatever is current.
        let state = if pinned { &planted["version"] } else { key };
        let left = state["expires"]
            .as_i64()
            .map(|expires| expires - self.now().as_second());
        let warning = self.ruleset.thresholds.key_expiry_warning_days * DAY;
        let rotates = key["rotation"]
            .as_str()
            .is_some_and(|action| action.eq_ignore_ascii_case("rotate"));
        [
            holds(
                state["enabled"] == true
                    && state["notBefore"].as_i64() <= Some(self.now().as_second()),
            ),
            holds(left.is_none_or(|left| left > 0)),
            holds(left.is_none_or(|left| left > warning)),
            if pinned { OUT_OF_PLAY } else { holds(rotates) },
        ]
    }
}

/// A vault is looked for by its name: one that no list shows is not visible, whatever a read of it would say.
fn out_of_sight(vault: &Value) -> Option<Became> {
    (vault["listed"] == false).then_some(NOT_VISIBLE)
}

/// Purge protection, soft delete, network. What a managed HSM does not say has no documented meaning, except that its
/// soft delete cannot be turned off.
fn vault(vault: &Value) -> [Became; 3] {
    if let Some(unread) = out_of_sight(vault).or_else(|| refusal(&vault["read"])) {
        return [unread; 3];
    }
    let managed_hsm = vault["type"] == "Microsoft.KeyVault/managedHSMs";
    let absent = |meaning| if managed_hsm { ABSENT } else { meaning };
    let purge = match vault["enablePurgeProtection"].as_str() {
        Some("true") => MET,
        Some("null" | "absent") => absent(UNMET),
        other => panic!("what is {other:?}?"),
    };
    let soft = holds(managed_hsm || vault["enableSoftDelete"] != false);
    let (public, action) = (
        vault["publicNetworkAccess"].as_str(),
        vault["networkAclsDefaultAction"].as_str(),
    );
    let network = match (public, action) {
        (Some("Disabled"), _) | (_, Some("Deny")) => MET,
        (Some("Enabled"), Some("Allow")) => UNMET,
        _ => absent(UNMET),
    };
    [purge, soft, network]
}
