//! An Azure that means harm: answers without end, names that lead elsewhere, text that would take over a terminal, a
//! spreadsheet or a shell.

use std::collections::BTreeMap;
use std::time::Duration;

use flate2::{Compress, Compression, FlushCompress};
use flexposture::azure::{
    Access, Account, ArmClient, CertificateFile, Cloud, Secret, ServerFilter, Settings,
    install_crypto_provider, inventory, read_document,
};
use flexposture::baseline::FeatureId;
use flexposture::documents::{Cause, DocumentKind, ResourceId};
use flexposture::posture::{Judgement, VerdictWord};
use flexposture::simulator::{Fault, Faults, Fleet, FleetOptions, Mishap, Turns};
use flexposture::store::Completeness;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::command::Home;
use crate::loopback::{Loopback, Reply};
use crate::support::{TOKEN, findings, fleet, judgement, scan_all, simulate, unlimited};

const SUBSCRIPTION: &str = "11111111-1111-4111-8111-111111111111";

/// Text that would clear a screen, set a title, turn a line round, hide, end a line, or start a formula.
pub const TAINT: &str =
    "=1\u{1b}[2J\u{1b}]0;t\u{7}\u{9b}31m\u{202e}x\u{200b}\u{3164}\r\n\u{85}\0'\"`$(id)|<b>";

/// Whether a text may be shown as it is: no control character but the line end, nothing turned round, nothing hidden.
pub fn is_clean(text: &str) -> bool {
    text.replace("\r\n", "\n").chars().all(|c| {
        c == '\n' || !(c.is_control() || matches!(c, '\u{202e}' | '\u{200b}' | '\u{3164}'))
    })
}

fn client_at(url: &str, settings: Settings) -> ArmClient {
    install_crypto_provider();
    let cloud = Cloud::choose(None, Some(url), None, None).expect("an endpoint");
    let access =
        Access::new(&cloud, Account::Static(Secret::new(TOKEN)), None).expect("this machine");
    ArmClient::new(access, &CertificateFile::default(), settings).expect("a client")
}

fn server_id() -> ResourceId {
    let id = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.DBforMySQL/flexibleServers/db"
    );
    ResourceId::parse(&id).expect("an id")
}

/// Ten gibibytes of spaces as gzip, in some ten mebibytes: a block of one mebibyte that stands for itself, over and over.
fn bomb() -> Vec<u8> {
    let mut block = Vec::with_capacity(1 << 16);
    Compress::new(Compression::best(), false)
        .compress_vec(&vec![b' '; 1 << 20], &mut block, FlushCompress::Full)
        .expect("memory");
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    for _ in 0..10 << 10 {
        bytes.extend_from_slice(&block);
    }
    bytes
}

#[tokio::test]
async fn ten_gibibytes_in_a_small_answer_are_not_unpacked() {
    let bomb = bomb();
    assert!(bomb.len() < 16 << 20, "{}", bomb.len());
    let settings = Settings {
        largest_answer: 4 << 20,
        tries: 1,
        ..Settings::default()
    };
    for status in [200, 500] {
        let bomb = bomb.clone();
        let azure = Loopback::start(move |_, _| {
            Reply::with(status, &[("content-encoding", "gzip")], &bomb)
        })
        .await;
        let document = read_document(
            &client_at(&azure.url(), settings),
            &server_id(),
            DocumentKind::Server,
        )
        .await;
        match document.body().expect_err("nothing was read") {
            Cause::Malformed { detail } => assert!(detail.contains("larger than"), "{detail}"),
            Cause::Failed { status: found, .. } => assert_eq!(*found, status),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn an_answer_that_drips_for_ever_ends_at_the_time_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let dripping = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{";
                let _ = stream.write_all(head).await;
                // Each byte is an answer to whoever only waits for the next one.
                while stream.write_all(b" ").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            });
        }
    });
    let settings = Settings {
        time_limit: Duration::from_millis(100),
        ..Settings::default()
    };
    let document = read_document(
        &client_at(&url, settings),
        &server_id(),
        DocumentKind::Server,
    )
    .await;
    assert_eq!(document.body(), Err(&Cause::TimedOut));
    dripping.abort();
}

#[tokio::test]
async fn pages_of_resource_graph_without_rows_and_without_end_end() {
    let azure = Loopback::start(|_, before| {
        let body =
            json!({"data": [], "$skipToken": format!("t{before}"), "resultTruncated": "true"});
        Reply::json(200, &body.to_string())
    })
    .await;
    let settings = Settings {
        most_pages: 7,
        ..Settings::default()
    };
    let client = client_at(&azure.url(), settings);
    let error = inventory(
        &client,
        &[SUBSCRIPTION.to_owned()],
        &ServerFilter::default(),
    )
    .await
    .expect_err("no end");
    assert!(
        error.cause.to_string().contains("too many pages"),
        "{error}"
    );
    assert!(azure.seen().len() <= 8, "{}", azure.seen().len());
}

