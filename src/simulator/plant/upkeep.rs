//! How a server outlives trouble: backups and high availability.

use fastrand::Rng;

use super::super::region::Region;
use super::super::server::{Character, HighAvailability, State, Tier};
use super::{Part, one_in};

pub(super) fn pick_retention(dice: &mut Rng, character: Character) -> u8 {
    match character {
        Character::Careful => dice.u8(14..=35),
        Character::Ordinary => [7, 7, 7, 10, 14, 30][dice.usize(..6)],
        Character::Careless => [1, 1, 2, 3, 5, 7][dice.usize(..6)],
    }
}

pub(super) fn pick_newest_backup(dice: &mut Rng, part: Part, character: Character) -> Option<u16> {
    match (part, character, dice.u8(..100)) {
        (Part::NoBackup, _, _) | (_, Character::Careless, ..5) => None,
        (_, Character::Careless, 5..15) | (_, Character::Ordinary, ..3) => Some(dice.u16(60..400)),
        _ => Some(dice.u16(1..=26)),
    }
}

pub(super) fn pick_availability(
    dice: &mut Rng,
    server: (Tier, Character, State, &Region),
    replicates: bool,
    zone: Option<u8>,
) -> HighAvailability {
    let (tier, character, state, region) = server;
    let none = HighAvailability {
        mode: "Disabled",
        state: "NotEnabled",
        standby_zone: None,
    };
    let wanted = match character {
        Character::Careful => dice.u8(..10) < 7,
        Character::Ordinary => one_in(dice, 4),
        Character::Careless => false,
    };
    if !wanted || tier == Tier::Burstable || state != State::Ready || replicates {
        return none;
    }
    let state = [
        "Healthy",
        "Healthy",
        "Healthy",
        "Healthy",
        "Healthy",
        "CreatingStandby",
        "FailingOver",
    ][dice.usize(..7)];
    match zone {
        Some(zone) if region.zones && !one_in(dice, 4) => HighAvailability {
            mode: "ZoneRedundant",
            state,
            standby_zone: Some(zone % 3 + 1),
        },
        _ => HighAvailability {
            mode: "SameZone",
            state,
            standby_zone: zone,
        },
    }
}
