//! The catalogue against the facts it was made from: a table written out from the baseline page here,
//! and, where the shared reference is at hand, its files row by row.

use std::collections::HashMap;
use std::path::PathBuf;

use flexposture::baseline::{
    CatalogueError, Crosswalk, EMBEDDED, Effect, FamilyCode, FeatureId, Origin, PolicyCoverage,
    PolicyTarget, Support, catalogue, parse,
};

/// A row of the baseline page: control, feature, supported, enabled by default, responsibility.
type Fact = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

/// The 25 features in the order of the page. The name of the third is the workbook's: the page prints none.
const PAGE: [Fact; 25] = [
    (
        "NS-1",
        "Virtual Network Integration",
        "True",
        "False",
        "Customer",
    ),
    (
        "NS-1",
        "Network Security Group Support",
        "True",
        "False",
        "Customer",
    ),
    ("NS-2", "Azure Private Link", "True", "False", "Customer"),
    (
        "NS-2",
        "Disable Public Network Access",
        "True",
        "False",
        "Customer",
    ),
    (
        "IM-1",
        "Azure AD Authentication Required for Data Plane Access",
        "True",
        "False",
        "Shared",
    ),
    (
        "IM-1",
        "Local Authentication Methods for Data Plane Access",
        "True",
        "True",
        "Microsoft",
    ),
    ("IM-3", "Managed Identities", "True", "True", "Microsoft"),
    ("IM-3", "Service Principals", "True", "True", "Microsoft"),
    (
        "IM-7",
        "Conditional Access for Data Plane",
        "True",
        "False",
        "Customer",
    ),
    (
        "IM-8",
        "Service Credential and Secrets Support Integration and Storage in Azure Key Vault",
        "False",
        "Not Applicable",
        "Not Applicable",
    ),
    ("PA-1", "Local Admin Accounts", "True", "True", "Microsoft"),
    (
        "PA-7",
        "Azure RBAC for Data Plane",
        "False",
        "Not Applicable",
        "Not Applicable",
    ),
    ("PA-8", "Customer Lockbox", "True", "False", "Customer"),
    (
        "DP-1",
        "Sensitive Data Discovery and Classification",
        "False",
        "Not Applicable",
        "Not Applicable",
    ),
    (
        "DP-2",
        "Data Leakage/Loss Prevention",
        "False",
        "Not Applicable",
        "Not Applicable",
    ),
    (
        "DP-3",
        "Data in Transit Encryption",
        "True",
        "True",
        "Microsoft",
    ),
    (
        "DP-4",
        "Data at Rest Encryption Using Platform Keys",
        "True",
        "True",
        "Microsoft",
    ),
    (
        "DP-5",
        "Data at Rest Encryption Using CMK",
        "True",
        "False",
        "Customer",
    ),
    (
        "DP-6",
        "Key Management in Azure Key Vault",
        "True",
        "False",
        "Customer",
    ),
    (
        "DP-7",
        "Certificate Management in Azure Key Vault",
        "False",
        "Not Applicable",
        "Not Applicable",
    ),
    (
        "AM-2",
        "Azure Policy Support",
        "False",
        "Not Applicable",
        "Not Applicable",
    ),
    (
        "LT-1",
        "Microsoft Defender for Service / Product Offering",
        "False",
        "Not Applicable",
        "Not Applicable",
    ),
    ("LT-4", "Azure Resource Logs", "True", "False", "Shared"),
    (
        "BR-1",
        "Azure Backup",
        "False",
        "Not Applicable",
        "Not Applicable",
    ),
    (
        "BR-1",
        "Service Native Backup Capability",
        "True",
        "True",
        "Microsoft",
    ),
];

