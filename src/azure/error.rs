//! What went wrong with a read, as a cause that documents can carry.

use std::error::Error;
use std::fmt::{self, Write as _};
use std::io;

use serde_json::Value;

use crate::documents::text::neutral;
use crate::documents::{Cause, Unreachable};

/// The longest text of Azure that is kept of an error, in characters.
const LONGEST: usize = 400;

/// Why a read brought nothing, with what Azure said about it. A caller that knows the state of the server can tell from
/// the status whether the read failed because the server was not running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// The cause that documents carry.
    pub cause: Cause,
    /// The HTTP status of the last answer, when there was one.
    pub status: Option<u16>,
    /// Azure's error code, neutralised; empty when there was none.
    pub code: String,
    /// Azure's message, neutralised and shortened; empty when there was none.
    pub message: String,
    /// The version of the API that was asked last.
    pub api_version: &'static str,
}

impl ReadError {
    pub(super) const fn new(cause: Cause) -> Self {
        Self {
            cause,
            status: None,
            code: String::new(),
            message: String::new(),
            api_version: "",
        }
    }

    pub(super) fn malformed(detail: impl AsRef<str>) -> Self {
        Self::new(Cause::Malformed {
            detail: shorten(detail.as_ref()),
        })
    }

    /// The error for a request that was not sent, because the credential gave no token. Its cause is the one that
    /// Azure's refusal would have been.
    pub(super) fn without_token(why: impl Into<String>) -> Self {
        Self {
            status: Some(401),
            code: Cause::NO_TOKEN.to_owned(),
            message: why.into(),
            ..Self::new(Cause::Failed {
                status: 401,
                code: Cause::NO_TOKEN.to_owned(),
            })
        }
    }

    /// Whether nothing was asked, because the credential gave no token.
    #[must_use]
    pub fn is_without_token(&self) -> bool {
        self.code == Cause::NO_TOKEN
    }

    /// Whether Azure says of the one server that was asked about that it is in no state to answer, so that others may be.
    /// Where that stands in an answer with the status 503, which may mean the service too, the code tells.
    pub(super) fn is_about_one_server(&self) -> bool {
        const OF_A_STATE: [&str; 6] = [
            "notready",
            "notrunning",
            "stopped",
            "inprogress",
            "conflict",
            "serverstate",
        ];
        let code = self.code.to_ascii_lowercase();
        match self.status {
            Some(409) => true,
            Some(500 | 503) => OF_A_STATE.iter().any(|words| code.contains(words)),
            _ => false,
        }
    }

    pub(super) const fn asked(mut self, api_version: &'static str) -> Self {
        self.api_version = api_version;
        self
    }

    pub(super) const fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The error for an answer with a status that is no success. `action` and `path` stand in where a refusal does not
    /// name what is missing.
    pub(super) fn of_answer(status: u16, body: &[u8], action: &str, path: &str) -> Self {
        let (code, message) = code_and_message(body);
        let cause = match status {
            300..=399 => Cause::Malformed {
                detail: format!("the answer is a redirect ({status}), which is never followed"),
            },
            403 => {
                let (action, scope) = missing_permission(&message)
                    .unwrap_or_else(|| (shorten(action), shorten(path)));
                Cause::Denied { action, scope }
            }
            404 => Cause::NotFound,
            408 => Cause::TimedOut,
            429 => Cause::Throttled,
            _ => Cause::Failed {
                status,
                code: code.clone(),
            },
        };
        Self {
            cause,
            status: Some(status),
            code,
            message,
            api_version: "",
        }
    }

    /// The error for a request that got no answer at all.
    pub(super) fn of_request(error: &reqwest::Error) -> Self {
        Self::new(transport_cause(error))
    }

