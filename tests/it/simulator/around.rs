//! What stands around servers: told as it was planted, in Azure's shapes, and refused in Azure's words.

use std::collections::{BTreeMap, BTreeSet};

use flexposture::simulator::{Fleet, FleetOptions, Lockbox, Options};
use serde_json::{Value, json};

use super::{Reply, Site, fleet_options, options, running, shared, site, site_with};

const DIAGNOSTICS: &str = "api-version=2021-05-01-preview";
const LOCKS: &str = "api-version=2020-05-01";
const NETWORK: &str = "api-version=2024-05-01";
const VAULTS: &str = "api-version=2023-07-01";
const PRICINGS: &str = "api-version=2024-01-01";
const LOCKBOX: &str = "api-version=2018-02-28-preview";

/// Large enough that everything occurs, with two tenants and a subscription in which only servers can be read.
async fn large() -> Site {
    let fleet = FleetOptions {
        servers: 500,
        subscriptions: 5,
        hidden: 5,
        ..fleet_options()
    };
    let options = Options {
        page_size: 7,
        ..options()
    };
    site_with(fleet, options).await
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no text at {pointer} of {value}"))
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .unwrap_or_else(|| panic!("no list at {pointer} of {value}"))
}

/// That the answer is what `read` promises, with the action that a refusal names.
fn keeps_to(reply: &Reply, read: &Value, action: &str, id: &str) {
    match read.as_str().unwrap() {
        "readable" => assert_eq!(reply.status, 200, "{id}: {}", reply.body),
        "missing" => assert_eq!(reply.status, 404, "{id}"),
        "denied" | "notVisible" => {
            assert_eq!((reply.status, reply.code()), (403, "AuthorizationFailed"));
            let words = format!("perform action '{action}' over scope '{id}'");
            assert!(reply.message().contains(&words), "{}", reply.message());
        }
        other => panic!("{other} is no way to read"),
    }
}

/// The values of a rule's member, whether they stand in the singular or the plural.
fn either(properties: &Value, singular: &str, plural: &str) -> Vec<String> {
    let mut values: Vec<String> = properties[singular]
        .as_str()
        .map(str::to_owned)
        .into_iter()
        .collect();
    let more = properties[plural].as_array().into_iter().flatten();
    values.extend(more.map(|it| it.as_str().unwrap().to_owned()));
    values
}

#[tokio::test]
async fn subnets_and_their_security_groups_are_told_as_they_were_planted() {
    let site = large().await;
    let mut forms = BTreeSet::new();
    for server in site.planted(|it| it["subnet"].is_object() && it["hidden"] == false) {
        let planted = &server["subnet"];
        let id = text(planted, "/id");
        let full = site.below(server, "").await.body;
        assert_eq!(
            full["properties"]["network"]["delegatedSubnetResourceId"],
            id
        );
        let reply = site.get(&format!("{id}?{NETWORK}")).await;
        let action = "Microsoft.Network/virtualNetworks/subnets/read";
        keeps_to(&reply, &planted["read"], action, id);
        let group = &planted["networkSecurityGroup"];
        if planted["read"] == "readable" {
            let properties = &reply.body["properties"];
            assert_eq!(
                json!(either(properties, "addressPrefix", "addressPrefixes")),
                planted["prefixes"]
            );
            forms.insert(properties["addressPrefix"].is_string());
            assert_eq!(
                properties["delegations"][0]["properties"]["serviceName"],
                "Microsoft.DBforMySQL/flexibleServers"
            );
            assert_eq!(properties["networkSecurityGroup"]["id"], group["id"]);
            assert_eq!(
                properties.get("networkSecurityGroup").is_some(),
                group.is_object()
            );
        }
        if group.is_null() {
            continue;
        }
        let id = text(group, "/id");
        let reply = site.get(&format!("{id}?{NETWORK}")).await;
        keeps_to(
            &reply,
            &group["read"],
            "Microsoft.Network/networkSecurityGroups/read",
            id,
        );
        if reply.status != 200 {
            continue;
        }
        let told: Vec<Value> = ["securityRules", "defaultSecurityRules"]
            .into_iter()
            .flat_map(|kind| list(&reply.body, &format!("/properties/{kind}")))
            .map(|rule| {
                let it = &rule["properties"];
                let asked = it.get("sourceApplicationSecurityGroups");
                json!({
                    "name": rule["name"],
                    "direction": it["direction"],
                    "access": it["access"],
                    "priority": it["priority"],
                    "protocol": it["protocol"],
                    "sources": either(it, "sourceAddressPrefix", "sourceAddressPrefixes"),
                    "sourceApplicationSecurityGroups": asked.is_some(),
                    "destinations": either(it, "destinationAddressPrefix", "destinationAddressPrefixes"),
                    "ports": either(it, "destinationPortRange", "destinationPortRanges"),
                })
            })
            .collect();
        assert_eq!(json!(told), group["rules"], "{id}");
        assert_eq!(
            list(&reply.body, "/properties/defaultSecurityRules").len(),
            6
        );
    }
    assert_eq!(forms.len(), 2, "prefixes are spelled both ways");
}

