//! Keys and pasted text.

use crate::app::{
    Command, CommandRecord, Effect, Key, KeyCode, Keymap, ListPosition, Lookup, Mode, NoticeLevel,
    Prompt, Question, Scope, State, TagUse, commands, copy,
};

use super::{
    columns, control_list, difference, filter, find, form, groups, jobs, live, many, matrix,
    motion, navigate, overlay, page_search, palette, reports, saved, say, scans, screens, ways,
};

pub(super) fn press(state: &mut State, key: Key, effects: &mut Vec<Effect>) {
    state.notice = None;
    let scope = Scope::of(state);
    let mut keys = std::mem::take(&mut state.pending);
    let in_chord = !keys.0.is_empty();
    keys.0.push(key.normal());
    match Keymap::look_up(&state.keymap, scope, &keys.0) {
        Lookup::Command(record) => ask(state, record, effects),
        Lookup::Pending => state.pending = keys,
        // A chord that was begun does not keep anybody from ending the program or drawing anew.
        Lookup::Nothing if in_chord && key.control => {
            if let Lookup::Command(record) = Keymap::look_up(&state.keymap, scope, &[key.normal()])
            {
                ask(state, record, effects);
            }
        }
        Lookup::Nothing if in_chord => {
            if key.code != KeyCode::Escape {
                say(
                    state,
                    NoticeLevel::Hint,
                    &format!("{keys} does nothing here"),
                );
            }
        }
        Lookup::Nothing => write(state, |prompt| prompt.key(key), effects),
    }
    live::looked_at(state);
    live::back_at_the_keys(state);
}

pub(super) fn paste(state: &mut State, text: &str, effects: &mut Vec<Effect>) {
    write(state, |prompt| prompt.paste(text), effects);
}

/// Writes into the line that has the keys, if one has.
fn write(state: &mut State, write: impl FnOnce(&mut Prompt) -> bool, effects: &mut Vec<Effect>) {
    match state.modes.last_mut() {
        Some(Mode::Filter(mode)) => {
            let cursor = mode.prompt.cursor();
            let changed = write(&mut mode.prompt);
            if changed || mode.prompt.cursor() != cursor {
                mode.refresh(&state.search.vocabulary);
            }
            let text = mode.prompt.text().to_owned();
            if changed {
                filter::set(state, &text, effects);
            }
        }
        Some(Mode::Scans(line)) => {
            let changed = write(&mut line.prompt);
            if changed {
                scans::written(state);
            }
        }
        Some(Mode::Controls(mode)) => {
            let changed = write(&mut mode.prompt);
            let text = mode.prompt.text().to_owned();
            if changed {
                control_list::filter(state, &text);
            }
        }
        Some(Mode::PageSearch(mode)) => {
            let changed = write(&mut mode.prompt);
            let text = mode.prompt.text().to_owned();
            if changed {
                page_search::set(state, &text);
            }
        }
        Some(Mode::Find(mode)) => {
            let changed = write(&mut mode.prompt);
            if changed {
                find::ask(state, effects);
            }
        }
        Some(Mode::Saved(mode)) => {
            if let Some(prompt) = &mut mode.naming {
                write(prompt);
            }
        }
        Some(Mode::Tag(tag)) => {
            write(&mut tag.prompt);
        }
        Some(Mode::Help(help)) if help.searching => {
            let changed = write(&mut help.search);
            help.scroll = if changed { 0 } else { help.scroll };
        }
        Some(Mode::Form(form)) => form.write(write),
        Some(Mode::Palette(palette)) => {
            let changed = write(&mut palette.prompt);
            let before = palette.position;
            palette.position = if changed {
                ListPosition::default()
            } else {
                before
            };
        }
        _ => {}
    }
}

/// Runs a command by its name, as its key would where the state is; where it has no place, it is said where it has one.
pub(super) fn command(state: &mut State, command: Command, effects: &mut Vec<Effect>) {
    let scope = Scope::of(state);
    let record = commands()
        .find(|record| record.command == command && record.scopes.contains(scope))
        .or_else(|| CommandRecord::of(command));
    let Some(record) = record else { return };
    if record.scopes.contains(scope) {
        ask(state, record, effects);
    } else {
        let words = format!("{}: {}", record.id, record.places());
        say(state, NoticeLevel::Hint, &words);
    }
}

/// Runs a command, or says why it cannot run.
fn ask(state: &mut State, record: &CommandRecord, effects: &mut Vec<Effect>) {
    match (record.enabled)(state) {
        Ok(()) => run(state, record.command, effects),
        Err(why) => say(
            state,
            NoticeLevel::Hint,
            &format!("{}: {why}", record.title),
        ),
    }
}

