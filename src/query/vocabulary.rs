//! The texts that fields can ask for: every one once, with how many servers have it.

use std::collections::{BTreeMap, HashMap};

use super::index::SEPARATOR;
use super::{Field, SearchIndex, folded};

/// The most values of one field that completion chooses from: the most frequent ones.
const MOST: usize = 1_000;

/// The texts that servers have, by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dictionaries {
    pub subscriptions: Dictionary,
    pub groups: Dictionary,
    pub regions: Dictionary,
    pub versions: Dictionary,
    pub states: Dictionary,
    /// Name and value of a tag as one text, [`SEPARATOR`] between them.
    pub tags: Dictionary,
}

/// Texts, each with a number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dictionary {
    entries: Vec<Entry>,
    places: HashMap<Box<str>, u32>,
    /// The place of the text that was learned last: neighbours in the inventory have much in common.
    last: u32,
}

/// A text that servers have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What tells it from others: the text as Azure wrote it; of a subscription its id.
    key: Box<str>,
    /// The text as it is shown.
    pub shown: Box<str>,
    /// The same as it is compared.
    pub folded: Box<str>,
    /// How many servers have it now.
    pub servers: u32,
}

impl Dictionary {
    /// The number of a text; one more server has it.
    pub fn learn(&mut self, text: &str) -> u32 {
        self.learn_as(text, text)
    }

    /// The same for a text that is shown as another one.
    pub fn learn_as(&mut self, key: &str, shown: &str) -> u32 {
        let last = self.entries.get_mut(self.last as usize);
        if let Some(entry) = last
            && *entry.key == *key
            && *entry.shown == *shown
        {
            entry.servers += 1;
            return self.last;
        }
        let end = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let place = match self.places.get(key) {
            Some(place) => *place,
            None => {
                self.places.insert(key.into(), end);
                self.entries.push(Entry {
                    key: key.into(),
                    shown: shown.into(),
                    folded: folded(shown).into(),
                    servers: 0,
                });
                end
            }
        };
        self.last = place;
        if let Some(entry) = self.entries.get_mut(place as usize) {
            entry.servers += 1;
            // The name of a subscription may become known after its first server.
            if *entry.shown != *shown {
                entry.shown = shown.into();
                entry.folded = folded(shown).into();
            }
        }
        place
    }

    /// The number of a tag; one more server has it.
    pub fn learn_tag(&mut self, name: &str, value: &str) -> u32 {
        self.learn(&format!("{name}{SEPARATOR}{value}"))
    }

    /// One server fewer has a text.
    pub fn forget(&mut self, place: u32) {
        if let Some(entry) = self.entries.get_mut(place as usize) {
            entry.servers = entry.servers.saturating_sub(1);
        }
    }

    /// The texts, by number.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The texts that servers have now, the most frequent first.
    fn frequent(&self) -> Vec<Frequent> {
        let mut entries: Vec<&Entry> = self.entries.iter().collect();
        entries.retain(|entry| entry.servers > 0 && !entry.shown.is_empty());
        entries.sort_by(|one, other| {
            let by_servers = other.servers.cmp(&one.servers);
            by_servers.then_with(|| one.folded.cmp(&other.folded))
        });
        entries.dedup_by(|one, other| one.folded == other.folded);
        entries.truncate(MOST);
        let frequent = entries.into_iter().map(|entry| Frequent {
            text: entry.shown.clone(),
            folded: entry.folded.clone(),
            servers: entry.servers,
        });
        frequent.collect()
    }
}

impl Entry {
    /// The id of a subscription, whose text is its name.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Name and value of a tag, as they are compared.
    pub fn tag(&self) -> (&str, &str) {
        self.folded
            .split_once(SEPARATOR)
            .unwrap_or((&self.folded, ""))
    }
}

/// A text that completion can offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frequent {
    /// The text.
    pub text: Box<str>,
    /// The same as it is compared.
    pub folded: Box<str>,
    /// How many servers have it.
    pub servers: u32,
}

/// What completion chooses from as far as it depends on the servers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    subscriptions: Vec<Frequent>,
    groups: Vec<Frequent>,
    regions: Vec<Frequent>,
    versions: Vec<Frequent>,
    states: Vec<Frequent>,
    tag_names: Vec<Frequent>,
    /// By folded name.
    tag_values: BTreeMap<Box<str>, Vec<Frequent>>,
}

impl Vocabulary {
    /// The values that the servers of an index have. Looks at every value once: work for a worker.
    #[must_use]
    pub fn new(index: &SearchIndex) -> Self {
        let known = index.dictionaries();
        let mut tags: BTreeMap<Box<str>, Dictionary> = BTreeMap::new();
        let mut names = Dictionary::default();
        for entry in known.tags.entries().iter().filter(|it| it.servers > 0) {
            let (name, value) = entry.shown.split_once(SEPARATOR).unwrap_or(("", ""));
            let values = tags.entry(entry.tag().0.into()).or_default();
            for (dictionary, text) in [(values, value), (&mut names, name)] {
                let place = dictionary.learn(text);
                dictionary.entries[place as usize].servers += entry.servers - 1;
            }
        }
        let tag_names = names.frequent();
        let tag_values = tag_names
            .iter()
            .filter_map(|name| {
                let values = tags.get(&name.folded)?;
                Some((name.folded.clone(), values.frequent()))
            })
            .collect();
        Self {
            subscriptions: known.subscriptions.frequent(),
            groups: known.groups.frequent(),
            regions: known.regions.frequent(),
            versions: known.versions.frequent(),
            states: known.states.frequent(),
            tag_names,
            tag_values,
        }
    }

    /// The values of a field, the most frequent first.
    pub(super) fn of(&self, field: Field) -> &[Frequent] {
        match field {
            Field::Subscription => &self.subscriptions,
            Field::Group => &self.groups,
            Field::Region => &self.regions,
            Field::Version => &self.versions,
            Field::Is => &self.states,
            Field::Tag => &self.tag_names,
            _ => &[],
        }
    }

    /// The values of a tag.
    pub(super) fn of_tag(&self, name: &str) -> &[Frequent] {
        let name = folded(name);
        self.tag_values
            .get(name.as_str())
            .map_or(&[], Vec::as_slice)
    }
}
