//! The program hands scans over: killed at any moment, in a folder of a team, and out of room.

use std::fs;
use std::time::{Duration, Instant};

use flexposture::store::{Folder, Scan, Verification};

use super::Home;
use crate::support::{fleet, scan_all, unlimited};
use flexposture::simulator::Faults;

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_killed_at_any_moment_leaves_whole_scans_only() {
    let scanned = scan_all(fleet(150), unlimited(Faults::none())).await;
    let place = tempfile::tempdir().expect("a folder");
    let file = place.path().join("theirs.flexscan");
    fs::copy(scanned.scan.path(), &file).expect("room");
    let file = file.to_string_lossy().into_owned();

    let began = Instant::now();
    let home = Home::new();
    let whole = home.run(&["scans", "import", &file]).await;
    assert!(whole.status.success(), "{whole:?}");
    let takes = began.elapsed();

    let home = Home::new();
    let folder = Folder::at(home.folder());
    let mut random = fastrand::Rng::with_seed(7);
    let mut unfinished = 0;
    for _ in 0..12 {
        let moment = takes.mul_f64(random.f64());
        let mut child = home
            .command(&["scans", "import", &file])
            .spawn()
            .expect("a program");
        let ended = tokio::time::timeout(moment, child.wait()).await;
        if ended.is_err() {
            child.kill().await.expect("it runs");
            unfinished += 1;
        }
        let files = folder.files().expect("a folder");
        assert!(files.len() <= 1);
        for path in files {
            let found = Scan::open(&path).and_then(|scan| scan.verify(|_, _| true));
            assert_eq!(found.expect("readable"), Some(Verification::Intact));
            fs::remove_file(&path).expect("a file");
        }
    }
    assert!(unfinished > 0, "some were killed");
    let again = home.run(&["scans", "import", &file]).await;
    assert!(again.status.success(), "{again:?}");
    assert_eq!(folder.files().expect("a folder").len(), 1);
}

#[tokio::test]
async fn the_folder_of_a_team_is_an_option_a_variable_or_a_key() {
    let scanned = scan_all(fleet(3), unlimited(Faults::none())).await;
    let file = scanned.scan.path().to_string_lossy().into_owned();
    let home = Home::new();
    let team = home.0.path().join("team");
    let named = team.to_string_lossy().into_owned();
    let imported = home
        .run(&["scans", "import", &file, "--store", &named])
        .await;
    assert!(imported.status.success(), "{imported:?}");
    assert_eq!(Folder::at(team.clone()).files().expect("a folder").len(), 1);
    assert!(
        !home.folder().exists(),
        "the folder of the user is not touched"
    );

    let config = home.0.path().join("flexposture.toml");
    fs::write(&config, "store = \"team\"\n").expect("room");
    let config = config.to_string_lossy().into_owned();
    let by_option = home.run(&["--store", &named, "findings", "--all"]).await;
    let by_variable = home
        .command(&["findings", "--all"])
        .env("FLEXPOSTURE_STORE", &named)
        .output()
        .await
        .expect("a program");
    let by_key = home.run(&["findings", "--all", "--config", &config]).await;
    assert!(
        by_option.status.success() && !by_option.stdout.is_empty(),
        "{by_option:?}"
    );
    assert_eq!(by_option.stdout, by_variable.stdout);
    assert_eq!(by_option.stdout, by_key.stdout);
    let without = home.run(&["findings", "--all"]).await;
    assert_eq!(without.status.code(), Some(2));

    let shown = home.run(&["config", "show", "--config", &config]).await;
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(
        shown.contains("flexposture.toml:1") && shown.contains("team"),
        "{shown}"
    );
    let needless = home.run(&["baseline", "--store", &named]).await;
    assert_eq!(needless.status.code(), Some(2), "it is not ignored");
    fs::write(&config, "store = 1\n").expect("room");
    let wrong = home.run(&["findings", "--all", "--config", &config]).await;
    assert_eq!(wrong.status.code(), Some(2));
    let words = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(
        words.contains("`store` needs the path of a folder"),
        "{words}"
    );
}

#[tokio::test]
async fn a_file_that_is_no_scan_is_refused_with_its_name() {
    let home = Home::new();
    let file = home.0.path().join("theirs.flexscan");
    fs::write(&file, "hello").expect("room");
    let file = file.to_string_lossy().into_owned();
    let refused = home.run(&["scans", "import", &file]).await;
    assert_eq!(refused.status.code(), Some(2));
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(words.contains("theirs.flexscan is not a scan"), "{words}");
}

#[tokio::test]
async fn where_no_more_fits_the_error_names_the_file_and_nothing_else_is_touched() {
    let scanned = scan_all(fleet(150), unlimited(Faults::none())).await;
    let file = scanned.scan.path().to_string_lossy().into_owned();
    let home = Home::new();
    let first = home.run(&["scans", "import", &file]).await;
    assert!(first.status.success(), "{first:?}");
    let to = home.0.path().join("out.flexscan");
    // The limit of a shell holds for the program that it becomes; in blocks of 1024 bytes.
    let mut limited = tokio::process::Command::new("bash");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_flexposture"))
        .args(["scans", "export", &file])
        .arg(&to)
        .env("HOME", home.0.path())
        .env("XDG_DATA_HOME", home.0.path().join("data"));
    let output = tokio::time::timeout(Duration::from_secs(60), limited.output())
        .await
        .expect("an end")
        .expect("a shell");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(words.contains(".flexposture-"), "{words}");
    assert!(!to.exists());
    let left = fs::read_dir(home.0.path())
        .expect("a folder")
        .filter_map(Result::ok);
    let left: Vec<_> = left
        .map(|it| it.file_name())
        .filter(|it| it != "data")
        .collect();
    assert!(left.is_empty(), "{left:?}");
    let verified = home.run(&["scans", "verify"]).await;
    assert!(verified.status.success(), "{verified:?}");
}
