//! The noise of a run: ε of (seed, chain, step, dimension), made for four steps at a time.

use super::SampleConfig;
use crate::kernels::Lanes;
use crate::random::{Purpose, Stream, gaussian::normals_beside};
use core::num::NonZeroUsize;

/// Noise of the chains of one tile: ε of four steps at a time, and of the four after where the step looks ahead.
pub(crate) struct TileNoise<L, const T: usize> {
    stream: Stream,
    antithetic: bool,
    first_chain: u32,
    quad: Option<u64>,
    /// [dimension][4 steps][T], now and next.
    now: Vec<[[L; T]; 4]>,
    next: Vec<[[L; T]; 4]>,
}

impl<L: Lanes, const T: usize> TileNoise<L, T> {
    pub(crate) fn new(config: &SampleConfig, first_chain: u32, n: usize) -> Self {
        let blank = vec![[[L::zero(); T]; 4]; n];
        Self {
            stream: Stream::new(config.seed, Purpose::Langevin),
            antithetic: config.antithetic,
            first_chain,
            quad: None,
            now: blank.clone(),
            next: blank,
        }
    }

    fn quad(&self, quad: u64, buffer: &mut [[[L; T]; 4]]) {
        let buffer = buffer.as_flattened_mut().as_flattened_mut();
        let vectors = NonZeroUsize::new(T).expect("a tile has vectors");
        four_steps(
            self.stream,
            self.antithetic,
            self.first_chain,
            quad,
            vectors,
            buffer,
        );
    }

    /// Makes the noise of absolute step `step` ready; true when a new quad began.
    #[inline(always)]
    pub(crate) fn prepare(&mut self, step: u64, looks_ahead: bool) -> bool {
        let quad = step / 4;
        if self.quad == Some(quad) {
            return false;
        }
        let mut now = core::mem::take(&mut self.now);
        let mut next = core::mem::take(&mut self.next);
        if looks_ahead && self.quad.is_some_and(|last| last + 1 == quad) {
            core::mem::swap(&mut now, &mut next);
        } else {
            self.quad(quad, &mut now);
        }
        if looks_ahead {
            self.quad(quad + 1, &mut next);
        }
        (self.now, self.next) = (now, next);
        self.quad = Some(quad);
        true
    }

    /// ε of dimension d at a prepared step, and of the step after.
    #[inline(always)]
    pub(crate) fn get(&self, step: u64, d: usize) -> ([L; T], [L; T]) {
        let k = (step % 4) as usize;
        let after = if k < 3 {
            self.now[d][k + 1]
        } else {
            self.next[d][0]
        };
        (self.now[d][k], after)
    }
}

/// ε of four steps for tiles of some vectors of chains, [dimension][4][vectors]. One function for tiles of every width, and a call for all
/// of them, two side by side: engines make all its constants before they begin, and each has long to wait for what it needs.
#[inline(never)]
fn four_steps<L: Lanes>(
    stream: Stream,
    antithetic: bool,
    first_chain: u32,
    quad: u64,
    vectors: NonZeroUsize,
    buffer: &mut [L],
) {
    let count = buffer.len() / 4;
    for first in (0..count).step_by(2) {
        // Of an odd number the last is made twice.
        let both = [first, (first + 1).min(count - 1)];
        let places = both.map(|at| {
            let chain = first_chain.wrapping_add((at % vectors * L::WIDTH) as u32);
            (chain, (at / vectors) as u32)
        });
        let normals = normals_beside(stream, antithetic, places, quad);
        for (at, normals) in both.into_iter().zip(normals) {
            for (k, z) in normals.into_iter().enumerate() {
                // Never missing; but a check of bounds would be a way out of the loop, which keeps engines from making constants ahead.
                if let Some(place) = buffer.get_mut((at / vectors * 4 + k) * vectors.get() + at % vectors) {
                    *place = z;
                }
            }
        }
    }
}
