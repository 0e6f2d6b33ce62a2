//! A look at what a scan would read: the subscriptions and the inventory, and nothing after them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use crate::azure::{self, ArmClient};
use crate::documents::Subscription;
use crate::store::Scope;

use super::estimate::Estimate;
use super::find::Finder;
use super::meter::Counter;
use super::queue::Queue;
use super::run::ScanError;
use super::select;
use super::spill::Spill;

/// What a scan would read, and what was seen on the way.
#[derive(Clone, Debug)]
pub struct LookAhead {
    /// What it would read.
    pub estimate: Estimate,
    /// The subscriptions that it would ask.
    pub subscriptions: Vec<Subscription>,
    /// What a reader must know, for example what is not visible.
    pub notes: Vec<String>,
    /// How long an answer took, on average of those that were asked for.
    pub latency: Duration,
    /// The shortest time in which the scan can be made.
    pub least_time: Duration,
}

/// Asks for the subscriptions and the inventory, and works out what a scan would read. Nothing is written.
///
/// # Errors
/// When the subscriptions cannot be listed, or nothing fits the scope.
pub async fn look_ahead(client: &ArmClient, scope: &Scope) -> Result<LookAhead, ScanError> {
    let counter = Arc::new(Counter::default());
    let client = client.clone().observed(counter.clone());
    let started = Instant::now();
    let visible = azure::subscriptions(&client)
        .await
        .map_err(ScanError::Subscriptions)?
        .subscriptions;
    let selected = select::subscriptions(&client, scope, &visible).await?;
    let mut notes = selected.missing;
    let subscriptions = selected.subscriptions;
    let (progress, _) = mpsc::unbounded_channel();
    let (to_disk, _) = mpsc::channel(1);
    let finder = Finder {
        client: client.clone(),
        scope: Arc::new(scope.clone()),
        visible,
        known: None,
        spill: Arc::new(Spill::beside(&std::env::temp_dir().join("look-ahead"))),
        counter: counter.clone(),
        progress,
        to_disk,
    };
    let ids: Vec<(String, String)> = subscriptions
        .iter()
        .map(|it| (it.id.clone(), it.name.clone()))
        .collect();
    let found = Box::pin(finder.find(&ids, &Queue::default())).await?;
    if found.fits_nothing(scope) {
        return Err(ScanError::NothingFits(found.unmatched));
    }
    notes.extend(found.notes);
    notes.extend(found.unmatched);
    // They come one after the other.
    let requests = u32::try_from(counter.requests()).unwrap_or(u32::MAX).max(1);
    let latency = started.elapsed() / requests;
    let estimate = found.estimate;
    let least_time = estimate.least_time(latency, client.settings().concurrency);
    Ok(LookAhead {
        estimate,
        subscriptions,
        notes,
        latency,
        least_time,
    })
}
