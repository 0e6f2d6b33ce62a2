//! The list of servers in groups: by what, and what is folded.

use crate::app::{GroupKind, Mode, NoticeLevel, Prompt, State, TagPrompt, TagUse};
use crate::query::GroupBy;
use crate::query::tag_names;

use super::say;

/// Groups the servers.
pub(super) fn by(state: &mut State, kind: GroupKind) {
    let by = match kind {
        GroupKind::Nothing => GroupBy::Nothing,
        GroupKind::Subscription => GroupBy::Subscription,
        GroupKind::ResourceGroup => GroupBy::ResourceGroup,
        GroupKind::Region => GroupBy::Region,
        GroupKind::Version => GroupBy::Version,
        GroupKind::Tag => return ask_tag(state, TagUse::Group),
    };
    state.roster.set_grouping(by);
}

/// Asks for the name of a tag.
pub(super) fn ask_tag(state: &mut State, purpose: TagUse) {
    let names = tag_names(state.roster.fleet());
    if names.is_empty() {
        return say(state, NoticeLevel::Hint, "no server has a tag");
    }
    let before = match purpose {
        TagUse::Group => state.group_tag.clone(),
        TagUse::Column => state.columns.tag.clone(),
    };
    let prompt = Prompt::new(before.as_deref().unwrap_or_default());
    state.modes.push(Mode::Tag(TagPrompt {
        prompt,
        purpose,
        names,
    }));
}

/// Writes the first name that goes on as what is written.
pub(super) fn complete(state: &mut State) {
    if let Some(Mode::Tag(tag)) = state.modes.last_mut() {
        tag.complete();
    }
}

/// Takes the name that is written, the first that goes on so where it is not whole.
pub(super) fn accept(state: &mut State) {
    let Some(Mode::Tag(tag)) = state.modes.last() else {
        return;
    };
    let purpose = tag.purpose;
    let Some(name) = tag.matches().next().map(str::to_owned) else {
        let words = format!("no server has a tag {}", tag.prompt.text());
        return say(state, NoticeLevel::Hint, &words);
    };
    state.modes.pop();
    match purpose {
        TagUse::Group => {
            state.group_tag = Some(name.clone());
            state.roster.set_grouping(GroupBy::Tag(name));
        }
        TagUse::Column => state.columns.tag = Some(name),
    }
}

/// Folds the group of the cursor, or unfolds it.
pub(super) fn toggle(state: &mut State) {
    let Some(group) = state.roster.group() else {
        return nothing_grouped(state);
    };
    let folded = !group.folded;
    state.roster.fold(folded);
}

/// Folds or unfolds all groups.
pub(super) fn all(state: &mut State, folded: bool) {
    if state.roster.groups().is_empty() {
        return nothing_grouped(state);
    }
    state.roster.fold_all(folded);
}

/// From the head of a group to its servers: a folded one is unfolded first.
pub(super) fn go_in(state: &mut State) {
    let folded = state.roster.group().is_some_and(|group| group.folded);
    if folded {
        state.roster.fold(false);
    } else {
        state
            .roster
            .go(|position, length, height| position.move_by(1, length, height));
    }
}

/// From a server to the head of its group, which is folded with it. Whether there was a group to leave.
pub(super) fn go_out(state: &mut State) -> bool {
    let leaves = state.roster.group().is_some_and(|group| !group.folded);
    if leaves {
        state.roster.fold(true);
    }
    leaves
}

/// One row a group, or all rows again. Where nothing is grouped, by subscription.
pub(super) fn summary(state: &mut State) {
    if state.roster.grouping() == &GroupBy::Nothing {
        state.roster.set_grouping(GroupBy::Subscription);
    }
    let any_open = state.roster.groups().iter().any(|group| !group.folded);
    state.roster.fold_all(any_open);
}

fn nothing_grouped(state: &mut State) {
    say(state, NoticeLevel::Hint, "nothing is grouped; z groups");
}
