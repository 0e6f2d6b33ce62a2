//! What Azure says when it says no. Bodies follow recorded or quoted ones; codes and words are Azure's.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::http::Answer;

fn error(status: u16, code: &str, message: impl Into<String>) -> Answer {
    Answer::json(
        status,
        &json!({ "error": { "code": code, "message": message.into() } }),
    )
}

/// 401 when there is no Authorization header.
pub(super) fn not_signed_in(tenant: &str) -> Answer {
    error(
        401,
        "AuthenticationFailed",
        "Authentication failed. The 'Authorization' header is missing.",
    )
    .with(
        "WWW-Authenticate",
        challenge(
            tenant,
            "The authentication failed because of missing 'Authorization' header.",
        ),
    )
}

/// 401 when the token is not the one that was given out.
pub(super) fn invalid_token(tenant: &str) -> Answer {
    error(
        401,
        "InvalidAuthenticationToken",
        "The access token is invalid.",
    )
    .with(
        "WWW-Authenticate",
        challenge(tenant, "The access token is invalid."),
    )
}

fn challenge(tenant: &str, description: &str) -> String {
    format!(
        "Bearer authorization_uri=\"https://login.microsoftonline.com/{tenant}\", error=\"invalid_token\", \
         error_description=\"{description}\""
    )
}

pub(super) fn missing_api_version() -> Answer {
    error(
        400,
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
    )
}

/// 400 where Azure Resource Manager itself answers.
pub(super) fn invalid_api_version(given: &str, supported: &[&str]) -> Answer {
    error(
        400,
        "InvalidApiVersionParameter",
        format!(
            "The api-version '{given}' is invalid. The supported versions are '{}'.",
            supported.join(",")
        ),
    )
}

/// 404 for a list or a resource without a place when the provider does not know the version.
pub(super) fn unknown_version(
    provider: &str,
    kind: &str,
    given: &str,
    supported: &[&str],
) -> Answer {
    error(
        404,
        "InvalidResourceType",
        format!(
            "The resource type '{kind}' could not be found in the namespace '{provider}' for api version \
             '{given}'. The supported api-versions are '{}'.",
            supported.join(",")
        ),
    )
}

/// 400 for one resource, which lives in a location, when no provider there knows the version.
pub(super) fn no_registered_provider(
    location: &str,
    kind: &str,
    given: &str,
    supported: &[&str],
) -> Answer {
    error(
        400,
        "NoRegisteredProviderFound",
        format!(
            "No registered resource provider found for location '{location}' and API version '{given}' for type \
             '{kind}'. The supported api-versions are '{}'.",
            supported.join(", ")
        ),
    )
}

pub(super) fn unknown_type(provider: &str, given: &str) -> Answer {
    error(
        404,
        "InvalidResourceType",
        format!(
            "The resource type could not be found in the namespace '{provider}' for api version '{given}'."
        ),
    )
}

pub(super) fn unknown_namespace(provider: &str) -> Answer {
    error(
        404,
        "InvalidResourceNamespace",
        format!("The resource namespace '{provider}' is invalid."),
    )
}

pub(super) fn malformed_subscription(id: &str) -> Answer {
    error(
        400,
        "InvalidSubscriptionId",
        format!("The provided subscription identifier '{id}' is malformed or invalid."),
    )
}

pub(super) fn no_subscription(id: &str) -> Answer {
    error(
        404,
        "SubscriptionNotFound",
        format!("The subscription '{id}' could not be found."),
    )
}

pub(super) fn no_group(name: &str) -> Answer {
    error(
        404,
        "ResourceGroupNotFound",
        format!("Resource group '{name}' could not be found."),
    )
}

/// `resource` is the type and the names, as in `Microsoft.DBforMySQL/flexibleServers/orders`.
pub(super) fn no_resource(resource: &str, group: &str) -> Answer {
    error(
        404,
        "ResourceNotFound",
        format!(
            "The Resource '{resource}' under resource group '{group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"
        ),
    )
}

/// 404 for a path that is no resource of any kind.
pub(super) fn no_route(path: &str) -> Answer {
    error(
        404,
        "NotFound",
        format!("No HTTP resource was found that matches the request URI '{path}'."),
    )
}

/// 404 of the provider itself for a child that the server does not have.
pub(super) fn no_child(name: &str) -> Answer {
    error(
        404,
        "ResourceNotFound",
        format!("The requested resource of name '{name}' was not found."),
    )
}

/// 404 for a key that the vault does not hold.
pub(super) fn no_key(name: &str) -> Answer {
    error(
        404,
        "KeyNotFound",
        format!("A key with (name/id) {name} was not found in this key vault."),
    )
}

pub(super) fn denied(caller: &str, action: &str, scope: &str) -> Answer {
    error(
        403,
        "AuthorizationFailed",
        authorization_failed(caller, action, scope),
    )
}

/// As `microsoft.insights` writes errors: without the member `error` around them.
pub(super) fn denied_unwrapped(caller: &str, action: &str, scope: &str) -> Answer {
    let message = authorization_failed(caller, action, scope);
    Answer::json(
        403,
        &json!({ "code": "AuthorizationFailed", "message": message }),
    )
}

fn authorization_failed(caller: &str, action: &str, scope: &str) -> String {
    format!(
        "The client '{caller}' with object id '{caller}' does not have authorization to perform action '{action}' \
         over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your \
         credentials."
    )
}

/// 409 of a server that does not run, as quoted in a public bug report about the list of configurations;
/// no recording of one is known.
pub(super) fn not_running(server: &str, state: &str) -> Answer {
    error(
        409,
        "ServerUnavailableForOperation",
        format!(
            "Operation 'GetServerParameters' cannot be performed as server '{server}' is currently in state '{state}'."
        ),
    )
}

pub(super) fn method_not_allowed(method: &str, allowed: &str) -> Answer {
    error(
        405,
        "MethodNotAllowed",
        format!("The requested resource does not support http method '{method}'."),
    )
    .with("Allow", allowed.to_owned())
}

pub(super) fn bad_skip_token() -> Answer {
    error(
        400,
        "InvalidSkipToken",
        "The provided skip token is invalid.",
    )
}

pub(super) fn reads_exhausted(subscription: &str, caller: &str, seconds: u64) -> Answer {
    error(
        429,
        "SubscriptionRequestsThrottled",
        format!(
            "Number of 'read' requests for subscription '{subscription}' actor '{caller}' exceeded. Please try \
             again after '{seconds}' seconds."
        ),
    )
    .with("Retry-After", seconds.to_string())
}

pub(super) fn queries_exhausted(request: &str) -> Answer {
    let detail = json!({
        "code": "RateLimiting",
        "message": "Client application has been throttled and should not attempt to repeat the request until an \
                    amount of time has elapsed. Please see https://aka.ms/resourcegraph-throttling for help.",
    });
    graph(429, "RateLimiting", request, vec![detail])
}

/// 400 of Resource Graph, which nests its reasons.
pub(super) fn bad_query(request: &str, details: Vec<Value>) -> Answer {
    graph(400, "BadRequest", request, details)
}

fn graph(status: u16, code: &str, request: &str, details: Vec<Value>) -> Answer {
    let message = format!(
        "Please provide below info when asking for support: timestamp = {}, correlationId = {request}.",
        Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%7fZ")
    );
    Answer::json(
        status,
        &json!({ "error": { "code": code, "message": message, "details": details } }),
    )
}
