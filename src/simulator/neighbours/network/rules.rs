//! The rules that network security groups were planted with, case by case.

use serde_json::{Value, json};

/// One security rule.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) priority: u16,
    allow: bool,
    outbound: bool,
    pub(super) protocol: &'static str,
    /// Address prefixes and service tags; empty when an application security group is the source.
    pub(super) sources: &'static [&'static str],
    pub(super) application_group: bool,
    destination: Destination,
    pub(super) ports: &'static [&'static str],
    description: Option<&'static str>,
}

#[derive(Debug, Clone, Copy)]
enum Destination {
    Word(&'static str),
    /// The prefixes of the subnet itself.
    Subnet,
}

/// What a network security group, or the want of one, is planted as.
#[derive(Debug)]
pub(super) struct Case {
    /// A label for people and for counting; the rules are the facts.
    pub(super) name: &'static str,
    pub(super) rules: &'static [Rule],
    /// No group is associated with the subnet.
    pub(super) absent: bool,
    /// The group cannot be read, where reads are denied at all.
    pub(super) denied: bool,
}

const fn case(name: &'static str, rules: &'static [Rule]) -> Case {
    Case {
        name,
        rules,
        absent: false,
        denied: false,
    }
}

const fn allow(name: &'static str, priority: u16, sources: &'static [&'static str]) -> Rule {
    Rule {
        name,
        priority,
        allow: true,
        outbound: false,
        protocol: "Tcp",
        sources,
        application_group: false,
        destination: Destination::Word("*"),
        ports: &["3306"],
        description: None,
    }
}

const fn deny(name: &'static str, priority: u16, sources: &'static [&'static str]) -> Rule {
    Rule {
        allow: false,
        protocol: "*",
        ports: &["*"],
        ..allow(name, priority, sources)
    }
}

/// A rule of every group: both directions, any port.
const fn default(
    name: &'static str,
    priority: u16,
    (outbound, allow_it): (bool, bool),
    source: &'static [&'static str],
    destination: &'static str,
    description: &'static str,
) -> Rule {
    Rule {
        allow: allow_it,
        outbound,
        destination: Destination::Word(destination),
        description: Some(description),
        ..deny(name, priority, source)
    }
}

/// What Azure puts into every group.
pub(super) const DEFAULTS: [Rule; 6] = [
    default(
        "AllowVnetInBound",
        65_000,
        (false, true),
        &["VirtualNetwork"],
        "VirtualNetwork",
        "Allow inbound traffic from all VMs in VNET",
    ),
    default(
        "AllowAzureLoadBalancerInBound",
        65_001,
        (false, true),
        &["AzureLoadBalancer"],
        "*",
        "Allow inbound traffic from azure load balancer",
    ),
    default(
        "DenyAllInBound",
        65_500,
        (false, false),
        &["*"],
        "*",
        "Deny all inbound traffic",
    ),
    default(
        "AllowVnetOutBound",
        65_000,
        (true, true),
        &["VirtualNetwork"],
        "VirtualNetwork",
        "Allow outbound traffic from all VMs to all VMs in VNET",
    ),
    default(
        "AllowInternetOutBound",
        65_001,
        (true, true),
        &["*"],
        "Internet",
        "Allow outbound traffic from all VMs to Internet",
    ),
    default(
        "DenyAllOutBound",
        65_500,
        (true, false),
        &["*"],
        "*",
        "Deny all outbound traffic",
    ),
];

/// In turn, so that small fleets have variety too. The second is what stands where nobody can look.
pub(super) const CASES: [&Case; 30] = [
    &Case {
        absent: true,
        ..case("none", &[])
    },
    &case(
        "tight",
        &[
            allow("allow-applications", 200, &["10.0.0.0/8"]),
            deny("deny-the-rest", 4_000, &["*"]),
        ],
    ),
    &case("open", &[allow("allow-mysql", 300, &["*"])]),
    &Case {
        denied: true,
        ..case("unreadable", &[allow("allow-mysql", 300, &["Internet"])])
    },
    &case(
        "deniedBefore",
        &[
            deny("deny-all", 100, &["*"]),
            allow("allow-mysql", 200, &["*"]),
        ],
    ),
    &case(
        "internetTag",
        &[Rule {
            protocol: "TCP",
            ..allow("allow-public", 310, &["Internet"])
        }],
    ),
    &case("defaultsOnly", &[]),
    &case(
        "anyInList",
        &[allow("allow-partners", 220, &["10.20.0.0/16", "0.0.0.0/0"])],
    ),
    &case("unknownTag", &[allow("allow-edge", 250, &["PartnerEdge"])]),
    &case(
        "halvesOfEight",
        &[
            allow("allow-lower-half", 210, &["52.0.0.0/9"]),
            allow("allow-upper-half", 211, &["52.128.0.0/9"]),
        ],
    ),
    &case("azureTag", &[allow("allow-azure", 260, &["AzureCloud"])]),
    &case(
        "partlyDenied",
        &[
            deny("deny-lower-half", 100, &["0.0.0.0/1"]),
            allow("allow-mysql", 200, &["*"]),
        ],
    ),
    &case(
        "otherPorts",
        &[Rule {
            ports: &["1000-2000"],
            ..allow("allow-range", 230, &["*"])
        }],
    ),
    &case(
        "portInRange",
        &[Rule {
            ports: &["3000-4000"],
            ..allow("allow-range", 230, &["Internet"])
        }],
    ),
    &case(
        "udpOnly",
        &[Rule {
            protocol: "Udp",
            ..allow("allow-datagrams", 240, &["*"])
        }],
    ),
    &case(
        "elsewhere",
        &[Rule {
            destination: Destination::Word("10.250.0.0/16"),
            ..allow("allow-to-another-subnet", 240, &["*"])
        }],
    ),
    &case(
        "applicationGroup",
        &[Rule {
            application_group: true,
            ..allow("allow-application-servers", 200, &[])
        }],
    ),
    &case(
        "toVirtualNetwork",
        &[Rule {
            destination: Destination::Word("VirtualNetwork"),
            ..allow("allow-inside", 270, &["*"])
        }],
    ),
    &case(
        "serviceTag",
        &[allow("allow-storage", 280, &["Storage.WestEurope"])],
    ),
    &case("anyOfIpv6", &[allow("allow-new-addresses", 290, &["::/0"])]),
    &case(
        "toSubnet",
        &[Rule {
            destination: Destination::Subnet,
            protocol: "6",
            ..allow("allow-here", 305, &["0.0.0.0/0"])
        }],
    ),
    &case(
        "wholeEight",
        &[allow("allow-provider", 215, &["20.0.0.0/8"])],
    ),
    &case(
        "smallPublic",
        &[allow(
            "allow-office",
            215,
            &["203.0.113.0/24", "198.51.100.17"],
        )],
    ),
    &case(
        "listOfPorts",
        &[Rule {
            ports: &["22", "3306", "33060"],
            protocol: "*",
            ..allow("allow-several", 320, &["Internet"])
        }],
    ),
    &case(
        "deniedInPieces",
        &[
            deny("deny-lower-half", 100, &["0.0.0.0/1"]),
            deny("deny-upper-half", 101, &["128.0.0.0/1"]),
            allow("allow-mysql", 200, &["*"]),
        ],
    ),
    &case(
        "outboundOnly",
        &[Rule {
            outbound: true,
            ..allow("allow-out", 200, &["*"])
        }],
    ),
    &case(
        "otherProtocolDenied",
        &[
            Rule {
                protocol: "Udp",
                ..deny("deny-datagrams", 100, &["*"])
            },
            allow("allow-mysql", 200, &["*"]),
        ],
    ),
    &case(
        "internetDenied",
        &[
            deny("deny-internet", 100, &["Internet"]),
            allow("allow-mysql", 200, &["*"]),
        ],
    ),
    &case(
        "deniedAfter",
        &[
            allow("allow-mysql", 200, &["*"]),
            deny("deny-all", 300, &["*"]),
        ],
    ),
    &case(
        "otherPortDenied",
        &[
            Rule {
                ports: &["22"],
                ..deny("deny-shell", 100, &["*"])
            },
            Rule {
                protocol: "*",
                ports: &["*"],
                ..allow("allow-everything", 200, &["*"])
            },
        ],
    ),
];

impl Rule {
    pub(super) fn access(&self) -> &'static str {
        if self.allow { "Allow" } else { "Deny" }
    }

    pub(super) fn direction(&self) -> &'static str {
        if self.outbound { "Outbound" } else { "Inbound" }
    }

