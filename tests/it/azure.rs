//! The client of Azure Resource Manager over real HTTP, against servers on this machine that misbehave.

use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use flexposture::azure::{
    Access, Account, ArmClient, CertificateFile, Cloud, Hold, Observer, Secret, ServerFilter,
    Settings, estate, install_crypto_provider, inventory, inventory_by_list, read_document,
    subscriptions, versions,
};
use flexposture::documents::{Cause, Document, DocumentKind, Outcome, ResourceId, Unreachable};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::loopback::{Loopback, Reply, Seen};

const SERVER: &str =
    "/subscriptions/s1/resourceGroups/g/providers/Microsoft.DBforMySQL/flexibleServers/db";

fn client_at(url: &str, settings: Settings) -> ArmClient {
    install_crypto_provider();
    let cloud = Cloud::choose(None, Some(url), None, None).unwrap();
    let account = Account::Static(Secret::new("a-static-token"));
    let access = Access::new(&cloud, account, None).unwrap();
    ArmClient::new(access, &CertificateFile::default(), settings).unwrap()
}

fn client(server: &Loopback) -> ArmClient {
    client_at(&server.url(), Settings::default())
}

fn server() -> ResourceId {
    ResourceId::parse(SERVER).unwrap()
}

async fn read(client: &ArmClient, kind: DocumentKind) -> Document {
    read_document(client, &server(), kind).await
}

fn cause(document: &Document) -> &Cause {
    document.body().expect_err("the document is unread")
}

fn detail(document: &Document) -> &str {
    match cause(document) {
        Cause::Malformed { detail } => detail,
        other => panic!("{other:?} is not malformed"),
    }
}

fn page(names: &[&str], next: Option<&str>) -> Reply {
    let items: Vec<Value> = names.iter().map(|name| json!({ "name": name })).collect();
    let mut body = json!({ "value": items });
    if let Some(next) = next {
        body["nextLink"] = json!(next);
    }
    Reply::json(200, &body.to_string())
}

#[derive(Default)]
struct Log {
    statuses: Mutex<Vec<(u16, Option<u32>)>>,
}

impl Observer for Log {
    fn on_request_started(&self, _: Option<&str>) {}

    fn on_retry(&self, _: Option<&str>, _: Duration) {}

    fn on_response(&self, _: Option<&str>, status: u16, remaining: Option<u32>) {
        self.statuses.lock().unwrap().push((status, remaining));
    }
}

