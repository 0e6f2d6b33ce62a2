//! The catalogue: families, controls, features, guidance, policies and crosswalk, as data. Knows no server.
