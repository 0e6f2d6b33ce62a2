//! Servers that were found, and not read because the scan was cancelled before.

use crate::azure::InventoryRow;
use crate::documents::{Cause, Document, DocumentKind, ServerDocuments};
use crate::store::Scope;

use super::plan;
use super::select;

/// Its row in the inventory, and of all that would have been read that the scan was cancelled before.
pub fn unread_server(row: InventoryRow, scope: &Scope) -> ServerDocuments {
    let id = row.id.clone();
    let inventory = row.into_document();
    let server = ServerDocuments::new(id.clone(), [inventory.clone()]);
    let wanted = select::wanted(scope, &server);
    let parts = plan::children(&server)
        .into_iter()
        .chain(plan::AROUND)
        .chain(plan::named_by(&server));
    let unread: Vec<Document> = std::iter::once(DocumentKind::Server)
        .chain(parts.filter(|kind| wanted.has(*kind)))
        .map(|kind| Document::never_asked(&id, kind, inventory.fetched_at, Cause::Cancelled))
        .collect();
    ServerDocuments::new(id, std::iter::once(inventory).chain(unread))
}
