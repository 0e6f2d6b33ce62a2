//! What stands around servers: subnets, vaults, plans, locks, policies. Each thing is read once in a scan, whoever asks
//! first, and shared by all servers that it concerns.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use crate::azure::estate::{Question, SUBSCRIPTIONS_OF_A_QUESTION, pages, text};
use crate::azure::versions::RESOURCE_GRAPH;
use crate::azure::{ArmClient, graph, read_at};
use crate::documents::{
    Cause, Document, DocumentKind, KeyUri, Method, Outcome, Request, ResourceId, ServerDocuments,
    Subscription,
};

use super::again::{Again, Outlook};
use super::plan::{self, Wanted};
use super::portion::Portion;
use super::shelf::Shelf;
use super::spill::Spill;

/// Reads what stands around servers.
pub struct Neighbours {
    client: ArmClient,
    /// The tenant of each visible subscription, by its id in lower case. A vault may lie in any of them.
    tenants: HashMap<String, Option<String>>,
    shelf: Shelf,
    vaults: Again<Arc<Vaults>>,
    /// Whether rows of Resource Graph, which may be some minutes old, stand for reads of what they show.
    takes_rows: bool,
}

/// The ids of vaults by whether they are managed HSMs and by name in lower case, or why they are not known.
struct Vaults(Result<HashMap<(bool, String), ResourceId>, Cause>);

impl Outlook for Vaults {
    fn cause(&self) -> Option<&Cause> {
        self.0.as_ref().err()
    }
}

impl Neighbours {
    /// For a scan to which these subscriptions are visible; what it reads for many is put aside there.
    #[must_use]
    pub fn new(client: ArmClient, visible: &[Subscription], spill: Arc<Spill>) -> Self {
        Self {
            client,
            tenants: visible
                .iter()
                .map(|it| (it.id.to_lowercase(), it.tenant.clone()))
                .collect(),
            shelf: Shelf::new(spill),
            vaults: Again::default(),
            takes_rows: true,
        }
    }

    /// The same, of which each subnet and network security group is read from Resource Manager: whoever reads a few
    /// servers again has just changed something.
    #[must_use]
    pub fn at_first_hand(mut self) -> Self {
        self.takes_rows = false;
        self
    }

    /// Takes what an earlier read brought as if it had just been read.
    pub fn know(&self, document: Document) {
        self.shelf.know(document);
    }

    /// What is wanted of all that stands around a server of this portion and that its set-up makes worth reading.
    pub async fn around(
        &self,
        portion: &Portion,
        server: &ServerDocuments,
        wanted: &Wanted,
    ) -> Vec<Arc<Document>> {
        use DocumentKind as K;
        let id = server.id();
        let (network, key, geo_key, locks, plan, lockbox, policies) = tokio::join!(
            if_any(wanted, &plan::NETWORK, self.network(portion, server)),
            if_any(
                wanted,
                &plan::KEYS,
                self.key(server, plan::KEY, K::KeyVault, K::EncryptionKey)
            ),
            if_any(
                wanted,
                &plan::GEO_KEYS,
                self.key(server, plan::GEO_KEY, K::GeoKeyVault, K::GeoEncryptionKey)
            ),
            if_any(wanted, &[K::Locks], async {
                vec![self.locks(portion, id).await]
            }),
            if_any(wanted, &[K::DefenderPlan], async {
                vec![portion.neighbourhood().plan(&self.client, id).await]
            }),
            if_any(wanted, &[K::CustomerLockbox], async {
                vec![self.lockbox(id).await]
            }),
            if_any(wanted, &plan::POLICIES, portion.policies(&self.client, id)),
        );
        [network, key, geo_key, locks, plan, lockbox, policies].concat()
    }

    /// The delegated subnet, and the network security group that it names.
    async fn network(&self, portion: &Portion, server: &ServerDocuments) -> Vec<Arc<Document>> {
        let Some(subnet) = plan::named(server, plan::SUBNET) else {
            return Vec::new();
        };
        let Ok(subnet) = ResourceId::parse(&subnet) else {
            let detail = "delegatedSubnetResourceId is no resource id".to_owned();
            return vec![unread(
                DocumentKind::Subnet,
                server.id(),
                Cause::Malformed { detail },
            )];
        };
        if self.takes_rows && !self.shelf.has(&subnet.as_str().to_lowercase()) {
            let neighbourhood = portion.neighbourhood();
            neighbourhood
                .offer_networks(&self.client, &self.shelf)
                .await;
        }
        let subnet = self.shared(DocumentKind::Subnet, subnet.to_string()).await;
        let group = subnet
            .body()
            .ok()
            .and_then(|body| text(body, "/properties/networkSecurityGroup/id"))
            .map(ResourceId::parse);
        let group = match group {
            // Which one it is was not read either; only then would it have been asked for.
            None if subnet.body() == Err(&Cause::Cancelled) => Some(unread(
                DocumentKind::NetworkSecurityGroup,
                server.id(),
                Cause::Cancelled,
            )),
            None => None,
            Some(Ok(group)) => Some(
                self.shared(DocumentKind::NetworkSecurityGroup, group.to_string())
                    .await,
            ),
            Some(Err(_)) => {
                let detail = "the subnet's networkSecurityGroup is no resource id".to_owned();
                let kind = DocumentKind::NetworkSecurityGroup;
                Some(unread(kind, server.id(), Cause::Malformed { detail }))
            }
        };
        std::iter::once(subnet).chain(group).collect()
    }

