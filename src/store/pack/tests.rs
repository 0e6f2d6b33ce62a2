//! Lists come back as they were packed, and damage is an error.

use proptest::prelude::*;

use super::*;
use crate::baseline::FeatureId;
use crate::documents::{CauseKind, Subscription};
use crate::posture::{Cell, Score, ServerSummary, Severity, VerdictWord};

fn server(number: usize) -> ServerSummary {
    let group = format!("group-{}", number % 3);
    let name = format!("mysql-{number}");
    let mut cells = [Cell::default(); FeatureId::COUNT];
    for (place, cell) in cells.iter_mut().enumerate() {
        *cell = Cell {
            verdict: VerdictWord::ALL[(place + number) % VerdictWord::ALL.len()],
            severity: place.is_multiple_of(2).then_some(Severity::Low),
            cause: place
                .is_multiple_of(5)
                .then(|| CauseKind::ALL[(place * number) % CauseKind::ALL.len()]),
        };
    }
    ServerSummary {
        id: format!("/subscriptions/s/resourceGroups/{group}/x/y/{name}").into(),
        name: name.as_str().into(),
        resource_group: group.as_str().into(),
        subscription: "s".into(),
        region: "westeurope".into(),
        version: "8.0.21".into(),
        state: if number.is_multiple_of(2) {
            "Ready"
        } else {
            ""
        }
        .into(),
        tags: (0..number % 4)
            .map(|tag| {
                (
                    format!("tag-{tag}").into(),
                    format!("{}", number % 7).into(),
                )
            })
            .collect(),
        cells,
        open: [u16::MAX, number as u16, 0, 1],
        score: Score {
            met: u32::MAX,
            unmet: number as u32,
        },
        beyond: Score::default(),
    }
}

fn odd_ones() -> Vec<ServerSummary> {
    let mut shown_otherwise = server(1);
    shown_otherwise.name = "shown\u{fffd}otherwise".into();
    let mut without_a_way = server(2);
    without_a_way.id = "mysql-2".into();
    let mut empty = server(3);
    empty.id = "".into();
    empty.name = "".into();
    vec![shown_otherwise, without_a_way, empty]
}

fn fleet() -> Fleet {
    Fleet {
        subscriptions: vec![Subscription {
            id: "s".into(),
            name: "one".into(),
            tenant: None,
            state: Some("Enabled".into()),
            delegated: true,
        }],
        servers: (0..40).map(server).chain(odd_ones()).collect(),
    }
}

fn packed(fleet: &Fleet) -> Vec<u8> {
    let mut packer = Packer::new(&fleet.subscriptions, fleet.servers.len() as u64).unwrap();
    for server in &fleet.servers {
        packer.server(server).unwrap();
    }
    packer.finish().unwrap()
}

#[test]
fn a_list_comes_back_as_it_was_and_what_servers_share_is_there_once() {
    let fleet = fleet();
    let back = unpack(&packed(&fleet)).unwrap();
    assert_eq!(back, fleet);
    let [one, .., other] = &back.servers[..4] else {
        panic!("four servers");
    };
    assert!(std::sync::Arc::ptr_eq(&one.region, &other.region));
    // An empty list is one, too.
    let empty = Fleet::default();
    assert_eq!(unpack(&packed(&empty)).unwrap(), empty);
}

#[test]
fn tags_that_all_come_for_the_first_time_are_told_apart() {
    let tagged = |number: usize, tags: &[(&str, &str)]| {
        let tags = tags
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        ServerSummary {
            tags: tags.collect(),
            ..server(number)
        }
    };
    let fleet = Fleet {
        subscriptions: Vec::new(),
        servers: vec![
            tagged(1, &[("owner", "a")]),
            tagged(2, &[("team", "b")]),
            tagged(3, &[("owner", "b")]),
            tagged(4, &[("team", "b")]),
            tagged(5, &[]),
        ],
    };
    assert_eq!(unpack(&packed(&fleet)).unwrap(), fleet);
}

#[test]
fn a_list_of_an_older_format_is_read() {
    let fleet = fleet();
    let mut plain = postcard::to_stdvec(&fleet.subscriptions).unwrap();
    plain.extend(postcard::to_stdvec(&(fleet.servers.len() as u64)).unwrap());
    for server in &fleet.servers {
        plain.extend(postcard::to_stdvec(server).unwrap());
    }
    let old = zstd::encode_all(plain.as_slice(), 1).unwrap();
    assert_eq!(unpack(&old).unwrap(), fleet);
    plain.push(0);
    let longer = zstd::encode_all(plain.as_slice(), 1).unwrap();
    assert!(unpack(&longer).is_err());
}

#[test]
fn a_number_of_servers_that_is_not_theirs_is_an_error() {
    let fleet = fleet();
    for count in [0, 1, 42, 44, u64::MAX] {
        let mut packer = Packer::new(&fleet.subscriptions, count).unwrap();
        for server in &fleet.servers {
            packer.server(server).unwrap();
        }
        assert!(unpack(&packer.finish().unwrap()).is_err(), "{count}");
    }
    assert!(unpack(b"").is_err());
    assert!(unpack(MAGIC).is_err());
}

#[test]
fn a_small_list_that_unfolds_into_a_huge_one_is_refused() {
    let bomb = zstd::encode_all(io::Read::take(io::repeat(0), 256 << 20), 1).unwrap();
    assert!(bomb.len() < 1 << 20, "{}", bomb.len());
    let error = unpack(&[MAGIC, &bomb[..]].concat()).unwrap_err();
    assert!(error.to_string().contains("larger than"), "{error}");
    assert!(unpack(&bomb).is_err(), "an older one");

    let long = "x".repeat(4 << 10);
    let servers: Vec<ServerSummary> = (0..64)
        .map(|number| ServerSummary {
            id: format!("/{long}/{number}").into(),
            ..server(number)
        })
        .collect();
    let bytes = packed(&Fleet {
        subscriptions: Vec::new(),
        servers,
    });
    assert!(unpack(&bytes).is_ok());
    let plain = plain(&bytes[MAGIC.len()..]).unwrap();
    let within = |servers, ids| read::fleet(&plain, Most { servers, ids });
    assert!(within(64, 64 * (8 << 10)).is_ok());
    let error = within(64, 60 * (4 << 10)).unwrap_err();
    assert!(error.to_string().contains("ids"), "{error}");
    let error = within(63, u64::MAX).unwrap_err();
    assert!(error.to_string().contains("64 servers"), "{error}");
}

proptest! {
    /// What is damaged is an error, or another list; it is never the end of the program.
    #[test]
    fn damaged_bytes_are_no_more_than_an_error(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut plain = plain(&packed(&fleet())[MAGIC.len()..]).unwrap();
        for (place, byte) in changes {
            let place = place.index(plain.len());
            plain[place] = byte;
        }
        if let Some(cut) = cut {
            plain.truncate(cut.index(plain.len()));
        }
        let _ = read::fleet(&plain, MOST);
        let _ = long::fleet(&plain, MOST);
    }
}
