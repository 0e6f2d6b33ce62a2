//! The state machine: state, messages, effects, `update`. Pure: no clock, no file, no terminal, no task runtime.
