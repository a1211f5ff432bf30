//! Counter-based random streams: every number has an address (seed, purpose, index, step, dimension), never a history.
//!
//! Philox4x32-10 turns the address into four words; Box–Muller turns those into four normals, with no rejection.

pub mod directions;
pub mod gaussian;
pub mod permutation;
pub mod philox;

use crate::kernels::IntLanes;

/// What a random number is for. The numbers are part of stream version 1 and never change meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Purpose {
    /// Brownian increments of a chain.
    Langevin = 1,
    /// Starting states of chains.
    Start = 2,
    /// Draws of the target that train a network.
    TrainingData = 3,
    /// Noise added to training data.
    TrainingNoise = 4,
    /// Initial weights.
    Weights = 5,
    /// Order of the data within an epoch.
    Shuffle = 6,
    /// Tail anchors of the closed form.
    Anchors = 7,
    /// Rays of the confinement report.
    Rays = 8,
    /// Exact draws of a target that a user asks for.
    TargetDraws = 9,
    /// Noise levels of training samples, where those are an input.
    NoiseLevels = 10,
    /// Parameters that a simulator is given.
    Parameters = 11,
    /// What is random in a simulator.
    Simulations = 12,
    /// Directions of the sliced Wasserstein distance.
    SlicedDirections = 20,
    /// Initial weights, folds and order of the classifier two-sample test.
    Classifier = 21,
}

/// A stream of random numbers: a seed and a purpose.
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    key: [u32; 2],
    purpose: u32,
}

impl Stream {
    #[must_use]
    pub const fn new(seed: u64, purpose: Purpose) -> Self {
        Self {
            key: [seed as u32, (seed >> 32) as u32],
            purpose: purpose as u32,
        }
    }

    /// The four words at (index, time, dimension), an index a lane.
    ///
    /// `time` has 56 bits: its upper 24 share a counter word with the purpose.
    #[inline(always)]
    pub fn words<I: IntLanes>(self, index: I, time: u64, dimension: u32) -> [I; 4] {
        self.words_of([(index, dimension)], time)[0]
    }

    /// The same for several (index, dimension) side by side.
    #[inline(always)]
    pub fn words_of<I: IntLanes, const V: usize>(self, places: [(I, u32); V], time: u64) -> [[I; 4]; V] {
        debug_assert!(time < 1 << 56);
        let times = [time as u32, (self.purpose << 24) | (time >> 32) as u32].map(I::splat);
        let counters = places.map(|(index, dimension)| [times[0], times[1], index, I::splat(dimension)]);
        philox::philox4x32(counters, self.key)
    }

    /// The four words of one address. Out of line: ten rounds in each place that needs a few words would be a lot of code.
    #[must_use]
    #[inline(never)]
    pub fn word4(self, index: u32, time: u64, dimension: u32) -> [u32; 4] {
        let words = self.words(crate::kernels::ScalarWord(index), time, dimension);
        words.map(|w| w.0)
    }
}

/// A uniform number in [0, 1) from a word: 24 bits, exact in single precision.
#[must_use]
pub fn unit(word: u32) -> f32 {
    (word >> 8) as f32 * 5.960_464_5e-8
}
