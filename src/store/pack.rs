//! The packed list: all servers of a finished scan in one row, so that opening reads no document.
//!
//! One zstd stream of postcard records: how many subscriptions, each of them, how many servers, each of them.

use std::io::{self, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::documents::Subscription;
use crate::posture::{Fleet, ServerSummary};

/// A packed list larger than this when unpacked is refused. In bytes.
const LARGEST_LIST: u64 = 2 << 30;

/// The most servers for which room is made before they are read.
const MOST_ROOM: usize = 1 << 17;

/// Packs a list record by record, so that no more than one server is in memory.
pub struct Packer(zstd::Encoder<'static, Vec<u8>>);

impl Packer {
    /// Starts a list with its subscriptions and the number of servers to come.
    ///
    /// # Errors
    /// When zstd refuses.
    pub fn new(subscriptions: &[Subscription], servers: u64) -> io::Result<Self> {
        let mut packer = Self(zstd::Encoder::new(Vec::new(), 1)?);
        packer.record(&subscriptions)?;
        packer.record(&servers)?;
        Ok(packer)
    }

    /// Adds a server.
    ///
    /// # Errors
    /// When zstd refuses.
    pub fn server(&mut self, server: &ServerSummary) -> io::Result<()> {
        self.record(server)
    }

    /// The packed list.
    ///
    /// # Errors
    /// When zstd refuses.
    pub fn finish(self) -> io::Result<Vec<u8>> {
        self.0.finish()
    }

    fn record(&mut self, record: &impl Serialize) -> io::Result<()> {
        let bytes = postcard::to_stdvec(record).map_err(io::Error::other)?;
        self.0.write_all(&bytes)
    }
}

/// Unpacks a list.
///
/// # Errors
/// When the bytes are not what [`Packer`] wrote.
pub fn unpack(bytes: &[u8]) -> io::Result<Fleet> {
    let mut plain = Vec::new();
    let decoder = zstd::Decoder::new(bytes)?;
    io::copy(&mut io::Read::take(decoder, LARGEST_LIST), &mut plain)?;
    let mut rest = plain.as_slice();
    let subscriptions: Vec<Subscription> = take(&mut rest)?;
    let count: u64 = take(&mut rest)?;
    // A damaged count must not take the memory.
    let room = usize::try_from(count).unwrap_or(0).min(MOST_ROOM);
    let mut servers = Vec::with_capacity(room);
    for _ in 0..count {
        servers.push(take(&mut rest)?);
    }
    if !rest.is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("the list goes on after its {count} servers"),
        ));
    }
    Ok(Fleet {
        subscriptions,
        servers,
    })
}

fn take<T: DeserializeOwned>(rest: &mut &[u8]) -> io::Result<T> {
    let (record, left) = postcard::take_from_bytes(rest)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    *rest = left;
    Ok(record)
}
