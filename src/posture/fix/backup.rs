//! BR: how long backups are kept, where, and one made now.

use crate::documents::{DocumentKind, Fact};
use crate::posture::ConditionId;

use super::encryption::{self, Key};
use super::need::Need;
use super::{Fix, Undo};

/// The most days that Azure keeps backups.
const LONGEST_RETENTION: i64 = 35;
const PORTAL: &str = "the server › Settings › Compute + storage › Backups";

/// BR-1: backups kept as long as the threshold asks.
pub fn retention(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let days = need.ruleset.thresholds.min_backup_retention_days;
    let fix = Fix::new(unmet, format!("Keep backups for {days} days"), PORTAL);
    if days > LONGEST_RETENTION {
        return vec![fix.first(format!(
            "Azure keeps automatic backups for {LONGEST_RETENTION} days at most. Lower the threshold, or export backups."
        ))];
    }
    let keep =
        |days: i64| Need::on(need.server(), "update").own("--backup-retention", &days.to_string());
    let old = need
        .documents
        .server_member("/properties/backup/backupRetentionDays")
        .0
        .integer();
    let undo = match old {
        Fact::Known(days) if (1..=LONGEST_RETENTION).contains(&days) => {
            Undo::by([keep(days)]).note("Backups that are older than that are deleted.")
        }
        _ => Undo::Unread("for how long backups were kept before was not read".to_owned()),
    };
    vec![
        fix.breaks("More backup storage may cost money.")
            .commands([keep(days)])
            .undo(undo),
    ]
}

/// BR-1: backups kept in the paired region too.
pub fn geo_redundant(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let fix = Fix::new(unmet, "Keep backups in the paired region too", PORTAL)
        .first(
            "Microsoft describes this as a choice at creation, while the Azure CLI offers it for a server that exists. \
             Where Azure refuses, restore into a new server with it and move the clients.",
        )
        .breaks(
            "Backups are stored twice and cost accordingly. Regions without a pair refuse it. Data is copied into another \
             region: see that it may be there.",
        );
    let set = |value: &str| Need::on(need.server(), "update").own("--geo-redundant-backup", value);
    let (fix, draft) = if need.is("/properties/dataEncryption/type", "AzureKeyVault") {
        let fix = fix.first(encryption::GEO_KEY_FIRST);
        (
            fix,
            encryption::with_keys(set("Enabled"), need, Key::Observed, Some(Key::Asked)),
        )
    } else {
        (fix, set("Enabled"))
    };
    let undo = if need.is("/properties/backup/geoRedundantBackup", "Disabled") {
        Undo::by([set("Disabled")]).note("Azure may refuse to take it back.")
    } else {
        Undo::Unread("geo-redundant backup before the change was not read".to_owned())
    };
    vec![fix.commands([draft]).undo(undo)]
}

/// BR-1: no recent backup. One can be made now; why none is made by itself is for people.
pub fn on_demand(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    // The moment of the look makes a name that was not used before it.
    let looked = need
        .documents
        .get(DocumentKind::Backups)
        .map_or_else(String::new, |it| {
            it.fetched_at.strftime("-%Y%m%d%H%M%S").to_string()
        });
    let name = format!("on-demand{looked}");
    let backup = |command: &str| Need::on(need.server(), command).own("--backup-name", &name);
    let mut fix = Fix::new(
        unmet,
        "Make a backup now",
        "the server › Settings › Backup and restore › Backup now",
    );
    let state = need.documents.state().known();
    if let Some(state) = state.filter(|state| !state.eq_ignore_ascii_case("Ready")) {
        fix = fix.first(format!(
            "The server's state is {}: Azure makes no backups of a server that does not run.",
            crate::documents::text::neutral(&state)
        ));
    }
    vec![
        fix.first("Azure makes backups by itself. Find out why it does not: look at the server's resource health, then ask support.")
            .breaks("The backup counts towards the backup storage.")
            .commands([backup("backup create")])
            .undo(Undo::by([backup("backup delete")])),
    ]
}