/// The controls of the page with their titles.
const CONTROLS: [(&str, &str); 20] = [
    ("NS-1", "Establish network segmentation boundaries"),
    ("NS-2", "Secure cloud services with network controls"),
    ("IM-1", "Use centralized identity and authentication system"),
    (
        "IM-3",
        "Manage application identities securely and automatically",
    ),
    ("IM-7", "Restrict resource access based on conditions"),
    ("IM-8", "Restrict the exposure of credential and secrets"),
    (
        "PA-1",
        "Separate and limit highly privileged/administrative users",
    ),
    (
        "PA-7",
        "Follow just enough administration (least privilege) principle",
    ),
    (
        "PA-8",
        "Determine access process for cloud provider support",
    ),
    ("DP-1", "Discover, classify, and label sensitive data"),
    (
        "DP-2",
        "Monitor anomalies and threats targeting sensitive data",
    ),
    ("DP-3", "Encrypt sensitive data in transit"),
    ("DP-4", "Enable data at rest encryption by default"),
    (
        "DP-5",
        "Use customer-managed key option in data at rest encryption when required",
    ),
    ("DP-6", "Use a secure key management process"),
    ("DP-7", "Use a secure certificate management process"),
    ("AM-2", "Use only approved services"),
    ("LT-1", "Enable threat detection capabilities"),
    ("LT-4", "Enable logging for security investigation"),
    ("BR-1", "Ensure regular automated backups"),
];

/// The policies that the page maps, with the control under which it does, their effects and versions.
const PAGE_POLICIES: [(&str, &str, &str, &[Effect], &str); 4] = [
    (
        "NS-2",
        "7595c971-233d-4bcf-bd18-596129188c49",
        "Private endpoint should be enabled for MySQL servers",
        &[Effect::AuditIfNotExists, Effect::Disabled],
        "1.0.2",
    ),
    (
        "DP-3",
        "e802a67a-daf5-4436-9ea6-f6d821dd0c5d",
        "Enforce SSL connection should be enabled for MySQL database servers",
        &[Effect::Audit, Effect::Disabled],
        "1.0.1",
    ),
    (
        "DP-5",
        "83cef61d-dbd1-4b20-a4fc-5fbc7da10833",
        "MySQL servers should use customer-managed keys to encrypt data at rest",
        &[Effect::AuditIfNotExists, Effect::Disabled],
        "1.0.4",
    ),
    (
        "BR-1",
        "82339799-d096-41ae-8538-b108becf0970",
        "Geo-redundant backup should be enabled for Azure Database for MySQL",
        &[Effect::Audit, Effect::Disabled],
        "1.0.1",
    ),
];

#[test]
fn every_feature_has_the_facts_of_the_page() {
    assert_eq!(catalogue().baseline_features().count(), PAGE.len());
    let features = catalogue().baseline_features();
    for (feature, (control, name, supported, default, responsibility)) in features.zip(PAGE) {
        let facts = (
            feature.control.as_str(),
            feature.name.as_str(),
            &*feature.supported.to_string(),
            feature.enabled_by_default.as_str(),
            feature.responsibility.as_str(),
        );
        assert_eq!(facts, (control, name, supported, default, responsibility));
    }
    let controls: Vec<_> = catalogue()
        .baseline_controls()
        .map(|c| (c.id.as_str(), c.title.as_str()))
        .collect();
    assert_eq!(controls, CONTROLS);
}

#[test]
fn the_numbers_are_those_of_the_page() {
    let catalogue = catalogue();
    let counts = (
        catalogue.baseline_families().count(),
        catalogue.baseline_controls().count(),
        catalogue.baseline_features().count(),
    );
    assert_eq!(counts, (7, 20, 25));
    let supported = catalogue
        .baseline_features()
        .filter(|feature| feature.supported == Support::Supported)
        .count();
    assert_eq!((supported, counts.2 - supported), (17, 8));
    let noted = |id| catalogue.feature(id).notes.is_some();
    let with_notes: Vec<_> = FeatureId::ALL.into_iter().filter(|id| noted(*id)).collect();
    let expected = [
        FeatureId::LocalAuthentication,
        FeatureId::ConditionalAccess,
        FeatureId::LocalAdminAccounts,
    ];
    assert_eq!(with_notes, expected);
}