#[tokio::test]
async fn vaults_and_keys_are_told_as_they_were_planted() {
    let site = large().await;
    let mut versions = BTreeSet::new();
    for server in site.planted(|it| it["key"].is_object() && it["hidden"] == false) {
        let encryption = site.below(server, "").await.body["properties"]["dataEncryption"].take();
        assert_eq!(encryption["primaryKeyURI"], server["key"]["uri"]);
        assert_eq!(encryption["geoBackupKeyURI"], server["geoKey"]["uri"]);
        assert_eq!(
            server["geoKey"].is_object(),
            server["customerKey"]["geoKey"] == true
        );
        for planted in [&server["key"], &server["geoKey"]] {
            if planted.is_null() {
                continue;
            }
            let vault = &planted["vault"];
            let id = text(vault, "/id");
            let reply = site.get(&format!("{id}?{VAULTS}")).await;
            let kind = text(vault, "/type");
            keeps_to(&reply, &vault["read"], &format!("{kind}/read"), id);
            if reply.status == 200 {
                let told = &reply.body["properties"];
                let purge = match told.get("enablePurgeProtection") {
                    None => "absent".to_owned(),
                    Some(value) => value.to_string(),
                };
                assert_eq!(vault["enablePurgeProtection"], purge);
                assert_eq!(told["enableSoftDelete"], vault["enableSoftDelete"]);
                assert_eq!(told["publicNetworkAccess"], vault["publicNetworkAccess"]);
                assert_eq!(
                    told["networkAcls"]["defaultAction"],
                    vault["networkAclsDefaultAction"]
                );
                let host = if kind.ends_with("managedHSMs") {
                    &told["hsmUri"]
                } else {
                    &told["vaultUri"]
                };
                let uri = text(planted, "/uri");
                assert!(
                    uri.starts_with(host.as_str().unwrap()),
                    "{uri} is not of {host}"
                );
            }
            let key = &planted["key"];
            let id = text(key, "/id");
            let reply = site.get(&format!("{id}?{VAULTS}")).await;
            keeps_to(&reply, &key["read"], &format!("{kind}/keys/read"), id);
            if reply.status == 200 {
                let told = &reply.body["properties"];
                assert_eq!(told["attributes"]["enabled"], key["enabled"]);
                assert_eq!(told["attributes"]["exp"], key["expires"]);
                assert_eq!(told["attributes"]["nbf"], key["notBefore"]);
                assert_eq!(
                    told["rotationPolicy"]["lifetimeActions"][0]["action"]["type"],
                    key["rotation"]
                );
                assert!(
                    text(told, "/keyUriWithVersion").ends_with(text(key, "/currentVersion")),
                    "{told}"
                );
            }
            let version = &planted["version"];
            assert_eq!(
                version.is_object(),
                server["customerKey"]["versioned"] == true
            );
            if version.is_object() {
                let name = text(version, "/version");
                let id = format!("{id}/versions/{name}");
                assert!(text(planted, "/uri").ends_with(name));
                let reply = site.get(&format!("{id}?{VAULTS}")).await;
                keeps_to(&reply, &key["read"], &format!("{kind}/keys/read"), &id);
                if reply.status == 200 {
                    let told = &reply.body["properties"];
                    assert_eq!(told["attributes"]["enabled"], version["enabled"]);
                    assert_eq!(told["attributes"]["exp"], version["expires"]);
                    assert!(
                        told.get("rotationPolicy").is_none(),
                        "a version has no policy"
                    );
                    versions.insert(version["current"] == true);
                }
            }
        }
    }
    assert_eq!(versions.len(), 2, "current and old versions are named");
}

