//! `flexposture permissions`: which permissions would turn what is unknown into answers, and the role that grants them.

use std::io::{self, Write};

use anyhow::bail;

use crate::cli::store_choice;
use crate::documents::text::neutral;
use crate::posture::permissions::{
    PermissionReport, Permissions, RoleProposal, all_actions, is_tenant_level, role_of_everything,
};
use crate::posture::{Judge, Ruleset};
use crate::report::{
    DocumentKind, PermissionsRecord, write_document, write_left_out, write_permissions,
};
use crate::store::{Scan, StoreError};

use super::judging::RulesetArguments;
use super::scan_choice::ScanArgument;

/// Stands for a subscription in a role that is made without a scan.
const ANY_SUBSCRIPTION: &str = "/subscriptions/SUBSCRIPTION-ID";

/// Show which permissions would turn unknown facts into answers, with the role that grants them
///
/// Without any scan, or with --all, it shows every permission that a scan may need.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    scan: ScanArgument,

    /// Every permission that a scan may need, whatever a scan says
    #[arg(long, conflicts_with = "scan")]
    all: bool,

    /// Write JSON
    #[arg(long)]
    json: bool,

    /// Write only the role, for `az role definition create --role-definition @FILE`
    #[arg(long, conflicts_with = "json")]
    role: bool,

    #[command(flatten)]
    ruleset: RulesetArguments,
}

/// Writes the report to `out`.
///
/// # Errors
/// When there is no such scan, when there is nothing to put into a role that was asked for, or when `out` refuses.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<()> {
    let path = match args.scan.find(store_choice::folder()) {
        _ if args.all => None,
        Ok(path) => Some(path),
        Err(StoreError::NoScans | StoreError::NoFolder) if args.scan.scan.is_none() => None,
        Err(error) => return Err(error.into()),
    };
    let Some(path) = path else {
        return everything(args, out);
    };
    let mut scan = Scan::open(&path)?;
    let notes = scan.info()?.notes;
    let ruleset = args.ruleset.settings()?.ruleset;
    let report = fold(&mut scan, ruleset)?;
    let record = PermissionsRecord::new(&report);
    if args.role {
        let Some(role) = &record.role else {
            bail!("nothing that a role could grant was missing in this scan");
        };
        return write_role(
            out,
            &RoleProposal {
                role: Some(role.clone()),
                left_out: record.not_in_role,
            },
        );
    }
    if args.json {
        write_document(out, DocumentKind::Permissions, &record)?;
        return Ok(());
    }
    write_permissions(out, &record)?;
    if !notes.is_empty() {
        writeln!(out, "\nNoted by the scan")?;
        for note in notes {
            writeln!(out, "  {}", neutral(&note))?;
        }
    }
    Ok(())
}

/// Exemptions hide nothing here: a permission that lacks is missing, whoever has agreed to live without it.
fn fold(scan: &mut Scan, ruleset: Ruleset) -> Result<PermissionReport, StoreError> {
    let judge = Judge::by(ruleset);
    let mut permissions = Permissions::default();
    scan.for_each(|documents| permissions.add(&documents, &judge.findings(&documents)))?;
    Ok(permissions.finish())
}

/// Every permission that a scan may need.
fn everything(args: &Args, out: &mut impl Write) -> anyhow::Result<()> {
    let proposal = role_of_everything(vec![ANY_SUBSCRIPTION.to_owned()]);
    if args.role {
        return write_role(out, &proposal);
    }
    if args.json {
        let all = serde_json::json!({
            "actions": all_actions(),
            "role": proposal.role,
            "not_in_role": proposal.left_out,
        });
        write_document(out, DocumentKind::AllPermissions, &all)?;
        return Ok(());
    }
    writeln!(
        out,
        "What a scan may read. The built-in role Reader on the subscriptions holds all of it but what is on the tenant."
    )?;
    for action in all_actions() {
        let on_tenant = if is_tenant_level(action) {
            "  (on the tenant)"
        } else {
            ""
        };
        writeln!(out, "  {action}{on_tenant}")?;
    }
    writeln!(
        out,
        "\nThe same as a role of its own; `--role` writes it alone. Put your subscriptions in the place of {ANY_SUBSCRIPTION}."
    )?;
    if let Some(role) = &proposal.role {
        writeln!(out, "{}", serde_json::to_string_pretty(role)?)?;
    }
    write_left_out(out, &proposal.left_out)?;
    Ok(())
}

/// The role as a file; what is not in it goes to standard error, where it does not disturb the file.
fn write_role(out: &mut impl Write, proposal: &RoleProposal) -> anyhow::Result<()> {
    if let Some(role) = &proposal.role {
        serde_json::to_writer_pretty(&mut *out, role)?;
        writeln!(out)?;
    }
    write_left_out(&mut io::stderr(), &proposal.left_out)?;
    Ok(())
}