#[test]
fn the_policies_of_the_page_never_evaluate_a_flexible_server() {
    let catalogue = catalogue();
    let from_page: Vec<_> = catalogue
        .policies()
        .iter()
        .filter(|p| p.origins.contains(&Origin::BaselinePage))
        .collect();
    assert_eq!(from_page.len(), 4);
    assert_eq!(
        from_page
            .iter()
            .filter(|policy| policy.targets_flexible)
            .count(),
        0
    );
    for (control, guid, name, effects, version) in PAGE_POLICIES {
        let policy = catalogue.policy(guid).expect("a policy of the page");
        assert_eq!(
            (
                policy.name.as_str(),
                &*policy.effects,
                policy.version.as_str()
            ),
            (name, effects, version)
        );
        assert_eq!(policy.target, PolicyTarget::SingleServer);
        assert!(
            catalogue
                .features_of_policy(guid)
                .any(|feature| feature.control == control),
            "{name}"
        );
    }
    let flexible = catalogue
        .policies()
        .iter()
        .filter(|policy| policy.targets_flexible)
        .count();
    assert_eq!(flexible, 8);
    assert_eq!(catalogue.policies().len(), 22);
}

#[test]
fn blind_spots_are_what_no_policy_for_flexible_servers_is_shown_with() {
    let catalogue = catalogue();
    let coverage = |wanted: PolicyCoverage| {
        let has = move |id: &FeatureId| catalogue.feature(*id).policy_coverage(catalogue) == wanted;
        FeatureId::baseline()
            .iter()
            .copied()
            .filter(has)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        coverage(PolicyCoverage::FlexibleServer),
        [
            FeatureId::PublicNetworkAccess,
            FeatureId::LocalAuthentication,
            FeatureId::LocalAdminAccounts,
            FeatureId::PolicySupport,
            FeatureId::DefenderOffering,
            FeatureId::ResourceLogs,
        ]
    );
    assert_eq!(
        coverage(PolicyCoverage::RetiredOnly),
        [
            FeatureId::PrivateLink,
            FeatureId::EntraAuthentication,
            FeatureId::TransitEncryption,
            FeatureId::PlatformKeyEncryption,
            FeatureId::CustomerKeyEncryption,
            FeatureId::NativeBackup,
        ]
    );
    assert_eq!(
        coverage(PolicyCoverage::SubscriptionOnly),
        [FeatureId::DataLossPrevention]
    );
    for feature in catalogue.features() {
        let evaluated = catalogue
            .policies_of_feature(feature.id)
            .any(|policy| policy.targets_flexible);
        assert_eq!(
            feature.blind_spot(catalogue),
            !evaluated,
            "{}",
            feature.name
        );
    }
}

#[test]
fn the_policy_about_sign_in_is_shown_with_sign_in_and_says_where_microsoft_files_it() {
    let catalogue = catalogue();
    let policy = catalogue
        .policy("40e85574-ef33-47e8-a854-7a65c7500560")
        .expect("Entra-only authentication");
    assert_eq!(policy.groups.mcsb_v1, ["DP-4"]);
    assert!(
        policy
            .note
            .as_deref()
            .is_some_and(|note| note.contains("DP-4"))
    );
    assert!(
        catalogue
            .features_of_policy(&policy.guid)
            .any(|f| f.id == FeatureId::LocalAuthentication)
    );
    assert!(
        !catalogue
            .features_of_policy(&policy.guid)
            .any(|f| f.control == "DP-4")
    );
}

#[test]
fn what_has_moved_since_the_page_was_written_is_noted() {
    for id in [
        FeatureId::PrivateLink,
        FeatureId::EntraAuthentication,
        FeatureId::LocalAuthentication,
        FeatureId::TransitEncryption,
        FeatureId::PlatformKeyEncryption,
        FeatureId::PolicySupport,
        FeatureId::DefenderOffering,
        FeatureId::AzureBackup,
        FeatureId::NativeBackup,
    ] {
        assert!(catalogue().feature(id).platform_note.is_some(), "{id}");
    }
}

