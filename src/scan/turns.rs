//! Which server is read next: one of the subscription with the fewest servers being read, so that one whose requests
//! are slow or have to wait does not hold up the others.

use std::collections::{HashMap, VecDeque};

use crate::azure::InventoryRow;

/// The servers that are still to be read.
pub(super) struct Turns(Vec<Subscription>);

#[derive(Default)]
struct Subscription {
    rows: VecDeque<InventoryRow>,
    being_read: usize,
    taken: usize,
}

impl Turns {
    pub(super) fn new(rows: Vec<InventoryRow>) -> Self {
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut subscriptions: Vec<Subscription> = Vec::new();
        for row in rows {
            let place = *places
                .entry(row.id.subscription().to_lowercase())
                .or_insert_with(|| {
                    subscriptions.push(Subscription::default());
                    subscriptions.len() - 1
                });
            subscriptions[place].rows.push_back(row);
        }
        Self(subscriptions)
    }

    /// The next server, and the place of its subscription, which is to be told when the server was read.
    pub(super) fn next(&mut self) -> Option<(usize, InventoryRow)> {
        let place = (0..self.0.len())
            .filter(|place| !self.0[*place].rows.is_empty())
            .min_by_key(|place| (self.0[*place].being_read, self.0[*place].taken))?;
        let subscription = &mut self.0[place];
        subscription.being_read += 1;
        subscription.taken += 1;
        subscription.rows.pop_front().map(|row| (place, row))
    }

    /// A server of the subscription at this place was read.
    pub(super) fn read(&mut self, place: usize) {
        self.0[place].being_read -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::{Method, Request, ResourceId};

    fn row(subscription: &str, name: &str) -> InventoryRow {
        InventoryRow {
            id: ResourceId::parse(&format!("/subscriptions/{subscription}/x/{name}")).unwrap(),
            body: serde_json::Value::Null,
            request: Request {
                method: Method::Get,
                path: String::new(),
                api_version: String::new(),
            },
            fetched_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn subscriptions_take_turns_and_none_is_lost() {
        let rows = [("a", "1"), ("A", "2"), ("a", "3"), ("b", "4"), ("b", "5")];
        let mut turns = Turns::new(rows.map(|(id, name)| row(id, name)).to_vec());
        let order: Vec<String> = std::iter::from_fn(|| turns.next())
            .map(|(_, row)| row.id.name().to_owned())
            .collect();
        assert_eq!(order, ["1", "4", "2", "5", "3"]);
    }

    #[test]
    fn a_subscription_that_stands_still_keeps_its_share_and_no_more() {
        let rows = (0..100)
            .flat_map(|number| {
                [
                    row("still", &number.to_string()),
                    row("b", "x"),
                    row("c", "y"),
                ]
            })
            .collect();
        let mut turns = Turns::new(rows);
        let mut being_read = Vec::new();
        let mut still = 0;
        for _ in 0..150 {
            while being_read.len() + still < 12 {
                match turns.next() {
                    Some((0, _)) => still += 1,
                    Some((place, _)) => being_read.push(place),
                    None => return,
                }
            }
            turns.read(being_read.remove(0));
            assert_eq!(still, 4);
        }
    }
}
