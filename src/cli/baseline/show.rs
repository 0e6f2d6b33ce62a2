//! One part of the catalogue as a page of text.

use std::io::{self, Write};

use super::page::Page;
use crate::baseline::{
    Catalogue, Control, Family, Feature, Origin, Policy, PolicyTarget, Subject, Support,
};

/// Writes the page of a family, control, feature or policy.
pub(super) fn show<W: Write>(
    catalogue: &Catalogue,
    subject: Subject<'_>,
    page: &mut Page<'_, W>,
) -> io::Result<()> {
    match subject {
        Subject::Family(family) => show_family(catalogue, family, page),
        Subject::Control(control) => show_control(catalogue, control, page),
        Subject::Feature(feature) => {
            show_feature(catalogue, feature, page)?;
            if let Some(control) = catalogue.control(&feature.control) {
                page.heading(&format!("Crosswalk of {}", control.id))?;
                show_crosswalk(control, page)?;
            }
            Ok(())
        }
        Subject::Policy(policy) => show_policy(catalogue, policy, page),
    }
}

fn show_family<W: Write>(
    catalogue: &Catalogue,
    family: &Family,
    page: &mut Page<'_, W>,
) -> io::Result<()> {
    page.title(&format!("{} {}", family.code, family.title))?;
    page.paragraph(0, &family.summary)?;
    for control in catalogue.controls_of_family(family.code) {
        page.blank()?;
        page.field(&control.id, &control.title)?;
        for feature in catalogue.features_of_control(&control.id) {
            let support = match feature.supported {
                Support::Supported => "",
                Support::NotSupported => " (not supported, says the baseline)",
            };
            page.field(
                "",
                &format!("{}{support}: {}", feature.name, feature.id.slug()),
            )?;
        }
    }
    page.blank()?;
    page.field("Source", &family.source)
}

fn show_control<W: Write>(
    catalogue: &Catalogue,
    control: &Control,
    page: &mut Page<'_, W>,
) -> io::Result<()> {
    page.title(&format!("{} {}", control.id, control.title))?;
    page.field(
        "Family",
        &format!(
            "{} {}",
            control.family,
            catalogue.family(control.family).title
        ),
    )?;
    page.heading("Crosswalk")?;
    show_crosswalk(control, page)?;
    for feature in catalogue.features_of_control(&control.id) {
        page.blank()?;
        page.blank()?;
        show_feature(catalogue, feature, page)?;
    }
    Ok(())
}

fn show_crosswalk<W: Write>(control: &Control, page: &mut Page<'_, W>) -> io::Result<()> {
    let crosswalk = &control.crosswalk;
    let listed = |ids: &[String]| {
        if ids.is_empty() {
            "none".to_owned()
        } else {
            ids.join(", ")
        }
    };
    page.field("CIS v7.1", &listed(&crosswalk.cis_v7_1))?;
    page.field("CIS v8", &listed(&crosswalk.cis_v8))?;
    page.field("NIST 800-53 r4", &listed(&crosswalk.nist_sp800_53_r4))?;
    page.field("PCI DSS v3.2.1", &listed(&crosswalk.pci_dss_v3_2_1))?;
    crosswalk
        .note
        .as_ref()
        .map_or(Ok(()), |note| page.field("Note", note))
}

fn show_feature<W: Write>(
    catalogue: &Catalogue,
    feature: &Feature,
    page: &mut Page<'_, W>,
) -> io::Result<()> {
    page.title(&format!("{} {}", feature.control, feature.name))?;
    page.paragraph(0, &feature.description)?;

    page.heading(if feature.id.is_baseline() {
        "What the baseline says"
    } else {
        "What Azure offers"
    })?;
    page.field("Supported", &feature.supported.to_string())?;
    page.field("Default", feature.enabled_by_default.as_str())?;
    page.field("Responsibility", feature.responsibility.as_str())?;
    page.field("Guidance", feature.guidance_kind.as_str())?;
    if let Some(notes) = &feature.notes {
        page.field("Notes", notes)?;
    }
    if let Some(reference) = &feature.reference {
        page.field("Reference", &reference.title)?;
        page.field(
            "",
            reference
                .url
                .as_deref()
                .unwrap_or("(the baseline gives no address)"),
        )?;
    }
    page.field("Source", &feature.source)?;
    page.field("Short name", feature.id.slug())?;

    if let Some(note) = &feature.platform_note {
        page.heading("The platform today")?;
        page.paragraph(2, &note.text)?;
        page.blank()?;
        page.paragraph(2, &format!("Seen in: {}", note.source))?;
    }
    let guidance = &feature.guidance;
    for (heading, text) in [
        ("What it means", &guidance.meaning),
        ("What to do", &guidance.action),
        ("What it may break", &guidance.impact),
    ] {
        page.heading(heading)?;
        page.paragraph(2, text)?;
    }
    show_policies_of(catalogue, feature, page)
}

