//! The explorer without a terminal: keys in, effects and screens out.

mod difference;
mod fixture;
mod live;
mod properties;
mod screens;
mod scripts;
