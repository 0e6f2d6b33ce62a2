//! The fuzz targets of `tests/fuzz`, each for a bounded number of inputs that are the same in every run.
//!
//! An input is an example of the target's folder, changed in a few places by a generator with a fixed seed: the test needs
//! no clock and no nightly compiler. `FLEXPOSTURE_FUZZ_RUNS=100000` runs longer, `FLEXPOSTURE_FUZZ_SEED=7` elsewhere, and
//! `FLEXPOSTURE_FUZZ_INPUT=FILE` runs that one input. Every input is written to a file before it is run, so that what
//! hangs or takes the process down is left behind.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fastrand::Rng;

#[path = "../fuzz/src/targets.rs"]
mod targets;

/// Longest input that is made, in bytes.
const LONGEST: usize = 1 << 16;

/// Text that has meant something to somebody: put into inputs as it is.
const WORDS: &[&str] = &[
    "null",
    "true",
    "false",
    "{}",
    "[]",
    "\"\"",
    "0",
    "-1",
    "1e999",
    "9223372036854775808",
    "18446744073709551615",
    "4294967296",
    "65536",
    "\"\\ud800\"",
    "{\"value\":",
    "\"nextLink\":",
    "\"properties\":",
    "[[[[[[[[",
    "{\"a\":{\"a\":",
    "/",
    "..",
    "/../",
    "%2f",
    "%2e%2e",
    "?",
    "#",
    "\\",
    "//",
    "@",
    "=",
    "+",
    "-",
    "'",
    "\"",
    "`",
    "$(id)",
    "${x}",
    ";",
    "|",
    "&&",
    "\n",
    "\r\n",
    "\t",
    "\0",
    "\u{1b}[2J",
    "\u{1b}]0;t\u{7}",
    "\u{1b}[200~",
    "\u{1b}[201~",
    "\u{1b}[<0;1;1M",
    "\u{9b}31m",
    "\u{202e}",
    "\u{200b}",
    "\u{feff}",
    "\u{e0041}",
    "\u{3164}",
    "\u{fe0f}",
    "\u{301}",
    "\u{212a}",
    "İ",
    "ß",
    "名",
    "👩‍👩‍👧",
    "0.0.0.0/0",
    "255.255.255.255",
    "::/0",
    "::ffff:1.2.3.4",
    "10.0.0.0/33",
    "0-65535",
    "65536-1",
    "*",
    "!",
    ":",
    ",",
    "fail:",
    "is:",
    "tag:",
    "severity:",
    "[keys]",
    "[[exemption]]",
    "inherits",
    "#12345",
    "true\n",
    "9999-12-31T23:59:59.9999999Z",
    "-009999-01-01",
    "\u{0}\u{0}\u{0}\u{0}",
    "\u{7f}",
];

/// A run of one target.
struct Run {
    target: targets::Target,
    examples: Vec<Vec<u8>>,
    now: PathBuf,
}

impl Run {
    fn of(name: &str) -> Self {
        let target = *targets::TARGETS
            .iter()
            .find(|target| target.name == name)
            .expect("a target of that name");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fuzz/corpus")
            .join(name);
        let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
            .map(|entry| entry.expect("readable").path())
            .collect();
        files.sort();
        let examples: Vec<Vec<u8>> = files
            .iter()
            .map(|file| std::fs::read(file).expect("readable"))
            .collect();
        assert!(
            !examples.is_empty(),
            "{} holds no example",
            folder.display()
        );
        let left = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
        std::fs::create_dir_all(&left).expect("room");
        Self {
            target,
            examples,
            now: left.join(name),
        }
    }

    /// Runs one input; when it fails, says how to run it again.
    fn one(&self, input: &[u8]) {
        std::fs::write(&self.now, input).expect("room");
        let Err(panic) = catch_unwind(AssertUnwindSafe(|| (self.target.run)(input))) else {
            return;
        };
        let kept = self.now.with_extension("failed");
        std::fs::copy(&self.now, &kept).expect("room");
        eprintln!(
            "the input is in {file}; it begins {start:?}\nrun it alone: FLEXPOSTURE_FUZZ_INPUT={file} cargo test --test it -- \
             --exact fuzz::{name}",
            file = kept.display(),
            start = String::from_utf8_lossy(&input[..input.len().min(600)]),
            name = self.target.name,
        );
        resume_unwind(panic);
    }

