//! Which outcomes of which condition the fleets hold, so that the comparison cannot go blind without a word.

use std::collections::{BTreeMap, BTreeSet};

pub fn assert_all(occurred: &BTreeMap<&'static str, BTreeSet<&'static str>>) {
    for (id, outcomes) in occurred {
        println!("{id}: {outcomes:?}");
    }
    panic!("look");
}
