//! Exempting many servers: from what, why, who answers for it, and until when.
//!
//! Every server gets an entry of its own with its whole resource id. A pattern would be shorter and would also exempt
//! servers that nobody looked at, those of tomorrow included; who wants that writes one.

use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::app::many::{Acting, feature_here, marked_or_one};
use crate::app::page::Writer;
use crate::app::roster::open_features;
use crate::app::{Screen, State, Tone};
use crate::baseline::FeatureId;
use crate::documents::text::neutral;
use crate::posture::{Condition, Covered, Exemption, ServerPattern, VerdictWord, Waiver};

use super::{FILE, Field, FieldValue, Form, Purpose, feature_name};

/// The most entries that are made at once: a file that a person is to review, and every entry is looked at for every
/// server.
pub(in crate::app) const MOST_EXEMPTIONS: usize = 200;

/// What an exemption starts from.
#[derive(Clone, Debug)]
pub struct Draft {
    acting: Acting,
    /// The ids of the servers, for those are what the file holds.
    ids: Vec<Box<str>>,
    covers: Vec<Covered>,
}

const FROM: &str = "from";
const REASON: &str = "reason";
const OWNER: &str = "owner";
const TICKET: &str = "ticket";
const UNTIL: &str = "until";

pub(super) fn form(state: &State) -> Result<Form, &'static str> {
    debug_assert_ne!(FILE, FROM);
    if state.exemptions_file.is_none() {
        return Err("there is no place for a file of exemptions; --exemptions names one");
    }
    let acting = marked_or_one(state).ok_or("there is no server to exempt")?;
    if acting.places.len() > MOST_EXEMPTIONS {
        return Err(
            "more than 200 servers: write a pattern with `flexposture exemptions add --server`",
        );
    }
    let fleet = state.roster.fleet();
    let chosen = || {
        let of = |place: &u32| fleet.servers.get(*place as usize);
        acting.places.iter().filter_map(of)
    };
    let ids = chosen().map(|server| server.id.clone()).collect();
    let here = feature_here(state);
    let mut covers: Vec<Covered> = Vec::new();
    let mut options = Vec::new();
    let mut add = |name: String, covered: Covered| {
        if !covers.contains(&covered) {
            options.push(name);
            covers.push(covered);
        }
    };
    if let Some(feature) = here {
        add(feature_name(feature), Covered::Feature(feature));
        let server = state.server.as_ref();
        let server = server.filter(|_| state.screen() == Screen::Server);
        let finding = server.and_then(|server| server.finding());
        let open = |it: &&Condition| it.is_open() && it.waiver.is_none();
        let conditions = finding.iter().flat_map(|finding| &finding.conditions);
        for condition in conditions.filter(open) {
            let name = format!("{}: {}", condition.id, condition.statement);
            add(name, Covered::Condition(condition.id.to_owned()));
        }
    } else {
        let family = state.roster.family();
        let wanted = |feature: FeatureId| family.is_none_or(|it| feature.family() == it);
        let worst = chosen().next().map(open_features).unwrap_or_default();
        let worst = worst.into_iter().map(|(feature, _)| feature);
        let open = |feature: &FeatureId| {
            let verdict = |verdict| matches!(verdict, VerdictWord::Fail | VerdictWord::Unknown);
            chosen().any(|server| verdict(server.cell(*feature).verdict))
        };
        for feature in worst.chain(FeatureId::ALL.into_iter().filter(open)) {
            if wanted(feature) {
                add(feature_name(feature), Covered::Feature(feature));
            }
        }
    }
    if options.is_empty() {
        return Err("nothing is open on these servers");
    }
    let until = state.today.saturating_add(90.days());
    let fields = vec![
        Field::choice(FROM, options, 0),
        Field::text(REASON, ""),
        Field::text(OWNER, ""),
        Field::text(TICKET, ""),
        Field::text(UNTIL, &until.to_string()),
    ];
    let draft = Draft {
        acting,
        ids,
        covers,
    };
    Ok(Form::new(Purpose::Exempt(draft), fields))
}

/// The entries that the form makes.
///
/// # Errors
/// What is missing or wrong, in words, with the label of its field.
pub fn entries(
    form: &Form,
    draft: &Draft,
    today: Date,
) -> Result<Vec<Exemption>, (&'static str, String)> {
    let needed = |label: &'static str, words: &str| match form.content(label) {
        "" => Err((label, words.to_owned())),
        text => Ok(text.to_owned()),
    };
    let reason = needed(REASON, "say why: somebody will ask")?;
    let owner = needed(OWNER, "say who answers for it: a team or a person")?;
    let ticket = Some(form.content(TICKET).to_owned()).filter(|it| !it.is_empty());
    let until: Date = form
        .content(UNTIL)
        .parse()
        .map_err(|_| (UNTIL, "write the last day like 2027-03-31".to_owned()))?;
    if until < today {
        return Err((UNTIL, format!("{until} is past, and today is {today}")));
    }
    let covers = draft.covers.get(form.chosen(FROM)).cloned();
    let covers = covers.ok_or((FROM, "choose what they are exempt from".to_owned()))?;
    let waiver = Arc::new(Waiver {
        reason,
        owner,
        ticket,
        until,
    });
    let entry = |id: &str| Exemption {
        server: ServerPattern::from(id),
        covers: covers.clone(),
        waiver: Arc::clone(&waiver),
        line: 0,
    };
    Ok(draft.ids.iter().map(|id| entry(id)).collect())
}

pub(super) fn explain(writer: &mut Writer, state: &State, form: &Form, draft: &Draft) {
    writer.text(
        Tone::Plain,
        &format!("About {}.", draft.acting.words(state.roster.fleet())),
    );
    let file = state.exemptions_file.as_deref().unwrap_or_default();
    match entries(form, draft, state.today) {
        Ok(entries) => {
            let words = match entries.len() {
                1 => format!("This is added to {}:", neutral(file)),
                count => format!("{count} entries are added to {}, the first:", neutral(file)),
            };
            writer.text(Tone::Plain, &words);
            let entry = entries.first().map(Exemption::entry).unwrap_or_default();
            for line in entry.trim().lines() {
                writer.text(Tone::Code, &neutral(line));
            }
            if entries.len() > 1 {
                let words = format!("... and the same for {} more.", entries.len() - 1);
                writer.text(Tone::Muted, &words);
            }
        }
        Err((label, words)) => {
            writer.text(Tone::Plain, &format!("To be added to {}.", neutral(file)));
            if form.problem.is_none() {
                writer.text(Tone::Muted, &format!("{label}: {words}"));
            }
        }
    }
    let names_one = matches!(
        form.field(FROM).map(|field| &field.value),
        Some(FieldValue::Choice { options, .. }) if options.len() > 1
    );
    if names_one {
        writer.text(
            Tone::Muted,
            "An exemption takes what is open out of the verdict; the evidence stays, and so does the verdict without it.",
        );
    }
}
