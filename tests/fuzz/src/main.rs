//! The fuzz targets under libFuzzer. The variable `FLEXPOSTURE_FUZZ_TARGET` says which one.
//!
//! No nightly compiler and no other tool is needed; from this folder, with a C++ compiler:
//!
//! ```text
//! RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
//!     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
//!     -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 -Cdebug-assertions" \
//!     cargo build --release --target x86_64-unknown-linux-gnu
//! mkdir -p found/query
//! FLEXPOSTURE_FUZZ_TARGET=query target/x86_64-unknown-linux-gnu/release/flexposture-fuzz \
//!     -max_total_time=300 -rss_limit_mb=2048 -timeout=10 found/query corpus/query
//! ```
//!
//! An input that it finds runs alone with `FLEXPOSTURE_FUZZ_INPUT=FILE cargo test --test it -- --exact fuzz::query`.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

#[path = "targets.rs"]
mod targets;

static TARGET: LazyLock<targets::Target> = LazyLock::new(|| {
    let name = std::env::var("FLEXPOSTURE_FUZZ_TARGET").unwrap_or_default();
    let known = targets::TARGETS.iter().find(|target| target.name == name);
    *known.unwrap_or_else(|| {
        let names: Vec<&str> = targets::TARGETS.iter().map(|target| target.name).collect();
        panic!(
            "FLEXPOSTURE_FUZZ_TARGET is {name:?}; the targets are {}",
            names.join(", ")
        )
    })
});

fuzz_target!(|data: &[u8]| (TARGET.run)(data));
