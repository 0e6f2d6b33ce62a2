//! What has the keys, as far as keys are concerned: the places that commands and own keys are told apart by.

use crate::app::{Mode, Pane, Screen, State};

/// What has the keys, as far as keys are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The welcome.
    Welcome,
    /// The list of servers.
    Fleet,
    /// A server's tree of controls.
    Controls,
    /// What the selected control holds.
    Feature,
    /// Every feature over all servers.
    ControlList,
    /// The servers of one feature.
    ControlServers,
    /// Servers by features.
    Matrix,
    /// Two scans compared.
    Difference,
    /// Scores and counts over the cached scans.
    Trend,
    /// The cached scans.
    Scans,
    /// A line is being written.
    Prompt,
    /// A line is being written in the help.
    HelpPrompt,
    /// The name of a tag is being written.
    Tag,
    /// A question.
    Confirm,
    /// A choice in a form.
    Form,
    /// A line is being written in a form.
    FormText,
    /// The help.
    Help,
    /// The list of errors.
    Errors,
    /// The progress of a scan.
    Progress,
    /// The exemptions.
    Exemptions,
    /// Which permissions are missing.
    Permissions,
    /// The policies over all servers.
    Policies,
    /// The baseline's page about a feature.
    Guidance,
    /// The choice of columns.
    Columns,
    /// The addresses of what is selected.
    Links,
    /// Anything is looked for.
    Find,
    /// The saved searches.
    Saved,
    /// A command is being written.
    Palette,
}

impl Scope {
    /// Every scope, in the order of the type.
    pub const ALL: [Self; 28] = [
        Self::Welcome,
        Self::Fleet,
        Self::Controls,
        Self::Feature,
        Self::ControlList,
        Self::ControlServers,
        Self::Matrix,
        Self::Difference,
        Self::Trend,
        Self::Scans,
        Self::Prompt,
        Self::HelpPrompt,
        Self::Tag,
        Self::Confirm,
        Self::Form,
        Self::FormText,
        Self::Help,
        Self::Errors,
        Self::Progress,
        Self::Exemptions,
        Self::Permissions,
        Self::Policies,
        Self::Guidance,
        Self::Columns,
        Self::Links,
        Self::Find,
        Self::Saved,
        Self::Palette,
    ];

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
            Mode::Filter(_) | Mode::PageSearch(_) | Mode::Scans(_) => Self::Prompt,
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

    /// Where it is, for help.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Welcome => "welcome",
            Self::Fleet => "servers",
            Self::Controls => "a server's controls",
            Self::Feature => "feature",
            Self::ControlList => "controls over all servers",
            Self::ControlServers => "servers of a control",
            Self::Matrix => "matrix",
            Self::Difference => "difference",
            Self::Trend => "trend",
            Self::Scans => "scans",
            Self::Prompt => "writing a line",
            Self::HelpPrompt => "searching the help",
            Self::Tag => "naming a tag",
            Self::Confirm => "question",
            Self::Form => "form",
            Self::FormText => "writing in a form",
            Self::Help => "help",
            Self::Errors => "errors",
            Self::Progress => "progress",
            Self::Exemptions => "exemptions",
            Self::Permissions => "permissions",
            Self::Policies => "policies",
            Self::Guidance => "guidance",
            Self::Columns => "choosing columns",
            Self::Links => "links",
            Self::Find => "finding anything",
            Self::Saved => "saved searches",
            Self::Palette => "palette",
        }
    }

    /// Its name in the config file and in the key reference; it stays the same from version to version.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Welcome => "welcome",
            Self::Fleet => "fleet",
            Self::Controls => "server",
            Self::Feature => "feature",
            Self::ControlList => "controls",
            Self::ControlServers => "control-servers",
            Self::Matrix => "matrix",
            Self::Difference => "difference",
            Self::Trend => "trend",
            Self::Scans => "scans",
            Self::Prompt => "prompt",
            Self::HelpPrompt => "help-prompt",
            Self::Tag => "tag",
            Self::Confirm => "question",
            Self::Help => "help",
            Self::Errors => "errors",
            Self::Progress => "progress",
            Self::Exemptions => "exemptions",
            Self::Permissions => "permissions",
            Self::Policies => "policies",
            Self::Guidance => "guidance",
            Self::Columns => "columns",
            Self::Links => "links",
            Self::Find => "find",
            Self::Saved => "saved-searches",
            Self::Palette => "palette",
            Self::Form => "form",
            Self::FormText => "form-text",
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