#[tokio::test]
async fn lists_of_vaults_begin_with_an_empty_page_and_hold_what_is_listed() {
    let site = large().await;
    let mut listed = BTreeSet::new();
    for subscription in list(&site.manifest, "/subscriptions") {
        let id = text(subscription, "/id");
        let path = format!("/subscriptions/{id}/providers/Microsoft.KeyVault/vaults?{VAULTS}");
        if subscription["childrenDenied"] == true {
            let reply = site.get(&path).await;
            let scope = format!("/subscriptions/{id}");
            keeps_to(
                &reply,
                &json!("denied"),
                "Microsoft.KeyVault/vaults/read",
                &scope,
            );
            continue;
        }
        let (found, empty) = site.all(&path).await;
        assert!(empty, "the first page is empty");
        let (more, _) = site.all(&path.replace("vaults", "managedHSMs")).await;
        assert!(
            found
                .iter()
                .all(|it| it["type"] == "Microsoft.KeyVault/vaults")
        );
        listed.extend(
            found
                .iter()
                .chain(&more)
                .map(|it| text(it, "/id").to_lowercase()),
        );
    }
    let query = "resources\n| where type in~ ('microsoft.keyvault/vaults', 'microsoft.keyvault/managedhsms')\n\
                 | project id, name, type, subscriptionId | order by id asc";
    let rows = rows(&site, query, &json!({})).await;
    let in_graph: Vec<String> = rows
        .iter()
        .map(|it| text(it, "/id").to_lowercase())
        .collect();
    assert!(in_graph.is_sorted());
    assert_eq!(in_graph.iter().cloned().collect::<BTreeSet<_>>(), listed);
    let mut seen = BTreeSet::new();
    for server in site.planted(|it| it["key"].is_object()) {
        for vault in [&server["key"]["vault"], &server["geoKey"]["vault"]] {
            if vault.is_object() {
                let id = text(vault, "/id").to_lowercase();
                assert_eq!(vault["listed"], listed.contains(&id), "{id}");
                seen.insert((text(vault, "/read").to_owned(), vault["listed"] == true));
            }
        }
    }
    let expected = [
        ("denied", false),
        ("denied", true),
        ("missing", false),
        ("notVisible", false),
        ("readable", true),
    ];
    assert_eq!(
        seen.iter()
            .map(|(read, listed)| (read.as_str(), *listed))
            .collect::<Vec<_>>(),
        expected
    );
}

/// All rows of a query, over all its pages.
pub(super) async fn rows(site: &Site, query: &str, given: &Value) -> Vec<Value> {
    let mut body = json!({ "query": query, "options": given });
    let mut found = Vec::new();
    loop {
        let reply = site.query(&body).await;
        assert_eq!(reply.status, 200, "{query}: {}", reply.body);
        found.extend(list(&reply.body, "/data").iter().cloned());
        let token = &reply.body["$skipToken"];
        if token.is_null() {
            return found;
        }
        body["options"]["$skipToken"] = token.clone();
    }
}

#[tokio::test]
async fn diagnostic_settings_are_told_as_they_were_planted() {
    let site = large().await;
    let mut lower = 0;
    for server in site.planted(|_| true) {
        let id = text(server, "/id");
        let path = format!("{id}/providers/microsoft.insights/diagnosticSettings?{DIAGNOSTICS}");
        let reply = site.get(&path).await;
        let planted = &server["diagnosticSettings"];
        let denied = list(server, "/denied").contains(&json!("diagnosticSettings"));
        assert_eq!(planted["read"] == "denied", denied);
        if denied || server["hidden"] == true {
            assert_eq!(reply.status, 403);
            assert_eq!(reply.body["code"], "AuthorizationFailed", "not wrapped");
            let words = format!(
                "perform action 'Microsoft.Insights/diagnosticSettings/read' over scope '{id}'"
            );
            assert!(text(&reply.body, "/message").contains(&words));
            continue;
        }
        assert!(reply.body.get("nextLink").is_none());
        let told: Vec<Value> = reply
            .value()
            .iter()
            .map(|it| {
                lower += usize::from(text(it, "/id").starts_with(&id.to_lowercase()));
                let properties = &it["properties"];
                let destinations: Vec<&str> = [
                    ("workspace", "workspaceId"),
                    ("storage", "storageAccountId"),
                    ("eventHub", "eventHubAuthorizationRuleId"),
                    ("partner", "marketplacePartnerId"),
                ]
                .into_iter()
                .filter(|(_, member)| {
                    let id = properties.get(*member).expect("null where there is none");
                    id.is_string()
                })
                .map(|(name, _)| name)
                .collect();
                let logs: Vec<Value> = list(properties, "/logs")
                    .iter()
                    .map(|log| {
                        assert!(log["retentionPolicy"].is_object());
                        json!({
                            "category": log["category"],
                            "categoryGroup": log["categoryGroup"],
                            "enabled": log["enabled"],
                        })
                    })
                    .collect();
                json!({ "name": it["name"], "destinations": destinations, "logs": logs })
            })
            .collect();
        assert_eq!(json!(told), planted["settings"], "{id}");
    }
    assert!(lower > 0, "some ids are written in lower case");
}

