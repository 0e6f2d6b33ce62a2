//! Paths to what stands around servers: which neighbour a path names, and whether the caller may see it.

mod versions;

use serde_json::{Value, json};

use self::versions::{DIAGNOSTICS, LOCKBOX, LOCKS, NETWORK, PERMISSIONS, PRICINGS, VAULTS};
use super::arm::{Arm, knows};
use super::errors;
use super::http::{Answer, Call};
use super::neighbours::vaults::Vault;
use super::neighbours::{Read, diagnostics, locks, subscription};
use super::server::Server;

/// The types that are served, as Azure writes them: a path in any case is told apart by them.
const TYPES: [(&str, &[&str]); 7] = [
    ("Microsoft.DBforMySQL", &["flexibleServers"]),
    ("Microsoft.Network", &["virtualNetworks", "subnets"]),
    ("Microsoft.Network", &["networkSecurityGroups"]),
    ("Microsoft.KeyVault", &["vaults", "keys", "versions"]),
    ("Microsoft.KeyVault", &["managedHSMs", "keys", "versions"]),
    ("Microsoft.Authorization", &["locks"]),
    ("Microsoft.Security", &["pricings"]),
];

impl Arm<'_> {
    /// What a path below a subscription names that the caller sees, if it is none of the servers; `lower` are its
    /// segments in lower case.
    pub(super) fn around(&self, call: &Call, place: u32, lower: &[&str]) -> Option<Answer> {
        let version = call.api_version().unwrap_or_default();
        let unknown = |provider: &str, kind: &str, versions: &[&str]| {
            (!knows(versions, version))
                .then(|| errors::unknown_version(provider, kind, version, versions))
        };
        let answer = match lower {
            [_, _, "providers", "microsoft.authorization", "locks"] => {
                unknown("Microsoft.Authorization", "locks", &LOCKS)
                    .unwrap_or_else(|| self.subscription_locks(call, place))
            }
            [_, _, "providers", "microsoft.authorization", "permissions"] => {
                unknown("Microsoft.Authorization", "permissions", &PERMISSIONS)
                    .unwrap_or_else(|| self.permissions(call, place))
            }
            [_, _, "providers", "microsoft.security", "pricings", name] => {
                unknown("Microsoft.Security", "pricings", &PRICINGS)
                    .unwrap_or_else(|| self.pricing(call, place, name))
            }
            [
                _,
                _,
                "providers",
                "microsoft.keyvault",
                kind @ ("vaults" | "managedhsms"),
            ] => unknown("Microsoft.KeyVault", kind, &VAULTS)
                .unwrap_or_else(|| self.vaults(call, place, *kind == "managedhsms")),
            [
                _,
                _,
                "resourcegroups",
                _,
                "providers",
                "microsoft.network",
                "virtualnetworks",
                _,
                "subnets",
                _,
            ] => self.subnet(call),
            [
                _,
                _,
                "resourcegroups",
                _,
                "providers",
                "microsoft.network",
                "networksecuritygroups",
                _,
            ] => self.security_group(call),
            [
                _,
                subscription,
                "resourcegroups",
                group,
                "providers",
                "microsoft.keyvault",
                kind @ ("vaults" | "managedhsms"),
                name,
                rest @ ..,
            ] => {
                let found = self
                    .fleet
                    .neighbours
                    .vaults
                    .find(self.fleet, subscription, group, name)
                    .filter(|(_, it)| it.hsm == (*kind == "managedhsms"));
                self.vault(call, place, found, rest)
            }
            _ => return None,
        };
        Some(answer)
    }

    /// Everything in a subscription that the caller does not see is refused, there or not.
    pub(super) fn stranger(&self, call: &Call) -> Answer {
        self.refuse(call)
    }

    /// 403 for the resource that the path names.
    fn refuse(&self, call: &Call) -> Answer {
        match action(&call.segments) {
            Some(action) => errors::denied(&self.fleet.caller, &action, &call.path),
            None => errors::no_route(&call.path),
        }
    }

    /// An extension of a server: what other providers say of it. `rest` is the path below the server.
    pub(super) fn extension(&self, call: &Call, server: &Server, rest: &[&str]) -> Option<Answer> {
        let version = call.api_version().unwrap_or_default();
        let lower: Vec<String> = rest.iter().map(|it| it.to_ascii_lowercase()).collect();
        let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
        let id = self.fleet.id(server);
        match lower.as_slice() {
            ["providers", "microsoft.insights", "diagnosticsettings"] => {
                if !knows(&DIAGNOSTICS, version) {
                    return Some(errors::unknown_version(
                        "microsoft.insights",
                        "diagnosticSettings",
                        version,
                        &DIAGNOSTICS,
                    ));
                }
                let action = "Microsoft.Insights/diagnosticSettings/read";
                if server.hidden || diagnostics::denied(self.fleet, server) {
                    return Some(errors::denied_unwrapped(&self.fleet.caller, action, &id));
                }
                let settings = diagnostics::of(self.fleet, server).render(self.fleet, server);
                Some(Answer::json(200, &json!({ "value": settings })))
            }
            ["providers", "microsoft.authorization", "locks"] => {
                if !knows(&LOCKS, version) {
                    return Some(errors::unknown_version(
                        "Microsoft.Authorization",
                        "locks",
                        version,
                        &LOCKS,
                    ));
                }
                let access = locks::access(self.fleet, server.subscription);
                if server.hidden || access == locks::Access::Denied {
                    let action = "Microsoft.Authorization/locks/read";
                    return Some(errors::denied(&self.fleet.caller, action, &id));
                }
                let found = locks::of_server(self.fleet, server);
                Some(
                    self.list(call, found.iter(), server.empty_first_page, |it| {
                        it.render()
                    }),
                )
            }
            _ => None,
        }
    }

    fn subscription_locks(&self, call: &Call, place: u32) -> Answer {
        if locks::access(self.fleet, place) != locks::Access::Readable {
            let scope = format!(
                "/subscriptions/{}",
                self.fleet.subscriptions[place as usize].id
            );
            let action = "Microsoft.Authorization/locks/read";
            return errors::denied(&self.fleet.caller, action, &scope);
        }
        let all = locks::of_subscription(self.fleet, place);
        self.list(call, all, false, |it| it.render())
    }

    /// What the roles of the caller grant in a subscription: what is refused to it on single things is no matter of roles.
    fn permissions(&self, call: &Call, place: u32) -> Answer {
        let restricted = self.fleet.subscriptions[place as usize].children_denied;
        let actions = if restricted {
            json!([
                "Microsoft.Authorization/permissions/read",
                "Microsoft.DBforMySQL/flexibleServers/read",
                "Microsoft.Resources/subscriptions/read"
            ])
        } else {
            json!(["*/read"])
        };
        let not_actions =
            if restricted || locks::access(self.fleet, place) == locks::Access::Readable {
                json!([])
            } else {
                json!(["Microsoft.Authorization/locks/read"])
            };
        let role = json!({
            "actions": actions, "notActions": not_actions, "dataActions": [], "notDataActions": []
        });
        self.list(call, std::iter::once(role), false, |role| role)
    }

    fn pricing(&self, call: &Call, place: u32, name: &str) -> Answer {
        if subscription::pricing_read(self.fleet, place) != Read::Readable {
            return self.refuse(call);
        }
        match subscription::pricing(self.fleet, place, name) {
            Some(body) => Answer::json(200, &body),
            None => errors::no_child(name),
        }
    }

    /// Whether a tenant opted in to Customer Lockbox.
    pub(super) fn lockbox(&self, call: &Call, tenant: &str) -> Answer {
        let version = call.api_version().unwrap_or_default();
        if !knows(&LOCKBOX, version) {
            let provider = "Microsoft.CustomerLockbox";
            return errors::unknown_version(provider, "tenantOptedIn", version, &LOCKBOX);
        }
        match subscription::lockbox(self.fleet, tenant) {
            Some(opted_in) => Answer::json(200, &json!({ "isOptedIn": opted_in })),
            None => errors::denied(
                &self.fleet.caller,
                "Microsoft.CustomerLockbox/tenantOptedIn/read",
                &call.path,
            ),
        }
    }

    fn subnet(&self, call: &Call) -> Answer {
        let found = self
            .fleet
            .neighbours
            .networks
            .subnet(self.fleet, &call.path);
        let location = found.map(|it| it.location());
        if let Some(refusal) = self.unplaced(call, location, &NETWORK) {
            return refusal;
        }
        let read = found.map_or(Read::Missing, |it| it.read);
        self.neighbour(call, read, || {
            found.map(|it| it.render(self.fleet)).unwrap_or_default()
        })
    }

    fn security_group(&self, call: &Call) -> Answer {
        let found = self.fleet.neighbours.networks.group(self.fleet, &call.path);
        let location = found.map(|(subnet, _)| subnet.location());
        if let Some(refusal) = self.unplaced(call, location, &NETWORK) {
            return refusal;
        }
        let read = found.map_or(Read::Missing, |(_, group)| group.read);
        self.neighbour(call, read, || {
            found
                .map(|(subnet, _)| subnet.render_group(self.fleet))
                .unwrap_or_default()
        })
    }

    /// 400 for one resource when no provider where it lives knows the version.
    fn unplaced(&self, call: &Call, location: Option<&str>, versions: &[&str]) -> Option<Answer> {
        let version = call.api_version().unwrap_or_default();
        let kinds = types(&call.segments)?;
        (!knows(versions, version)).then(|| {
            let kind = kinds[1..].join("/");
            let location = location.unwrap_or("westeurope");
            errors::no_registered_provider(location, &kind, version, versions)
        })
    }

    fn neighbour(&self, call: &Call, read: Read, body: impl FnOnce() -> Value) -> Answer {
        match read {
            Read::Readable => Answer::json(200, &body()),
            Read::Denied | Read::NotVisible => self.refuse(call),
            Read::Missing => {
                let segments = &call.segments;
                let kind = segments.get(5..).unwrap_or_default().join("/");
                errors::no_resource(&kind, segments.get(3).map_or("", String::as_str))
            }
        }
    }

    fn vaults(&self, call: &Call, place: u32, hsm: bool) -> Answer {
        let subscription = &self.fleet.subscriptions[place as usize];
        if subscription.children_denied {
            let kind = if hsm { "managedHSMs" } else { "vaults" };
            let action = format!("Microsoft.KeyVault/{kind}/read");
            let scope = format!("/subscriptions/{}", subscription.id);
            return errors::denied(&self.fleet.caller, &action, &scope);
        }
        let vaults = &self.fleet.neighbours.vaults;
        let found = vaults
            .listed(self.fleet)
            .map(|it| vaults.get(it))
            .filter(|it| it.hsm == hsm && it.subscription(self.fleet) == subscription.id);
        self.list(call, found, true, |it| it.render(self.fleet))
    }

    fn vault(
        &self,
        call: &Call,
        place: u32,
        found: Option<(u32, &Vault)>,
        rest: &[&str],
    ) -> Answer {
        let location = found.map(|(_, vault)| vault.location);
        if let Some(refusal) = self.unplaced(call, location, &VAULTS) {
            return refusal;
        }
        if self.fleet.subscriptions[place as usize].children_denied {
            return self.refuse(call);
        }
        let Some((number, vault)) = found else {
            return self.neighbour(call, Read::Missing, || Value::Null);
        };
        let key = match rest {
            [] => {
                return self.neighbour(call, vault.read, || vault.render(self.fleet));
            }
            ["keys", name] | ["keys", name, "versions", _] => name,
            _ => return errors::no_route(&call.path),
        };
        if vault.read != Read::Readable {
            return self.neighbour(call, vault.read, || Value::Null);
        }
        let Some(key) = self.fleet.neighbours.vaults.key(number, key) else {
            return errors::no_key(key);
        };
        match (key.read, rest) {
            (Read::Missing, _) => errors::no_key(rest[1]),
            (Read::Readable, [_, _, _, version]) => {
                match vault.render_version(self.fleet, key, version) {
                    Some(body) => Answer::json(200, &body),
                    None => errors::no_key(version),
                }
            }
            (Read::Readable, _) => Answer::json(200, &vault.render_key(self.fleet, key)),
            (Read::Denied | Read::NotVisible, _) => self.refuse(call),
        }
    }
}