#[tokio::test]
async fn a_server_that_is_written_in_several_casings_is_one() {
    let id = server_id();
    let row = |id: String| json!({"id": id, "name": "db", "type": "microsoft.dbformysql/flexibleservers"});
    let azure = Loopback::start({
        let rows = [
            row(id.to_string()),
            row(id.as_str().to_uppercase()),
            row(format!("{}/", id.key())),
        ];
        move |_, before| {
            let last = before > 0;
            let body = json!({"data": rows, "$skipToken": if last { None } else { Some("more") }});
            Reply::json(200, &body.to_string())
        }
    })
    .await;
    let client = client_at(&azure.url(), Settings::default());
    let found = inventory(
        &client,
        &[SUBSCRIPTION.to_owned()],
        &ServerFilter::default(),
    )
    .await
    .expect("an answer");
    assert_eq!((found.rows.len(), found.rejected), (1, Vec::new()));
}

#[tokio::test]
async fn brackets_without_end_are_one_fact_or_one_error_wherever_they_stand() {
    let deep = |before: &str| format!("{before}{}", "[{\"a\":".repeat(10_000));
    let mishap = |before: &str| Mishap::Answer {
        status: 200,
        headers: Vec::new(),
        body: deep(before),
    };
    for path in [
        "*/flexibleServers/*",
        "*/providers/Microsoft.Authorization/locks",
        "/providers/Microsoft.ResourceGraph/resources",
    ] {
        let faults = Faults::none().and(Fault::always(path, mishap("{\"value\":")));
        let scanned = scan_all(fleet(4), unlimited(faults)).await;
        assert_eq!(scanned.done.servers, 4, "{path}");
    }
    // And in an error, whose text is looked for.
    let refused = Mishap::Answer {
        status: 403,
        headers: Vec::new(),
        body: deep("{\"error\":"),
    };
    let faults = Faults::none().and(Fault::always("*/configurations", refused));
    let mut scanned = scan_all(fleet(4), unlimited(faults)).await;
    for server in scanned.servers().values() {
        let judged = judgement(server, "require-tls");
        assert!(matches!(judged, Judgement::Unread(_)), "{judged:?}");
    }
}

/// The paths that a scan asked for.
fn paths(scanned: &crate::support::Scanned) -> Vec<String> {
    scanned
        .requests
        .iter()
        .map(|request| {
            let path = request.path_and_query.split('?').next();
            path.unwrap_or_default().to_ascii_lowercase()
        })
        .collect()
}

#[tokio::test]
async fn an_id_that_would_change_a_path_is_not_asked_for() {
    for odd in [
        "/subscriptions/../providers/Microsoft.Leak/things/x/subnets/s",
        "/subscriptions/./providers/Microsoft.Leak/things/x/subnets/s",
        "/subscriptions/s/../../providers/Microsoft.Leak/x/subnets/s",
        "/subscriptions/s/%2e%2e/providers/Microsoft.Leak/x/subnets/s",
        "/subscriptions/s/providers/Microsoft.Leak/x%2fsubnets/s",
        "/subscriptions/s/providers/Microsoft.Leak/x?api-version=1#/subnets/s",
        "/subscriptions/s\\..\\providers/Microsoft.Leak/x/subnets/s",
        "//evil.example/subscriptions/s/providers/Microsoft.Leak/subnets/s",
        "https://evil.example/subscriptions/s/providers/Microsoft.Leak/subnets/s",
        "/subscriptions/s/\t./providers/Microsoft.Leak/subnets/s",
    ] {
        let body = json!({
            "name": "db", "location": "West Europe", "properties": {
                "state": "Ready", "version": "8.0.21", "replicationRole": "Replica", "sourceServerResourceId": odd,
                "network": {"publicNetworkAccess": "Disabled", "delegatedSubnetResourceId": odd},
                "dataEncryption": {"type": "AzureKeyVault", "primaryKeyURI":
                    format!("https://kv.vault.azure.net/keys/..{odd}"), "primaryUserAssignedIdentityId": odd},
                "privateEndpointConnections": [],
            }
        });
        let answer = Mishap::Answer {
            status: 200,
            headers: Vec::new(),
            body: body.to_string(),
        };
        let faults = Faults::none().and(Fault::always("*/flexibleServers/db-*", answer.clone()));
        let fleet = fleet(1);
        let name = fleet.manifest()["servers"][0]["name"]
            .as_str()
            .expect("a name")
            .to_owned();
        let faults = faults.and(Fault::always(format!("*/flexibleServers/{name}"), answer));
        let mut scanned = scan_all(fleet, unlimited(faults)).await;
        let asked = paths(&scanned);
        assert!(
            !asked
                .iter()
                .any(|path| path.contains("microsoft.leak") || path.contains("..")),
            "{odd}: {asked:#?}"
        );
        let servers = scanned.servers();
        let judged = judgement(&servers[&name], "subnet-nsg");
        assert!(matches!(judged, Judgement::Unread(_)), "{odd}: {judged:?}");
    }
}

