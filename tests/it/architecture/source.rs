//! What a Rust file names: its words without comments, text and tests, and the full paths of what it uses.

use std::collections::HashMap;

/// An identifier, a number, `::` or a single character of punctuation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    pub text: &'a str,
    /// Counted from 1.
    pub line: usize,
}

/// A path as it is meant: imports followed, `self` and `super` resolved. Paths inside the package begin with `crate`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub segments: Vec<String>,
    pub line: usize,
}

/// The words of a file, without comments and without literals of text.
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    let bytes = text.as_bytes();
    let (mut tokens, mut at, mut line) = (Vec::new(), 0, 1);
    while at < bytes.len() {
        let start = at;
        let rest = &text[at..];
        match bytes[at] {
            b'/' if rest.starts_with("//") => at += rest.find('\n').unwrap_or(rest.len()),
            b'/' if rest.starts_with("/*") => at += block_comment(rest),
            b'"' => at += quoted(rest),
            b'\'' => at += quote_or_lifetime(rest),
            byte if is_word(byte) => {
                at += rest
                    .bytes()
                    .position(|byte| !is_word(byte))
                    .unwrap_or(rest.len());
                let word = &text[start..at];
                let after = &text[at..];
                let hashes = after.bytes().take_while(|byte| *byte == b'#').count();
                let is_quoted = after[hashes..].starts_with('"');
                match word {
                    "r" | "br" | "cr" if is_quoted => {
                        at += raw_text(after, hashes);
                    }
                    "b" | "c" if after.starts_with('"') => at += quoted(after),
                    "b" if after.starts_with('\'') => at += quote_or_lifetime(after),
                    // A raw identifier: the word itself comes next.
                    "r" if hashes == 1 => at += 1,
                    _ => tokens.push(Token { text: word, line }),
                }
            }
            b':' if rest.starts_with("::") => {
                tokens.push(Token { text: "::", line });
                at += 2;
            }
            byte if byte.is_ascii_punctuation() => {
                at += 1;
                let text = &text[start..at];
                tokens.push(Token { text, line });
            }
            _ => at += rest.chars().next().map_or(1, char::len_utf8),
        }
        line += bytes[start..at]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
    }
    tokens
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        let step = match rest {
            [b'/', b'*', ..] => {
                depth += 1;
                2
            }
            [b'*', b'/', ..] => {
                depth -= 1;
                2
            }
            _ => 1,
        };
        at += step;
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of a text from its opening quote to its closing one.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn raw_text(text: &str, hashes: usize) -> usize {
    let end = format!("\"{}", &text[..hashes]);
    let inside = hashes + 1;
    text[inside..]
        .find(&end)
        .map_or(text.len(), |at| inside + at + end.len())
}

fn quote_or_lifetime(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    match characters.next() {
        // The character after the backslash is never the closing quote.
        Some((_, '\\')) => text[3..].find('\'').map_or(text.len(), |at| 3 + at + 1),
        Some(_) => match characters.next() {
            Some((at, '\'')) => at + 1,
            // A lifetime: its name is read as a word that names nothing.
            _ => 1,
        },
        None => 1,
    }
}

/// The same without what is compiled for tests only.
pub fn without_tests<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    const TEST: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut rest = tokens;
    while let Some(first) = rest.first() {
        if TEST
            .iter()
            .copied()
            .eq(rest.iter().take(7).map(|it| it.text))
        {
            rest = &rest[item_end(&rest[7..]) + 7..];
        } else {
            kept.push(*first);
            rest = &rest[1..];
        }
    }
    kept
}