#[tokio::test]
async fn locks_are_listed_at_a_server_and_at_its_subscription() {
    let site = large().await;
    let mut at_servers: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let id_of = |it: &Value| text(it, "/id").to_owned();
    for server in site.planted(|_| true) {
        let planted: BTreeSet<String> = list(server, "/locks/planted").iter().map(id_of).collect();
        at_servers
            .entry(text(server, "/subscription"))
            .or_default()
            .extend(planted.iter().cloned());
        let id = text(server, "/id");
        let path = format!("{id}/providers/Microsoft.Authorization/locks?{LOCKS}");
        if server["locks"]["read"] == "denied" || server["hidden"] == true {
            let reply = site.get(&path).await;
            let action = "Microsoft.Authorization/locks/read";
            keeps_to(&reply, &json!("denied"), action, id);
            continue;
        }
        let (found, _) = site.all(&path).await;
        assert_eq!(
            found.iter().map(id_of).collect::<BTreeSet<_>>(),
            planted,
            "{id}"
        );
        for lock in list(server, "/locks/planted") {
            let told = found.iter().find(|it| it["id"] == lock["id"]).unwrap();
            assert_eq!(told["properties"]["level"], lock["level"]);
            let scope = text(lock, "/scopeId").to_lowercase();
            assert!(id_of(lock).to_lowercase().starts_with(&scope));
            let child = scope.starts_with(&format!("{}/", id.to_lowercase()));
            assert_eq!(lock["scope"] == "child", child);
        }
    }
    for subscription in list(&site.manifest, "/subscriptions") {
        let id = text(subscription, "/id");
        let path = format!("/subscriptions/{id}/providers/Microsoft.Authorization/locks?{LOCKS}");
        if subscription["locks"]["read"] != "readable" {
            let reply = site.get(&path).await;
            let scope = format!("/subscriptions/{id}");
            let action = "Microsoft.Authorization/locks/read";
            keeps_to(&reply, &json!("denied"), action, &scope);
            continue;
        }
        let (found, _) = site.all(&path).await;
        let mut planted = at_servers.remove(id).unwrap_or_default();
        planted.extend(list(subscription, "/locks/planted").iter().map(id_of));
        assert_eq!(found.iter().map(id_of).collect::<BTreeSet<_>>(), planted);
        assert_eq!(found.len(), planted.len(), "each lock once");
    }
}

#[tokio::test]
async fn plans_are_told_for_each_subscription_and_lockbox_for_each_tenant() {
    for lockbox in [Lockbox::On, Lockbox::Off, Lockbox::Denied] {
        let fleet = FleetOptions {
            subscriptions: 4,
            lockbox,
            ..fleet_options()
        };
        let site = site_with(fleet, options()).await;
        let tenants = list(&site.manifest, "/tenants");
        assert_eq!(tenants.len(), 2, "a delegated subscription is a customer's");
        for tenant in tenants {
            let path = format!(
                "/providers/Microsoft.CustomerLockbox/tenantOptedIn/{}",
                text(tenant, "/id")
            );
            let reply = site.get(&format!("{path}?{LOCKBOX}")).await;
            let own = tenant["id"] == site.manifest["tenant"];
            let expected = match lockbox {
                Lockbox::On => json!(own),
                Lockbox::Off => json!(!own),
                Lockbox::Denied => Value::Null,
            };
            assert_eq!(tenant["lockbox"]["isOptedIn"], expected);
            let action = "Microsoft.CustomerLockbox/tenantOptedIn/read";
            keeps_to(&reply, &tenant["lockbox"]["read"], action, &path);
            assert_eq!(reply.body["isOptedIn"], expected);
        }
    }
    let site = large().await;
    let mut tiers = BTreeSet::new();
    for subscription in list(&site.manifest, "/subscriptions") {
        let scope = format!(
            "/subscriptions/{}/providers/Microsoft.Security/pricings/OpenSourceRelationalDatabases",
            text(subscription, "/id")
        );
        let reply = site.get(&format!("{scope}?{PRICINGS}")).await;
        let planted = &subscription["pricing"];
        let action = "Microsoft.Security/pricings/read";
        keeps_to(&reply, &planted["read"], action, &scope);
        if reply.status == 200 {
            let tier = text(&reply.body, "/properties/pricingTier");
            assert_eq!(planted["openSourceRelationalDatabases"], tier);
            tiers.insert(tier.to_owned());
        }
    }
    assert_eq!(tiers.len(), 2, "{tiers:?}");
}

