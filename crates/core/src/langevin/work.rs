//! A part as it is computed: what its chains carry from step to step, and their draws; tiles of lanes go in and out of it.

use super::{Part, Prepared, SampleConfig, Sampled, TileNoise};
use crate::error::{Error, Result};
use crate::kernels::Lanes;

/// Which states are recorded.
#[derive(Clone, Copy)]
pub(super) struct Recording {
    pub every: u64,
    pub burn_in: u64,
}

impl Recording {
    /// After each step.
    pub const EACH: Self = Self { every: 1, burn_in: 0 };

    /// Number of records up to step `t` of the run.
    pub fn until(self, t: u64) -> u64 {
        t.saturating_sub(self.burn_in) / self.every
    }

    /// True when the state after step `t` (counted from 1) is recorded.
    #[inline(always)]
    pub fn at(self, t: u64) -> bool {
        t > self.burn_in && (t - self.burn_in) % self.every == 0
    }

    /// The first step count after `t` that is recorded.
    pub fn next(self, t: u64) -> u64 {
        self.burn_in
            .saturating_add((self.until(t) + 1).saturating_mul(self.every))
    }
}

pub(super) struct Work<'a> {
    pub config: &'a SampleConfig,
    pub prepared: &'a Prepared,
    pub recording: Recording,
    pub part: Part,
    /// Absolute number of the part's first chain.
    pub first_chain: u32,
    pub n: usize,
    /// Numbers that a chain carries: n, or m for the circuit.
    pub width: usize,
    /// Draws of each chain.
    records: usize,
    out: Sampled,
}

impl<'a> Work<'a> {
    /// Chains that start from x [chain, n] or go on from a carry [chain, width].
    pub fn new(
        config: &'a SampleConfig,
        prepared: &'a Prepared,
        recording: Recording,
        part: Part,
        first_chain: u32,
        n: usize,
        carry: Vec<f32>,
    ) -> Self {
        let records = (recording.until(part.to) - recording.until(part.from)) as usize;
        Self {
            config,
            prepared,
            recording,
            part,
            first_chain,
            n,
            width: carry.len() / part.chains,
            records,
            out: Sampled {
                draws: vec![0.0; part.chains * records * n],
                rates: Vec::new(),
                states: Vec::new(),
                carry,
            },
        }
    }

    /// Makes carries of `width` numbers from the x that the chains start from.
    pub fn start_from(&mut self, width: usize, carry: impl Fn(&[f32], &mut [f32])) {
        let mut carries = vec![0.0; self.part.chains * width];
        for (x, to) in self
            .out
            .carry
            .chunks_exact(self.n)
            .zip(carries.chunks_exact_mut(width))
        {
            carry(x, to);
        }
        (self.out.carry, self.width) = (carries, width);
    }

    /// Chains of a tile of `lanes` lanes from chain `chain` of the part.
    pub fn chains(&self, chain: usize, lanes: usize) -> usize {
        lanes.min(self.part.chains - chain)
    }

    pub fn noise<L: Lanes, const T: usize>(&self, chain: usize) -> TileNoise<L, T> {
        TileNoise::new(self.config, self.first_chain.wrapping_add(chain as u32), self.n)
    }

    /// What a chain carries.
    pub fn carry(&self, chain: usize) -> &[f32] {
        &self.out.carry[chain * self.width..][..self.width]
    }

    pub fn carry_mut(&mut self, chain: usize) -> &mut [f32] {
        &mut self.out.carry[chain * self.width..][..self.width]
    }

    /// Which of the part's records the state after step `t` is.
    pub fn record_after(&self, t: u64) -> usize {
        (self.recording.until(t) - self.recording.until(self.part.from)) as usize - 1
    }

    /// A record of a chain.
    pub fn draw(&mut self, chain: usize, record: usize) -> &mut [f32] {
        &mut self.out.draws[(chain * self.records + record) * self.n..][..self.n]
    }

    /// The carry of a tile's chains.
    pub fn load<L: Lanes, const T: usize>(&self, chain: usize) -> Vec<[L; T]> {
        let chains = self.chains(chain, T * L::WIDTH);
        gather(
            &self.out.carry[chain * self.width..],
            self.width,
            self.width,
            chains,
        )
    }

    pub fn save<L: Lanes, const T: usize>(&mut self, chain: usize, tile: &[[L; T]]) {
        let (chains, width) = (self.chains(chain, T * L::WIDTH), self.width);
        scatter(
            tile.as_flattened(),
            T,
            chains,
            &mut self.out.carry[chain * width..],
            width,
        );
    }