#[tokio::test]
async fn a_document_says_what_was_asked_and_the_token_goes_in_its_header_only() {
    let azure = Loopback::start(|_, _| Reply::json(200, r#"{"name":"db"}"#)).await;
    let document = read(&client(&azure), DocumentKind::Server).await;
    assert_eq!(document.outcome, Outcome::Read(json!({"name": "db"})));
    assert_eq!(document.request.path, SERVER);
    assert_eq!(document.request.api_version, versions::MYSQL.newest());
    let [seen] = &azure.seen()[..] else {
        panic!("one request");
    };
    assert_eq!(seen.method, "GET");
    assert_eq!(seen.target, format!("{SERVER}?api-version=2024-12-30"));
    assert_eq!(seen.header("authorization"), Some("Bearer a-static-token"));
    assert!(
        seen.header("user-agent")
            .unwrap()
            .starts_with("flexposture/")
    );
    assert!(seen.header("accept-encoding").unwrap().contains("gzip"));
    assert!(!format!("{document:?}").contains("a-static-token"));
}

#[tokio::test]
async fn a_link_to_another_host_is_refused_and_that_host_sees_nothing() {
    let elsewhere = Loopback::start(|_, _| page(&["stolen"], None)).await;
    let link = format!("{}/next", elsewhere.url());
    let azure = Loopback::start(move |_, _| page(&["one"], Some(&link))).await;
    let document = read(&client(&azure), DocumentKind::FirewallRules).await;
    let named = format!("127.0.0.1:{}", elsewhere.port);
    assert!(detail(&document).contains(&named), "{document:?}");
    assert_eq!(azure.seen().len(), 1);
    assert_eq!(elsewhere.seen().len(), 0);
}

#[tokio::test]
async fn a_redirect_is_reported_and_not_followed() {
    let elsewhere = Loopback::start(|_, _| Reply::json(200, "{}")).await;
    let target = format!("{}/there?secret=1", elsewhere.url());
    let azure = Loopback::start(move |_, _| Reply::with(307, &[("location", &target)], b"")).await;
    let document = read(&client(&azure), DocumentKind::Server).await;
    let named = format!("127.0.0.1:{}", elsewhere.port);
    assert!(detail(&document).contains("redirect"), "{document:?}");
    assert!(detail(&document).contains(&named), "{document:?}");
    assert!(!detail(&document).contains("secret"), "{document:?}");
    assert_eq!((azure.seen().len(), elsewhere.seen().len()), (1, 0));
}

#[tokio::test]
async fn an_empty_page_with_a_link_is_not_the_end() {
    let azure = Loopback::start(|seen, before| {
        let link = |at: u32| format!("http://{}/next?at={at}", seen.header("host").unwrap());
        match before {
            0 => page(&[], Some(&link(1))),
            1 => page(&["one"], Some(&link(2))),
            _ => page(&["two"], None),
        }
    })
    .await;
    let document = read(&client(&azure), DocumentKind::FirewallRules).await;
    assert_eq!(
        document.outcome,
        Outcome::Read(json!({"value": [{"name": "one"}, {"name": "two"}]}))
    );
}

#[tokio::test]
async fn pages_in_a_circle_and_pages_without_end_end() {
    let circle = Loopback::start(|seen, _| {
        page(
            &["x"],
            Some(&format!("http://{}/again", seen.header("host").unwrap())),
        )
    })
    .await;
    let document = read(&client(&circle), DocumentKind::FirewallRules).await;
    assert!(detail(&document).contains("circle"), "{document:?}");

    let endless = Loopback::start(|_, before| page(&["x"], Some(&format!("/next?{before}")))).await;
    let settings = Settings {
        most_pages: 7,
        ..Settings::default()
    };
    let document = read(&client_at(&endless.url(), settings), DocumentKind::Backups).await;
    assert!(
        detail(&document).contains("more than 7 pages"),
        "{document:?}"
    );
    assert_eq!(endless.seen().len(), 7);
}

#[tokio::test]
async fn after_too_many_requests_nothing_starts_in_that_subscription_until_the_wait_is_over() {
    let refused_at = Arc::new(Mutex::new(None));
    let azure = Loopback::start({
        let refused_at = Arc::clone(&refused_at);
        move |seen, _| {
            let mut refused_at = refused_at.lock().unwrap();
            if refused_at.is_none() && seen.path().starts_with("/subscriptions/s1/") {
                *refused_at = Some(Instant::now());
                let headers = [("retry-after", "1")];
                return Reply::with(
                    429,
                    &headers,
                    br#"{"error":{"code":"SubscriptionRequestsThrottled"}}"#,
                );
            }
            Reply::with(
                200,
                &[("x-ms-ratelimit-remaining-subscription-reads", "249")],
                b"{}",
            )
        }
    })
    .await;
    let log = Arc::new(Log::default());
    let settings = Settings {
        concurrency: 1,
        ..Settings::default()
    };
    let client = client_at(&azure.url(), settings).observed(Arc::clone(&log) as _);
    let mut reads = tokio::task::JoinSet::new();
    for subscription in ["s1", "s1", "s1", "s2"] {
        let client = client.clone();
        reads.spawn(async move {
            let id = ResourceId::parse(&SERVER.replace("s1", subscription)).unwrap();
            read_document(&client, &id, DocumentKind::Server).await
        });
    }
    for document in reads.join_all().await {
        assert!(document.body().is_ok(), "{document:?}");
    }
    let refused_at = refused_at.lock().unwrap().unwrap();
    for seen in azure.seen() {
        let after = seen.at.saturating_duration_since(refused_at);
        let throttled = seen.path().starts_with("/subscriptions/s1/");
        assert!(
            !throttled || after.is_zero() || after >= Duration::from_secs(1),
            "{} after {after:?}",
            seen.path()
        );
    }
    let statuses = log.statuses.lock().unwrap();
    assert!(statuses.contains(&(200, Some(249))) && statuses.contains(&(429, None)));
}

#[tokio::test]
async fn a_wait_that_nobody_has_time_for_ends_the_reads_of_that_subscription() {
    let azure = Loopback::start(|seen, _| {
        if seen.path().starts_with("/subscriptions/s1/") {
            Reply::with(429, &[("retry-after", "3600")], b"")
        } else {
            Reply::json(200, "{}")
        }
    })
    .await;
    let client = client(&azure);
    for _ in 0..3 {
        assert_eq!(
            cause(&read(&client, DocumentKind::Server).await),
            &Cause::Throttled
        );
    }
    assert_eq!(azure.seen().len(), 1);
    let other = ResourceId::parse(&SERVER.replace("s1", "s2")).unwrap();
    let document = read_document(&client, &other, DocumentKind::Server).await;
    assert!(document.body().is_ok());
}

#[tokio::test]
async fn what_fails_for_a_while_is_read_all_the_same() {
    let gzipped = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(br#"{"name":"db"}"#).unwrap();
        encoder.finish().unwrap()
    };
    let azure = Loopback::start(move |_, before| {
        let wait = [("retry-after-ms", "1")];
        match before {
            0 => Reply::with(503, &wait, b"<html>busy</html>"),
            1 => Reply::raw("", b""),
            2 => Reply::raw("HTTP/1.1 200 x\r\ncontent-length: 400\r\n", br#"{"name":"#),
            3 => Reply::raw("HTTP/1.1 200 x\r\nconnection: close\r\n", br#"{"name":"d"#),
            _ => Reply::with(200, &[("content-encoding", "gzip")], &gzipped),
        }
    })
    .await;
    let document = read(&client(&azure), DocumentKind::Server).await;
    assert_eq!(document.outcome, Outcome::Read(json!({"name": "db"})));
    assert_eq!(azure.seen().len(), 5);
}

#[tokio::test]
async fn what_fails_for_good_is_unread_with_its_cause() {
    let truncated = Loopback::start(|_, _| {
        Reply::raw("HTTP/1.1 200 x\r\ncontent-length: 400\r\n", br#"{"name":"#)
    })
    .await;
    let settings = Settings {
        tries: 2,
        ..Settings::default()
    };
    let client_of = |server: &Loopback| client_at(&server.url(), settings);
    let document = read(&client_of(&truncated), DocumentKind::Server).await;
    assert!(detail(&document).contains("broke off"), "{document:?}");
    assert_eq!(truncated.seen().len(), 2);

    let failing =
        Loopback::start(|_, _| Reply::json(500, r#"{"code":"InternalServerError"}"#)).await;
    let document = read(&client_of(&failing), DocumentKind::Server).await;
    assert_eq!(
        cause(&document),
        &Cause::Failed {
            status: 500,
            code: "InternalServerError".to_owned()
        }
    );
    assert_eq!(failing.seen().len(), 2);

    // Nothing listens on the first port of a machine.
    let document = read(
        &client_at("http://127.0.0.1:1", settings),
        DocumentKind::Server,
    )
    .await;
    let Cause::Unreachable { kind, detail } = cause(&document) else {
        panic!("{document:?}");
    };
    assert_eq!(*kind, Unreachable::Reset);
    assert!(detail.to_lowercase().contains("refused"), "{detail}");
}

#[tokio::test]
async fn answers_that_are_none_are_malformed_and_asked_once() {
    let deep = "[".repeat(100_000);
    for body in [
        "",
        "null",
        "7",
        "[]",
        "\"text\"",
        "<html>",
        "{\"a\":}",
        deep.as_str(),
        "{}{}",
    ] {
        let azure = Loopback::start({
            let body = body.to_owned();
            move |_, _| Reply::json(200, &body)
        })
        .await;
        let document = read(&client(&azure), DocumentKind::Server).await;
        assert!(!detail(&document).is_empty());
        assert_eq!(azure.seen().len(), 1, "{:.20}", body);
    }
    let latin1 = Loopback::start(|_, _| Reply::with(200, &[], b"{\"name\":\"\xe9\"}")).await;
    detail(&read(&client(&latin1), DocumentKind::Server).await);
    let no_list = Loopback::start(|_, _| Reply::json(200, r#"{"value":{}}"#)).await;
    let document = read(&client(&no_list), DocumentKind::FirewallRules).await;
    assert!(detail(&document).contains("no list"), "{document:?}");
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_taken_in_whole() {
    let bomb = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&vec![b' '; 8 << 20]).unwrap();
        encoder.finish().unwrap()
    };
    assert!(bomb.len() < 100_000);
    let azure =
        Loopback::start(move |_, _| Reply::with(200, &[("content-encoding", "gzip")], &bomb)).await;
    let settings = Settings {
        largest_answer: 1 << 20,
        ..Settings::default()
    };
    let document = read(&client_at(&azure.url(), settings), DocumentKind::Server).await;
    assert!(detail(&document).contains("larger than"), "{document:?}");
    assert_eq!(azure.seen().len(), 1);
}

#[tokio::test]
async fn silence_ends_at_the_time_limit_and_a_cancellation_at_once() {
    let azure = Loopback::start(|_, _| Reply::Silence).await;
    let settings = Settings {
        time_limit: Duration::from_millis(50),
        ..Settings::default()
    };
    let document = read(&client_at(&azure.url(), settings), DocumentKind::Server).await;
    assert_eq!(cause(&document), &Cause::TimedOut);
    assert_eq!(azure.seen().len(), 2);

    let cancellation = CancellationToken::new();
    let client = client(&azure).cancelled_by(cancellation.clone());
    let reading = tokio::spawn(async move { read(&client, DocumentKind::Server).await });
    while azure.seen().len() < 3 {
        tokio::task::yield_now().await;
    }
    cancellation.cancel();
    let document = reading.await.unwrap();
    assert_eq!(cause(&document), &Cause::Cancelled);
}

#[tokio::test]
async fn a_cancellation_ends_a_wait_for_the_gate() {
    let azure = Loopback::start(|_, _| Reply::with(429, &[("retry-after", "100")], b"")).await;
    let cancellation = CancellationToken::new();
    let client = client(&azure).cancelled_by(cancellation.clone());
    let reading = tokio::spawn({
        let client = client.clone();
        async move { read(&client, DocumentKind::Server).await }
    });
    while client.pressure().held.is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(client.pressure().held[0].hold, Hold::Limit);
    cancellation.cancel();
    assert_eq!(cause(&reading.await.unwrap()), &Cause::Cancelled);
    assert_eq!(azure.seen().len(), 1);
}

#[tokio::test]
async fn refusals_name_the_missing_action() {
    let azure = Loopback::start(|seen, _| {
        let body = if seen.path().ends_with("/configurations") {
            json!({"error": {"code": "AuthorizationFailed", "message": "The client 'x' does not have authorization to \
                perform action 'Microsoft.DBforMySQL/flexibleServers/configurations/read' over scope '/subscriptions/s1' \
                or the scope is invalid."}})
        } else {
            json!({})
        };
        Reply::json(403, &body.to_string())
    })
    .await;
    let client = client(&azure);
    let denied = |action: &str, scope: &str| Cause::Denied {
        action: action.to_owned(),
        scope: scope.to_owned(),
    };
    assert_eq!(
        cause(&read(&client, DocumentKind::Configurations).await),
        &denied(
            "Microsoft.DBforMySQL/flexibleServers/configurations/read",
            "/subscriptions/s1"
        )
    );
    assert_eq!(
        cause(&read(&client, DocumentKind::FirewallRules).await),
        &denied(
            "Microsoft.DBforMySQL/flexibleServers/firewallRules/read",
            &format!("{SERVER}/firewallRules")
        )
    );
}

#[tokio::test]
async fn a_static_token_that_is_refused_is_not_sent_again() {
    let azure =
        Loopback::start(|_, _| Reply::json(401, r#"{"error":{"code":"InvalidToken"}}"#)).await;
    let document = read(&client(&azure), DocumentKind::Server).await;
    assert_eq!(
        cause(&document),
        &Cause::Failed {
            status: 401,
            code: "InvalidToken".to_owned()
        }
    );
    assert_eq!(azure.seen().len(), 1);
}

#[tokio::test]
async fn an_older_version_is_asked_where_the_newest_is_not_known_and_remembered() {
    let azure = Loopback::start(|seen, _| {
        if seen.target.ends_with("=2021-05-01") {
            page(&[], None)
        } else {
            Reply::json(
                400,
                r#"{"error":{"code":"InvalidApiVersionParameter","message":"supported versions are '2021-05-01'"}}"#,
            )
        }
    })
    .await;
    let client = client(&azure);
    let document = read(&client, DocumentKind::FirewallRules).await;
    assert!(document.body().is_ok(), "{document:?}");
    assert_eq!(document.request.api_version, "2021-05-01");
    let document = read(&client, DocumentKind::FirewallRules).await;
    assert_eq!(document.request.api_version, "2021-05-01");
    let targets: Vec<_> = azure
        .seen()
        .iter()
        .map(|seen| seen.target.clone())
        .collect();
    assert_eq!(targets.len(), 3, "{targets:?}");
}

/// One server per page, in two pages, of two subscriptions; the same one twice.
fn graph(seen: &Seen) -> Reply {
    let question: Value = serde_json::from_str(&seen.body).unwrap();
    assert_eq!(question["options"]["resultFormat"], "objectArray");
    let row = |name: &str| json!({"id": SERVER.replace("/db", &format!("/{name}")), "name": name});
    let body = match question["options"]["$skipToken"].as_str() {
        None => json!({
            "count": 1, "totalRecords": 3, "resultTruncated": "true", "$skipToken": "t1", "data": [row("one")]
        }),
        Some("t1") => json!({
            "count": 2, "totalRecords": 3, "resultTruncated": "false", "data": [row("ONE"), row("two"), {"id": "odd"}]
        }),
        Some(other) => panic!("{other}"),
    };
    Reply::json(200, &body.to_string())
}

#[tokio::test]
async fn only_get_and_the_question_to_resource_graph_are_ever_sent() {
    let azure = Loopback::start(|seen, _| match seen.path() {
        "/providers/Microsoft.ResourceGraph/resources" => graph(seen),
        "/subscriptions" => Reply::json(
            200,
            r#"{"value":[{"subscriptionId":"s1","displayName":"One","tenantId":"t","state":"Enabled"},
                {"subscriptionId":"S1"},{"subscriptionId":"../x"}]}"#,
        ),
        path if path.ends_with("/flexibleServers") => Reply::json(
            200,
            &json!({"value": [{"id": SERVER}, {"id": SERVER.to_uppercase()}]}).to_string(),
        ),
        path if path.ends_with("/db") => Reply::json(200, "{}"),
        _ => page(&[], None),
    })
    .await;
    let client = client(&azure);
    let visible = subscriptions(&client).await.unwrap();
    let found = visible.subscriptions;
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].id.as_str(), found[0].name.as_str()),
        ("s1", "One")
    );
    let every = ServerFilter::default();
    let by_graph = inventory(&client, &["s1".to_owned(), "s2".to_owned()], &every)
        .await
        .unwrap();
    let names: Vec<_> = by_graph.rows.iter().map(|row| row.id.name()).collect();
    assert_eq!(names, ["one", "two"]);
    assert_eq!(by_graph.rejected.len(), 1);
    let by_list = inventory_by_list(&client, "s1", &every).await.unwrap();
    assert_eq!(by_list.rows.len(), 1);
    for kind in DocumentKind::ALL {
        let document = read(&client, kind).await;
        assert_eq!(
            document.body().is_ok(),
            kind.child_path().is_some(),
            "{kind:?}"
        );
    }
    for seen in azure.seen() {
        let allowed = match seen.method.as_str() {
            "GET" => seen.body.is_empty(),
            "POST" => {
                seen.target == "/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01"
            }
            _ => false,
        };
        assert!(allowed, "{seen:?}");
    }
}

#[tokio::test]
async fn resource_graph_is_asked_in_batches_and_its_quota_is_obeyed() {
    let azure = Loopback::start(|seen, before| {
        let question: Value = serde_json::from_str(&seen.body).unwrap();
        assert!(question["subscriptions"].as_array().unwrap().len() <= 300);
        let quota: &[(&str, &str)] = if before == 0 {
            &[
                ("x-ms-user-quota-remaining", "0"),
                ("x-ms-user-quota-resets-after", "00:00:01"),
            ]
        } else {
            &[]
        };
        Reply::with(200, quota, br#"{"data":[],"resultTruncated":"false"}"#)
    })
    .await;
    let ids: Vec<String> = (0..301).map(|number| format!("s{number}")).collect();
    let client = client(&azure);
    assert_eq!(
        inventory(&client, &[], &ServerFilter::default())
            .await
            .unwrap()
            .rows,
        Vec::new()
    );
    assert_eq!(azure.seen().len(), 0);
    inventory(&client, &ids, &ServerFilter::default())
        .await
        .unwrap();
    let seen = azure.seen();
    assert_eq!(seen.len(), 2);
    assert!(seen[1].at - seen[0].at >= Duration::from_secs(1));
}

#[tokio::test]
async fn rows_that_resource_graph_leaves_out_are_an_error_and_not_fewer_servers() {
    for body in [
        r#"{"data":[],"resultTruncated":"true"}"#,
        r#"{"data":{"columns":[],"rows":[]}}"#,
        r#"{"data":[],"$skipToken":"same"}"#,
        r#"{"data":[],"$skipToken":7,"resultTruncated":"false"}"#,
    ] {
        let azure = Loopback::start(move |_, _| Reply::json(200, body)).await;
        let error = inventory(
            &client(&azure),
            &["s1".to_owned()],
            &ServerFilter::default(),
        )
        .await
        .unwrap_err();
        assert!(matches!(error.cause, Cause::Malformed { .. }), "{error}");
    }
}

#[tokio::test]
async fn pages_of_resource_graph_without_end_are_not_taken_in_for_ever() {
    let row = json!({"id": "x".repeat(900 << 10)});
    let large = Loopback::start(move |_, before| {
        let body = json!({"data": [row], "$skipToken": format!("page {before}")});
        Reply::json(200, &body.to_string())
    })
    .await;
    let settings = Settings {
        largest_answer: 1 << 20,
        ..Settings::default()
    };
    let client = client_at(&large.url(), settings);
    let ids = ["s1".to_owned()];
    let error = inventory(&client, &ids, &ServerFilter::default())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("larger than 4 MiB"), "{error}");
    assert_eq!(large.seen().len(), 5);
    let error = estate::ask(&client, &ids, estate::Question::Vaults)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("larger than 4 MiB"), "{error}");
    assert_eq!(large.seen().len(), 10);

    let token = json!({"data": [], "$skipToken": "t".repeat(64 << 10)}).to_string();
    let long = Loopback::start(move |_, _| Reply::json(200, &token)).await;
    let client = client_at(&long.url(), Settings::default());
    let error = estate::ask(&client, &ids, estate::Question::Vaults)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("too long"), "{error}");
    assert_eq!(long.seen().len(), 1);
}

#[test]
fn only_the_chosen_tls_is_in_the_program() {
    let lock = include_str!("../../Cargo.lock");
    for unwanted in ["aws-lc-sys", "aws-lc-rs", "openssl-sys", "native-tls"] {
        assert!(
            !lock.contains(&format!("name = \"{unwanted}\"")),
            "{unwanted} is in Cargo.lock: a default feature of azure_core, azure_identity or reqwest came back"
        );
    }
}
