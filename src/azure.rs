//! Azure, read-only: clouds, credentials, the one client of Azure Resource Manager and of Resource Graph.
//!
//! What leaves this room are [documents](crate::documents). What may not enter it: judgement about what was read,
//! files of scans, and anything of the screen.
//!
//! Three properties hold by construction:
//!
//! * **Read-only.** [`ArmClient`] can express a GET, and a POST to Resource Graph's query path. No function takes a
//!   method.
//! * **A token goes only to its own host.** [`Access`] joins an account with the one origin that its tokens may be
//!   sent to; links to another origin are refused and redirects are not followed.
//! * **A real credential never speaks plain http.** [`Access::new`] is the only way to a client, and it refuses.

mod access;
mod arm;
mod cloud;
mod credential;
mod environment;
mod error;
pub mod estate;
pub mod filter;
mod granted;
pub mod graph;
mod http;
mod inventory;
mod link;
mod observer;
mod origin;
mod pressure;
mod secret;
mod server;
mod subscriptions;
mod token;
pub mod versions;

pub use access::{Access, AccessError};
pub use arm::{Answer, ArmClient, Settings};
pub use cloud::{Cloud, CloudError, CloudName, portal_of};
pub use credential::{
    Account, Attempt, AttemptOutcome, CredentialChoice, CredentialKind, CredentialOptions,
    Selection, SelectionError, UnknownCredential, select,
};
pub use environment::Environment;
pub use error::ReadError;
pub use filter::ServerFilter;
pub use granted::{Granted, granted};
pub use http::{CertificateError, CertificateFile, ClientError};
pub use inventory::{
    Inventory, InventoryPages, InventoryRow, MOST_REJECTED, inventory, inventory_by_list,
};
pub use observer::{NoObserver, Observer};
pub use origin::{Origin, OriginError};
pub use pressure::{Allowance, Bucket, Held, Hold, Pressure};
pub use secret::Secret;
pub use server::{read_at, read_document};
pub use subscriptions::{Visible, subscriptions};
pub use token::{Token, TokenCache, TokenError, TokenRequest, TokenSource};

/// Makes ring the provider of cryptography for TLS. To be called before any HTTP client is built, as the first line of
/// `main` and of every test that makes one; calling it again does nothing.
pub fn install_crypto_provider() {
    // An error means that a provider is installed already, which is all that is asked for.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
