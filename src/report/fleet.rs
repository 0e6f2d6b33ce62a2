//! The fleet as a table of text: one server a line, worst first.

use std::io::{self, Write};

use crate::baseline::{FamilyCode, FeatureId};
use crate::documents::text::neutral;
use crate::posture::{Fleet, ServerSummary, Tally, VerdictWord};

/// Writes the servers, worst first: verdicts by count, the worst verdict of each family, and the score. All text is
/// neutralised here, whatever the scan file says of itself.
///
/// # Errors
/// When `out` refuses.
pub fn write_table(out: &mut impl Write, fleet: &Fleet) -> io::Result<()> {
    let mut servers: Vec<&ServerSummary> = fleet.servers.iter().collect();
    servers.sort_by(|a, b| a.risk_order(b));
    let width = servers
        .iter()
        .map(|server| server.name.chars().count())
        .max()
        .unwrap_or(0)
        .clamp(6, 40);
    write!(out, "FAIL  ?  PASS  {:width$}", "SERVER")?;
    for family in FamilyCode::ALL {
        write!(out, "  {:7}", family.code())?;
    }
    writeln!(out, "  REGION              VERSION  SCORE  SUBSCRIPTION")?;
    for server in servers {
        write!(
            out,
            "{:4} {:2} {:5}  {:width$}",
            server.count(VerdictWord::Fail),
            server.count(VerdictWord::Unknown),
            server.count(VerdictWord::Pass),
            neutral(&server.name)
        )?;
        for family in FamilyCode::ALL {
            write!(out, "  {:7}", family_word(server, family))?;
        }
        let score = server
            .score
            .percent()
            .map_or_else(|| "-".to_owned(), |score| score.to_string());
        writeln!(
            out,
            "  {:18}  {:7}  {:>5}  {}",
            neutral(&server.region),
            neutral(&server.version),
            score,
            neutral(fleet.subscription_name(&server.subscription))
        )?;
    }
    Ok(())
}

/// The worst verdict of a family with the number of features that have it; families with nothing to decide say so.
fn family_word(server: &ServerSummary, family: FamilyCode) -> String {
    let tally = Tally::of(
        FeatureId::ALL
            .into_iter()
            .filter(|feature| feature.family() == family)
            .map(|feature| server.cell(feature).verdict),
    );
    match tally.worst() {
        Some(VerdictWord::Fail) => format!("fail {}", tally.get(VerdictWord::Fail)),
        Some(VerdictWord::Unknown) => format!("? {}", tally.get(VerdictWord::Unknown)),
        Some(VerdictWord::Manual) => format!("man {}", tally.get(VerdictWord::Manual)),
        Some(VerdictWord::Pass) => "pass".to_owned(),
        _ => "-".to_owned(),
    }
}
