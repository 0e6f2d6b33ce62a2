//! Security rules as Azure lists them, and whether one is about connections to the server.
//!
//! The form is that of `Microsoft.Network/networkSecurityGroups`: a value stands in the member of singular or of plural
//! name, words come in any case. What cannot be understood is kept as such, because a rule that does not matter may be
//! as odd as it likes.

use serde_json::Value;

use crate::documents::Fact;
use crate::documents::text::neutral;
use crate::posture::address_set::AddressSet;

/// What a rule does with what it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Allow,
    Deny,
}

/// Why a rule cannot be told to matter, or how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The port of the server is not known.
    Port,
    /// The addresses of the subnet are not known.
    Subnet,
    /// No rule that was read is about what is left.
    Defaults,
    /// The rule itself; the text says what about it.
    Rule(String),
}

/// Whether a rule is about some traffic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matches {
    Yes,
    No,
    Unclear(Doubt),
}

impl Matches {
    const fn from_bool(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }

    fn unclear(what: String) -> Self {
        Self::Unclear(Doubt::Rule(what))
    }

    /// Both must match: one that does not is enough to say no.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Unclear(doubt), _) | (_, Self::Unclear(doubt)) => Self::Unclear(doubt),
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }

    /// One that matches is enough.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::Unclear(doubt), _) | (_, Self::Unclear(doubt)) => Self::Unclear(doubt),
            (Self::No, Self::No) => Self::No,
        }
    }
}

/// What a rule may name as source or destination. Tags as of Microsoft's overview of service tags for virtual networks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// Every address.
    Everything,
    /// Addresses that were written out.
    Addresses(AddressSet),
    /// Everything public, Azure's own public addresses with it.
    Internet,
    /// The virtual network and what is connected to it.
    VirtualNetwork,
    /// The host that asks whether a machine is alive.
    LoadBalancer,
    /// The public addresses of Azure's data centres, of one region or of all; in lower case.
    AzureCloud(String),
    /// A service tag whose addresses the answer does not tell.
    Tag(String),
    /// Neither addresses nor a tag.
    Unreadable(String),
}

/// The tag of every region.
pub const AZURE_CLOUD: &str = "azurecloud";

impl Prefix {
    fn parse(text: &str) -> Self {
        let text = text.trim();
        let lower = text.to_ascii_lowercase();
        let is_tag = text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
        match lower.as_str() {
            "*" | "any" => Self::Everything,
            "internet" => Self::Internet,
            "virtualnetwork" => Self::VirtualNetwork,
            "azureloadbalancer" => Self::LoadBalancer,
            AZURE_CLOUD => Self::AzureCloud(lower),
            _ if lower.starts_with("azurecloud.") => Self::AzureCloud(lower),
            _ => match AddressSet::parse(text) {
                Some(addresses) => Self::Addresses(addresses),
                None if is_tag => Self::Tag(text.to_owned()),
                None => Self::Unreadable(text.to_owned()),
            },
        }
    }
}

/// The values of a pair of members, of singular and of plural name.
#[derive(Clone, Debug, Default)]
struct Values {
    texts: Vec<String>,
    /// Whether something stands there that is not text.
    odd: bool,
}

impl Values {
    fn read(properties: &Value, singular: &str, plural: &str) -> Self {
        let mut values = Self::default();
        values.take(properties.get(singular));
        match properties.get(plural) {
            None | Some(Value::Null) => {}
            Some(Value::Array(items)) => items.iter().for_each(|item| values.take(Some(item))),
            Some(_) => values.odd = true,
        }
        values
    }

    fn take(&mut self, value: Option<&Value>) {
        match value {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if text.trim().is_empty() => {}
            Some(Value::String(text)) => self.texts.push(text.trim().to_owned()),
            // A port may come as a number.
            Some(Value::Number(number)) => self.texts.push(number.to_string()),
            Some(_) => self.odd = true,
        }
    }

    fn prefixes(&self) -> Vec<Prefix> {
        self.texts.iter().map(|text| Prefix::parse(text)).collect()
    }

    /// For a person: no more than a few of them.
    fn describe(&self) -> String {
        const SHOWN: usize = 6;
        if self.texts.is_empty() {
            return "what is not told".to_owned();
        }
        let mut words = self
            .texts
            .iter()
            .take(SHOWN)
            .map(|text| shown(text))
            .collect::<Vec<_>>()
            .join(", ");
        if self.texts.len() > SHOWN {
            words.push_str(&format!(" and {} more", self.texts.len() - SHOWN));
        }
        words
    }
}

