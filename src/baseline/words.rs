//! The closed vocabularies of the baseline and of Azure Policy, each value spelled as Microsoft spells it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Makes an enum whose text form, in files, in JSON and on screen, is the given spelling.
macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The value as Microsoft spells it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(self.as_str())
            }
        }
    };
}

/// Whether the baseline says that the service offers a feature. A boolean in files and in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "bool", into = "bool")]
pub enum Support {
    /// "True" on the page.
    Supported,
    /// "False" on the page.
    NotSupported,
}

impl From<bool> for Support {
    fn from(supported: bool) -> Self {
        if supported {
            Self::Supported
        } else {
            Self::NotSupported
        }
    }
}

impl From<Support> for bool {
    fn from(support: Support) -> Self {
        support == Support::Supported
    }
}

impl fmt::Display for Support {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Supported => "True",
            Self::NotSupported => "False",
        })
    }
}

vocabulary! {
    /// Whether a new server has the feature without anyone doing anything, as the baseline says.
    EnabledByDefault {
        /// On from the start.
        True = "True",
        /// Off until someone turns it on.
        False = "False",
        /// The feature is not offered.
        NotApplicable = "Not Applicable",
    }
}

vocabulary! {
    /// Who has to configure the feature, as the baseline says.
    Responsibility {
        /// The customer.
        Customer = "Customer",
        /// Customer and Microsoft, each a part.
        Shared = "Shared",
        /// Microsoft.
        Microsoft = "Microsoft",
        /// The feature is not offered.
        NotApplicable = "Not Applicable",
    }
}

vocabulary! {
    /// What kind of guidance the baseline gives for a feature.
    GuidanceKind {
        /// The customer has to do something.
        CustomerAction = "customer action",
        /// Customer and Microsoft each have to do something.
        SharedAction = "shared action",
        /// On by default; the page asks for nothing.
        NoAdditionalConfiguration = "no additional configuration",
        /// Microsoft takes no position: the customer decides.
        OwnDecision = "no Microsoft guidance (own decision)",
        /// The service does not offer the feature.
        NotSupported = "not supported",
    }
}

vocabulary! {
    /// The words of a published workbook for whether the service offers a feature, and for whether it is on from the
    /// start.
    WorkbookWord {
        /// Yes.
        True = "True",
        /// No.
        False = "False",
        /// The question does not arise for this service.
        NotApplicable = "Not Applicable",
        /// The benchmark has no feature for the control.
        NoRelatedFeature = "No Related Feature",
    }
}

vocabulary! {
    /// An effect that a policy definition allows.
    Effect {
        /// Reports; changes nothing.
        Audit = "Audit",
        /// Reports when a related resource is missing or differs.
        AuditIfNotExists = "AuditIfNotExists",
        /// Refuses the request that would break the rule.
        Deny = "Deny",
        /// Creates the related resource when it is missing.
        DeployIfNotExists = "DeployIfNotExists",
        /// Does nothing.
        Disabled = "Disabled",
    }
}

vocabulary! {
    /// Where a policy definition comes from, as far as this program is concerned.
    Origin {
        /// One of the policies that the baseline page maps to a feature.
        BaselinePage = "baseline page",
        /// Member of the initiative "Microsoft cloud security benchmark" (version 1).
        McsbV1 = "MCSB v1",
        /// Member of the initiative "Microsoft cloud security benchmark v2", a preview.
        McsbV2Preview = "MCSB v2 preview",
        /// A built-in definition that neither the page nor the benchmark holds.
        BuiltIn = "built-in",
    }
}

vocabulary! {
    /// The kind of resource that a policy definition evaluates.
    PolicyTarget {
        /// `Microsoft.DBforMySQL/flexibleServers`.
        FlexibleServer = "flexible server",
        /// `Microsoft.DBforMySQL/servers`: the single server, retired on 2024-09-16.
        SingleServer = "retired single server",
        /// The subscription itself, not a server in it.
        Subscription = "subscription",
    }
}

impl PolicyTarget {
    /// The kind that a policy rule's resource type stands for; letter case is ignored, as Azure does.
    #[must_use]
    pub fn of_type(resource_type: &str) -> Option<Self> {
        match resource_type.to_ascii_lowercase().as_str() {
            "microsoft.dbformysql/flexibleservers" => Some(Self::FlexibleServer),
            "microsoft.dbformysql/servers" => Some(Self::SingleServer),
            "microsoft.resources/subscriptions" => Some(Self::Subscription),
            _ => None,
        }
    }
}

vocabulary! {
    /// What Azure Policy's built-in definitions can say about a feature on a flexible server. Derived,
    /// never stored.
    PolicyCoverage {
        /// At least one definition evaluates flexible servers.
        FlexibleServer = "flexible server",
        /// Only the subscription is evaluated, not the server.
        SubscriptionOnly = "subscription only",
        /// Definitions exist, and all of them target the retired single server.
        RetiredOnly = "retired only",
        /// No definition exists.
        None = "none",
    }
}

impl PolicyCoverage {
    /// Whether no definition can evaluate a flexible server: a policy blind spot.
    #[must_use]
    pub const fn is_blind_spot(self) -> bool {
        !matches!(self, Self::FlexibleServer)
    }
}
