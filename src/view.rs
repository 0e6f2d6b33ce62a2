//! A frame is a function of the state: one screen a file, one panel a file.
