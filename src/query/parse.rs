//! From text to what is meant.

use std::ops::Range;

use super::cells::{CellTest, Cells};
use super::error::{first_words, nearest};
use super::pattern::{How, Pattern};
use super::server::{ServerTerm, Wanted};
use super::terms::Word;
use super::tokens::{Body, Piece, TokenValue, tokens, words_of};
use super::values::{self, Value};
use super::{FIELDS, Field, FieldRecord, Of, Query, QueryError, folded};

/// The most words that an error lists.
const LISTED: usize = 8;

/// A field with more values than this has them shown by an example.
const MOST_LISTED: usize = 20;

/// Whether `=` divides a name from a value in a field of this name.
pub fn has_equals(name: &str) -> bool {
    FieldRecord::of_name(name).is_some_and(|record| record.field == Field::Tag)
}

/// Reads a query: what is right in it, and what is not.
pub fn parse(text: &str) -> (Query, Vec<QueryError>) {
    let mut query = Query::default();
    let mut cells: Vec<(CellTest, bool)> = Vec::new();
    let mut errors = Vec::new();
    for token in tokens(text, has_equals) {
        match token.body {
            Body::Word(piece) => query.words.extend(word(text, &piece, token.not)),
            Body::Field { name, values } => {
                let Some(record) = FieldRecord::of_name(&text[name.clone()]) else {
                    errors.push(no_field(text, name));
                    continue;
                };
                let reading = Reading { text, record, name };
                // Behind a comma there is more to come, and what stands before it counts already.
                let (values, missing) = match &values[..] {
                    [all @ .., last] if !all.is_empty() && last.is_empty() => {
                        (all, Some(reading.missing(&last.first)))
                    }
                    all => (all, None),
                };
                let term = match record.of {
                    Of::Feature => reading
                        .cells(values)
                        .map(|test| cells.push((test, token.not))),
                    Of::Server => reading.wanted(values).map(|any| {
                        query.servers.push(ServerTerm {
                            field: record.field,
                            any,
                            not: token.not,
                        });
                    }),
                };
                errors.extend(term.err());
                errors.extend(missing);
            }
        }
    }
    query.cells = Cells::new(&cells);
    (query, errors)
}

/// Reads a text as words alone.
pub fn words(text: &str) -> Query {
    let tokens = words_of(text).into_iter();
    Query {
        words: tokens
            .filter_map(|(piece, not)| word(text, &piece, not))
            .collect(),
        ..Query::default()
    }
}

fn word(text: &str, piece: &Piece, not: bool) -> Option<Word> {
    let word = &text[piece.text.clone()];
    (!word.is_empty()).then(|| Word {
        text: folded(word),
        exact: piece.quoted,
        not,
    })
}

fn no_field(text: &str, name: Range<usize>) -> QueryError {
    let word = &text[name.clone()];
    let known = FIELDS
        .iter()
        .flat_map(|it| std::iter::once(it.name).chain(it.other_names.iter().copied()));
    QueryError {
        what: format!("no field is called {word}"),
        expected: "in quotes it is a word".to_owned(),
        nearest: nearest(word, known).map(|name| format!("{name}:")),
        unfinished: false,
        range: name,
    }
}

/// A field whose values are being read.
struct Reading<'a> {
    text: &'a str,
    record: &'static FieldRecord,
    name: Range<usize>,
}

