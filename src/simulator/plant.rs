//! How the dice fall for one server, within what Azure allows.

mod network;
mod oddities;
mod settings;
mod upkeep;

use fastrand::Rng;
use jiff::SignedDuration;

use self::network::pick_network;
pub(super) use self::oddities::oddities;
use self::settings::{pick_parameters, pick_tags};
use self::upkeep::{pick_availability, pick_newest_backup, pick_retention};
use super::fleet::{FleetOptions, Subscription};
use super::region::{PAIRED, REGIONS, Region};
use super::server::{
    Backup, Character, Child, Children, CustomerKey, MaintenanceWindow, Replication, Server,
    Spelling, State, Storage, Tier, Version,
};

/// The subscription in which the caller may read servers and none of their children.
pub(super) const RESTRICTED: usize = 2;

/// A replica comes at most this many places after its source.
pub(super) const REACH: usize = 40;

/// Servers of a fleet play these parts in turn, so that small fleets have variety too; what a part leaves
/// open is left to the dice.
const PARTS: [Part; 30] = [
    Part::Any,
    Part::Careless57,
    Part::Any,
    Part::PublicHardened,
    Part::Stopped,
    Part::Any,
    Part::Integrated { says: true },
    Part::OpenFirewall,
    Part::Endpoint,
    Part::CustomerKey { geo: false },
    Part::Any,
    Part::EndpointPending,
    Part::ReplicaSource,
    Part::Replica,
    Part::Integrated { says: false },
    Part::Denied(&[Child::Configurations]),
    Part::SneakyFirewall,
    Part::Any,
    Part::Denied(&[Child::FirewallRules, Child::Administrators, Child::Backups]),
    Part::EndpointRejected,
    Part::PendingRestart { shown: true },
    Part::NoBackup,
    Part::AuditWithSpace,
    Part::PendingRestart { shown: false },
    Part::CustomerKey { geo: true },
    Part::HostileText,
    Part::Endpoint,
    Part::Innovation,
    Part::Denied(&Child::ALL),
    Part::Any,
];

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Any,
    Careless57,
    PublicHardened,
    Stopped,
    Integrated { says: bool },
    OpenFirewall,
    SneakyFirewall,
    Endpoint,
    EndpointPending,
    EndpointRejected,
    CustomerKey { geo: bool },
    ReplicaSource,
    Replica,
    Denied(&'static [Child]),
    PendingRestart { shown: bool },
    NoBackup,
    AuditWithSpace,
    HostileText,
    Innovation,
}

const APPLICATIONS: [&str; 16] = [
    "orders",
    "billing",
    "catalog",
    "identity",
    "payments",
    "loyalty",
    "search",
    "reports",
    "stock",
    "telemetry",
    "crm",
    "wiki",
    "cms",
    "booking",
    "ledger",
    "pricing",
];

/// Dice for one purpose: they do not depend on how many others were thrown before.
pub(super) fn dice(seed: u64, kind: &str, number: u64) -> Rng {
    // FNV-1a over the purpose, then the finaliser of SplitMix64, so that near seeds part ways.
    let salt = kind.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut mixed = (seed ^ salt).wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    Rng::with_seed(mixed ^ (mixed >> 31))
}

/// A server and the name of its resource group; a replica has its source's group already.
pub(super) struct Planted {
    pub(super) server: Server,
    pub(super) group: Option<String>,
}

