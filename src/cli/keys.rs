//! `flexposture keys`: every key of the explorer as it is in force, by the place where it holds.

use std::io::Write;

use serde_json::{Value as Json, json};

use crate::app::{Command, CommandRecord, KeySequence, Keymap, Scope};

use crate::report::{DocumentKind, write_document};

use super::judging::RulesetArguments;

/// List every key of the explorer, as the config file has it
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write JSON
    #[arg(long, conflicts_with = "markdown")]
    json: bool,

    /// Write Markdown, as the documentation holds it
    #[arg(long)]
    markdown: bool,

    #[command(flatten)]
    settings: RulesetArguments,
}

/// Writes the keys to `out`.
///
/// # Errors
/// When anything in the config file is wrong, or `out` refuses.
pub fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<()> {
    let keymap = args.settings.settings()?.keymap;
    if args.json {
        write_document(out, DocumentKind::Keys, &as_json(&keymap))?;
    } else if args.markdown {
        out.write_all(markdown(&keymap).as_bytes())?;
    } else {
        out.write_all(text(&keymap).as_bytes())?;
    }
    Ok(())
}

/// A command of a scope with its keys there.
struct Row {
    record: &'static CommandRecord,
    keys: Vec<KeySequence>,
    own: bool,
}

/// The commands of a scope, each once, in the order of the table; those without a key, too.
fn rows(keymap: &Keymap, scope: Scope) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for record in crate::app::commands().filter(|record| record.scopes.contains(scope)) {
        let known = |command: Command| move |row: &Row| row.record.command == command;
        if rows.iter().any(known(record.command)) {
            continue;
        }
        let bindings = keymap.bindings(scope).iter();
        let bindings = bindings.filter(|binding| binding.record.command == record.command);
        rows.push(Row {
            record,
            keys: bindings
                .clone()
                .map(|binding| binding.keys.clone())
                .collect(),
            own: bindings.clone().any(|binding| binding.own),
        });
    }
    rows
}

fn as_json(keymap: &Keymap) -> Json {
    let scopes = Scope::ALL.into_iter().map(|scope| {
        let rows = rows(keymap, scope).into_iter().map(|row| {
            let keys: Vec<String> = row.keys.iter().map(ToString::to_string).collect();
            json!({
                "command": row.record.id,
                "keys": keys,
                "own": row.own,
                "doc": row.record.doc,
            })
        });
        json!({
            "scope": scope.id(),
            "title": scope.title(),
            "commands": rows.collect::<Vec<_>>(),
        })
    });
    json!({ "scopes": scopes.collect::<Vec<_>>() })
}

fn text(keymap: &Keymap) -> String {
    let mut text = String::new();
    for scope in Scope::ALL {
        if !text.is_empty() {
            text.push('\n');
        }
        text += &format!("{} ({})\n", scope.title(), scope.id());
        for row in rows(keymap, scope) {
            let keys: Vec<String> = row.keys.iter().map(ToString::to_string).collect();
            let mut keys = keys.join("  ");
            if keys.is_empty() {
                "no key".clone_into(&mut keys);
            }
            let own = if row.own { " (config file)" } else { "" };
            let (id, doc) = (row.record.id, row.record.doc);
            text += &format!("  {keys:<26}{id:<27}{doc}{own}\n");
        }
    }
    text
}

/// The key reference of the documentation.
#[must_use]
pub fn markdown(keymap: &Keymap) -> String {
    let mut text = String::from(
        "# Keys\n\n\
         Made by `flexposture keys --markdown`. In the explorer `?` lists the keys of the place where you are, and `:` runs\n\
         every command by its name.\n\n\
         The config file changes keys, in a table for each place or for all of them:\n\n\
         ```toml\n\
         [keys.fleet]\n\
         \"o\" = \"open\"        # takes the place of what the key does\n\
         \"S\" = false         # the key does nothing\n\n\
         [keys.everywhere]    # wherever the command can be asked for\n\
         \"g x\" = \"matrix\"\n\
         ```\n\n\
         Keys are written as below: `j`, `G`, `Ctrl-d`, `Alt-1`, `Enter`, `PageDown`, `F5`, and chords with a space in\n\
         between. Keys that begin other keys are refused, because one of the two could never be pressed. `Ctrl-c` ends the\n\
         program from everywhere and cannot be changed, and what leads out of a place keeps a key there.\n",
    );
    for scope in Scope::ALL {
        text += &format!("\n## {}: `{}`\n\n", capital(scope.title()), scope.id());
        text += "| keys | command | |\n|---|---|---|\n";
        for row in rows(keymap, scope) {
            let keys: Vec<String> = row.keys.iter().map(code).collect();
            text += &format!(
                "| {} | `{}` | {} |\n",
                keys.join(" "),
                row.record.id,
                row.record.doc
            );
        }
    }
    text
}

/// Keys as code of a table, in which a bar would end the cell.
fn code(keys: &KeySequence) -> String {
    let keys = keys.to_string().replace('|', "\\|");
    if keys.contains('`') {
        format!("`` {keys} ``")
    } else {
        format!("`{keys}`")
    }
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}
