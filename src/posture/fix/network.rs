//! NS: a private path, the public endpoint closed, the network security group of the delegated subnet.

use serde_json::Value;

use crate::documents::text::neutral;
use crate::documents::{DocumentKind, ResourceId};
use crate::posture::ConditionId;

use super::need::Need;
use super::shell::{Draft, Variable};
use super::{Fix, Undo};

const SUBNET_ID: Variable = Variable::new(
    "SUBNET_ID",
    "set it to the resource id of the subnet for the private endpoint",
);
const ENDPOINT_LOCATION: Variable = Variable::new(
    "ENDPOINT_LOCATION",
    "set it to the region of the virtual network of that subnet, such as westeurope",
);
const DNS_ZONE_ID: Variable = Variable::new(
    "DNS_ZONE_ID",
    "set it to the resource id of the private DNS zone for private endpoints of MySQL",
);
const NSG_ID: Variable = Variable::new(
    "NSG_ID",
    "set it to the resource id of the network security group",
);
const ALLOWED_SOURCE: Variable = Variable::new(
    "ALLOWED_SOURCE",
    "set it to the address range of the clients, such as 10.1.0.0/24",
);

/// The type of the server as the Azure CLI knows it for private endpoint connections. The CLI asks with the API version
/// 2022-09-30-privatepreview (its module network, private_link_resource_and_endpoint_connections/custom.py).
const SERVER_TYPE: &str = "Microsoft.DBforMySQL/flexibleServers";
const STATUS: &str = "/properties/privateLinkServiceConnectionState/status";

/// NS-2 Azure Private Link: an endpoint that is approved, and none that waits.
pub fn private_link(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let pending = pending(need);
    let mut fixes = Vec::new();
    if !pending.is_empty() {
        fixes.push(answer(need, unmet, &pending, "approve"));
        if unmet.contains(&"pe-pending") {
            let mut reject = answer(need, &["pe-pending"], &pending, "reject");
            reject.alternative = true;
            fixes.push(reject);
        }
    }
    if unmet.contains(&"pe-approved") {
        let mut create = create_endpoint(need, &["pe-approved"]);
        create.alternative = !fixes.is_empty();
        fixes.push(create);
    }
    fixes
}

/// NS-1 Virtual Network Integration: an approved endpoint where there is none, then the public one closed.
pub fn private_path(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let approved = connections(need).any(|item| status_is(item, "Approved"));
    let mut fixes = Vec::new();
    if !approved {
        fixes.push(create_endpoint(need, unmet));
    }
    if !need.is("/properties/network/publicNetworkAccess", "Disabled") {
        fixes.extend(close(need, unmet));
    }
    fixes
}

/// The private endpoint connections: the server's own list, else the child list.
fn connections<'a>(need: &Need<'a>) -> impl Iterator<Item = &'a Value> + use<'a> {
    let own = need
        .member(
            DocumentKind::Server,
            "/properties/privateEndpointConnections",
        )
        .and_then(Value::as_array);
    let items = own.map_or_else(
        || need.items(DocumentKind::PrivateEndpointConnections),
        Vec::as_slice,
    );
    items.iter()
}

fn status_is(item: &Value, status: &str) -> bool {
    item.pointer(STATUS)
        .and_then(Value::as_str)
        .is_some_and(|text| text.eq_ignore_ascii_case(status))
}

/// Names of the connections that wait, and the endpoints that ask.
fn pending<'a>(need: &Need<'a>) -> Vec<(&'a str, &'a str)> {
    let text = |item: &'a Value, pointer: &str| item.pointer(pointer).and_then(Value::as_str);
    connections(need)
        .filter(|item| status_is(item, "Pending"))
        .map(|item| {
            let name = text(item, "/name")
                .or_else(|| text(item, "/id")?.rsplit('/').next())
                .unwrap_or_default();
            (
                name,
                text(item, "/properties/privateEndpoint/id").unwrap_or("not named"),
            )
        })
        .collect()
}

