//! Scans on disk: one SQLite file a scan.
