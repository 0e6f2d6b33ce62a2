//! Unpacking a list. The bytes may be anyone's: every number and every length is checked.

use std::io;
use std::sync::Arc;

use super::{MOST_ROOM, Most, check_count, damaged};
use crate::baseline::FeatureId;
use crate::documents::Subscription;
use crate::posture::{Cell, Fleet, Score, ServerSummary, Tags};

/// Reads a list.
pub fn fleet(plain: &[u8], most: Most) -> io::Result<Fleet> {
    let (head, rest): ((Vec<Subscription>, u64), _) =
        postcard::take_from_bytes(plain).map_err(|error| damaged(error.to_string()))?;
    let (subscriptions, count) = head;
    check_count(count, most)?;
    // A damaged count must not take the memory.
    let room = usize::try_from(count).unwrap_or(0).min(MOST_ROOM);
    let mut servers = Vec::with_capacity(room);
    let mut reader = Reader {
        rest,
        texts: Vec::new(),
        tags: Vec::new(),
        cells: Vec::new(),
        id: String::new(),
        room_for_ids: most.ids,
    };
    for _ in 0..count {
        servers.push(reader.server()?);
    }
    if !reader.rest.is_empty() {
        return Err(damaged(format!(
            "the list goes on after its {count} servers"
        )));
    }
    Ok(Fleet {
        subscriptions,
        servers,
    })
}

/// What is left, and what servers shared until here.
struct Reader<'a> {
    rest: &'a [u8],
    texts: Vec<Arc<str>>,
    tags: Vec<Tags>,
    cells: Vec<Cell>,
    /// Where ids are put together.
    id: String,
    /// How many bytes more all ids may have: a way that stands there once can be that of every server.
    room_for_ids: u64,
}

impl<'a> Reader<'a> {
    fn server(&mut self) -> io::Result<ServerSummary> {
        let way = self.shared_text()?;
        let name = self.text()?;
        let shown = self.text()?;
        self.id.clear();
        self.id.push_str(&way);
        self.id.push_str(name);
        self.room_for_ids = self
            .room_for_ids
            .checked_sub(self.id.len() as u64)
            .ok_or_else(|| damaged("the ids of the list are longer than those of any fleet"))?;
        Ok(ServerSummary {
            id: self.id.as_str().into(),
            name: if shown.is_empty() { name } else { shown }.into(),
            resource_group: self.shared_text()?,
            subscription: self.shared_text()?,
            region: self.shared_text()?,
            version: self.shared_text()?,
            state: self.shared_text()?,
            tags: self.tags()?,
            cells: self.cells()?,
            open: self.open()?,
            score: self.score()?,
            beyond: self.score()?,
        })
    }

    fn tags(&mut self) -> io::Result<Tags> {
        let number = self.varint()?;
        if number > 0 {
            return known(&self.tags, number).cloned();
        }
        let count = self.varint()?;
        let mut tags = Vec::new();
        for _ in 0..count {
            tags.push((self.shared_text()?, self.shared_text()?));
        }
        let tags = Tags::from(tags);
        self.tags.push(tags.clone());
        Ok(tags)
    }

    fn cells(&mut self) -> io::Result<[Cell; FeatureId::COUNT]> {
        let mut cells = [Cell::default(); FeatureId::COUNT];
        for cell in &mut cells {
            let number = self.varint()?;
            *cell = if number > 0 {
                *known(&self.cells, number)?
            } else {
                let (cell, rest) = postcard::take_from_bytes(self.rest)
                    .map_err(|error| damaged(error.to_string()))?;
                self.rest = rest;
                self.cells.push(cell);
                cell
            };
        }
        Ok(cells)
    }

    fn open(&mut self) -> io::Result<[u16; 4]> {
        let mut open = [0; 4];
        for count in &mut open {
            *count = u16::try_from(self.varint()?).map_err(|_| too_large())?;
        }
        Ok(open)
    }

    fn score(&mut self) -> io::Result<Score> {
        let mut weight = || u32::try_from(self.varint()?).map_err(|_| too_large());
        Ok(Score {
            met: weight()?,
            unmet: weight()?,
        })
    }

    fn shared_text(&mut self) -> io::Result<Arc<str>> {
        let number = self.varint()?;
        if number > 0 {
            return known(&self.texts, number).cloned();
        }
        let text: Arc<str> = self.text()?.into();
        self.texts.push(text.clone());
        Ok(text)
    }

    fn text(&mut self) -> io::Result<&'a str> {
        let length = usize::try_from(self.varint()?).map_err(|_| too_large())?;
        let (text, rest) = self.rest.split_at_checked(length).ok_or_else(cut_off)?;
        self.rest = rest;
        std::str::from_utf8(text).map_err(|error| damaged(error.to_string()))
    }

    fn varint(&mut self) -> io::Result<u64> {
        let mut number = 0;
        for (place, byte) in self.rest.iter().take(9).enumerate() {
            number |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                self.rest = &self.rest[place + 1..];
                return Ok(number);
            }
        }
        Err(if self.rest.len() < 9 {
            cut_off()
        } else {
            too_large()
        })
    }
}

/// What has a number, which counts from 1.
fn known<T>(all: &[T], number: u64) -> io::Result<&T> {
    usize::try_from(number - 1)
        .ok()
        .and_then(|place| all.get(place))
        .ok_or_else(|| {
            damaged(format!(
                "the list names number {number}, which has not come"
            ))
        })
}

fn cut_off() -> io::Error {
    damaged("the list is cut off")
}

fn too_large() -> io::Error {
    damaged("a number in the list is too large")
}
