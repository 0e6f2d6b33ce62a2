//! A config file to begin with: every setting with its meaning and its default. All of them are comments, so that a default
//! of a later version is not held fast by a file that nobody thought about.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use anyhow::{Context, bail};

use crate::config::ConfigError;

use super::defaults;

/// Writes the file, readable by its owner alone.
///
/// # Errors
/// When it is there already, or cannot be written.
pub fn write(path: &Path) -> anyhow::Result<()> {
    let text = text()?;
    let failed = || format!("{} could not be written", path.display());
    if let Some(folder) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
        let mut builder = DirBuilder::new();
        let made = builder.recursive(true).mode(0o700).create(folder);
        made.with_context(failed)?;
    }
    let opened = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match opened {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => bail!(
            "{} is there already and stays as it is; `flexposture config show` tells what it sets",
            path.display()
        ),
        Err(error) => Err(error).with_context(failed),
        Ok(mut file) => file
            .write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .with_context(failed),
    }
}

fn text() -> Result<String, ConfigError> {
    let mut text = "# Settings of flexposture. A line that begins with # changes nothing: it shows a default.\n\
        # An option of the command line goes before an environment variable, that before this file. The variable of a\n\
        # setting, such as FLEXPOSTURE_THEME, is told by `flexposture config show`.\n"
        .to_owned();
    let mut table_before = "";
    let mut settings = defaults()?;
    // What stands in no table comes before all tables, or it would be in one.
    settings.sort_by_key(|(table, _)| !table.is_empty());
    for (table, row) in settings {
        if table != table_before {
            text += &format!("\n[{table}]\n");
            table_before = table;
        }
        text += &format!(
            "\n# {}\n# {} = {}\n",
            row.meaning, row.key, row.default.json
        );
    }
    text += "\n# Keys of the explorer; `flexposture keys` lists the commands and their places.\n\
        [keys.everywhere]\n\n# \"F2\" = \"matrix\"\n";
    Ok(text)
}
