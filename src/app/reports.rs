//! What is told of all servers of a scan together: what Azure Policy says, which permissions are missing, and what
//! exemptions cover. One fold over the documents makes all of it; it is done outside and comes back as a message.

use std::sync::Arc;

use crate::baseline::catalogue;
use crate::documents::ServerDocuments;
use crate::posture::permissions::{LeftOut, PermissionReport, Permissions};
use crate::posture::policy::PolicyFleet;
use crate::posture::{ExemptionUse, Judge, judge};

/// What is told of all servers of a scan together.
#[derive(Clone, Debug)]
pub struct ScanReports {
    /// How many servers were looked at.
    pub servers: usize,
    /// What Azure Policy says, and what its rules come to.
    pub policies: PolicyFleet,
    /// Which permissions would turn what is unknown into answers.
    pub permissions: PermissionReport,
    /// The smallest role that grants them, as the file that the Azure CLI takes; `None` where there is nothing to grant.
    pub role: Option<String>,
    /// What cannot be in the role, and why.
    pub not_in_role: Vec<LeftOut>,
    /// What each exemption covers, in the order of the file.
    pub exemptions: Vec<ExemptionUse>,
}

/// The fold that makes the reports.
#[derive(Debug)]
pub struct ReportsFold<'a> {
    judge: &'a Judge,
    servers: usize,
    policies: PolicyFleet,
    permissions: Permissions,
    exemptions: Vec<ExemptionUse>,
}

impl<'a> ReportsFold<'a> {
    /// A fold over no server yet.
    #[must_use]
    pub fn new(judge: &'a Judge) -> Self {
        Self {
            judge,
            servers: 0,
            policies: PolicyFleet::new(catalogue()),
            permissions: Permissions::default(),
            exemptions: vec![ExemptionUse::default(); judge.exemptions.entries.len()],
        }
    }

    /// How many servers were added.
    #[must_use]
    pub const fn servers(&self) -> usize {
        self.servers
    }

    /// Adds a server.
    pub fn add(&mut self, documents: &ServerDocuments) {
        self.servers += 1;
        self.policies.add(documents);
        let findings = judge(documents, &self.judge.ruleset);
        self.permissions.add(documents, &findings);
        let exemptions = &self.judge.exemptions;
        exemptions.count(documents.id(), &findings, &mut self.exemptions);
    }

    /// The reports.
    #[must_use]
    pub fn finish(self) -> ScanReports {
        let permissions = self.permissions.finish();
        let proposal = permissions.role();
        ScanReports {
            servers: self.servers,
            policies: self.policies,
            permissions,
            role: proposal
                .role
                .and_then(|role| serde_json::to_string_pretty(&role).ok()),
            not_in_role: proposal.left_out,
            exemptions: self.exemptions,
        }
    }
}

/// What there is of the reports.
#[derive(Clone, Debug, Default)]
pub enum ReportsState {
    /// Nobody asked for them.
    #[default]
    None,
    /// They are being made; so many servers were looked at.
    Loading(usize),
    /// They were made.
    Loaded(Arc<ScanReports>),
    /// They could not be made, and why.
    Failed(String),
}

impl ReportsState {
    /// The reports, when they are there.
    #[must_use]
    pub fn loaded(&self) -> Option<&ScanReports> {
        match self {
            Self::Loaded(reports) => Some(reports),
            Self::None | Self::Loading(_) | Self::Failed(_) => None,
        }
    }
}
