//! Policies and their assignments. Ids, reference ids and groups are those of the built-in definitions.

use serde_json::{Value, json};

use crate::simulator::fleet::Fleet;

/// A policy that targets flexible servers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Policy {
    EntraOnly,
    ThreatProtection,
    PublicAccess,
    AuditLogs,
    ZoneResilient,
    /// A policy of the estate's own.
    CostCenter,
}

/// A policy as an assignment holds it.
#[derive(Debug)]
pub(in crate::simulator) struct Assigned {
    pub(super) policy: Policy,
    /// Its name within the initiative; empty when the policy is assigned by itself.
    pub(in crate::simulator) reference: &'static str,
    groups: &'static [&'static str],
}

/// An assignment of an initiative or of a single policy.
#[derive(Debug)]
pub(in crate::simulator) struct Assignment {
    pub(in crate::simulator) name: &'static str,
    /// On the management group above the subscription, instead of on the subscription.
    above: bool,
    /// The initiative.
    set: Option<&'static str>,
    pub(in crate::simulator) policies: &'static [Assigned],
}

/// Which policies a subscription has, and which states show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Profile {
    /// The benchmark, in its preview version and on a management group, and one of its policies once more.
    Preview,
    /// The benchmark and three policies of different origins.
    Broad,
    Benchmark,
    /// Single policies.
    Direct,
    /// States show, but none of a server.
    OthersOnly,
    /// No state shows at all.
    Silent,
}

const ENTRA_ONLY: Assigned = Assigned {
    policy: Policy::EntraOnly,
    reference: "mySqlServerADOnlyEnabledMonitoring",
    groups: &["azure_security_benchmark_v3.0_dp-4"],
};

const THREAT_PROTECTION: Assigned = Assigned {
    policy: Policy::ThreatProtection,
    reference: "mySqlFlexibleServersAdvancedDataSecurityMonitoring",
    groups: &[
        "azure_security_benchmark_v3.0_lt-1",
        "azure_security_benchmark_v3.0_lt-2",
        "azure_security_benchmark_v3.0_ir-3",
        "azure_security_benchmark_v3.0_ir-5",
    ],
};

const fn single(name: &'static str, policies: &'static [Assigned]) -> Assignment {
    Assignment {
        name,
        above: false,
        set: None,
        policies,
    }
}

const fn alone(policy: Policy) -> Assigned {
    Assigned {
        policy,
        reference: "",
        groups: &[],
    }
}

static BENCHMARK: Assignment = Assignment {
    name: "SecurityCenterBuiltIn",
    above: false,
    set: Some("1f3afdf9-d0c9-4c3d-847f-89da613e70a8"),
    policies: &[ENTRA_ONLY, THREAT_PROTECTION],
};

pub(super) static PREVIEW: Assignment = Assignment {
    name: "mcsb-v2-preview",
    above: true,
    set: Some("e3ec7e09-768c-4b64-882c-fcada3772047"),
    policies: &[
        ENTRA_ONLY,
        THREAT_PROTECTION,
        Assigned {
            policy: Policy::PublicAccess,
            reference: "PublicAccessMySQLFlexibleServers",
            groups: &["azure_security_benchmark_v3.0_ns-2"],
        },
    ],
};

static PUBLIC_ACCESS: Assignment = single("deny-public-mysql", &[alone(Policy::PublicAccess)]);
static AUDIT_LOGS: Assignment = single("mysql-logs-to-law", &[alone(Policy::AuditLogs)]);
static ZONES: Assignment = Assignment {
    name: "zone-resilience",
    above: false,
    set: Some("130fb88f-0fc9-4678-bfe1-31022d71c7d5"),
    policies: &[Assigned {
        policy: Policy::ZoneResilient,
        reference: "Microsoft.DBforMySQL/flexibleServers_ZoneResilient",
        groups: &[],
    }],
};
static COST_CENTER: Assignment = single("require-cost-center", &[alone(Policy::CostCenter)]);