/// Every pending connection approved, or rejected.
fn answer(need: &Need<'_>, conditions: &[ConditionId], pending: &[(&str, &str)], how: &str) -> Fix {
    let approve = how == "approve";
    let draft = |how: &str, name: &str| {
        Draft::new(&format!("network private-endpoint-connection {how}"))
            .given("--name", name)
            .given("--resource-name", need.server().name())
            .own("--type", SERVER_TYPE)
            .within(need.server())
    };
    let title = if approve {
        "Approve the pending private endpoint connection"
    } else {
        "Reject the pending private endpoint connection"
    };
    let mut fix = Fix::new(
        conditions,
        title,
        "the server › Settings › Networking › Private endpoints › the connection › Approve or Reject",
    );
    for (name, endpoint) in pending {
        fix = fix.first(format!(
            "Find out who asks: {} for the endpoint {}. Approve only what you know, reject the rest.",
            neutral(name),
            neutral(endpoint)
        ));
    }
    let (breaks, undo) = if approve {
        (
            "Clients in the network of that endpoint can reach the server.",
            Undo::by(pending.iter().map(|(name, _)| draft("reject", name))),
        )
    } else {
        (
            "A rejected connection cannot be approved later: its owner makes a new endpoint.",
            Undo::None(
                "a rejected connection stays rejected: its owner makes a new endpoint".to_owned(),
            ),
        )
    };
    fix.breaks(breaks)
        .commands(pending.iter().map(|(name, _)| draft(how, name)))
        .undo(undo)
}

/// A private endpoint for the server, with its name in DNS.
fn create_endpoint(need: &Need<'_>, conditions: &[ConditionId]) -> Fix {
    let server = need.server();
    let endpoint = format!("pe-{}", server.name());
    Fix::new(
        conditions,
        "Create a private endpoint",
        "the server › Settings › Networking › Private endpoints › Create private endpoint",
    )
    .first("Choose a subnet that the clients can reach: SUBNET_ID is its resource id, ENDPOINT_LOCATION the region of its network.")
    .first(
        "Have a private DNS zone privatelink.mysql.database.azure.com (in the public cloud), linked to the virtual networks of the clients: \
         DNS_ZONE_ID is its resource id. Clients outside Azure need their DNS to forward to it.",
    )
    .breaks("A private endpoint and its traffic cost money. Clients that resolve the zone go through it at once.")
    .commands([
        Draft::new("network private-endpoint create")
            .given("--name", &endpoint)
            .within(server)
            .ask("--location", ENDPOINT_LOCATION)
            .ask("--subnet", SUBNET_ID)
            .given("--connection-name", &endpoint)
            .given("--private-connection-resource-id", server.as_str())
            .own("--group-id", "mysqlServer")
            .note("approves itself where you may approve connections of the server; else its owner approves it"),
        Draft::new("network private-endpoint dns-zone-group create")
            .given("--endpoint-name", &endpoint)
            .within(server)
            .own("--name", "default")
            .ask("--private-dns-zone", DNS_ZONE_ID)
            .own("--zone-name", "mysql"),
    ])
    .undo(
        Undo::by([Draft::new("network private-endpoint delete").given("--name", &endpoint).within(server)])
            .note("Open another path first: clients that use the endpoint lose the server."),
    )
}

/// NS-2 Disable Public Network Access: the public endpoint closed.
pub fn close(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let server = need.server();
    let access = |value: &str| Need::on(server, "update").own("--public-access", value);
    let old = need.text("/properties/network/publicNetworkAccess").known();
    let undo = match old.as_deref() {
        Some(old) if old.eq_ignore_ascii_case("Enabled") => Undo::by([access("Enabled")])
            .note("The firewall rules that are left are in force again."),
        _ => Undo::Unread("public access before the change was not read".to_owned()),
    };
    vec![
        Fix::new(
            unmet,
            "Close the public endpoint",
            "the server › Settings › Networking › Public access",
        )
        .first(
            "Have an approved private endpoint, and see that the server's name resolves to its private address from \
             every client: without one, nobody can connect.",
        )
        .first("Integration into a virtual network instead needs a new server: it is chosen at creation.")
        .breaks("Every client that comes over the public endpoint is cut off, the portal's and Azure services among them.")
        .commands([access("Disabled")])
        .undo(undo),
    ]
}

