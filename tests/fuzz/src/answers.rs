//! What Azure answers, byte by byte, over real HTTP to the real client.

use std::cell::RefCell;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, LOCATION, RETRY_AFTER};
use axum::response::Response;
use flexposture::azure::graph::ScopeFilter;
use flexposture::azure::{
    Access, Account, ArmClient, CertificateFile, Cloud, ReadError, Secret, ServerFilter, Settings,
    graph, inventory, inventory_by_list, read_document, subscriptions,
};
use flexposture::documents::{DocumentKind, ResourceId};
use tokio::runtime::Runtime;

use super::assert_clean;

const SUBSCRIPTION: &str = "11111111-1111-4111-8111-111111111111";

/// What is answered, whatever is asked, and what was asked.
#[derive(Default)]
struct Book {
    status: u16,
    pages: Vec<Vec<u8>>,
    asked: Vec<String>,
}

/// An endpoint on this machine with a client for it.
struct World {
    runtime: Runtime,
    client: ArmClient,
    book: Arc<Mutex<Book>>,
}

thread_local! {
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
}

async fn answer(State(book): State<Arc<Mutex<Book>>>, request: Request) -> Response {
    let mut book = book.lock().expect("no panic");
    let asked = book.asked.len();
    let authorized = request.headers().contains_key(AUTHORIZATION);
    book.asked
        .push(format!("{} {authorized}", request.uri().path()));
    let page = book.pages[asked.min(book.pages.len() - 1)].clone();
    let mut response = Response::new(Body::from(page.clone()));
    *response.status_mut() = book.status.try_into().expect("a status");
    if let Ok(text) = std::str::from_utf8(&page)
        && let Ok(value) = text.trim().parse()
    {
        response.headers_mut().insert(LOCATION, value);
        response
            .headers_mut()
            .insert(RETRY_AFTER, "0".parse().expect("a value"));
    }
    response
}

impl World {
    fn new() -> Self {
        flexposture::azure::install_crypto_provider();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let book = Arc::new(Mutex::new(Book::default()));
        let router = Router::new().fallback(answer).with_state(Arc::clone(&book));
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        runtime.spawn(async move { axum::serve(listener, router).await });
        let cloud = Cloud::choose(None, Some(&endpoint), None, None).expect("an endpoint");
        let access =
            Access::new(&cloud, Account::Static(Secret::new("token")), None).expect("this machine");
        let settings = Settings {
            tries: 1,
            time_limit: Duration::from_secs(20),
            largest_answer: 1 << 20,
            most_pages: 20,
            ..Settings::default()
        };
        let client =
            ArmClient::new(access, &CertificateFile::default(), settings).expect("a client");
        Self {
            runtime,
            client,
            book,
        }
    }
}

/// The first byte chooses the status; the rest are the bodies of the pages, with NUL between them.
pub fn answers(data: &[u8]) {
    let Some((first, bodies)) = data.split_first() else {
        return;
    };
    let status = match first % 16 {
        0..=8 => 200,
        9 => 206,
        10 => 302,
        11 => 400,
        12 => 403,
        13 => 404,
        14 => 409,
        _ => 429,
    };
    WORLD.with_borrow_mut(|world| {
        let world = world.get_or_insert_with(World::new);
        let pages: Vec<Vec<u8>> = bodies.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
        let again = || {
            let mut book = world.book.lock().expect("no panic");
            book.asked.clear();
            book.status = status;
            book.pages.clone_from(&pages);
        };
        let client = &world.client;
        let (asked, everything) = ([SUBSCRIPTION.to_owned()], ServerFilter::default());
        let id = format!(
            "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.DBforMySQL/flexibleServers/db"
        );
        let id = ResourceId::parse(&id).expect("an id");
        world.runtime.block_on(async {
            for kind in [DocumentKind::Server, DocumentKind::Configurations] {
                again();
                let document = read_document(client, &id, kind).await;
                if let Err(cause) = document.body() {
                    assert_clean(&cause.to_string());
                }
            }
            again();
            if let Ok(visible) = clean(subscriptions(client).await) {
                for subscription in &visible.subscriptions {
                    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
                    assert!(subscription.id.bytes().all(plain), "{:?} would stand in a path", subscription.id);
                }
            }
            again();
            let rows = clean(graph::pages(client, &asked, "resources", ScopeFilter::AtScopeAndBelow).all().await);
            if let Ok(rows) = rows {
                assert!(rows.rows.len() <= data.len());
            }
            again();
            let found = clean(inventory(client, &asked, &everything).await);
            again();
            let listed = clean(inventory_by_list(client, SUBSCRIPTION, &everything).await);
            for inventory in [found, listed].into_iter().flatten() {
                for why in &inventory.rejected {
                    assert_clean(why);
                }
                let mut ids: Vec<String> = inventory.rows.iter().map(|row| row.id.key()).collect();
                let all = ids.len();
                ids.sort();
                ids.dedup();
                assert_eq!(ids.len(), all, "every server once");
            }
        });
        let asked = &world.book.lock().expect("no panic").asked;
        assert!(asked.len() <= client.settings().most_pages);
    });
}

/// A read whose error, if there is one, may be shown.
fn clean<T>(read: Result<T, ReadError>) -> Result<T, ReadError> {
    if let Err(error) = &read {
        for text in [
            &error.code,
            &error.message,
            &error.to_string(),
            &error.cause.to_string(),
        ] {
            assert_clean(text);
        }
    }
    read
}
