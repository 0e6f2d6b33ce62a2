//! The explorer without a terminal: keys in, effects and screens out.

mod commands;
mod difference;
mod fixture;
mod hostile;
mod kept;
mod links;
mod live;
mod many;
mod palette;
mod plain;
mod pointer;
mod properties;
mod raw;
mod screens;
mod scripts;
mod search_screens;
mod searches;
mod session;
mod ways;
