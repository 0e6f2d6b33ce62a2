//! The roles that a theme gives a style to. A view names what a piece of text is, never how it looks.

macro_rules! roles {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What a piece of the screen is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Role {
            $($(#[$doc])* $variant,)*
        }

        impl Role {
            /// Every role, in the order of the help and of theme files.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in theme files.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

roles! {
    /// Ordinary text.
    Text = "text",
    /// Text that matters less.
    Dim = "dim",
    /// The name of the program, of a pane, of a popup.
    Title = "title",
    /// The line at the top of the screen.
    TopLine = "top-line",
    /// The heads of a table's columns.
    Header = "header",
    /// The way from the fleet to here.
    Breadcrumb = "breadcrumb",
    /// The place where one is, at the end of the way.
    BreadcrumbHere = "breadcrumb-here",
    /// The row under the cursor of the focused pane.
    Selected = "selected",
    /// The row under the cursor of another pane.
    SelectedElsewhere = "selected-elsewhere",
    /// The sign before the row under the cursor.
    SelectedMarker = "selected-marker",
    /// A marked row.
    Marked = "marked",
    /// The frame of a pane.
    Border = "border",
    /// The frame of the focused pane.
    BorderFocused = "border-focused",
    /// The frame and ground of a popup.
    Popup = "popup",
    /// A tab that is not shown.
    Tab = "tab",
    /// The tab that is shown.
    TabSelected = "tab-selected",
    /// The thumb of a scroll bar.
    Scroll = "scroll",
    /// A key that can be pressed.
    Key = "key",
    /// What a key does.
    Hint = "hint",
    /// What cannot be done now.
    Disabled = "disabled",
    /// The sign and text of a prompt.
    Prompt = "prompt",
    /// What a search matched.
    Match = "match",
    /// The part of what was typed that is wrong.
    Mistake = "mistake",
    /// The verdict Pass.
    Pass = "pass",
    /// The verdict Fail.
    Fail = "fail",
    /// The verdict Unknown.
    Unknown = "unknown",
    /// The verdict Manual.
    Manual = "manual",
    /// The verdict Not applicable.
    NotApplicable = "not-applicable",
    /// The verdict Platform.
    Platform = "platform",
    /// The verdict Unsupported.
    Unsupported = "unsupported",
    /// The verdict Waived.
    Waived = "waived",
    /// Critical severity.
    Critical = "critical",
    /// High severity.
    High = "high",
    /// Medium severity.
    Medium = "medium",
    /// Low severity.
    Low = "low",
    /// Something went wrong.
    Error = "error",
    /// Something may go wrong.
    Warning = "warning",
    /// Something happened.
    Info = "info",
    /// Something was done.
    Success = "success",
    /// The done part of a bar.
    Progress = "progress",
    /// The rest of a bar.
    ProgressTrack = "progress-track",
    /// An address that can be opened.
    Link = "link",
    /// A command or a value as it is typed.
    Code = "code",
    /// A name inside a document.
    DocumentKey = "document-key",
    /// A text inside a document.
    DocumentString = "document-string",
    /// A number or a word inside a document.
    DocumentValue = "document-value",
    /// What became worse between two scans.
    Regressed = "regressed",
    /// What became better between two scans.
    Fixed = "fixed",
    /// What is new in the later scan.
    New = "new",
    /// What is gone in the later scan.
    Gone = "gone",
    /// A high value in a chart.
    ChartGood = "chart-good",
    /// A middling value in a chart.
    ChartFair = "chart-fair",
    /// A low value in a chart.
    ChartPoor = "chart-poor",
}

impl Role {
    /// The role of a name in a theme file.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_lead_back() {
        for role in Role::ALL {
            assert_eq!(Role::from_name(role.name()), Some(*role));
        }
        for (index, role) in Role::ALL.iter().enumerate() {
            assert_eq!(*role as usize, index);
        }
    }
}
