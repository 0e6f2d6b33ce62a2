//! The arguments that say which part of what is visible is scanned, and for which checks.

use crate::baseline::Selector;
use crate::store::{Scope, TagFilter};

/// Which part of what is visible is scanned. Of one option given several times any may fit, of different options each
/// must.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ScopeArguments {
    /// A subscription to scan, by id or name; may be given several times [default: every visible one]
    #[arg(long, value_name = "SUBSCRIPTION")]
    subscription: Vec<String>,

    /// Scan the subscriptions below a management group, by id or name
    #[arg(long, value_name = "GROUP", value_parser = not_empty)]
    management_group: Vec<String>,

    /// Scan the servers of a resource group
    #[arg(long, value_name = "GROUP", value_parser = not_empty)]
    resource_group: Vec<String>,

    /// Scan the servers that bear a tag, with this value when one is given
    #[arg(long, value_name = "NAME[=VALUE]")]
    tag: Vec<TagFilter>,

    /// Scan a server, by id or name; in a name * and ? stand for other characters
    #[arg(long, value_name = "SERVER", value_parser = not_empty)]
    server: Vec<String>,

    /// Read only what a family, control or feature needs, such as NS, DP-3 or private-link; all else is shown as not read
    #[arg(long, value_name = "CHECK")]
    only: Vec<Selector>,
}

impl ScopeArguments {
    /// The scope.
    #[must_use]
    pub fn scope(self) -> Scope {
        Scope {
            subscriptions: self.subscription,
            management_groups: self.management_group,
            resource_groups: self.resource_group,
            tags: self.tag,
            servers: self.server,
            only: self.only,
        }
    }
}

fn not_empty(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        Err("a name is not empty".to_owned())
    } else {
        Ok(text.to_owned())
    }
}
