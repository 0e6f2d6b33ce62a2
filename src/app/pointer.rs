//! The mouse: what was done with it, and what lies under it.

use super::{Area, Mode, Pane, Screen, State, Tab, TreeNode, TrendRow};

/// Something done with the mouse, at a cell counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointer {
    /// The column.
    pub x: u16,
    /// The row.
    pub y: u16,
    /// What was done.
    pub act: PointerAct,
}

/// What can be done with the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointerAct {
    /// The left button was pressed.
    Press,
    /// The wheel was turned, towards the end of the text or the list.
    WheelDown,
    /// The wheel was turned the other way.
    WheelUp,
}

/// What lies at a place of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// A row of the list of servers: a server, or the head of a group.
    Server(usize),
    /// The same in the pane beside a server's controls.
    Neighbour(usize),
    /// A row of the tree of controls.
    Tree(usize),
    /// The tree of controls, below its last row.
    TreePane,
    /// A row of a screen with a list of its own: controls, their servers, families of the trend, scans, changes.
    Row(usize),
    /// A row of the matrix, and the feature whose cell it is; `None` where the server's name stands.
    Cell(usize, Option<usize>),
    /// A tab.
    Tab(Tab),
    /// The page of a feature.
    Page,
    /// What lies over the screen.
    Over,
    /// The body of a screen, with nothing in it to be selected.
    Body,
    /// Nothing.
    Nothing,
}

impl Hit {
    /// What lies at a cell.
    #[must_use]
    pub fn at(state: &State, x: u16, y: u16) -> Self {
        match state.mode() {
            Mode::Screen(_) | Mode::Filter { .. } => {}
            mode if mode.scroll().is_some() && holds(state.overlay_area(), x, y) => {
                return Self::Over;
            }
            _ => return Self::Nothing,
        }
        match state.screen() {
            Screen::Fleet => fleet(state, x, y),
            Screen::Server => server(state, x, y),
            Screen::Matrix => matrix(state, x, y),
            _ if holds(state.chrome().body, x, y) => row(state, x, y).map_or(Self::Body, Self::Row),
            _ => Self::Nothing,
        }
    }
}

fn holds(area: Area, x: u16, y: u16) -> bool {
    (area.x..area.x.saturating_add(area.width)).contains(&x)
        && (area.y..area.y.saturating_add(area.height)).contains(&y)
}

fn fleet(state: &State, x: u16, y: u16) -> Hit {
    let rows = state.fleet_layout().rows;
    if !holds(rows, x, y) {
        return Hit::Nothing;
    }
    let row = state.roster.position().top + usize::from(y - rows.y);
    if row < state.roster.rows() {
        Hit::Server(row)
    } else {
        Hit::Body
    }
}

/// The row of a list at a cell.
fn row(state: &State, x: u16, y: u16) -> Option<usize> {
    let (area, position, length) = match state.screen() {
        Screen::Controls => {
            let screen = &state.control_list;
            (
                state.fleet_layout().rows,
                screen.position,
                screen.rows.len(),
            )
        }
        Screen::ControlServers => {
            let screen = &state.control_servers;
            (
                state.control_servers_layout().rows,
                screen.position,
                screen.len(),
            )
        }
        Screen::Trend => (
            state.trend_layout().rows,
            state.trend.position,
            TrendRow::COUNT,
        ),
        Screen::Scans => {
            let screen = &state.scans;
            (
                state.scans_layout().rows,
                screen.position,
                screen.rows.len(),
            )
        }
        Screen::Difference => {
            let screen = &state.difference;
            // A change that is looked into has the keys.
            let list = state.difference_layout().list;
            let list = list.filter(|_| screen.open.is_none())?;
            (list, screen.position, screen.rows.len())
        }
        Screen::Welcome | Screen::Fleet | Screen::Server | Screen::Matrix => return None,
    };
    let row = position.top + usize::from(y.checked_sub(area.y)?);
    (holds(area, x, y) && row < length).then_some(row)
}

fn matrix(state: &State, x: u16, y: u16) -> Hit {
    let layout = state.matrix_layout();
    if !holds(layout.rows, x, y) {
        return Hit::Body;
    }
    let row = state.roster.position().top + usize::from(y - layout.rows.y);
    if row >= state.roster.rows() {
        return Hit::Body;
    }
    let at = usize::from(x - layout.rows.x).checked_sub(layout.names);
    let column = at.and_then(|at| {
        let left = state.matrix.left;
        let mut columns = state.matrix.columns(&layout);
        columns.find(|column| {
            let start = layout.start(left, *column);
            (start..start + layout.cell).contains(&at)
        })
    });
    Hit::Cell(row, column)
}

fn server(state: &State, x: u16, y: u16) -> Hit {
    let layout = state.server_layout();
    let Some(server) = &state.server else {
        return Hit::Nothing;
    };
    let servers = layout.inside(layout.servers);
    if holds(servers, x, y) {
        let (length, mut position) = if state.is_in_control_servers() {
            (state.control_servers.len(), state.control_servers.position)
        } else {
            (state.roster.rows(), state.roster.position())
        };
        position.fit(length, usize::from(servers.height));
        let row = position.top + usize::from(y - servers.y);
        return if row < length {
            Hit::Neighbour(row)
        } else {
            Hit::Nothing
        };
    }
    let tree = layout.inside(layout.controls);
    if holds(tree, x, y) {
        let row = server.tree.top + usize::from(y - tree.y);
        return if row < server.rows.len() {
            Hit::Tree(row)
        } else {
            Hit::TreePane
        };
    }
    let (verdict, tabs, page) = layout.feature_parts();
    if let Some(area) = tabs.filter(|area| holds(*area, x, y)) {
        let on_feature = matches!(server.node, TreeNode::Feature(_));
        return tab_at(area, server.tab, x)
            .filter(|_| on_feature)
            .map_or(Hit::Page, Hit::Tab);
    }
    if holds(page, x, y) || verdict.is_some_and(|area| holds(area, x, y)) {
        return Hit::Page;
    }
    Hit::Nothing
}

/// The tab at a column of the line of tabs, each in brackets or spaces and followed by a space. Where not all fit, the
/// one that is shown stands alone: pressing it goes on to the next.
fn tab_at(area: Area, shown: Tab, x: u16) -> Option<Tab> {
    let column = usize::from(x - area.x);
    let widths = Tab::ALL.map(|tab| tab.title().len() + 3);
    if widths.iter().sum::<usize>() > usize::from(area.width) + 1 {
        return (column < shown.title().len() + 2).then(|| shown.step(1));
    }
    let mut end = 0;
    Tab::ALL.into_iter().zip(widths).find_map(|(tab, width)| {
        end += width;
        (column < end).then_some(tab)
    })
}

/// Which pane of a server's screen a place belongs to.
impl Hit {
    /// The pane that is scrolled by the wheel there.
    #[must_use]
    pub const fn pane(self) -> Option<Pane> {
        match self {
            Self::Tree(_) | Self::TreePane => Some(Pane::Controls),
            Self::Page | Self::Tab(_) => Some(Pane::Feature),
            _ => None,
        }
    }
}