/// How many words an item has, with the attributes before it.
fn item_end(tokens: &[Token<'_>]) -> usize {
    let is_use = tokens
        .iter()
        .take_while(|it| !matches!(it.text, "{" | ";"))
        .any(|it| it.text == "use");
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => {
                depth = depth.saturating_sub(1);
                if depth == 0 && token.text == "}" && !is_use {
                    return at + 1;
                }
            }
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

/// The names of the files that are modules for tests only, as their parents say.
pub fn test_modules(tokens: &[Token<'_>]) -> Vec<String> {
    let declared = |tokens: &[Token<'_>]| -> Vec<String> {
        tokens
            .windows(3)
            .filter(|it| it[0].text == "mod" && it[2].text == ";")
            .map(|it| it[1].text.to_owned())
            .collect()
    };
    let always = declared(&without_tests(tokens));
    let mut modules = declared(tokens);
    modules.retain(|module| !always.contains(module));
    modules
}

/// The module that a file of `src` is, from the root of the crate: `src/app/key.rs` is `app`, `key`.
pub fn module_of(path: &str) -> Vec<String> {
    let inside = path.strip_prefix("src/").unwrap_or(path);
    let module = inside.strip_suffix(".rs").unwrap_or(inside);
    match module {
        "lib" | "main" => Vec::new(),
        _ => module.split('/').map(str::to_owned).collect(),
    }
}

/// Everything that the words of a module name: in `use` declarations, groups spread out, and in the code.
pub fn named(tokens: &[Token<'_>], module: &[String]) -> Vec<Named> {
    let mut reader = Reader {
        module: module.to_vec(),
        imports: HashMap::new(),
        named: Vec::new(),
    };
    // Imports may stand below what uses them.
    reader.read(tokens, Pass::Imports);
    reader.read(tokens, Pass::Code);
    reader.named
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    Imports,
    Code,
}

struct Reader {
    module: Vec<String>,
    /// What a name of a `use` declaration stands for.
    imports: HashMap<String, Vec<String>>,
    named: Vec<Named>,
}

impl Reader {
    fn read(&mut self, tokens: &[Token<'_>], pass: Pass) {
        let outer = self.module.len();
        // The depths of braces at which modules inside the file began.
        let mut inline: Vec<usize> = Vec::new();
        let (mut at, mut depth) = (0, 0);
        while at < tokens.len() {
            let next = tokens.get(at + 1).map_or("", |it| it.text);
            match tokens[at].text {
                "{" => depth += 1,
                "}" => {
                    depth -= 1;
                    if inline.last() == Some(&depth) {
                        inline.pop();
                        self.module.truncate(outer + inline.len());
                    }
                }
                "mod" if tokens.get(at + 2).is_some_and(|it| it.text == "{") => {
                    inline.push(depth);
                    self.module.push(next.to_owned());
                    at += 1;
                }
                "use" if next != "<" => {
                    let (tree, length) = use_tree(&tokens[at + 1..]);
                    at += length;
                    if pass == Pass::Imports {
                        self.declare(tree);
                    }
                }
                _ if pass == Pass::Code => {
                    let length = path_length(&tokens[at..]);
                    if length > 1 {
                        self.mention(&tokens[at..at + length]);
                        at += length - 1;
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }

    fn declare(&mut self, tree: Vec<Use>) {
        for Use {
            segments,
            name,
            line,
        } in tree
        {
            let segments = self.resolve(segments);
            if name != "*" && name != "_" {
                self.imports.insert(name, segments.clone());
            }
            self.named.push(Named { segments, line });
        }
    }

    fn mention(&mut self, path: &[Token<'_>]) {
        let segments = path
            .iter()
            .filter(|it| it.text != "::")
            .map(|it| it.text.to_owned())
            .collect();
        let segments = self.resolve(segments);
        self.named.push(Named {
            segments,
            line: path[0].line,
        });
    }

    fn resolve(&self, segments: Vec<String>) -> Vec<String> {
        let mut from_root = match segments[0].as_str() {
            "self" | "super" => {
                let up = segments.iter().filter(|it| *it == "super").count();
                self.module[..self.module.len().saturating_sub(up)].to_vec()
            }
            "crate" | "flexposture" => Vec::new(),
            first => match self.imports.get(first) {
                // A name that stands for itself (`use tokio;`) stands for the crate.
                Some(meant) if meant[0] != first => {
                    return [meant.as_slice(), &segments[1..]].concat();
                }
                _ => return segments,
            },
        };
        from_root.extend(
            segments
                .into_iter()
                .skip_while(|it| matches!(it.as_str(), "self" | "super" | "crate" | "flexposture")),
        );
        from_root.insert(0, "crate".to_owned());
        from_root
    }
}

/// One name of a `use` declaration.
struct Use {
    segments: Vec<String>,
    /// What the file calls it.
    name: String,
    line: usize,
}

/// The names of a `use` declaration, and how many words it has up to its semicolon.
fn use_tree(tokens: &[Token<'_>]) -> (Vec<Use>, usize) {
    let length = tokens
        .iter()
        .position(|it| it.text == ";")
        .unwrap_or(tokens.len());
    let mut uses = Vec::new();
    let mut prefixes: Vec<Vec<String>> = Vec::new();
    let mut current: Vec<String> = Vec::new();
    let mut alias: Option<String> = None;
    let mut line = tokens.first().map_or(0, |it| it.line);
    let mut finish = |current: &mut Vec<String>, alias: &mut Option<String>, line| {
        // `a::{self}` is `a`.
        if current.len() > 1 && current.last().is_some_and(|it| it == "self") {
            current.pop();
        }
        if let Some(last) = current.last() {
            uses.push(Use {
                name: alias.take().unwrap_or_else(|| last.clone()),
                segments: std::mem::take(current),
                line,
            });
        }
    };
    let mut at = 0;
    while at < length {
        let token = tokens[at];
        match token.text {
            "{" => {
                prefixes.push(std::mem::take(&mut current));
                current = innermost(&prefixes);
            }
            "," | "}" => {
                if current.len() > innermost(&prefixes).len() {
                    finish(&mut current, &mut alias, line);
                }
                if token.text == "}" {
                    prefixes.pop();
                    current.clear();
                } else {
                    current = innermost(&prefixes);
                }
            }
            "as" => {
                alias = tokens.get(at + 1).map(|it| it.text.to_owned());
                at += 1;
            }
            "::" => {}
            word => {
                line = token.line;
                current.push(word.to_owned());
            }
        }
        at += 1;
    }
    finish(&mut current, &mut alias, line);
    (uses, length)
}

/// The prefix of the innermost of the open groups.
fn innermost(prefixes: &[Vec<String>]) -> Vec<String> {
    prefixes.last().cloned().unwrap_or_default()
}

/// How many words a path at the beginning has; 1 or 0 when there is none.
fn path_length(tokens: &[Token<'_>]) -> usize {
    let is_name = |at: usize| {
        tokens.get(at).is_some_and(|it| {
            it.text
                .bytes()
                .next()
                .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        })
    };
    if !is_name(0) {
        return 0;
    }
    let mut length = 1;
    while tokens.get(length).is_some_and(|it| it.text == "::") && is_name(length + 1) {
        length += 2;
    }
    length
}
