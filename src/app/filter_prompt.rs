//! The filter while it is being written: the line, and what may follow in it.

use crate::query::{Completion, Completions, Vocabulary, complete};

use super::Prompt;

/// The filter while it is being written.
#[derive(Clone, Debug, Default)]
pub struct FilterMode {
    /// The line.
    pub prompt: Prompt,
    /// The text that was in force before; it comes back on Esc.
    pub before: String,
    offer: Option<Offer>,
}

/// What may follow, and what was taken of it.
#[derive(Clone, Debug)]
struct Offer {
    /// The text for which it was made.
    text: String,
    completions: Completions,
    /// The one that stands in the line now.
    taken: Option<usize>,
    /// Whether it is shown before anybody asks: not where no word is begun.
    is_shown: bool,
}

impl FilterMode {
    pub(super) fn new(text: &str, before: &str) -> Self {
        Self {
            prompt: Prompt::new(text),
            before: before.to_owned(),
            offer: None,
        }
    }

    /// What is offered: what it is about, the texts, and which of them stands in the line.
    #[must_use]
    pub fn offered(&self) -> Option<(&'static str, &[Completion], Option<usize>)> {
        let offer = self.offer.as_ref().filter(|offer| offer.is_shown)?;
        Some((
            offer.completions.about,
            &offer.completions.items,
            offer.taken,
        ))
    }

    /// Looks anew at what may follow; the line has changed, or more is known.
    pub(super) fn refresh(&mut self, vocabulary: &Vocabulary) {
        let text = self.prompt.text();
        let cursor = self.prompt.cursor_byte();
        self.offer = complete(text, cursor, vocabulary).map(|completions| Offer {
            is_shown: !completions.range.is_empty() || text[..cursor].ends_with([':', ',', '=']),
            text: text.to_owned(),
            completions,
            taken: None,
        });
    }

    /// Takes the next of what is offered, `step` further; the only one at once for good. Where nothing is shown yet it
    /// is shown first. Returns whether the line changed.
    pub(super) fn take(&mut self, step: isize, vocabulary: &Vocabulary) -> bool {
        if self.offer.is_none() {
            self.refresh(vocabulary);
        }
        let Some(offer) = &mut self.offer else {
            return false;
        };
        if !offer.is_shown {
            offer.is_shown = true;
            return false;
        }
        let count = offer.completions.items.len();
        let next = match offer.taken {
            None if step < 0 => count - 1,
            None => 0,
            Some(taken) => (taken + count).saturating_add_signed(step) % count,
        };
        let Some(item) = offer.completions.items.get(next) else {
            return false;
        };
        offer.taken = Some(next);
        let mut text = offer.text.clone();
        let range = offer.completions.range.clone();
        let end = range.start + item.text.len();
        text.replace_range(range, &item.text);
        self.prompt = Prompt::at(&text, end);
        if count == 1 {
            self.refresh(vocabulary);
            // Nothing is left to be taken where the only value stands already.
            let only = self.offer.as_ref().filter(|offer| {
                let items = &offer.completions.items;
                items.len() == 1 && offer.text[offer.completions.range.clone()] == *items[0].text
            });
            if only.is_some() {
                self.offer = None;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str, steps: &[isize]) -> Vec<String> {
        let mut mode = FilterMode::new(text, "");
        let vocabulary = Vocabulary::default();
        mode.refresh(&vocabulary);
        let mut texts = Vec::new();
        for step in steps {
            mode.take(*step, &vocabulary);
            texts.push(mode.prompt.text().to_owned());
        }
        texts
    }

    #[test]
    fn what_is_offered_is_taken_in_turn_and_round_the_end() {
        assert_eq!(
            taken("sev:", &[1, 1, -1, -1, -1]),
            [
                "sev:critical",
                "sev:high",
                "sev:critical",
                "sev:low",
                "sev:medium"
            ]
        );
        assert_eq!(taken("sev:high,m", &[1, 1]), ["sev:high,medium"; 2]);
    }

    #[test]
    fn the_only_field_is_taken_for_good_and_its_values_follow() {
        assert_eq!(
            taken("prod !cau", &[1, 1]),
            ["prod !cause:", "prod !cause:denied"]
        );
    }

    #[test]
    fn where_no_word_is_begun_the_fields_are_shown_before_one_is_taken() {
        let mut mode = FilterMode::new("prod ", "");
        let vocabulary = Vocabulary::default();
        mode.refresh(&vocabulary);
        assert!(mode.offered().is_none());
        assert!(!mode.take(1, &vocabulary) && mode.offered().is_some());
        assert!(mode.take(1, &vocabulary));
        assert_eq!(mode.prompt.text(), "prod fam:");
    }
}
