//! The language: what is read from a text, and what is wrong with it.

use proptest::prelude::*;

use super::*;
use crate::documents::CauseKind;
use crate::posture::{Score, ServerSummary, Severity, VerdictWord};
use crate::query::test_support::{fleet, summary};
use crate::query::{Hits, SearchIndex, filter};

fn parse(text: &str) -> Query {
    Query::parse(text).unwrap_or_else(|errors| panic!("{text}: {errors:?}"))
}

fn errors(text: &str) -> Vec<(String, String, bool)> {
    let errors = Query::parse(text).expect_err(text);
    errors
        .into_iter()
        .map(|it| {
            (
                text[it.range.clone()].to_owned(),
                it.to_string(),
                it.unfinished,
            )
        })
        .collect()
}

#[test]
fn words_quotes_and_not() {
    let query = parse("  Prod \"West Europe\" !DEV !\"a b\" ! \" ");
    let terms: Vec<_> = query
        .words
        .iter()
        .map(|term| (term.text.as_str(), term.exact, term.not))
        .collect();
    assert_eq!(
        terms,
        [
            ("prod", false, false),
            ("west europe", true, false),
            ("dev", false, true),
            ("a b", true, true),
            (" ", true, false),
        ]
    );
    assert!(parse(" ! \"\" ").is_empty());
    assert_eq!(parse("\"open").words[0].text, "open");
    assert_eq!(parse("10:30 fe80::1 a-b:c \"sev:high\"").words.len(), 4);
    assert_eq!(Query::of_words("sev:high !regoin:x").words.len(), 2);
}

