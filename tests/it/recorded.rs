//! Recorded answers of Azure, replayed and scanned: every expected value is traced to the file that it stands in.

mod every_condition;
mod neighbours;

use flexposture::baseline::FeatureId;
use flexposture::documents::{Cause, DocumentKind};
use flexposture::posture::{Judgement, Verdict};
use flexposture::simulator::{Options, Replay};
use serde_json::Value;

use crate::support::{TOKEN, findings, judgement, scan_all, shared, verdict};

/// A recorded body.
fn recorded(name: &str) -> Value {
    let folder = shared().expect("looked for before").join("data/arm/real");
    let file = std::fs::read_dir(folder)
        .expect("a folder")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| {
            path.file_name()
                .is_some_and(|file| file.to_string_lossy().starts_with(name))
        })
        .unwrap_or_else(|| panic!("no recording {name}"));
    let text = std::fs::read_to_string(file).expect("a file");
    serde_json::from_str::<Value>(&text).expect("JSON")["body"].take()
}

const LIST_2020: &str = "Microsoft.DBForMySql_flexibleServers__2020-07-01-preview";
const LIST_2021: &str = "Microsoft.DBforMySQL_flexibleServers__2021-05-01__200_ac67ce";
const AZUREHEIGHT_TLS: &str =
    "Microsoft.DBForMySql_flexibleServers_azureheight_configurations_tls_version";
const CCTEST: &str = "cctestmyflexibleserveradeqcukmdv6zs";
const TEST_100: &str = "Microsoft.DBforMySQL_flexibleServers_mysql-flexible-test-100__2021";
const TEST_100_PARAMETERS: &str =
    "Microsoft.DBforMySQL_flexibleServers_mysql-flexible-test-100_configurations";
const CLI_2: &str = "Microsoft.DBforMySQL_flexibleServers_azuredbclitest-000002__2024";
const CLI_2_ADMINISTRATORS: &str =
    "Microsoft.DBforMySQL_flexibleServers_azuredbclitest-000002_administrators";
const CLI_4: &str = "Microsoft.DBforMySQL_flexibleServers_azuredbclitest-000004__2024";

fn unknown(verdict: &Verdict) -> &Cause {
    match verdict {
        Verdict::Unknown(cause) => cause,
        other => panic!("expected Unknown, found {other:?}"),
    }
}

fn parameter<'a>(list: &'a Value, name: &str) -> &'a Value {
    list["value"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|item| item["name"] == name)
        .unwrap_or_else(|| panic!("{name} was not recorded"))
}

