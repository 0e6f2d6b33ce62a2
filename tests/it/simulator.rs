//! The simulator over real HTTP: it answers as Azure does, and goes wrong as it is told.

mod around;
mod policy;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use flexposture::simulator::{
    Fault, Faults, Fleet, FleetOptions, Mishap, Options, Quota, Replay, Running, Simulator, Turns,
};
use serde_json::{Value, json};

const TOKEN: &str = "loopback-token";
const VERSION: &str = "api-version=2024-12-30";
const GRAPH: &str = "/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01";
const INVENTORY: &str = "resources | where type =~ 'Microsoft.DBforMySQL/flexibleServers' | project id, name, \
                         type, location, resourceGroup, subscriptionId, tenantId, properties | order by id asc";

/// A running simulator, what was planted in it, and a client that knows the token.
struct Site {
    running: Running,
    client: reqwest::Client,
    manifest: Value,
}

struct Reply {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: Value,
}

impl Reply {
    fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }

    fn value(&self) -> &[Value] {
        self.body["value"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|it| it.to_str().ok())
            .unwrap_or_default()
    }
}

fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

fn fleet_options() -> FleetOptions {
    FleetOptions::new("2026-11-23T18:00:00Z".parse().unwrap())
}

fn options() -> Options {
    Options {
        quota: Quota::Unlimited,
        ..Options::new(TOKEN)
    }
}

async fn site_with(fleet: FleetOptions, options: Options) -> Site {
    let client = client();
    let fleet = Fleet::generate(&fleet);
    let manifest = fleet.manifest();
    let bind = ([127, 0, 0, 1], 0).into();
    let running = Simulator::start(fleet, options, bind).await.unwrap();
    Site {
        running,
        client,
        manifest,
    }
}

async fn site() -> Site {
    site_with(fleet_options(), options()).await
}

