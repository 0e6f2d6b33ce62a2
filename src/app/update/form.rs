//! Forms: opening one, moving in it, beginning its work, and what comes of that.

use std::sync::Arc;

use crate::app::form::{
    self, exempt_form, exemption_entries, export_form, export_order, fix_order, fixes_form, refresh,
};
use crate::app::{
    Command, Effect, ExemptionsAdded, FixTarget, Form, JobId, Mode, NoticeLevel, Purpose, Question,
    State, Working, Written, counted, form_lines,
};
use crate::documents::text::neutral_lines;

use super::{motion, say};

pub(super) fn export(state: &mut State) {
    open(state, export_form, "export");
}

pub(super) fn fixes(state: &mut State) {
    open(state, fixes_form, "fix script");
}

pub(super) fn exempt(state: &mut State) {
    open(state, exempt_form, "exempt");
}

fn open(state: &mut State, make: fn(&State) -> Result<Form, &'static str>, title: &str) {
    match make(state) {
        Ok(form) => state.modes.push(Mode::Form(Box::new(form))),
        Err(why) => say(state, NoticeLevel::Hint, &format!("{title}: {why}")),
    }
}

fn top(state: &mut State) -> Option<&mut Form> {
    state.modes.iter_mut().rev().find_map(|mode| match mode {
        Mode::Form(form) => Some(&mut **form),
        _ => None,
    })
}

pub(super) fn step(state: &mut State, step: isize) {
    if let Some(form) = top(state) {
        form.step(step);
    }
}

/// Moves the text below the fields.
pub(super) fn scroll(state: &mut State, command: Command) {
    let area = state.overlay_inside();
    let Some(Mode::Form(form)) = state.modes.last() else {
        return;
    };
    let length = form_lines(state, form, area.width).len();
    let (height, _) = form.text_rows(area.height);
    if let Some(form) = top(state) {
        form.scroll = motion::scroll(form.scroll, command, length, usize::from(height));
    }
}

pub(super) fn choose(state: &mut State, step: isize) {
    let day = state.day();
    if let Some(form) = top(state)
        && form.working.is_none()
        && form.choose(step)
    {
        refresh(form, &day);
    }
}

/// Closes a form; work that it has begun is stopped first, and the form stays.
pub(super) fn close(state: &mut State, effects: &mut Vec<Effect>) {
    if let Some(job) = state.jobs.writing.take() {
        effects.push(Effect::StopWriting { job });
        if let Some(form) = top(state) {
            form.working = None;
            form.problem = Some("stopped: no file was made".to_owned());
        }
        return;
    }
    remove(state);
}

/// Another scan is open: a form is about servers in places that may be others' now.
pub(super) fn forget(state: &mut State, effects: &mut Vec<Effect>) {
    if let Some(job) = state.jobs.writing.take() {
        effects.push(Effect::StopWriting { job });
    }
    if top(state).is_some() {
        state
            .modes
            .retain(|mode| !matches!(mode, Mode::Confirm(Question::Replace)));
        remove(state);
        let words = "the scan is another one now: open the form again";
        say(state, NoticeLevel::Hint, words);
    }
}

fn remove(state: &mut State) {
    state.modes.retain(|mode| !matches!(mode, Mode::Form(_)));
}

/// Begins what the form is for.
pub(super) fn accept(state: &mut State, replace: bool, effects: &mut Vec<Effect>) {
    if state.jobs.writing.is_some() {
        return;
    }
    let Some(form) = top(state).map(|form| form.clone()) else {
        return;
    };
    let job = state.jobs.next();
    let (effect, all) = match &form.purpose {
        Purpose::Export(draft) => {
            let mut export = export_order(state, &form, draft);
            export.replace = replace;
            if export.file.is_empty() {
                return refuse(state, form::FILE, "write the name of a file");
            }
            let all = export.places.len();
            let export = Box::new(export);
            (Effect::Export { job, export }, all)
        }
        Purpose::Fixes(draft) => {
            let mut order = fix_order(state, &form, draft);
            if let FixTarget::File { file, replace: may } = &mut order.target {
                *may = replace;
                if file.is_empty() {
                    return refuse(state, form::FILE, "write the name of a file");
                }
            }
            let all = order.places.len();
            let order = Box::new(order);
            (Effect::WriteFixes { job, order }, all)
        }
        Purpose::Exempt(draft) => match exemption_entries(&form, draft, state.today) {
            Ok(entries) => {
                let all = entries.len();
                let entries = Arc::from(entries);
                (Effect::AddExemptions { job, entries }, all)
            }
            Err((label, words)) => return refuse(state, label, &words),
        },
    };
    state.jobs.writing = Some(job);
    if let Some(form) = top(state) {
        form.problem = None;
        form.working = Some(Working { job, done: 0, all });
    }
    effects.push(effect);
}

/// Says what is wrong, and goes to the field where it is.
fn refuse(state: &mut State, label: &str, words: &str) {
    if let Some(form) = top(state) {
        form.problem = Some(format!("{label}: {words}"));
        let place = form.fields.iter().position(|field| field.label == label);
        form.focus = place.unwrap_or(form.focus);
    }
}

/// Takes a job as done, when it is the one that is waited for.
fn done(state: &mut State, job: JobId) -> bool {
    let ours = state.jobs.writing == Some(job);
    if ours {
        state.jobs.writing = None;
        if let Some(form) = top(state) {
            form.working = None;
        }
    }
    ours
}

pub(super) fn progressed(state: &mut State, job: JobId, done: usize) {
    if let Some(working) = top(state).and_then(|form| form.working.as_mut())
        && working.job == job
    {
        working.done = done.min(working.all);
    }
}

pub(super) fn written(state: &mut State, job: JobId, written: &Written) {
    if !done(state, job) {
        return;
    }
    remove(state);
    let size = size_words(written.bytes);
    let words = format!("{} written to {} ({size})", written.what, written.path);
    say(state, NoticeLevel::Done, &words);
}

pub(super) fn file_exists(state: &mut State, job: JobId, path: &str) {
    if done(state, job) {
        if let Some(form) = top(state) {
            form.problem = Some(neutral_lines(&format!("{path} is there already")));
        }
        state.modes.push(Mode::Confirm(Question::Replace));
    }
}

pub(super) fn script_made(state: &mut State, job: JobId, text: String, effects: &mut Vec<Effect>) {
    if done(state, job) {
        remove(state);
        state.copying = "the fix script".to_owned();
        effects.push(Effect::Copy(text));
    }
}

pub(super) fn exemptions_added(
    state: &mut State,
    job: JobId,
    added: ExemptionsAdded,
    effects: &mut Vec<Effect>,
) {
    if !done(state, job) {
        return;
    }
    remove(state);
    state.exemptions = Arc::new(added.exemptions);
    let already = match added.already {
        0 => String::new(),
        count => format!(", {count} stood there already"),
    };
    let count = counted(added.added, "exemption");
    let words = format!("{count} added to {}{already}", added.path);
    say(state, NoticeLevel::Done, &words);
    if added.added > 0 {
        let job = state.jobs.next();
        state.jobs.opening = Some(job);
        effects.push(Effect::JudgeAnew { job });
    }
}

/// The work of the form failed: it says so, and can be begun again.
pub(super) fn failed(state: &mut State, title: &str, detail: &str) {
    if let Some(form) = top(state) {
        form.working = None;
        form.problem = Some(neutral_lines(&format!("{title}: {detail}")));
    }
}

fn size_words(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}
