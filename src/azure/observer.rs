//! What the client tells while it works, for a progress screen.

use std::time::Duration;

/// Is told about every request. The calls come from the tasks that read, and must not block.
pub trait Observer: Send + Sync {
    /// A request is being sent for this subscription; `None` for reads of the tenant and of Resource Graph.
    fn on_request_started(&self, subscription: Option<&str>);

    /// A try failed, and the next one comes after this pause.
    fn on_retry(&self, subscription: Option<&str>, pause: Duration);

    /// An answer came, with the requests that remain in its bucket when Azure said so.
    fn on_response(&self, subscription: Option<&str>, status: u16, remaining: Option<u32>);
}

/// Listens to nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObserver;

impl Observer for NoObserver {
    fn on_request_started(&self, _: Option<&str>) {}

    fn on_retry(&self, _: Option<&str>, _: Duration) {}

    fn on_response(&self, _: Option<&str>, _: u16, _: Option<u32>) {}
}
