//! Reading again: one server, a family of one, the fleet; watching; and what changed meanwhile.

mod shown;

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use crate::app::live::{Changes, News, Part, Refreshing, Target, Watch};
use crate::app::{
    Completeness, Effect, JobId, NoticeLevel, OpenedScan, ScanChoice, Screen, State, TreeNode,
    counted,
};
use crate::documents::Subscription;
use crate::posture::{Fleet, ServerSummary};

use super::{problem, say};
pub(super) use shown::{refresh_asked, refresh_shown, reread};

/// Whoever presses no key for so long is away.
const AWAY: SignedDuration = SignedDuration::from_mins(5);

/// Reads again what is selected: the server in the list, the family of the server that is looked into.
pub(super) fn refresh(state: &mut State, effects: &mut Vec<Effect>) {
    let family = match (state.screen(), &state.server) {
        (Screen::Server, Some(server)) => Some(match server.node {
            TreeNode::Family(family) => family,
            TreeNode::Control(control) => match family_of(control) {
                Some(family) => family,
                None => return refresh_server(state, effects),
            },
            TreeNode::Feature(feature) => feature.family(),
        }),
        _ => None,
    };
    begin_server(state, family.map_or(Part::Server, Part::Family), effects);
}

/// The family of a control's id, which begins with its code.
fn family_of(control: &str) -> Option<crate::baseline::FamilyCode> {
    let (code, _) = control.split_once('-')?;
    crate::baseline::FamilyCode::from_code(code)
}

/// Reads all of the server again that is selected or looked into.
pub(super) fn refresh_server(state: &mut State, effects: &mut Vec<Effect>) {
    begin_server(state, Part::Server, effects);
}

fn begin_server(state: &mut State, part: Part, effects: &mut Vec<Effect>) {
    let selected = match (state.screen(), &state.server) {
        (Screen::Server, Some(server)) => Some(&server.summary),
        _ => state.roster.selected(),
    };
    let (Some(server), Some(_)) = (selected, &state.scan) else {
        return say(state, NoticeLevel::Hint, "there is no server in the list");
    };
    let target = Target::Server {
        id: server.id.clone(),
        name: server.name.clone(),
        part,
    };
    let servers = vec![server.id.to_string()];
    begin(state, target, servers, part, effects);
}

/// Begins to read these servers of the open scan again, and says so.
fn begin(
    state: &mut State,
    target: Target,
    servers: Vec<String>,
    part: Part,
    effects: &mut Vec<Effect>,
) {
    let Some(scan) = &state.scan else { return };
    let (scan, over) = (scan.file.clone(), scan.id.clone());
    let job = state.jobs.next();
    let words = format!("reading {} again", target.words());
    state.live.refreshing = Some(Refreshing {
        job,
        target,
        over,
        by_watch: false,
        stopped: false,
        read: 0,
        grew: false,
        before: None,
        marked: Vec::new(),
    });
    effects.push(Effect::RefreshServers {
        job,
        scan,
        servers,
        part,
    });
    say(state, NoticeLevel::Done, &words);
}

/// Reads everything again that the open scan covers. The list stays, and its rows are replaced as they come.
pub(super) fn refresh_fleet(state: &mut State, effects: &mut Vec<Effect>) {
    begin_fleet(state, false, effects);
    if state.live.refreshing.is_some() {
        say(state, NoticeLevel::Done, "reading the fleet again");
    }
}

fn begin_fleet(state: &mut State, by_watch: bool, effects: &mut Vec<Effect>) {
    let Some(scan) = &state.scan else { return };
    let (file, over) = (scan.file.clone(), scan.id.clone());
    let job = state.jobs.next_scan();
    state.progress = None;
    state.live.refreshing = Some(Refreshing {
        job,
        target: Target::Fleet,
        over,
        by_watch,
        stopped: false,
        read: 0,
        grew: false,
        before: None,
        marked: Vec::new(),
    });
    effects.push(Effect::RefreshFleet {
        job,
        scan: file,
        by_watch,
    });
}

