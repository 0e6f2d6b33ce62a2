//! The catalogue's types and look-ups.

use serde::{Deserialize, Serialize};

use super::feature_id::FeatureId;
use super::place::FamilyCode;
use super::words::{
    Effect, EnabledByDefault, GuidanceKind, Origin, PolicyCoverage, PolicyTarget, Responsibility,
    Support,
};

/// A control domain of the benchmark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Family {
    /// The benchmark's two letters.
    pub code: FamilyCode,
    /// The benchmark's title.
    pub title: String,
    /// What the family is about on a flexible server, in one paragraph.
    pub summary: String,
    /// Where titles, feature facts and crosswalk of this family were read.
    pub source: String,
}

/// One control of the benchmark that the baseline applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Control {
    /// The identifier, such as `NS-1`.
    pub id: String,
    /// The family that it belongs to.
    pub family: FamilyCode,
    /// The title, as the baseline page has it.
    pub title: String,
    /// The identifiers of other frameworks.
    pub crosswalk: Crosswalk,
}

/// Where a control of the benchmark is found in other frameworks, as the benchmark's own mapping says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Crosswalk {
    /// The benchmark's control whose row is used; the control's own except where [`Crosswalk::note`] says
    /// why not.
    pub benchmark_control: String,
    /// CIS Controls v7.1.
    pub cis_v7_1: Vec<String>,
    /// CIS Controls v8.
    pub cis_v8: Vec<String>,
    /// NIST SP 800-53 revision 4.
    pub nist_sp800_53_r4: Vec<String>,
    /// PCI DSS v3.2.1.
    pub pci_dss_v3_2_1: Vec<String>,
    /// Why the row of another control is used.
    pub note: Option<String>,
}

/// One feature of the baseline: what the page says of it, and what an operator has to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Feature {
    /// Its identifier in this program.
    pub id: FeatureId,
    /// The control that it belongs to, such as `NS-1`.
    pub control: String,
    /// The name, exactly as the baseline has it.
    pub name: String,
    /// Whether the baseline says that the service offers it.
    pub supported: Support,
    /// Whether a new server has it on.
    pub enabled_by_default: EnabledByDefault,
    /// Who configures it.
    pub responsibility: Responsibility,
    /// What kind of guidance the baseline gives.
    pub guidance_kind: GuidanceKind,
    /// What the feature is.
    pub description: String,
    /// What it means here, what to do, what that may break.
    pub guidance: Guidance,
    /// The baseline's feature note, in our words, where the page has one.
    pub notes: Option<String>,
    /// The page that the baseline refers to.
    pub reference: Option<Reference>,
    /// What has moved since the baseline page was written.
    pub platform_note: Option<PlatformNote>,
    /// GUIDs of the policies shown with it: the page's, those that evaluate flexible servers, and those
    /// that the benchmark files under the same subject.
    pub policies: Vec<String>,
    /// Where the facts were read.
    pub source: String,
}

impl Feature {
    /// What the policies shown with this feature can evaluate.
    #[must_use]
    pub fn policy_coverage(&self, catalogue: &Catalogue) -> PolicyCoverage {
        let targets = || {
            catalogue
                .policies_of_feature(self.id)
                .map(|policy| policy.target)
        };
        if targets().any(|target| target == PolicyTarget::FlexibleServer) {
            PolicyCoverage::FlexibleServer
        } else if targets().any(|target| target == PolicyTarget::Subscription) {
            PolicyCoverage::SubscriptionOnly
        } else if targets().next().is_some() {
            PolicyCoverage::RetiredOnly
        } else {
            PolicyCoverage::None
        }
    }

    /// Whether no policy can evaluate this feature on a flexible server.
    #[must_use]
    pub fn blind_spot(&self, catalogue: &Catalogue) -> bool {
        self.policy_coverage(catalogue).is_blind_spot()
    }
}

/// Guidance in our own words. Paragraphs are separated by an empty line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Guidance {
    /// What the feature means on a flexible server.
    pub meaning: String,
    /// What to do, with the settings and server parameters by name.
    pub action: String,
    /// What doing it may break: restarts, clients cut off, steps that cannot be undone, cost.
    pub impact: String,
}

/// A page that the baseline refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The title as the baseline has it.
    pub title: String,
    /// The address, where the baseline gives one.
    pub url: Option<String>,
}

/// What has changed on the platform since the baseline page was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlatformNote {
    /// What changed, or what the page leaves open.
    pub text: String,
    /// Where that is seen.
    pub source: String,
}

