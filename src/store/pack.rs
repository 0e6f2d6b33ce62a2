//! The packed list: all servers of a finished scan in one row, so that opening reads no document.
//!
//! The magic word, then one zstd stream: the subscriptions, how many servers there are, each server. What many servers
//! share (a text, a set of tags, a cell, the way of an id up to its name) stands in full where it comes first, and is a
//! number after that: the stream is short, and of each such thing there is one in memory, however many servers have it.
//!
//! Lists of files before format 4 are one zstd stream of postcard records, and have no magic word.

mod long;
mod read;
mod write;

use std::io;

use crate::posture::Fleet;

pub use write::Packer;

/// How a list begins. zstd's own magic number is another one.
const MAGIC: &[u8; 4] = b"fxl2";

/// A packed list larger than this when unpacked is refused. In bytes; a server takes some hundred.
const LARGEST_LIST: u64 = 1 << 30;
/// How many times as large as its packed form a list may be, beyond [`ALWAYS`]; the ones of real fleets are up to forty.
const MOST_TIMES: u64 = 200;
/// What every list may have when unpacked, in bytes.
const ALWAYS: u64 = 32 << 20;

/// The most that a list may make of its bytes.
#[derive(Clone, Copy)]
struct Most {
    servers: u64,
    /// Bytes of all ids together, which a list has in parts.
    ids: u64,
}

const MOST: Most = Most {
    servers: 2_000_000,
    ids: 1 << 30,
};

/// The most servers for which room is made before they are read.
const MOST_ROOM: usize = 1 << 17;

/// Unpacks a list.
///
/// # Errors
/// When the bytes are not what [`Packer`] wrote, now or in an older version.
pub fn unpack(bytes: &[u8]) -> io::Result<Fleet> {
    match bytes.strip_prefix(MAGIC) {
        Some(stream) => read::fleet(&plain(stream)?, MOST),
        None => long::fleet(&plain(bytes)?, MOST),
    }
}

fn plain(stream: &[u8]) -> io::Result<Vec<u8>> {
    let packed = u64::try_from(stream.len()).unwrap_or(u64::MAX);
    let most = packed
        .saturating_mul(MOST_TIMES)
        .saturating_add(ALWAYS)
        .min(LARGEST_LIST);
    let mut plain = Vec::new();
    let decoder = zstd::Decoder::new(stream)?;
    if io::copy(&mut io::Read::take(decoder, most + 1), &mut plain)? > most {
        return Err(damaged(format!(
            "the list is larger than {most} bytes, which no scan of {packed} packed ones is"
        )));
    }
    Ok(plain)
}

/// Whether a list may have so many servers.
fn check_count(count: u64, most: Most) -> io::Result<()> {
    if count > most.servers {
        return Err(damaged(format!(
            "the list has {count} servers, and no scan has more than {}",
            most.servers
        )));
    }
    Ok(())
}

fn damaged(what: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.into())
}

#[cfg(test)]
mod tests;
