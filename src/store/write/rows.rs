//! A server and its documents as rows.

use rusqlite::{OptionalExtension, params};

use crate::documents::{Document, Outcome, ServerDocuments};
use crate::posture::{Standing, VerdictWord};
use crate::store::bodies::Bodies;

use super::as_sql;

/// Keeps a server as lists need it, in the place of what was there; its number.
pub(super) fn put_server(
    transaction: &rusqlite::Transaction<'_>,
    documents: &ServerDocuments,
    standing: &Standing,
) -> rusqlite::Result<i64> {
    let summary = &standing.summary;
    let packed = postcard::to_stdvec(summary).map_err(as_sql)?;
    let count = |verdict| i64::try_from(summary.count(verdict)).unwrap_or(i64::MAX);
    transaction
        .prepare_cached(
            "INSERT INTO server (key, id, name, subscription, resource_group, region, version, state,
                                 fail, unknown, pass, score, summary, source, fingerprints)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
             ON CONFLICT (key) DO UPDATE SET
                 id = excluded.id, name = excluded.name, subscription = excluded.subscription,
                 resource_group = excluded.resource_group, region = excluded.region, version = excluded.version, state = excluded.state,
                 fail = excluded.fail, unknown = excluded.unknown, pass = excluded.pass,
                 score = excluded.score, summary = excluded.summary, source = excluded.source,
                 fingerprints = excluded.fingerprints
             RETURNING ord",
        )?
        .query_row(
            params![
                documents.id().key(),
                documents.id().as_str(),
                summary.name,
                summary.subscription,
                summary.resource_group,
                summary.region,
                summary.version,
                summary.state,
                count(VerdictWord::Fail),
                count(VerdictWord::Unknown),
                count(VerdictWord::Pass),
                summary.score.percent(),
                packed,
                documents.source_id().map(|source| source.key()),
                standing.fingerprints.to_bytes(),
            ],
            |row| row.get(0),
        )
}

/// Keeps a document that several servers share, once, and notes that this server is one of them. Of several the better
/// one is kept: one that was read goes before one that was not, and of two alike the newer one counts. Returns its number
/// where they say different things, so that some server was judged by another one than is kept.
pub(super) fn put_shared(
    transaction: &rusqlite::Transaction<'_>,
    bodies: &mut Bodies,
    server: i64,
    about: &str,
    document: &Document,
) -> rusqlite::Result<Option<i64>> {
    let known: Option<(i64, Option<String>, i64)> = transaction
        .prepare_cached(
            "SELECT ord, cause, fetched_at FROM shared_document WHERE kind = ?1 AND about = ?2",
        )?
        .query_row(params![document.kind.slug(), about], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let fetched_at = document.fetched_at.as_millisecond();
    let is_better = known.as_ref().is_none_or(|(_, cause, before)| {
        (document.body().is_ok(), fetched_at) > (cause.is_none(), *before)
    });
    let differs = match (&known, &document.outcome) {
        (None, _) => false,
        (Some((_, None, before)), Outcome::Read(_)) => *before != fetched_at,
        (Some((_, Some(known), _)), Outcome::Unread(cause)) => {
            *known != serde_json::to_string(cause).map_err(as_sql)?
        }
        (Some(_), _) => true,
    };
    let ord = match known {
        Some((ord, ..)) if !is_better => ord,
        _ => {
            let (cause, body) = outcome(bodies, document)?;
            transaction
                .prepare_cached(
                    "INSERT INTO shared_document
                         (kind, about, method, path, api_version, fetched_at, duration_ms, cause, body)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                     ON CONFLICT (kind, about) DO UPDATE SET
                         method = excluded.method, path = excluded.path, api_version = excluded.api_version,
                         fetched_at = excluded.fetched_at, duration_ms = excluded.duration_ms,
                         cause = excluded.cause, body = excluded.body
                     RETURNING ord",
                )?
                .query_row(
                    params![
                        document.kind.slug(),
                        about,
                        document.request.method.as_str(),
                        document.request.path,
                        document.request.api_version,
                        fetched_at,
                        document.duration_ms,
                        cause,
                        body,
                    ],
                    |row| row.get(0),
                )?
        }
    };
    transaction
        .prepare_cached("INSERT OR IGNORE INTO server_shared (server, shared) VALUES (?1, ?2)")?
        .execute(params![server, ord])?;
    Ok(differs.then_some(ord))
}

/// The cause as JSON, or the body packed.
fn outcome(
    bodies: &mut Bodies,
    document: &Document,
) -> rusqlite::Result<(Option<String>, Option<Vec<u8>>)> {
    Ok(match &document.outcome {
        Outcome::Read(body) => (None, Some(bodies.pack(body).map_err(as_sql)?)),
        Outcome::Unread(cause) => (Some(serde_json::to_string(cause).map_err(as_sql)?), None),
    })
}

/// Keeps a document of one server.
pub(super) fn put_document(
    transaction: &rusqlite::Transaction<'_>,
    bodies: &mut Bodies,
    server: i64,
    document: &Document,
) -> rusqlite::Result<()> {
    let (cause, body) = outcome(bodies, document)?;
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO document
                 (server, kind, method, path, api_version, fetched_at, duration_ms, cause, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            server,
            document.kind.slug(),
            document.request.method.as_str(),
            document.request.path,
            document.request.api_version,
            document.fetched_at.as_millisecond(),
            document.duration_ms,
            cause,
            body,
        ])?;
    Ok(())
}
