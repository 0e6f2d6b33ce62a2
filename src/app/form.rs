//! A small form over the screen: choices and lines to write, what it comes to, and one thing that it does.

mod exempt;
mod export;
mod fixes;

use crate::baseline::FeatureId;

use super::page::Writer;
use super::{JobId, PageLine, Prompt, Span, State, Tone, counted};

pub use exempt::entries as exemption_entries;
pub use export::Export;
pub use fixes::{FixOrder, FixTarget};

/// What a form is for.
#[derive(Clone, Debug)]
pub enum Purpose {
    /// Write what is shown to a file.
    Export(export::Draft),
    /// Write a script with what would make findings hold.
    Fixes(fixes::Draft),
    /// Add exemptions to the file of exemptions.
    Exempt(exempt::Draft),
}

/// A field of a form.
#[derive(Clone, Debug)]
pub struct Field {
    /// What it is about.
    pub label: &'static str,
    /// What stands in it.
    pub value: FieldValue,
}

/// What stands in a field.
#[derive(Clone, Debug)]
pub enum FieldValue {
    /// One of several.
    Choice {
        /// What there is to choose from.
        options: Vec<String>,
        /// Which of them is chosen.
        chosen: usize,
    },
    /// A line of text.
    Text(Prompt),
}

/// Work that a form has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Working {
    /// The job.
    pub job: JobId,
    /// How many servers were gone through.
    pub done: usize,
    /// How many there are.
    pub all: usize,
}

/// A form.
#[derive(Clone, Debug)]
pub struct Form {
    /// What it is for.
    pub purpose: Purpose,
    /// Its fields.
    pub fields: Vec<Field>,
    /// Which field has the keys.
    pub focus: usize,
    /// What is wrong with what stands in it, or what went wrong.
    pub problem: Option<String>,
    /// What it has begun.
    pub working: Option<Working>,
    /// The first line of the text below the fields that is shown.
    pub scroll: usize,
    /// Whether the name of the file is still the one that was proposed.
    pub(super) proposed: bool,
}

impl Field {
    pub(super) fn choice(label: &'static str, options: Vec<String>, chosen: usize) -> Self {
        let chosen = chosen.min(options.len().saturating_sub(1));
        Self {
            label,
            value: FieldValue::Choice { options, chosen },
        }
    }

    pub(super) fn text(label: &'static str, text: &str) -> Self {
        Self {
            label,
            value: FieldValue::Text(Prompt::new(text)),
        }
    }

    /// Which option is chosen; 0 in a line of text.
    #[must_use]
    pub const fn chosen(&self) -> usize {
        match &self.value {
            FieldValue::Choice { chosen, .. } => *chosen,
            FieldValue::Text(_) => 0,
        }
    }

    /// The text, or the chosen option.
    #[must_use]
    pub fn content(&self) -> &str {
        match &self.value {
            FieldValue::Choice { options, chosen } => options.get(*chosen).map_or("", |it| it),
            FieldValue::Text(prompt) => prompt.text(),
        }
    }
}

impl Form {
    pub(super) const fn new(purpose: Purpose, fields: Vec<Field>) -> Self {
        Self {
            purpose,
            fields,
            focus: 0,
            problem: None,
            working: None,
            scroll: 0,
            proposed: true,
        }
    }

