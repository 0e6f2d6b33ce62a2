//! Reading one server: itself, those of its children that are worth reading, and what stands around it.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::azure::{ArmClient, read_document};
use crate::documents::{Document, DocumentKind, ResourceId, ServerDocuments};

use super::neighbours::Neighbours;
use super::plan::{self, Wanted};
use super::portion::Portion;
use super::stopped;

/// Reads one server of a portion; `wanted` is asked when the server itself was read, which it always is.
pub async fn read_server(
    client: &ArmClient,
    neighbours: &Neighbours,
    portion: &Portion,
    id: ResourceId,
    inventory: Option<Document>,
    wanted: impl FnOnce(&ServerDocuments) -> Wanted,
) -> ServerDocuments {
    let inventory = inventory.map(Arc::new);
    let own = Arc::new(read_document(client, &id, DocumentKind::Server).await);
    let server = ServerDocuments::new(id.clone(), inventory.iter().chain([&own]).cloned());
    let wanted = wanted(&server);
    let parts = read_parts(client, neighbours, portion, &server, &wanted).await;
    ServerDocuments::new(id, inventory.into_iter().chain([own]).chain(parts))
}

/// Reads what is wanted of the children of a server and of what stands around it, as far as its set-up makes that worth
/// reading.
pub async fn read_parts(
    client: &ArmClient,
    neighbours: &Neighbours,
    portion: &Portion,
    server: &ServerDocuments,
    wanted: &Wanted,
) -> Vec<Arc<Document>> {
    let mut reads = JoinSet::new();
    let of_children = if stopped::is_not_ready(server) {
        client.clone().about_a_server_not_ready()
    } else {
        client.clone()
    };
    for kind in plan::children(server) {
        if wanted.has(kind) {
            let (client, id) = (of_children.clone(), server.id().clone());
            reads.spawn(async move { read_document(&client, &id, kind).await });
        }
    }
    // On the heap: the reads around a server are many, and whoever waits for them holds all of their states.
    let around = Box::pin(neighbours.around(portion, server, wanted));
    let (children, around) = tokio::join!(reads.join_all(), around);
    let children = stopped::explain(server, children);
    children.into_iter().map(Arc::new).chain(around).collect()
}