static BROAD: [&Assignment; 4] = [&BENCHMARK, &AUDIT_LOGS, &ZONES, &COST_CENTER];
static PREVIEW_TWICE: [&Assignment; 2] = [&PREVIEW, &PUBLIC_ACCESS];
static BENCHMARK_ALONE: [&Assignment; 1] = [&BENCHMARK];
static DIRECT: [&Assignment; 2] = [&PUBLIC_ACCESS, &COST_CENTER];

impl Profile {
    pub(super) fn assignments(self) -> &'static [&'static Assignment] {
        match self {
            Self::Preview => &PREVIEW_TWICE,
            Self::Broad => &BROAD,
            Self::Benchmark => &BENCHMARK_ALONE,
            Self::Direct => &DIRECT,
            Self::OthersOnly | Self::Silent => &[],
        }
    }
}

impl Policy {
    fn name(self) -> &'static str {
        match self {
            Self::EntraOnly => "40e85574-ef33-47e8-a854-7a65c7500560",
            Self::ThreatProtection => "3bc8a0d5-38e0-4a3d-a657-2cb64468fc34",
            Self::PublicAccess => "c9299215-ae47-4f50-9c54-8a392f68a052",
            Self::AuditLogs => "7860f3fe-0db3-42d4-bf3d-7042ea5e5787",
            Self::ZoneResilient => "493c215d-2554-5976-bc81-57d2c04fc8c1",
            Self::CostCenter => "require-cost-center-tag",
        }
    }

    /// The id of its definition: built in, or the subscription's own.
    pub(super) fn definition(self, fleet: &Fleet, subscription: u32) -> String {
        let above = match self {
            Self::CostCenter => format!(
                "/subscriptions/{}",
                fleet.subscriptions[subscription as usize].id
            ),
            _ => String::new(),
        };
        format!(
            "{above}/providers/Microsoft.Authorization/policyDefinitions/{}",
            self.name()
        )
    }

    fn action(self) -> &'static str {
        match self {
            Self::EntraOnly | Self::ThreatProtection => "auditifnotexists",
            Self::AuditLogs => "deployifnotexists",
            Self::PublicAccess | Self::ZoneResilient | Self::CostCenter => "audit",
        }
    }
}

impl Assignment {
    /// Where it is made: the subscription, or the management group right above it.
    pub(in crate::simulator) fn scope(&self, fleet: &Fleet, subscription: u32) -> String {
        if self.above {
            let group = &fleet.management_groups(subscription)[0];
            format!("/providers/Microsoft.Management/managementGroups/{group}")
        } else {
            let id = &fleet.subscriptions[subscription as usize].id;
            format!("/subscriptions/{id}")
        }
    }

    /// The id of the assignment as a subscription sees it.
    pub(in crate::simulator) fn id(&self, fleet: &Fleet, subscription: u32) -> String {
        format!(
            "{}/providers/Microsoft.Authorization/policyAssignments/{}",
            self.scope(fleet, subscription),
            self.name
        )
    }

    pub(super) fn set_id(&self) -> Option<String> {
        self.set
            .map(|set| format!("/providers/Microsoft.Authorization/policySetDefinitions/{set}"))
    }

    /// The members of a state that follow from the assignment.
    pub(super) fn properties(
        &self,
        fleet: &Fleet,
        subscription: u32,
        assigned: &Assigned,
    ) -> Value {
        json!({
            "policyAssignmentId": self.id(fleet, subscription),
            "policyAssignmentName": self.name,
            "policyAssignmentScope": self.scope(fleet, subscription),
            "policyDefinitionId": assigned.policy.definition(fleet, subscription),
            "policyDefinitionName": assigned.policy.name(),
            "policyDefinitionAction": assigned.policy.action(),
            "policyDefinitionReferenceId": assigned.reference,
            "policyDefinitionGroupNames": assigned.groups,
            "policySetDefinitionId": self.set_id().unwrap_or_default(),
            "policySetDefinitionName": self.set.unwrap_or_default(),
            "managementGroupIds": fleet.management_groups(subscription).join(","),
            "subscriptionId": fleet.subscriptions[subscription as usize].id,
            "isDeleted": false,
        })
    }
}
