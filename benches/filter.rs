//! How long a letter of the filter takes, with words and with fields, and what is made beside it.
//!
//! `cargo bench --bench filter` makes up fleets of 10,000 and 100,000 servers, types each query letter by letter as the
//! explorer does, narrowing where it may, and prints the median and the worst of all letters, in milliseconds.
//! Absolute times differ from machine to machine.

use std::hint::black_box;
use std::time::{Duration, Instant};

use flexposture::baseline::FeatureId;
use flexposture::documents::{CauseKind, Subscription};
use flexposture::posture::{Cell, Fleet, Score, ServerSummary, Severity, VerdictWord};
use flexposture::query::{Hits, Query, SearchIndex, Vocabulary, complete, filter, find};

const ROUNDS: usize = 5;

const QUERIES: [(&str, &str); 6] = [
    ("words", "prod weu 42"),
    ("word with gaps", "mpw421"),
    ("features", "sev:critical,high fam:ns !state:unknown"),
    ("servers", "sub:7 tag:env=prod region:westeurope"),
    ("score and name", "score:<50 name:0042"),
    (
        "all together",
        "prod sev:high tag:env=prod !region:northeurope",
    ),
];

fn main() {
    for servers in [10_000, 100_000] {
        let fleet = fleet(servers);
        println!("{servers} servers");
        let started = Instant::now();
        let index = SearchIndex::new(&fleet);
        say("index", &[started.elapsed()]);
        let started = Instant::now();
        let vocabulary = Vocabulary::new(&index);
        say("words of completion", &[started.elapsed()]);
        for (what, query) in QUERIES {
            let mut letters = Vec::new();
            for _ in 0..ROUNDS {
                letters.extend(typed(&index, query));
            }
            say(&format!("letter, {what}"), &letters);
        }
        let completed = QUERIES.map(|(_, query)| {
            let started = Instant::now();
            for end in 1..=query.len() {
                black_box(complete(&query[..end], end, &vocabulary));
            }
            started.elapsed() / u32::try_from(query.len()).unwrap_or(1)
        });
        say("completion", &completed);
        let found = ["prod 42", "tls", "private", "zz"].map(|text| {
            let started = Instant::now();
            black_box(find(&index, text, &|| true));
            started.elapsed()
        });
        say("find anything", &found);
    }
}

/// What each letter of a query takes.
fn typed(index: &SearchIndex, text: &str) -> Vec<Duration> {
    let mut within: Option<(Query, Hits)> = None;
    let mut times = Vec::new();
    for end in 1..=text.len() {
        let started = Instant::now();
        let Ok((query, _)) = Query::parse_begun(&text[..end]) else {
            continue;
        };
        let narrowed = within.as_ref().filter(|(wider, _)| query.narrows(wider));
        let hits = filter(index, &query, narrowed.map(|(_, hits)| hits), &|| true);
        times.push(started.elapsed());
        within = hits.map(|hits| (query, hits));
    }
    times
}

fn say(what: &str, times: &[Duration]) {
    let mut times = times.to_vec();
    times.sort_unstable();
    let milliseconds = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1e3);
    let median = milliseconds(times.get(times.len() / 2));
    let worst = milliseconds(times.last());
    println!("  {what:24} {median:8.2} ms, at most {worst:8.2} ms");
}

/// Servers as large fleets have them: some fifty subscriptions, a hundred groups in each, five regions, four tags.
fn fleet(servers: usize) -> Fleet {
    let subscriptions = (0..50).map(|number| Subscription {
        id: format!("{number:08}-0000-4000-8000-000000000000"),
        name: format!("{}-{number}", ["prod", "dev", "test"][number % 3]),
        tenant: None,
        state: None,
        delegated: false,
    });
    let subscriptions: Vec<Subscription> = subscriptions.collect();
    let mut random = fastrand::Rng::with_seed(1);
    let regions = ["westeurope", "northeurope", "eastus", "westus2", "uksouth"];
    let summary = |number: usize, random: &mut fastrand::Rng| {
        let subscription = &subscriptions[number % subscriptions.len()];
        let env = ["prod", "dev", "test"][number % 3];
        let region = random.usize(..regions.len());
        let name = format!(
            "mysql-{env}-{}-{number:06}",
            ["weu", "neu", "eus", "wus", "uks"][region]
        );
        let group = format!("rg-data-{}", random.usize(..5_000));
        let mut cells = [Cell {
            verdict: VerdictWord::Pass,
            severity: None,
            cause: None,
        }; FeatureId::COUNT];
        for cell in &mut cells {
            match random.u8(..10) {
                0 => {
                    cell.verdict = VerdictWord::Fail;
                    cell.severity = Some(Severity::ALL[random.usize(..4)]);
                }
                1 => {
                    cell.verdict = VerdictWord::Unknown;
                    cell.cause = Some(CauseKind::ALL[random.usize(..14)]);
                }
                _ => {}
            }
        }
        ServerSummary {
            id: format!(
                "/subscriptions/{}/resourceGroups/{group}/providers/Microsoft.DBforMySQL/flexibleServers/{name}",
                subscription.id
            )
            .into(),
            name: name.into(),
            resource_group: group.into(),
            subscription: subscription.id.as_str().into(),
            region: regions[region].into(),
            version: ["8.0.37", "8.0.39", "8.4.2", "5.7.44"][random.usize(..4)].into(),
            state: ["Ready", "Ready", "Ready", "Stopped"][random.usize(..4)].into(),
            tags: [
                ("env".into(), env.into()),
                ("owner".into(), format!("team-{}", random.u8(..200)).into()),
                ("cost".into(), format!("{}", random.u16(..2_000)).into()),
                ("app".into(), format!("app-{}", random.u16(..900)).into()),
            ].into(),
            cells,
            open: [0; 4],
            score: Score {
                met: random.u32(..100),
                unmet: random.u32(..100),
            },
            beyond: Score::default(),
        }
    };
    Fleet {
        servers: (0..servers)
            .map(|number| summary(number, &mut random))
            .collect(),
        subscriptions: subscriptions.clone(),
    }
}