impl Site {
    async fn url(&self, url: &str) -> Reply {
        reply(
            self.client
                .get(url)
                .bearer_auth(TOKEN)
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    async fn get(&self, path: &str) -> Reply {
        self.url(&format!("{}{path}", self.running.endpoint()))
            .await
    }

    async fn below(&self, server: &Value, rest: &str) -> Reply {
        let id = server["id"].as_str().unwrap();
        self.get(&format!("{id}{rest}?{VERSION}")).await
    }

    async fn query(&self, body: &Value) -> Reply {
        let url = format!("{}{GRAPH}", self.running.endpoint());
        let sent = self
            .client
            .post(url)
            .bearer_auth(TOKEN)
            .json(body)
            .send()
            .await
            .unwrap();
        reply(sent).await
    }

    /// The servers that were planted so.
    fn planted<'a>(&'a self, so: impl Fn(&Value) -> bool + 'a) -> impl Iterator<Item = &'a Value> {
        self.manifest["servers"]
            .as_array()
            .unwrap()
            .iter()
            .filter(move |it| so(it))
    }

    fn one(&self, so: impl Fn(&Value) -> bool) -> &Value {
        let found = self.manifest["servers"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| so(it));
        found.expect("a fleet of sixty has one")
    }

    /// All entries of a list, and whether a page on the way was empty.
    async fn all(&self, path: &str) -> (Vec<Value>, bool) {
        let mut found = Vec::new();
        let mut empty = false;
        let mut reply = self.get(path).await;
        loop {
            assert_eq!(reply.status, 200, "{path}: {}", reply.body);
            found.extend_from_slice(reply.value());
            let Some(next) = reply.body["nextLink"].as_str() else {
                return (found, empty);
            };
            assert!(next.starts_with(&self.running.endpoint()), "{next}");
            empty |= reply.value().is_empty();
            reply = self.url(next).await;
        }
    }
}

async fn reply(response: reqwest::Response) -> Reply {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or_else(|_| panic!("not JSON: {text}"));
    Reply {
        status,
        headers,
        body,
    }
}

fn readable(server: &Value) -> bool {
    server["denied"].as_array().unwrap().is_empty()
}

fn running(server: &Value) -> bool {
    server["state"] == "Ready"
}

#[tokio::test]
async fn without_the_token_nothing_is_told() {
    let site = site().await;
    let url = format!(
        "{}/subscriptions?api-version=2022-12-01",
        site.running.endpoint()
    );
    let missing = reply(site.client.get(&url).send().await.unwrap()).await;
    assert_eq!(
        (missing.status, missing.code()),
        (401, "AuthenticationFailed")
    );
    assert!(
        missing
            .header("www-authenticate")
            .starts_with("Bearer authorization_uri=\"https://login")
    );
    let wrong = reply(
        site.client
            .get(&url)
            .bearer_auth("other")
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(
        (wrong.status, wrong.code()),
        (401, "InvalidAuthenticationToken")
    );
    assert_eq!(site.url(&url).await.status, 200);
    let seen: Vec<_> = site
        .running
        .requests()
        .iter()
        .map(|it| (it.authorized, it.status))
        .collect();
    assert_eq!(seen, [(false, 401), (true, 401), (true, 200)]);
}

#[tokio::test]
async fn an_api_version_is_required_and_must_be_known() {
    let site = site().await;
    let server = site.one(|it| readable(it) && running(it));
    let id = server["id"].as_str().unwrap();
    for (path, status, code) in [
        (
            "/subscriptions".to_owned(),
            400,
            "MissingApiVersionParameter",
        ),
        (
            "/subscriptions?api-version=1999-01-01".to_owned(),
            400,
            "InvalidApiVersionParameter",
        ),
        (
            format!("{id}?api-version=1999-01-01"),
            400,
            "NoRegisteredProviderFound",
        ),
        (
            format!("{}?api-version=1999-01-01", id.rsplit_once('/').unwrap().0),
            404,
            "InvalidResourceType",
        ),
    ] {
        let reply = site.get(&path).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{path}");
        if code != "MissingApiVersionParameter" {
            assert!(
                reply.message().contains("1999-01-01") && reply.message().contains("supported")
            );
        }
    }
    let known = site.get(&format!("{id}?api-version=1999-01-01")).await;
    assert!(
        known.message().contains("2024-12-30"),
        "{}",
        known.message()
    );
}

#[tokio::test]
async fn nothing_that_changes_a_resource_is_served() {
    let site = site().await;
    let server = site.one(readable)["id"].as_str().unwrap();
    for method in ["PUT", "PATCH", "POST", "DELETE"] {
        let url = format!("{}{server}?{VERSION}", site.running.endpoint());
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let sent = site
            .client
            .request(method, url)
            .bearer_auth(TOKEN)
            .send()
            .await
            .unwrap();
        let reply = reply(sent).await;
        assert_eq!((reply.status, reply.code()), (405, "MethodNotAllowed"));
    }
    let read = site
        .client
        .get(format!("{}{GRAPH}", site.running.endpoint()))
        .bearer_auth(TOKEN);
    assert_eq!(
        read.send().await.unwrap().status().as_u16(),
        405,
        "the query is a POST"
    );
}

#[tokio::test]
async fn a_list_says_less_than_the_server_itself() {
    let site = site().await;
    let server = site.one(|it| readable(it) && it["customerKey"].is_null());
    let id = server["id"].as_str().unwrap();
    let subscription = server["subscription"].as_str().unwrap();
    let group = server["group"].as_str().unwrap();
    let full = site.below(server, "").await.body;
    let provider = "providers/Microsoft.DBforMySQL/flexibleServers";
    let (listed, _) = site
        .all(&format!(
            "/subscriptions/{subscription}/{provider}?{VERSION}"
        ))
        .await;
    let (grouped, _) = site
        .all(&format!(
            "/subscriptions/{subscription}/resourceGroups/{group}/{provider}?{VERSION}"
        ))
        .await;
    let find = |list: &[Value]| list.iter().find(|it| it["id"] == id).unwrap().clone();
    let (listed, grouped) = (find(&listed), find(&grouped));
    for pointer in [
        "/properties/maintenanceWindow",
        "/properties/backup/backupIntervalHours",
        "/properties/storage/autoIoScaling",
        "/properties/storage/logOnDisk",
        "/properties/storage/storageRedundancy",
        "/properties/privateEndpointConnections",
        "/properties/maintenancePolicy",
        "/properties/databasePort",
    ] {
        assert!(full.pointer(pointer).is_some(), "GET has {pointer}");
        assert!(
            listed.pointer(pointer).is_none(),
            "the list has no {pointer}"
        );
        assert_eq!(
            grouped.pointer(pointer).is_some(),
            pointer.ends_with("Window"),
            "{pointer}"
        );
    }
    assert_eq!(listed["properties"]["state"], full["properties"]["state"]);
    assert!(
        full["properties"].get("dataEncryption").is_none(),
        "the service manages the key"
    );
    assert!(
        full["location"].as_str().unwrap().contains(' '),
        "locations are displayed"
    );
    let created = full["systemData"]["createdAt"].as_str().unwrap();
    assert_eq!(
        created.split_once('.').unwrap().1.len(),
        "1234567Z".len(),
        "{created}"
    );
}

#[tokio::test]
async fn paths_match_without_case_and_absent_things_are_named() {
    let site = site().await;
    let server = site.one(|it| readable(it) && running(it));
    let id = server["id"].as_str().unwrap();
    let shouted = site.get(&format!("{}?{VERSION}", id.to_uppercase())).await;
    assert_eq!((shouted.status, &shouted.body["id"]), (200, &server["id"]));

    let subscription = server["subscription"].as_str().unwrap();
    let (group, _) = id.split_once("/providers/").unwrap();
    let nobody = "00000000-1111-2222-3333-444444444444";
    let provider = "providers/Microsoft.DBforMySQL/flexibleServers";
    for (path, status, code) in [
        (
            format!("{group}/{provider}/absent"),
            404,
            "ResourceNotFound",
        ),
        (
            format!("/subscriptions/{subscription}/resourceGroups/absent/{provider}/x"),
            404,
            "ResourceGroupNotFound",
        ),
        (
            format!("/subscriptions/{subscription}/resourceGroups/absent/{provider}"),
            404,
            "ResourceGroupNotFound",
        ),
        (
            format!("/subscriptions/{nobody}/{provider}"),
            404,
            "SubscriptionNotFound",
        ),
        (
            "/subscriptions/nonsense/providers/x".to_owned(),
            400,
            "InvalidSubscriptionId",
        ),
        (
            format!("{id}/configurations/absent"),
            404,
            "ResourceNotFound",
        ),
        (format!("{id}/absentKind"), 404, "InvalidResourceType"),
        (
            format!("/subscriptions/{subscription}/providers/Microsoft.Absent/x"),
            404,
            "InvalidResourceNamespace",
        ),
        ("/absent".to_owned(), 404, "NotFound"),
    ] {
        let reply = site.get(&format!("{path}?{VERSION}")).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{path}");
    }
}

#[tokio::test]
async fn an_empty_page_with_a_next_link_is_not_the_end() {
    let site = site_with(
        fleet_options(),
        Options {
            page_size: 3,
            ..options()
        },
    )
    .await;
    let mut empty_lists = 0;
    for subscription in site.manifest["subscriptions"].as_array().unwrap() {
        let id = subscription["id"].as_str().unwrap();
        let path =
            format!("/subscriptions/{id}/providers/Microsoft.DBforMySQL/flexibleServers?{VERSION}");
        let (found, empty) = site.all(&path).await;
        assert_eq!(
            found.len(),
            site.planted(|it| it["subscription"] == id).count()
        );
        empty_lists += usize::from(empty);
    }
    assert_eq!(empty_lists, 1, "the second of three subscriptions");
    let odd = site.one(|it| {
        readable(it) && it["emptyFirstPage"] == true && it["network"]["kind"] == "public"
    });
    let path = format!("{}/firewallRules?{VERSION}", odd["id"].as_str().unwrap());
    let (rules, empty) = site.all(&path).await;
    assert!(empty);
    assert_eq!(
        rules.len(),
        odd["network"]["firewallRules"].as_array().unwrap().len()
    );
    let foreign = site.get(&format!("{path}&$skiptoken=abc")).await;
    assert_eq!(foreign.status, 400);
}

#[tokio::test]
async fn resource_graph_pages_by_skip_token_and_leaves_out_what_is_hidden() {
    let site = site_with(
        FleetOptions {
            hidden: 4,
            ..fleet_options()
        },
        options(),
    )
    .await;
    let mut found = Vec::new();
    let mut body =
        json!({ "query": INVENTORY, "options": { "resultFormat": "objectArray", "$top": 25 } });
    loop {
        let reply = site.query(&body).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        assert_eq!(reply.body["totalRecords"], 60);
        let data = reply.body["data"].as_array().unwrap();
        assert_eq!(reply.body["count"], data.len());
        found.extend(data.iter().cloned());
        let token = &reply.body["$skipToken"];
        assert_eq!(
            reply.body["resultTruncated"],
            if token.is_null() { "false" } else { "true" }
        );
        if token.is_null() {
            break;
        }
        body["options"]["$skipToken"] = token.clone();
    }
    let lower = |it: &Value| it["id"].as_str().unwrap().to_lowercase();
    let mut planted: Vec<_> = site
        .planted(|it| it["hidden"] == false)
        .map(lower)
        .collect();
    planted.sort();
    assert_eq!(found.iter().map(lower).collect::<Vec<_>>(), planted);
    for row in &found {
        assert_eq!(row["type"], "microsoft.dbformysql/flexibleservers");
        assert!(!row["location"].as_str().unwrap().contains(' '));
        assert!(
            row["properties"].get("databasePort").is_none(),
            "rows carry the list form"
        );
    }
    let spelled = |part: &str| {
        found
            .iter()
            .any(|it| it["id"].as_str().unwrap().contains(part))
    };
    assert!(
        spelled("/resourcegroups/")
            && spelled("/Microsoft.DBForMySql/")
            && spelled("/resourceGroups/")
    );

    let hidden = site.one(|it| it["hidden"] == true);
    let refused = site.below(hidden, "").await;
    assert_eq!(
        (refused.status, refused.code()),
        (403, "AuthorizationFailed")
    );
}

#[tokio::test]
async fn resource_graph_keeps_to_its_rules() {
    let site = site().await;
    let one = site.manifest["subscriptions"][1]["id"].as_str().unwrap();
    let scoped = site
        .query(&json!({ "query": INVENTORY, "subscriptions": [one] }))
        .await;
    let count = site.planted(|it| it["subscription"] == one).count();
    assert_eq!(scoped.body["totalRecords"], count);

    let nameless = INVENTORY.replace("project id, name", "project name");
    let cut = site
        .query(&json!({ "query": nameless, "options": { "$top": 5 } }))
        .await;
    assert_eq!(cut.body["resultTruncated"], "true");
    assert!(cut.body.get("$skipToken").is_none(), "no id, no paging");

    let containers = "resourcecontainers | where type =~ 'microsoft.resources/subscriptions' \
                      | project subscriptionId, name, id, state = properties.state";
    let reply = site.query(&json!({ "query": containers })).await;
    let rows = reply.body["data"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0]["name"], "Retail Production");
    assert_eq!(rows[0]["state"], "Enabled");

    for (body, reason) in [
        (
            json!({ "query": "resources | summarize count() by type" }),
            "InvalidQuery",
        ),
        (
            json!({ "query": INVENTORY, "subscriptions": ["absent"] }),
            "NoValidSubscriptionsInQueryRequest",
        ),
        (
            json!({ "query": INVENTORY, "options": { "$skipToken": "abc" } }),
            "InvalidParameter",
        ),
        (json!({ "nothing": 1 }), "InvalidPayload"),
    ] {
        let reply = site.query(&body).await;
        assert_eq!((reply.status, reply.code()), (400, "BadRequest"));
        assert_eq!(reply.body["error"]["details"][0]["code"], reason);
        assert!(
            reply.message().contains("timestamp = ")
                && reply.message().contains("correlationId = ")
        );
    }
}

#[tokio::test]
async fn a_denied_child_names_the_action_and_the_scope() {
    let site = site().await;
    let denied = site.one(|it| it["denied"] == json!(["configurations"]));
    let id = denied["id"].as_str().unwrap();
    let list = site.below(denied, "/configurations").await;
    assert_eq!((list.status, list.code()), (403, "AuthorizationFailed"));
    assert!(list.message().contains(&format!(
        "does not have authorization to perform action 'Microsoft.DBforMySQL/flexibleServers/configurations/read' \
         over scope '{id}' or the scope is invalid. If access was recently granted, please refresh your credentials."
    )));
    let single = site.below(denied, "/configurations/tls_version").await;
    assert!(
        single
            .message()
            .contains(&format!("over scope '{id}/configurations/tls_version'"))
    );
    assert_eq!(site.below(denied, "").await.status, 200);
    assert_eq!(site.below(denied, "/administrators").await.status, 200);

    let restricted = site.manifest["subscriptions"][2]["id"].clone();
    for server in site.planted(|it| it["subscription"] == restricted) {
        assert_eq!(site.below(server, "").await.status, 200);
        for child in [
            "configurations",
            "firewallRules",
            "administrators",
            "backups",
            "replicas",
        ] {
            assert_eq!(
                site.below(server, &format!("/{child}")).await.status,
                403,
                "{child}"
            );
        }
    }
}

#[tokio::test]
async fn a_stopped_server_refuses_its_configurations_and_nothing_else() {
    let site = site().await;
    let stopped = site.one(|it| it["state"] == "Stopped" && readable(it));
    let refused = site.below(stopped, "/configurations").await;
    assert_eq!(
        (refused.status, refused.code()),
        (409, "ServerUnavailableForOperation")
    );
    assert!(
        refused.message().contains("currently in state 'Stopped'"),
        "{}",
        refused.message()
    );
    assert_eq!(
        site.below(stopped, "/configurations/tls_version")
            .await
            .status,
        409
    );
    assert_eq!(
        site.below(stopped, "").await.body["properties"]["state"],
        "Stopped"
    );
    assert_eq!(site.below(stopped, "/firewallRules").await.status, 200);
}

#[tokio::test]
async fn configurations_come_on_one_large_page_with_flags_as_words() {
    let site = site().await;
    let server = site.one(|it| readable(it) && running(it) && it["version"] == "8.0.21");
    let reply = site.below(server, "/configurations").await;
    let text = reply.body.to_string();
    assert!(
        (250_000..400_000).contains(&text.len()),
        "{} bytes",
        text.len()
    );
    assert!(reply.body.get("nextLink").is_none());
    let find = |name: &str| reply.value().iter().find(|it| it["name"] == name).unwrap();
    let tls = &find("tls_version")["properties"];
    for member in [
        "value",
        "description",
        "defaultValue",
        "dataType",
        "allowedValues",
        "documentationLink",
    ] {
        assert!(tls[member].is_string(), "{member}");
    }
    for flag in ["isReadOnly", "isDynamicConfig", "isConfigPendingRestart"] {
        assert!(
            ["True", "False"].contains(&tls[flag].as_str().unwrap()),
            "{flag}"
        );
    }
    assert_eq!(
        find("event_scheduler")["properties"]["source"],
        "user-override",
        "set by the platform itself"
    );
    let single = site.below(server, "/configurations/TLS_VERSION").await;
    assert_eq!(&single.body, find("tls_version"));

    for server in site.planted(|it| readable(it) && running(it)) {
        let only = site
            .below(server, "/configurations/aad_auth_only")
            .await
            .body;
        let administrators = site.below(server, "/administrators").await;
        let (list, _) = site
            .all(&format!(
                "{}/administrators?{VERSION}",
                server["id"].as_str().unwrap()
            ))
            .await;
        assert_eq!(administrators.status, 200);
        let expected = if list.is_empty() { "True" } else { "False" };
        assert_eq!(
            only["properties"]["isReadOnly"], expected,
            "read-only while there is no administrator"
        );
    }
}

#[tokio::test]
async fn a_pending_restart_is_told_with_and_without_the_value_in_force() {
    let site = site().await;
    let pending = |server: &Value| {
        let parameters = server["parameters"].as_array().unwrap();
        parameters
            .iter()
            .any(|it| it["name"] == "tls_version" && it["inForce"].is_string())
    };
    let mut shown = [0, 0];
    for server in site.planted(|it| readable(it) && running(it) && pending(it)) {
        let tls = site.below(server, "/configurations/tls_version").await.body["properties"].take();
        assert_eq!(tls["isConfigPendingRestart"], "True");
        let shows = server["showsCurrentValues"] == true;
        assert_eq!(tls["currentValue"].is_string(), shows);
        assert_ne!(tls["currentValue"], tls["value"]);
        shown[usize::from(shows)] += 1;
    }
    assert!(shown[0] > 0 && shown[1] > 0, "{shown:?}");
}

#[tokio::test]
async fn what_was_planted_is_what_is_told() {
    let site = site().await;
    for server in site.planted(readable) {
        let full = site.below(server, "").await.body;
        let properties = &full["properties"];
        assert_eq!(properties["version"], server["version"]);
        assert_eq!(
            properties["backup"]["backupRetentionDays"],
            server["backup"]["retentionDays"]
        );
        assert_eq!(
            properties["highAvailability"]["state"],
            server["highAvailability"]["state"]
        );
        let network = &properties["network"];
        if server["network"]["kind"] == "integrated" {
            assert!(network["delegatedSubnetResourceId"].is_string());
            let says = server["network"]["saysPublicAccess"] == true;
            assert_eq!(network.get("publicNetworkAccess").is_some(), says);
        } else {
            let open = server["network"]["publicAccess"] == true;
            assert_eq!(
                network["publicNetworkAccess"],
                if open { "Enabled" } else { "Disabled" }
            );
        }
        let endpoints = properties["privateEndpointConnections"].as_array().unwrap();
        let (children, _) = site
            .all(&format!(
                "{}/privateEndpointConnections?{VERSION}",
                server["id"].as_str().unwrap()
            ))
            .await;
        assert_eq!(endpoints, &children);
        assert_eq!(
            properties.get("dataEncryption").is_some(),
            !server["customerKey"].is_null()
        );
        if let Some(identities) = full["identity"]["userAssignedIdentities"].as_object() {
            for (id, identity) in identities {
                assert!(id.contains("/resourcegroups/"), "{id}");
                assert!(identity["tenantId"].is_string());
            }
        }
        if server["replication"]["role"] == "Replica" {
            let source = properties["sourceServerResourceId"].as_str().unwrap();
            let planted = server["replication"]["source"].as_str().unwrap();
            assert!(source.eq_ignore_ascii_case(planted));
            let source = site.one(|it| it["id"] == planted);
            let (replicas, _) = site.all(&format!("{planted}/replicas?{VERSION}")).await;
            assert!(
                replicas.iter().any(|it| it["id"] == server["id"]),
                "of {}",
                source["name"]
            );
        }
        let protection = site
            .below(server, "/advancedThreatProtectionSettings/default")
            .await;
        let on = server["threatProtection"] == true;
        assert_eq!(
            protection.body["properties"]["state"],
            if on { "Enabled" } else { "Disabled" }
        );
        let (backups, _) = site
            .all(&format!(
                "{}/backups?{VERSION}",
                server["id"].as_str().unwrap()
            ))
            .await;
        assert_eq!(
            backups.is_empty(),
            server["backup"]["newestHoursAgo"].is_null()
        );
    }
}

#[tokio::test]
async fn maintenance_times_carry_no_zone() {
    let site = site().await;
    let server = site.one(readable);
    let (found, _) = site
        .all(&format!(
            "{}/maintenances?{VERSION}",
            server["id"].as_str().unwrap()
        ))
        .await;
    let start = found[0]["properties"]["maintenanceStartTime"]
        .as_str()
        .unwrap();
    assert_eq!(start.len(), "2023-12-11T05:00:00".len(), "{start}");
}

#[tokio::test]
async fn limits_are_announced_and_kept() {
    let quota = Quota::Limited {
        burst: 3,
        per_second: 0.01,
        queries: 1,
    };
    let site = site_with(fleet_options(), Options { quota, ..options() }).await;
    let server = site.one(readable);
    for left in ["2", "1", "0"] {
        let reply = site.below(server, "").await;
        assert_eq!(reply.status, 200);
        assert_eq!(
            reply.header("x-ms-ratelimit-remaining-subscription-reads"),
            left
        );
    }
    let refused = site.below(server, "").await;
    assert_eq!(
        (refused.status, refused.code()),
        (429, "SubscriptionRequestsThrottled")
    );
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 50);

    let first = site.query(&json!({ "query": INVENTORY })).await;
    assert_eq!(first.header("x-ms-user-quota-remaining"), "0");
    assert_eq!(first.header("x-ms-user-quota-resets-after"), "00:00:05");
    let second = site.query(&json!({ "query": INVENTORY })).await;
    assert_eq!((second.status, second.code()), (429, "RateLimiting"));
    assert_eq!(second.body["error"]["details"][0]["code"], "RateLimiting");
}

#[tokio::test]
async fn answers_carry_azures_headers_and_are_packed_when_asked() {
    let site = site().await;
    let server = site.one(|it| readable(it) && running(it));
    let id = server["id"].as_str().unwrap();
    let plain = site.below(server, "").await;
    for name in [
        "x-ms-request-id",
        "x-ms-correlation-request-id",
        "x-ms-routing-request-id",
        "x-msedge-ref",
    ] {
        assert!(!plain.header(name).is_empty(), "{name}");
    }
    assert!(
        plain
            .header("x-ms-operation-identifier")
            .starts_with("tenantId=")
    );
    assert_eq!(
        plain.header("x-ms-ratelimit-remaining-subscription-reads"),
        "",
        "no limits, no headers"
    );

    let url = format!("{}{id}/configurations?{VERSION}", site.running.endpoint());
    let raw = reqwest::Client::builder()
        .no_proxy()
        .no_gzip()
        .build()
        .unwrap();
    let request = raw
        .get(url)
        .bearer_auth(TOKEN)
        .header("accept-encoding", "gzip");
    let packed = request.send().await.unwrap();
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    let bytes = packed.bytes().await.unwrap();
    assert!(bytes.len() < 60_000, "{} bytes", bytes.len());
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut text)
        .unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&text).unwrap(),
        site.below(server, "/configurations").await.body
    );
}

