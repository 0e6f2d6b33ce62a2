//! Scans on disk: one SQLite file a scan.
//!
//! A file holds the raw documents, zstd-compressed with a dictionary that ships with the program, the columns that
//! people with `sqlite3` want, and one packed list for the program's own start. It is written in transactions as it
//! comes in: a kill at any moment leaves it readable and marked as interrupted. A finished file is switched to a
//! rollback journal and never written again, so that it opens on read-only media. Nothing secret goes in: no token,
//! no header that names the caller.

mod bodies;
mod cache;
mod claim;
mod compare;
mod digest;
mod documents;
mod error;
mod fingerprints;
mod folder;
mod handover;
mod harden;
mod lean;
mod listing;
mod media;
mod pack;
mod read;
mod redact;
mod retention;
mod schema;
mod scope;
mod upkeep;
mod verify;
mod write;

pub use bodies::can_be_kept;
pub use cache::Cache;
pub use claim::{Writing, beside, writing};
pub use compare::{ComparedScans, compare};
pub use error::StoreError;
pub use folder::{Folder, ScanChoice};
pub use handover::{Export, Exported, Imported, export, import};
pub use listing::{KnownTotals, Listed, ListedScan, Newest, listed};
pub use read::{Assessed, JudgedAnew, JudgedScan, JudgedUnder, Scan};
pub use retention::Retention;
pub use schema::{Completeness, FORMAT, ScanHeader, ScanInfo, new_scan_id};
pub use scope::{NoTag, Scope, TagFilter};
pub use upkeep::{Fate, Keep, Stays, Thinned, copy, delete, refusal, thin_out};
pub use verify::Verification;
pub use write::Writer;
