//! The explorer without a terminal: keys in, effects and screens out.

mod difference;
mod fixture;
mod links;
mod live;
mod many;
mod pointer;
mod properties;
mod screens;
mod scripts;
mod session;
