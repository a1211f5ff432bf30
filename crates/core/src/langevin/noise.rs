//! The noise of a run: ε of (seed, chain, step, dimension), made for four steps at a time.

use super::SampleConfig;
use crate::kernels::Lanes;
use crate::random::{Purpose, Stream, gaussian::normals_beside};
use core::array;
use core::num::NonZeroUsize;

/// Noise of the chains of one tile: ε of four steps at a time, and of the four after where the step looks ahead.
pub(crate) struct TileNoise<L, const T: usize> {
    stream: Stream,
    antithetic: bool,
    first_chain: u32,
    quad: Option<u64>,
    /// [pair of vectors][4 steps][2], now and next; vectors are of [dimension][T].
    now: Vec<[[L; 2]; 4]>,
    next: Vec<[[L; 2]; 4]>,
}

impl<L: Lanes, const T: usize> TileNoise<L, T> {
    pub(crate) fn new(config: &SampleConfig, first_chain: u32, n: usize) -> Self {
        let blank = vec![[[L::zero(); 2]; 4]; (n * T).div_ceil(2)];
        Self {
            stream: Stream::new(config.seed, Purpose::Langevin),
            antithetic: config.antithetic,
            first_chain,
            quad: None,
            now: blank.clone(),
            next: blank,
        }
    }

    fn quad(&self, quad: u64, buffer: &mut [[[L; 2]; 4]]) {
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
        let (after, first) = if k < 3 {
            (&self.now, k + 1)
        } else {
            (&self.next, 0)
        };
        let of = |noise: &[[[L; 2]; 4]], k: usize| {
            array::from_fn(|t| {
                let vector = d * T + t;
                noise[vector / 2][k][vector % 2]
            })
        };
        (of(&self.now, k), of(after, first))
    }
}

/// ε of four steps for tiles of some vectors of chains, [pair of vectors][4][2]. One function for tiles of every width, and a call for all
/// of them, two side by side: engines make all its constants before they begin, and each has long to wait for what it needs.
#[inline(never)]
fn four_steps<L: Lanes>(
    stream: Stream,
    antithetic: bool,
    first_chain: u32,
    quad: u64,
    vectors: NonZeroUsize,
    buffer: &mut [[[L; 2]; 4]],
) {
    // Of an odd number one past the last is made.
    for (pair, both) in buffer.iter_mut().enumerate() {
        let places = [2 * pair, 2 * pair + 1].map(|at| {
            let chain = first_chain.wrapping_add((at % vectors * L::WIDTH) as u32);
            (chain, (at / vectors) as u32)
        });
        let [first, second] = normals_beside(stream, antithetic, places, quad);
        *both = array::from_fn(|k| [first[k], second[k]]);
    }
}