/// Makes the server at `place`; `earlier` are the ones before it, among which a replica finds its source.
pub(super) fn server(
    options: &FleetOptions,
    subscriptions: &[Subscription],
    earlier: &[Server],
    place: usize,
) -> Planted {
    let mut dice = dice(options.seed, "server", place as u64);
    let dice = &mut dice;
    let shift = (options.seed % PARTS.len() as u64) as usize;
    let part = PARTS[(place + shift) % PARTS.len()];
    let source = (part == Part::Replica || one_in(dice, 25))
        .then(|| source_of_replica(earlier))
        .flatten();
    let hidden = place >= options.servers;
    let number = place as u32 + 1;

    let subscription = source.map_or_else(
        || pick_subscription(dice, part, subscriptions, place),
        |it| it.subscription,
    );
    let environment = environment(dice, subscriptions[subscription as usize].environment);
    let application = APPLICATIONS[dice.usize(..APPLICATIONS.len())];
    let region = source.map_or_else(|| pick_region(dice, part), |it| it.region);
    let character = pick_character(dice, part, environment);
    let version = source.map_or_else(|| pick_version(dice, part, character), |it| it.version);
    let (tier, sku) = pick_size(dice, part, environment, source);
    let customer_key = pick_customer_key(dice, part, character, source);
    let replication = source.map_or(Replication::None, |it| Replication::Replica {
        source: it.number,
    });
    let geo_redundant = source.is_none()
        && region.pair.is_some()
        && match (part, character) {
            (Part::CustomerKey { geo }, _) => geo,
            (_, Character::Careful) => dice.u8(..10) < 6,
            (_, Character::Ordinary) => one_in(dice, 5),
            (_, Character::Careless) => false,
        };
    let customer_key = customer_key.map(|key| CustomerKey {
        geo_key: key.geo_key && geo_redundant,
        ..key
    });
    let state = pick_state(dice, part, customer_key.is_some(), source.is_some());
    let entra_administrator = match source {
        Some(source) => source.entra_administrator,
        None => pick_administrator(dice, character),
    };
    let created_days = 1 + dice.u32(..1_400);
    let created = options.now
        - SignedDuration::from_hours(i64::from(created_days) * 24)
        - SignedDuration::from_nanos(dice.i64(0..864_000_000_000) * 100);
    let zone = (region.zones && dice.u8(..10) < 7).then(|| dice.u8(1..=3));

    let server = Server {
        name: name(source, application, environment, region, number).into(),
        number,
        subscription,
        group: source.map_or(0, |it| it.group),
        character,
        region,
        sku,
        tier,
        version,
        state,
        created,
        administrator_login: source
            .map_or_else(|| pick_login(dice, character), |it| it.administrator_login),
        availability_zone: zone,
        network: pick_network(dice, part, character, source),
        customer_key,
        entra_administrator,
        backup: Backup {
            retention_days: pick_retention(dice, character),
            geo_redundant,
            newest_hours_ago: pick_newest_backup(dice, part, character),
        },
        high_availability: pick_availability(
            dice,
            (tier, character, state, region),
            source.is_some(),
            zone,
        ),
        storage: Storage {
            size_gb: [32, 64, 128, 256, 512, 1_024][dice.usize(..6)],
            auto_grow: character != Character::Careless || dice.bool(),
            auto_io_scaling: dice.bool(),
            log_on_disk: one_in(dice, 10),
        },
        maintenance_window: (tier != Tier::Burstable
            && (character == Character::Careful || one_in(dice, 4)))
        .then(|| MaintenanceWindow {
            day_of_week: dice.u8(..7),
            start_hour: dice.u8(..24),
            start_minute: [0, 30][dice.usize(..2)],
        }),
        maintenance_batch: ["Default", "Default", "Batch1", "Batch2"][dice.usize(..4)],
        patch_strategy: ["Regular", "Regular", "Regular", "VirtualCanary"][dice.usize(..4)],
        replication,
        threat_protection: match character {
            Character::Careful => !one_in(dice, 8),
            Character::Ordinary => dice.bool(),
            Character::Careless => one_in(dice, 6),
        },
        parameters: pick_parameters(
            dice,
            part,
            character,
            version,
            entra_administrator.is_some(),
        ),
        shows_current_values: match part {
            Part::PendingRestart { shown } => shown,
            _ => dice.u8(..10) < 7,
        },
        tags: pick_tags(dice, part, character, environment, application),
        denied: pick_denied(dice, options, part, &subscriptions[subscription as usize]),
        hidden,
        spelling: [
            Spelling::Canonical,
            Spelling::Canonical,
            Spelling::LowerGroups,
            Spelling::OldProvider,
        ][dice.usize(..4)],
        empty_first_page: one_in(dice, 6),
    };
    let group = source
        .is_none()
        .then(|| group_name(dice, application, environment, region));
    Planted { server, group }
}