/// NS-1 Network Security Group Support: the delegated subnet gets a group.
pub fn associate_nsg(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let fix = Fix::new(
        unmet,
        "Give the delegated subnet a network security group",
        "the virtual network › Settings › Subnets › the subnet › Network security group",
    )
    .first(
        "Have a network security group that lets the clients in to the server's port, and the server out to where it \
         must go (Microsoft Entra, Azure Monitor, storage): NSG_ID is its resource id.",
    )
    .breaks("The group applies to everything in the subnet. Clients that its rules leave out are cut off.");
    let subnet = need
        .text("/properties/network/delegatedSubnetResourceId")
        .known()
        .and_then(|id| ResourceId::parse(&id).ok());
    let Some((subnet, network)) = subnet.and_then(|id| {
        let network = segment(&id, "virtualNetworks")?;
        Some((id, network))
    }) else {
        return vec![fix.first("Which subnet it is was not read.")];
    };
    let update = || {
        Draft::on("network vnet subnet update", "--name", &subnet).given("--vnet-name", &network)
    };
    vec![
        fix.commands([update().ask("--network-security-group", NSG_ID)])
            .undo(Undo::by([update().own("--network-security-group", "null")])),
    ]
}

/// NS-1: a rule that lets in the internet gets the clients' addresses as its source.
pub fn narrow_nsg(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let fix = Fix::new(
        unmet,
        "Narrow the rule that lets in the internet",
        "the network security group › Settings › Inbound security rules › the rule › Source",
    )
    .first("Find out which addresses need the server: ALLOWED_SOURCE is their range in CIDR form.")
    .breaks("Everything in every subnet of this group is affected. Clients outside the range are cut off.");
    let rules = broad_rules(need, unmet);
    let (Some(group), false) = (
        need.resource(DocumentKind::NetworkSecurityGroup),
        rules.is_empty(),
    ) else {
        return vec![fix.first("The evidence names the rules. Default rules cannot be changed: put a rule before them.")];
    };
    let update = |name: &str| {
        Draft::on("network nsg rule update", "--nsg-name", &group).given("--name", name)
    };
    let mut back = Vec::new();
    let mut all_known = true;
    for (name, rule) in &rules {
        let sources = sources(rule);
        let Some((first, more)) = sources.split_first() else {
            all_known = false;
            continue;
        };
        let draft = update(name).given("--source-address-prefixes", first);
        back.push(more.iter().fold(draft, |draft, source| draft.also(source)));
    }
    let undo = if all_known {
        Undo::by(back)
    } else {
        Undo::Unread(
            "the source of the rule before the change was not read: note it first".to_owned(),
        )
    };
    vec![
        fix.commands(
            rules
                .iter()
                .map(|(name, _)| update(name).ask("--source-address-prefixes", ALLOWED_SOURCE)),
        )
        .undo(undo),
    ]
}

/// The rules that the evidence points at, by name.
fn broad_rules<'a>(need: &Need<'a>, unmet: &[ConditionId]) -> Vec<(&'a str, &'a Value)> {
    const RULES: &str = "/properties/securityRules/";
    let mut found: Vec<(&str, &Value)> = Vec::new();
    for evidence in unmet
        .iter()
        .filter_map(|id| need.condition(id))
        .flat_map(|it| &it.evidence)
    {
        let Some(place) = evidence
            .pointer
            .strip_prefix(RULES)
            .and_then(|rest| rest.split('/').next())
        else {
            continue;
        };
        let rule = need
            .member(evidence.document, &format!("{RULES}{place}"))
            .filter(|rule| lets_in(rule));
        let named = rule.and_then(|rule| Some((rule.get("name")?.as_str()?, rule)));
        found.extend(named.filter(|(name, _)| !found.iter().any(|(other, _)| other == name)));
    }
    found
}

/// Whether a rule lets traffic in; the evidence may also name rules that keep some out.
fn lets_in(rule: &Value) -> bool {
    let is = |name: &str, value: &str| {
        let found = rule
            .get("properties")
            .and_then(|it| it.get(name))
            .and_then(Value::as_str);
        found.is_some_and(|it| it.eq_ignore_ascii_case(value))
    };
    is("access", "Allow") && is("direction", "Inbound")
}

/// Where a rule lets traffic in from.
fn sources(rule: &Value) -> Vec<&str> {
    let one = rule
        .pointer("/properties/sourceAddressPrefix")
        .and_then(Value::as_str);
    let many = rule
        .pointer("/properties/sourceAddressPrefixes")
        .and_then(Value::as_array);
    one.filter(|it| !it.is_empty())
        .into_iter()
        .chain(many.into_iter().flatten().filter_map(Value::as_str))
        .collect()
}

fn segment(id: &ResourceId, name: &str) -> Option<String> {
    let mut segments = id.as_str().split('/');
    segments.find(|it| it.eq_ignore_ascii_case(name))?;
    segments.next().map(str::to_owned)
}