    /// The error for an answer that broke off.
    pub(super) fn of_body(error: &reqwest::Error) -> Self {
        let reset = sources(error)
            .filter_map(|source| source.downcast_ref::<io::Error>())
            .any(|error| {
                matches!(
                    error.kind(),
                    io::ErrorKind::ConnectionReset
                        | io::ErrorKind::ConnectionAborted
                        | io::ErrorKind::BrokenPipe
                )
            });
        if reset || error.is_timeout() {
            Self::new(transport_cause(error))
        } else {
            Self::malformed(format!(
                "it broke off or could not be decompressed: {}",
                chain(error)
            ))
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.cause)?;
        if !self.message.is_empty() {
            write!(f, " ({})", self.message)?;
        }
        Ok(())
    }
}

impl Error for ReadError {}

/// Whether TLS is what failed: trying again would change nothing.
pub(super) fn is_tls(error: &reqwest::Error) -> bool {
    sources(error).any(|source| {
        source.is::<rustls::Error>()
            || source
                .downcast_ref::<io::Error>()
                .and_then(io::Error::get_ref)
                .is_some_and(|inner| inner.is::<rustls::Error>())
    })
}

fn transport_cause(error: &reqwest::Error) -> Cause {
    if error.is_timeout() {
        return Cause::TimedOut;
    }
    let kind = if error.is_dns() {
        Unreachable::Dns
    } else if is_tls(error) {
        Unreachable::Tls
    } else {
        Unreachable::Reset
    };
    Cause::Unreachable {
        kind,
        detail: advise(chain(error)),
    }
}

fn sources<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// An error and all its sources in one line, neutralised. What a source says again is said once.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    for source in sources(error) {
        let part = source.to_string();
        let part = part.trim();
        if part.is_empty() || text.contains(part) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        let _ = write!(text, "{part}");
    }
    shorten(&text)
}

/// Adds what to do about a certificate that is not trusted, most often that of a proxy that looks into TLS.
pub(super) fn advise(reason: String) -> String {
    if reason.contains("invalid peer certificate") {
        format!("{reason} (a certificate authority of your own is trusted with --ca-file)")
    } else {
        reason
    }
}

/// The code and the message of an error's body, with and without the wrapper `error`; both empty when it has neither.
fn code_and_message(body: &[u8]) -> (String, String) {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return (String::new(), shorten(&String::from_utf8_lossy(body)));
    };
    let error = match body.get("error") {
        Some(error @ Value::Object(_)) => error,
        _ => &body,
    };
    let text = |member: &str| {
        error
            .get(member)
            .and_then(Value::as_str)
            .map(shorten)
            .unwrap_or_default()
    };
    let code = text("code");
    // OAuth's form: the error is a word, and its description stands beside it.
    if code.is_empty()
        && let Some(word) = body.get("error").and_then(Value::as_str)
    {
        return (shorten(word), text("error_description"));
    }
    (code, text("message"))
}

/// What a refusal says is missing: `… perform action 'A' over scope 'S' …`, in any casing.
fn missing_permission(message: &str) -> Option<(String, String)> {
    let action = quoted_after(message, "perform action")?;
    let scope = quoted_after(message, "over scope")?;
    Some((action, scope))
}

fn quoted_after(message: &str, words: &str) -> Option<String> {
    // ASCII lower case keeps every byte where it is.
    let start = message.to_ascii_lowercase().find(words)? + words.len();
    let quoted = message[start..].trim_start().strip_prefix('\'')?;
    let (text, _) = quoted.split_once('\'')?;
    (!text.is_empty()).then(|| text.to_owned())
}

