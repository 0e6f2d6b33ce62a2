//! What Azure answered, as serde shapes, and what became of every read.
//!
//! Everything here is plain data that can be stored, sent and compared. No clock, no file, no network, no
//! judgement: whether a value is good is the business of `posture`.

mod at;
mod cause;
mod document;
pub mod fact;
mod key_uri;
mod kind;
pub mod parameters;
mod resource_id;
mod server_documents;
pub mod text;

pub use at::at;
pub use cause::{Cause, CauseKind, Unreachable};
pub use document::{Document, Method, Outcome, Request};
pub use fact::Fact;
pub use key_uri::KeyUri;
pub use kind::{DocumentKind, Reading};
pub use resource_id::{ResourceId, ResourceIdError};
pub use server_documents::{Asked, ServerDocuments, Source, Subscription};
