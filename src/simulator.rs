//! An Azure Resource Manager endpoint on loopback, for the demo, for tests and for benchmarks.
