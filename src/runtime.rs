//! The loop: messages in, effects performed, a frame drawn when something changed.
