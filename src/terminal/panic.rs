//! What a panic does to the screen. On the thread that draws it ends the program: the terminal is given
//! back first, then the report is printed where a person sees it. On any other thread the runtime catches
//! it and the program lives on: the report is kept for the error list and the screen stays as it is.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, PanicHookInfo};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::session::Restorer;

/// Reports kept at most; a task that panics again and again must not fill the memory.
const KEPT: usize = 32;

/// The reports of panics that did not end the program.
#[derive(Debug, Clone, Default)]
pub struct PanicReports {
    kept: Arc<Mutex<Vec<String>>>,
}

impl PanicReports {
    /// Takes the reports that have come in since the last call, oldest first.
    #[must_use]
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn keep(&self, report: String) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push(report);
        }
    }
}

/// Installs the hook. The calling thread counts as the one that draws. Before the session is entered and
/// after the terminal was given back, the hook that was there before does its work.
pub fn install(restorer: Restorer) -> PanicReports {
    let reports = PanicReports::default();
    let kept = reports.clone();
    let drawing = thread::current().id();
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() == drawing {
            restorer.restore();
            before(info);
        } else if restorer.is_entered() {
            kept.keep(report(info));
        } else {
            before(info);
        }
    }));
    reports
}

fn report(info: &PanicHookInfo<'_>) -> String {
    let current = thread::current();
    let name = current.name().unwrap_or("unnamed");
    let backtrace = Backtrace::capture();
    let trace = match backtrace.status() {
        BacktraceStatus::Captured => format!("\n{backtrace}"),
        _ => String::new(),
    };
    let payload = info.payload();
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    match info.location() {
        Some(place) => format!("thread {name} panicked at {place}: {message}{trace}"),
        None => format!("thread {name} panicked: {message}{trace}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_taken_once_and_bounded() {
        let reports = PanicReports::default();
        for number in 0..KEPT + 5 {
            reports.keep(format!("report {number}"));
        }
        let taken = reports.take();
        assert_eq!(taken.len(), KEPT);
        assert_eq!(taken[0], "report 0");
        assert!(reports.take().is_empty());
    }
}