impl Reading<'_> {
    fn text(&self, piece: &Piece) -> &str {
        &self.text[piece.text.clone()]
    }

    /// A value that is not there: the comma before it is wrong, or the field that is asked for nothing.
    fn missing(&self, piece: &Piece) -> QueryError {
        let at = piece.range.start;
        let is_first = at == self.name.end + 1;
        let range = if is_first {
            self.name.start..at
        } else {
            at - 1..at
        };
        let behind = if is_first {
            format!("{}:", self.record.name)
        } else {
            self.text[range.clone()].to_owned()
        };
        QueryError {
            range,
            what: format!("{behind} needs {} behind it", self.record.takes),
            expected: self.expected(),
            nearest: None,
            unfinished: true,
        }
    }

    /// What can stand here.
    fn expected(&self) -> String {
        let known = values::known(self.record.field);
        if known.is_empty() || known.len() > MOST_LISTED {
            format!("for example {}", self.record.examples[0])
        } else {
            first_words(known.iter().map(|value| value.word.as_str()), LISTED)
        }
    }

    /// What a term says of a cell.
    fn cells(&self, values: &[TokenValue]) -> Result<CellTest, QueryError> {
        let known = values::known(self.record.field);
        let mut all = CellTest {
            features: 0,
            kinds: 0,
        };
        for value in values {
            let piece = &value.first;
            let text = self.text(piece);
            if text.is_empty() {
                return Err(self.missing(piece));
            }
            // A word for it goes before the beginnings of words, so that NS-1 is not NS-10 too.
            let mut found: Vec<&Value> = known.iter().filter(|value| value.is(text)).collect();
            if found.is_empty() && !piece.quoted {
                found.extend(known.iter().filter(|value| value.begins_with(text)));
            }
            if found.is_empty() {
                return Err(self.no_value(piece, known));
            }
            for value in found {
                all.features |= value.test.features;
                all.kinds |= value.test.kinds;
            }
        }
        Ok(all)
    }

    fn no_value(&self, piece: &Piece, known: &[Value]) -> QueryError {
        let text = self.text(piece);
        let words = || known.iter().map(|value| value.word.as_str());
        let takes = self.record.takes.trim_start_matches("a ");
        QueryError {
            range: piece.range.clone(),
            what: format!("no {takes} is called {text}"),
            expected: self.expected(),
            nearest: nearest(text, words()).map(str::to_owned),
            unfinished: false,
        }
    }

    /// What a term asks of a server.
    fn wanted(&self, values: &[TokenValue]) -> Result<Vec<Wanted>, QueryError> {
        values.iter().map(|value| self.alternative(value)).collect()
    }

    fn alternative(&self, value: &TokenValue) -> Result<Wanted, QueryError> {
        let piece = &value.first;
        let text = self.text(piece);
        if text.is_empty() && !(piece.quoted && self.record.field != Field::Score) {
            return Err(self.missing(piece));
        }
        let how = |piece: &Piece, else_how| if piece.quoted { How::Whole } else { else_how };
        Ok(match self.record.field {
            Field::Score => {
                let (low, high) = score(text).ok_or_else(|| self.no_score(piece))?;
                Wanted::Score(low, high)
            }
            Field::Tag => match &value.second {
                // A name with a sign of equality behind it is the whole name.
                Some(second) => Wanted::Tag {
                    name: Pattern::new(text, How::Whole),
                    value: Some(Pattern::new(self.text(second), how(second, How::Word))),
                },
                None => Wanted::Tag {
                    name: Pattern::new(text, how(piece, How::Word)),
                    value: None,
                },
            },
            Field::Version => Wanted::Text(Pattern::new(text, how(piece, How::Start))),
            _ => Wanted::Text(Pattern::new(text, how(piece, How::Word))),
        })
    }

    fn no_score(&self, piece: &Piece) -> QueryError {
        let text = self.text(piece);
        QueryError {
            range: piece.range.clone(),
            what: format!("{text} is no score"),
            expected: "a number from 0 to 100, a range like 50-70, or < > <= >= and a number"
                .to_owned(),
            nearest: None,
            unfinished: matches!(text, "<" | ">" | "<=" | ">=" | "=") || text.ends_with('-'),
        }
    }
}

/// The lowest and the highest score that a text means.
fn score(text: &str) -> Option<(u8, u8)> {
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse::<u8>().ok().filter(|_| digits)?;
        (number <= 100).then_some(number)
    };
    // Scores are whole numbers, and 101 and -1 are none: what lies beyond them is an empty range.
    const NONE: (u8, u8) = (1, 0);
    if let Some(rest) = text.strip_prefix("<=") {
        return Some((0, number(rest)?));
    }
    if let Some(rest) = text.strip_prefix(">=") {
        return Some((number(rest)?, 100));
    }
    if let Some(rest) = text.strip_prefix('<') {
        return Some(number(rest)?.checked_sub(1).map_or(NONE, |high| (0, high)));
    }
    if let Some(rest) = text.strip_prefix('>') {
        let low = number(rest)?;
        return Some(if low == 100 { NONE } else { (low + 1, 100) });
    }
    if let Some((low, high)) = text.split_once('-') {
        let (low, high) = (number(low)?, number(high)?);
        return (low <= high).then_some((low, high));
    }
    let exact = number(text.strip_prefix('=').unwrap_or(text))?;
    Some((exact, exact))
}
