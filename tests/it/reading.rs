//! How many requests are under way at once, and how long a network that is gone is waited for: what was asked for is
//! what is done.

use std::time::Duration;

use flexposture::simulator::{Faults, Options, Running};

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

/// For how many seconds a scan waited, as it tells itself.
fn waited(error: &str) -> u64 {
    let (_, after) = error.split_once("given up after ").expect(error);
    let (seconds, _) = after.split_once(" s without a connection").expect(error);
    seconds.parse().expect(error)
}

#[tokio::test]
async fn a_network_that_is_gone_is_waited_for_as_long_as_was_asked() {
    let home = Home::new();
    // Nobody listens there.
    let scan = ["scan", "--arm-endpoint", "http://127.0.0.1:1"];
    let told = home
        .run(&[&scan[..], &["--longest-outage", "1s"]].concat())
        .await;
    assert_ne!(told.code, 0);
    assert!(waited(&told.err) < 60, "{}", told.err);
    home.set("config.toml", "[scan]\nlongest_outage_seconds = 2\n");
    let told = home.run(&scan).await;
    assert!((2..60).contains(&waited(&told.err)), "{}", told.err);
}
