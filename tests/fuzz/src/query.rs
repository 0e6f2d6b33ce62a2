//! The query language: any text, a cursor anywhere in it.

use std::sync::LazyLock;

use flexposture::baseline::FeatureId;
use flexposture::documents::DocumentKind;
use flexposture::posture::{Fleet, Judge, Ruleset, ServerSummary};
use flexposture::query::{
    Query, SearchIndex, Vocabulary, complete, filter, find, literal_ranges, match_ranges,
};
use serde_json::json;

use super::documents::server_of;
use super::{assert_clean, text_of};

struct Known {
    servers: Vec<ServerSummary>,
    index: SearchIndex,
    vocabulary: Vocabulary,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let names = ["db", "orders-db", "İstanbul-ß", "名前", "a_b.c"];
    let judge = Judge::by(Ruleset::default());
    let servers: Vec<ServerSummary> = names
        .into_iter()
        .filter_map(|name| {
            let body = json!({"location": "West Europe", "tags": {"env": "prod", "tier:1": "a b", "": "x"},
                "properties": {"state": "Ready", "version": "8.0.21"}});
            server_of(name, vec![(DocumentKind::Server, body)])
        })
        .map(|documents| judge.summary(&documents))
        .collect();
    let fleet = Fleet {
        subscriptions: Vec::new(),
        servers: servers.clone(),
    };
    let index = SearchIndex::new(&fleet);
    let vocabulary = Vocabulary::new(&index);
    Known {
        servers,
        index,
        vocabulary,
    }
});

pub fn query(data: &[u8]) {
    let text = text_of(data);
    let known = &*KNOWN;
    let parsed = Query::parse(&text);
    match &parsed {
        Ok(query) => {
            let (begun, rest) = Query::parse_begun(&text).expect("what is right may be begun");
            assert_eq!((&begun, rest.len()), (query, 0));
            look_for(query, known);
        }
        Err(errors) => {
            assert!(!errors.is_empty());
            for error in errors {
                let part = text.get(error.range.clone());
                assert!(
                    part.is_some_and(|it| !it.is_empty()),
                    "{error:?} lies in no text of {text:?}"
                );
                let _ = error.to_string();
            }
            if let Ok((query, _)) = Query::parse_begun(&text) {
                look_for(&query, known);
            }
        }
    }
    let words = Query::of_words(&text);
    look_for(&words, known);
    let step = 1 + text.len() / 16;
    for cursor in (0..=text.len() + 1).step_by(step) {
        let Some(offered) = complete(&text, cursor, &known.vocabulary) else {
            continue;
        };
        assert!(
            text.get(offered.range.clone()).is_some(),
            "{offered:?} lies in no text of {text:?}"
        );
        assert!(!offered.items.is_empty());
        for item in &offered.items {
            assert_clean(&item.text);
        }
        let mut written = text.clone();
        written.replace_range(offered.range, &offered.items[0].text);
        let _ = Query::parse(&written);
    }
    let _ = find(&known.index, &text, &|| true);
    for server in &known.servers {
        for (text, wanted) in [(&*server.name, &*text), (&*text, &*server.name)] {
            in_order(text, literal_ranges(wanted, text));
        }
    }
}

fn look_for(query: &Query, known: &Known) {
    assert!(query.narrows(query));
    let hits = filter(&known.index, query, None, &|| true).expect("nobody said no");
    let again = filter(&known.index, query, Some(&hits), &|| true).expect("nobody said no");
    assert_eq!(
        hits.rows, again.rows,
        "what was found is found among what was found"
    );
    for server in &known.servers {
        in_order(&server.name, match_ranges(query, &server.name, true));
        for feature in FeatureId::ALL {
            let _ = query.admits(feature, server.cells[feature.index()]);
        }
    }
}

fn in_order(text: &str, ranges: Vec<std::ops::Range<usize>>) {
    let mut before = 0;
    for range in ranges {
        assert!(
            before <= range.start && text.get(range.clone()).is_some(),
            "{range:?} of {text:?}"
        );
        before = range.end;
    }
}
