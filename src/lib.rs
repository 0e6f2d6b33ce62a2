//! flexposture: a terminal explorer of the security posture of Azure Database for MySQL
//! Flexible Server fleets against Microsoft's published security baseline for that service.
//!
//! # The way of the data
//!
//! ```text
//! Azure ──HTTP──▶ azure ──documents──▶ scan ──▶ store (SQLite)      what was read, raw, with when and how
//!                                       │          │
//!                          progress     │          ▼
//!                          messages     │      posture ◀── baseline  documents → findings, pure, re-computable
//!                                       ▼          │
//! keys, ticks ──▶ runtime ──messages──▶ app ◀──────┘
//!                    ▲                   │  update(state, message) → effects    pure
//!                    └──────effects──────┤
//!                                        ▼
//!                                      view ──▶ terminal             a frame is a function of the state
//! ```
//!
//! Documents are the truth and findings are derived from them; *unread* is a value of its own, never a
//! pass and never a fail; the state machine does no work, it returns effects as data.
//!
//! # Who may know whom
//!
//! ```text
//! baseline, documents ← posture ← store ← scan ← runtime ← cli ← main
//!           documents ← azure ←┘
//!            posture ← query ← report ← app ← view  simulator → documents
//!            look, terminal, config: know nothing of the domain
//!                            nesting: knows nobody, and whoever reads TOML of a person knows it
//! ```
//!
//! A test reads the `use` lines of every room and fails with the offending line.

#![forbid(unsafe_code)]

pub mod app;
pub mod azure;
pub mod baseline;
pub mod cli;
pub mod config;
pub mod documents;
pub mod look;
mod nesting;
pub mod posture;
pub mod query;
pub mod report;
pub mod runtime;
pub mod scan;
pub mod simulator;
pub mod store;
pub mod terminal;
pub mod view;