/// Stops what is being read again; what is known stays.
pub(super) fn stop(state: &mut State, effects: &mut Vec<Effect>) {
    if let Some(refreshing) = &mut state.live.refreshing {
        refreshing.stopped = true;
        let job = refreshing.job;
        effects.push(Effect::CancelScan { job });
        say(state, NoticeLevel::Hint, "stopping; what is known stays");
    }
}

/// What becomes of a scan that was opened.
pub(super) enum Opened {
    /// It has nothing to do with reading again.
    Another,
    /// It takes the place of the one that is shown, and this is to be said.
    Ours(String),
    /// It does not.
    NotTaken,
}

/// Hears of a scan that was opened: it may be the outcome of reading again, or its beginning.
pub(super) fn opened(
    state: &mut State,
    job: JobId,
    scan: &OpenedScan,
    effects: &mut Vec<Effect>,
) -> Opened {
    let is_ours = |it: &&mut Refreshing| it.job == job;
    let Some(running) = state.live.refreshing.as_mut().filter(is_ours) else {
        return Opened::Another;
    };
    // A whole scan is there from its beginning, and is taken at its end.
    if scan.info.completeness == Completeness::Running {
        return Opened::NotTaken;
    }
    let mut refreshing = running.clone();
    state.live.refreshing = None;
    let is_fleet = refreshing.target == Target::Fleet;
    if is_fleet {
        state.jobs.scanning = None;
    }
    if is_fleet && scan.info.completeness != Completeness::Complete {
        let words = format!(
            "stopped: what is shown is the scan before; what was read is scan {}",
            scan.info.id
        );
        give_back(state, &refreshing, effects);
        wait(state, effects);
        say(state, NoticeLevel::Hint, &words);
        return Opened::NotTaken;
    }
    let same = state
        .scan
        .as_ref()
        .is_some_and(|it| it.id == refreshing.over);
    if !same {
        let words = format!(
            "{} was read again: that is scan {}",
            refreshing.target.words(),
            scan.info.id
        );
        wait(state, effects);
        say(state, NoticeLevel::Done, &words);
        return Opened::NotTaken;
    }
    let changes = compare(state, &mut refreshing, &scan.fleet);
    state.live.away.add(&changes);
    let words = match &refreshing.target {
        Target::Fleet | Target::Servers { .. } => changes.counts(),
        Target::Server { .. } => changes.verdicts(),
    };
    wait(state, effects);
    let what = refreshing.target.words();
    Opened::Ours(match &refreshing.target {
        Target::Servers { ids, .. } if refreshing.stopped => format!(
            "stopped: {} of {} were read again: {words}",
            counted(refreshing.read, "server"),
            ids.len()
        ),
        Target::Servers { .. } => format!("{what} were read again: {words}"),
        _ => format!("{what} was read again: {words}"),
    })
}

/// Marks and counts what differs between the list as it was and a new one. Rows that came meanwhile may have been of
/// servers of which not all was known yet: their marks give way to those of the whole.
fn compare(state: &mut State, refreshing: &mut Refreshing, after: &Fleet) -> Changes {
    let before = refreshing.before.take();
    let before = before.unwrap_or_else(|| state.roster.fleet().clone());
    let mut changes = Changes::default();
    for (key, mark) in refreshing.marked.drain(..).rev() {
        match mark {
            Some(mark) => state.live.news.insert(key, mark),
            None => state.live.news.remove(&key),
        };
    }
    let key = |server: &ServerSummary| server.id.to_ascii_lowercase();
    // Where both lists are in the same order, as they are but for what came and went, nothing has to be looked up.
    let mut looked_up: Option<HashMap<String, usize>> = None;
    let mut found = 0;
    for (place, server) in after.servers.iter().enumerate() {
        let same = before.servers.get(place).filter(|it| it.id == server.id);
        let known = same.or_else(|| {
            let places = looked_up.get_or_insert_with(|| {
                let keys = before.servers.iter().map(key);
                keys.zip(0..).collect()
            });
            before.servers.get(*places.get(&key(server))?)
        });
        match known {
            Some(known) => {
                found += 1;
                if let Some(news) = changes.compare(known, server) {
                    state.live.news.insert(key(server).into(), news);
                }
            }
            None => {
                changes.new += 1;
                state.live.news.insert(key(server).into(), News::New);
            }
        }
    }
    changes.gone += before.servers.len().saturating_sub(found);
    if changes.gone > 0 {
        let places: HashMap<String, ()> = after.servers.iter().map(|it| (key(it), ())).collect();
        state.live.news.retain(|id, _| places.contains_key(&**id));
    }
    changes
}

