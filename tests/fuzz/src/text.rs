//! Text on its way to a person: neutralised, in tables, in commands; and bytes on their way from one, as keys.

use flexposture::documents::DocumentKind;
use flexposture::documents::text::{neutral, neutral_lines};
use flexposture::posture::{Judge, Ruleset, fixes, script};
use flexposture::report::{Column, Format, TableWriter, Value};
use flexposture::terminal::Decoder;
use serde_json::json;
use unicode_width::UnicodeWidthStr;

use super::documents::server_of;
use super::{assert_clean, text_of};

pub fn text(data: &[u8]) {
    let text = text_of(data);
    let plain = neutral(&text);
    assert_clean(&plain);
    assert!(!plain.contains('\n'));
    assert_eq!(neutral(&plain), plain, "neutral text stays as it is");
    assert_eq!(
        plain.chars().count(),
        text.chars().count(),
        "one stand-in for each"
    );
    assert!(plain.width() <= 2 * plain.chars().count());
    let lines = neutral_lines(&text);
    assert_clean(&lines);
    assert_eq!(neutral_lines(&lines), lines);
}

/// However the bytes are cut, the events are the same, and there are no more of them than bytes.
pub fn terminal(data: &[u8]) {
    let mut whole = Vec::new();
    let mut decoder = Decoder::default();
    decoder.push(data, &mut whole);
    decoder.give_up(&mut whole);
    assert!(whole.len() <= data.len());
    let mut decoder = Decoder::default();
    let mut events = Vec::new();
    for piece in data.chunks(1 + data.len() % 7) {
        decoder.push(piece, &mut events);
    }
    decoder.give_up(&mut events);
    assert_eq!(decoder.patience(), None, "nothing is left to wait for");
    assert_eq!(whole, events, "pieces do not matter");
}

const COLUMNS: [Column; 3] = [
    Column::text("one", "One"),
    Column::number("two", "Two"),
    Column::text("three", "Three"),
];

/// Cells of any text, with NUL between them, in every format.
pub fn tables(data: &[u8]) {
    let text = text_of(data);
    let cells: Vec<&str> = text.split('\0').take(40).collect();
    let rows: Vec<[Value; 3]> = cells
        .chunks(2)
        .map(|pair| {
            let last = pair.last().copied().unwrap_or_default();
            [
                Value::text(pair[0]),
                Value::count(last.len()),
                Value::lines(last),
            ]
        })
        .collect();
    let written = |format: Format| {
        let mut writer = TableWriter::new(Vec::new(), format, &COLUMNS).expect("memory");
        for row in &rows {
            writer.row(row).expect("memory");
        }
        String::from_utf8(writer.finish().expect("memory")).expect("text")
    };
    let csv = written(Format::Csv);
    assert_clean(&csv.replace("\r\n", "\n"));
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let read: Vec<csv::StringRecord> = reader.records().map(|it| it.expect("CSV")).collect();
    assert_eq!(read.len(), rows.len());
    for (record, row) in read.iter().zip(&rows) {
        for (cell, value) in record.iter().zip(row) {
            let Value::Text(text) = value else { continue };
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']),
                "{cell:?}"
            );
            assert!(
                cell == text || cell.strip_prefix('\'') == Some(text),
                "{cell:?} instead of {text:?}"
            );
        }
    }
    let json: Vec<serde_json::Value> = serde_json::from_str(&written(Format::Json)).expect("JSON");
    assert_eq!(json.len(), rows.len());
    let lines = written(Format::Ndjson);
    let lines: Vec<serde_json::Value> = lines
        .lines()
        .map(|it| serde_json::from_str(it).expect("JSON"))
        .collect();
    assert_eq!(lines, json);
    for (object, row) in json.iter().zip(&rows) {
        if let Value::Text(text) = &row[0] {
            assert_eq!(object["one"], text.as_str());
        }
    }
    let markdown = written(Format::Markdown);
    assert_clean(&markdown);
    assert_eq!(markdown.lines().count(), rows.len() + 2);
    for line in markdown.lines() {
        let bars = line
            .replace("\\\\", "")
            .replace("\\|", "")
            .matches('|')
            .count();
        assert_eq!(bars, COLUMNS.len() + 1, "{line:?}");
        assert!(
            !line.contains('<') || line.replace("<br>", "").find('<').is_none(),
            "{line:?}"
        );
    }
    assert_clean(&written(Format::Plain));
    assert_clean(&written(Format::Table));
}

/// Names and values from Azure in the commands of fixes: a shell takes every word for what it is.
pub fn commands(data: &[u8]) {
    let text = text_of(data);
    let (name, value) = text.split_once('\0').unwrap_or((&text, &text));
    let body = json!({"id": name, "name": name, "location": value, "tags": {name: value}, "properties": {
        "state": "Ready", "version": "8.0.21", "network": {"publicNetworkAccess": "Enabled"},
        "privateEndpointConnections": [], "backup": {"backupRetentionDays": 1, "geoRedundantBackup": "Disabled"},
        "dataEncryption": {"type": "AzureKeyVault", "primaryKeyURI": value, "primaryUserAssignedIdentityId": value},
    }});
    let rules = json!({"value": [
        {"name": name, "properties": {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}},
        {"name": value, "properties": {"startIpAddress": "0.0.0.0", "endIpAddress": "0.0.0.0"}},
    ]});
    let parameters = json!({"value": [
        {"name": "tls_version", "properties": {"value": value}},
        {"name": "audit_log_events", "properties": {"value": value}},
        {"name": "require_secure_transport", "properties": {"value": "OFF"}},
    ]});
    let bodies = vec![
        (DocumentKind::Server, body),
        (DocumentKind::FirewallRules, rules),
        (DocumentKind::Configurations, parameters),
    ];
    let Some(documents) = server_of(name, bodies.clone()).or_else(|| server_of("db", bodies))
    else {
        return;
    };
    let judge = Judge::by(Ruleset::default());
    for finding in judge.findings(&documents) {
        for fix in fixes(&documents, &judge.ruleset, &finding) {
            for command in &fix.commands {
                let line = command.to_string();
                assert_clean(&line);
                assert!(!line.contains('\n'), "{line:?}");
                let words =
                    shlex::split(&line).unwrap_or_else(|| panic!("no shell takes {line:?}"));
                assert_eq!(words.len(), command.words.len(), "{line:?}");
                assert_eq!(words[0], "az");
                for (word, written) in words.iter().zip(&command.words) {
                    if written.variables().next().is_none() {
                        assert_eq!(
                            shlex::split(&written.to_string()).as_deref(),
                            Some(&[word.clone()][..])
                        );
                        let plain = written.to_string();
                        let quoted = plain.starts_with('\'') && plain.ends_with('\'');
                        let bare = plain
                            .bytes()
                            .all(|it| it.is_ascii_alphanumeric() || b"_-./:,+".contains(&it));
                        assert!(quoted || bare, "{plain:?} is more than a word to a shell");
                    }
                    assert!(
                        !word.starts_with('@')
                            && !word
                                .split_once('=')
                                .is_some_and(|(_, value)| value.starts_with('@')),
                        "the Azure CLI would read a file: {line:?}"
                    );
                }
            }
            assert_clean(&script(&fix.commands));
        }
    }
}
