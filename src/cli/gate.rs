//! The argument that makes a command end as failed, and what is told when it does.

use std::io::{self, Write};

use clap::builder::TypedValueParser as _;

use super::Ending;
use crate::posture::Fleet;
use crate::report::{Gate, GateWord, Stopped};

/// What makes a command end as failed.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Gate")]
pub struct GateArguments {
    /// End with code 1 when a feature fails with this severity or a worse one, or with `unknown` when one is unknown
    ///
    /// May be given several times or with commas between. Only what the command is about counts, see its filter; what an
    /// exemption covers does not. A scan that is not whole ends with code 4 when nothing else stops it: what was not read
    /// has not passed.
    #[arg(long, value_name = "WORD", value_delimiter = ',', value_parser = word())]
    fail_on: Vec<GateWord>,
}

fn word() -> impl clap::builder::TypedValueParser<Value = GateWord> {
    clap::builder::PossibleValuesParser::new(GateWord::ALL.map(GateWord::word))
        .try_map(|word| word.parse::<GateWord>())
}

impl GateArguments {
    /// The gate.
    #[must_use]
    pub fn gate(&self) -> Gate {
        Gate::new(&self.fail_on)
    }
}

/// How a command ends that is about all servers of a fleet, whose scan is whole or not.
#[must_use]
pub fn of_fleet(gate: Gate, fleet: &Fleet, whole: bool) -> Ending {
    let stopped = gate.count(&fleet.servers, |_, _| true);
    ending(gate, stopped, whole)
}

/// How a command ends that found this, and whose scan is whole or not. What stops is told on stderr.
#[must_use]
pub fn ending(gate: Gate, stopped: Stopped, whole: bool) -> Ending {
    if !gate.is_set() {
        return Ending::Fine;
    }
    if !stopped.is_nothing() {
        let mut what = Vec::new();
        if stopped.failing > 0 {
            what.push(format!("{} failing", stopped.failing));
        }
        if stopped.unknown > 0 {
            what.push(format!("{} unknown", stopped.unknown));
        }
        let _ = writeln!(
            io::stderr(),
            "flexposture: --fail-on {}: {} on {}",
            gate.words(),
            what.join(" and "),
            crate::app::counted(
                usize::try_from(stopped.servers).unwrap_or(usize::MAX),
                "server"
            ),
        );
        return Ending::CheckFailed;
    }
    if whole {
        Ending::Fine
    } else {
        let _ = writeln!(
            io::stderr(),
            "flexposture: --fail-on {}: nothing stops it, but the scan is not whole",
            gate.words()
        );
        Ending::Partial
    }
}
