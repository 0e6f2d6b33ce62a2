//! Asking for the name of a tag.

use super::Prompt;

/// What the tag is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagUse {
    /// To group by.
    Group,
    /// To be shown in a column.
    Column,
}

/// Asking for the name of a tag.
#[derive(Clone, Debug)]
pub struct TagPrompt {
    /// The line.
    pub prompt: Prompt,
    /// What the tag is for.
    pub purpose: TagUse,
    /// The names that there are, the one that most servers have first.
    pub names: Vec<String>,
}

impl TagPrompt {
    /// The names that what is written fits: one that is the same, then those that begin so, then those that hold it.
    pub fn matches(&self) -> impl Iterator<Item = &str> {
        let written = self.prompt.text().trim().to_lowercase();
        let mut ranked: Vec<(u8, &str)> = self
            .names
            .iter()
            .filter_map(|name| {
                let lower = name.to_lowercase();
                let rank = if lower == written {
                    0
                } else if lower.starts_with(&written) {
                    1
                } else if lower.contains(&written) {
                    2
                } else {
                    return None;
                };
                Some((rank, name.as_str()))
            })
            .collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.into_iter().map(|(_, name)| name)
    }

    /// Writes the first name that fits; asked again, the next one.
    pub(super) fn complete(&mut self) {
        let written = self.prompt.text().to_owned();
        let place = self.names.iter().position(|name| *name == written);
        let next = match place {
            Some(place) => self
                .names
                .get((place + 1) % self.names.len().max(1))
                .cloned(),
            None => self.matches().next().map(str::to_owned),
        };
        if let Some(name) = next {
            self.prompt = Prompt::new(&name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_is_meant_comes_first_and_completing_goes_round() {
        let mut tag = TagPrompt {
            prompt: Prompt::new("ENV"),
            purpose: TagUse::Group,
            names: ["my-env", "environment", "env"].map(str::to_owned).to_vec(),
        };
        let found: Vec<_> = tag.matches().collect();
        assert_eq!(found, ["env", "environment", "my-env"]);
        tag.complete();
        assert_eq!(tag.prompt.text(), "env");
        tag.complete();
        assert_eq!(tag.prompt.text(), "my-env");
        tag.prompt = Prompt::new("x");
        assert_eq!(tag.matches().count(), 0);
    }
}
