//! What a reader must know before the numbers of a difference.

use jiff::Timestamp;

/// What is known of one of two scans, as far as it bears on their difference.
#[derive(Clone, Copy, Debug)]
pub struct ScanFacts<'a> {
    /// What was scanned, in words.
    pub scope: &'a str,
    /// When it began.
    pub started_at: Timestamp,
    /// The word for a scan that is not complete; `None` for one that is.
    pub incomplete: Option<&'a str>,
}

/// What a reader must know before the numbers: scans of other scopes, scans that are not whole, an order that is turned
/// round, evidence that could not be compared.
#[must_use]
pub fn caveats(
    before: &ScanFacts<'_>,
    after: &ScanFacts<'_>,
    evidence_compared: bool,
) -> Vec<String> {
    let mut caveats = Vec::new();
    if before.scope != after.scope {
        caveats.push(
            "the scopes differ: servers that only one of them covers look new or gone".to_owned(),
        );
    }
    for (which, scan) in [("first", before), ("second", after)] {
        if let Some(word) = scan.incomplete {
            caveats.push(format!(
                "the {which} scan is {word}: what it lacks says nothing"
            ));
        }
    }
    if before.started_at > after.started_at {
        caveats.push("the first scan is the newer one".to_owned());
    }
    if !evidence_compared {
        caveats.push(
            "evidence was not compared: one of the files is of a form that keeps none to compare"
                .to_owned(),
        );
    }
    caveats
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_whole_scans_of_one_scope_need_no_caveat_and_everything_else_has_one() {
        let of = |scope, second: i64| ScanFacts {
            scope,
            started_at: Timestamp::from_second(second).unwrap(),
            incomplete: None,
        };
        let (one, other) = (of("all", 1), of("all", 2));
        assert!(caveats(&one, &other, true).is_empty());
        assert_eq!(caveats(&one, &other, false).len(), 1);
        assert!(caveats(&other, &one, true)[0].contains("the newer one"));
        assert!(caveats(&one, &of("some", 2), true)[0].contains("scopes differ"));
        let partial = ScanFacts {
            incomplete: Some("cancelled"),
            ..other
        };
        assert!(caveats(&one, &partial, true)[0].contains("second scan is cancelled"));
    }
}