#[tokio::test]
async fn a_delegated_subscription_is_of_its_customers_tenant() {
    let site = large().await;
    let subscriptions = site.get("/subscriptions?api-version=2022-12-01").await;
    for (told, planted) in subscriptions
        .value()
        .iter()
        .zip(list(&site.manifest, "/subscriptions"))
    {
        assert_eq!(told["tenantId"], planted["tenant"]);
        let delegated = planted["delegated"] == true;
        assert_eq!(planted["tenant"] != site.manifest["tenant"], delegated);
        let managing = list(told, "/managedByTenants");
        assert_eq!(!managing.is_empty(), delegated);
        if delegated {
            assert_eq!(managing[0]["tenantId"], site.manifest["tenant"]);
        }
    }
}

#[tokio::test]
async fn unknown_versions_and_absent_neighbours_are_refused_as_azure_does() {
    let site = site().await;
    let server = site.one(|it| running(it) && it["subnet"]["read"] == "readable");
    let id = text(server, "/id");
    let subscription = text(server, "/subscription");
    let subnet = text(server, "/subnet/id");
    let base = format!("/subscriptions/{subscription}");
    for (path, status, code) in [
        (
            format!("{id}/providers/microsoft.insights/diagnosticSettings?api-version=1999-01-01"),
            404,
            "InvalidResourceType",
        ),
        (
            format!("{base}/providers/Microsoft.Authorization/locks?api-version=1999-01-01"),
            404,
            "InvalidResourceType",
        ),
        (
            format!("{subnet}?api-version=1999-01-01"),
            400,
            "NoRegisteredProviderFound",
        ),
        (
            format!(
                "{base}/resourceGroups/x/providers/Microsoft.KeyVault/vaults/y?api-version=1999-01-01"
            ),
            400,
            "NoRegisteredProviderFound",
        ),
        (
            format!("{subnet}-absent?{NETWORK}"),
            404,
            "ResourceNotFound",
        ),
        (
            format!("{base}/resourceGroups/x/providers/Microsoft.KeyVault/vaults/absent?{VAULTS}"),
            404,
            "ResourceNotFound",
        ),
        (
            format!("{base}/providers/Microsoft.Security/pricings/Absent?{PRICINGS}"),
            404,
            "ResourceNotFound",
        ),
        (
            format!("{id}/providers/Microsoft.Absent/things?{LOCKS}"),
            404,
            "InvalidResourceType",
        ),
    ] {
        let reply = site.get(&path).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{path}");
    }
    let shouted = site
        .get(&format!("{}?{NETWORK}", subnet.to_uppercase()))
        .await;
    assert_eq!((shouted.status, &shouted.body["id"]), (200, &json!(subnet)));
}

#[tokio::test]
async fn without_denials_everything_is_read_but_what_strangers_hold() {
    let fleet = |strangers| FleetOptions {
        servers: 300,
        denials: false,
        strangers,
        ..fleet_options()
    };
    let told = |options: FleetOptions| Fleet::generate(&options).manifest().to_string();
    let without = told(fleet(None));
    for word in [
        "\"denied\":[\"",
        "\"read\":\"denied\"",
        "\"perServer\"",
        "notVisible",
    ] {
        // Lockbox has an option of its own.
        let count = without.matches(word).count();
        assert_eq!(count, usize::from(word.contains("\"read\"")), "{word}");
    }
    assert!(
        without.contains("\"sourceHidden\":false") && !without.contains("\"sourceHidden\":true")
    );
    let with = told(fleet(Some(true)));
    assert!(with.contains("notVisible") && with.contains("\"sourceHidden\":true"));
    let strict = told(FleetOptions {
        strangers: Some(false),
        denials: true,
        ..fleet(None)
    });
    assert!(strict.contains("\"read\":\"denied\"") && !strict.contains("notVisible"));
}