#[tokio::test]
async fn throttled_once_then_fine() {
    let faults = Faults::none()
        .and(Fault::first(1, "*/firewallRules", Mishap::throttled(1)))
        .and(Fault::first(2, "*/backups", Mishap::failing(503)));
    let site = site_with(
        fleet_options(),
        Options {
            faults,
            ..options()
        },
    )
    .await;
    let server = site.one(readable);
    let first = site.below(server, "/firewallRules").await;
    assert_eq!(
        (first.status, first.code()),
        (429, "SubscriptionRequestsThrottled")
    );
    assert_eq!(first.header("retry-after"), "1");
    assert_eq!(site.below(server, "/firewallRules").await.status, 200);
    let mut backups = Vec::new();
    for _ in 0..3 {
        backups.push(site.below(server, "/backups").await.status);
    }
    assert_eq!(backups, [503, 503, 200]);
}

#[tokio::test]
async fn connections_break_and_dawdle_as_told() {
    let pause = Duration::from_millis(30);
    let faults = Faults::none()
        .and(Fault::first(1, "*/firewallRules", Mishap::Reset))
        .and(Fault::first(1, "*/backups", Mishap::Truncate { keep: 10 }))
        .and(Fault::first(
            1,
            "*/administrators",
            Mishap::Slow { piece: 4, pause },
        ));
    let site = site_with(
        fleet_options(),
        Options {
            faults,
            ..options()
        },
    )
    .await;
    let server = site.one(readable);
    let send = |child: &str| {
        let id = server["id"].as_str().unwrap();
        let url = format!("{}{id}/{child}?{VERSION}", site.running.endpoint());
        site.client
            .get(url)
            .bearer_auth(TOKEN)
            .header("accept-encoding", "identity")
            .send()
    };

    let error = send("firewallRules").await.unwrap_err();
    assert!(error.is_request(), "{error:?}");
    assert_eq!(site.running.requests().last().unwrap().status, 0);
    assert_eq!(send("firewallRules").await.unwrap().status().as_u16(), 200);

    let cut = send("backups").await.unwrap();
    assert!(
        cut.content_length().unwrap() > 10,
        "the whole length is announced"
    );
    assert!(cut.bytes().await.is_err());
    assert!(send("backups").await.unwrap().bytes().await.is_ok());

    let began = Instant::now();
    let slow = send("administrators").await.unwrap().bytes().await.unwrap();
    let pieces = slow.len().div_ceil(4) as u32;
    assert!(
        pieces >= 3 && began.elapsed() >= pause * pieces,
        "{pieces} pieces"
    );
}

