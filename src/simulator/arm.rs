//! Azure Resource Manager over a made fleet: which resource a path names, and whether the caller may see it.

use serde_json::{Value, json};

use super::children;
use super::errors;
use super::fleet::{Fleet, Subscription};
use super::graph;
use super::http::{Answer, Call, page, read_skip_token};
use super::parameters::{self, Extent};
use super::render::{self, Form};
use super::server::{Child, Server, State};

/// The api-versions of the MySQL provider that are known to be answered.
pub(super) const MYSQL_VERSIONS: [&str; 18] = [
    "2020-07-01-preview",
    "2021-05-01",
    "2021-05-01-preview",
    "2021-12-01-preview",
    "2022-01-01",
    "2022-09-30-preview",
    "2023-06-01-preview",
    "2023-06-30",
    "2023-10-01-preview",
    "2023-12-01-preview",
    "2023-12-30",
    "2024-02-01-preview",
    "2024-06-01-preview",
    "2024-10-01-preview",
    "2024-12-01-preview",
    "2024-12-30",
    "2025-06-01-preview",
    "2025-12-01-preview",
];

/// Those of subscriptions and tenants.
const CORE_VERSIONS: [&str; 8] = [
    "2016-06-01",
    "2018-06-01",
    "2019-06-01",
    "2019-11-01",
    "2020-01-01",
    "2021-01-01",
    "2022-09-01",
    "2022-12-01",
];

const PROVIDER: &str = "Microsoft.DBforMySQL";

/// The fleet behind an endpoint, and how its lists are cut.
pub(super) struct Arm<'a> {
    pub(super) fleet: &'a Fleet,
    pub(super) page_size: usize,
    pub(super) extent: Extent,
}