fn one_in(dice: &mut Rng, chances: u32) -> bool {
    dice.u32(..chances) == 0
}

fn source_of_replica(earlier: &[Server]) -> Option<&Server> {
    let near = &earlier[earlier.len().saturating_sub(REACH - 1)..];
    near.iter().rev().find(|it| {
        it.tier != Tier::Burstable
            && it.state == State::Ready
            && !it.hidden
            && !matches!(it.replication, Replication::Replica { .. })
    })
}

fn pick_subscription(dice: &mut Rng, part: Part, all: &[Subscription], place: usize) -> u32 {
    if place < all.len() {
        return place as u32;
    }
    let open = all.iter().filter(|it| !it.children_denied).count();
    if open < all.len() && part == Part::Any && dice.u8(..10) < 3 {
        return RESTRICTED as u32;
    }
    let nth = dice.usize(..open.max(1));
    let open = all.iter().enumerate().filter(|(_, it)| !it.children_denied);
    open.map(|(place, _)| place as u32)
        .nth(nth)
        .unwrap_or_default()
}

fn environment(dice: &mut Rng, of_subscription: &'static str) -> &'static str {
    match of_subscription {
        "dev" => ["dev", "test", "stage"][dice.usize(..3)],
        other => other,
    }
}

fn pick_region(dice: &mut Rng, part: Part) -> &'static Region {
    let count = match part {
        Part::CustomerKey { geo: true } => PAIRED,
        _ => REGIONS.len(),
    };
    &REGIONS[dice.usize(..count)]
}

fn pick_character(dice: &mut Rng, part: Part, environment: &str) -> Character {
    match part {
        Part::PublicHardened | Part::CustomerKey { .. } | Part::Endpoint | Part::AuditWithSpace => {
            Character::Careful
        }
        Part::Careless57 | Part::OpenFirewall | Part::SneakyFirewall => Character::Careless,
        _ => match (dice.u8(..100), environment) {
            (..45, "prod" | "dr") | (..20, _) => Character::Careful,
            (..85, "prod" | "dr") | (..65, _) => Character::Ordinary,
            _ => Character::Careless,
        },
    }
}

fn pick_version(dice: &mut Rng, part: Part, character: Character) -> Version {
    match (part, character, dice.u8(..100)) {
        (Part::Careless57 | Part::PendingRestart { shown: true }, _, _) => Version::V57,
        (Part::PendingRestart { shown: false }, _, _) => Version::V80,
        (Part::Innovation, _, _) => Version::V93,
        (_, Character::Careful, ..30) | (_, Character::Ordinary, ..12) => Version::V84,
        (_, Character::Ordinary, 80..) | (_, Character::Careless, 55..) => Version::V57,
        _ => Version::V80,
    }
}

fn pick_size(
    dice: &mut Rng,
    part: Part,
    environment: &str,
    source: Option<&Server>,
) -> (Tier, &'static str) {
    const BURSTABLE: [&str; 3] = ["Standard_B1ms", "Standard_B2s", "Standard_B2ms"];
    const GENERAL: [&str; 4] = [
        "Standard_D2ads_v5",
        "Standard_D4ads_v5",
        "Standard_D8ads_v5",
        "Standard_D2ds_v4",
    ];
    const MEMORY: [&str; 3] = ["Standard_E2ds_v4", "Standard_E4ads_v5", "Standard_E8ads_v5"];
    if let Some(source) = source {
        return (source.tier, source.sku);
    }
    let small = match environment {
        "prod" | "dr" => 25,
        _ => 70,
    };
    match dice.u8(..100) {
        roll if roll < small && part != Part::ReplicaSource => {
            (Tier::Burstable, BURSTABLE[dice.usize(..BURSTABLE.len())])
        }
        80.. => (Tier::MemoryOptimized, MEMORY[dice.usize(..MEMORY.len())]),
        _ => (Tier::GeneralPurpose, GENERAL[dice.usize(..GENERAL.len())]),
    }
}