#[tokio::test]
async fn answers_are_twisted_as_told() {
    let faults = Faults::none()
        .and(Fault::always(
            "*/firewallRules",
            Mishap::NextLink("http://127.0.0.2:9/elsewhere".to_owned()),
        ))
        .and(Fault {
            path: "*/backups".to_owned(),
            turns: Turns::Always,
            mishap: Mishap::Replace {
                pointer: "/value".to_owned(),
                value: json!("many"),
            },
        });
    let site = site_with(
        fleet_options(),
        Options {
            faults,
            ..options()
        },
    )
    .await;
    let server = site.one(readable);
    let rules = site.below(server, "/firewallRules").await;
    assert_eq!(rules.body["nextLink"], "http://127.0.0.2:9/elsewhere");
    assert_eq!(site.below(server, "/backups").await.body["value"], "many");
}

#[tokio::test]
async fn latency_is_kept_and_an_end_is_an_end() {
    let latency = Duration::from_millis(40);
    let site = site_with(
        fleet_options(),
        Options {
            latency,
            ..options()
        },
    )
    .await;
    let url = format!("{}/tenants?api-version=2022-12-01", site.running.endpoint());
    let began = Instant::now();
    assert_eq!(site.url(&url).await.status, 200);
    assert!(began.elapsed() >= latency);
    site.running.shutdown().await;
    assert!(
        client()
            .get(&url)
            .bearer_auth(TOKEN)
            .send()
            .await
            .unwrap_err()
            .is_connect()
    );
}

