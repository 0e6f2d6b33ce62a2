//! When a request is tried again, and after how long.

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;

/// The first back-off; each further one is twice as long.
const FIRST: Duration = Duration::from_millis(500);

/// The longest back-off.
const LONGEST: Duration = Duration::from_secs(30);

/// The shortest wait after "too many requests" without a word about how long.
const THROTTLED: Duration = Duration::from_secs(1);

/// Whether an answer with this status may be another one the next time.
pub(super) const fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

/// The wait before the try after the `tries`-th one: anything up to the exponential back-off, so that those who failed
/// together do not come back together.
pub(super) fn back_off(tries: u32) -> Duration {
    ceiling(tries).mul_f64(fastrand::f64())
}

/// The wait after "too many requests" without a word about how long.
pub(super) fn throttled_back_off(tries: u32) -> Duration {
    THROTTLED.max(ceiling(tries)) + back_off(tries)
}

fn ceiling(tries: u32) -> Duration {
    FIRST
        .saturating_mul(2u32.saturating_pow(tries.saturating_sub(1)))
        .min(LONGEST)
}

/// How long the answer says to wait: milliseconds as some services write them, else seconds or a date (RFC 9110,
/// section 10.2.3).
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    for name in ["retry-after-ms", "x-ms-retry-after-ms"] {
        if let Some(milliseconds) = text(name).and_then(|text| text.parse().ok()) {
            return Some(Duration::from_millis(milliseconds));
        }
    }
    let value = text("retry-after")?;
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that is too large for us is a very long wait all the same.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// By how many seconds the clock of who answered is ahead of ours.
pub(super) fn clock_ahead(headers: &HeaderMap, now: SystemTime) -> Option<i64> {
    let date = headers.get("date")?.to_str().ok()?;
    let theirs = httpdate::parse_http_date(date).ok()?;
    let seconds = |span: Duration| i64::try_from(span.as_secs()).ok();
    match theirs.duration_since(now) {
        Ok(ahead) => seconds(ahead),
        Err(behind) => seconds(behind.duration()).map(|it| -it),
    }
}

/// A wait as `hh:mm:ss`, the way Resource Graph writes when its quota comes back.
pub(super) fn clock_span(text: &str) -> Option<Duration> {
    let mut parts = text.trim().split(':');
    let mut next = || parts.next()?.parse::<u32>().ok();
    let (hours, minutes, seconds) = (next()?, next()?, next()?);
    let seconds = u64::from(hours) * 3600 + u64::from(minutes) * 60 + u64::from(seconds);
    parts.next().is_none().then(|| Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn a_clock_is_ahead_or_behind_by_whole_seconds() {
        let now = httpdate::parse_http_date("Wed, 21 Oct 2015 07:28:00 GMT").unwrap();
        let ahead = |date: &str| clock_ahead(&headers(&[("date", date)]), now);
        assert_eq!(ahead("Wed, 21 Oct 2015 07:38:00 GMT"), Some(600));
        assert_eq!(ahead("Wed, 21 Oct 2015 07:27:30 GMT"), Some(-30));
        assert_eq!(ahead("soon"), None);
        assert_eq!(clock_ahead(&HeaderMap::new(), now), None);
    }

    #[test]
    fn retry_after_in_every_form() {
        let now = httpdate::parse_http_date("Wed, 21 Oct 2015 07:28:00 GMT").unwrap();
        let read = |pairs: &[(&'static str, &str)]| retry_after(&headers(pairs), now);
        assert_eq!(
            read(&[("retry-after", "17")]),
            Some(Duration::from_secs(17))
        );
        assert_eq!(
            read(&[("retry-after", "Wed, 21 Oct 2015 07:28:30 GMT")]),
            Some(Duration::from_secs(30))
        );
        assert_eq!(
            read(&[("retry-after", "Wed, 21 Oct 2015 07:00:00 GMT")]),
            Some(Duration::ZERO)
        );
        assert_eq!(
            read(&[("retry-after", "17"), ("retry-after-ms", "250")]),
            Some(Duration::from_millis(250))
        );
        assert_eq!(
            read(&[("x-ms-retry-after-ms", "90")]),
            Some(Duration::from_millis(90))
        );
        assert_eq!(
            read(&[("retry-after", "99999999999999999999999")]),
            Some(Duration::from_secs(u64::MAX))
        );
        for junk in ["", "soon", "-1", "1.5", "+5", "5 s"] {
            assert_eq!(read(&[("retry-after", junk)]), None, "{junk}");
        }
        assert_eq!(read(&[]), None);
    }

    #[test]
    fn back_off_grows_and_has_a_ceiling() {
        for tries in 1..=50 {
            let most = FIRST
                .saturating_mul(2u32.saturating_pow(tries - 1))
                .min(LONGEST);
            for _ in 0..100 {
                assert!(back_off(tries) <= most);
                assert!(throttled_back_off(tries) >= THROTTLED);
                assert!(throttled_back_off(tries) <= LONGEST * 2);
            }
        }
    }

    #[test]
    fn quota_spans() {
        assert_eq!(clock_span("00:00:05"), Some(Duration::from_secs(5)));
        assert_eq!(clock_span("01:02:03"), Some(Duration::from_secs(3723)));
        for junk in ["", "5", "00:05", "00:00:05:00", "-1:00:00", "a:b:c"] {
            assert_eq!(clock_span(junk), None, "{junk}");
        }
    }
}
