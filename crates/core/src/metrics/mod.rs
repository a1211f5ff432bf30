//! How good draws and scores are: a family of metrics a file, in double precision.

pub mod autocorrelation;
pub mod c2st;
mod classifier;
pub mod energy;
pub mod ess;
pub mod fisher;
mod fourier;
pub mod ksd;
pub mod mmd;
pub mod moments;
pub mod nearest;
mod pairs;
pub mod r_hat;
pub mod ranks;
pub mod sample;
pub mod sliced;
pub mod spectrum;
pub mod stationary;
pub mod summary;
pub mod wasserstein;
