//! The argument that says which scan is meant: the same for every command that opens one.

use std::io::{self, Write};
use std::path::PathBuf;

use crate::documents::text::neutral;
use crate::store::{Folder, ScanChoice, StoreError};

/// Which scan is meant.
#[derive(Clone, Debug, clap::Args)]
pub struct ScanArgument {
    /// The scan: a file, an id or its beginning [default: the newest one]
    #[arg(long, value_name = "ID|FILE")]
    pub scan: Option<String>,
}

impl ScanArgument {
    /// The file that is meant. A file is found also where there is no folder for scans.
    ///
    /// # Errors
    /// When there is none, or several.
    pub fn find(&self, folder: Result<Folder, StoreError>) -> Result<PathBuf, StoreError> {
        match &self.scan {
            None => {
                let newest = folder?.newest()?;
                for error in newest.passed_over {
                    let words = neutral(&error.to_string()).into_owned();
                    let _ = writeln!(io::stderr(), "flexposture: passed over: {words}");
                }
                Ok(newest.path)
            }
            Some(name) => match folder {
                Ok(folder) => folder.find(&ScanChoice::Named(name.clone())),
                Err(error) => {
                    let file = PathBuf::from(name);
                    if file.is_file() { Ok(file) } else { Err(error) }
                }
            },
        }
    }
}