/// The provider and the types that a path names, as Azure writes them where they are known.
fn types(segments: &[String]) -> Option<Vec<&str>> {
    let last = segments
        .iter()
        .rposition(|it| it.eq_ignore_ascii_case("providers"))?;
    let namespace = segments.get(last + 1)?;
    let kinds: Vec<&String> = segments[last + 2..].iter().step_by(2).collect();
    let known = TYPES.iter().find(|(provider, first)| {
        provider.eq_ignore_ascii_case(namespace)
            && kinds
                .first()
                .is_some_and(|it| it.eq_ignore_ascii_case(first[0]))
    });
    let mut words = vec![known.map_or(namespace.as_str(), |(provider, _)| provider)];
    for (depth, kind) in kinds.iter().enumerate() {
        let written = known
            .and_then(|(_, all)| all.get(depth))
            .filter(|it| it.eq_ignore_ascii_case(kind));
        words.push(written.copied().unwrap_or(kind));
    }
    Some(words)
}

/// The action that a GET of this path needs.
fn action(segments: &[String]) -> Option<String> {
    let mut words = types(segments)?;
    // A version of a key is read with the right to read keys.
    if words.ends_with(&["keys", "versions"]) {
        words.pop();
    }
    words.push("read");
    Some(words.join("/"))
}
