//! The folder in which imported reference catalogues are kept: one JSON file each, readable by its owner only.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use directories::ProjectDirs;
use serde::{Deserialize, Serialize};

use crate::baseline::reference::ReferenceCatalogue;
use crate::documents::text::neutral;
use crate::runtime::replace_private;

/// The form of the files. Another form is not read: the workbook is imported again.
const SCHEMA: u32 = 1;

/// What the name of a file ends with.
const EXTENSION: &str = "json";

/// The largest file that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// A reference catalogue as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept<C> {
    schema: u32,
    #[serde(flatten)]
    catalogue: C,
}

/// Only that of a [`Kept`] which is looked at first.
#[derive(Deserialize)]
struct Form {
    schema: u32,
}

/// The folder.
pub(super) struct Shelf(PathBuf);

impl Shelf {
    /// The folder of this user: `baselines` in the data directory of the platform.
    ///
    /// # Errors
    /// When the environment names no home.
    pub(super) fn of_user() -> anyhow::Result<Self> {
        ProjectDirs::from("", "", "flexposture")
            .map(|folders| Self(folders.data_dir().join("baselines")))
            .ok_or_else(|| anyhow!("there is no home to keep reference catalogues in; set HOME"))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Keeps a catalogue under its name, and says whether another one had to give way.
    pub(super) fn put(&self, catalogue: &ReferenceCatalogue) -> anyhow::Result<bool> {
        let path = self.file(&catalogue.name);
        let replaced = path.exists();
        let kept = Kept {
            schema: SCHEMA,
            catalogue,
        };
        replace_private(&path, &serde_json::to_vec(&kept)?)
            .with_context(|| format!("{} could not be written", path.display()))?;
        Ok(replaced)
    }

    /// The names of what is kept, in order. A folder that is not there has none.
    pub(super) fn names(&self) -> anyhow::Result<Vec<String>> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).context(self.0.display().to_string()),
        };
        let mut names = Vec::new();
        for entry in entries {
            let path = entry.context(self.0.display().to_string())?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            if let Some(name) = stem.filter(|name| is_name(name))
                && path.extension().is_some_and(|it| it == EXTENSION)
            {
                names.push(name.to_owned());
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// The catalogue of a name.
    pub(super) fn get(&self, name: &str) -> anyhow::Result<ReferenceCatalogue> {
        let path = self.file(name);
        let read = || {
            let mut bytes = Vec::new();
            let file = File::open(&path)?;
            file.take(LARGEST).read_to_end(&mut bytes)?;
            let form: Form = serde_json::from_slice(&bytes)?;
            if form.schema != SCHEMA {
                bail!(
                    "form {} is not the form {SCHEMA} that this version of the program reads; import the workbook again",
                    form.schema
                );
            }
            let kept: Kept<ReferenceCatalogue> = serde_json::from_slice(&bytes)?;
            Ok(kept.catalogue)
        };
        let mut catalogue = read().with_context(|| path.display().to_string())?;
        // The file's name is what it is found by.
        catalogue.name = name.to_owned();
        Ok(catalogue)
    }

    /// The one name that is meant: the whole of it, or a part that no other name has.
    pub(super) fn find(&self, asked: &str) -> anyhow::Result<String> {
        let asked = asked.trim().to_ascii_lowercase();
        let names = self.names()?;
        if names.contains(&asked) {
            return Ok(asked);
        }
        let like: Vec<&String> = names
            .iter()
            .filter(|name| !asked.is_empty() && name.contains(&asked))
            .collect();
        match like.as_slice() {
            [only] => Ok((*only).clone()),
            [] if names.is_empty() => bail!(
                "no reference catalogue is kept; `flexposture baseline import FILE.xlsx` makes one of a workbook"
            ),
            [] => bail!(
                "no reference catalogue is called `{}`; there are: {}",
                neutral(&asked),
                in_words(names.iter())
            ),
            several => bail!(
                "`{}` may be any of {}",
                neutral(&asked),
                in_words(several.iter().copied())
            ),
        }
    }

    /// Removes the catalogue of exactly this name.
    pub(super) fn remove(&self, name: &str) -> anyhow::Result<()> {
        if !self.names()?.iter().any(|known| known == name) {
            // Tells what there is.
            let meant = self.find(name)?;
            bail!("to remove `{meant}`, give its whole name");
        }
        let path = self.file(name);
        fs::remove_file(&path).with_context(|| path.display().to_string())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}.{EXTENSION}"))
    }
}

/// Names for an error, not more than a screen can hold.
fn in_words<'a>(names: impl ExactSizeIterator<Item = &'a String>) -> String {
    const MOST: usize = 12;
    let all = names.len();
    let shown: Vec<&str> = names.take(MOST).map(String::as_str).collect();
    match all.saturating_sub(MOST) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Whether a text can be the name of a reference catalogue: small letters and digits, and hyphens between them.
pub(super) fn is_name(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
