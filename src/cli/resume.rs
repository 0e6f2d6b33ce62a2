//! Going on with a scan that was broken off or cancelled.

use std::path::PathBuf;

use anyhow::{Context, bail};
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

use crate::azure::{Environment, Settings};
use crate::runtime::Resumed;
use crate::scan::Known;
use crate::store::{Completeness, FORMAT, Folder, Scan, ScanHeader, Scope, Writer, new_scan_id};

use super::azure_arguments::AzureArguments;
use super::scan_choice::ScanArgument;
use super::starter::{DEMO, is_of};

/// How old a document may be before it is read again, unless somebody says otherwise.
pub const STALE_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Going on with a scan.
pub struct Resuming {
    /// What may be wrong although a credential was found.
    pub hints: Vec<String>,
    /// What it needs.
    pub resumed: Resumed,
    /// What is done, in words.
    pub words: String,
}

/// Prepares going on with a scan: a file, an id or its beginning, else the newest one that was broken off or cancelled.
///
/// # Errors
/// When there is no such scan, when another process writes it, or when it was read from elsewhere.
pub fn prepare_resume(
    azure: &AzureArguments,
    settings: Settings,
    scan: Option<String>,
    stale_after: SignedDuration,
) -> anyhow::Result<Resuming> {
    let path: PathBuf = match scan {
        Some(name) => ScanArgument { scan: Some(name) }.find(Folder::of_user())?,
        None => Folder::of_user()?.newest_incomplete()?,
    };
    let scan = Scan::open(&path)?;
    let info = scan.info()?;
    let header = &info.header;
    if header.parent.is_some() {
        bail!(
            "{} is a refresh of another scan, which is not resumed: refresh again",
            path.display()
        );
    }
    if header.scope.starts_with(DEMO) {
        bail!("{} is a scan of a demo, which has ended", path.display());
    }
    let scope = Scope::parse(&header.scope).with_context(|| {
        format!(
            "what {} was asked for cannot be told from its words ({}): scan anew",
            path.display(),
            header.scope
        )
    })?;
    let connection = azure.connect(&Environment::of_process(), settings)?;
    is_of(header, &connection.cloud, &connection.client)?;
    let now = Timestamp::now();
    let fresh_since = now
        .checked_sub(stale_after)
        .context("the time of --stale-after is too long")?;
    // A file with an end is never written again, nor is one of an older form.
    let in_place = info.completeness == Completeness::Unfinished && scan.format() == FORMAT;
    drop(scan);
    let (mut writer, header, note) = if in_place {
        let note = format!("this scan was broken off, and resumed at {now:.0}");
        (Writer::reopen(&path)?, header.clone(), note)
    } else {
        let header = ScanHeader {
            id: new_scan_id(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            ..header.clone()
        };
        let header = if info.header.is_of_watch() {
            header.of_watch()
        } else {
            header
        };
        let note = format!(
            "this scan goes on at {now:.0} from the {} scan {}",
            info.completeness.word(),
            info.header.id
        );
        let file = Folder::holding(&path).file_for(&header);
        (Writer::create(&file, &header)?, header, note)
    };
    let begun = writer
        .note(&note)
        .and_then(|()| Known::open(&path, fresh_since));
    let known = match begun {
        Ok(known) => known,
        Err(error) => {
            // An empty file would be the newest scan; of the two errors the first one says more.
            let _ = writer.discard();
            return Err(error.into());
        }
    };
    Ok(Resuming {
        hints: connection.hints,
        words: format!("{}: {note}", writer.path().display()),
        resumed: Resumed {
            client: connection.client,
            scope,
            known,
            header,
            writer,
        },
    })
}

/// A length of time in the form that people write: `24h`, `1 day 6 hours`.
///
/// # Errors
/// When it is none, or not longer than nothing.
pub fn duration(text: &str) -> Result<SignedDuration, String> {
    let days = SpanRelativeTo::days_are_24_hours();
    let duration = text
        .parse::<Span>()
        .and_then(|span| span.to_duration(days))
        .map_err(|error| format!("{error}; write for example 24h or 2 days"))?;
    if duration > SignedDuration::ZERO {
        Ok(duration)
    } else {
        Err("it must be longer than nothing".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_written_as_people_do() {
        assert_eq!(duration("24h"), Ok(SignedDuration::from_hours(24)));
        assert_eq!(
            duration("1 day 6 hours"),
            Ok(SignedDuration::from_hours(30))
        );
        for text in ["", "soon", "0s", "-1h", "1 month"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
