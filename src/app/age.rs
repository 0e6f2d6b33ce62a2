//! Moments and ages in words.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// How long ago something was, in the largest unit that says enough: `6 min`, `3 h`, `12 days`.
#[must_use]
pub fn age(now: Timestamp, then: Timestamp) -> String {
    let seconds = now.duration_since(then).as_secs();
    match seconds {
        ..60 => "under 1 min".to_owned(),
        60..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// A moment in local time, with the zone.
#[must_use]
pub fn moment(time: Timestamp, zone: &TimeZone) -> String {
    let info = zone.to_offset_info(time);
    let civil = zone.to_datetime(time);
    format!(
        "{} {}",
        civil.strftime("%d %b %Y %H:%M"),
        info.abbreviation()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_use_the_unit_that_says_enough() {
        let then: Timestamp = "2026-11-23T14:02:00Z".parse().unwrap();
        for (now, words) in [
            ("2026-11-23T14:01:00Z", "under 1 min"),
            ("2026-11-23T14:02:59Z", "under 1 min"),
            ("2026-11-23T14:08:00Z", "6 min"),
            ("2026-11-23T17:02:00Z", "3 h"),
            ("2026-12-05T14:02:00Z", "12 days"),
        ] {
            assert_eq!(age(now.parse().unwrap(), then), words, "{now}");
        }
        assert_eq!(moment(then, &TimeZone::UTC), "23 Nov 2026 14:02 UTC");
    }
}
