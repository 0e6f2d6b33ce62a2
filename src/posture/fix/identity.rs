//! IM and PA: the Microsoft Entra administrator, then Entra as the only way to sign in.

use crate::documents::{DocumentKind, Fact};
use crate::posture::ConditionId;

use super::need::{Need, Parameter};
use super::parameter::{set_to, undo as undo_parameter};
use super::shell::Variable;
use super::{Fix, Undo};

pub const IDENTITY_ID: Variable = Variable::new(
    "IDENTITY_ID",
    "set it to the resource id of the user-assigned managed identity",
);
const ADMIN_NAME: Variable = Variable::new(
    "ADMIN_NAME",
    "set it to the name of the Entra group or user that administers the server",
);
const ADMIN_OBJECT_ID: Variable = Variable::new(
    "ADMIN_OBJECT_ID",
    "set it to the object id of that group or user",
);

const ENTRA_ONLY: &str = "aad_auth_only";

/// IM-1: an Entra administrator. Azure takes it on a source only, and asks for an identity that may read the directory.
pub fn administrator(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let primary = need.primary();
    let mut fix = Fix::new(
        unmet,
        "Give the server an Entra administrator",
        "the server › Security › Authentication › Add Microsoft Entra admin",
    );
    fix.first.extend(primary.words);
    let fix = fix
        .first("Have a user-assigned managed identity for the server: IDENTITY_ID is its resource id.")
        .first(
            "Grant it the application permissions User.Read.All, GroupMember.Read.All and Application.Read.All of \
             Microsoft Graph, which takes a Privileged Role Administrator: the server looks users up with it.",
        )
        .first("Choose who administers it, better a group than a person: ADMIN_NAME and ADMIN_OBJECT_ID.")
        .breaks(
            "Nothing for clients that sign in with a password. The administrator can do everything in MySQL. Where a \
             replica lies in another resource group than its source, the Azure CLI does not find it: set it there in the \
             portal.",
        );
    let Some(server) = primary.id else {
        return vec![fix];
    };
    vec![
        fix.commands([
            Need::on_named(&server, "identity assign").ask("--identity", IDENTITY_ID),
            Need::on_named(&server, "ad-admin create")
                .ask("--display-name", ADMIN_NAME)
                .ask("--object-id", ADMIN_OBJECT_ID)
                .ask("--identity", IDENTITY_ID),
        ])
        .undo(
            Undo::by([Need::on_named(&server, "ad-admin delete").flag("--yes")]).note(
                "Nobody can sign in with Entra any more, and aad_auth_only goes back to OFF. The identity stays attached.",
            ),
        ),
    ]
}

/// IM-1 and PA-1: no sign-in with a password. The parameter is read-only while there is no Entra administrator.
pub fn entra_only(need: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    let read = need.parameter(ENTRA_ONLY);
    let administrators = need.documents.items(DocumentKind::Administrators).0;
    let mut fixes = Vec::new();
    let known = match administrators {
        Fact::Known([]) => {
            fixes = administrator(need, unmet);
            true
        }
        Fact::Known(_) => true,
        Fact::Absent | Fact::Unread(_) => false,
    };
    let mut fix = Fix::new(
        unmet,
        "Let only Entra identities sign in",
        "the server › Security › Authentication › Microsoft Entra authentication only",
    );
    if !known {
        fix = fix.first(
            "Whether the server has an Entra administrator was not read. Azure refuses the change while there is none.",
        );
    } else if !fixes.is_empty() {
        fix = fix.first("Do it when the Entra administrator is set and can sign in: Azure refuses the change before.");
    } else if read.is_some_and(Parameter::is_read_only) {
        fix = fix.first("Azure marks aad_auth_only as read-only for now and refuses the change until that has passed.");
    }
    fix = fix
        .first("Move every client, job and replication user from passwords to Entra tokens.")
        .breaks("Every sign-in with a password fails, the local administrator's among them.");
    let needs_restart = read.and_then(Parameter::needs_restart).unwrap_or(false);
    fix.restarts = needs_restart;
    let restart = needs_restart.then(|| Need::on(need.server(), "restart"));
    let set = set_to(need.server(), ENTRA_ONLY, Some("ON"));
    fixes.push(
        fix.commands(std::iter::once(set).chain(restart.clone()))
            .undo(undo_parameter(need.server(), ENTRA_ONLY, read, restart)),
    );
    fixes
}

/// PA-1: the login of the local administrator is one that everybody guesses.
pub fn admin_name(_: &Need<'_>, unmet: &[ConditionId]) -> Vec<Fix> {
    vec![
        Fix::new(
            unmet,
            "Make the local administrator useless",
            "the server › Security › Authentication",
        )
        .first("The login is chosen at creation and cannot be renamed.")
        .first(
            "Let only Entra identities sign in: then it cannot be used, and this no longer counts.",
        )
        .first(
            "Or restore into a new server, which can be given another login, and move the clients.",
        ),
    ]
}
