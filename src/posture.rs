//! Judging: documents in, findings with evidence out. Pure: no clock, no file, no network.
