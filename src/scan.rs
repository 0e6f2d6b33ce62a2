//! Reading a fleet: what to read, with which concurrency, and what becomes of it.
