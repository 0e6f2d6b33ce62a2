//! Family X: what the baseline does not ask for.

use serde_json::Value;

use crate::documents::text::neutral;
use crate::posture::ConditionId;

use super::need::Need;
use super::shell::{Draft, Variable};
use super::{Fix, Undo};

const MAINTENANCE_WINDOW: Variable = Variable::new(
    "MAINTENANCE_WINDOW",
    "set it to a day and an hour in UTC, such as Sun:02:00",
);
const TAG_VALUE: Variable = Variable::new("TAG_VALUE", "set it to the value of this tag");
const LOCK: &str = "do-not-delete";

/// the next version that Azure supports. Azure upgrades from 5.7 to 8.0 and from 8.0 to 8.4.
pub fn upgrade(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let version = need.text("/properties/version").known().unwrap_or_default();
    let next = match version.split('.').take(2).collect::<Vec<_>>().as_slice() {
        ["5", "7"] => Some(("8", "8.0")),
        ["8", "0"] => Some(("8.4", "8.4")),
        _ => None,
    };
    let fix = Fix::new(
        unmet,
        "Upgrade MySQL",
        "the server › Overview › MySQL version › Upgrade",
    );
    let Some((option, next)) = next else {
        return vec![fix.first(
            "There is no upgrade in place from this version: create a server of a supported version and move the data \
             with a dump or with replication.",
        )];
    };
    let mut fix = fix
        .first("Try it on a restored copy of the server: run the upgrade checker of MySQL Shell, then the applications.")
        .first("Make a backup, and look at a time with few users.");
    fix.title = format!("Upgrade MySQL to {next}");
    if need.is("/properties/replicationRole", "Source") {
        fix = fix.first("Upgrade the replicas first: the Azure CLI refuses a source that would be newer than a replica.");
    }
    if need.is("/sku/tier", "Burstable") {
        return vec![fix.first(
            "The Azure CLI refuses the upgrade of a Burstable server: change its tier first, or upgrade a restored copy.",
        )];
    }
    fix.restarts = true;
    vec![
        fix.breaks("The server is away during the upgrade. Clients and SQL that the new version does not take break.")
            .commands([Need::on(need.server(), "upgrade")
                .own("--version", option)
                .note("asks before it starts")])
            .undo(Undo::None("an upgrade cannot be taken back: restore the backup into a new server".to_owned())),
    ]
}

/// storage that grows by itself.
pub fn auto_grow(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let set = |value: &str| Need::on(need.server(), "update").own("--storage-auto-grow", value);
    let alone = need.is("/properties/replicationRole", "None")
        && !need.is("/properties/highAvailability/mode", "ZoneRedundant");
    let undo = if !alone {
        Undo::None(
            "the Azure CLI refuses it for replicas, sources and zone-redundant servers".to_owned(),
        )
    } else {
        Undo::by([set("Disabled")]).note("Storage that has grown stays.")
    };
    vec![
        Fix::new(
            unmet,
            "Let the storage grow by itself",
            "the server › Settings › Compute + storage › Storage auto-growth",
        )
        .breaks("Storage that has grown costs more and never shrinks.")
        .commands([set("Enabled")])
        .undo(undo),
    ]
}

/// a standby. In the same zone, because across zones Azure takes it at creation only.
pub fn high_availability(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let fix = Fix::new(
        unmet,
        "Give the server a standby",
        "the server › Settings › High availability",
    );
    if !need.is("/properties/highAvailability/mode", "Disabled") {
        return vec![fix.first(
            "High availability is on, but not healthy: look at the server's resource health, then ask support.",
        )];
    }
    if need.is("/sku/tier", "Burstable") {
        return vec![fix.first("A Burstable server cannot have a standby: change its tier first.")];
    }
    let update =
        |option: &'static str, value: &str| Need::on(need.server(), "update").own(option, value);
    let grow = (!need.is("/properties/storage/autoGrow", "Enabled")).then(|| {
        update("--storage-auto-grow", "Enabled")
            .note("high availability asks for storage that grows")
    });
    let ha = |mode: &str| update("--high-availability", mode);
    vec![
        fix.first(
            "The command makes a standby in the same zone. One in another zone is chosen at creation: restore into a new \
             server for it.",
        )
        .breaks("The standby costs as much as the server. Enabling it may take the server away for a short time.")
        .commands(grow.into_iter().chain([ha("SameZone")]))
        .undo(Undo::by([ha("Disabled")])),
    ]
}

