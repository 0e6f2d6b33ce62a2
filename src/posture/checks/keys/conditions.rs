//! The conditions themselves, each about one key and its vault.

use crate::documents::{Cause, Fact, Source};
use crate::posture::checks::look::unknown_value;
use crate::posture::{Evidence, Judgement};

use super::side::{KeySide, Outcome, flag, malformed, time};

/// `key-enabled`: nothing can be done with a key that is switched off, nor with one before the time from which it is
/// valid.
pub(super) fn enabled(side: &KeySide<'_>) -> Outcome {
    let set = side.in_key("/properties/attributes/enabled");
    let start = side.in_key("/properties/attributes/nbf");
    let switched_on = flag(&set.fact, || Judgement::Unread(Cause::Absent));
    let mut outcome = Outcome::new(switched_on, side.evidence(&set, "true"));
    if start.fact == Fact::Absent || side.look.documents.body(side.key).is_err() {
        return outcome;
    }
    let expected = "a time before the key was read";
    outcome
        .evidence
        .push(side.evidence_of_time(&start, expected));
    match time(&start.fact) {
        Fact::Known(time) if time > side.now() => {
            outcome.judgement = Judgement::Unmet;
            outcome.note = Some(format!("the key cannot be used before {time}"));
        }
        Fact::Unread(cause) if outcome.judgement == Judgement::Met => {
            outcome.judgement = Judgement::Unread(cause);
        }
        _ => {}
    }
    outcome
}

/// `key-expired`: a key must not be used from the moment of its end on.
pub(super) fn expired(side: &KeySide<'_>) -> Outcome {
    side.outlasts(0, "a time after the key was read, or none")
}

/// `key-expiring`.
pub(super) fn expiring(side: &KeySide<'_>) -> Outcome {
    let days = side.look.ruleset.thresholds.key_expiry_warning_days;
    let expected = format!("more than {days} days after the key was read, or none");
    side.outlasts(days, &expected)
}

/// `key-rotation`. A version is rotated by nothing, and the answer about one carries no policy.
pub(super) fn rotation(side: &KeySide<'_>) -> Outcome {
    const ACTIONS: &str = "/properties/rotationPolicy/lifetimeActions";
    const EXPECTED: &str = "an action of the type Rotate";
    if side.uri.version.is_some() {
        let why = "the server names one version of the key and stays on it, whatever a policy says";
        return Outcome {
            judgement: Judgement::NotApplicable(why.to_owned()),
            evidence: Vec::new(),
            note: None,
        };
    }
    let policy = side.in_key("/properties/rotationPolicy");
    if policy.fact == Fact::Absent {
        let judgement = side.absent_from_key(Judgement::Unmet);
        return Outcome::new(judgement, side.evidence(&policy, EXPECTED))
            .noted(true, "a key without a policy is rotated by hand only");
    }
    let list = side.in_key(ACTIONS);
    let actions = match list.fact.clone().list() {
        Fact::Known(actions) => actions,
        Fact::Absent => {
            let evidence = side.evidence(&list, EXPECTED);
            return Outcome::new(Judgement::Unread(Cause::Absent), evidence);
        }
        Fact::Unread(cause) => {
            return Outcome::new(Judgement::Unread(cause), side.evidence(&list, EXPECTED));
        }
    };
    let types: Vec<Option<&str>> = actions
        .iter()
        .map(|action| action.pointer("/action/type")?.as_str())
        .collect();
    let is = |kind: Option<&str>, word: &str| kind.is_some_and(|it| it.eq_ignore_ascii_case(word));
    let rotates = types.iter().position(|kind| is(*kind, "rotate"));
    if let Some((place, kind)) = rotates.and_then(|place| Some((place, types[place]?))) {
        let source = Source {
            kind: side.key,
            pointer: format!("{ACTIONS}/{place}/action/type"),
        };
        let evidence = side.look.evidence_of(source, kind, EXPECTED);
        return Outcome::new(Judgement::Met, evidence);
    }
    let judgement = match types.iter().find(|kind| !is(**kind, "notify")) {
        Some(Some(kind)) => unknown_value(kind),
        Some(None) => malformed("an action of the rotation policy has no type"),
        None => Judgement::Unmet,
    };
    let told = match types.into_iter().flatten().collect::<Vec<_>>() {
        none if none.is_empty() => "no action".to_owned(),
        some => format!("actions: {}", some.join(", ")),
    };
    let evidence = side.look.evidence_of(list.source, &told, EXPECTED);
    Outcome::new(judgement, evidence)
}

