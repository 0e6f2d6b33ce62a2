//! The form of a scan file.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Marks a SQLite file as ours: the bytes `flex`.
pub const APPLICATION_ID: i64 = 0x666c_6578;
/// The newest format that this version writes and reads.
///
/// Format 2 added documents that several servers share, the source of a replica, and the settings of a packed list's
/// ruleset. Format 3 added totals, fingerprints, and which subscriptions could not be listed. Format 4 packs the list in a
/// short form. A file of an older format is read as one that has none of them.
pub const FORMAT: i64 = 4;

/// The first format that keeps the settings of a packed list's ruleset.
pub const FORMAT_WITH_SETTINGS: i64 = 2;

/// The first format that keeps documents which several servers share.
pub const FORMAT_WITH_SHARED: i64 = 2;

/// The first format that keeps totals, fingerprints, and which subscriptions could not be listed.
pub const FORMAT_WITH_TOTALS: i64 = 3;

/// The tables of the newest format.
pub const CREATE: &str = "
CREATE TABLE scan (
    id              TEXT NOT NULL,
    started_at      INTEGER NOT NULL,   -- milliseconds since 1970, UTC
    program         TEXT NOT NULL,      -- version of the program that wrote it, then ` watch` where watch mode did
    cloud           TEXT NOT NULL,
    endpoint        TEXT NOT NULL,
    scope           TEXT NOT NULL,      -- what was asked for, in words
    parent          TEXT,               -- id of the scan that this one is laid over
    dictionary      INTEGER NOT NULL,   -- version of the compression dictionary
    finished_at     INTEGER,            -- milliseconds since 1970, UTC; null while running
    completeness    TEXT,               -- complete, cancelled; null while running
    servers         INTEGER,
    digest          TEXT                -- SHA-256 over the documents
) STRICT;
CREATE TABLE subscription (
    ord             INTEGER PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,
    name            TEXT NOT NULL,
    tenant          TEXT,
    state           TEXT,
    delegated       INTEGER NOT NULL,
    unlisted        INTEGER NOT NULL DEFAULT 0  -- 1 when its servers could not be listed
) STRICT;
CREATE TABLE note (
    text            TEXT NOT NULL       -- what a reader of this scan must know, for example what was not visible
) STRICT;
CREATE TABLE server (
    ord             INTEGER PRIMARY KEY,
    key             TEXT NOT NULL UNIQUE,   -- the resource id in lower case
    id              TEXT NOT NULL,
    name            TEXT NOT NULL,
    subscription    TEXT NOT NULL,
    resource_group  TEXT NOT NULL,
    region          TEXT NOT NULL,
    version         TEXT NOT NULL,
    state           TEXT NOT NULL,
    source          TEXT,                   -- of a replica: the id of its source in lower case
    fail            INTEGER NOT NULL,
    unknown         INTEGER NOT NULL,
    pass            INTEGER NOT NULL,
    score           INTEGER,
    summary         BLOB NOT NULL,
    fingerprints    BLOB NOT NULL           -- four bytes for each feature
) STRICT;
CREATE TABLE document (
    server          INTEGER NOT NULL REFERENCES server (ord),
    kind            TEXT NOT NULL,
    method          TEXT NOT NULL,
    path            TEXT NOT NULL,
    api_version     TEXT NOT NULL,
    fetched_at      INTEGER NOT NULL,   -- milliseconds since 1970, UTC
    duration_ms     INTEGER NOT NULL,
    cause           TEXT,               -- why it is unread, as JSON; null when it was read
    body            BLOB,               -- zstd with the dictionary; null when it is unread
    PRIMARY KEY (server, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE shared_document (
    ord             INTEGER PRIMARY KEY,
    kind            TEXT NOT NULL,
    about           TEXT NOT NULL,      -- the id, in lower case, of what it is about
    method          TEXT NOT NULL,
    path            TEXT NOT NULL,
    api_version     TEXT NOT NULL,
    fetched_at      INTEGER NOT NULL,   -- milliseconds since 1970, UTC
    duration_ms     INTEGER NOT NULL,
    cause           TEXT,               -- why it is unread, as JSON; null when it was read
    body            BLOB,               -- zstd with the dictionary; null when it is unread
    UNIQUE (kind, about)
) STRICT;
CREATE TABLE server_shared (
    server          INTEGER NOT NULL REFERENCES server (ord),
    shared          INTEGER NOT NULL REFERENCES shared_document (ord),
    PRIMARY KEY (server, shared)
) STRICT, WITHOUT ROWID;
CREATE TABLE packed (
    ruleset         TEXT NOT NULL PRIMARY KEY,
    settings        TEXT NOT NULL,      -- what the ruleset compares with, as JSON
    list            BLOB NOT NULL       -- zstd, see pack.rs
) STRICT;
CREATE TABLE fingerprints (
    ruleset         TEXT NOT NULL PRIMARY KEY,
    form            INTEGER NOT NULL,   -- version of what goes into them
    list            BLOB NOT NULL       -- zstd, in the order of the packed list
) STRICT;
CREATE TABLE totals (
    ruleset         TEXT NOT NULL PRIMARY KEY,
    totals          TEXT NOT NULL       -- counts and weights of the whole scan, as JSON
) STRICT;
";

/// How a scan ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Completeness {
    /// Everything that it set out to read was asked for.
    Complete,
    /// It was cancelled; what was read until then is kept.
    Cancelled,
    /// It did not end: it is still running, or it was killed.
    Unfinished,
}

impl Completeness {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Cancelled => "cancelled",
            Self::Unfinished => "unfinished",
        }
    }

    /// Of two parts of a whole the one that is less complete.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unfinished, _) | (_, Self::Unfinished) => Self::Unfinished,
            (Self::Cancelled, _) | (_, Self::Cancelled) => Self::Cancelled,
            (Self::Complete, Self::Complete) => Self::Complete,
        }
    }

    /// The completeness for a word of [`Completeness::word`]; anything else is unfinished.
    #[must_use]
    pub fn from_word(word: Option<&str>) -> Self {
        match word {
            Some("complete") => Self::Complete,
            Some("cancelled") => Self::Cancelled,
            _ => Self::Unfinished,
        }
    }
}