#[tokio::test]
async fn only_loopback_is_served() {
    let bind = ([0, 0, 0, 0], 0).into();
    let refused = Simulator::start(Fleet::generate(&fleet_options()), options(), bind).await;
    assert!(refused.unwrap_err().to_string().contains("loopback"));
}

/// A folder of recordings of our own, and a simulator that replays it.
async fn replaying(files: &[Value]) -> Site {
    let folder = tempfile::tempdir().unwrap();
    for (place, file) in files.iter().enumerate() {
        std::fs::write(
            folder.path().join(format!("{place}.json")),
            file.to_string(),
        )
        .unwrap();
    }
    let replay = Replay::read(folder.path()).unwrap();
    let bind = ([127, 0, 0, 1], 0).into();
    let running = Simulator::start(replay, options(), bind).await.unwrap();
    Site {
        running,
        client: client(),
        manifest: Value::Null,
    }
}

#[tokio::test]
async fn a_replay_answers_what_was_recorded_and_what_follows_from_it() {
    let subscription = "11111111-2222-3333-4444-555555555555";
    let base = format!(
        "/subscriptions/{subscription}/resourceGroups/Group/providers/Microsoft.DBforMySQL/flexibleServers"
    );
    let azure = "https://management.azure.com";
    let server = |name: &str, state: &str| {
        json!({
            "id": format!("{base}/{name}"),
            "name": name,
            "type": "Microsoft.DBforMySQL/flexibleServers",
            "location": "North Europe",
            "properties": { "state": state },
        })
    };
    let list = format!(
        "{azure}/subscriptions/{subscription}/providers/Microsoft.DBforMySQL/flexibleServers"
    );
    let setting =
        |name: &str| json!({ "id": format!("{base}/one/configurations/{name}"), "name": name });
    let recorded = |uri: String, body: Value| {
        json!({
            "source": "written by this test", "method": "GET", "uri": uri, "status": 200, "body": body,
            "headers": {
                "content-length": "7", "x-ms-operation-identifier": "tenantId=secret",
                "x-ms-ratelimit-remaining-subscription-reads": "249",
            },
        })
    };
    let site = replaying(&[
        recorded(
            format!("{list}?api-version=2021-05-01"),
            json!({
                "value": [server("one", "FromList")],
                "nextLink": format!("{list}?api-version=2021-05-01&%24skiptoken=abc"),
            }),
        ),
        recorded(
            format!("{list}?api-version=2021-05-01&%24skiptoken=abc"),
            json!({ "value": [server("two", "FromList")], "nextLink": "https://management.azure.com.evil.example/x" }),
        ),
        recorded(format!("{azure}{base}/ONE?api-version=2020-01-01"), server("one", "Old")),
        recorded(format!("{azure}{base}/one?api-version=2021-05-01"), server("one", "Newer")),
        recorded(format!("{azure}{base}/three?api-version=2021-05-01"), server("THREE", "Alone")),
        recorded(format!("{azure}{base}/one/configurations/tls_version?api-version=2021-05-01"), setting("tls_version")),
        recorded(format!("{azure}{base}/one/configurations/local_infile?api-version=2021-05-01"), setting("local_infile")),
    ])
    .await;

    let first = site
        .url(&format!(
            "{}?{VERSION}",
            list.replace(azure, &site.running.endpoint())
        ))
        .await;
    assert_eq!(first.value()[0]["name"], "one");
    assert_eq!(
        first.header("x-ms-ratelimit-remaining-subscription-reads"),
        "249"
    );
    assert!(!first.header("x-ms-operation-identifier").contains("secret"));
    let next = first.body["nextLink"].as_str().unwrap();
    assert!(next.starts_with(&site.running.endpoint()), "{next}");
    let second = site.url(next).await;
    assert_eq!(second.value()[0]["name"], "two");
    assert_eq!(
        second.body["nextLink"], "https://management.azure.com.evil.example/x",
        "not ours to rewrite"
    );

    let state = async |query: &str| {
        site.get(&format!("{}/one?{query}", base.to_lowercase()))
            .await
            .body["properties"]["state"]
            .take()
    };
    assert_eq!(state("api-version=2020-01-01").await, "Old");
    assert_eq!(state(VERSION).await, "Newer");
    assert_eq!(
        site.get(&format!("{base}/one")).await.code(),
        "MissingApiVersionParameter"
    );

    let subscriptions = site.get("/subscriptions?api-version=2022-12-01").await;
    assert_eq!(subscriptions.value().len(), 1);
    assert_eq!(subscriptions.value()[0]["subscriptionId"], subscription);
    let rows = site.query(&json!({ "query": INVENTORY })).await.body["data"].take();
    let rows: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["name"].clone(), it["properties"]["state"].clone()))
        .collect();
    assert_eq!(
        rows,
        [
            (json!("one"), json!("FromList")),
            (json!("THREE"), json!("Alone")),
            (json!("two"), json!("FromList"))
        ]
    );
    let settings = site
        .get(&format!("{base}/one/configurations?{VERSION}"))
        .await;
    let names: Vec<_> = settings
        .value()
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["local_infile", "tls_version"]);

    for path in [
        "/two",
        "/one/administrators",
        "/two/configurations",
        "/one/configurations/absent",
    ] {
        let absent = site.get(&format!("{base}{path}?{VERSION}")).await;
        assert_eq!(
            (absent.status, absent.code()),
            (404, "ResourceNotFound"),
            "{path}"
        );
    }
}

