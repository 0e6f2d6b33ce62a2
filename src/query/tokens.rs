//! A query's text cut into its parts, with their places; what they mean comes later.

use std::ops::Range;

/// A part of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The whole of it, the sign for *not* included.
    pub range: Range<usize>,
    /// Whether it begins with `!`.
    pub not: bool,
    /// The rest of it.
    pub body: Body,
}

/// What a part of a query is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A word.
    Word(Piece),
    /// The name of a field, and what it is asked for.
    Field {
        /// The name, without the colon.
        name: Range<usize>,
        /// The alternatives.
        values: Vec<TokenValue>,
    },
}

/// A piece of text, its quotes not included in the text but in the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text.
    pub text: Range<usize>,
    /// The same with its quotes.
    pub range: Range<usize>,
    /// Whether it stands in quotes.
    pub quoted: bool,
}

/// One alternative of a field: a value, or a name and a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenValue {
    /// The value, or the name before the sign of equality.
    pub first: Piece,
    /// What stands behind the sign of equality.
    pub second: Option<Piece>,
}

impl TokenValue {
    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.first.range.is_empty() && self.second.is_none()
    }
}

/// The longest that the name of a field may be; what is longer is a word.
const LONGEST_NAME: usize = 16;

/// Cuts a text into its parts. Every text can be cut: a quote that is not closed reaches to the end. `has_equals` says
/// for which fields `=` divides a name from a value.
pub fn tokens(text: &str, has_equals: impl Fn(&str) -> bool) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        if at >= text.len() {
            return tokens;
        }
        let start = at;
        let not = text[at..].starts_with('!');
        at += usize::from(not);
        let body = match name_at(text, at) {
            Some(name) => {
                at = name.end + 1;
                let equals = has_equals(&text[name.clone()]);
                let values = values(text, &mut at, equals);
                Body::Field { name, values }
            }
            None => {
                let piece = piece(text, at, &[]);
                at = piece.range.end;
                Body::Word(piece)
            }
        };
        tokens.push(Token {
            range: start..at,
            not,
            body,
        });
    }
}

/// Cuts a text into words alone, each with whether it is negated.
pub fn words_of(text: &str) -> Vec<(Piece, bool)> {
    let mut words = Vec::new();
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        if at >= text.len() {
            return words;
        }
        let not = text[at..].starts_with('!');
        let piece = piece(text, at + usize::from(not), &[]);
        at = piece.range.end;
        words.push((piece, not));
    }
}

/// The name of a field, when letters with a colon behind them stand here.
fn name_at(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = &text[at..];
    let end = rest.find(|c: char| !c.is_ascii_alphabetic())?;
    (end > 0 && end <= LONGEST_NAME && rest[end..].starts_with(':')).then(|| at..at + end)
}

fn values(text: &str, at: &mut usize, equals: bool) -> Vec<TokenValue> {
    let ends: &[char] = if equals { &[',', '='] } else { &[','] };
    let mut values = Vec::new();
    loop {
        let first = piece(text, *at, ends);
        *at = first.range.end;
        let second = (equals && text[*at..].starts_with('=')).then(|| {
            let second = piece(text, *at + 1, &[',']);
            *at = second.range.end;
            second
        });
        values.push(TokenValue { first, second });
        if !text[*at..].starts_with(',') {
            return values;
        }
        *at += 1;
    }
}

/// The piece that begins here and ends at a space or one of some characters; in quotes, at the closing one.
fn piece(text: &str, at: usize, ends: &[char]) -> Piece {
    let rest = &text[at..];
    if let Some(inside) = rest.strip_prefix('"') {
        let length = inside.find('"').unwrap_or(inside.len());
        let end = at + 1 + length;
        return Piece {
            text: at + 1..end,
            range: at..(end + 1).min(text.len()),
            quoted: true,
        };
    }
    let length = rest
        .find(|c: char| c.is_whitespace() || ends.contains(&c))
        .unwrap_or(rest.len());
    Piece {
        text: at..at + length,
        range: at..at + length,
        quoted: false,
    }
}
