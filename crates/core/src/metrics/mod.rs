//! How good draws and scores are.

pub mod fisher;
pub mod stationary;
pub mod wasserstein;
