//! What is rare in an estate.

use super::super::fleet::FleetOptions;
use super::super::server::{Parameter, Replication, Server, State, Tier, Version};
use super::dice;

/// The servers up to this number keep to what was planted with them.
const WITHOUT_ODDITIES: u32 = 60;

/// What is rare in an estate: given to some servers of large fleets, after all of them were planted.
pub(in crate::simulator) fn oddities(options: &FleetOptions, server: &mut Server) {
    let mut dice = dice(options.seed, "oddities", u64::from(server.number));
    let roll = dice.u8(..120);
    if server.number <= WITHOUT_ODDITIES || server.replication != Replication::None {
        return;
    }
    let modern = matches!(server.version, Version::V80 | Version::V84);
    let available = server.high_availability.mode != "Disabled";
    let alone = !available && !server.backup.geo_redundant && server.customer_key.is_none();
    match roll {
        0..3 if modern => server.version = Version::V99,
        3..6 if modern => server.version = Version::V100,
        6..14
            if options.has_strangers()
                && alone
                && server.tier != Tier::Burstable
                && server.state == State::Ready =>
        {
            server.replication = Replication::OfHidden;
        }
        14..30 if available => server.high_availability.state = "RemovingStandby",
        30..60 => {
            let events = [
                "DML",
                "DML_SELECT, CONNECTION_V2",
                "TABLE_ACCESS",
                "dcl,General",
            ];
            let audited = server.parameter("audit_log_enabled").is_some();
            if audited && server.parameter("audit_log_events").is_none() {
                server.parameters.push(Parameter {
                    name: "audit_log_events",
                    value: events[dice.usize(..events.len())],
                    in_force: None,
                });
            }
        }
        60..70 if server.parameter("audit_log_include_users").is_none() => {
            server.parameters.push(Parameter {
                name: "audit_log_include_users",
                value: "",
                in_force: None,
            });
        }
        _ => {}
    }
}