#[test]
fn logging_takes_the_crosswalk_of_the_control_whose_title_it_carries() {
    let crosswalk = &catalogue().control("lt-4").expect("LT-4").crosswalk;
    assert_eq!(crosswalk.benchmark_control, "LT-3");
    assert!(crosswalk.note.is_some());
    assert_eq!(crosswalk.pci_dss_v3_2_1, ["10.1", "10.2", "10.3"]);
    let others = catalogue()
        .baseline_controls()
        .filter(|control| control.id != "LT-4");
    for control in others {
        assert_eq!(control.crosswalk.benchmark_control, control.id);
    }
}

/// The embedded files, one of them changed.
fn changed(file: &str, from: &str, to: &str) -> Result<(), CatalogueError> {
    let (_, text) = EMBEDDED
        .iter()
        .find(|(name, _)| *name == file)
        .expect("a file of the catalogue");
    assert!(text.contains(from), "{file} no longer holds {from:?}");
    let text = text.replacen(from, to, 1);
    let files = EMBEDDED.map(|(name, original)| {
        (
            name,
            if name == file {
                text.as_str()
            } else {
                original
            },
        )
    });
    parse(&files).map(|_| ())
}

/// The line of the first place where a file holds a text, counted from 1.
fn line_of(file: &str, text: &str) -> usize {
    let (_, content) = EMBEDDED
        .iter()
        .find(|(name, _)| *name == file)
        .expect("a file of the catalogue");
    let place = content
        .find(text)
        .unwrap_or_else(|| panic!("{file} no longer holds {text:?}"));
    content[..place].lines().count() + usize::from(content[..place].ends_with('\n') || place == 0)
}

#[test]
fn a_malformed_file_is_an_error_with_file_and_line() {
    let lockbox = "id = \"customer-lockbox\"";
    let cases: [(&str, &str, &str, &str, &str); 12] = [
        // file, what is changed, into what, where the error must point, what it must say
        (
            "pa.toml",
            lockbox,
            "id = \"customer-lockbox\"\nsupportd = true",
            "name = \"Customer Lockbox\"",
            "supportd",
        ),
        (
            "pa.toml",
            lockbox,
            "id = \"customer-lockbx\"",
            lockbox,
            "customer-lockbx",
        ),
        (
            "pa.toml",
            lockbox,
            "id = \"data-plane-rbac\"",
            lockbox,
            "belongs to PA-7",
        ),
        (
            "im.toml",
            "id = \"service-principals\"",
            "id = \"managed-identities\"",
            "id = \"service-principals\"",
            "twice",
        ),
        (
            "ns.toml",
            "id = \"NS-2\"",
            "id = \"NS-9\"",
            "id = \"NS-2\"",
            "not a control of the family NS",
        ),
        (
            "ns.toml",
            "id = \"NS-2\"",
            "id = \"NS-1\"",
            "id = \"NS-2\"",
            "twice",
        ),
        (
            "ns.toml",
            "code = \"NS\"",
            "code = \"QQ\"",
            "code = \"NS\"",
            "QQ",
        ),
        (
            "br.toml",
            "code = \"BR\"",
            "code = \"NS\"",
            "code = \"BR\"",
            "already given by ns.toml",
        ),
        (
            "dp.toml",
            "policies = [\"e802a67a",
            "policies = [\"e802a67b",
            "policies = [\"e802a67a",
            "does not have",
        ),
        (
            "am.toml",
            "supported = false",
            "supported = true",
            "supported = false",
            "do not fit",
        ),
        (
            "lt.toml",
            "benchmark_control = \"LT-3\"",
            "benchmark_control = \"LT-4\"",
            "benchmark_control = \"LT-3\"",
            "note",
        ),
        ("br.toml", "order = 7", "order = 6", "order = 7", "order 7"),
    ];
    for (file, from, to, place, message) in cases {
        let error = changed(file, from, to).expect_err(to);
        assert_eq!(error.file, file, "{to}: {error}");
        assert!(error.message.contains(message), "{to}: {error}");
        let line = line_of(file, place);
        // A wrong value inside a table may be reported at the table's heading, one line above its first key.
        assert!(
            error.line == line || error.line + 1 == line,
            "{to}: {error}, expected line {line}"
        );
        assert!(
            error
                .to_string()
                .starts_with(&format!("{file}:{}: ", error.line))
        );
    }
}