/// Application security groups, when a rule names any.
fn names_groups(properties: &Value, member: &str) -> bool {
    properties
        .get(member)
        .and_then(Value::as_array)
        .is_some_and(|groups| !groups.is_empty())
}

/// Text of Azure for a person: neutralised, and no longer than a line bears.
pub fn shown(text: &str) -> String {
    neutral(text).chars().take(80).collect()
}

/// A security rule.
#[derive(Clone, Debug)]
pub struct SecurityRule {
    /// Where it stands in the document of the group.
    pub pointer: String,
    /// Its name, neutralised for display.
    pub name: String,
    /// What it does; `None` when that is not told.
    pub access: Option<Access>,
    /// When its turn is, lowest first; `None` when that is not told.
    pub priority: Option<i64>,
    /// Whether it is about incoming TCP.
    incoming_tcp: Matches,
    ports: Values,
    source_values: Values,
    /// Whom it is about.
    pub sources: Vec<Prefix>,
    /// Whether it is about application security groups.
    source_groups: bool,
    destination_values: Values,
    destinations: Vec<Prefix>,
    destination_groups: bool,
}

impl SecurityRule {
    /// The rule at a place of a list, `securityRules` or `defaultSecurityRules`.
    #[must_use]
    pub fn read(list: &str, place: usize, rule: &Value) -> Self {
        let pointer = format!("{list}/{place}");
        let nothing = Value::Null;
        let properties = rule.get("properties").unwrap_or(&nothing);
        let word = |member: &str| properties.get(member).and_then(Value::as_str);
        let source_values =
            Values::read(properties, "sourceAddressPrefix", "sourceAddressPrefixes");
        let destination_values = Values::read(
            properties,
            "destinationAddressPrefix",
            "destinationAddressPrefixes",
        );
        Self {
            name: rule
                .get("name")
                .and_then(Value::as_str)
                .map_or_else(|| pointer.clone(), shown),
            access: match word("access").map(str::to_ascii_lowercase).as_deref() {
                Some("allow") => Some(Access::Allow),
                Some("deny") => Some(Access::Deny),
                _ => None,
            },
            priority: properties
                .get("priority")
                .and_then(|value| Fact::Known(value).integer().known()),
            incoming_tcp: direction(word("direction")).and(protocol(properties.get("protocol"))),
            ports: Values::read(properties, "destinationPortRange", "destinationPortRanges"),
            sources: source_values.prefixes(),
            source_values,
            source_groups: names_groups(properties, "sourceApplicationSecurityGroups"),
            destinations: destination_values.prefixes(),
            destination_values,
            destination_groups: names_groups(properties, "destinationApplicationSecurityGroups"),
            pointer,
        }
    }

    /// Whether it is about incoming TCP to a port; `None` stands for a port that is not known.
    #[must_use]
    pub fn is_about(&self, port: Option<u16>) -> Matches {
        self.incoming_tcp
            .clone()
            .and(self.port(port))
            .and(self.any_source())
    }

    fn port(&self, port: Option<u16>) -> Matches {
        let ranges = self.ports.texts.iter().map(|text| match ports(text) {
            None => Matches::unclear(format!("its port {:?} is none", shown(text))),
            Some((start, end)) => match port {
                Some(port) => Matches::from_bool((start..=end).contains(&port)),
                None if start <= 1 && end == u16::MAX => Matches::Yes,
                None => Matches::Unclear(Doubt::Port),
            },
        });
        any(ranges, &self.ports, "its ports are not told")
    }

    /// Members of an application security group are machines of the same virtual network, so a rule about nothing but
    /// such groups neither opens nor shadows anything public.
    fn any_source(&self) -> Matches {
        Matches::from_bool(!self.only_source_groups())
    }

    const fn only_source_groups(&self) -> bool {
        self.source_groups && self.source_values.texts.is_empty() && !self.source_values.odd
    }

    /// What about its sources cannot be told, apart from the addresses of tags.
    #[must_use]
    pub fn odd_source(&self) -> Option<String> {
        self.sources
            .iter()
            .find_map(|source| match source {
                Prefix::Unreadable(text) => {
                    Some(format!("its source {:?} is no address", shown(text)))
                }
                _ => None,
            })
            .or_else(|| {
                let missing = self.source_values.odd || self.sources.is_empty();
                missing.then(|| "its sources are not told".to_owned())
            })
    }

