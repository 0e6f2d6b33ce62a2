//! What a file system can do, as far as writing a scan depends on it.

use std::path::Path;

/// File systems whose files another machine holds, by the magic numbers of Linux's `statfs(2)`: NFS, SMB, CIFS, SMB2, Coda,
/// AFS, Ceph, 9P, and all that is made by FUSE, which may be anything.
#[cfg(target_os = "linux")]
const OF_OTHER_MACHINES: [u32; 9] = [
    0x6969,
    0x517b,
    0xff53_4d42,
    0xfe53_4d42,
    0x7375_7245,
    0x5346_414f,
    0x00c3_6400,
    0x0102_1997,
    0x6573_5546,
];

/// Whether readers on this machine and the writer share memory through a file of this folder. A write-ahead log needs
/// that; where another machine holds the files, its readers do not.
#[cfg(target_os = "linux")]
pub(super) fn shares_memory(folder: &Path) -> bool {
    let kind = rustix::fs::statfs(folder).map(|found| found.f_type);
    // The number is signed on some machines; only its lower 32 bits mean anything.
    kind.is_ok_and(|kind| {
        let kind = u32::try_from(i128::from(kind) & 0xffff_ffff).unwrap_or(0);
        !OF_OTHER_MACHINES.contains(&kind)
    })
}

/// The same, by the flag of macOS's `statfs(2)` for what this machine holds itself.
#[cfg(target_os = "macos")]
pub(super) fn shares_memory(folder: &Path) -> bool {
    const MNT_LOCAL: u32 = 0x1000;
    rustix::fs::statfs(folder).is_ok_and(|found| found.f_flags & MNT_LOCAL != 0)
}

/// The same where nothing tells.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub(super) fn shares_memory(_folder: &Path) -> bool {
    false
}
