//! Who can reach a server: its network, private endpoints and firewall rules.

use std::net::Ipv4Addr;

use fastrand::Rng;

use super::super::server::{Character, FirewallRule, Network, PrivateEndpoint, Server};
use super::{Part, one_in};

pub(super) fn pick_network(
    dice: &mut Rng,
    part: Part,
    character: Character,
    source: Option<&Server>,
) -> Network {
    let integrated = Network::Integrated {
        says_public_access: match part {
            Part::Integrated { says } => says,
            _ => !one_in(dice, 3),
        },
        dns_zone: !one_in(dice, 4),
    };
    let wanted = matches!(part, Part::Integrated { .. })
        || (matches!(part, Part::Any | Part::Stopped | Part::ReplicaSource)
            && character != Character::Careless
            && one_in(dice, 4));
    // A replica stays in the kind of network that its source is in.
    if source.map_or(wanted, Server::is_integrated) {
        return integrated;
    }
    let endpoints = match part {
        Part::Endpoint => vec![PrivateEndpoint::Approved],
        Part::EndpointPending => vec![PrivateEndpoint::Pending],
        Part::EndpointRejected => vec![PrivateEndpoint::Rejected],
        _ if character == Character::Careful && one_in(dice, 3) => {
            vec![PrivateEndpoint::Approved, PrivateEndpoint::Pending]
        }
        _ => Vec::new(),
    };
    let reachable = endpoints.contains(&PrivateEndpoint::Approved);
    Network::Public {
        public_access: !(reachable && (part == Part::Endpoint || !one_in(dice, 3))),
        firewall_rules: pick_firewall_rules(dice, part, character),
        endpoints,
    }
}

fn pick_firewall_rules(dice: &mut Rng, part: Part, character: Character) -> Vec<FirewallRule> {
    let mut rules = Vec::new();
    let mut rule = |name: &str, start: [u8; 4], end: [u8; 4]| {
        rules.push(FirewallRule {
            name: name.into(),
            start: Ipv4Addr::from(start),
            end: Ipv4Addr::from(end),
        });
    };
    let last = dice.u8(1..=254);
    rule("office-gateway", [203, 0, 113, last], [203, 0, 113, last]);
    if dice.bool() {
        rule("build-agents", [198, 51, 100, 16], [198, 51, 100, 31]);
    }
    match part {
        Part::OpenFirewall => {
            rule(
                "AllowAll_2024-3-5_10-12-45",
                [0, 0, 0, 0],
                [255, 255, 255, 255],
            );
        }
        Part::SneakyFirewall => rule("vpn-only", [1, 0, 0, 0], [255, 255, 255, 255]),
        _ => match (character, dice.u8(..100)) {
            (Character::Careless, ..25) => {
                rule(
                    "AllowAll_2023-11-20_8-0-1",
                    [0, 0, 0, 0],
                    [255, 255, 255, 255],
                );
            }
            (Character::Careless, 25..40) => {
                rule("lower-half", [0, 0, 0, 1], [127, 255, 255, 255]);
                rule("upper-half", [128, 0, 0, 0], [255, 255, 255, 255]);
            }
            (Character::Careless, 40..55) => rule("isp", [93, 0, 0, 0], [93, 255, 255, 255]),
            (Character::Careless, 55..70) => rule("partner", [1, 0, 0, 0], [255, 255, 255, 254]),
            (Character::Ordinary, ..20) => rule("campus", [192, 0, 2, 0], [192, 0, 2, 255]),
            (Character::Ordinary, 20..35) => rule("provider", [146, 52, 0, 0], [146, 52, 255, 255]),
            _ => {}
        },
    }
    let azure = match character {
        Character::Careful => one_in(dice, 12),
        Character::Ordinary => dice.bool(),
        Character::Careless => !one_in(dice, 4),
    };
    if azure {
        let day = dice.u8(1..=28);
        rules.push(FirewallRule {
            name: format!("AllowAllAzureServicesAndResourcesWithinAzureIps_2024-6-{day}_9-41-7")
                .into(),
            start: Ipv4Addr::UNSPECIFIED,
            end: Ipv4Addr::UNSPECIFIED,
        });
    }
    rules
}