#[tokio::test]
async fn a_value_of_another_type_anywhere_never_makes_anything_pass() {
    let fleet = || {
        Fleet::generate(&FleetOptions {
            seed: 5,
            servers: 8,
            denials: false,
            ..FleetOptions::new("2026-11-23T14:00:00Z".parse().expect("a time"))
        })
    };
    let verdicts =
        |documents: &flexposture::documents::ServerDocuments| -> BTreeMap<FeatureId, VerdictWord> {
            findings(documents)
                .into_iter()
                .map(|(feature, finding)| (feature, finding.verdict.word()))
                .collect()
        };
    let mut whole = scan_all(fleet(), unlimited(Faults::none())).await;
    let whole: BTreeMap<String, _> = whole
        .servers()
        .iter()
        .map(|(name, documents)| (name.clone(), verdicts(documents)))
        .collect();
    let mut changed = 0;
    for seed in 0..24 {
        // The inventory decides what is there at all, and has a turn of its own.
        let path = if seed % 4 == 0 {
            "/providers/*"
        } else {
            "/subscriptions/*"
        };
        let faults = Faults::none().and(Fault {
            path: path.to_owned(),
            turns: Turns::PerMille(if seed % 4 == 0 { 1_000 } else { 500 }),
            mishap: Mishap::Scramble(seed),
        });
        let mut scanned = scan_all(fleet(), unlimited(faults)).await;
        assert_eq!(scanned.done.completeness, Completeness::Complete);
        let servers = scanned.servers();
        assert!(
            servers.len() == 8 || !scanned.done.notes.is_empty(),
            "a server is missing and nothing says so: {seed}"
        );
        for (name, documents) in &servers {
            let Some(before) = whole.get(name) else {
                continue;
            };
            for (feature, after) in verdicts(documents) {
                let was = before[&feature];
                changed += usize::from(was != after);
                assert!(
                    after != VerdictWord::Pass || was == VerdictWord::Pass,
                    "{name} {feature:?} was {was:?} and passes: seed {seed}"
                );
            }
        }
    }
    assert!(changed > 100, "only {changed} verdicts differ");
}

#[tokio::test]
async fn no_form_of_a_hostile_fleet_holds_a_raw_character_a_formula_or_a_command() {
    let faults = Faults::none().and(Fault {
        path: "*".to_owned(),
        turns: Turns::PerMille(600),
        mishap: Mishap::Taint(TAINT.to_owned()),
    });
    let running = simulate(fleet(25), unlimited(faults)).await;
    let home = Home::new();
    let scanned = home
        .run(&["scan", "--arm-endpoint", &running.endpoint()])
        .await;
    let told = String::from_utf8_lossy(&scanned.stderr).into_owned();
    assert!(matches!(scanned.status.code(), Some(0 | 4)), "{told}");
    assert!(is_clean(&told), "{told:?}");
    let commands = [
        "findings --all",
        "findings --all --json",
        "fixes --all",
        "permissions",
        "permissions --json",
        "policies",
        "policies --json",
        "scans",
        "scans --json",
        "report --format table --rows findings",
        "report --format plain",
        "report --format json --rows findings",
        "report --format ndjson",
        "report --format csv --rows findings",
        "report --format csv",
        "report --format markdown",
        "report --format html",
        "report --format sarif",
        "report --format ocsf",
        "report --format csv --rows matrix",
        "exemptions list",
        "rejudge",
    ];
    for line in commands {
        let arguments: Vec<&str> = line.split(' ').collect();
        let output = home.run(&arguments).await;
        let text = String::from_utf8(output.stdout).unwrap_or_else(|_| panic!("{line} is no text"));
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{line}: {error}");
        for text in [&text, &error] {
            let bad = text.lines().find(|line| !is_clean(line));
            assert_eq!(bad, None, "{line}");
        }
        if line.contains("csv") {
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let mut rows = 0;
            for record in reader.records() {
                rows += 1;
                for cell in &record.expect("CSV") {
                    let is_number = cell.parse::<f64>().is_ok();
                    assert!(
                        is_number || !cell.starts_with(['=', '+', '-', '@', '\t']),
                        "{cell:?}"
                    );
                }
            }
            assert!(rows >= 25, "{line}: {rows}");
        }
        if line.contains("json") || line.contains("ocsf") || line.contains("sarif") {
            for part in serde_json::Deserializer::from_str(&text).into_iter::<serde_json::Value>() {
                let part = part.unwrap_or_else(|error| panic!("{line}: {error}"));
                every_text(&part, &mut |text| {
                    assert!(is_clean(text), "{line}: {text:?}")
                });
            }
        }
        if line.contains("html") {
            assert!(
                !text.contains("|<b>"),
                "a tag of Azure is a tag of the page"
            );
        }
        if line.starts_with("fixes") {
            for command in text.lines().filter(|line| line.starts_with("az ")) {
                assert!(shlex::split(command).is_some(), "{command}");
            }
        }
    }
}

fn every_text(value: &serde_json::Value, each: &mut impl FnMut(&str)) {
    match value {
        serde_json::Value::String(text) => each(text),
        serde_json::Value::Array(items) => items.iter().for_each(|it| every_text(it, each)),
        serde_json::Value::Object(members) => {
            for (name, member) in members {
                each(name);
                every_text(member, each);
            }
        }
        _ => {}
    }
}
