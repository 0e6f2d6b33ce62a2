//! Azure's times: with a zone, without one, with seven digits of a second.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Reads a time as Azure writes it. A time without a zone is UTC, as Azure's documentation of these members says.
#[must_use]
pub fn parse_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse::<Timestamp>().ok().or_else(|| {
        let civil: DateTime = text.parse().ok()?;
        TimeZone::UTC.to_timestamp(civil).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_with_and_without_zone_and_with_seven_digits_are_read() {
        let expected: Timestamp = "2025-10-31T10:09:31.6560907Z".parse().unwrap();
        for text in [
            "2025-10-31T10:09:31.6560907Z",
            "2025-10-31T10:09:31.6560907+00:00",
            "2025-10-31T10:09:31.6560907",
            " 2025-10-31T12:09:31.6560907+02:00",
        ] {
            assert_eq!(parse_time(text), Some(expected), "{text}");
        }
        assert_eq!(parse_time("yesterday"), None);
        assert_eq!(parse_time(""), None);
    }
}