    /// The vault of a key and the key itself, when the server names one.
    async fn key(
        &self,
        server: &ServerDocuments,
        pointer: &str,
        vault_kind: DocumentKind,
        key_kind: DocumentKind,
    ) -> Vec<Arc<Document>> {
        let Some(uri) = plan::named(server, pointer) else {
            return Vec::new();
        };
        let unread_both = |cause: &Cause| {
            [vault_kind, key_kind]
                .into_iter()
                .map(|kind| unread(kind, server.id(), cause.clone()))
                .collect()
        };
        let Some(uri) = KeyUri::parse(&uri) else {
            let detail = "the URI that the server names is not that of a key".to_owned();
            return unread_both(&Cause::Malformed { detail });
        };
        let found = match &self.vaults().await.0 {
            Ok(vaults) => vaults
                .get(&(uri.managed_hsm, uri.vault.clone()))
                .cloned()
                .ok_or(Cause::NotVisible),
            Err(cause) => Err(cause.clone()),
        };
        let vault = match found {
            Ok(vault) => vault,
            Err(cause) => {
                let about = format!("vault {}", uri.vault);
                return [vault_kind, key_kind]
                    .into_iter()
                    .map(|kind| Arc::new(asked_graph(kind, &about, cause.clone())))
                    .collect();
            }
        };
        let (vault, key) = tokio::join!(
            self.shared(vault_kind, vault.to_string()),
            self.shared(key_kind, format!("{vault}{}", uri.path_below_vault())),
        );
        vec![vault, key]
    }

    /// Every vault and managed HSM of the visible subscriptions, wherever it lies: a key names its vault by name only.
    async fn vaults(&self) -> Arc<Vaults> {
        self.vaults
            .get(async || Arc::new(Vaults(self.find_vaults().await)))
            .await
    }

    async fn find_vaults(&self) -> Result<HashMap<(bool, String), ResourceId>, Cause> {
        let mut ids: Vec<String> = self.tenants.keys().cloned().collect();
        ids.sort();
        let mut vaults = HashMap::new();
        for batch in ids.chunks(SUBSCRIPTIONS_OF_A_QUESTION) {
            let mut pages = pages(&self.client, batch, Question::Vaults);
            while let Some(rows) = pages.next().await.map_err(|error| error.cause)? {
                vaults.extend(rows.iter().filter_map(vault));
            }
        }
        Ok(vaults)
    }

    /// The locks of the subscription; where that list is refused, those that the server itself shows.
    async fn locks(&self, portion: &Portion, id: &ResourceId) -> Arc<Document> {
        let path = format!(
            "/subscriptions/{}/providers/Microsoft.Authorization/locks",
            id.subscription()
        );
        let of_subscription = portion
            .neighbourhood()
            .read(&self.client, DocumentKind::Locks, path)
            .await;
        match of_subscription.body() {
            Err(Cause::Denied { .. }) => {
                let path = format!("{id}/providers/Microsoft.Authorization/locks");
                Arc::new(read_at(&self.client, DocumentKind::Locks, path).await)
            }
            _ => of_subscription,
        }
    }

    async fn lockbox(&self, id: &ResourceId) -> Arc<Document> {
        let kind = DocumentKind::CustomerLockbox;
        match self.tenants.get(&id.subscription().to_lowercase()) {
            Some(Some(tenant)) if is_tenant(tenant) => {
                let path = format!("/providers/Microsoft.CustomerLockbox/tenantOptedIn/{tenant}");
                self.shared(kind, path).await
            }
            _ => unread(kind, id, Cause::Absent),
        }
    }

    /// What lies at a path: read by whoever asks first. Under two kinds, a vault that holds both keys of a server for
    /// example, it is read once and kept as both.
    async fn shared(&self, kind: DocumentKind, path: String) -> Arc<Document> {
        let about = path.to_lowercase();
        let document = self
            .shelf
            .get(&about, async || {
                let mut document = read_at(&self.client, kind, path).await;
                document.shared = Some(about.clone().into());
                document
            })
            .await;
        if document.kind == kind {
            return document;
        }
        Arc::new(Document {
            kind,
            ..(*document).clone()
        })
    }
}

async fn if_any(
    wanted: &Wanted,
    kinds: &[DocumentKind],
    read: impl Future<Output = Vec<Arc<Document>>>,
) -> Vec<Arc<Document>> {
    if wanted.has_any(kinds) {
        read.await
    } else {
        Vec::new()
    }
}

/// Whether a text can stand in a path as a tenant's id.
fn is_tenant(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// A row of the answer about vaults.
fn vault(row: &Value) -> Option<((bool, String), ResourceId)> {
    let managed_hsm = text(row, "/type")?.eq_ignore_ascii_case("microsoft.keyvault/managedhsms");
    let name = text(row, "/name")?.to_lowercase();
    let id = ResourceId::parse(text(row, "/id")?).ok()?;
    Some(((managed_hsm, name), id))
}

/// What was not even asked, because where it lies is not known.
fn unread(kind: DocumentKind, server: &ResourceId, cause: Cause) -> Arc<Document> {
    let now = Timestamp::now();
    Arc::new(Document::never_asked(server, kind, now, cause))
}

/// What Resource Graph was asked for and did not show.
fn asked_graph(kind: DocumentKind, about: &str, cause: Cause) -> Document {
    Document {
        kind,
        shared: Some(about.into()),
        request: Request {
            method: Method::Post,
            path: graph::PATH.to_owned(),
            api_version: RESOURCE_GRAPH.newest().to_owned(),
        },
        fetched_at: Timestamp::now(),
        duration_ms: 0,
        outcome: Outcome::Unread(cause),
    }
}
