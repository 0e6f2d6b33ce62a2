//! The explorer without a terminal: keys in, effects and screens out.

mod commands;
mod difference;
mod fixture;
mod palette;
mod plain;
mod properties;
mod screens;
mod scripts;