/// a lock against deletion.
pub fn delete_lock(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let on = |command: &str| {
        Draft::new(&format!("lock {command}"))
            .own("--name", LOCK)
            .given("--resource", need.server().name())
            .own("--resource-type", "Microsoft.DBforMySQL/flexibleServers")
            .within(need.server())
    };
    vec![
        Fix::new(unmet, "Lock the server against deletion", "the server › Settings › Locks › Add")
            .first("It takes the role Owner or User Access Administrator.")
            .breaks("Deletion fails until the lock is taken away, also of firewall rules and other parts of the server.")
            .commands([on("create").own("--lock-type", "CanNotDelete")])
            .undo(Undo::by([on("delete")])),
    ]
}

/// maintenance when few are there.
pub fn maintenance_window(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let update = || Need::on(need.server(), "update");
    vec![
        Fix::new(
            unmet,
            "Choose a maintenance window",
            "the server › Settings › Maintenance",
        )
        .first("Choose a day and an hour with few users, in UTC: MAINTENANCE_WINDOW.")
        .breaks("Maintenance restarts the server within the window.")
        .commands([update()
            .ask("--maintenance-window", MAINTENANCE_WINDOW)
            .note("the Azure CLI drops every other change that is given beside it")])
        .undo(Undo::by([update().own("--maintenance-window", "Disabled")])),
    ]
}

/// the tags that are required and missing, one command a tag.
pub fn tags(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let (tags, _) = need.documents.server_member("/tags");
    let present: Vec<&String> = match tags.known() {
        Some(Value::Object(tags)) => tags.keys().collect(),
        _ => Vec::new(),
    };
    let missing: Vec<&str> = need
        .ruleset
        .thresholds
        .required_tags
        .iter()
        .map(String::as_str)
        .filter(|tag| !present.iter().any(|it| it.eq_ignore_ascii_case(tag)))
        .collect();
    let on = |place: usize, tag: &str, operation: &str| {
        Draft::new("tag update")
            .given("--resource-id", need.server().as_str())
            .own("--operation", operation)
            .given("--subscription", need.server().subscription())
            .flag("--tags")
            .ask_pair(tag, TAG_VALUE.numbered(place + 1))
    };
    let every = |operation: &'static str| {
        let tags = missing.iter().enumerate();
        tags.map(move |(place, tag)| on(place, tag, operation))
    };
    let mut fix = Fix::new(unmet, "Add the tags that are required", "the server › Tags");
    for (place, tag) in missing.iter().enumerate() {
        fix = fix.first(format!(
            "Choose the value of the tag {}: {}.",
            neutral(tag),
            TAG_VALUE.numbered(place + 1).name
        ));
    }
    vec![
        fix.breaks("Policies and reports that go by tags may treat the server otherwise.")
            .commands(every("Merge"))
            .undo(Undo::by(every("Delete")).note("The values are those that were set.")),
    ]
}

/// a replica that is weaker than its source.
pub fn replica_parity(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let weaker = unmet.iter().find_map(|id| need.condition(id)?.note.clone());
    let mut fix = Fix::new(
        unmet,
        "Bring the replica up to its source",
        "the replica, by the way of each condition",
    );
    fix.first
        .extend(weaker.map(|note| format!("Weaker than its source: {note}.")));
    vec![
        fix.first("Each of these conditions has its fix on this server, under its own feature.")
            .first(
                "The Entra administrator comes from the source: set it there again, and it reaches the replica. Parameters, \
                 threat protection and diagnostic settings are each server's own.",
            ),
    ]
}
