//! An exemption as an entry of the file.

use super::{Covered, Exemption};

impl Exemption {
    /// The entry that a file holds for it, with an empty line before it.
    #[must_use]
    pub fn entry(&self) -> String {
        let quoted = |text: &str| toml::Value::from(text).to_string();
        let waiver = &self.waiver;
        let mut entry = format!(
            "\n[[exemption]]\nserver = {}\n",
            quoted(self.server.as_str())
        );
        entry += &match &self.covers {
            Covered::Feature(feature) => format!("feature = {}\n", quoted(feature.slug())),
            Covered::Condition(condition) => format!("condition = {}\n", quoted(condition)),
        };
        entry += &format!(
            "reason = {}\nowner = {}\n",
            quoted(&waiver.reason),
            quoted(&waiver.owner)
        );
        if let Some(ticket) = &waiver.ticket {
            entry += &format!("ticket = {}\n", quoted(ticket));
        }
        entry += &format!("until = {}\n", waiver.until);
        entry
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::baseline::FeatureId;
    use crate::posture::{Exemptions, Waiver};

    #[test]
    fn what_is_written_is_read_as_the_same_whatever_stands_in_it() {
        let entries = [
            (Covered::Feature(FeatureId::CustomerKeyEncryption), None),
            (
                Covered::Condition("fw-azure".into()),
                Some("CHG \"1\" \\ 2".to_owned()),
            ),
        ]
        .map(|(covers, ticket)| Exemption {
            server: "mysql-*".into(),
            covers,
            waiver: Arc::new(Waiver {
                reason: "two\nlines, a \"quote\", an 'apostrophe', \u{1b}[1m and \u{7f}".into(),
                owner: "d\u{e9}veloppement".into(),
                ticket,
                until: "2027-03-31".parse().unwrap(),
            }),
            line: 0,
        });
        let text = entries.iter().map(Exemption::entry).collect::<String>();
        let mut read = Exemptions::parse(&text).unwrap().entries;
        for entry in &mut read {
            entry.line = 0;
        }
        assert_eq!(read, entries, "{text}");
    }
}