#[test]
fn a_folder_that_is_no_recording_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |folder: &std::path::Path| Replay::read(folder).unwrap_err().to_string();
    assert!(refused(&folder.path().join("absent")).contains("absent"));
    assert!(refused(folder.path()).contains("holds no recording"));
    std::fs::write(folder.path().join("bad.json"), "{\"method\":").unwrap();
    assert!(refused(folder.path()).contains("bad.json"));
    let file = json!({ "method": "GET", "uri": "not a url", "status": 200 });
    std::fs::write(folder.path().join("bad.json"), file.to_string()).unwrap();
    assert!(refused(folder.path()).contains("bad.json has no usable uri"));
}

/// The folder of recorded material beside the repository, or where the environment says.
fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("FLEXPOSTURE_SHARED")
        .map(PathBuf::from)
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"));
    let found = folder.join("data/arm/real");
    found.is_dir().then_some(found)
}

#[tokio::test]
async fn recorded_answers_of_azure_are_replayed() {
    let Some(folder) = shared() else {
        eprintln!(
            "left out: no ../shared/data/arm/real beside the repository, and FLEXPOSTURE_SHARED names none"
        );
        return;
    };
    let replay = Replay::read(&folder).unwrap();
    let bind = ([127, 0, 0, 1], 0).into();
    let running = Simulator::start(replay, options(), bind).await.unwrap();
    let site = Site {
        running,
        client: client(),
        manifest: Value::Null,
    };
    let rows = site.query(&json!({ "query": INVENTORY })).await;
    let ids: Vec<String> = rows.body["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["id"].as_str().unwrap().to_lowercase())
        .collect();
    let mut once = ids.clone();
    once.dedup();
    assert_eq!(ids, once, "each server once");
    for name in [
        "azureheight",
        "mysql-flexible-test-100",
        "azuredbclitest-000002",
        "azuredbclitest-000004",
    ] {
        assert_eq!(
            ids.iter()
                .filter(|it| it.ends_with(&format!("/{name}")))
                .count(),
            1,
            "{name}"
        );
    }
    let height = ids.iter().find(|it| it.ends_with("/azureheight")).unwrap();
    let settings = site
        .get(&format!("{height}/configurations?{VERSION}"))
        .await;
    assert_eq!(settings.value().len(), 1);
    assert_eq!(settings.value()[0]["properties"]["value"], "TLSV1.1");
    assert_eq!(
        site.get(&format!("{height}?{VERSION}")).await.status,
        404,
        "its GET was not recorded"
    );
    let tested = ids
        .iter()
        .find(|it| it.ends_with("/mysql-flexible-test-100"))
        .unwrap();
    assert_eq!(
        site.get(&format!("{tested}?{VERSION}")).await.body["properties"]["version"],
        "8.0.21"
    );
    let settings = site
        .get(&format!("{tested}/configurations?{VERSION}"))
        .await;
    assert_eq!(settings.value().len(), 52);
}

#[tokio::test]
async fn resource_graph_tells_the_states_below_a_group_and_the_plans_that_may_be_read() {
    let site = site_with(fleet_options(), options()).await;
    let states = "policyresources | where type =~ 'microsoft.policyinsights/policystates' \
                  | where tostring(properties.resourceType) =~ 'microsoft.dbformysql/flexibleservers'";
    let columns = "project id, subscriptionId, properties | order by id asc";
    let about = |row: &Value| {
        let id = row["properties"]["resourceId"].as_str().expect("an id");
        id.to_lowercase()
    };
    let all = site
        .query(&json!({ "query": format!("{states} | {columns}") }))
        .await;
    let all: Vec<String> = all.body["data"]
        .as_array()
        .expect("rows")
        .iter()
        .map(about)
        .collect();
    let below: String = all[0].split_inclusive('/').take(5).collect();
    let asked = format!(
        "{states} | where tostring(properties.resourceId) startswith '{}' \
         or tostring(properties.resourceId) startswith '/nowhere/' | {columns}",
        below.to_uppercase()
    );
    let some = site.query(&json!({ "query": asked })).await;
    let some: Vec<String> = some.body["data"]
        .as_array()
        .expect("rows")
        .iter()
        .map(about)
        .collect();
    let expected: Vec<String> = all
        .iter()
        .filter(|it| it.starts_with(&below))
        .cloned()
        .collect();
    assert!(!expected.is_empty() && expected.len() < all.len());
    assert_eq!(some, expected);

    let plans = "securityresources | where type =~ 'microsoft.security/pricings' \
                 | where name =~ 'OpenSourceRelationalDatabases' \
                 | project id, name, type, subscriptionId, properties | order by id asc";
    let plans = site.query(&json!({ "query": plans })).await;
    let plans = plans.body["data"].as_array().expect("rows");
    let readable = site.manifest["subscriptions"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|it| it["pricing"]["read"] == "readable");
    assert_eq!(plans.len(), readable.count());
    for plan in plans {
        let id = plan["id"].as_str().expect("an id");
        let path = format!("{id}?api-version=2024-01-01");
        let by_manager = site.get(&path).await;
        assert_eq!(by_manager.body["properties"], plan["properties"]);
    }
}