    fn all(&self, runs: usize) {
        if let Some(file) = std::env::var_os("FLEXPOSTURE_FUZZ_INPUT") {
            return self.one(&std::fs::read(file).expect("a file"));
        }
        let number = |name: &str| {
            std::env::var(name)
                .ok()
                .map(|it| it.parse().expect("a number"))
        };
        let runs = number("FLEXPOSTURE_FUZZ_RUNS").map_or(runs, |runs: u64| runs as usize);
        let seed = number("FLEXPOSTURE_FUZZ_SEED").unwrap_or(0);
        for example in &self.examples {
            self.one(example);
        }
        let mut rng = Rng::with_seed(seed);
        let (mut slowest, mut slow) = (Duration::ZERO, Vec::new());
        for _ in 0..runs {
            let input = changed(&self.examples, &mut rng);
            let started = Instant::now();
            self.one(&input);
            if started.elapsed() > slowest {
                slowest = started.elapsed();
                slow = input;
            }
        }
        let kept = self.now.with_extension("slowest");
        std::fs::write(&kept, slow).expect("room");
        println!(
            "{}: {runs} inputs, the slowest {slowest:?}: {}",
            self.target.name,
            kept.display()
        );
        let _ = std::fs::remove_file(&self.now);
    }
}

/// An example with some changes.
fn changed(examples: &[Vec<u8>], rng: &mut Rng) -> Vec<u8> {
    let mut input = examples[rng.usize(..examples.len())].clone();
    for _ in 0..1 << rng.u32(0..4) {
        change(&mut input, examples, rng);
        input.truncate(LONGEST);
    }
    input
}

fn change(input: &mut Vec<u8>, examples: &[Vec<u8>], rng: &mut Rng) {
    let at = rng.usize(..=input.len());
    let part = part_of(input, rng);
    match rng.u32(0..12) {
        0 if at < input.len() => input[at] ^= 1 << rng.u32(0..8),
        1 if at < input.len() => input[at] = rng.u8(..),
        2 => input.insert(at, rng.u8(..)),
        3 => drop(input.drain(part)),
        4 => input.truncate(at),
        5 => {
            let copy = input[part].to_vec();
            input.splice(at..at, copy);
        }
        // Much of the same finds what takes time or memory by the square.
        6 => {
            let times = 1 << rng.u32(0..10);
            let copy = input[part].repeat(times);
            input.splice(at..at, copy.into_iter().take(LONGEST));
        }
        7 => {
            let other = &examples[rng.usize(..examples.len())];
            let other = &other[part_of(other, rng)];
            input.splice(part, other.iter().copied());
        }
        8 | 9 => {
            let word = WORDS[rng.usize(..WORDS.len())].bytes();
            input.splice(at..at, word);
        }
        _ => {
            let word = WORDS[rng.usize(..WORDS.len())].bytes();
            input.splice(value_at(input, at), word);
        }
    }
}

fn part_of(input: &[u8], rng: &mut Rng) -> std::ops::Range<usize> {
    let start = rng.usize(..=input.len());
    let most = (input.len() - start).min(1 << rng.u32(0..10));
    start..start + rng.usize(..=most)
}

/// What stands at a place between two marks: a value of JSON or TOML, a word of a line.
fn value_at(input: &[u8], at: usize) -> std::ops::Range<usize> {
    let is_mark = |byte: &u8| b",:{}[]= \n\t/".contains(byte);
    let start = input[..at]
        .iter()
        .rposition(is_mark)
        .map_or(0, |place| place + 1);
    let end = input[at..]
        .iter()
        .position(is_mark)
        .map_or(input.len(), |place| at + place);
    start..end.max(start)
}

/// One test for each target, with how many inputs it takes.
macro_rules! fuzz {
    ($($name:ident: $runs:expr,)*) => {
        $(
            #[test]
            fn $name() {
                Run::of(stringify!($name)).all($runs);
            }
        )*

        #[test]
        fn every_target_is_run() {
            let run = [$(stringify!($name)),*];
            let known: Vec<&str> = targets::TARGETS.iter().map(|it| it.name).collect();
            assert_eq!(run[..], known);
        }
    };
}

fuzz! {
    answers: 150,
    documents: 40,
    rules: 40,
    query: 150,
    theme: 300,
    config: 200,
    exemptions: 200,
    keys: 1_000,
    scan_bytes: 100,
    scan_columns: 100,
    names: 2_000,
    terminal: 2_000,
    text: 2_000,
    tables: 500,
    commands: 100,
}
