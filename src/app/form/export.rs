//! Writing what is shown to a file: which rows, in which format, under which name.

use std::sync::Arc;

use crate::app::columns::Column as ListColumn;
use crate::app::difference::ComparisonState;
use crate::app::many::{Acting, feature_here, marked_or_shown};
use crate::app::page::Writer;
use crate::app::{Comparison, DifferenceRow, Mode, ScanReports, Screen, State, Tone};
use crate::posture::Fleet;
use crate::report::{Column, Format, Rows};

use super::{FILE, Field, Form, Purpose, servers};

/// What an export starts from.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What can be written here.
    rows: Vec<Rows>,
    /// The servers.
    acting: Acting,
}

/// What is to be written, with everything that it is written from.
#[derive(Clone, Debug)]
pub struct Export {
    /// What the rows are.
    pub rows: Rows,
    /// The columns.
    pub columns: Vec<Column>,
    /// The format.
    pub format: Format,
    /// The file as it was written: relative to the working directory, `~` for the home.
    pub file: String,
    /// Whether a file that is there may be replaced.
    pub replace: bool,
    /// The filter by which its servers are shown; `None` without one, or where they were chosen otherwise.
    pub filter: Option<String>,
    /// Which servers it is about, in words.
    pub about: String,
    /// The servers of the scan.
    pub fleet: Arc<Fleet>,
    /// The places of those that are written, in the order of the list.
    pub places: Arc<[u32]>,
    /// What is told of all servers together, where the rows are made from it.
    pub reports: Option<Arc<ScanReports>>,
    /// The comparison and what is listed of it, where the rows are those.
    pub difference: Option<(Arc<Comparison>, Arc<[DifferenceRow]>)>,
}

impl PartialEq for Export {
    fn eq(&self, other: &Self) -> bool {
        (
            self.rows,
            self.format,
            &self.file,
            self.replace,
            &self.columns,
        ) == (
            other.rows,
            other.format,
            &other.file,
            other.replace,
            &other.columns,
        ) && self.places == other.places
            && Arc::ptr_eq(&self.fleet, &other.fleet)
    }
}

const ROWS: &str = "rows";
const FORMAT: &str = "format";

pub(super) fn form(state: &State) -> Result<Form, &'static str> {
    let acting = marked_or_shown(state).ok_or("there is no server to write")?;
    let rows = match state.mode() {
        Mode::Policies(_) => vec![Rows::Policies],
        Mode::Permissions(_) => vec![Rows::Permissions],
        _ => match (state.screen(), feature_here(state)) {
            (Screen::Difference, _) => vec![Rows::Difference],
            (Screen::ControlServers, Some(feature)) => {
                vec![
                    Rows::ServersOf(feature),
                    Rows::FindingsOf(feature),
                    Rows::Findings,
                ]
            }
            (_, Some(feature)) => vec![Rows::FindingsOf(feature), Rows::Findings],
            (Screen::Server, None) => vec![Rows::Findings],
            (Screen::Controls, None) => vec![Rows::Controls, Rows::Findings],
            (Screen::Matrix, None) => vec![Rows::Matrix, Rows::Findings],
            (_, None) => vec![Rows::Servers, Rows::Findings, Rows::Matrix, Rows::Controls],
        },
    };
    if matches!(rows[..], [Rows::Policies | Rows::Permissions]) && state.reports.loaded().is_none()
    {
        return Err("the scan is still being looked through");
    }
    if rows[0] == Rows::Difference && state.difference.loaded().is_none() {
        return Err("the two scans are still being compared");
    }
    let fields = vec![
        Field::choice(ROWS, rows.iter().map(ToString::to_string).collect(), 0),
        Field::choice(
            FORMAT,
            Format::ALL.iter().map(ToString::to_string).collect(),
            0,
        ),
        Field::text(FILE, ""),
    ];
    let mut form = Form::new(Purpose::Export(Draft { rows, acting }), fields);
    super::refresh(&mut form, &state.day());
    Ok(form)
}

fn rows(form: &Form, draft: &Draft) -> Rows {
    let chosen = draft.rows.get(form.chosen(ROWS));
    chosen.copied().unwrap_or(Rows::Servers)
}

fn format(form: &Form) -> Format {
    let chosen = Format::ALL.get(form.chosen(FORMAT));
    chosen.copied().unwrap_or(Format::Csv)
}

pub(super) fn file_name(form: &Form, draft: &Draft, day: &str) -> String {
    format!(
        "flexposture-{}-{day}.{}",
        rows(form, draft).word(),
        format(form).extension()
    )
}

