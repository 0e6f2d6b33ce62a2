//! What Azure answered, as serde shapes, and what became of every read. Pure: no clock, no file, no network.
