//! Lists as they were packed before the short form.

use std::io;

use serde::de::DeserializeOwned;

use super::{MOST_ROOM, Most, check_count, damaged};
use crate::documents::Subscription;
use crate::posture::Fleet;

/// Reads a list: how many subscriptions, each of them, how many servers, each of them, as postcard records.
pub fn fleet(plain: &[u8], most: Most) -> io::Result<Fleet> {
    let mut rest = plain;
    let subscriptions: Vec<Subscription> = take(&mut rest)?;
    let count: u64 = take(&mut rest)?;
    check_count(count, most)?;
    // A damaged count must not take the memory.
    let room = usize::try_from(count).unwrap_or(0).min(MOST_ROOM);
    let mut servers = Vec::with_capacity(room);
    for _ in 0..count {
        servers.push(take(&mut rest)?);
    }
    if !rest.is_empty() {
        return Err(damaged(format!(
            "the list goes on after its {count} servers"
        )));
    }
    Ok(Fleet {
        subscriptions,
        servers,
    })
}

fn take<T: DeserializeOwned>(rest: &mut &[u8]) -> io::Result<T> {
    let (record, left) =
        postcard::take_from_bytes(rest).map_err(|error| damaged(error.to_string()))?;
    *rest = left;
    Ok(record)
}