#[tokio::test]
async fn the_source_of_a_replica_can_be_out_of_sight() {
    let site = large().await;
    let replica = site.one(|it| it["replication"]["sourceHidden"] == true);
    let source = text(replica, "/replication/source");
    let told = site.below(replica, "").await.body;
    let id = text(&told, "/properties/sourceServerResourceId");
    assert!(id.eq_ignore_ascii_case(source));
    let reply = site.get(&format!("{source}?{}", super::VERSION)).await;
    let action = "Microsoft.DBforMySQL/flexibleServers/read";
    keeps_to(&reply, &json!("denied"), action, source);
    assert!(site.planted(|it| it["id"] == source).next().is_none());
}

/// What occurs in a fleet, told as words.
fn occurring(manifest: &Value) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut put = |word: String| {
        words.insert(word);
    };
    for server in list(manifest, "/servers") {
        put(format!("version {}", text(server, "/version")));
        put(format!("state {}", text(server, "/highAvailability/state")));
        put(format!("tier {}", text(server, "/tier")));
        for parameter in list(server, "/parameters") {
            let (name, value) = (text(parameter, "/name"), text(parameter, "/value"));
            put(format!("{name} {value}"));
        }
        let subnet = &server["subnet"];
        if subnet.is_object() {
            put(format!("subnet {}", text(subnet, "/read")));
            if subnet["read"] == "readable" {
                let own = text(subnet, "/id").contains(text(server, "/subscription"));
                put(format!("subnet own {own}"));
                put(match subnet["networkSecurityGroup"].as_object() {
                    Some(group) => format!("rules {} {}", group["case"], group["read"]),
                    None => "rules none".to_owned(),
                });
            }
        }
        let diagnostics = &server["diagnosticSettings"];
        if diagnostics["read"] == "readable" {
            put(format!("diagnostics {}", diagnostics["case"]));
        }
        for lock in list(server, "/locks/planted") {
            put(format!("lock {} {}", lock["scope"], lock["level"]));
        }
        put(format!("locks {}", server["locks"]["read"]));
        for planted in [&server["key"], &server["geoKey"]] {
            if planted.is_null() {
                continue;
            }
            let (vault, key, version) = (&planted["vault"], &planted["key"], &planted["version"]);
            put(format!("vault {} {}", vault["read"], vault["listed"]));
            if vault["read"] != "readable" {
                continue;
            }
            let own = vault["subscription"] == server["subscription"];
            put(format!("vault own {own}"));
            put(format!("vault {}", text(vault, "/type")));
            put(format!("purge {}", vault["enablePurgeProtection"]));
            put(format!("soft {}", vault["enableSoftDelete"]));
            put(format!(
                "reach {} {}",
                vault["publicNetworkAccess"], vault["networkAclsDefaultAction"]
            ));
            put(format!("key {}", key["read"]));
            if key["read"] != "readable" {
                continue;
            }
            put(format!("rotation {}", key["rotation"]));
            put(format!("enabled {}", key["enabled"]));
            let now: jiff::Timestamp = text(manifest, "/now").parse().unwrap();
            let in_days = |it: &Value| {
                it.as_i64()
                    .map(|it| (it - now.as_second()).div_euclid(86_400))
            };
            put(match in_days(&key["expires"]) {
                None => "expires never".to_owned(),
                Some(..0) => "expires past".to_owned(),
                Some(0..30) => "expires soon".to_owned(),
                Some(_) => "expires later".to_owned(),
            });
            let fine = key["enabled"] == true && in_days(&key["expires"]).is_none_or(|it| it > 0);
            if version["current"] == false && fine {
                put(format!("old version enabled {}", version["enabled"]));
                put(format!(
                    "old version expired {}",
                    in_days(&version["expires"]).is_some_and(|it| it < 0)
                ));
            }
        }
    }
    words
}

