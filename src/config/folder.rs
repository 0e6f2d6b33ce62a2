//! Where this user's settings lie.

use std::path::PathBuf;

use directories::ProjectDirs;

/// The config folder of this user, by the customs of the platform; `None` when the environment names no home.
#[must_use]
pub fn folder_of_user() -> Option<PathBuf> {
    ProjectDirs::from("", "", "flexposture").map(|it| it.config_dir().to_owned())
}
