//! Words, looked for in the features of a catalogue.

use super::model::ReferenceCatalogue;
use crate::baseline::model::Catalogue;

/// A feature in which all the words stand.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Hit {
    /// The control; `None` when the workbook gives none.
    pub control: Option<String>,
    /// The feature's name.
    pub feature: String,
    /// Where the most of the words were found, such as `guidance`.
    pub found_in: &'static str,
    /// The first sentence there with one of the words.
    pub sentence: String,
}

/// The features of the built-in catalogue in which all the words stand, wherever, ignoring letter case. No words find
/// nothing.
#[must_use]
pub fn hits(catalogue: &Catalogue, words: &[String]) -> Vec<Hit> {
    let words = lower(words);
    let found = catalogue.features().iter().filter_map(|feature| {
        let control = catalogue.control(&feature.control);
        let reference = feature.reference.as_ref();
        let texts = [
            ("name", Some(feature.name.as_str())),
            ("short name", Some(feature.id.slug())),
            ("control", Some(feature.control.as_str())),
            ("control title", control.map(|it| it.title.as_str())),
            ("description", Some(feature.description.as_str())),
            ("meaning", Some(feature.guidance.meaning.as_str())),
            ("action", Some(feature.guidance.action.as_str())),
            ("impact", Some(feature.guidance.impact.as_str())),
            ("notes", feature.notes.as_deref()),
            (
                "platform note",
                feature.platform_note.as_ref().map(|it| it.text.as_str()),
            ),
            ("reference", reference.map(|it| it.title.as_str())),
            ("reference", reference.and_then(|it| it.url.as_deref())),
        ];
        hit(Some(&feature.control), &feature.name, &texts, &words)
    });
    found.collect()
}

/// The same for a reference catalogue.
#[must_use]
pub fn hits_of_reference(catalogue: &ReferenceCatalogue, words: &[String]) -> Vec<Hit> {
    let words = lower(words);
    let found = catalogue.features.iter().filter_map(|feature| {
        let reference = feature.reference.as_ref();
        let texts = [
            ("name", Some(feature.name.as_str())),
            ("control", feature.control.as_deref()),
            ("control title", feature.control_title.as_deref()),
            ("description", feature.description.as_deref()),
            ("guidance", feature.guidance.as_deref()),
            ("guidance notes", feature.guidance_notes.as_deref()),
            ("notes", feature.notes.as_deref()),
            ("reference", reference.map(|it| it.title.as_str())),
            ("reference", reference.and_then(|it| it.url.as_deref())),
        ];
        hit(feature.control.as_deref(), &feature.name, &texts, &words)
    });
    found.collect()
}

/// The words one by one, also where several were typed as one argument.
fn lower(words: &[String]) -> Vec<String> {
    words
        .iter()
        .flat_map(|word| word.split_whitespace())
        .map(str::to_lowercase)
        .collect()
}

fn hit(
    control: Option<&str>,
    feature: &str,
    texts: &[(&'static str, Option<&str>)],
    words: &[String],
) -> Option<Hit> {
    let texts: Vec<(&'static str, &str, String)> = texts
        .iter()
        .filter_map(|(label, text)| text.map(|text| (*label, text, text.to_lowercase())))
        .collect();
    let stands = |word: &String| texts.iter().any(|(_, _, lower)| lower.contains(word));
    if words.is_empty() || !words.iter().all(stands) {
        return None;
    }
    // The text with the most of the words says best what was found; of several the first.
    let most = |lower: &str| words.iter().filter(|word| lower.contains(*word)).count();
    let (label, text, lower) = texts.iter().rev().max_by_key(|(_, _, lower)| most(lower))?;
    let word = words.iter().find(|word| lower.contains(*word))?;
    Some(Hit {
        control: control.map(str::to_owned),
        feature: feature.to_owned(),
        found_in: label,
        sentence: sentence(text, word),
    })
}

/// The sentence with the word in it; the whole text when no sentence has it alone.
fn sentence(text: &str, word: &str) -> String {
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let paragraphs = text.split("\n\n").map(one_line);
    let sentences = paragraphs.flat_map(|paragraph| {
        let sentences = paragraph.split_inclusive(". ");
        let sentences = sentences.map(|sentence| sentence.trim().to_owned());
        sentences.collect::<Vec<_>>()
    });
    let mut with_it = sentences.filter(|sentence| sentence.to_lowercase().contains(word));
    with_it.next().unwrap_or_else(|| one_line(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::catalogue;

    fn words(text: &[&str]) -> Vec<String> {
        text.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn every_word_has_to_stand_in_the_feature() {
        let names = |text: &[&str]| -> Vec<String> {
            let found = hits(catalogue(), &words(text)).into_iter();
            found.map(|hit| hit.feature).collect()
        };
        assert_eq!(names(&["LOCKBOX"]), ["Customer Lockbox"]);
        assert_eq!(names(&["lockbox", "tenant"]), ["Customer Lockbox"]);
        assert_eq!(names(&["tenant  lockbox"]), ["Customer Lockbox"]);
        assert!(names(&["lockbox", "no-such-word"]).is_empty());
        assert!(names(&[]).is_empty() && names(&["  "]).is_empty());
    }

    #[test]
    fn the_text_with_the_most_words_is_told() {
        let told = |text: &[&str]| {
            let hit = hits(catalogue(), &words(text)).pop().expect("a hit");
            (hit.found_in, hit.sentence)
        };
        assert_eq!(told(&["lockbox"]), ("name", "Customer Lockbox".to_owned()));
        let (found_in, sentence) = told(&["lockbox", "switch", "tenant"]);
        assert_eq!(found_in, "meaning");
        assert!(sentence.contains("switch of the tenant"), "{sentence}");
    }

    #[test]
    fn the_sentence_is_the_one_with_the_word() {
        assert_eq!(
            sentence("One. Two  words here.\n\nThree.", "words"),
            "Two words here."
        );
        assert_eq!(sentence("see a.b here", "a.b"), "see a.b here");
    }
}