#[test]
fn a_missing_feature_is_an_error_at_its_control() {
    let (_, text) = EMBEDDED
        .iter()
        .find(|(name, _)| *name == "br.toml")
        .expect("the file");
    let native = text.rfind("[[control.feature]]").expect("the last feature");
    let error = changed("br.toml", &text[native..], "").expect_err("a feature is missing");
    assert_eq!(
        (error.file.as_str(), error.line),
        ("br.toml", line_of("br.toml", "id = \"BR-1\""))
    );
    assert!(error.message.contains("native-backup"), "{error}");
}

#[test]
fn a_missing_family_or_crosswalk_is_an_error() {
    let without: Vec<_> = EMBEDDED
        .into_iter()
        .filter(|(name, _)| *name != "dp.toml")
        .collect();
    let error = parse(&without).expect_err("a family is missing");
    assert_eq!((error.file.as_str(), error.line), ("dp.toml", 1));
    let without: Vec<_> = EMBEDDED
        .into_iter()
        .filter(|(name, _)| *name != "policies.toml")
        .collect();
    assert_eq!(
        parse(&without).expect_err("no policies").file,
        "policies.toml"
    );
    let error =
        changed("am.toml", "[control.crosswalk]", "[control.crosswolk]").expect_err("no crosswalk");
    assert_eq!(error.file, "am.toml");
    assert!(error.message.contains("crosswolk"), "{error}");
    let error = changed(
        "am.toml",
        "nist_sp800_53_r4 = [\"CM-8\", \"PM-5\"]",
        "nist_sp800_53_r4 = []",
    );
    assert!(
        error
            .expect_err("an empty crosswalk")
            .message
            .contains("NIST")
    );
}

#[test]
fn a_policy_given_twice_or_at_odds_with_itself_is_an_error_with_its_line() {
    let first = "guid = \"c9299215-ae47-4f50-9c54-8a392f68a052\"";
    let second = "guid = \"40e85574-ef33-47e8-a854-7a65c7500560\"";
    let error = changed("policies.toml", second, first).expect_err("a GUID twice");
    assert_eq!(
        (error.file.as_str(), error.line),
        ("policies.toml", line_of("policies.toml", second))
    );
    assert!(error.message.contains("twice"), "{error}");
    for (from, to, message) in [
        (first, "guid = \"c9299215-ae47-4f50-9c54\"", "not a GUID"),
        (
            "targets_flexible = true",
            "targets_flexible = false",
            "contradicts its own target type",
        ),
        (
            "target_type = \"Microsoft.DBforMySQL/flexibleServers\"",
            "target_type = \"Microsoft.Sql/servers\"",
            "not about",
        ),
        (
            "origins = [\"MCSB v2 preview\"]",
            "origins = [\"built-in\"]",
            "contradict",
        ),
        (
            "effects = [\"Audit\", \"Deny\", \"Disabled\"]",
            "effects = [\"Audit\", \"Dany\"]",
            "Dany",
        ),
        (
            "effects = [\"Audit\", \"Deny\", \"Disabled\"]",
            "effects = []",
            "no effect",
        ),
    ] {
        let error = changed("policies.toml", from, to).expect_err(to);
        assert_eq!(
            (error.file.as_str(), error.line),
            ("policies.toml", line_of("policies.toml", from)),
            "{error}"
        );
        assert!(error.message.contains(message), "{to}: {error}");
    }
}

