//! The packed fingerprints of a finished scan, in the order of its list: read by a difference of two scans and by nobody
//! else, so that opening stays as fast as it was.
//!
//! One zstd stream: all numbers of the first server, those of the second, and so on. See [`Fingerprints`].

use std::io::{self, Read, Write};

use crate::posture::Fingerprints;

/// zstd's level: at this one the stream takes a third less room than at 1, for a few milliseconds more.
const LEVEL: i32 = 3;

/// Packs fingerprints server by server.
pub struct Packer(zstd::Encoder<'static, Vec<u8>>);

impl Packer {
    /// Starts a stream.
    ///
    /// # Errors
    /// When zstd refuses.
    pub fn new() -> io::Result<Self> {
        Ok(Self(zstd::Encoder::new(Vec::new(), LEVEL)?))
    }

    /// Adds a server.
    ///
    /// # Errors
    /// When zstd refuses.
    pub fn server(&mut self, bytes: &[u8; Fingerprints::BYTES]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    /// The packed stream.
    ///
    /// # Errors
    /// When zstd refuses.
    pub fn finish(self) -> io::Result<Vec<u8>> {
        self.0.finish()
    }
}

/// Unpacks the fingerprints of this many servers.
///
/// # Errors
/// When the bytes are not what [`Packer`] wrote, or of another number of servers.
pub fn unpack(bytes: &[u8], servers: usize) -> io::Result<Vec<Fingerprints>> {
    let wrong = || {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("the fingerprints are not those of {servers} servers"),
        )
    };
    let mut decoder = zstd::Decoder::new(bytes)?;
    let mut one = [0; Fingerprints::BYTES];
    let mut all = Vec::new();
    for _ in 0..servers {
        decoder.read_exact(&mut one).map_err(|_| wrong())?;
        all.push(Fingerprints::from_bytes(&one).ok_or_else(wrong)?);
    }
    match decoder.read(&mut one)? {
        0 => Ok(all),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::FeatureId;

    #[test]
    fn they_come_back_in_order_and_another_number_of_servers_is_an_error() {
        let of = |number| Fingerprints([number; FeatureId::COUNT]);
        let mut packer = Packer::new().unwrap();
        for number in 0..3 {
            packer.server(&of(number).to_bytes()).unwrap();
        }
        let packed = packer.finish().unwrap();
        assert_eq!(unpack(&packed, 3).unwrap(), [of(0), of(1), of(2)]);
        for servers in [0, 2, 4, usize::MAX] {
            assert!(unpack(&packed, servers).is_err(), "{servers}");
        }
        assert!(unpack(b"junk", 1).is_err());
    }
}
