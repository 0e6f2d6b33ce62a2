//! Pseudonyms out of a key that nobody keeps: the same text has the same one within a file, and no other file has it.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read};

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// How many hexadecimal digits a word has: of 100,000 names two share one with a chance of less than one in ten million.
const DIGITS: usize = 14;

/// The pseudonyms of one file.
pub struct Pseudonyms(Hmac<Sha256>);

impl Pseudonyms {
    /// Those of a new key from the random numbers of the system.
    ///
    /// # Errors
    /// When the system gives none.
    pub fn new() -> io::Result<Self> {
        let mut key = [0; 32];
        File::open("/dev/urandom")?.read_exact(&mut key)?;
        Ok(Self::with(key))
    }

    /// Those of this key.
    pub(super) fn with(key: [u8; 32]) -> Self {
        Self(Hmac::new_from_slice(&key).unwrap_or_else(|_| unreachable!("any length serves")))
    }

    fn digest(&self, of: &str, text: &[u8]) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(of.as_bytes());
        mac.update(&[0]);
        mac.update(text);
        mac.finalize().into_bytes().into()
    }

    /// The first hexadecimal digits for a text, whatever its casing.
    fn digits(&self, of: &str, text: &str, count: usize) -> String {
        let digest = self.digest(of, text.trim().to_lowercase().as_bytes());
        let mut digits = String::with_capacity(64);
        for byte in digest {
            let _ = write!(digits, "{byte:02x}");
        }
        digits.truncate(count);
        digits
    }

    /// A name in the place of another: a letter and digits, which serve wherever Azure takes a name.
    pub fn name(&self, text: &str) -> String {
        if text.trim().is_empty() {
            return text.to_owned();
        }
        format!("x{}", self.digits("name", text, DIGITS))
    }

    /// A GUID in the place of another. That of zeros, which names nothing, stays.
    pub fn guid(&self, text: &str) -> String {
        if text.bytes().all(|byte| matches!(byte, b'0' | b'-')) {
            return text.to_owned();
        }
        let digits = self.digits("guid", text, 32);
        // Version 4 and the variant of RFC 9562.
        format!(
            "{}-{}-4{}-a{}-{}",
            &digits[..8],
            &digits[8..12],
            &digits[13..16],
            &digits[17..20],
            &digits[20..]
        )
    }

    /// As many hexadecimal digits in the place of others, up to 64.
    pub fn hexadecimal(&self, text: &str) -> String {
        self.digits("hexadecimal", text, text.len())
    }

    /// A coin for one place in a tree of addresses.
    pub fn coin(&self, family: u8, length: u8, prefix: u128) -> bool {
        let mut place = [0; 18];
        place[0] = family;
        place[1] = length;
        place[2..].copy_from_slice(&prefix.to_be_bytes());
        self.digest("address", &place)[0] & 1 == 1
    }
}

/// Whether a text is a GUID in the form with dashes.
pub fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_pseudonym_in_a_file_and_another_in_the_next() {
        let (one, other) = (Pseudonyms::new().unwrap(), Pseudonyms::new().unwrap());
        assert_eq!(one.name("Shop"), one.name("shop"));
        assert_ne!(one.name("shop"), one.name("shop2"));
        assert_ne!(one.name("shop"), other.name("shop"));
        assert_eq!(one.name(""), "");
        let guid = "6f2e1a9c-0d3b-4b7e-8a55-1c2d3e4f5a6b";
        assert!(is_guid(&one.guid(guid)));
        assert_eq!(one.guid(guid), one.guid(&guid.to_uppercase()));
        assert_ne!(one.guid(guid), other.guid(guid));
        let nobody = "00000000-0000-0000-0000-000000000000";
        assert_eq!(one.guid(nobody), nobody);
        assert_eq!(one.hexadecimal("0123456789abcdef").len(), 16);
    }
}
