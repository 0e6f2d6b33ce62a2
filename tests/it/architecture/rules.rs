//! The rules of the house as data, and what breaks them.

use super::source::{Named, module_of, named, test_modules, tokens, without_tests};

/// What a room may know, and what it may not name.
pub struct Room {
    pub name: &'static str,
    /// Rooms that it may know.
    pub knows: &'static [&'static str],
    /// Names from outside that do not belong in it.
    pub never: &'static [&'static [&'static str]],
}

/// No files, network, processes, threads, clock.
const WORLD: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::time::SystemTime",
    "std::time::Instant",
    "jiff::Timestamp::now",
    "jiff::ZonedDateTime::now",
];

/// No waiting, and no database.
const WORK: &[&str] = &["tokio", "tokio_util", "reqwest", "rusqlite"];

/// No screen.
const SCREEN: &[&str] = &["ratatui", "crossterm"];

/// An address as a value is no network.
const VALUES: [&str; 3] = [
    "std::net::Ipv4Addr",
    "std::net::Ipv6Addr",
    "std::net::IpAddr",
];

/// Every room.
pub const ROOMS: &[Room] = &[
    Room {
        name: "baseline",
        knows: &[],
        never: &[WORLD, WORK, SCREEN],
    },
    Room {
        name: "documents",
        knows: &[],
        never: &[WORLD, WORK, SCREEN],
    },
    Room {
        name: "posture",
        knows: &["baseline", "documents", "nesting"],
        never: &[WORLD, WORK, SCREEN],
    },
    Room {
        name: "query",
        knows: &["baseline", "documents", "posture"],
        never: &[WORLD, WORK, SCREEN],
    },
    Room {
        name: "azure",
        knows: &["documents"],
        never: &[],
    },
    Room {
        name: "store",
        knows: &["baseline", "documents", "posture"],
        never: &[],
    },
    Room {
        name: "scan",
        knows: &["azure", "baseline", "documents", "posture", "store"],
        never: &[],
    },
    Room {
        name: "app",
        // Of reports it knows what can be written, as data; writers are used by the runtime.
        knows: &[
            "baseline",
            "documents",
            "nesting",
            "posture",
            "query",
            "report",
        ],
        never: &[WORLD, WORK, SCREEN],
    },
    Room {
        name: "view",
        knows: &["app", "baseline", "documents", "look", "posture", "query"],
        never: &[WORLD, WORK],
    },
    Room {
        name: "look",
        knows: &["nesting"],
        never: &[],
    },
    Room {
        name: "terminal",
        knows: &[],
        never: &[],
    },
    Room {
        name: "config",
        knows: &["nesting"],
        never: &[],
    },
    Room {
        name: "runtime",
        knows: &[
            "app",
            "azure",
            "baseline",
            "documents",
            "look",
            "posture",
            "query",
            "report",
            "scan",
            "store",
            "terminal",
            "view",
        ],
        never: &[],
    },
    Room {
        name: "report",
        knows: &["baseline", "documents", "posture", "query"],
        never: &[],
    },
    Room {
        name: "simulator",
        knows: &["documents"],
        never: &[],
    },
    Room {
        name: "cli",
        knows: &[
            "app",
            "azure",
            "baseline",
            "config",
            "documents",
            "look",
            "posture",
            "query",
            "report",
            "runtime",
            "scan",
            "simulator",
            "store",
            "terminal",
            "view",
        ],
        never: &[],
    },
    Room {
        name: "main",
        knows: &["cli"],
        never: &[],
    },
    Room {
        name: "nesting",
        knows: &[],
        never: &[WORLD, WORK, SCREEN],
    },
    Room {
        name: "lib",
        knows: &[],
        never: &[],
    },
];

/// Names that only some rooms or files may use, with what they are for.
pub struct Owned {
    pub names: &'static [&'static str],
    /// Rooms, or single files.
    pub owners: &'static [&'static str],
    pub why: &'static str,
}

/// What is named in one place only.
pub const OWNED: &[Owned] = &[
    Owned {
        names: &["crossterm", "ratatui::crossterm"],
        owners: &["terminal", "runtime"],
        why: "only terminal and runtime name crossterm",
    },
    Owned {
        names: &[
            "ratatui::style::Color",
            "ratatui::style::Stylize",
            "ratatui::style::palette",
            "ratatui::prelude",
        ],
        owners: &[
            "look",
            // These two write a finished frame to the wire, where a colour is a number: they choose none.
            "src/terminal/frame/pen.rs",
            "src/terminal/frame/painter.rs",
        ],
        why: "only look names a colour",
    },
    Owned {
        names: &["crossterm::style::Color", "crossterm::style::Stylize"],
        owners: &[],
        why: "only look names a colour, and it names those of ratatui",
    },
    Owned {
        names: &["rusqlite"],
        owners: &["store"],
        why: "only store knows the format of a scan file",
    },
    Owned {
        names: &["reqwest", "azure_core", "azure_identity"],
        owners: &["azure"],
        why: "only azure speaks to Azure",
    },
    Owned {
        names: &["notify"],
        owners: &["src/runtime/file_notices.rs"],
        why: "only file_notices knows how a system tells of changed files",
    },
    Owned {
        names: &["calamine", "zip"],
        owners: &["src/cli/baseline/workbook.rs"],
        why: "only workbook reads spreadsheets",
    },
    Owned {
        names: &["axum"],
        owners: &["simulator"],
        why: "only the simulator is a server",
    },
    Owned {
        names: &["clap"],
        owners: &["cli"],
        why: "only cli reads arguments",
    },
];

