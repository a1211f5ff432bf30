//! Recurrent neural networks that sample: the networks of Chen, Jiang, Rao and Shea-Brown (NeurIPS 2023), their training by
//! denoising score matching, and their Langevin dynamics, with bits that depend on nothing but configuration, data and seed.

pub mod allocator;
pub mod eigen;
pub mod error;
pub mod hash;
pub mod kernels;
pub mod langevin;
pub mod linear_algebra;
pub mod math;
pub mod metrics;
pub mod network;
pub mod order;
pub mod principal_components;
pub mod random;
pub mod score_matching;
pub mod targets;

pub use error::{Error, Result};

/// The version of everything that decides bits: random addresses, order of sums, elementary functions.
pub const STREAM_VERSION: u32 = 1;
