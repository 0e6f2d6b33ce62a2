//! Links to the next page: followed only to where the token belongs.

use serde_json::Value;
use url::Url;

use crate::documents::text::neutral;

use super::origin::Origin;

/// The names under which the services of Azure give the link to the next page.
const NAMES: [&str; 4] = ["nextLink", "@nextLink", "odata.nextLink", "@odata.nextLink"];

/// The link to the next page, when the answer has one; an error says what is wrong with it.
pub(super) fn next(page: &Value, origin: &Origin) -> Result<Option<Url>, String> {
    for name in NAMES {
        match page.get(name) {
            None | Some(Value::Null) => {}
            Some(Value::String(link)) if link.is_empty() => {}
            Some(Value::String(link)) => return check(link, origin).map(Some),
            Some(_) => return Err(format!("{name} is not text")),
        }
    }
    Ok(None)
}

/// Takes a link, relative or absolute, when it stays at the origin.
fn check(link: &str, origin: &Origin) -> Result<Url, String> {
    let mut url = origin
        .url()
        .join(link)
        .map_err(|_| "the link to the next page is not a URL".to_owned())?;
    if !origin.owns(&url) {
        let host = url.host_str().unwrap_or("no host");
        let port = url
            .port()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        let place: String = format!("{}://{host}{port}", url.scheme())
            .chars()
            .take(200)
            .collect();
        return Err(format!(
            "the link to the next page leads to {} instead of {origin}: it was not followed, and no token was sent \
             there",
            neutral(&place)
        ));
    }
    url.set_fragment(None);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn origin() -> Origin {
        Origin::parse("https://management.azure.com").unwrap()
    }

    #[test]
    fn links_of_every_name_are_followed_at_the_origin() {
        for name in NAMES {
            let page = json!({name: "https://management.azure.com/subscriptions?x=1#f"});
            assert_eq!(
                next(&page, &origin()).unwrap().unwrap().as_str(),
                "https://management.azure.com/subscriptions?x=1"
            );
        }
        let explicit_port = json!({"nextLink": "HTTPS://Management.Azure.com:443/a"});
        assert!(next(&explicit_port, &origin()).unwrap().is_some());
        let relative = json!({"nextLink": "/a?b"});
        assert_eq!(
            next(&relative, &origin()).unwrap().unwrap().as_str(),
            "https://management.azure.com/a?b"
        );
    }

    #[test]
    fn no_link_null_and_empty_are_the_last_page() {
        for page in [
            json!({}),
            json!({"nextLink": null}),
            json!({"nextLink": ""}),
        ] {
            assert_eq!(next(&page, &origin()), Ok(None));
        }
    }

    #[test]
    fn a_link_to_another_place_is_refused_and_names_it() {
        for (link, named) in [
            ("https://evil.example/next", "https://evil.example"),
            (
                "http://management.azure.com/next",
                "http://management.azure.com",
            ),
            (
                "https://management.azure.com:8443/",
                "https://management.azure.com:8443",
            ),
            (
                "https://management.azure.com.evil.example/",
                "management.azure.com.evil.example",
            ),
            (
                "https://management.azure.com@evil.example/",
                "https://evil.example",
            ),
            ("//evil.example/next", "https://evil.example"),
            ("\\\\evil.example\\next", "https://evil.example"),
            (
                "https://user@management.azure.com/",
                "https://management.azure.com",
            ),
            ("file:///etc/passwd", "file://"),
            ("blob:https://management.azure.com/a", "blob://"),
            (
                "https://management.azure.com./a",
                "https://management.azure.com.",
            ),
            ("https://m\u{430}nagement.azure.com/a", "https://xn--"),
        ] {
            let error = next(&json!({"nextLink": link}), &origin()).unwrap_err();
            assert!(error.contains(named), "{link}: {error}");
        }
        assert!(next(&json!({"nextLink": 7}), &origin()).is_err());
        assert!(next(&json!({"nextLink": "https://[::"}), &origin()).is_err());
    }
}
