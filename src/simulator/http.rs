//! A request taken apart and an answer before it is sent: what the rest of the simulator speaks in.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

/// A request, with everything that decides the answer.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: String,
    /// As sent, without the query.
    pub(super) path: String,
    /// Decoded segments of the path.
    pub(super) segments: Vec<String>,
    /// Decoded pairs of the query, in order.
    pub(super) query: Vec<(String, String)>,
    /// Where the caller reached us: `http://127.0.0.1:PORT`.
    pub(super) origin: String,
    /// The id of this request in headers and in error messages.
    pub(super) id: String,
    pub(super) body: Vec<u8>,
}

impl Call {
    pub(super) fn new(
        method: &str,
        path: &str,
        query: &str,
        origin: String,
        id: String,
        body: Vec<u8>,
    ) -> Self {
        let decode = |text: &str| {
            // A segment decodes as a form value does, except that its plus signs and ampersands are meant.
            let pair = format!("x={}", text.replace('+', "%2B").replace('&', "%26"));
            url::form_urlencoded::parse(pair.as_bytes())
                .next()
                .map(|(_, value)| value.into_owned())
                .unwrap_or_default()
        };
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            segments: path
                .split('/')
                .filter(|it| !it.is_empty())
                .map(decode)
                .collect(),
            query: url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            origin,
            id,
            body,
        }
    }

    /// The first value of a query parameter; names are compared without case.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn api_version(&self) -> Option<&str> {
        self.parameter("api-version").filter(|it| !it.is_empty())
    }

    /// The segments in lower case, for matching.
    pub(super) fn lower(&self) -> Vec<String> {
        self.segments
            .iter()
            .map(|it| it.to_ascii_lowercase())
            .collect()
    }

    /// The subscription that the path lies in.
    pub(super) fn subscription(&self) -> Option<&str> {
        match self.segments.as_slice() {
            [first, id, ..] if first.eq_ignore_ascii_case("subscriptions") => Some(id),
            _ => None,
        }
    }

    /// Whether the path is the one that is read with POST.
    pub(super) fn is_graph(&self) -> bool {
        self.lower() == ["providers", "microsoft.resourcegraph", "resources"]
    }

    /// Whether this is the one POST that only reads.
    pub(super) fn is_graph_query(&self) -> bool {
        self.method == "POST" && self.is_graph()
    }
}

/// An answer: status, headers of its own, JSON text.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn json(status: u16, body: &impl Serialize) -> Self {
        Self::text(status, serde_json::to_vec(body).unwrap_or_default())
    }

    pub(super) fn text(status: u16, body: Vec<u8>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body,
        }
    }

    /// How long a refusal for too many requests asks to wait, where it says so in whole seconds.
    pub(super) fn wait(&self) -> Option<Duration> {
        let (_, value) = self
            .headers
            .iter()
            .find(|(name, _)| self.status == 429 && name.eq_ignore_ascii_case("retry-after"))?;
        value.parse().ok().map(Duration::from_secs)
    }

    pub(super) fn with(mut self, name: &str, value: String) -> Self {
        self.headers.push((name.to_owned(), value));
        self
    }
}

/// A list with the absolute link to its next page, as ARM writes it.
pub(super) fn page(call: &Call, value: &[Value], next: Option<usize>) -> Answer {
    let mut body = serde_json::json!({ "value": value });
    if let Some(offset) = next {
        let version = call.api_version().unwrap_or_default();
        body["nextLink"] = format!(
            "{}{}?api-version={version}&%24skiptoken={}",
            call.origin,
            call.path,
            skip_token(offset)
        )
        .into();
    }
    Answer::json(200, &body)
}

/// An opaque token for a place in a list.
pub(super) fn skip_token(offset: usize) -> String {
    format!("fp{:08x}", offset ^ 0x5a5a_5a5a)
}

/// The place that a token stands for, if it is one of ours.
pub(super) fn read_skip_token(token: &str) -> Option<usize> {
    let offset = usize::from_str_radix(token.strip_prefix("fp")?, 16).ok()?;
    Some(offset ^ 0x5a5a_5a5a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_lead_back_and_foreign_ones_are_refused() {
        for offset in [0, 1, 1_000, 99_999] {
            assert_eq!(read_skip_token(&skip_token(offset)), Some(offset));
        }
        assert_eq!(read_skip_token("abc"), None);
        assert_eq!(read_skip_token("fpxyz"), None);
    }

    #[test]
    fn paths_are_decoded_and_parameters_found_without_case() {
        let call = Call::new(
            "GET",
            "/subscriptions/a%20b/resourceGroups/c+d&e=f",
            "API-Version=2024-12-30&%24skiptoken=x",
            String::new(),
            String::new(),
            Vec::new(),
        );
        assert_eq!(
            call.segments,
            ["subscriptions", "a b", "resourceGroups", "c+d&e=f"]
        );
        assert_eq!(call.api_version(), Some("2024-12-30"));
        assert_eq!(call.parameter("$skipToken"), Some("x"));
        assert_eq!(call.subscription(), Some("a b"));
    }
}