    /// Its title.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        match &self.purpose {
            Purpose::Export(_) => "Export",
            Purpose::Fixes(_) => "Fix script",
            Purpose::Exempt(_) => "Exempt",
        }
    }

    /// Whether keys go into a line of text.
    #[must_use]
    pub fn is_writing(&self) -> bool {
        let field = self.fields.get(self.focus);
        self.working.is_none()
            && field.is_some_and(|field| matches!(field.value, FieldValue::Text(_)))
    }

    /// How many of so many rows the fields get: all that they need, and two are left for what is to be said.
    #[must_use]
    pub fn field_rows(&self, height: u16) -> u16 {
        let needed = u16::try_from(self.fields.len()).unwrap_or(u16::MAX);
        needed.min(height.saturating_sub(2).max(1))
    }

    /// How many rows are left for the text, and whether an empty one stands before it.
    #[must_use]
    pub fn text_rows(&self, height: u16) -> (u16, bool) {
        let rest = height.saturating_sub(self.field_rows(height));
        let gap = rest > 4;
        (rest - u16::from(gap), gap)
    }

    /// The field with this label.
    pub(super) fn field(&self, label: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.label == label)
    }

    /// What stands in the field with this label.
    pub(super) fn content(&self, label: &str) -> &str {
        self.field(label).map_or("", Field::content).trim()
    }

    /// Which option is chosen in the field with this label.
    pub(super) fn chosen(&self, label: &str) -> usize {
        self.field(label).map_or(0, Field::chosen)
    }

    pub(super) fn step(&mut self, step: isize) {
        let count = self.fields.len().max(1);
        self.focus = (self.focus + count).saturating_add_signed(step) % count;
    }

    /// Chooses the option so many further. Returns whether that is another one.
    pub(super) fn choose(&mut self, step: isize) -> bool {
        match self
            .fields
            .get_mut(self.focus)
            .map(|field| &mut field.value)
        {
            Some(FieldValue::Choice { options, chosen }) if options.len() > 1 => {
                let count = options.len();
                *chosen = (*chosen + count).saturating_add_signed(step) % count;
                self.scroll = 0;
                self.problem = None;
                true
            }
            _ => false,
        }
    }

    /// Writes into the field that has the keys.
    pub(super) fn write(&mut self, write: impl FnOnce(&mut Prompt) -> bool) {
        if self.working.is_some() {
            return;
        }
        if let Some(FieldValue::Text(prompt)) = self
            .fields
            .get_mut(self.focus)
            .map(|field| &mut field.value)
            && write(prompt)
        {
            self.problem = None;
            if self.fields[self.focus].label == FILE {
                self.proposed = false;
            }
        }
    }

    /// Proposes another name for the file, unless somebody has written one.
    pub(super) fn propose(&mut self, name: &str) {
        if self.proposed
            && let Some(field) = self.fields.iter_mut().find(|field| field.label == FILE)
        {
            field.value = FieldValue::Text(Prompt::new(name));
        }
    }
}

/// The label of the field for the file's name.
pub(super) const FILE: &str = "file";

/// What stands below the fields, wrapped to a width.
#[must_use]
pub fn lines(state: &State, form: &Form, width: u16) -> Vec<PageLine> {
    let mut writer = Writer::new(width);
    if let Some(problem) = &form.problem {
        writer.text(Tone::Warning, problem);
        writer.blank();
    }
    if let Some(working) = form.working {
        let percent = (working.done * 100).checked_div(working.all).unwrap_or(0);
        writer.push(vec![
            Span::Bar {
                percent: u8::try_from(percent).unwrap_or(100),
                width: 20,
            },
            Span::Text(
                format!(" {} of {} servers", working.done, working.all),
                Tone::Plain,
            ),
        ]);
        writer.text(Tone::Muted, "Esc stops it; the file is not made then.");
        return writer.lines;
    }
    match &form.purpose {
        Purpose::Export(draft) => export::explain(&mut writer, state, form, draft),
        Purpose::Fixes(draft) => fixes::explain(&mut writer, state, form, draft),
        Purpose::Exempt(draft) => exempt::explain(&mut writer, state, form, draft),
    }
    writer.lines
}

/// Brings what is proposed up to date with what is chosen.
pub(super) fn refresh(form: &mut Form, state_day: &str) {
    let name = match &form.purpose {
        Purpose::Export(draft) => Some(export::file_name(form, draft, state_day)),
        Purpose::Fixes(_) => Some(fixes::file_name(state_day)),
        Purpose::Exempt(_) => None,
    };
    if let Some(name) = name {
        form.propose(&name);
    }
}

pub(super) fn export_form(state: &State) -> Result<Form, &'static str> {
    export::form(state)
}

pub(super) fn fixes_form(state: &State) -> Result<Form, &'static str> {
    fixes::form(state)
}

pub(super) fn exempt_form(state: &State) -> Result<Form, &'static str> {
    exempt::form(state)
}

pub(super) fn export_order(state: &State, form: &Form, draft: &export::Draft) -> Export {
    export::order(state, form, draft)
}

pub(super) fn fix_order(state: &State, form: &Form, draft: &fixes::Draft) -> FixOrder {
    fixes::order(state, form, draft)
}

/// The features that commands over many servers offer to choose from.
pub(super) fn feature_name(feature: FeatureId) -> String {
    let name = &crate::baseline::catalogue().feature(feature).name;
    format!("{} {name}", feature.control())
}

/// So many servers, in words.
pub(super) fn servers(count: usize) -> String {
    counted(count, "server")
}
