//! What a finding is known by over many scans: its server and its feature.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::baseline::FeatureId;

/// The fingerprint of a server's standing in a feature, as hexadecimal digits. It stays the same from scan to scan; Azure
/// does not tell resource ids apart by case.
pub fn fingerprint(server_id: &str, feature: FeatureId) -> String {
    let digest = Sha256::new()
        .chain_update(server_id.to_ascii_lowercase())
        .chain_update("\n")
        .chain_update(feature.slug())
        .finalize();
    digest
        .iter()
        .take(16)
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_tells_servers_and_features_apart_but_not_letter_case() {
        let one = fingerprint("/subscriptions/S/x", FeatureId::NativeBackup);
        assert_eq!(
            one,
            fingerprint("/Subscriptions/s/X", FeatureId::NativeBackup)
        );
        assert_ne!(
            one,
            fingerprint("/subscriptions/s/y", FeatureId::NativeBackup)
        );
        assert_ne!(
            one,
            fingerprint("/subscriptions/s/x", FeatureId::TransitEncryption)
        );
        assert_eq!(one.len(), 32);
    }
}