    /// The addresses that it names as destinations, all together.
    pub fn destination_set(&self) -> AddressSet {
        self.destinations
            .iter()
            .fold(AddressSet::default(), |all, it| match it {
                Prefix::Addresses(addresses) => all.union(addresses),
                _ => all,
            })
    }

    /// Whether it is about a part of the subnet, which lies inside its [`destination_set`] or outside of it; `None` stands
    /// for a subnet whose addresses are not known.
    ///
    /// [`destination_set`]: Self::destination_set
    #[must_use]
    pub fn reaches(&self, part: Option<&AddressSet>) -> Matches {
        let nothing_else = self.destination_values.texts.is_empty() && !self.destination_values.odd;
        // The interfaces of a server are Azure's and cannot be put into an application security group.
        if self.destination_groups && nothing_else {
            return Matches::No;
        }
        let destinations = self.destinations.iter().map(|destination| match destination {
            Prefix::Everything | Prefix::VirtualNetwork => Matches::Yes,
            Prefix::Internet | Prefix::LoadBalancer => Matches::No,
            Prefix::Addresses(addresses) => match part {
                Some(part) => Matches::from_bool(!part.intersection(addresses).is_empty()),
                None if addresses.v4 == AddressSet::all().v4 => Matches::Yes,
                None => Matches::Unclear(Doubt::Subnet),
            },
            Prefix::AzureCloud(tag) | Prefix::Tag(tag) => Matches::unclear(format!(
                "its destination {} is a service tag, and the answer does not tell its addresses",
                shown(tag)
            )),
            Prefix::Unreadable(text) => {
                Matches::unclear(format!("its destination {:?} is no address", shown(text)))
            }
        });
        any(
            destinations,
            &self.destination_values,
            "its destinations are not told",
        )
    }

    /// The rule in one line: `Allow 200 "open-mysql" from 0.0.0.0/0, Internet to port 3306`.
    #[must_use]
    pub fn describe(&self) -> String {
        let access = match self.access {
            Some(Access::Allow) => "Allow",
            Some(Access::Deny) => "Deny",
            None => "Neither Allow nor Deny",
        };
        let priority = self
            .priority
            .map_or_else(|| "without a priority".to_owned(), |it| it.to_string());
        format!(
            "{access} {priority} {:?} from {} to port {}",
            self.name,
            self.source_values.describe(),
            self.ports.describe()
        )
    }
}

/// Whether any value matches; values that are missing or odd may.
fn any(matches: impl Iterator<Item = Matches>, values: &Values, missing: &str) -> Matches {
    let start = if values.odd || values.texts.is_empty() {
        Matches::unclear(missing.to_owned())
    } else {
        Matches::No
    };
    matches.fold(start, Matches::or)
}

fn direction(word: Option<&str>) -> Matches {
    match word.map(str::to_ascii_lowercase).as_deref() {
        Some("inbound") => Matches::Yes,
        Some("outbound") => Matches::No,
        _ => Matches::unclear("its direction is not told".to_owned()),
    }
}

/// Whether a protocol is TCP or all of them. Azure takes names, and numbers of IANA's list of protocols.
fn protocol(value: Option<&Value>) -> Matches {
    let text = match value {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    match text.to_ascii_lowercase().as_str() {
        "*" | "any" | "tcp" | "6" => Matches::Yes,
        "udp" | "icmp" | "icmpv6" | "esp" | "ah" => Matches::No,
        number if number.parse::<u8>().is_ok() => Matches::No,
        "" => Matches::unclear("its protocol is not told".to_owned()),
        _ => Matches::unclear(format!("its protocol {:?} is not known", shown(&text))),
    }
}

/// The first and the last port of `3306`, `3000-4000` or `*`.
fn ports(text: &str) -> Option<(u16, u16)> {
    let port = |text: &str| text.trim().parse::<u16>().ok();
    let (start, end) = match text.split_once('-') {
        _ if text == "*" => (0, u16::MAX),
        Some((start, end)) => (port(start)?, port(end)?),
        None => (port(text)?, port(text)?),
    };
    (start <= end).then_some((start, end))
}
