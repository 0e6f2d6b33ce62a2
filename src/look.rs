//! Theme and glyphs resolved for one terminal. The only room that names a colour; knows nothing of the domain.