#[tokio::test]
async fn recorded_servers_are_judged_by_what_was_recorded_and_nothing_else() {
    let Some(shared) = shared() else {
        println!("left out: no recorded answers beside the repository");
        return;
    };
    let replay = Replay::read(&shared.join("data/arm/real")).expect("recordings");
    let mut scanned = scan_all(replay, Options::new(TOKEN)).await;
    let servers = scanned.servers();

    // Every recorded server appears once: from both lists, the replicas and the single answers.
    let mut names = std::collections::BTreeSet::new();
    for list in [
        LIST_2020,
        LIST_2021,
        "Microsoft.DBforMySQL_flexibleServers_azuredbclitest-000002_replicas",
    ] {
        for item in recorded(list)["value"].as_array().expect("a list") {
            names.insert(item["name"].as_str().expect("a name").to_owned());
        }
    }
    for single in [TEST_100, CLI_2, CLI_4] {
        names.insert(
            recorded(single)["name"]
                .as_str()
                .expect("a name")
                .to_owned(),
        );
    }
    assert_eq!(names, servers.keys().cloned().collect());

    // azureheight: tls_version was recorded alone, as TLSV1.1; the full form never was.
    let azureheight = &servers["azureheight"];
    assert_eq!(recorded(AZUREHEIGHT_TLS)["properties"]["value"], "TLSV1.1");
    assert_eq!(judgement(azureheight, "tls-min"), Judgement::Unmet);
    assert_eq!(
        verdict(azureheight, FeatureId::TransitEncryption),
        Verdict::Fail
    );
    assert_eq!(
        judgement(azureheight, "require-tls"),
        Judgement::Unread(Cause::Absent)
    );

    // The other server of that time: TLSv1.2, but require_secure_transport was not recorded.
    let tls = format!("Microsoft.DBForMySql_flexibleServers_{CCTEST}_configurations_tls_version");
    assert_eq!(recorded(&tls)["properties"]["value"], "TLSv1.2");
    assert_eq!(judgement(&servers[CCTEST], "tls-min"), Judgement::Met);
    assert_eq!(
        unknown(&verdict(&servers[CCTEST], FeatureId::TransitEncryption)),
        &Cause::Absent
    );

    // The shape of 2020 says publicNetworkAccess, sslEnforcement and storageProfile in other places: they are not read
    // as if they were today's.
    for item in recorded(LIST_2020)["value"].as_array().expect("a list") {
        assert_eq!(item["properties"]["publicNetworkAccess"], "Enabled");
        let name = item["name"].as_str().expect("a name");
        let server = &servers[name];
        for feature in [
            FeatureId::VirtualNetworkIntegration,
            FeatureId::PrivateLink,
            FeatureId::PublicNetworkAccess,
            FeatureId::EntraAuthentication,
            FeatureId::CustomerKeyEncryption,
            FeatureId::NativeBackup,
        ] {
            assert_eq!(
                unknown(&verdict(server, feature)),
                &Cause::NotFound,
                "{name} {feature}"
            );
        }
    }

    // mysql-flexible-test-100: the full form and a list of parameters.
    let server = &servers["mysql-flexible-test-100"];
    let (body, parameters) = (recorded(TEST_100), recorded(TEST_100_PARAMETERS));
    assert_eq!(
        parameter(&parameters, "tls_version")["properties"]["value"],
        "TLSv1.2,TLSv1.3"
    );
    assert_eq!(judgement(server, "tls-min"), Judgement::Met);
    assert_eq!(
        parameter(&parameters, "require_secure_transport")["properties"]["value"],
        "ON"
    );
    assert_eq!(judgement(server, "require-tls"), Judgement::Met);
    assert_eq!(verdict(server, FeatureId::TransitEncryption), Verdict::Pass);
    assert_eq!(
        parameter(&parameters, "aad_auth_only")["properties"]["value"],
        "OFF"
    );
    assert_eq!(
        verdict(server, FeatureId::LocalAuthentication),
        Verdict::Fail
    );
    assert_eq!(
        body["properties"]["network"]["publicNetworkAccess"],
        "Enabled"
    );
    assert_eq!(
        verdict(server, FeatureId::PublicNetworkAccess),
        Verdict::Fail
    );
    assert_eq!(
        verdict(server, FeatureId::VirtualNetworkIntegration),
        Verdict::Fail
    );
    assert_eq!(
        judgement(server, "fw-world"),
        Judgement::Unread(Cause::NotFound)
    );
    // This version's full form has no list of endpoints, and the child list was not recorded.
    assert!(
        body["properties"]
            .get("privateEndpointConnections")
            .is_none()
    );
    assert_eq!(
        unknown(&verdict(server, FeatureId::PrivateLink)),
        &Cause::NotFound
    );
    assert!(body["properties"].get("dataEncryption").is_none());
    assert_eq!(
        verdict(server, FeatureId::CustomerKeyEncryption),
        Verdict::Manual
    );
    assert_eq!(body["properties"]["backup"]["backupRetentionDays"], 7);
    assert_eq!(judgement(server, "retention"), Judgement::Met);
    assert_eq!(
        body["properties"]["backup"]["geoRedundantBackup"],
        "Disabled"
    );
    assert_eq!(judgement(server, "geo-backup"), Judgement::Unmet);
    assert_eq!(
        judgement(server, "backup-recent"),
        Judgement::Unread(Cause::NotFound)
    );
    assert_eq!(
        judgement(server, "entra-admin"),
        Judgement::Unread(Cause::NotFound)
    );

    // joyer-mysql: only a row of a list. What the row carries is read; what it lacks means nothing.
    let server = &servers["joyer-mysql"];
    let list = recorded(LIST_2021);
    let row = list["value"]
        .as_array()
        .and_then(|rows| rows.iter().find(|row| row["name"] == "joyer-mysql"))
        .expect("a row");
    assert_eq!(
        row["properties"]["network"]["publicNetworkAccess"],
        "Enabled"
    );
    assert_eq!(judgement(server, "public-disabled"), Judgement::Unmet);
    assert_eq!(
        unknown(&verdict(server, FeatureId::VirtualNetworkIntegration)),
        &Cause::NotFound
    );
    assert_eq!(
        unknown(&verdict(server, FeatureId::CustomerKeyEncryption)),
        &Cause::NotFound
    );
    assert_eq!(row["properties"]["backup"]["backupRetentionDays"], 7);
    assert_eq!(judgement(server, "retention"), Judgement::Met);
    let evidence = &findings(server)[&FeatureId::PublicNetworkAccess].conditions[0].evidence[0];
    assert_eq!(evidence.document, DocumentKind::Inventory);

    // azuredbclitest-000002: identities but no customer-managed key, an empty list of endpoints, an empty list of administrators.
    let server = &servers["azuredbclitest-000002"];
    let body = recorded(CLI_2);
    assert!(body["properties"].get("dataEncryption").is_none());
    assert_eq!(
        verdict(server, FeatureId::CustomerKeyEncryption),
        Verdict::Manual
    );
    assert_eq!(
        body["properties"]["privateEndpointConnections"],
        serde_json::json!([])
    );
    assert_eq!(verdict(server, FeatureId::PrivateLink), Verdict::Fail);
    assert_eq!(
        recorded(CLI_2_ADMINISTRATORS)["value"],
        serde_json::json!([])
    );
    assert_eq!(
        verdict(server, FeatureId::EntraAuthentication),
        Verdict::Fail
    );
    assert_eq!(
        unknown(&verdict(server, FeatureId::TransitEncryption)),
        &Cause::NotFound
    );

    // azuredbclitest-000004: a replica, of which geo-redundant backup is not asked.
    let server = &servers["azuredbclitest-000004"];
    assert_eq!(recorded(CLI_4)["properties"]["replicationRole"], "Replica");
    assert!(matches!(
        judgement(server, "geo-backup"),
        Judgement::NotApplicable(_)
    ));
    assert_eq!(
        verdict(server, FeatureId::VirtualNetworkIntegration),
        Verdict::Fail
    );

    // Nothing that was not recorded is a verdict about the server.
    for (name, documents) in &servers {
        for (feature, finding) in findings(documents) {
            for condition in &finding.conditions {
                if matches!(condition.judgement, Judgement::Met | Judgement::Unmet) {
                    let read = condition.evidence.iter().any(|evidence| {
                        documents
                            .get(evidence.document)
                            .is_some_and(|document| document.body().is_ok())
                    });
                    assert!(read, "{name} {feature} {}", condition.id);
                }
            }
        }
    }
}
