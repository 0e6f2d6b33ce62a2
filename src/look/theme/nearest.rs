//! What somebody may have meant by a name that there is not.

/// Adds the known name that is nearest, if one is near.
pub(super) fn with_nearest(message: String, name: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|candidate| (edits(name, candidate), *candidate))
        .min_by_key(|(edits, _)| *edits)
        .filter(|(edits, _)| *edits <= 1 + name.chars().count() / 3);
    match nearest {
        Some((_, candidate)) => format!("{message}; did you mean {candidate:?}?"),
        None => format!("{message}; known are: {}", known.join(", ")),
    }
}

/// How many characters must be inserted, removed or replaced (Levenshtein's distance).
fn edits(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, character) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (column, candidate) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(*candidate != character);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("fail", "fail"), 0);
    }

    #[test]
    fn a_far_name_is_no_suggestion() {
        let message = |name| with_nearest("unknown".to_owned(), name, &["pass", "fail"]);
        assert_eq!(message("colour"), "unknown; known are: pass, fail");
        assert_eq!(message("pas"), "unknown; did you mean \"pass\"?");
    }
}
