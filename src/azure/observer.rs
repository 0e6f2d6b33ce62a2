//! What the client tells while it works, for a progress screen.

use std::time::Duration;

/// Why a request does not start at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitReason {
    /// Azure's request limit was reached, and it said how long to wait, or the back-off did.
    Throttled,
    /// The last try failed, and the next one waits a little.
    Retry,
}

/// A wait that begins now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The subscription that waits; `None` for reads of the tenant and of Resource Graph.
    pub subscription: Option<String>,
    /// How long.
    pub duration: Duration,
    /// Why.
    pub reason: WaitReason,
}

/// Is told about every request and every wait. The calls come from the tasks that read, and must not block.
pub trait Observer: Send + Sync {
    /// A request is being sent for this subscription; `None` for reads of the tenant and of Resource Graph.
    fn on_request_started(&self, subscription: Option<&str>);

    /// A read waits.
    fn on_wait(&self, wait: &Wait);

    /// An answer came, with the reads that remain in the subscription's bucket when Azure said so.
    fn on_response(&self, subscription: Option<&str>, status: u16, remaining_reads: Option<u32>);
}

/// Listens to nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObserver;

impl Observer for NoObserver {
    fn on_request_started(&self, _: Option<&str>) {}

    fn on_wait(&self, _: &Wait) {}

    fn on_response(&self, _: Option<&str>, _: u16, _: Option<u32>) {}
}
