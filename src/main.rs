//! The `flexposture` program: arguments in, exit code out.

use std::process::ExitCode;

/// Documents are trees of small values, made and dropped by several threads at once: with the allocator of glibc a scan took
/// 1.6 times the processor time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    flexposture::cli::main()
}