    /// Records a tile's outputs x after step `t`.
    pub fn record<L: Lanes, const T: usize>(&mut self, chain: usize, t: u64, x: &[[L; T]]) {
        let (chains, stride) = (self.chains(chain, T * L::WIDTH), self.records * self.n);
        let first = chain * stride + self.record_after(t) * self.n;
        scatter(x.as_flattened(), T, chains, &mut self.out.draws[first..], stride);
    }

    /// Records a tile's rates of the chosen units after step `t`.
    pub fn record_rates<L: Lanes, const T: usize>(&mut self, chain: usize, t: u64, rates: &[[L; T]]) {
        let (chains, stride) = (self.chains(chain, T * L::WIDTH), self.records * rates.len());
        let first = chain * stride + self.record_after(t) * rates.len();
        self.out.rates.resize(self.part.chains * stride, 0.0);
        scatter(
            rates.as_flattened(),
            T,
            chains,
            &mut self.out.rates[first..],
            stride,
        );
    }

    /// Outputs x where the carry is something else.
    pub fn states<L: Lanes, const T: usize>(&mut self, chain: usize, x: &[[L; T]]) {
        let (chains, n) = (self.chains(chain, T * L::WIDTH), self.n);
        self.out.states.resize(self.part.chains * n, 0.0);
        scatter(x.as_flattened(), T, chains, &mut self.out.states[chain * n..], n);
    }

    /// Stops at once when a state is no longer finite.
    #[inline(always)]
    pub fn check<L: Lanes, const T: usize>(&self, chain: usize, t: u64, tile: &[[L; T]]) -> Result<()> {
        if tile.iter().flatten().all(|v| v.all_finite()) {
            return Ok(());
        }
        self.diverged(chain, t, tile.as_flattened(), T)
    }

    /// The error for the first of a tile's chains that left the finite numbers. Lanes past the part's last chain don't
    /// count: where they are depends on the split.
    #[cold]
    #[inline(never)]
    fn diverged<L: Lanes>(&self, chain: usize, t: u64, tile: &[L], vectors: usize) -> Result<()> {
        let finite = |row: &[L], lane: usize| {
            let mut buffer = [0.0; 4];
            row[lane / L::WIDTH].store(&mut buffer);
            buffer[lane % L::WIDTH].is_finite()
        };
        let mut lanes = 0..self.chains(chain, vectors * L::WIDTH);
        match lanes.find(|&lane| !tile.chunks_exact(vectors).all(|row| finite(row, lane))) {
            None => Ok(()),
            Some(lane) => Err(self.diverged_at(chain + lane, t)),
        }
    }

    /// The error for a chain of the part.
    #[cold]
    pub fn diverged_at(&self, chain: usize, t: u64) -> Error {
        Error::Diverged {
            chain: self.config.first_chain + (self.part.chain + chain) as u64,
            step: self.config.first_step + t,
            expected: "a smaller dt, or a network whose confinement report holds".into(),
        }
    }

    /// The part's result; x is the carry where nothing else was said.
    pub fn finish(mut self) -> Sampled {
        if self.out.states.is_empty() {
            self.out.states.clone_from(&self.out.carry);
        }
        self.out
    }
}

/// The first `width` numbers of a tile's chains, `stride` numbers from chain to chain.
pub(super) fn gather<L: Lanes, const T: usize>(
    values: &[f32],
    stride: usize,
    width: usize,
    chains: usize,
) -> Vec<[L; T]> {
    let mut tile = vec![[L::zero(); T]; width];
    gather_vectors(values, stride, chains, tile.as_flattened_mut(), T);
    tile
}

/// The same for any number of vectors, so that it is compiled once.
#[inline(never)]
fn gather_vectors<L: Lanes>(values: &[f32], stride: usize, chains: usize, tile: &mut [L], vectors: usize) {
    for (d, row) in tile.chunks_exact_mut(vectors).enumerate() {
        for (t, v) in row.iter_mut().enumerate() {
            let mut buffer = [0.0; 4];
            for (lane, value) in buffer[..L::WIDTH].iter_mut().enumerate() {
                // Lanes past the last chain repeat it: their results are dropped, and it keeps them finite.
                let c = (t * L::WIDTH + lane).min(chains - 1);
                *value = values[c * stride + d];
            }
            *v = L::load(&buffer);
        }
    }
}

/// The rows of a tile's first chains, `stride` numbers from chain to chain.
#[inline(never)]
fn scatter<L: Lanes>(tile: &[L], vectors: usize, chains: usize, out: &mut [f32], stride: usize) {
    for (d, row) in tile.chunks_exact(vectors).enumerate() {
        for (t, v) in row.iter().enumerate() {
            let mut buffer = [0.0; 4];
            v.store(&mut buffer);
            for (lane, &value) in buffer[..L::WIDTH].iter().enumerate() {
                let c = t * L::WIDTH + lane;
                if c < chains {
                    out[c * stride + d] = value;
                }
            }
        }
    }
}
