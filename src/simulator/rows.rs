//! The rows that a query of the simulated Resource Graph chooses, and what it makes of them.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::{Map, Value};

use super::graph::{COLUMNS, Inventory, Level};
use super::query::{Condition, Expansion, Order, Query};

/// A row of a table; one of several where a list in it was expanded.
#[derive(Debug)]
pub(super) struct Row {
    place: usize,
    /// The item of the list that was expanded.
    item: Option<Value>,
}

impl Row {
    /// A column, or a path into one, as the text that conditions compare; empty when there is none.
    pub(super) fn text<'a>(
        &'a self,
        inventory: &'a dyn Inventory,
        query: &Query,
        column: &str,
    ) -> Cow<'a, str> {
        match self.below_item(query, column) {
            Some(value) => value.map_or(Cow::Borrowed(""), tostring),
            None => inventory.text(query.table, self.place, column),
        }
    }

    /// The row as the query projects it.
    pub(super) fn project(&self, inventory: &dyn Inventory, query: &Query) -> Value {
        let mut object = Map::new();
        let Some(columns) = &query.projection else {
            for name in COLUMNS {
                let value = inventory.column(query.table, self.place, name);
                object.insert(name.to_owned(), value);
            }
            if let (Some(expansion), Some(item)) = (&query.expansion, &self.item) {
                object.insert(expansion.name.clone(), item.clone());
            }
            return object.into();
        };
        for column in columns {
            let value = match self.below_item(query, &column.path) {
                Some(value) => value.cloned(),
                None => {
                    let mut path = column.path.split('.');
                    let name = path.next().unwrap_or_default();
                    let whole = inventory.column(query.table, self.place, name);
                    path.try_fold(&whole, |value, name| value.get(name))
                        .cloned()
                }
            };
            object.insert(column.name.clone(), value.unwrap_or_default());
        }
        object.into()
    }

    /// What a path into the expanded item leads to; `None` where it leads somewhere else.
    fn below_item(&self, query: &Query, path: &str) -> Option<Option<&Value>> {
        let item = self.item.as_ref()?;
        let mut path = path.split('.');
        if path.next() != Some(&query.expansion.as_ref()?.name) {
            return None;
        }
        Some(path.try_fold(item, |value, name| value.get(name)))
    }
}

/// What `tostring` makes of a value.
pub(super) fn tostring(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => text.into(),
        bag @ (Value::Object(_) | Value::Array(_)) => bag.to_string().into(),
        _ => Cow::Borrowed(""),
    }
}

/// The rows within the subscriptions that the query chooses, in its order.
pub(super) fn matching(
    inventory: &dyn Inventory,
    query: &Query,
    scope: Option<&HashSet<String>>,
    levels: &[Level],
) -> Vec<Row> {
    let table = query.table;
    let name = query.expansion.as_ref().map(|it| it.name.as_str());
    let is_of_item = |it: &Condition| it.column.split('.').next() == name;
    let mut rows: Vec<Row> = inventory
        .candidates(table, scope)
        .into_iter()
        .map(|place| Row { place, item: None })
        .filter(|row| {
            let text = |column: &str| inventory.text(table, row.place, column);
            // What is about an item is looked at when there are items.
            let holds = |it: &Condition| is_of_item(it) || it.accepts(&text(&it.column));
            query
                .conditions
                .iter()
                .all(|stage| stage.iter().any(|all| all.iter().all(holds)))
                && levels.contains(&inventory.level(table, row.place))
                && match inventory.level(table, row.place) {
                    Level::Above => inventory.is_above(table, row.place, scope),
                    Level::At | Level::Below => scope
                        .is_none_or(|it| it.contains(&text("subscriptionId").to_ascii_lowercase())),
                }
        })
        .collect();
    if let Some(expansion) = &query.expansion {
        rows = rows
            .iter()
            .flat_map(|row| expand(inventory, query, row, expansion))
            .filter(|row| {
                let holds = |it: &Condition| it.accepts(&row.text(inventory, query, &it.column));
                query
                    .conditions
                    .iter()
                    .all(|stage| stage.iter().any(|all| all.iter().all(holds)))
            })
            .collect();
    }
    if query.summary.is_some() {
        return rows;
    }
    let in_order = match query.order.as_slice() {
        [] => true,
        [
            Order {
                column,
                descending: false,
            },
            ..,
        ] => column.eq_ignore_ascii_case("id") && query.expansion.is_none(),
        _ => false,
    };
    if !in_order {
        // The order is that of the columns as they are called when it comes.
        let path = |column: &str| {
            let renamed = query.projection.iter().flatten();
            renamed
                .filter(|it| it.name.eq_ignore_ascii_case(column))
                .map(|it| it.path.clone())
                .next()
                .unwrap_or_else(|| column.to_owned())
        };
        let order: Vec<(String, bool)> = query
            .order
            .iter()
            .map(|key| (path(&key.column), key.descending))
            .collect();
        rows.sort_by(|a, b| {
            order
                .iter()
                .map(|(path, descending)| {
                    let text = |row: &Row| row.text(inventory, query, path).to_lowercase();
                    let order = text(a).cmp(&text(b));
                    if *descending { order.reverse() } else { order }
                })
                .find(|order| order.is_ne())
                .unwrap_or(std::cmp::Ordering::Equal)
        });
    }
    rows.truncate(query.limit.unwrap_or(usize::MAX));
    rows
}

/// The rows that an expansion makes of one: a row whose list is empty, or is none, makes one without an item.
fn expand(inventory: &dyn Inventory, query: &Query, row: &Row, expansion: &Expansion) -> Vec<Row> {
    let mut path = expansion.path.split('.');
    let name = path.next().unwrap_or_default();
    let whole = inventory.column(query.table, row.place, name);
    let list = path.try_fold(&whole, |value, name| value.get(name));
    let place = row.place;
    match list.and_then(Value::as_array) {
        Some(items) if !items.is_empty() => items
            .iter()
            .take(expansion.limit)
            .map(|item| Row {
                place,
                item: Some(item.clone()),
            })
            .collect(),
        _ => vec![Row {
            place,
            item: Some(Value::Null),
        }],
    }
}