fn pick_customer_key(
    dice: &mut Rng,
    part: Part,
    character: Character,
    source: Option<&Server>,
) -> Option<CustomerKey> {
    let chosen = matches!(part, Part::CustomerKey { .. })
        || (character == Character::Careful && one_in(dice, 5));
    let key = CustomerKey {
        versioned: dice.bool(),
        // Without geo-redundant backup there is nothing for it to protect: see the caller.
        geo_key: part == Part::CustomerKey { geo: true } || dice.bool(),
    };
    match source {
        Some(source) => source.customer_key.map(|it| CustomerKey {
            geo_key: false,
            ..it
        }),
        None => chosen.then_some(key),
    }
}

fn pick_state(dice: &mut Rng, part: Part, customer_key: bool, replicates: bool) -> State {
    match (part, dice.u8(..100)) {
        (Part::Stopped, _) if !replicates => State::Stopped,
        (Part::Any, ..4) if !replicates => State::Stopped,
        (Part::Any, 4..6) => State::Updating,
        (Part::Any, 6..20) if customer_key && !replicates => State::Disabled,
        _ => State::Ready,
    }
}

fn pick_administrator(dice: &mut Rng, character: Character) -> Option<&'static str> {
    const LOGINS: [&str; 5] = [
        "sg-mysql-administrators",
        "sg-database-platform",
        "sg-dba-oncall",
        "id-mysql-automation",
        "sg-équipe-données",
    ];
    let chance = match character {
        Character::Careful => 85,
        Character::Ordinary => 35,
        Character::Careless => 6,
    };
    (dice.u8(..100) < chance).then(|| LOGINS[dice.usize(..LOGINS.len())])
}

fn pick_login(dice: &mut Rng, character: Character) -> &'static str {
    const COMMON: [&str; 6] = [
        "azureuser",
        "mysqladmin",
        "myadmin",
        "dbadmin",
        "sqladmin",
        "adminuser",
    ];
    const OWN: [&str; 5] = [
        "flexowner",
        "ops_mysql",
        "u7f3k2a9",
        "dba_platform",
        "svc_orders_owner",
    ];
    let common = match character {
        Character::Careful => 10,
        Character::Ordinary => 50,
        Character::Careless => 90,
    };
    if dice.u8(..100) < common {
        COMMON[dice.usize(..COMMON.len())]
    } else {
        OWN[dice.usize(..OWN.len())]
    }
}

fn pick_denied(
    dice: &mut Rng,
    options: &FleetOptions,
    part: Part,
    within: &Subscription,
) -> Children {
    // The dice are thrown in any case, so that turning denials off changes nothing else.
    let single = Child::ALL[dice.usize(..Child::ALL.len())];
    let stray = one_in(dice, 40);
    match part {
        _ if !options.denials => Children::default(),
        _ if within.children_denied => Children::all(),
        Part::Denied(children) => Children::of(children),
        Part::Any if stray => Children::of(&[single]),
        _ => Children::default(),
    }
}

fn name(
    source: Option<&Server>,
    application: &str,
    environment: &str,
    region: &Region,
    number: u32,
) -> String {
    match source {
        Some(source) => format!("{}-replica-{number:04}", source.name),
        None => format!(
            "mysql-{application}-{environment}-{}-{number:04}",
            region.code
        ),
    }
}

fn group_name(dice: &mut Rng, application: &str, environment: &str, region: &Region) -> String {
    match dice.u8(..8) {
        0 => format!(
            "RG-{}-{}",
            application.to_ascii_uppercase(),
            region.code.to_ascii_uppercase()
        ),
        1 => format!("{application}_{environment}.data"),
        _ => format!("rg-{application}-{environment}-{}", region.code),
    }
}