fn run(state: &mut State, command: Command, effects: &mut Vec<Effect>) {
    match command {
        Command::Down
        | Command::Up
        | Command::First
        | Command::Last
        | Command::HalfPageDown
        | Command::HalfPageUp
        | Command::PageDown
        | Command::PageUp => motion::go(state, command),
        Command::Mark => many::mark(state),
        Command::MarkRange => many::mark_range(state),
        Command::MarkShown => many::mark_shown(state),
        Command::Unmark => many::unmark(state),
        Command::OnlyMarked => many::only_marked(state),
        Command::Export => form::export(state),
        Command::FixScript => form::fixes(state),
        Command::Exempt => form::exempt(state),
        Command::NextField => form::step(state, 1),
        Command::PreviousField => form::step(state, -1),
        Command::NextChoice => form::choose(state, 1),
        Command::PreviousChoice => form::choose(state, -1),
        Command::Open => match state.mode() {
            Mode::Find(_) => find::open(state, effects),
            Mode::Saved(_) => saved::call_back(state, effects),
            _ => navigate::open(state, effects),
        },
        Command::Back => navigate::back(state, effects),
        Command::NextServer => navigate::step_server(state, 1, effects),
        Command::PreviousServer => navigate::step_server(state, -1, effects),
        Command::Filter => filter::begin(state, effects),
        Command::FilterControls => control_list::begin_filter(state),
        Command::Find => find::begin(state),
        Command::NextKind => find::step_kind(state, 1),
        Command::PreviousKind => find::step_kind(state, -1),
        Command::SearchPage => page_search::begin(state),
        Command::NextHit => page_search::step(state, 1),
        Command::PreviousHit => page_search::step(state, -1),
        Command::SavedSearches => saved::open(state, effects),
        Command::NameSearch => saved::name(state),
        Command::DeleteSearch => saved::ask_to_delete(state),
        Command::NextCompletion => filter::complete(state, 1, effects),
        Command::PreviousCompletion => filter::complete(state, -1, effects),
        Command::SortBy(key) => filter::sort_by(state, key),
        Command::InvertSort => filter::invert(state),
        Command::OnlyUnknown => filter::show(state, crate::app::Show::Unknown),
        Command::OnlyFailing => filter::show(state, crate::app::Show::Failing),
        Command::Family(family) => navigate::family(state, family),
        Command::NextTab => navigate::step_tab(state, 1),
        Command::PreviousTab => navigate::step_tab(state, -1),
        Command::Tab(tab) => navigate::tab(state, tab),
        Command::CopyServerId | Command::CopyServerName | Command::CopyCommand => {
            many::copy(state, command, effects);
        }
        Command::CopyFinding | Command::CopyFix | Command::CopyRole | Command::CopyStanding => {
            effects.extend(copy::text(state, command).map(Effect::Copy));
        }
        Command::NextChange => difference::jump(state, 1, effects),
        Command::PreviousChange => difference::jump(state, -1, effects),
        Command::CopyChange => effects.extend(state.difference.copied().map(Effect::Copy)),
        Command::StartScan => jobs::start(state, |job| Effect::StartScan { job }, effects),
        Command::StartDemo => jobs::start(state, |job| Effect::StartDemo { job }, effects),
        Command::Refresh => live::refresh(state, effects),
        Command::RefreshServer => live::refresh_server(state, effects),
        Command::RefreshShown => live::refresh_shown(state, effects),
        Command::RefreshFleet => live::refresh_fleet(state, effects),
        Command::DismissChanges => live::dismiss(state),
        // Nothing is lost: what is known stays.
        Command::CancelScan if state.live.refreshing.is_some() => live::stop(state, effects),
        Command::CancelScan => overlay::ask(state, Question::CancelScan),
        Command::Progress => overlay::open(state, Mode::Progress(0)),
        Command::Errors => overlay::open(state, Mode::Errors(0)),
        Command::Exemptions => reports::open(state, Mode::Exemptions(0), effects),
        Command::Permissions => reports::open(state, Mode::Permissions(0), effects),
        Command::Policies => {
            state.sought_policy = None;
            reports::open(state, Mode::Policies(0), effects);
        }
        Command::Screen(screen) => screens::go_to(state, screen, effects),
        Command::Turn => ways::turn(state, effects),
        Command::Guidance => ways::guidance(state),
        Command::SortControls(sort) => control_list::sort(state, sort),
        Command::Left
        | Command::Right
        | Command::FirstColumn
        | Command::LastColumn
        | Command::NextFamily
        | Command::PreviousFamily => matrix::across(state, command),
        Command::Summary => groups::summary(state),
        Command::GroupBy(kind) => groups::by(state, kind),
        Command::Fold => groups::toggle(state),
        Command::FoldLevel => navigate::fold(state, false),
        Command::UnfoldLevel => navigate::fold(state, true),
        Command::FoldAll => groups::all(state, true),
        Command::UnfoldAll => groups::all(state, false),
        Command::GoOut => {
            if !groups::go_out(state) {
                navigate::back(state, effects);
            }
        }
        Command::Columns => columns::choose(state),
        Command::ToggleColumn => columns::toggle(state),
        Command::ColumnDown => columns::shift(state, true),
        Command::ColumnUp => columns::shift(state, false),
        Command::ColumnTag => groups::ask_tag(state, TagUse::Column),
        Command::AutomaticColumns => columns::automatic(state),
        Command::CompleteTag => groups::complete(state),
        Command::Scans(command) => scans::run(state, command, effects),
        Command::Links => overlay::open(state, Mode::Links(crate::app::LinksMode::default())),
        Command::CopyLink => {
            let chosen = match state.mode() {
                Mode::Links(mode) => mode.chosen,
                _ => 0,
            };
            let link = crate::app::links(state).into_iter().nth(chosen);
            effects.extend(link.map(|link| Effect::Copy(link.url)));
        }
        Command::Help => overlay::open(state, Mode::Help(crate::app::HelpMode::default())),
        Command::Search => overlay::search(state),
        Command::Palette => palette::open(state),
        Command::Complete => palette::complete(state),
        Command::Run => palette::run(state, effects),
        Command::Close => overlay::close(state, effects),
        Command::Accept => overlay::accept(state, effects),
        Command::Yes => overlay::answer(state, true, effects),
        Command::No => overlay::answer(state, false, effects),
        Command::Theme(change) => effects.push(Effect::Theme(change)),
        Command::Redraw => effects.push(Effect::Redraw),
        Command::Suspend => effects.push(Effect::Suspend),
        Command::Quit if state.is_scanning() => overlay::ask(state, Question::Quit),
        Command::Quit | Command::QuitNow => effects.push(Effect::Quit),
    }
}