/// A built-in definition of Azure Policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// The definition's identifier, in lower case.
    pub guid: String,
    /// The display name.
    pub name: String,
    /// The version that the other fields describe.
    pub version: String,
    /// The effects that the definition allows; the first is the default.
    pub effects: Vec<Effect>,
    /// The resource type in the rule, as the definition spells it.
    pub target_type: String,
    /// The kind of resource that this type is.
    pub target: PolicyTarget,
    /// Whether the definition evaluates flexible servers.
    pub targets_flexible: bool,
    /// Where it comes from.
    pub origins: Vec<Origin>,
    /// The benchmark's groups that hold it.
    pub groups: PolicyGroups,
    /// How many built-in initiatives hold it.
    pub initiatives: usize,
    /// The rule, in our words.
    pub rule: String,
    /// What is odd about it, or easily misread.
    pub note: Option<String>,
    /// The file in Microsoft's repository of built-in definitions.
    pub file: String,
}

impl Policy {
    /// Whether the baseline page itself names it. All four that it names are about the retired single server.
    #[must_use]
    pub fn is_named_by_the_page(&self) -> bool {
        self.origins.contains(&Origin::BaselinePage)
    }

    /// The effect that applies when an assignment sets none.
    #[must_use]
    pub fn default_effect(&self) -> Option<Effect> {
        self.effects.first().copied()
    }
}

/// The controls under which the benchmark's initiatives file a policy, as published.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PolicyGroups {
    /// Microsoft cloud security benchmark, version 1.
    pub mcsb_v1: Vec<String>,
    /// The same initiative in Azure Government.
    pub mcsb_v1_government: Vec<String>,
    /// Microsoft cloud security benchmark v2, a preview.
    pub mcsb_v2_preview: Vec<String>,
}

/// Everything that the program knows about the baseline. Made by [`parse`](super::parse).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    pub(super) families: Vec<Family>,
    pub(super) controls: Vec<Control>,
    pub(super) features: Vec<Feature>,
    pub(super) policies: Vec<Policy>,
    pub(super) policy_source: String,
}

impl Catalogue {
    /// The families, in catalogue order.
    #[must_use]
    pub fn families(&self) -> &[Family] {
        &self.families
    }

    /// The controls, in catalogue order.
    #[must_use]
    pub fn controls(&self) -> &[Control] {
        &self.controls
    }

    /// The families of the baseline, without the one beyond it.
    pub fn baseline_families(&self) -> impl Iterator<Item = &Family> {
        self.families.iter().filter(|it| it.code.is_baseline())
    }

    /// The controls of the baseline, without those beyond it.
    pub fn baseline_controls(&self) -> impl Iterator<Item = &Control> {
        self.controls.iter().filter(|it| it.family.is_baseline())
    }

    /// The features of the baseline, without those beyond it.
    pub fn baseline_features(&self) -> impl Iterator<Item = &Feature> {
        self.features.iter().filter(|it| it.id.is_baseline())
    }

    /// The features, in catalogue order.
    #[must_use]
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The policies: flexible server, then single server, then subscription.
    #[must_use]
    pub fn policies(&self) -> &[Policy] {
        &self.policies
    }

    /// Where the policies were read, and of which date they are.
    #[must_use]
    pub fn policy_source(&self) -> &str {
        &self.policy_source
    }

    /// The family of a code. A parsed catalogue holds every one.
    #[must_use]
    pub fn family(&self, code: FamilyCode) -> &Family {
        &self.families[code.index()]
    }

    /// The control of an identifier such as `NS-1`, ignoring letter case.
    #[must_use]
    pub fn control(&self, id: &str) -> Option<&Control> {
        self.controls
            .iter()
            .find(|control| control.id.eq_ignore_ascii_case(id))
    }

    /// The feature of an identifier. A parsed catalogue holds every one.
    #[must_use]
    pub fn feature(&self, id: FeatureId) -> &Feature {
        &self.features[id.index()]
    }

    /// The policy of a GUID, ignoring letter case.
    #[must_use]
    pub fn policy(&self, guid: &str) -> Option<&Policy> {
        self.policies
            .iter()
            .find(|policy| policy.guid.eq_ignore_ascii_case(guid))
    }

    /// The controls of a family, in catalogue order.
    pub fn controls_of_family(&self, code: FamilyCode) -> impl Iterator<Item = &Control> {
        self.controls
            .iter()
            .filter(move |control| control.family == code)
    }

    /// The features of a control such as `NS-1`, in catalogue order; none when there is no such control.
    pub fn features_of_control<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Feature> {
        self.features
            .iter()
            .filter(move |feature| feature.control.eq_ignore_ascii_case(id))
    }

    /// The policies shown with a feature, in the order of the catalogue's data.
    pub fn policies_of_feature(&self, id: FeatureId) -> impl Iterator<Item = &Policy> {
        self.feature(id)
            .policies
            .iter()
            .filter_map(|guid| self.policy(guid))
    }

    /// The features that a policy is shown with.
    pub fn features_of_policy<'a>(&'a self, guid: &'a str) -> impl Iterator<Item = &'a Feature> {
        self.features.iter().filter(move |feature| {
            feature
                .policies
                .iter()
                .any(|known| known.eq_ignore_ascii_case(guid))
        })
    }
}