/// The columns that are written: those that somebody chose for the list, in their order, with the resource id; all that
/// there are where nobody chose. What stands in one column of the list may be several in a file.
fn columns(rows: Rows, state: &State) -> Vec<Column> {
    let all = rows.columns();
    let (Rows::Servers | Rows::ServersOf(_), Some(chosen)) = (rows, &state.columns.shown) else {
        return all;
    };
    let standing = ["control", "feature_id", "verdict", "severity", "cause"];
    let standing = standing.iter().filter(|_| rows != Rows::Servers);
    let mut ids: Vec<&str> = standing.copied().collect();
    ids.extend(chosen.iter().flat_map(|column| ids_of(*column)));
    ids.push("server_id");
    let mut columns: Vec<Column> = Vec::new();
    for id in ids {
        let column = all.iter().find(|column| column.id == id);
        if let Some(column) = column.filter(|column| !columns.contains(column)) {
            columns.push(*column);
        }
    }
    columns
}

/// What a column of the list is in a file.
const fn ids_of(column: ListColumn) -> &'static [&'static str] {
    match column {
        ListColumn::Worst => &[],
        ListColumn::Verdicts => &["failing", "unknown", "passing"],
        ListColumn::Server => &["server"],
        ListColumn::Families => &["ns", "im", "pa", "dp", "am", "lt", "br", "x"],
        ListColumn::Severity => &[
            "worst_severity",
            "open_critical",
            "open_high",
            "open_medium",
            "open_low",
        ],
        ListColumn::Unknown => &["unknown"],
        ListColumn::Region => &["region"],
        ListColumn::Version => &["version"],
        ListColumn::State => &["state"],
        ListColumn::Subscription => &["subscription"],
        ListColumn::ResourceGroup => &["resource_group"],
        ListColumn::Tag => &["tags"],
        ListColumn::Beyond => &["score_beyond"],
        ListColumn::Score => &["score"],
    }
}

pub(super) fn order(state: &State, form: &Form, draft: &Draft) -> Export {
    let rows = rows(form, draft);
    Export {
        rows,
        columns: columns(rows, state),
        format: format(form),
        file: form.content(FILE).to_owned(),
        replace: false,
        filter: draft.acting.filter(state),
        about: draft.acting.words(state.roster.fleet()),
        fleet: Arc::clone(state.roster.fleet()),
        places: draft.acting.places.clone().into(),
        reports: match &state.reports {
            crate::app::ReportsState::Loaded(reports) => Some(Arc::clone(reports)),
            _ => None,
        },
        difference: match &state.difference.comparison {
            ComparisonState::Loaded(comparison) if rows == Rows::Difference => {
                Some((Arc::clone(comparison), state.difference.rows.clone().into()))
            }
            _ => None,
        },
    }
}

pub(super) fn explain(writer: &mut Writer, state: &State, form: &Form, draft: &Draft) {
    let rows = rows(form, draft);
    if matches!(rows, Rows::Policies | Rows::Permissions) {
        writer.text(Tone::Plain, "Over all servers of the scan.");
    } else if rows == Rows::Difference {
        writer.text(Tone::Plain, "About what is listed of the difference.");
    } else {
        writer.text(
            Tone::Plain,
            &format!("About {}.", draft.acting.words(state.roster.fleet())),
        );
    }
    let columns = columns(rows, state).len();
    let words = match rows.count(draft.acting.places.len()) {
        Some(1) => format!("1 row of {columns} columns."),
        Some(count) => format!("{count} rows of {columns} columns."),
        None => format!("{columns} columns."),
    };
    writer.text(Tone::Plain, &words);
    let about = match format(form) {
        Format::Csv => {
            "CSV for spreadsheets: text that would be a formula gets an apostrophe before it."
        }
        Format::Json => "One JSON document, with a published schema.",
        Format::Ndjson => "One JSON object a line.",
        Format::Markdown => "A table of Markdown.",
        Format::Table => "Columns side by side.",
        Format::Plain => "One value a line, a blank line between two rows.",
    };
    writer.text(Tone::Muted, about);
    if rows.needs_documents() {
        let words = format!(
            "The documents of {} are read for it, in the order of the list.",
            servers(draft.acting.places.len())
        );
        writer.text(Tone::Muted, &words);
    }
    writer.text(
        Tone::Muted,
        "Readable by you alone. A file that is there is replaced only after a question.",
    );
}
