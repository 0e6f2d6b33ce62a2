//! What has the keys, as far as keys are concerned: the places that commands and own keys are told apart by.

use crate::app::{Mode, Pane, Screen, State};

macro_rules! scopes {
    ($($(#[$doc:meta])* $variant:ident = $id:literal, $title:literal;)*) => {
        /// What has the keys, as far as keys are concerned.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Scope {
            $($(#[$doc])* $variant,)*
        }

        impl Scope {
            const COUNT: usize = [$($id,)*].len();

            /// Every scope, in the order of the type.
            pub const ALL: [Self; Self::COUNT] = [$(Self::$variant,)*];

            /// Its name in the config file and in the key reference; it stays the same from version to version.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self {
                    $(Self::$variant => $id,)*
                }
            }

            /// Where it is, for help.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$variant => $title,)*
                }
            }
        }
    };
}

scopes! {
    /// The welcome.
    Welcome = "welcome", "welcome";
    /// The list of servers.
    Fleet = "fleet", "servers";
    /// A server's tree of controls.
    Controls = "server", "a server's controls";
    /// What the selected control holds.
    Feature = "feature", "feature";
    /// Every feature over all servers.
    ControlList = "controls", "controls over all servers";
    /// The servers of one feature.
    ControlServers = "control-servers", "servers of a control";
    /// Servers by features.
    Matrix = "matrix", "matrix";
    /// Two scans compared.
    Difference = "difference", "difference";
    /// Scores and counts over the cached scans.
    Trend = "trend", "trend";
    /// The cached scans.
    Scans = "scans", "scans";
    /// A line is being written.
    Prompt = "prompt", "writing a line";
    /// A line is being written in the help.
    HelpPrompt = "help-prompt", "searching the help";
    /// The name of a tag is being written.
    Tag = "tag", "naming a tag";
    /// A question.
    Confirm = "question", "question";
    /// A choice in a form.
    Form = "form", "form";
    /// A line is being written in a form.
    FormText = "form-text", "writing in a form";
    /// The help.
    Help = "help", "help";
    /// The list of errors.
    Errors = "errors", "errors";
    /// The progress of a scan.
    Progress = "progress", "progress";
    /// The exemptions.
    Exemptions = "exemptions", "exemptions";
    /// Which permissions are missing.
    Permissions = "permissions", "permissions";
    /// The policies over all servers.
    Policies = "policies", "policies";
    /// The baseline's page about a feature.
    Guidance = "guidance", "guidance";
    /// The choice of columns.
    Columns = "columns", "choosing columns";
    /// The addresses of what is selected.
    Links = "links", "links";
    /// Anything is looked for.
    Find = "find", "finding anything";
    /// The saved searches.
    Saved = "saved-searches", "saved searches";
    /// A command is being written.
    Palette = "palette", "palette";
}

impl Scope {
    /// The scope of a state.
    #[must_use]
    pub fn of(state: &State) -> Self {
        Self::of_mode(state, state.mode())
    }

    /// The scope that a state has while this has the keys.
    #[must_use]
    pub fn of_mode(state: &State, mode: &Mode) -> Self {
        match mode {
            Mode::Screen(screen) => Self::of_screen(state, *screen),
            Mode::Filter(_) | Mode::Controls(_) | Mode::PageSearch(_) | Mode::Scans(_) => {
                Self::Prompt
            }
            Mode::Saved(saved) if saved.naming.is_some() => Self::Prompt,
            Mode::Saved(_) => Self::Saved,
            Mode::Find(_) => Self::Find,
            Mode::Tag(_) => Self::Tag,
            Mode::Confirm(_) => Self::Confirm,
            Mode::Form(form) if form.is_writing() => Self::FormText,
            Mode::Form(_) => Self::Form,
            Mode::Help(help) if help.searching => Self::HelpPrompt,
            Mode::Help(_) => Self::Help,
            Mode::Errors(_) => Self::Errors,
            Mode::Progress(_) => Self::Progress,
            Mode::Exemptions(_) => Self::Exemptions,
            Mode::Permissions(_) => Self::Permissions,
            Mode::Policies(_) => Self::Policies,
            Mode::Guidance(..) => Self::Guidance,
            Mode::Columns(_) => Self::Columns,
            Mode::Links(_) => Self::Links,
            Mode::Palette(_) => Self::Palette,
        }
    }

    fn of_screen(state: &State, screen: Screen) -> Self {
        match screen {
            Screen::Welcome => Self::Welcome,
            Screen::Fleet => Self::Fleet,
            Screen::Server => match state.server.as_ref().map(|server| server.focus) {
                Some(Pane::Feature) => Self::Feature,
                _ => Self::Controls,
            },
            Screen::Controls => Self::ControlList,
            Screen::ControlServers => Self::ControlServers,
            Screen::Matrix => Self::Matrix,
            Screen::Difference => Self::Difference,
            Screen::Trend => Self::Trend,
            Screen::Scans => Self::Scans,
        }
    }

    /// Whether a line of text is written there, so that characters are no commands.
    #[must_use]
    pub const fn writes_text(self) -> bool {
        matches!(
            self,
            Self::Prompt
                | Self::HelpPrompt
                | Self::Find
                | Self::Tag
                | Self::Palette
                | Self::FormText
        )
    }
}

/// A set of scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scopes(u32);

// A bit for every scope.
const _: () = assert!(Scope::COUNT <= u32::BITS as usize);

impl Scopes {
    /// Every scope.
    pub const ALL: Self = Self::of(&Scope::ALL);

    /// These scopes.
    #[must_use]
    pub const fn of(scopes: &[Scope]) -> Self {
        let mut bits = 0;
        let mut place = 0;
        while place < scopes.len() {
            bits |= 1 << scopes[place] as u32;
            place += 1;
        }
        Self(bits)
    }

    /// The scopes of both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The scopes of this set but those.
    #[must_use]
    pub const fn without(self, scopes: &[Scope]) -> Self {
        Self(self.0 & !Self::of(scopes).0)
    }

    /// Whether a scope is in it.
    #[must_use]
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u32) != 0
    }

    /// Its scopes, in the order of the type.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .into_iter()
            .filter(move |scope| self.contains(*scope))
    }
}