/// The folder of the shared reference: named by `FLEXPOSTURE_SHARED`, else beside the repository. Says
/// when absent.
fn shared(what: &str) -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder = std::env::var_os("FLEXPOSTURE_SHARED").map_or(beside, PathBuf::from);
    if folder.join("reference/baseline_facts.csv").is_file() {
        return Some(folder);
    }
    println!("left out: {what} (no shared reference; FLEXPOSTURE_SHARED can name its folder)");
    None
}

/// The rows of a CSV file with quoted fields, by column name.
fn rows(path: PathBuf) -> Vec<HashMap<String, String>> {
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut records: Vec<Vec<String>> = Vec::new();
    let (mut record, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.next_if_eq(&'"').is_some() => field.push('"'),
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut field)),
            '\n' if !quoted => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            '\r' if !quoted => {}
            other => field.push(other),
        }
    }
    if !record.is_empty() || !field.is_empty() {
        record.push(field);
        records.push(record);
    }
    let header = records.remove(0);
    let named = |record: Vec<String>| {
        assert_eq!(record.len(), header.len(), "{}: {record:?}", path.display());
        header.iter().cloned().zip(record).collect()
    };
    records.into_iter().map(named).collect()
}

#[test]
fn every_column_of_the_reference_facts_agrees() {
    let Some(shared) = shared("comparison with baseline_facts.csv") else {
        return;
    };
    let catalogue = catalogue();
    let mut seen = 0;
    for row in rows(shared.join("reference/baseline_facts.csv")) {
        let found = catalogue
            .features()
            .iter()
            .find(|feature| feature.name == row["feature_name"]);
        if row["in_baseline_page"] != "yes" {
            assert!(found.is_none(), "{row:?}");
            continue;
        }
        seen += 1;
        let feature = found.unwrap_or_else(|| panic!("no feature for {row:?}"));
        let control = catalogue.control(&feature.control).expect("its control");
        let family = catalogue.family(control.family);
        let reference = feature.reference.as_ref();
        let facts = [
            ("family_code", family.code.code()),
            ("family", &family.title),
            ("control_id", &control.id),
            ("control_title", &control.title),
            ("feature_name", &feature.name),
            ("supported", &feature.supported.to_string()),
            ("enabled_by_default", feature.enabled_by_default.as_str()),
            ("responsibility", feature.responsibility.as_str()),
            ("in_baseline_page", "yes"),
            ("guidance_kind", feature.guidance_kind.as_str()),
            (
                "reference_title",
                reference.map_or("", |reference| &reference.title),
            ),
            (
                "reference_url",
                reference
                    .and_then(|reference| reference.url.as_deref())
                    .unwrap_or_default(),
            ),
        ];
        assert_eq!(facts.len(), row.len(), "a column is not compared: {row:?}");
        for (column, ours) in facts {
            assert_eq!(ours, row[column], "{column} of {}", feature.name);
        }
    }
    assert_eq!(seen, FeatureId::BASELINE_COUNT);
}

#[test]
fn every_crosswalk_agrees_with_the_reference() {
    let Some(shared) = shared("comparison with mcsb_crosswalk.csv") else {
        return;
    };
    let rows = rows(shared.join("reference/mcsb_crosswalk.csv"));
    for control in catalogue().baseline_controls() {
        let crosswalk: &Crosswalk = &control.crosswalk;
        let row = rows
            .iter()
            .find(|row| row["control_id"] == crosswalk.benchmark_control)
            .expect("a row");
        assert_eq!(
            row["control_domain"],
            catalogue().family(control.family).title,
            "{}",
            control.id
        );
        for (column, ours) in [
            ("cis_v7_1", &crosswalk.cis_v7_1),
            ("cis_v8", &crosswalk.cis_v8),
            ("nist_sp800_53_r4", &crosswalk.nist_sp800_53_r4),
            ("pci_dss_v3_2_1", &crosswalk.pci_dss_v3_2_1),
        ] {
            assert_eq!(ours.join(" "), row[column], "{column} of {}", control.id);
        }
    }
    let logging = catalogue().control("LT-4").expect("LT-4");
    let row = rows
        .iter()
        .find(|row| row["recommendation"] == logging.title)
        .expect("a row of that title");
    assert_eq!(row["control_id"], logging.crosswalk.benchmark_control);
}