    pub(super) fn destinations<'a>(&self, prefixes: &'a [String]) -> Vec<&'a str> {
        match self.destination {
            Destination::Word(word) => vec![word],
            Destination::Subnet => prefixes.iter().map(String::as_str).collect(),
        }
    }

    /// As ARM writes it: one value stands in the singular member, several in the plural one.
    pub(super) fn properties(&self, prefixes: &[String], network: &str) -> Value {
        let mut body = json!({
            "provisioningState": "Succeeded",
            "protocol": self.protocol,
            "sourcePortRange": "*",
            "access": self.access(),
            "priority": self.priority,
            "direction": self.direction(),
            "sourcePortRanges": [],
        });
        let mut put = |singular: &str, plural: &str, values: &[&str]| match values {
            [one] => {
                body[singular] = json!(one);
                body[plural] = json!([]);
            }
            several => body[plural] = json!(several),
        };
        put("destinationPortRange", "destinationPortRanges", self.ports);
        put("sourceAddressPrefix", "sourceAddressPrefixes", self.sources);
        put(
            "destinationAddressPrefix",
            "destinationAddressPrefixes",
            &self.destinations(prefixes),
        );
        if self.application_group {
            body["sourceApplicationSecurityGroups"] =
                json!([{ "id": format!("{network}/applicationSecurityGroups/asg-applications") }]);
        }
        if let Some(description) = self.description {
            body["description"] = description.into();
        }
        body
    }
}
