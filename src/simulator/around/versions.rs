//! What api-versions of the providers around servers are known to exist.

/// The api-versions of diagnostic settings that are known to be answered.
pub(super) const DIAGNOSTICS: [&str; 2] = ["2017-05-01-preview", "2021-05-01-preview"];

pub(super) const LOCKS: [&str; 4] = ["2015-01-01", "2016-09-01", "2017-04-01", "2020-05-01"];

/// Of what the roles of the caller grant.
pub(super) const PERMISSIONS: [&str; 4] = [
    "2015-07-01",
    "2018-01-01-preview",
    "2018-07-01",
    "2022-04-01",
];

pub(super) const PRICINGS: [&str; 5] = [
    "2017-08-01-preview",
    "2018-06-01",
    "2022-03-01",
    "2023-01-01",
    "2024-01-01",
];

pub(super) const LOCKBOX: [&str; 1] = ["2018-02-28-preview"];

/// Of virtual networks and network security groups alike.
pub(super) const NETWORK: [&str; 34] = [
    "2018-08-01",
    "2018-11-01",
    "2019-02-01",
    "2019-04-01",
    "2019-06-01",
    "2019-09-01",
    "2019-11-01",
    "2019-12-01",
    "2020-03-01",
    "2020-04-01",
    "2020-05-01",
    "2020-06-01",
    "2020-07-01",
    "2020-08-01",
    "2020-11-01",
    "2021-02-01",
    "2021-03-01",
    "2021-05-01",
    "2021-08-01",
    "2022-01-01",
    "2022-05-01",
    "2022-07-01",
    "2022-09-01",
    "2022-11-01",
    "2023-02-01",
    "2023-04-01",
    "2023-05-01",
    "2023-06-01",
    "2023-09-01",
    "2023-11-01",
    "2024-01-01",
    "2024-03-01",
    "2024-05-01",
    "2026-03-01",
];

/// Keys came with 2019-09-01, managed HSMs later; the simulator tells no difference.
pub(super) const VAULTS: [&str; 12] = [
    "2016-10-01",
    "2018-02-14",
    "2019-09-01",
    "2021-10-01",
    "2022-07-01",
    "2022-11-01",
    "2023-02-01",
    "2023-07-01",
    "2024-04-01-preview",
    "2024-11-01",
    "2025-05-01",
    "2026-05-15",
];
