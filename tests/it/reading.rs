//! How many requests are under way at once, and how long a network that is gone is waited for: what was asked for is
//! what is done.

use std::path::Path;
use std::time::Duration;

use flexposture::documents::{Cause, ServerDocuments};
use flexposture::simulator::{Faults, Options, Running};
use flexposture::store::Scan;

use crate::home::Home;
use crate::support::{fleet, simulate, unlimited};

/// Long enough that requests at once are seen as such.
const LATENCY: Duration = Duration::from_millis(30);

async fn simulated() -> Running {
    let options = Options {
        latency: LATENCY,
        ..unlimited(Faults::none())
    };
    simulate(fleet(3), options).await
}

/// The shortest time between two requests.
fn closest(running: &Running) -> Duration {
    let mut times: Vec<_> = running.requests().iter().map(|it| it.started).collect();
    times.sort_unstable();
    let between = times.windows(2).map(|pair| pair[1] - pair[0]);
    between.min().expect("several requests")
}

#[tokio::test]
async fn one_request_at_once_is_one_at_once_by_option_and_by_config_file() {
    let home = Home::new();
    let running = simulated().await;
    let told = home
        .run(&[
            "scan",
            "--concurrency",
            "1",
            "--arm-endpoint",
            &running.endpoint(),
        ])
        .await;
    assert_eq!(told.code, 0, "{told:?}");
    assert!(closest(&running) >= LATENCY, "{:?}", closest(&running));

    home.set("config.toml", "[scan]\nconcurrency = 1\n");
    let running = simulated().await;
    let endpoint = running.endpoint();
    let told = home.run(&["scan", "--arm-endpoint", &endpoint]).await;
    assert_eq!(told.code, 0, "{told:?}");
    assert!(closest(&running) >= LATENCY, "{:?}", closest(&running));
    let shown = home.run(&["config", "show"]).await.fine();
    assert!(shown.contains("scan.concurrency = 1\n"), "{shown}");
    assert!(shown.contains("scan.longest_outage_seconds = 120\n"));

    home.set("config.toml", "[scan]\nconcurrency = 129\n");
    let told = home.run(&["scan", "--arm-endpoint", &endpoint]).await;
    assert_eq!(told.code, 2, "{told:?}");
    let words = "config.toml:2:15: `scan.concurrency` needs a whole number from 1 to 128";
    assert!(told.err.contains(words), "{}", told.err);
}

/// How many seconds a scan waited for a connection that did not come back, as its unread documents tell.
async fn waited(home: &Home, arguments: &[&str]) -> u64 {
    let running = simulated().await;
    let endpoint = running.endpoint();
    let file = home.name("gone.flexscan");
    let all = ["scan", "--out", &file, "--arm-endpoint", &endpoint];
    let mut child = home.start(&[&all[..], arguments].concat());
    // The servers are found, and the rest of them is being read.
    while running.requests().len() < 6 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    running.take_network_away();
    let ended = tokio::time::timeout(Duration::from_secs(60), child.wait()).await;
    ended.expect("it waits no longer").expect("a child");
    let mut told = Vec::new();
    let mut scan = Scan::open(Path::new(&file)).expect("a scan");
    let each = |documents: ServerDocuments| {
        for document in documents.iter() {
            if let Err(Cause::Unreachable { detail, .. }) = document.body() {
                told.push(detail.clone());
            }
        }
    };
    scan.for_each(each).expect("whole");
    std::fs::remove_file(&file).expect("a file");
    let seconds = told.iter().find_map(|detail| {
        let (_, after) = detail.split_once("given up after ")?;
        after.split_once(" s without a connection")?.0.parse().ok()
    });
    seconds.unwrap_or_else(|| panic!("{told:?}"))
}

#[tokio::test]
async fn a_network_that_goes_away_is_waited_for_as_long_as_was_asked() {
    let home = Home::new();
    let seconds = waited(&home, &["--longest-outage", "1s"]).await;
    assert!((1..60).contains(&seconds), "{seconds}");
    home.set("config.toml", "[scan]\nlongest_outage_seconds = 3\n");
    let seconds = waited(&home, &[]).await;
    assert!((3..60).contains(&seconds), "{seconds}");
}