/// Words that do not stand in a room at all, whatever they belong to.
pub const WORDS: &[(&str, &[&str])] = &[("view", &["KeyCode", "KeyEvent"])];

/// Macros that do not stand in finished code.
const MACROS: [&str; 3] = ["todo", "unimplemented", "dbg"];

/// The most lines of a file before its tests.
pub const MOST_LINES: usize = 500;

/// A file of the package.
#[derive(Clone, Debug)]
pub struct File {
    /// From the root of the package, with `/`.
    pub path: String,
    pub text: String,
}

/// What breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offence {
    pub path: String,
    /// Counted from 1.
    pub line: usize,
    pub text: String,
    pub why: String,
}

impl std::fmt::Display for Offence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            path,
            line,
            text,
            why,
        } = self;
        write!(f, "{path}:{line}: {why}\n    {text}")
    }
}

/// Everything that breaks a rule, file by file.
pub fn offences(files: &[File]) -> Vec<Offence> {
    let for_tests: Vec<Vec<String>> = files
        .iter()
        .flat_map(|file| {
            let parent = module_of(&file.path);
            test_modules(&tokens(&file.text))
                .into_iter()
                .map(move |name| [parent.as_slice(), &[name]].concat())
        })
        .collect();
    files
        .iter()
        .flat_map(|file| {
            let module = module_of(&file.path);
            let is_test = for_tests.iter().any(|it| module.starts_with(it));
            offences_of(file, is_test)
        })
        .collect()
}

fn offences_of(file: &File, is_test: bool) -> Vec<Offence> {
    let lines: Vec<&str> = file.text.lines().collect();
    let offence = |line: usize, why: String| Offence {
        path: file.path.clone(),
        line,
        text: lines
            .get(line.saturating_sub(1))
            .map_or("", |text| text.trim())
            .to_owned(),
        why,
    };
    let mut found = Vec::new();
    if file.path.ends_with("/mod.rs") {
        found.push(offence(
            1,
            "a module is named after itself: no mod.rs".to_owned(),
        ));
    }
    if !lines.first().is_some_and(|line| line.starts_with("//!")) {
        found.push(offence(
            1,
            "the file does not begin by saying what it is for".to_owned(),
        ));
    }
    let before_tests = lines_before_tests(&lines);
    if before_tests > MOST_LINES {
        found.push(offence(
            before_tests,
            format!("{before_tests} lines before its tests: look for the seam"),
        ));
    }
    let words = tokens(&file.text);
    for pair in words.windows(2) {
        if MACROS.contains(&pair[0].text) && pair[1].text == "!" {
            found.push(offence(
                pair[0].line,
                format!("{}! is left in it", pair[0].text),
            ));
        }
    }
    if is_test {
        return found;
    }
    let module = module_of(&file.path);
    let name = match file.path.as_str() {
        "src/main.rs" => "main",
        "src/lib.rs" => "lib",
        _ => module.first().map_or("", String::as_str),
    };
    let Some(room) = ROOMS.iter().find(|room| room.name == name) else {
        found.push(offence(
            1,
            format!("{name:?} is no room of the house: say in ROOMS what it may know"),
        ));
        return found;
    };
    let code = without_tests(&words);
    for named in named(&code, &module) {
        if let Some(why) = broken(room, &file.path, &named) {
            found.push(offence(named.line, why));
        }
    }
    for (room, forbidden) in WORDS {
        if *room == name {
            found.extend(
                code.iter()
                    .filter(|it| forbidden.contains(&it.text))
                    .map(|it| offence(it.line, format!("{room} does not name {}", it.text))),
            );
        }
    }
    found
}

/// The lines of a file above its module of tests.
pub fn lines_before_tests(lines: &[&str]) -> usize {
    lines
        .windows(2)
        .position(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod tests"))
        .unwrap_or(lines.len())
}

/// Which rule a name breaks.
fn broken(room: &Room, path: &str, named: &Named) -> Option<String> {
    let name = named.segments.join("::");
    if named.segments[0] == "crate" {
        let other = named.segments.get(1)?;
        if other == "*" {
            return Some("crate::* names every room".to_owned());
        }
        // Anything else behind `crate` is the crate's own: its macros.
        let is_room = ROOMS.iter().any(|room| room.name == other);
        return (is_room && other != room.name && !room.knows.contains(&other.as_str()))
            .then(|| format!("{} does not know {other}", room.name));
    }
    if VALUES.iter().any(|value| is_within(&name, value)) {
        return None;
    }
    if room
        .never
        .iter()
        .copied()
        .flatten()
        .any(|it| reaches(&name, it))
    {
        return Some(format!("{} does not name {name}", room.name));
    }
    OWNED
        .iter()
        .filter(|owned| owned.names.iter().any(|it| reaches(&name, it)))
        .find(|owned| !owned.owners.contains(&room.name) && !owned.owners.contains(&path))
        .map(|owned| owned.why.to_owned())
}

/// Whether a path is the other or lies below it.
fn is_within(name: &str, above: &str) -> bool {
    name.strip_prefix(above)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Whether a path names what is forbidden, or everything of a module that holds it.
fn reaches(name: &str, forbidden: &str) -> bool {
    is_within(name, forbidden)
        || name
            .strip_suffix("::*")
            .is_some_and(|module| is_within(forbidden, module))
}