fn show_policies_of<W: Write>(
    catalogue: &Catalogue,
    feature: &Feature,
    page: &mut Page<'_, W>,
) -> io::Result<()> {
    page.heading("Policies")?;
    for (position, policy) in catalogue.policies_of_feature(feature.id).enumerate() {
        if position > 0 {
            page.blank()?;
        }
        page.paragraph(2, &format!("{}, version {}", policy.guid, policy.version))?;
        page.paragraph(4, &policy.name)?;
        page.paragraph(4, evaluates(policy))?;
        page.paragraph(
            4,
            &format!("from: {}; effects: {}", origins(policy), effects(policy)),
        )?;
        if let Some(note) = &policy.note {
            page.paragraph(4, note)?;
        }
    }
    if feature.blind_spot(catalogue) {
        if !feature.policies.is_empty() {
            page.blank()?;
        }
        page.paragraph(
            2,
            "Policy blind spot: no built-in policy of Azure evaluates this on a flexible server, so \
             Azure's own compliance view can say nothing about it.",
        )?;
    }
    Ok(())
}

fn show_policy<W: Write>(
    catalogue: &Catalogue,
    policy: &Policy,
    page: &mut Page<'_, W>,
) -> io::Result<()> {
    page.title(&policy.name)?;
    page.field("GUID", &policy.guid)?;
    page.field("Version", &policy.version)?;
    page.field("Effects", &effects(policy))?;
    page.field(
        "Target",
        &format!("{}: {}", policy.target_type, evaluates(policy)),
    )?;
    page.field("From", &origins(policy))?;
    for (label, groups) in [
        ("MCSB v1", &policy.groups.mcsb_v1),
        ("  government", &policy.groups.mcsb_v1_government),
        ("MCSB v2 preview", &policy.groups.mcsb_v2_preview),
    ] {
        page.field(
            label,
            if groups.is_empty() {
                "not in it".to_owned()
            } else {
                groups.join(", ")
            }
            .as_str(),
        )?;
    }
    page.field(
        "Initiatives",
        &format!("{} built-in initiatives hold it", policy.initiatives),
    )?;
    page.heading("Rule")?;
    page.paragraph(2, &policy.rule)?;
    if let Some(note) = &policy.note {
        page.heading("Note")?;
        page.paragraph(2, note)?;
    }
    page.heading("Shown with")?;
    let mut shown = false;
    for feature in catalogue.features_of_policy(&policy.guid) {
        page.paragraph(2, &format!("{} {}", feature.control, feature.name))?;
        shown = true;
    }
    if !shown {
        page.paragraph(2, "no feature of the baseline")?;
    }
    page.blank()?;
    page.field("File", &policy.file)?;
    page.field("Source", catalogue.policy_source())
}

/// Whether the policy says anything about a flexible server, in words that leave no doubt.
fn evaluates(policy: &Policy) -> &'static str {
    match policy.target {
        PolicyTarget::FlexibleServer => "evaluates flexible servers",
        PolicyTarget::SingleServer => {
            "targets the retired single server: never evaluates a flexible server"
        }
        PolicyTarget::Subscription => "targets the subscription: evaluates no server",
    }
}

fn origins(policy: &Policy) -> String {
    policy
        .origins
        .iter()
        .map(|origin| Origin::as_str(*origin))
        .collect::<Vec<_>>()
        .join(", ")
}

fn effects(policy: &Policy) -> String {
    let names: Vec<&str> = policy
        .effects
        .iter()
        .map(|effect| effect.as_str())
        .collect();
    match names.as_slice() {
        [default, others @ ..] if !others.is_empty() => {
            format!("{default} (default), {}", others.join(", "))
        }
        _ => names.join(", "),
    }
}
