//! Which part of what is visible is scanned.

use crate::documents::Subscription;

/// Which part of what is visible is scanned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Ids or names of subscriptions; none means every visible one.
    pub subscriptions: Vec<String>,
}

impl Scope {
    /// The scope in words.
    #[must_use]
    pub fn words(&self) -> String {
        if self.subscriptions.is_empty() {
            "every visible subscription".to_owned()
        } else {
            self.subscriptions.join(", ")
        }
    }

    /// The subscriptions of `visible` that are meant, and the wanted ones that are not among them.
    #[must_use]
    pub fn select(&self, visible: Vec<Subscription>) -> (Vec<Subscription>, Vec<String>) {
        if self.subscriptions.is_empty() {
            return (visible, Vec::new());
        }
        let means = |wanted: &str, subscription: &Subscription| {
            subscription.id.eq_ignore_ascii_case(wanted)
                || subscription.name.to_lowercase() == wanted.to_lowercase()
        };
        let missing = self
            .subscriptions
            .iter()
            .filter(|wanted| {
                !visible
                    .iter()
                    .any(|subscription| means(wanted, subscription))
            })
            .cloned()
            .collect();
        let selected = visible
            .into_iter()
            .filter(|subscription| {
                self.subscriptions
                    .iter()
                    .any(|wanted| means(wanted, subscription))
            })
            .collect();
        (selected, missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subscription(id: &str, name: &str) -> Subscription {
        Subscription {
            id: id.into(),
            name: name.into(),
            tenant: None,
            state: None,
            delegated: false,
        }
    }

    #[test]
    fn a_subscription_is_meant_by_id_or_by_name_and_a_missing_one_is_told() {
        let visible = || vec![subscription("AB-1", "Prod"), subscription("cd-2", "Test")];
        let scope = |wanted: &[&str]| Scope {
            subscriptions: wanted.iter().map(|&wanted| wanted.to_owned()).collect(),
        };
        let ids = |found: &[Subscription]| -> Vec<String> {
            found
                .iter()
                .map(|subscription| subscription.id.clone())
                .collect()
        };
        let (all, missing) = scope(&[]).select(visible());
        assert_eq!(
            (ids(&all), missing),
            (vec!["AB-1".into(), "cd-2".into()], vec![])
        );
        let (some, missing) = scope(&["ab-1", "prod", "gone"]).select(visible());
        assert_eq!(
            (ids(&some), missing),
            (vec!["AB-1".into()], vec!["gone".into()])
        );
    }
}
