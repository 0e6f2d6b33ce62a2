//! The folder in which scans are kept: that of the user, or one that a team shares.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::config::{Config, ConfigError, Environment, Names, Origin, Setting, folder_of_user};
use crate::store::{Folder, StoreError};

/// The names of the setting.
pub const STORE_NAMES: Names = Names {
    key: "store",
    variable: "FLEXPOSTURE_STORE",
    option: "--store",
};

/// What the command line of this process says: the folder, and the config file.
#[derive(Debug, Default)]
pub struct Said {
    /// The folder.
    pub store: Option<PathBuf>,
    /// The config file, where a key may name the folder.
    pub config: Option<PathBuf>,
}

static SAID: OnceLock<Said> = OnceLock::new();

/// Notes what the command line says, once and before anything is done.
pub fn note(said: Said) {
    let _ = SAID.set(said);
}

/// The folder in which scans are kept.
///
/// # Errors
/// When a setting of it is wrong, or nobody names one and there is no home.
pub fn folder() -> Result<Folder, StoreError> {
    let nothing = Said::default();
    let said = SAID.get().unwrap_or(&nothing);
    let config = Config::find(
        said.config.as_deref(),
        Environment::of_process(),
        folder_of_user().as_deref(),
    );
    let wrong = |error: ConfigError| StoreError::WrongSetting(error.to_string());
    match place(said.store.as_deref(), &config.map_err(wrong)?).map_err(wrong)? {
        Some(place) => Ok(Folder::at(place.value)),
        None => Folder::of_user(),
    }
}

/// The folder that somebody named, and who did; `None` for that of the user.
///
/// # Errors
/// When the config file names something that is no folder's path.
pub fn place(
    option: Option<&Path>,
    config: &Config,
) -> Result<Option<Setting<PathBuf>>, ConfigError> {
    config.path(&STORE_NAMES, option)
}

/// The folder in which scans are kept, and who says so; `None` where nobody names one and there is no home.
///
/// # Errors
/// When a setting of it is wrong.
pub fn shown(config: &Config) -> Result<Option<Setting<PathBuf>>, ConfigError> {
    let option = SAID.get().and_then(|said| said.store.as_deref());
    let named = place(option, config)?;
    Ok(named.or_else(|| {
        let folder = Folder::of_user().ok()?;
        Some(Setting::of(folder.path().to_owned(), Origin::Default))
    }))
}