/// Text of Azure in one line: neutralised, its spaces drawn together, and not too long.
pub(super) fn shorten(text: &str) -> String {
    let mut line = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let word = neutral(word);
        length += word.chars().count() + 1;
        if length > LONGEST {
            let room = LONGEST.saturating_sub(line.chars().count() + 2);
            if !line.is_empty() {
                line.push(' ');
            }
            line.extend(word.chars().take(room));
            line.push('…');
            return line;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSAL: &str = "The client 'a' with object id 'b' does not have authorization to perform action \
        'Microsoft.DBforMySQL/flexibleServers/configurations/read' over scope '/subscriptions/s/x' or the scope is \
        invalid.";

    fn of(status: u16, body: &str) -> ReadError {
        ReadError::of_answer(status, body.as_bytes(), "A/read", "/subscriptions/s")
    }

    #[test]
    fn a_refusal_names_what_is_missing() {
        for message in [
            REFUSAL.to_owned(),
            REFUSAL.replace("perform action", "Perform Action"),
        ] {
            let body =
                serde_json::json!({"error": {"code": "AuthorizationFailed", "message": message}});
            let error = of(403, &body.to_string());
            assert_eq!(
                error.cause,
                Cause::Denied {
                    action: "Microsoft.DBforMySQL/flexibleServers/configurations/read".to_owned(),
                    scope: "/subscriptions/s/x".to_owned()
                }
            );
        }
        for body in ["", "<html>", r#"{"error":{"message":"no"}}"#] {
            assert_eq!(
                of(403, body).cause,
                Cause::Denied {
                    action: "A/read".to_owned(),
                    scope: "/subscriptions/s".to_owned()
                }
            );
        }
    }

    #[test]
    fn error_bodies_with_and_without_wrapper() {
        for body in [
            r#"{"error":{"code":"BadRequest","message":"m"}}"#,
            r#"{"code":"BadRequest","message":"m"}"#,
        ] {
            let error = of(400, body);
            assert_eq!(
                (error.code.as_str(), error.message.as_str()),
                ("BadRequest", "m")
            );
            assert_eq!(
                error.cause,
                Cause::Failed {
                    status: 400,
                    code: "BadRequest".to_owned()
                }
            );
        }
        let error = of(400, r#"{"error":"invalid_grant","error_description":"d"}"#);
        assert_eq!(
            (error.code.as_str(), error.message.as_str()),
            ("invalid_grant", "d")
        );
        for body in ["", "[]", "7", r#"{"error":7}"#, r#"{"code":7}"#] {
            assert_eq!(of(500, body).code, "", "{body}");
        }
        assert_eq!(
            of(502, "<h1>Bad\nGateway</h1>").message,
            "<h1>Bad Gateway</h1>"
        );
    }

    #[test]
    fn statuses_have_their_causes() {
        assert_eq!(of(404, "").cause, Cause::NotFound);
        assert_eq!(of(408, "").cause, Cause::TimedOut);
        assert_eq!(of(429, "").cause, Cause::Throttled);
        for status in [401, 409, 500, 503] {
            assert!(matches!(of(status, "").cause, Cause::Failed { status: s, .. } if s == status));
        }
        let Cause::Malformed { detail } = of(302, "").cause else {
            panic!("a redirect is malformed");
        };
        assert!(detail.contains("never followed"));
    }

    #[test]
    fn what_is_said_of_one_server_is_told_from_what_is_said_of_the_service() {
        let with = |status, code: &str| {
            let body = serde_json::json!({"error": {"code": code, "message": "m"}});
            of(status, &body.to_string()).is_about_one_server()
        };
        for code in ["ServerNotReady", "ResourceNotReady", "ServerStopped"] {
            assert!(with(503, code), "{code}");
        }
        assert!(with(409, "") && with(500, "OperationInProgress"));
        for code in ["", "ServiceUnavailable", "InternalServerError"] {
            assert!(!with(503, code) && !with(500, code), "{code}");
        }
        assert!(!with(502, "ServerNotReady") && !with(404, "Conflict"));
    }

    #[test]
    fn text_of_azure_is_neutralised_and_short() {
        let body =
            serde_json::json!({"code": "A\u{1b}[31m", "message": "x\u{202e}\n".repeat(1000)});
        let error = of(400, &body.to_string());
        assert_eq!(error.code, "A?[31m");
        assert!(error.message.starts_with("x? x?"));
        assert!(error.message.chars().count() <= LONGEST + 1);
        assert!(shorten(&"é".repeat(5000)).chars().count() <= LONGEST + 1);
    }
}
