//! A misfortune that is played at the first key, so that tests can see what becomes of the terminal.

use super::jobs::Jobs;

/// The environment variable that asks for one: `drawing` or `task`.
const VARIABLE: &str = "FLEXPOSTURE_PANIC";

/// What goes wrong at the first key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rehearsal {
    /// Nothing.
    #[default]
    None,
    /// A panic on the thread that draws.
    PanicWhileDrawing,
    /// A panic in a task.
    PanicInTask,
}

impl Rehearsal {
    /// What the environment asks for.
    pub fn of_environment() -> Self {
        match std::env::var(VARIABLE).as_deref() {
            Ok("drawing") => Self::PanicWhileDrawing,
            Ok("task") => Self::PanicInTask,
            _ => Self::None,
        }
    }

    /// The misfortune, which does not come twice.
    pub fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    /// Plays it.
    pub fn play(self, jobs: &Jobs) {
        match self {
            Self::None => {}
            Self::PanicWhileDrawing => panic!("asked for by {VARIABLE}, on the thread that draws"),
            Self::PanicInTask => {
                jobs.spawn(async { panic!("asked for by {VARIABLE}, in a task") });
            }
        }
    }
}
