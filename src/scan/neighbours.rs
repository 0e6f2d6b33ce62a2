//! What stands around servers: subnets, vaults, plans, locks, policies. Each thing is read once in a scan, whoever asks
//! first, and shared by all servers that it concerns.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::azure::estate::{Question, SUBSCRIPTIONS_OF_A_QUESTION, ask, text};
use crate::azure::versions::RESOURCE_GRAPH;
use crate::azure::{ArmClient, graph, read_at};
use crate::documents::{
    Cause, Document, DocumentKind, KeyUri, Method, Outcome, Request, ResourceId, ServerDocuments,
    Subscription,
};

use super::plan::{self, Wanted};
use super::policies::Policies;

/// Reads what stands around servers.
pub struct Neighbours {
    client: ArmClient,
    /// The subscriptions that are scanned.
    subscriptions: Vec<String>,
    /// The tenant of each visible subscription, by its id in lower case. A vault may lie in any of them.
    tenants: HashMap<String, Option<String>>,
    read: Mutex<HashMap<String, Arc<OnceCell<Arc<Document>>>>>,
    policies: OnceCell<Policies>,
    vaults: OnceCell<Result<Vaults, Cause>>,
}

/// The ids of vaults by whether they are managed HSMs and by name in lower case.
type Vaults = HashMap<(bool, String), ResourceId>;

impl Neighbours {
    /// For a scan of some of the visible subscriptions.
    #[must_use]
    pub fn new(client: ArmClient, visible: &[Subscription], scanned: &[Subscription]) -> Self {
        Self {
            client,
            subscriptions: scanned.iter().map(|it| it.id.clone()).collect(),
            tenants: visible
                .iter()
                .map(|it| (it.id.to_lowercase(), it.tenant.clone()))
                .collect(),
            read: Mutex::default(),
            policies: OnceCell::new(),
            vaults: OnceCell::new(),
        }
    }

    /// Takes what an earlier read brought as if it had just been read.
    pub fn know(&self, documents: impl IntoIterator<Item = Document>) {
        for document in documents {
            if let Some(about) = document.shared.clone() {
                let cell = OnceCell::new_with(Some(Arc::new(document)));
                let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
                read.insert(about.into(), Arc::new(cell));
            }
        }
    }

    /// What is wanted of all that stands around a server and that its set-up makes worth reading.
    pub async fn around(&self, server: &ServerDocuments, wanted: &Wanted) -> Vec<Arc<Document>> {
        use DocumentKind as K;
        let id = server.id();
        let (network, key, geo_key, locks, plan, lockbox, policies) = tokio::join!(
            if_any(wanted, &plan::NETWORK, self.network(server)),
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
            if_any(wanted, &[K::Locks], async { vec![self.locks(id).await] }),
            if_any(wanted, &[K::DefenderPlan], async {
                vec![self.plan(id).await]
            }),
            if_any(wanted, &[K::CustomerLockbox], async {
                vec![self.lockbox(id).await]
            }),
            if_any(wanted, &plan::POLICIES, self.policies(id)),
        );
        [network, key, geo_key, locks, plan, lockbox, policies].concat()
    }

    /// The delegated subnet, and the network security group that it names.
    async fn network(&self, server: &ServerDocuments) -> Vec<Arc<Document>> {
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
        let subnet = self.resource(DocumentKind::Subnet, &subnet).await;
        let group = subnet
            .body()
            .ok()
            .and_then(|body| text(body, "/properties/networkSecurityGroup/id"))
            .map(ResourceId::parse);
        let group = match group {
            None => None,
            Some(Ok(group)) => Some(
                self.resource(DocumentKind::NetworkSecurityGroup, &group)
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
        let found = match self.vaults().await {
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
            self.resource(vault_kind, &vault),
            self.shared(key_kind, format!("{vault}{}", uri.path_below_vault())),
        );
        vec![vault, key]
    }

    /// Every vault and managed HSM of the visible subscriptions, wherever it lies: a key names its vault by name only.
    async fn vaults(&self) -> &Result<Vaults, Cause> {
        self.vaults
            .get_or_init(|| async {
                let mut ids: Vec<String> = self.tenants.keys().cloned().collect();
                ids.sort();
                let mut vaults = Vaults::new();
                for batch in ids.chunks(SUBSCRIPTIONS_OF_A_QUESTION) {
                    let rows = ask(&self.client, batch, Question::Vaults)
                        .await
                        .map_err(|error| error.cause)?;
                    vaults.extend(rows.rows.iter().filter_map(vault));
                }
                Ok(vaults)
            })
            .await
    }

    /// The locks of the subscription; where that list is refused, those that the server itself shows.
    async fn locks(&self, id: &ResourceId) -> Arc<Document> {
        let path = format!(
            "/subscriptions/{}/providers/Microsoft.Authorization/locks",
            id.subscription()
        );
        let of_subscription = self.shared(DocumentKind::Locks, path).await;
        match of_subscription.body() {
            Err(Cause::Denied { .. }) => {
                let path = format!("{id}/providers/Microsoft.Authorization/locks");
                Arc::new(read_at(&self.client, DocumentKind::Locks, path).await)
            }
            _ => of_subscription,
        }
    }

    async fn plan(&self, id: &ResourceId) -> Arc<Document> {
        let path = format!(
            "/subscriptions/{}/providers/Microsoft.Security/pricings/OpenSourceRelationalDatabases",
            id.subscription()
        );
        self.shared(DocumentKind::DefenderPlan, path).await
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

    async fn policies(&self, id: &ResourceId) -> Vec<Arc<Document>> {
        self.policies
            .get_or_init(|| Policies::read(&self.client, &self.subscriptions))
            .await
            .documents(id)
            .into_iter()
            .map(Arc::new)
            .collect()
    }

    fn resource(
        &self,
        kind: DocumentKind,
        id: &ResourceId,
    ) -> impl Future<Output = Arc<Document>> + use<'_> {
        self.shared(kind, id.to_string())
    }

    /// What lies at a path: read by whoever asks first. Under two kinds, a vault that holds both keys of a server for
    /// example, it is read once and kept as both.
    async fn shared(&self, kind: DocumentKind, path: String) -> Arc<Document> {
        let about = path.to_lowercase();
        let cell = self.cell(&about);
        let document = cell
            .get_or_init(|| async {
                let mut document = read_at(&self.client, kind, path).await;
                document.shared = Some(about.into());
                Arc::new(document)
            })
            .await;
        if document.kind == kind {
            return document.clone();
        }
        Arc::new(Document {
            kind,
            ..document.as_ref().clone()
        })
    }

    fn cell(&self, about: &str) -> Arc<OnceCell<Arc<Document>>> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.entry(about.to_owned()).or_default().clone()
    }
}

/// What a read brings, when one of these kinds is wanted.
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
    Arc::new(Document {
        kind,
        shared: None,
        request: Request {
            method: Method::Get,
            path: server.to_string(),
            api_version: String::new(),
        },
        fetched_at: Timestamp::now(),
        duration_ms: 0,
        outcome: Outcome::Unread(cause),
    })
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
