//! How far a scan is, on standard error: a line that is written over, lines of JSON, or notes alone.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use clap::ValueEnum;
use serde_json::{Value as Json, json};
use tokio::sync::mpsc;
use tokio::time::{Instant, interval};
use unicode_width::UnicodeWidthChar;

use crate::cli::tell;
use crate::documents::text::neutral;
use crate::report::{DocumentKind, write_document_line};
use crate::scan::{Bounds, Meter, Pace, Plan, Progress, held_in_words};

/// How often a line of JSON tells how far it is, while that changes.
const EVERY: Duration = Duration::from_secs(1);

/// How far a scan is, and where that is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Telling {
    /// A line that is written over where standard error is a terminal, else only notes
    #[default]
    Auto,
    /// One JSON object a line: what was found, how far it is once a second while that changes, notes, and the end
    Json,
    /// Nothing but errors
    None,
}

impl Telling {
    /// Tells until the scan has said its last word.
    pub async fn follow(self, progress: mpsc::UnboundedReceiver<Progress>) {
        match self {
            Self::Auto => line(progress).await,
            Self::Json => lines_of_json(progress).await,
            Self::None => silence(progress).await,
        }
    }

    /// Tells what a person should know before anything was asked.
    pub fn note(self, words: &str) {
        match self {
            Self::Auto => tell(format_args!("note: {}", neutral(words))),
            Self::Json => emit(note(words)),
            Self::None => {}
        }
    }

    /// Tells how it ended, where that is told in lines of JSON.
    pub fn end(self, end: Json) {
        if self == Self::Json {
            emit(end);
        }
    }
}

async fn silence(mut progress: mpsc::UnboundedReceiver<Progress>) {
    while progress.recv().await.is_some() {}
}

/// A line that is written over while it is a terminal; notes stand on lines of their own everywhere.
async fn line(mut progress: mpsc::UnboundedReceiver<Progress>) {
    let overwrite = io::stderr().is_terminal();
    let mut line_is_open = false;
    let (mut pace, start) = (Pace::default(), Instant::now());
    while let Some(message) = progress.recv().await {
        match message {
            Progress::Meter(meter) if overwrite => {
                pace.observe(start.elapsed(), &meter);
                let line = in_words(&meter, &pace);
                let line = cut(&line, columns());
                let _ = write!(io::stderr(), "\r\u{1b}[K{line}");
                line_is_open = true;
            }
            Progress::Planned(plan) => pace.plan(plan),
            Progress::Note(note) => {
                if std::mem::take(&mut line_is_open) {
                    tell("");
                }
                tell(format_args!("note: {}", neutral(&note)));
            }
            _ => {}
        }
    }
    if line_is_open {
        tell("");
    }
}

async fn lines_of_json(mut progress: mpsc::UnboundedReceiver<Progress>) {
    let mut beat = interval(EVERY);
    let mut last: Option<Meter> = None;
    let mut told = Instant::now();
    let (mut pace, start) = (Pace::default(), Instant::now());
    loop {
        let message = tokio::select! {
            message = progress.recv() => message,
            _ = beat.tick() => {
                if told.elapsed() >= EVERY && let Some(meter) = last.take() {
                    emit(far(&meter, &pace));
                    told = Instant::now();
                }
                continue;
            }
        };
        match message {
            None => break,
            Some(Progress::Meter(meter)) => {
                pace.observe(start.elapsed(), &meter);
                last = Some(meter);
            }
            Some(Progress::Subscriptions(all)) => {
                emit(json!({"event": "subscriptions", "subscriptions": all.len()}));
            }
            Some(Progress::Planned(plan)) => {
                emit(planned(&plan));
                pace.plan(plan);
            }
            Some(Progress::Note(words)) => emit(note(&words)),
            Some(Progress::Found(_) | Progress::Stored(_)) => {}
        }
    }
    if let Some(meter) = last {
        emit(far(&meter, &pace));
    }
}

fn note(words: &str) -> Json {
    json!({"event": "note", "text": words})
}

/// How many columns the terminal behind standard error has.
fn columns() -> usize {
    match rustix::termios::tcgetwinsize(io::stderr()) {
        Ok(size) if size.ws_col > 1 => usize::from(size.ws_col),
        _ => 80,
    }
}

/// As much of a line as a terminal shows in one row: one that went on in the next row could not be written over.
fn cut(line: &str, columns: usize) -> String {
    let mut width = 0;
    let fits = |c: &char| {
        width += c.width().unwrap_or(0);
        width < columns
    };
    line.chars().take_while(fits).collect()
}

/// What is read: all requests, and they by kind.
fn planned(plan: &Plan) -> Json {
    json!({
        "event": "planned",
        "least": plan.requests.least,
        "most": plan.requests.most,
        "kinds": plan.kinds,
    })
}

fn far(meter: &Meter, pace: &Pace) -> Json {
    let unread: serde_json::Map<String, Json> = meter
        .unread
        .iter()
        .map(|(cause, (count, _))| ((*cause).to_owned(), json!(count)))
        .collect();
    let held: Vec<String> = meter
        .pressure
        .held
        .iter()
        .map(|held| held_in_words(held, |id| id))
        .collect();
    json!({
        "event": "progress",
        "done": meter.done,
        "found": meter.found,
        "requests": meter.requests,
        "reads": meter.reads(),
        "seconds_left": pace.left().seconds(),
        "unread": unread,
        "held": held,
        "retrying": meter.retrying,
    })
}

/// Whoever does not read any more is no reason to stop scanning.
fn emit(event: Json) {
    let _ = write_document_line(&mut io::stderr().lock(), DocumentKind::Progress, event);
}

fn in_words(meter: &Meter, pace: &Pace) -> String {
    let mut line = format!("{} of {} servers · ", meter.done, meter.found);
    match pace.planned().map(|plan| plan.requests) {
        Some(Bounds { most, .. }) if meter.reads() <= most => {
            line += &format!("{} of about {most} requests", meter.reads());
        }
        _ => line += &format!("{} requests", meter.requests),
    }
    if pace.planned().is_some() {
        let left = pace.left();
        line += &match left.seconds() {
            Some(_) => format!(" · {}", left.in_words()),
            // There is no room for why.
            None => " · time left not known yet".to_owned(),
        };
    }
    let unread: u64 = meter.unread.values().map(|(count, _)| count).sum();
    if unread > 0 {
        line += &format!(" · {unread} unread");
    }
    if let Some(held) = meter.pressure.held.first() {
        line += &format!(" · {}", held_in_words(held, |id| id));
    } else if meter.retrying > 0 {
        line += &format!(" · {} reads wait to be tried again", meter.retrying);
    }
    line
}
