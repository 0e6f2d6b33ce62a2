//! The catalogue: families, controls, features, guidance, policies and crosswalk, as data. Knows no server.

mod feature_id;

pub use feature_id::{FeatureId, UnknownFeature};