/// What is known of a scan when it starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanHeader {
    /// The scan's id: eight hexadecimal digits.
    pub id: String,
    /// When it started.
    pub started_at: Timestamp,
    /// The version of the program that wrote it.
    pub program: String,
    /// The cloud that was asked.
    pub cloud: String,
    /// The origin of Azure Resource Manager that was asked.
    pub endpoint: String,
    /// What was asked for, in words.
    pub scope: String,
    /// The id of the scan that this one is laid over, when it re-reads a part of it.
    pub parent: Option<String>,
}

impl ScanHeader {
    /// What the version of the program is followed by in scans of watch mode.
    const WATCH: &str = " watch";

    /// The same scan as one of watch mode.
    #[must_use]
    pub fn of_watch(mut self) -> Self {
        if !self.is_of_watch() {
            self.program += Self::WATCH;
        }
        self
    }

    /// The version of the program alone, as if a person had made it.
    #[must_use]
    pub fn by_hand(&self) -> String {
        let program = self.program.strip_suffix(Self::WATCH);
        program.unwrap_or(&self.program).to_owned()
    }

    /// Whether watch mode made it, and not a person.
    #[must_use]
    pub fn is_of_watch(&self) -> bool {
        self.program.ends_with(Self::WATCH)
    }
}

/// What is known of a scan without reading its servers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScanInfo {
    /// The file.
    pub path: PathBuf,
    /// What was known when it started.
    pub header: ScanHeader,
    /// When it ended; `None` while it is unfinished.
    pub finished_at: Option<Timestamp>,
    /// How it ended.
    pub completeness: Completeness,
    /// How many servers it holds.
    pub servers: u64,
    /// How many subscriptions were asked.
    pub subscriptions: u64,
    /// What a reader must know, for example what was not visible.
    pub notes: Vec<String>,
    /// The size of the file in bytes.
    pub bytes: u64,
}

/// A new scan id: eight hexadecimal digits.
#[must_use]
pub fn new_scan_id() -> String {
    format!("{:08x}", fastrand::u32(..))
}