impl Arm<'_> {
    /// Answers a call that is signed in, carries an api-version and only reads.
    pub(super) fn answer(&self, call: &Call) -> Answer {
        let lower = call.lower();
        let path: Vec<&str> = lower.iter().map(String::as_str).collect();
        match path.as_slice() {
            ["providers", "microsoft.resourcegraph", "resources"] => self.graph(call),
            [
                "providers",
                "microsoft.customerlockbox",
                "tenantoptedin",
                tenant,
            ] => self.lockbox(call, tenant),
            ["tenants"] => self.core(call, || page(call, &[self.tenant()], None)),
            ["subscriptions"] => self.core(call, || self.subscriptions(call)),
            ["subscriptions", id] => self.core(call, || match self.fleet.find_subscription(id) {
                Some(place) => Answer::json(
                    200,
                    &self.subscription(&self.fleet.subscriptions[place as usize]),
                ),
                None => missing_subscription(id),
            }),
            ["subscriptions", id, _, ..] if self.fleet.strangers.iter().any(|it| it == id) => {
                self.stranger(call)
            }
            ["subscriptions", id, ..] => match self.fleet.find_subscription(id) {
                Some(place) => self.in_subscription(call, place, &path),
                None => missing_subscription(id),
            },
            _ => errors::no_route(&call.path),
        }
    }

    /// Answers a call for something in a subscription that the caller sees.
    fn in_subscription(&self, call: &Call, place: u32, path: &[&str]) -> Answer {
        if let Some(answer) = self.around(call, place, path) {
            return answer;
        }
        match path {
            [
                "subscriptions",
                _,
                "providers",
                "microsoft.dbformysql",
                "flexibleservers",
            ] => self.servers(call, None),
            [
                "subscriptions",
                _,
                "resourcegroups",
                _,
                "providers",
                "microsoft.dbformysql",
                "flexibleservers",
            ] => self.servers(call, Some(&call.segments[3])),
            [
                "subscriptions",
                _,
                "resourcegroups",
                _,
                "providers",
                "microsoft.dbformysql",
                "flexibleservers",
                _,
                ..,
            ] => self.below(call),
            ["subscriptions", _, "providers", provider, ..]
            | [
                "subscriptions",
                _,
                "resourcegroups",
                _,
                "providers",
                provider,
                ..,
            ] => {
                if *provider == "microsoft.dbformysql" {
                    errors::unknown_type(PROVIDER, call.api_version().unwrap_or_default())
                } else {
                    errors::unknown_namespace(provider)
                }
            }
            _ => errors::no_route(&call.path),
        }
    }

    fn core(&self, call: &Call, answer: impl FnOnce() -> Answer) -> Answer {
        let version = call.api_version().unwrap_or_default();
        if knows(&CORE_VERSIONS, version) {
            answer()
        } else {
            errors::invalid_api_version(version, &CORE_VERSIONS)
        }
    }

    fn graph(&self, call: &Call) -> Answer {
        let version = call.api_version().unwrap_or_default();
        if knows(&graph::VERSIONS, version) {
            graph::answer(self.fleet, call, self.page_size)
        } else {
            errors::unknown_version(
                "Microsoft.ResourceGraph",
                "resources",
                version,
                &graph::VERSIONS,
            )
        }
    }

    fn tenant(&self) -> Value {
        let id = &self.fleet.tenant;
        json!({
            "id": format!("/tenants/{id}"),
            "tenantId": id,
            "countryCode": "DE",
            "displayName": "Simulated Estate",
            "domains": ["simulated-estate.example"],
            "tenantCategory": "Home",
            "defaultDomain": "simulated-estate.example",
            "tenantType": "AAD",
        })
    }

    fn subscription(&self, it: &Subscription) -> Value {
        json!({
            "id": format!("/subscriptions/{}", it.id),
            "authorizationSource": "RoleBased",
            "managedByTenants": self.fleet.managing_tenants(it),
            "tags": { "environment": it.environment },
            "subscriptionId": it.id,
            "tenantId": it.tenant,
            "displayName": it.display_name,
            "state": "Enabled",
            "subscriptionPolicies": {
                "locationPlacementId": "Public_2014-09-01",
                "quotaId": "EnterpriseAgreement_2014-09-01",
                "spendingLimit": "Off",
            },
        })
    }

    fn subscriptions(&self, call: &Call) -> Answer {
        self.list(call, self.fleet.subscriptions.iter(), false, |it| {
            self.subscription(it)
        })
    }

    fn servers(&self, call: &Call, group: Option<&str>) -> Answer {
        let version = call.api_version().unwrap_or_default();
        if !knows(&MYSQL_VERSIONS, version) {
            return errors::unknown_version(PROVIDER, "flexibleServers", version, &MYSQL_VERSIONS);
        }
        let Some(subscription) = call
            .subscription()
            .and_then(|id| self.fleet.find_subscription(id))
        else {
            return errors::no_route(&call.path);
        };
        if let Some(group) = group
            && !self.fleet.has_group(subscription, group)
        {
            return errors::no_group(group);
        }
        let form = if group.is_some() {
            Form::GroupList
        } else {
            Form::List
        };
        let found = self.fleet.visible().filter(|it| {
            it.subscription == subscription
                && group.is_none_or(|group| self.fleet.group(it).name.eq_ignore_ascii_case(group))
        });
        // The list of every other subscription starts with an empty page, as real lists sometimes do.
        let empty_first = group.is_none() && subscription % 2 == 1;
        self.list(call, found, empty_first, |it| {
            render::server(self.fleet, it, form)
        })
    }

    /// One page of a list. Offset 0 is the empty page where there is one; the entries start at 1.
    pub(super) fn list<T>(
        &self,
        call: &Call,
        all: impl Iterator<Item = T>,
        empty_first: bool,
        render: impl Fn(T) -> Value,
    ) -> Answer {
        let place = match call.parameter("$skiptoken").map(read_skip_token) {
            None if empty_first => return page(call, &[], Some(1)),
            None => 1,
            Some(None | Some(0)) => return errors::bad_skip_token(),
            Some(Some(place)) => place,
        };
        let mut rest = all.skip(place - 1);
        let value: Vec<Value> = rest
            .by_ref()
            .take(self.page_size.max(1))
            .map(render)
            .collect();
        let next = rest.next().map(|_| place + value.len());
        page(call, &value, next)
    }

    /// A server or something below it.
    fn below(&self, call: &Call) -> Answer {
        let version = call.api_version().unwrap_or_default();
        let (group, name) = (&call.segments[3], &call.segments[7]);
        let server = call
            .subscription()
            .and_then(|id| self.fleet.find_subscription(id))
            .and_then(|subscription| self.fleet.find(subscription, group, name));
        let Some(server) = server else {
            if self.fleet.hides(&call.segments[..8].join("/")) {
                return errors::denied(
                    &self.fleet.caller,
                    "Microsoft.DBforMySQL/flexibleServers/read",
                    &call.path,
                );
            }
            let known = call
                .subscription()
                .and_then(|id| self.fleet.find_subscription(id));
            return match known {
                Some(subscription) if !self.fleet.has_group(subscription, group) => {
                    errors::no_group(group)
                }
                _ => errors::no_resource(&format!("{PROVIDER}/flexibleServers/{name}"), group),
            };
        };
        let rest: Vec<&str> = call.segments[8..].iter().map(String::as_str).collect();
        if let Some(answer) = self.extension(call, server, &rest) {
            return answer;
        }
        let child = match rest.first() {
            None => None,
            Some(segment) => match Child::from_segment(segment) {
                Some(child) => Some(child),
                None => return errors::unknown_type(PROVIDER, version),
            },
        };
        if !knows(&MYSQL_VERSIONS, version) {
            let kind = child.map_or("flexibleServers".into(), |it| {
                format!("flexibleServers/{}", it.segment())
            });
            return errors::no_registered_provider(
                server.region.name,
                &kind,
                version,
                &MYSQL_VERSIONS,
            );
        }
        let id = self.fleet.id(server);
        if server.hidden {
            return errors::denied(
                &self.fleet.caller,
                "Microsoft.DBforMySQL/flexibleServers/read",
                &id,
            );
        }
        match (child, rest.as_slice()) {
            (Some(child), [_, below @ ..]) => self.child(call, server, &id, child, below),
            _ => Answer::json(200, &render::server(self.fleet, server, Form::Full)),
        }
    }

    fn child(
        &self,
        call: &Call,
        server: &Server,
        id: &str,
        child: Child,
        below: &[&str],
    ) -> Answer {
        if !self.fleet.may_read(server, child) {
            let action = format!("{PROVIDER}/flexibleServers/{}/read", child.segment());
            // A list is authorised on what it lists from, a single resource on itself.
            let scope = match below {
                [] => id.to_owned(),
                [name, ..] => format!("{id}/{}/{name}", child.segment()),
            };
            return errors::denied(&self.fleet.caller, &action, &scope);
        }
        if child == Child::Configurations {
            return self.configurations(server, id, below);
        }
        let mut found = children::all(self.fleet, server, child);
        match below {
            [] => {
                let pages = !matches!(
                    child,
                    Child::PrivateEndpointConnections | Child::PrivateLinkResources
                );
                self.list(
                    call,
                    found.into_iter(),
                    pages && server.empty_first_page,
                    |it| it,
                )
            }
            [name] if child != Child::Replicas => {
                let place = found.iter().position(|it| {
                    it["name"]
                        .as_str()
                        .is_some_and(|it| it.eq_ignore_ascii_case(name))
                });
                match place {
                    Some(place) => Answer::json(200, &found.swap_remove(place)),
                    None => errors::no_child(name),
                }
            }
            _ => errors::no_route(&call.path),
        }
    }

    fn configurations(&self, server: &Server, id: &str, below: &[&str]) -> Answer {
        if matches!(server.state, State::Stopped | State::Updating) {
            return errors::not_running(&server.name, server.state.as_str());
        }
        match below {
            [] => Answer::json(200, &parameters::Page::new(server, id, self.extent)),
            [name] => match parameters::single(server, id, name) {
                Some(body) => Answer::text(200, body),
                None => errors::no_child(name),
            },
            _ => errors::no_route(id),
        }
    }
}

pub(super) fn knows(versions: &[&str], version: &str) -> bool {
    versions.iter().any(|it| it.eq_ignore_ascii_case(version))
}

/// 404 for a subscription that could exist, 400 for a text that is no id.
pub(super) fn missing_subscription(id: &str) -> Answer {
    let groups: Vec<usize> = id.split('-').map(str::len).collect();
    let hexadecimal = id.bytes().all(|it| it.is_ascii_hexdigit() || it == b'-');
    if groups == [8, 4, 4, 4, 12] && hexadecimal {
        errors::no_subscription(id)
    } else {
        errors::malformed_subscription(id)
    }
}