#[test]
fn every_policy_agrees_with_the_reference() {
    let Some(shared) = shared("comparison with definitions.csv") else {
        return;
    };
    let catalogue = catalogue();
    let mut seen = 0;
    for row in rows(shared.join("data/policy/definitions.csv")) {
        let Some(policy) = catalogue
            .policies()
            .iter()
            .find(|policy| row["file"] == policy.file)
        else {
            // The Azure Government copy of a GUID that is held once, and the one that only mentions MySQL
            // in a list.
            let other_copy = row["file"].contains("/Azure Government/")
                && catalogue.policy(&row["guid"]).is_some();
            assert!(
                other_copy || row["target_type"].starts_with("Microsoft.DataFactory/"),
                "{row:?}"
            );
            continue;
        };
        seen += 1;
        let effects: Vec<&str> = policy
            .effects
            .iter()
            .map(|effect| effect.as_str())
            .collect();
        let applies = match policy.target {
            PolicyTarget::FlexibleServer => "yes",
            PolicyTarget::SingleServer => "no",
            PolicyTarget::Subscription => "subscription",
        };
        for (column, ours) in [
            ("guid", policy.guid.clone()),
            ("display_name", policy.name.clone()),
            ("version", policy.version.clone()),
            ("effects", effects.join("|")),
            (
                "default_effect",
                policy
                    .default_effect()
                    .map(|effect| effect.to_string())
                    .unwrap_or_default(),
            ),
            ("target_type", policy.target_type.clone()),
            ("applies_to_flexible", applies.to_owned()),
            ("mcsb_v1_groups", policy.groups.mcsb_v1.join(";")),
            (
                "mcsb_v1_gov_groups",
                policy.groups.mcsb_v1_government.join(";"),
            ),
            (
                "mcsb_v2_preview_groups",
                policy.groups.mcsb_v2_preview.join(";"),
            ),
            ("initiative_count", policy.initiatives.to_string()),
        ] {
            assert_eq!(ours, row[column], "{column} of {}", policy.name);
        }
    }
    assert_eq!(seen, catalogue.policies().len());
}

#[test]
fn no_sentence_is_the_page_s_own() {
    let Some(shared) = shared("comparison of the prose with the baseline page") else {
        return;
    };
    let words = |text: &str| -> Vec<String> {
        text.split(|character: char| !character.is_alphanumeric())
            .filter(|w| !w.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    const RUN: usize = 9;
    let page = std::fs::read_to_string(shared.join("reference/mysql-flexible-server-baseline.txt"))
        .expect("the page");
    let page = words(&page);
    let runs: std::collections::HashSet<&[String]> = page.windows(RUN).collect();
    for feature in catalogue().features() {
        let guidance = &feature.guidance;
        let notes = feature.notes.as_deref().unwrap_or_default();
        for text in [
            &feature.description,
            &guidance.meaning,
            &guidance.action,
            &guidance.impact,
            notes,
        ] {
            for run in words(text).windows(RUN) {
                assert!(!runs.contains(run), "{}: {}", feature.name, run.join(" "));
            }
        }
    }
}

#[test]
fn family_codes_lead_to_their_family() {
    for code in FamilyCode::ALL {
        assert_eq!(catalogue().family(code).code, code);
        assert!(
            catalogue().controls_of_family(code).next().is_some(),
            "{code}"
        );
    }
}
