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

/// A packed list larger than this when unpacked is refused. In bytes.
const LARGEST_LIST: u64 = 2 << 30;

/// The most servers for which room is made before they are read.
const MOST_ROOM: usize = 1 << 17;

/// Unpacks a list.
///
/// # Errors
/// When the bytes are not what [`Packer`] wrote, now or in an older version.
pub fn unpack(bytes: &[u8]) -> io::Result<Fleet> {
    match bytes.strip_prefix(MAGIC) {
        Some(stream) => read::fleet(&plain(stream)?),
        None => long::fleet(&plain(bytes)?),
    }
}

fn plain(stream: &[u8]) -> io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    let decoder = zstd::Decoder::new(stream)?;
    io::copy(&mut io::Read::take(decoder, LARGEST_LIST), &mut plain)?;
    Ok(plain)
}

fn damaged(what: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.into())
}

#[cfg(test)]
mod tests;
