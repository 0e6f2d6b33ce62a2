//! Packing a list, server by server.

use std::collections::HashMap;
use std::hash::Hash;
use std::io::{self, Write};

use super::MAGIC;
use crate::documents::Subscription;
use crate::posture::{Cell, ServerSummary};

/// Packs a list, so that no more than one server is in memory, and what servers share.
pub struct Packer {
    stream: zstd::Encoder<'static, Vec<u8>>,
    texts: Known<Box<str>>,
    tags: Known<Vec<(u64, u64)>>,
    cells: Known<Cell>,
    server: Vec<u8>,
}

impl Packer {
    /// Starts a list with its subscriptions and the number of servers to come.
    ///
    /// # Errors
    /// When zstd refuses.
    pub fn new(subscriptions: &[Subscription], servers: u64) -> io::Result<Self> {
        let mut stream = zstd::Encoder::new(MAGIC.to_vec(), 1)?;
        let head = postcard::to_stdvec(&(subscriptions, servers)).map_err(io::Error::other)?;
        stream.write_all(&head)?;
        Ok(Self {
            stream,
            texts: Known::default(),
            tags: Known::default(),
            cells: Known::default(),
            server: Vec::new(),
        })
    }

    /// Adds a server.
    ///
    /// # Errors
    /// When zstd refuses.
    pub fn server(&mut self, server: &ServerSummary) -> io::Result<()> {
        self.server.clear();
        let (way, name) = match server.id.rfind('/') {
            Some(place) => server.id.split_at(place + 1),
            None => ("", &*server.id),
        };
        self.shared_text(way);
        text(&mut self.server, name);
        // A name is shown neutral, and most are neutral as they are.
        let shown = if *server.name == *name {
            ""
        } else {
            &server.name
        };
        text(&mut self.server, shown);
        for shared in [
            &server.resource_group,
            &server.subscription,
            &server.region,
            &server.version,
            &server.state,
        ] {
            self.shared_text(shared);
        }
        self.tags(server)?;
        for cell in server.cells {
            let (number, is_new) = self.cells.number(cell);
            refer(&mut self.server, number, is_new);
            if is_new {
                let bytes = postcard::to_stdvec(&cell).map_err(io::Error::other)?;
                self.server.extend(bytes);
            }
        }
        let weights = [
            server.score.met,
            server.score.unmet,
            server.beyond.met,
            server.beyond.unmet,
        ];
        for number in server.open.map(u64::from) {
            varint(&mut self.server, number);
        }
        for number in weights.map(u64::from) {
            varint(&mut self.server, number);
        }
        self.stream.write_all(&self.server)
    }

    /// The packed list.
    ///
    /// # Errors
    /// When zstd refuses.
    pub fn finish(self) -> io::Result<Vec<u8>> {
        self.stream.finish()
    }

    /// Writes the number of a text; where it is new, the text. Returns the number.
    fn shared_text(&mut self, shared: &str) -> u64 {
        let (number, is_new) = self.texts.number_of(shared);
        refer(&mut self.server, number, is_new);
        if is_new {
            text(&mut self.server, shared);
        }
        number
    }

    /// Writes the number of the set of tags; where it is new, how many there are and each name and value.
    fn tags(&mut self, server: &ServerSummary) -> io::Result<()> {
        // What is new among the texts has to stand behind the number of the set.
        let place = self.server.len();
        let set: Vec<(u64, u64)> = server
            .tags
            .iter()
            .map(|(name, value)| (self.shared_text(name), self.shared_text(value)))
            .collect();
        let content = self.server.split_off(place);
        let count = set.len() as u64;
        let (number, is_new) = self.tags.number(set);
        refer(&mut self.server, number, is_new);
        if is_new {
            varint(&mut self.server, count);
            self.server.extend(content);
        }
        Ok(())
    }
}

/// Numbers of what came already, from 1.
struct Known<T>(HashMap<T, u64>);

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Eq + Hash> Known<T> {
    /// The number of something, and whether it is new.
    fn number(&mut self, it: T) -> (u64, bool) {
        let next = self.0.len() as u64 + 1;
        match self.0.get(&it) {
            Some(number) => (*number, false),
            None => {
                self.0.insert(it, next);
                (next, true)
            }
        }
    }
}

impl Known<Box<str>> {
    /// The same for a text, which is copied only when it is new.
    fn number_of(&mut self, text: &str) -> (u64, bool) {
        match self.0.get(text) {
            Some(number) => (*number, false),
            None => self.number(text.into()),
        }
    }
}

/// What comes for the first time stands there as 0.
fn refer(bytes: &mut Vec<u8>, number: u64, is_new: bool) {
    varint(bytes, if is_new { 0 } else { number });
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    varint(bytes, text.len() as u64);
    bytes.extend(text.as_bytes());
}

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
fn varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}
