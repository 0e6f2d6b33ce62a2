//! Names that lead somewhere: ids of resources, URIs of keys, origins, addresses, times.

use flexposture::azure::Origin;
use flexposture::documents::{KeyUri, ResourceId};
use flexposture::posture::{AddressRange, parse_time};
use url::Url;

use super::text_of;

/// A name a line; each is also compared with the one before it.
pub fn names(data: &[u8]) {
    let text = text_of(data);
    let mut before: Option<ResourceId> = None;
    for line in text.lines() {
        if let Ok(id) = ResourceId::parse(line) {
            leads_nowhere_else(id.as_str());
            let _ = (id.subscription(), id.resource_group(), id.name());
            let again = ResourceId::parse(id.as_str()).expect("an id is one");
            assert_eq!(again, id);
            if let Some(before) = &before {
                assert_eq!(
                    *before == id,
                    before.key() == id.key(),
                    "{before} and {id} are the same in one way and not in the other"
                );
                assert_eq!(*before == id, before.cmp(&id).is_eq());
            }
            before = Some(id);
        }
        if let Some(key) = KeyUri::parse(line) {
            leads_nowhere_else(&format!(
                "/subscriptions/s/vaults/{}{}",
                key.vault,
                key.path_below_vault()
            ));
        }
        if let Ok(origin) = Origin::parse(line) {
            assert_eq!(
                Origin::parse(&origin.to_string()).ok(),
                Some(origin.clone()),
                "{line:?}"
            );
            assert!(origin.is_encrypted() || origin.is_loopback(), "{line:?}");
        }
        if let Ok(range) = line.parse::<AddressRange>() {
            assert!(range.start <= range.end);
            assert_ne!(range.len(), 0);
            assert_eq!(
                range.to_string().parse::<AddressRange>().ok(),
                Some(range),
                "{line:?}"
            );
        }
        let _ = parse_time(line);
    }
}

/// Holds that a path is asked for as it is: no segment of it vanishes, none is added, nothing becomes a query.
fn leads_nowhere_else(path: &str) {
    let mut url = Url::parse("https://management.example").expect("a URL");
    url.set_path(path);
    let segments = url.path_segments().map_or(0, Iterator::count);
    assert_eq!(
        segments,
        path.split('/').skip(1).count(),
        "{path:?} became {url}"
    );
    assert_eq!(
        (url.query(), url.fragment(), url.host_str()),
        (None, None, Some("management.example"))
    );
    let first = path.split('/').nth(1).unwrap_or_default();
    assert!(
        url.path()
            .to_ascii_lowercase()
            .starts_with(&format!("/{}", first.to_ascii_lowercase())),
        "{path:?} became {url}"
    );
}