/// Takes rows of a scan that reads the fleet again. Says whether they were of one.
pub(super) fn grew(
    state: &mut State,
    job: JobId,
    subscriptions: &[Subscription],
    servers: &[ServerSummary],
) -> Grown {
    let Some(refreshing) = &mut state.live.refreshing else {
        return Grown::Elsewhere;
    };
    if refreshing.job != job {
        return Grown::Elsewhere;
    }
    let same = state
        .scan
        .as_ref()
        .is_some_and(|it| it.id == refreshing.over);
    // One server's rows come with its scan.
    if refreshing.stopped || !same || refreshing.target != Target::Fleet {
        return Grown::NotTaken;
    }
    refreshing.grew |= !servers.is_empty() || !subscriptions.is_empty();
    state.roster.index_places();
    let fleet = state.roster.fleet();
    refreshing.before.get_or_insert_with(|| fleet.clone());
    for server in servers {
        let key: Box<str> = server.id.to_ascii_lowercase().into();
        // What is counted is counted at the end, when all is known.
        let news = match state.roster.find(&server.id) {
            Some(before) => Changes::default().compare(before, server),
            None => Some(News::New),
        };
        if let Some(news) = news {
            let mark = state.live.news.get(&key).copied();
            refreshing.marked.push((key.clone(), mark));
            state.live.news.insert(key, news);
        }
    }
    Grown::Taken
}

/// What becomes of rows that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grown {
    /// They are not of what is read again.
    Elsewhere,
    /// They replace those that are shown.
    Taken,
    /// They are left out.
    NotTaken,
}

/// Hears that reading again failed. Says whether it was that.
pub(super) fn failed(
    state: &mut State,
    job: JobId,
    title: &str,
    detail: &str,
    effects: &mut Vec<Effect>,
) -> bool {
    let is_ours = |it: &Refreshing| it.job == job;
    if !state.live.refreshing.as_ref().is_some_and(is_ours) {
        return false;
    }
    let Some(refreshing) = state.live.refreshing.take() else {
        return false;
    };
    if refreshing.target == Target::Fleet {
        state.jobs.scan = None;
        state.jobs.scanning = None;
        give_back(state, &refreshing, effects);
    }
    wait(state, effects);
    if refreshing.stopped {
        say(state, NoticeLevel::Hint, "stopped; nothing changed");
        return true;
    }
    let next = match state.live.watch.as_ref().and_then(|watch| watch.next) {
        Some(next) if refreshing.by_watch => {
            let at = next
                .to_zoned_datetime(state.zone.clone())
                .strftime("%H:%M")
                .to_string();
            format!("\nThe next scan is tried at {at}.")
        }
        _ => String::new(),
    };
    let title = format!(
        "{} could not be read again: {title}",
        refreshing.target.words()
    );
    problem(state, &title, &format!("{detail}{next}"));
    true
}

/// Shows the scan again whose rows were replaced in part.
fn give_back(state: &mut State, refreshing: &Refreshing, effects: &mut Vec<Effect>) {
    let Some(scan) = &state.scan else { return };
    if !(refreshing.grew || refreshing.stopped) || scan.id != refreshing.over {
        return;
    }
    let choice = ScanChoice::Named(scan.file.clone());
    let job = state.jobs.next();
    state.jobs.opening = Some(job);
    state.live.news.clear();
    effects.push(Effect::OpenScan { job, choice });
}