#[test]
fn in_a_fleet_of_five_hundred_every_variant_occurs() {
    let manifest = Fleet::generate(&FleetOptions {
        servers: 500,
        subscriptions: 5,
        ..fleet_options()
    })
    .manifest();
    let found = occurring(&manifest);
    let expected: Vec<String> = [
        ("version", "5.7|8.0.21|8.4|9.3|9.9|10.0"),
        (
            "state",
            "NotEnabled|Healthy|CreatingStandby|FailingOver|RemovingStandby",
        ),
        ("tier", "Burstable|GeneralPurpose|MemoryOptimized"),
        ("audit_log_enabled", "ON"),
        (
            "audit_log_events",
            "DDL, CONNECTION|GENERAL|CONNECTION_V2|DML|DML_SELECT, CONNECTION_V2",
        ),
        ("audit_log_include_users", "|orders_app,orders_batch"),
        ("slow_query_log", "ON"),
        ("local_infile", "OFF"),
        ("aad_auth_only", "ON"),
        ("subnet", "readable|denied|notVisible|own true|own false"),
        (
            "diagnostics",
            "\"none\"|\"auditGroup\"|\"auditCategory\"|\"noDestination\"|\"allLogsGroup\"|\"halves\"|\"bothCategories\"|\
             \"auditDisabled\"|\"eventHub\"|\"slowOnly\"|\"lowerCase\"|\"metricsOnly\"|\"partner\"|\"groupsDisabled\"|\
             \"several\"",
        ),
        (
            "lock",
            "\"server\" \"CanNotDelete\"|\"server\" \"ReadOnly\"|\"server\" \"NotSpecified\"|\"child\" \"CanNotDelete\"|\
             \"resourceGroup\" \"CanNotDelete\"|\"resourceGroup\" \"ReadOnly\"|\"subscription\" \"CanNotDelete\"",
        ),
        ("locks", "\"readable\"|\"perServer\"|\"denied\""),
        (
            "vault",
            "\"readable\" true|\"denied\" true|\"denied\" false|\"notVisible\" false|\"missing\" false|own true|\
             own false|Microsoft.KeyVault/vaults|Microsoft.KeyVault/managedHSMs",
        ),
        ("purge", "\"true\"|\"null\"|\"absent\""),
        ("soft", "true|false|null"),
        (
            "reach",
            "null null|\"Disabled\" \"Deny\"|\"Enabled\" \"Allow\"|\"Enabled\" \"Deny\"|\"Disabled\" null|\
             null \"Deny\"|\"Enabled\" null|\"Disabled\" \"Allow\"",
        ),
        ("key", "\"readable\"|\"denied\"|\"missing\""),
        ("rotation", "null|\"Rotate\"|\"rotate\"|\"Notify\""),
        ("enabled", "true|false"),
        ("expires", "never|past|soon|later"),
        ("old version enabled", "true|false"),
        ("old version expired", "true|false"),
    ]
    .into_iter()
    .flat_map(|(kind, all)| all.split('|').map(move |it| format!("{kind} {it}")))
    .collect();
    let missing: Vec<&String> = expected.iter().filter(|it| !found.contains(*it)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    let rules = found.iter().filter(|it| it.starts_with("rules ")).count();
    assert_eq!(rules, 30, "every case of security rules, and none at all");
}

#[test]
fn small_fleets_have_variety_too() {
    for seed in 1..=12 {
        let manifest = Fleet::generate(&FleetOptions {
            seed,
            ..fleet_options()
        })
        .manifest();
        let found = occurring(&manifest);
        for word in [
            "subnet readable",
            "vault \"readable\" true",
            "key \"readable\"",
            "lock \"server\" \"CanNotDelete\"",
            "lock \"child\" \"CanNotDelete\"",
            "diagnostics \"halves\"",
            "diagnostics \"auditGroup\"",
            "locks \"denied\"",
            "locks \"perServer\"",
        ] {
            assert!(found.contains(word), "seed {seed}: {word}");
        }
        let cases = found.iter().filter(|it| it.starts_with("rules ")).count();
        assert!(cases >= 3, "seed {seed}: {cases} cases of security rules");
    }
}

#[test]
fn a_hundred_thousand_servers_have_neighbours_too() {
    let options = FleetOptions {
        servers: 100_000,
        subscriptions: 40,
        ..fleet_options()
    };
    let fleet = Fleet::generate(&options);
    assert_eq!(fleet.len(), 100_000);
    let shown = format!("{fleet:?}");
    let subnets = shown.matches("Subnet {").count();
    let vaults = shown.matches("Vault {").count();
    assert!((40..3_000).contains(&subnets), "{subnets} subnets");
    assert!((40..3_000).contains(&vaults), "{vaults} vaults");
}

/// The names of the members at a place of a recorded answer.
fn members(value: &Value) -> BTreeSet<&str> {
    let object = value.as_object().expect("an object");
    object.keys().map(String::as_str).collect()
}

#[tokio::test]
async fn neighbours_have_the_members_that_were_recorded() {
    let Some(folder) = shared() else {
        eprintln!("left out: no recorded answers beside the repository");
        return;
    };
    let recorded = |name: &str| -> Value {
        let path = folder.with_file_name("real_other").join(name);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{path:?}"));
        let mut file: Value = serde_json::from_str(&text).unwrap();
        file["body"].take()
    };
    let site = site().await;
    let rules = "/properties/defaultSecurityRules";
    let group = site.one(|it| it["subnet"]["networkSecurityGroup"]["read"] == "readable");
    let id = text(group, "/subnet/networkSecurityGroup/id");
    let told = site.get(&format!("{id}?{NETWORK}")).await.body;
    let real =
        recorded("Microsoft.Network_networkSecurityGroups__2020-08-01__200_86b8b2.json")["value"]
            [0]
        .take();
    assert_eq!(members(&told), members(&real));
    let real_rules: BTreeMap<&str, &Value> = list(&real, rules)
        .iter()
        .map(|it| (text(it, "/name"), &it["properties"]))
        .collect();
    for rule in list(&told, rules) {
        assert_eq!(&&rule["properties"], &real_rules[text(rule, "/name")]);
    }
    assert_eq!(list(&told, rules).len(), real_rules.len());

    let locked = site.one(|it| {
        it["locks"]["read"] != "denied"
            && list(it, "/locks/planted")
                .iter()
                .any(|it| it["scope"] == "resourceGroup")
    });
    let path = format!(
        "{}/providers/Microsoft.Authorization/locks?{LOCKS}",
        text(locked, "/id")
    );
    let (told, _) = site.all(&path).await;
    let real = recorded("Microsoft.Authorization_locks__2016-09-01__200_576185.json");
    assert_eq!(members(&told[0]), members(&real["value"][0]));

    let logged =
        site.one(|it| it["diagnosticSettings"]["case"] == "auditCategory" && super::readable(it));
    let path = format!(
        "{}/providers/microsoft.insights/diagnosticSettings?{DIAGNOSTICS}",
        text(logged, "/id")
    );
    let told = site.get(&path).await;
    let real =
        recorded("microsoft.insights_diagnosticSettings__2017-05-01-preview__200_ee0f8c.json");
    assert_eq!(members(&told.value()[0]), members(&real["value"][0]));
    let properties = |it: &Value| it["properties"].clone();
    let (told, real) = (properties(&told.value()[0]), properties(&real["value"][0]));
    assert!(members(&told).is_superset(&members(&real)));

    let key = site.one(|it| it["key"]["vault"]["read"] == "readable");
    let told = site
        .get(&format!("{}?{VAULTS}", text(key, "/key/vault/id")))
        .await
        .body;
    let real =
        recorded("Microsoft.KeyVault_vaults_cckeyvault1yghq6zt4ewg2e__2019-09-01__200_f38e66.json");
    assert!(members(&told).is_superset(&members(&real)));
    let optional = BTreeSet::from(["networkAcls"]);
    let (told, real) = (properties(&told), properties(&real));
    let lacking: BTreeSet<_> = members(&real)
        .difference(&members(&told))
        .copied()
        .collect();
    assert!(lacking.is_subset(&optional), "{lacking:?}");

    let real = recorded("Microsoft.Security_pricings__2018-06-01__200_817845.json");
    let id = text(&site.manifest, "/subscriptions/0/id");
    let path = format!(
        "/subscriptions/{id}/providers/Microsoft.Security/pricings/OpenSourceRelationalDatabases?{PRICINGS}"
    );
    let told = site.get(&path).await.body;
    assert_eq!(members(&told), members(&real["value"][0]));
}
