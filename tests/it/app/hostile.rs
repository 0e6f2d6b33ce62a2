//! Every screen of a fleet whose text means harm.

use std::sync::Arc;

use flexposture::app::{
    Completeness, Effect, Message, Opening, ReportsFold, ScanChoice, ServerDetail, State, update,
};
use flexposture::documents::ServerDocuments;
use flexposture::look::{Colours, Look, Theme};
use flexposture::posture::{Fleet, Judge, Ruleset};
use flexposture::simulator::{Fault, Faults, Mishap, Turns};
use flexposture::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::fixture;
use crate::hostile::{TAINT, is_clean};
use crate::support::{fleet, scan_all, unlimited};

/// The fleet as the runtime would hold it.
struct World {
    fleet: Fleet,
    servers: Vec<ServerDocuments>,
    judge: Judge,
}

impl World {
    /// Sends a message and answers its effects out of this fleet.
    fn send(&self, state: &mut State, message: Message) {
        let mut messages = vec![message];
        while let Some(message) = messages.pop() {
            for effect in update(state, message) {
                let answer = match &effect {
                    Effect::LoadDetail { job, server } => {
                        let found = self.servers.iter().find(|it| it.id().as_str() == server);
                        found.map(|documents| Message::DetailLoaded {
                            job: *job,
                            detail: Arc::new(ServerDetail::new(documents.clone(), &self.judge)),
                        })
                    }
                    Effect::MakeReports { job } => {
                        let mut fold = ReportsFold::new(&self.judge);
                        self.servers
                            .iter()
                            .for_each(|documents| fold.add(documents));
                        Some(Message::ReportsMade {
                            job: *job,
                            reports: Arc::new(fold.finish()),
                        })
                    }
                    effect => fixture::answer(effect),
                };
                messages.extend(answer);
            }
        }
    }
}

#[tokio::test]
async fn no_screen_of_a_hostile_fleet_holds_a_raw_character() {
    let faults = Faults::none().and(Fault {
        path: "*".to_owned(),
        turns: Turns::PerMille(600),
        mishap: Mishap::Taint(TAINT.to_owned()),
    });
    let mut scanned = scan_all(fleet(20), unlimited(faults)).await;
    let judge = Judge::by(Ruleset::default());
    let mut servers = Vec::new();
    scanned
        .scan
        .for_each(|documents| servers.push(documents))
        .expect("whole");
    let fleet = scanned.scan.fleet(&judge, |_| {}).expect("whole");
    let tainted = servers
        .iter()
        .flat_map(ServerDocuments::iter)
        .filter(|document| {
            document
                .body()
                .is_ok_and(|body| body.to_string().contains("u001b"))
        });
    assert!(tainted.count() > 20, "the fleet is a hostile one");
    let world = World {
        fleet,
        servers,
        judge,
    };

    let (mut state, effects) = fixture::started(80, 24, Opening::Scan(ScanChoice::Newest));
    let Some(Effect::OpenScan { job, .. }) = effects.first() else {
        panic!("{effects:?}")
    };
    let scan = fixture::scan(world.fleet.clone(), Completeness::Complete);
    world.send(&mut state, Message::ScanOpened { job: *job, scan });
    let look = Look::new(
        &Theme::built_in("dark").expect("built in"),
        Colours::Sixteen,
        true,
    );
    let mut seen = std::collections::BTreeSet::new();
    // Through the list and its filter, servers with every tab, findings, raw answers, the other screens, help, palette.
    let script = "jjjG<enter>jjjjjj<tab>jj<tab>jj<tab>jj<tab><enter>jjjj<escape>r<escape>R<escape>o<escape>y<escape>\
                  <escape><escape>2jj<enter>jj<escape>3jj<enter>jj<escape>4jj<escape>5jj<escape>6jj<escape>7jj<escape>8jj<escape>\
                  1/a<enter><escape>/sub:<escape>/tag:<escape>/is:<escape>/group:<escape>:tag<escape>?jjj<escape><f1><escape>gg<enter>vjj<escape>cjj<escape>pjj<escape>ejj<escape>\
                  xjj<escape>Ljj<escape>Pjj<escape>ijj<escape>fjj<escape>tjj<escape>mjj<escape>";
    for key in fixture::keys(script) {
        world.send(&mut state, Message::Key(key));
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).expect("memory");
        terminal
            .draw(|frame| view::draw(frame, &state, &look))
            .expect("memory");
        let cells = terminal.backend().buffer().content();
        for cell in cells {
            assert!(
                is_clean(cell.symbol()) && !cell.symbol().contains('\n'),
                "{:?} after {key}",
                cell.symbol()
            );
        }
        let text: String = cells.iter().map(|cell| cell.symbol()).collect();
        seen.insert(text);
    }
    assert!(seen.len() > 80, "only {} screens", seen.len());
}
