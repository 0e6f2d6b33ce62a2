//! Bodies of documents, compressed with a dictionary that ships with the program.
//!
//! The dictionary is plain JSON of the shapes that Azure answers, one document a line: zstd takes it as content to refer
//! back to. It has a version; a file names the version it was written with, and every version ever shipped stays.

use std::io;

use serde_json::Value;
use zstd::bulk::{Compressor, Decompressor};

use super::lean;

/// The dictionary that new files are written with.
pub const NEWEST_DICTIONARY: i64 = 1;
const DICTIONARY_1: &[u8] = include_bytes!("../../assets/store/dictionary-1.json");
/// zstd's level. This one searches the dictionary thoroughly: files are a quarter smaller than at 3, its default, for
/// about a millisecond a server, which is little beside the reading of its parameters.
const LEVEL: i32 = 9;
/// A body larger than this, as JSON, is neither kept nor unpacked: no answer of Azure is near it. In bytes.
const LARGEST_BODY: usize = 64 << 20;

/// Whether a body is small enough to be kept.
#[must_use]
pub fn can_be_kept(body: &Value) -> bool {
    serde_json::to_writer(Room(LARGEST_BODY), body).is_ok()
}

/// So many bytes may be written; where they go is nobody's concern.
struct Room(usize);

impl io::Write for Room {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self
            .0
            .checked_sub(bytes.len())
            .ok_or(io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Packs and unpacks bodies.
pub struct Bodies {
    compressor: Compressor<'static>,
    decompressor: Decompressor<'static>,
    /// How many bytes came out so far.
    unpacked: u64,
}

impl Bodies {
    /// For a version of the dictionary; `None` when this program does not have it.
    pub fn new(dictionary: i64) -> Option<io::Result<Self>> {
        let dictionary = match dictionary {
            1 => DICTIONARY_1,
            _ => return None,
        };
        Some(
            Compressor::with_dictionary(LEVEL, dictionary).and_then(|mut compressor| {
                // Four bytes a body: a damaged one is found where it is read, and not only in the digest of all.
                compressor.include_checksum(true)?;
                Ok(Self {
                    compressor,
                    decompressor: Decompressor::with_dictionary(dictionary)?,
                    unpacked: 0,
                })
            }),
        )
    }

    /// How many bytes of bodies were unpacked so far.
    pub const fn unpacked(&self) -> u64 {
        self.unpacked
    }

    /// Packs a body.
    ///
    /// # Errors
    /// When the body is larger than any that is read back, see [`can_be_kept`]; and when zstd refuses, which it does only
    /// for want of memory.
    pub fn pack(&mut self, body: &Value) -> io::Result<Vec<u8>> {
        let text = body.to_string();
        if text.len() > LARGEST_BODY {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a body is larger than a scan keeps",
            ));
        }
        self.compressor.compress(text.as_bytes())
    }

    /// Unpacks a body.
    ///
    /// # Errors
    /// When the bytes are not what [`Bodies::pack`] wrote.
    pub fn unpack(&mut self, bytes: &[u8]) -> io::Result<Value> {
        Ok(serde_json::from_slice(&self.text(bytes)?)?)
    }

    /// Unpacks a list of parameters for the judge alone, see [`lean`].
    ///
    /// # Errors
    /// When the bytes are not what [`Bodies::pack`] wrote.
    pub fn unpack_judged_parameters(&mut self, bytes: &[u8]) -> io::Result<Value> {
        Ok(lean::parameters(&self.text(bytes)?)?)
    }

    fn text(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let size = zstd::zstd_safe::get_frame_content_size(bytes)
            .ok()
            .flatten()
            .and_then(|size| usize::try_from(size).ok())
            .filter(|size| *size <= LARGEST_BODY)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a body of no sane size"))?;
        let text = self.decompressor.decompress(bytes, size)?;
        self.unpacked = self.unpacked.saturating_add(text.len() as u64);
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_body_comes_back_as_it_was() {
        let mut bodies = Bodies::new(NEWEST_DICTIONARY).unwrap().unwrap();
        for body in [
            json!({}),
            json!({"value": [{"name": "tls_version", "properties": {"value": "TLSv1.2"}}]}),
            json!({"text": "x".repeat(100_000)}),
        ] {
            let packed = bodies.pack(&body).unwrap();
            assert_eq!(bodies.unpack(&packed).unwrap(), body);
        }
    }

    #[test]
    fn what_could_not_be_read_back_is_not_written() {
        let mut bodies = Bodies::new(NEWEST_DICTIONARY).unwrap().unwrap();
        // With its quotes it has two bytes more.
        let largest = json!("x".repeat(LARGEST_BODY - 2));
        assert!(can_be_kept(&largest));
        let packed = bodies.pack(&largest).unwrap();
        assert!(bodies.unpack(&packed).unwrap() == largest);
        let larger = json!("x".repeat(LARGEST_BODY - 1));
        assert!(!can_be_kept(&larger));
        assert!(bodies.pack(&larger).is_err());
    }

    #[test]
    fn the_dictionary_is_json_about_nobody_and_no_larger_than_64_kib() {
        let text = std::str::from_utf8(DICTIONARY_1).unwrap();
        assert!(text.len() <= 64 << 10, "{}", text.len());
        for line in text.lines() {
            let body: Value = serde_json::from_str(line).unwrap();
            assert_eq!(body.to_string(), line, "not in the form that is stored");
        }
        let is_id = |piece: &&str| piece.len() == 36 && piece.matches('-').count() == 4;
        let pieces = text.split(|c: char| !c.is_ascii_hexdigit() && c != '-');
        let ids: Vec<&str> = pieces.filter(is_id).collect();
        assert!(!ids.is_empty());
        for id in ids {
            assert!(id.chars().all(|c| c == '0' || c == '-'), "{id}");
        }
    }

    #[test]
    fn parameters_are_found_in_the_dictionary() {
        let parameter = |name: &str, value: &str| {
            json!({
                "id": format!("/subscriptions/s/resourceGroups/g/configurations/{name}"),
                "name": name,
                "properties": {"currentValue": value, "dataType": "Enumeration", "value": value},
            })
        };
        let body = json!({"value": [
            parameter("audit_log_enabled", "OFF"),
            parameter("require_secure_transport", "ON"),
            parameter("local_infile", "OFF"),
        ]});
        let mut bodies = Bodies::new(NEWEST_DICTIONARY).unwrap().unwrap();
        let packed = bodies.pack(&body).unwrap().len();
        let alone = zstd::bulk::compress(body.to_string().as_bytes(), LEVEL).unwrap();
        assert!(packed * 4 < alone.len() * 3, "{packed} and {}", alone.len());
    }

    #[test]
    fn junk_is_an_error() {
        let mut bodies = Bodies::new(NEWEST_DICTIONARY).unwrap().unwrap();
        for junk in [
            &b""[..],
            b"junk",
            &[0x28, 0xb5, 0x2f, 0xfd, 0xff, 0xff, 0xff],
        ] {
            assert!(bodies.unpack(junk).is_err());
        }
        assert!(Bodies::new(99).is_none());
    }
}