/// A scan was opened: watch mode goes on from it.
pub(super) fn watch_from(state: &mut State, effects: &mut Vec<Effect>) {
    let idle = state
        .live
        .watch
        .as_ref()
        .is_some_and(|it| it.next.is_none());
    if !idle || state.live.refreshing.is_some() || state.is_scanning() {
        return;
    }
    wait(state, effects);
    let watch = state.live.watch.as_ref();
    if let Some(watch) = watch.filter(|watch| watch.generation == 1) {
        let words = format!("watching: {}", watch.kept);
        say(state, NoticeLevel::Done, &words);
    }
}

/// Waits for the next scan of watch mode.
fn wait(state: &mut State, effects: &mut Vec<Effect>) {
    let (now, ended) = (
        state.now,
        state.scan.as_ref().and_then(|scan| scan.finished_at),
    );
    let Some(watch) = &mut state.live.watch else {
        return;
    };
    watch.generation += 1;
    // The first scan of an old one's scope does not have to wait.
    let waited = match (now, ended) {
        (Some(now), Some(ended)) if watch.generation == 1 => {
            now.duration_since(ended).as_secs().max(0).unsigned_abs()
        }
        _ => 0,
    };
    let seconds = watch.every.saturating_sub(waited);
    watch.next = now.and_then(|now| in_seconds(now, seconds));
    effects.push(Effect::Wait {
        generation: watch.generation,
        seconds,
    });
}

fn in_seconds(now: Timestamp, seconds: u64) -> Option<Timestamp> {
    let seconds = i64::try_from(seconds).ok()?;
    now.checked_add(SignedDuration::from_secs(seconds)).ok()
}

/// It is time for the next scan of watch mode.
pub(super) fn due(state: &mut State, generation: u64, effects: &mut Vec<Effect>) {
    let Some(watch) = &mut state.live.watch else {
        return;
    };
    if watch.generation != generation {
        return;
    }
    watch.next = None;
    if state.live.refreshing.is_some() || state.is_scanning() || state.is_opening() {
        // What runs now waits for the next one at its end, or is opened, and then it is waited for.
        if state.live.refreshing.is_none() {
            wait(state, effects);
        }
        return;
    }
    begin_fleet(state, true, effects);
}

/// A server was looked at: its mark has done its work.
pub(super) fn looked_at(state: &mut State) {
    if let Some(server) = state.server.as_ref().filter(|_| state.live.with_news() > 0) {
        let key = server.summary.id.to_ascii_lowercase();
        state.live.news.remove(key.as_str());
    }
}

/// Nobody needs the marks any more.
pub(super) fn dismiss(state: &mut State) {
    let count = state.live.news.len();
    state.live.news.clear();
    say(
        state,
        NoticeLevel::Done,
        &format!("{count} marks taken away"),
    );
}

/// A key was pressed, and its work is done: who was away hears what happened meanwhile.
pub(super) fn back_at_the_keys(state: &mut State) {
    let now = state.now;
    let before = std::mem::replace(&mut state.live.last_key, now);
    let away = std::mem::take(&mut state.live.away);
    let (Some(now), Some(before)) = (now, before) else {
        return;
    };
    if now.duration_since(before) > AWAY && !away.is_empty() {
        let words = format!(
            "while you were away: {} (marked in the list; d shows them)",
            away.counts()
        );
        say(state, NoticeLevel::Done, &words);
    }
}

/// Whether a scan that is shown now is written by another process: its rows come as it grows.
pub(super) fn follow(state: &mut State, job: JobId, effects: &mut Vec<Effect>) {
    if let Some(before) = state.live.following.take()
        && before != job
    {
        effects.push(Effect::CancelScan { job: before });
    }
    if state.is_live() && state.jobs.scanning.is_none() {
        state.live.following = Some(job);
        state.jobs.scan = Some(job);
    }
}

/// Watches from now on.
pub(super) fn begin_to_watch(state: &mut State, every: u64, kept: String) {
    state.live.watch = Some(Watch {
        every,
        kept,
        next: None,
        generation: 0,
    });
}
