//! The file of policies: each definition well-formed and at peace with itself.

use super::entry::{PolicyEntry, PolicyFileEntry};
use super::{CatalogueError, POLICIES_FILE, SourceFile};
use crate::baseline::model::{Policy, PolicyGroups};
use crate::baseline::words::{Origin, PolicyTarget};

/// The policies and where they were read.
pub(super) fn parse_policies(
    files: &[(&str, &str)],
) -> Result<(String, Vec<Policy>), CatalogueError> {
    let Some(&(name, text)) = files.iter().find(|(name, _)| *name == POLICIES_FILE) else {
        let message = "the file of policies is missing".to_owned();
        return Err(CatalogueError {
            file: POLICIES_FILE.to_owned(),
            line: 1,
            message,
        });
    };
    let file = SourceFile { name, text };
    let entries: PolicyFileEntry = file.parse()?;
    let mut policies: Vec<Policy> = Vec::new();
    for entry in entries.policy {
        let span = entry.guid.span();
        let policy = check_policy(&file, entry)?;
        if policies.iter().any(|known| known.guid == policy.guid) {
            return Err(file.error(&span, format!("the policy {} is given twice", policy.guid)));
        }
        policies.push(policy);
    }
    policies.sort_by_key(|policy| policy.target);
    Ok((entries.source.0, policies))
}

fn check_policy(file: &SourceFile<'_>, entry: PolicyEntry) -> Result<Policy, CatalogueError> {
    let guid = entry.guid.get_ref();
    if !is_guid(guid) {
        return Err(file.error(
            &entry.guid.span(),
            format!("`{guid}` is not a GUID in lower case"),
        ));
    }
    if entry.effects.get_ref().is_empty() {
        return Err(file.error(
            &entry.effects.span(),
            format!("the policy {guid} has no effect"),
        ));
    }
    let Some(target) = PolicyTarget::of_type(entry.target_type.get_ref()) else {
        let message =
            format!("the policy {guid} targets a resource type that this catalogue is not about");
        return Err(file.error(&entry.target_type.span(), message));
    };
    if *entry.targets_flexible.get_ref() != (target == PolicyTarget::FlexibleServer) {
        let message =
            format!("the policy {guid} contradicts its own target type, which is a {target}");
        return Err(file.error(&entry.targets_flexible.span(), message));
    }
    let origins = entry.origins.get_ref();
    let has = |origin| origins.contains(&origin);
    let elsewhere = has(Origin::BaselinePage) || has(Origin::McsbV1) || has(Origin::McsbV2Preview);
    if has(Origin::McsbV1) == entry.groups.mcsb_v1.is_empty()
        || has(Origin::McsbV2Preview) == entry.groups.mcsb_v2_preview.is_empty()
        || has(Origin::BuiltIn) == elsewhere
    {
        let message =
            format!("the origins of the policy {guid} contradict its groups or each other");
        return Err(file.error(&entry.origins.span(), message));
    }
    Ok(Policy {
        guid: entry.guid.into_inner(),
        name: entry.name.0,
        version: entry.version,
        effects: entry.effects.into_inner(),
        target_type: entry.target_type.into_inner(),
        target,
        targets_flexible: entry.targets_flexible.into_inner(),
        origins: entry.origins.into_inner(),
        groups: PolicyGroups {
            mcsb_v1: entry.groups.mcsb_v1,
            mcsb_v1_government: entry.groups.mcsb_v1_government,
            mcsb_v2_preview: entry.groups.mcsb_v2_preview,
        },
        initiatives: entry.initiatives,
        rule: entry.rule.0,
        note: entry.note.map(|note| note.0),
        file: entry.file.0,
    })
}

fn is_guid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let is_hexadecimal = |group: &&str| {
        group
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]) && groups.iter().all(is_hexadecimal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_has_its_groups_in_lower_case() {
        assert!(is_guid("c9299215-ae47-4f50-9c54-8a392f68a052"));
        for wrong in [
            "",
            "c9299215",
            "C9299215-ae47-4f50-9c54-8a392f68a052",
            "c9299215-ae47-4f50-9c548a392f68a052-",
        ] {
            assert!(!is_guid(wrong), "{wrong}");
        }
    }
}