#[test]
fn a_longer_word_narrows_and_a_longer_not_widens() {
    let narrows = |new: &str, old: &str| parse(new).narrows(&parse(old));
    for (new, old, expected) in [
        ("prod", "pro", true),
        ("prod weu", "prod", true),
        ("prod", "", true),
        ("pro", "prod", false),
        ("!prod", "!pro", false),
        ("!pro", "!prod", true),
        ("prod", "\"pro\"", false),
        ("sub:prod", "sub:pro", true),
        ("sub:pro", "sub:prod", false),
        ("sub:\"prod payments\"", "sub:pay", true),
        ("sub:prod", "sub:\"prod\"", false),
        ("sub:a,b", "sub:a", false),
        ("sub:a", "sub:a,b", true),
        ("!sub:a", "!sub:a,b", false),
        ("!sub:a,b", "!sub:a", true),
        ("rg:prod", "sub:prod", false),
        ("tag:env=prod", "tag:env", true),
        ("tag:env", "tag:env=prod", false),
        ("tag:env=prod", "tag:environment", false),
        ("score:<40", "score:<50", true),
        ("score:<60", "score:<50", false),
        ("sev:h", "sev:c,h", true),
        ("sev:c,h", "sev:h", false),
        ("sev:h fam:ns", "sev:h", true),
        ("sev:h !fam:ns", "sev:h", true),
        ("!state:fail,unknown", "!state:fail", true),
        ("state:fail", "!state:pass", false),
        ("!state:pass", "state:fail", false),
        ("sev:high", "state:fail", true),
    ] {
        assert_eq!(narrows(new, old), expected, "{new} in {old}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_the_nearest_word() {
    for (text, part, words, unfinished) in [
        (
            "x regoin:west",
            "regoin",
            "no field is called regoin; did you mean region:?",
            false,
        ),
        (
            "http://x",
            "http",
            "no field is called http; in quotes it is a word",
            false,
        ),
        (
            "sev:critcal",
            "critcal",
            "no severity is called critcal; did you mean critical?",
            false,
        ),
        (
            "!sev:h,purple x",
            "purple",
            "no severity is called purple; critical, high, medium, low",
            false,
        ),
        (
            "sev:",
            "sev:",
            "sev: needs a severity behind it; critical, high, medium, low",
            true,
        ),
        (
            "sub: x",
            "sub:",
            "sub: needs a subscription behind it; for example sub:prod",
            true,
        ),
        (
            "sev:high,",
            ",",
            ", needs a severity behind it; critical, high, medium, low",
            true,
        ),
        (
            "tag:=x",
            "tag:",
            "tag: needs a tag behind it; for example tag:env=prod",
            true,
        ),
        (
            "score:<",
            "<",
            "< is no score; a number from 0 to 100, a range like 50-70, or < > <= >= and a number",
            true,
        ),
        (
            "score:101",
            "101",
            "101 is no score; a number from 0 to 100, a range like 50-70, or < > <= >= and a number",
            false,
        ),
        (
            "score:70-50",
            "70-50",
            "70-50 is no score; a number from 0 to 100, a range like 50-70, or < > <= >= and a number",
            false,
        ),
        (
            "sev:\"crit\"",
            "\"crit\"",
            "no severity is called crit; critical, high, medium, low",
            false,
        ),
    ] {
        let expected = (part.to_owned(), words.to_owned(), unfinished);
        assert_eq!(errors(text), [expected], "{text}");
    }
    let two = errors("sev:purple é regoin:é");
    assert_eq!((&*two[0].0, &*two[1].0), ("purple", "regoin"));
}

/// Three servers: one that fails, one that is unknown, one that passes.
fn servers() -> Vec<ServerSummary> {
    let mut servers = ["mysql-prod-weu-0001", "mysql-dev-neu-0002", "odd"].map(summary);
    let feature = |server: &mut ServerSummary, feature: FeatureId, verdict, severity, cause| {
        server.cells[feature.index()] = Cell {
            verdict,
            severity,
            cause,
        };
    };
    for server in &mut servers {
        for cell in &mut server.cells {
            cell.verdict = VerdictWord::Pass;
        }
    }
    let [fails, unknown, odd] = &mut servers;
    feature(
        fails,
        FeatureId::PublicNetworkAccess,
        VerdictWord::Fail,
        Some(Severity::Critical),
        None,
    );
    feature(
        fails,
        FeatureId::TransitEncryption,
        VerdictWord::Fail,
        Some(Severity::High),
        None,
    );
    feature(
        unknown,
        FeatureId::TransitEncryption,
        VerdictWord::Unknown,
        Some(Severity::High),
        Some(CauseKind::Denied),
    );
    feature(
        odd,
        FeatureId::ReplicaParity,
        VerdictWord::NotApplicable,
        None,
        None,
    );
    fails.tags = [("Env".into(), "Prod".into()), ("team".into(), "a=b".into())].into();
    unknown.tags = [("environment".into(), "nonprod".into())].into();
    unknown.region = "northeurope".into();
    unknown.version = "8.4.2".into();
    unknown.state = "Stopped".into();
    unknown.score = Score { met: 9, unmet: 1 };
    odd.region = "".into();
    odd.subscription = "s2".into();
    odd.resource_group = "rg-data".into();
    odd.score = Score::default();
    servers.into()
}

fn index() -> SearchIndex {
    let mut fleet = fleet(servers());
    fleet.subscriptions[0].name = "Prod Payments".to_owned();
    SearchIndex::new(&fleet)
}

fn rows(index: &SearchIndex, text: &str) -> Vec<u32> {
    filter(index, &parse(text), None, &|| true).unwrap().rows
}

#[test]
fn every_field_finds_what_it_says() {
    let index = index();
    for (text, expected) in [
        ("sub:pay", vec![0, 1]),
        ("sub:\"prod payments\"", vec![0, 1]),
        ("sub:\"prod\"", vec![]),
        ("sub:s1", vec![0, 1]),
        ("!sub:pay", vec![2]),
        ("rg:data", vec![2]),
        ("region:west,north", vec![0, 1]),
        ("region:\"\"", vec![2]),
        ("!region:west", vec![1, 2]),
        ("version:8.0", vec![0, 2]),
        ("version:37", vec![]),
        ("tag:env", vec![0, 1]),
        ("tag:\"env\"", vec![0]),
        ("tag:env=prod", vec![0]),
        ("tag:environment=prod", vec![]),
        ("tag:team=\"a=b\"", vec![0]),
        ("tag:env=", vec![0]),
        ("!tag:env", vec![2]),
        ("name:prod", vec![0]),
        ("name:\"odd\"", vec![2]),
        ("is:stopped", vec![1]),
        ("score:<60", vec![0]),
        ("score:50", vec![0]),
        ("score:>=90,<10", vec![1]),
        ("score:0-100", vec![0, 1]),
        ("!score:<60", vec![1, 2]),
        ("score:<0", vec![]),
        ("sev:critical", vec![0]),
        ("sev:h", vec![0]),
        ("state:unknown", vec![1]),
        ("state:na", vec![2]),
        ("cause:denied", vec![1]),
        ("fam:dp state:fail", vec![0]),
        ("fam:dp sev:critical", vec![]),
        ("control:ns-2 state:fail", vec![0]),
        ("feature:transit state:fail,unknown", vec![0, 1]),
        ("policy:entra !state:pass", vec![]),
        ("state:fail !sev:critical,high", vec![]),
        ("state:fail !fam:ns", vec![0]),
        ("!state:fail", vec![1, 2]),
        ("!state:fail !state:unknown", vec![2]),
        ("!fam:ns", vec![]),
        ("mysql state:unknown", vec![1]),
        ("mysql !state:fail", vec![1]),
        ("SEV:H Family:dp", vec![0]),
    ] {
        assert_eq!(rows(&index, text), expected, "{text}");
    }
}

#[test]
fn a_cell_fits_what_is_said_of_features_and_only_that() {
    let servers = servers();
    let admitted = |text: &str| -> Vec<FeatureId> {
        let query = parse(text);
        let features = query.features();
        features
            .filter(|feature| query.admits(*feature, servers[0].cell(*feature)))
            .collect()
    };
    assert_eq!(
        admitted("state:fail nothing-like-it"),
        [FeatureId::PublicNetworkAccess, FeatureId::TransitEncryption]
    );
    assert_eq!(
        admitted("state:fail !fam:ns"),
        [FeatureId::TransitEncryption]
    );
    assert_eq!(
        admitted("!state:pass"),
        [FeatureId::PublicNetworkAccess, FeatureId::TransitEncryption]
    );
    assert_eq!(admitted("sub:x").len(), FeatureId::COUNT);
    assert_eq!(parse("fam:ns").features().count(), 4);
    assert!(!parse("sub:x").is_about_features() && parse("sev:h").is_about_features());
}

#[test]
fn a_server_that_changes_is_found_by_what_it_is_now_in_fields_too() {
    let mut fleet = fleet(servers());
    let mut index = SearchIndex::new(&fleet);
    fleet.servers[1].state = "Ready".into();
    fleet.servers[1].tags = [("owner".into(), "x".into())].into();
    fleet.servers[1].cells = fleet.servers[2].cells;
    fleet.subscriptions[0].name = "Payments".to_owned();
    index.update(&fleet, &[1]);
    assert_eq!(rows(&index, "is:stopped"), [0_u32; 0]);
    assert_eq!(rows(&index, "tag:environment"), [0_u32; 0]);
    assert_eq!(rows(&index, "tag:owner"), [1]);
    assert_eq!(rows(&index, "state:unknown"), [0_u32; 0]);
    assert_eq!(rows(&index, "sub:payments"), [0, 1]);
}

/// A part of a query, most often one that is right.
fn part() -> impl Strategy<Value = String> {
    let words = vec![
        "prod",
        "m",
        "mysql",
        "0",
        "!dev",
        "!\"odd\"",
        "\"prod\"",
        "mwu",
        "sev:c,h",
        "sev:h",
        "state:fail",
        "state:p",
        "!state:unknown",
        "!state:fail,na",
        "fam:dp",
        "fam:ns,dp",
        "!fam:ns",
        "cause:d",
        "control:ns",
        "feature:t",
        "policy:entra",
        "sub:p",
        "sub:pay",
        "!sub:s2",
        "rg:rg",
        "rg:\"rg\"",
        "region:west",
        "region:\"\"",
        "version:8",
        "version:8.0",
        "tag:e",
        "tag:env=p",
        "tag:env=",
        "!tag:team",
        "name:0",
        "is:s",
        "score:<60",
        "score:50-95",
        "!score:>90",
    ];
    proptest::sample::select(words).prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn narrowing_by_words_and_fields_finds_what_a_full_search_finds(
        steps in proptest::collection::vec(proptest::collection::vec(part(), 0..4), 1..6),
        by_letter: bool,
    ) {
        let index = index();
        let mut within: Option<(Query, Hits)> = None;
        let text = steps.iter().flatten().cloned().collect::<Vec<_>>().join(" ");
        let typed: Vec<String> = if by_letter {
            text.char_indices().map(|(end, c)| text[..end + c.len_utf8()].to_owned()).collect()
        } else {
            steps.iter().map(|parts| parts.join(" ")).collect()
        };
        for text in typed {
            let Ok(query) = Query::parse(&text) else { continue };
            let narrowed = within.as_ref().filter(|(wider, _)| query.narrows(wider)).map(|(_, hits)| hits);
            let found = filter(&index, &query, narrowed, &|| true).unwrap();
            prop_assert_eq!(&found, &filter(&index, &query, None, &|| true).unwrap(), "{}", text);
            within = Some((query, found));
        }
    }

    #[test]
    fn a_server_is_shown_when_and_only_when_its_cells_say_so(parts in proptest::collection::vec(part(), 1..4)) {
        let text = parts.into_iter().filter(|it| {
            let name = it.trim_start_matches('!').split_once(':').map(|(name, _)| name);
            matches!(name, Some("sev" | "state" | "fam" | "cause" | "control" | "feature" | "policy"))
        }).collect::<Vec<_>>();
        let query = parse(&text.join(" "));
        let shown = filter(&index(), &query, None, &|| true).unwrap().rows;
        for (place, server) in servers().iter().enumerate() {
            let mut cells = FeatureId::ALL.into_iter().map(|feature| query.admits(feature, server.cell(feature)));
            let expected = if text.iter().all(|it| it.starts_with('!')) {
                cells.all(|it| it)
            } else {
                cells.any(|it| it)
            };
            prop_assert_eq!(shown.contains(&u32::try_from(place).unwrap()), expected, "{:?}", text);
        }
    }

    #[test]
    fn no_text_panics_and_every_place_lies_between_characters(
        text in prop_oneof!["\\PC{0,40}", "([a-z]{2,5}:|[!\",=<é \t]|sev:|tag:|score:|\\PC){0,12}"],
    ) {
        match Query::parse(&text) {
            Ok(query) => {
                prop_assert!(query.narrows(&query));
                let hits = filter(&index(), &query, None, &|| true).unwrap();
                prop_assert!(hits.rows.is_sorted());
            }
            Err(errors) => {
                prop_assert!(!errors.is_empty());
                let mut end = 0;
                for error in errors {
                    prop_assert!(text.get(error.range.clone()).is_some_and(|part| !part.is_empty()));
                    prop_assert!(error.range.start >= end, "in order and apart");
                    end = error.range.end;
                    prop_assert!(!error.to_string().is_empty());
                }
            }
        }
        let _ = Query::of_words(&text);
    }
}