/// `key-unversioned`.
pub(super) fn unversioned(side: &KeySide<'_>) -> Outcome {
    let judgement = Judgement::from_bool(side.uri.version.is_none());
    let expected = "the URI of a key without a version".to_owned();
    let evidence = Evidence {
        expected,
        ..side.named.clone()
    };
    Outcome::new(judgement, evidence)
}

/// `vault-purge-protection`: off where a vault does not carry the member, or as null.
pub(super) fn purge_protection(side: &KeySide<'_>) -> Outcome {
    let seen = side.in_vault("/properties/enablePurgeProtection");
    let judgement = flag(&seen.fact, || side.absent_from_vault(Judgement::Unmet));
    Outcome::new(judgement, side.evidence(&seen, "true")).noted(
        seen.fact == Fact::Absent,
        "a vault that does not carry this member has no purge protection",
    )
}

/// `vault-soft-delete`: on where a vault does not carry the member, and always on in a managed HSM, where it cannot be
/// turned off.
pub(super) fn soft_delete(side: &KeySide<'_>) -> Outcome {
    let seen = side.in_vault("/properties/enableSoftDelete");
    let in_hsm = side.managed_hsm();
    let judgement = flag(&seen.fact, || {
        if in_hsm && side.has_a_tenant() {
            Judgement::Met
        } else {
            side.absent_from_vault(Judgement::Met)
        }
    });
    let note = if in_hsm {
        "soft delete of a managed HSM cannot be turned off"
    } else {
        "a vault that does not carry this member has soft delete"
    };
    Outcome::new(judgement, side.evidence(&seen, "true, or not present"))
        .noted(seen.fact == Fact::Absent, note)
}

/// `vault-network`: without the members that say otherwise a vault is open to every network.
pub(super) fn network(side: &KeySide<'_>) -> Outcome {
    let public = side.in_vault("/properties/publicNetworkAccess");
    let closed = match public.fact.clone().text() {
        Fact::Known(word) if word.eq_ignore_ascii_case("disabled") => Judgement::Met,
        Fact::Known(word) if word.eq_ignore_ascii_case("enabled") => Judgement::Unmet,
        Fact::Known(word) => unknown_value(&word),
        Fact::Absent => side.absent_from_vault(Judgement::Unmet),
        Fact::Unread(cause) => Judgement::Unread(cause),
    };
    let mut outcome = Outcome::new(
        closed,
        side.evidence(&public, "Disabled, or rules that deny"),
    );
    if outcome.judgement != Judgement::Unmet {
        return outcome;
    }
    let rules = side.in_vault("/properties/networkAcls");
    let action = side.in_vault("/properties/networkAcls/defaultAction");
    outcome.evidence.push(side.evidence(&action, "Deny"));
    outcome.judgement = match action.fact.text() {
        Fact::Known(word) if word.eq_ignore_ascii_case("deny") => Judgement::Met,
        Fact::Known(word) if word.eq_ignore_ascii_case("allow") => Judgement::Unmet,
        Fact::Known(word) => unknown_value(&word),
        Fact::Absent if rules.fact == Fact::Absent => side.absent_from_vault(Judgement::Unmet),
        Fact::Absent => Judgement::Unread(Cause::Absent),
        Fact::Unread(cause) => Judgement::Unread(cause),
    };
    outcome.noted(
        rules.fact == Fact::Absent,
        "a vault without network rules accepts every network",
    )
}
