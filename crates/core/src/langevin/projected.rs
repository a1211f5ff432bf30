//! The projected path: x evolves by itself, x ← x + dt·s(x) + noise, O(mn) a step; score, noise and update stay in registers.

use super::{Evaluator, Part, SampleConfig, Sampled, Step, TileNoise, many_outputs};
use crate::error::{Error, Result};
use crate::kernels::{Lanes, Task, dispatch};
use crate::network::activation::with_activation;
use crate::network::piecewise_linear::PiecewiseLinear;
use crate::network::{Network, ScoreField};

pub(super) fn run(
    network: &Network,
    config: &SampleConfig,
    part: Part,
    first_chain: u32,
    start: &[f32],
) -> Result<Sampled> {
    dispatch(
        config.kernel,
        Projected {
            network,
            config,
            part,
            first_chain,
            start,
        },
    )
}

struct Projected<'a> {
    network: &'a Network,
    config: &'a SampleConfig,
    part: Part,
    first_chain: u32,
    start: &'a [f32],
}

impl Task for Projected<'_> {
    type Output = Result<Sampled>;

    fn run<L: Lanes>(self) -> Result<Sampled> {
        if self.config.evaluator == Evaluator::PiecewiseLinear {
            return self.integrate::<L, _>(&PiecewiseLinear::new(self.network)?);
        }
        match self.network {
            Network::Reservoir(net) => {
                let packed = net.pack();
                with_activation!(net.activation, A => self.integrate::<L, _>(&packed.field::<A>()))
            }
            Network::SamplerOnly(net) => {
                with_activation!(net.activation, A => self.integrate::<L, _>(&net.field::<A>()))
            }
        }
    }
}

impl Projected<'_> {
    fn integrate<L: Lanes, F: ScoreField>(&self, field: &F) -> Result<Sampled> {
        if let Some(products) = field.products::<L>() {
            return many_outputs::run::<L>(products, self.config, self.part, self.first_chain, self.start);
        }
        let n = self.network.dimension();
        let records = self.config.records_until(self.part.to) - self.config.records_until(self.part.from);
        let mut out = Output {
            n,
            records: records as usize,
            draws: vec![0.0; self.part.chains * records as usize * n],
            states: self.start.to_vec(),
        };
        // Tiles wide enough to hide latency, then single vectors; the split never shows in the bits. Sizes that matter
        // have a tile whose state stays in registers; the scalar definition takes the general path for every n.
        let mut chain = 0;
        while chain < self.part.chains {
            let left = self.part.chains - chain;
            chain += match (L::WIDTH, n) {
                (4, 1) if F::WIDE && left >= 32 => {
                    self.tile(&OfField::<F, 1>(field) as &dyn Steps<L, 8>, chain, &mut out)?
                }
                (4, 2) if F::WIDE && left >= 16 => {
                    self.tile(&OfField::<F, 2>(field) as &dyn Steps<L, 4>, chain, &mut out)?
                }
                // Only tails of the two above are left of a wide field, except in the scalar definition.
                _ if left >= 4 * L::WIDTH && !(F::WIDE && L::WIDTH == 4) => {
                    self.tile(&OfField::<F, 0>(field) as &dyn Steps<L, 4>, chain, &mut out)?
                }
                _ => self.tile(&OfField::<F, 0>(field) as &dyn Steps<L, 1>, chain, &mut out)?,
            };
        }
        Ok(Sampled {
            draws: out.draws,
            carry: out.states.clone(),
            states: out.states,
        })
    }

    /// All steps of the part for T vectors of chains; returns how many chains that were. It knows the field by its
    /// `steps` alone, so that it is compiled once a width and not once a field.
    #[inline(never)]
    fn tile<L: Lanes, const T: usize>(
        &self,
        steps: &dyn Steps<L, T>,
        chain: usize,
        out: &mut Output,
    ) -> Result<usize> {
        let chains = (T * L::WIDTH).min(self.part.chains - chain);
        let step = Step::new(self.config.integrator, self.config.dt);
        let mut noise = TileNoise::<L, T>::new(self.config, self.first_chain + chain as u32, out.n);
        let mut x = vec![[L::zero(); T]; out.n];
        let mut s = x.clone();
        out.load(chain, chains, &mut x);
        let mut record = 0;
        let mut t = self.part.from;
        while t < self.part.to {
            let absolute = self.config.first_step + t;
            if noise.prepare(absolute, step.looks_ahead()) {
                self.check(chain, t, &x)?;
            }
            let quad_ends = t + 4 - absolute % 4;
            let until = quad_ends.min(self.part.to).min(self.config.next_record(t));
            steps.run(step, &noise, absolute, until - t, &mut x, &mut s);
            t = until;
            if self.config.records_at(t) {
                out.record(chain, chains, record, &x);
                record += 1;
            }
        }
        self.check(chain, self.part.to, &x)?;
        out.save(chain, chains, &x);
        Ok(chains)
    }

    /// Stops at once when a state is no longer finite.
    #[inline(always)]
    fn check<L: Lanes, const T: usize>(&self, chain: usize, t: u64, x: &[[L; T]]) -> Result<()> {
        if x.iter().flatten().all(|v| v.all_finite()) {
            return Ok(());
        }
        diverged(self.config, self.part, chain, t, x)
    }
}

/// Up to four steps of a tile of T vectors of chains.
trait Steps<L, const T: usize> {
    fn run(
        &self,
        step: Step,
        noise: &TileNoise<L, T>,
        first: u64,
        count: u64,
        x: &mut [[L; T]],
        s: &mut [[L; T]],
    );
}

/// Steps of a field. With N > 0 the state is in registers; N = 0 takes any n.
struct OfField<'a, F, const N: usize>(&'a F);

impl<L: Lanes, F: ScoreField, const N: usize, const T: usize> Steps<L, T> for OfField<'_, F, N> {
    /// Steps whose noise is ready. A function of its own, called often: engines replace a function's first, slow code
    /// only between calls.
    #[inline(never)]
    fn run(
        &self,
        step: Step,
        noise: &TileNoise<L, T>,
        first: u64,
        count: u64,
        x: &mut [[L; T]],
        s: &mut [[L; T]],
    ) {
        if N > 0 {
            let mut local = [[L::zero(); T]; N];
            local.copy_from_slice(x);
            advance(
                self.0,
                step,
                noise,
                first,
                count,
                &mut local,
                &mut [[L::zero(); T]; N],
            );
            x.copy_from_slice(&local);
        } else {
            advance(self.0, step, noise, first, count, x, s);
        }
    }
}

#[inline(always)]
fn advance<L: Lanes, F: ScoreField, const T: usize>(
    field: &F,
    step: Step,
    noise: &TileNoise<L, T>,
    first: u64,
    count: u64,
    x: &mut [[L; T]],
    s: &mut [[L; T]],
) {
    for absolute in first..first + count {
        field.score(x, s);
        for d in 0..x.len() {
            let (now, next) = noise.get(absolute, d);
            for v in 0..T {
                x[d][v] = step.advance(x[d][v], s[d][v], now[v], next[v]);
            }
        }
    }
}

/// The error for the first of a tile's chains that left the finite numbers. Lanes past the part's last chain don't
/// count: where they are depends on the split.
#[cold]
#[inline(never)]
pub(super) fn diverged<L: Lanes, const T: usize>(
    config: &SampleConfig,
    part: Part,
    chain: usize,
    t: u64,
    rows: &[[L; T]],
) -> Result<()> {
    let finite = |row: &[L; T], lane: usize| {
        let mut buffer = [0.0; 4];
        row[lane / L::WIDTH].store(&mut buffer);
        buffer[lane % L::WIDTH].is_finite()
    };
    let chains = (T * L::WIDTH).min(part.chains - chain);
    match (0..chains).find(|&lane| !rows.iter().all(|row| finite(row, lane))) {
        None => Ok(()),
        Some(lane) => Err(diverged_at(config, part, chain + lane, t)),
    }
}

/// The error for a chain of the part.
pub(super) fn diverged_at(config: &SampleConfig, part: Part, chain: usize, t: u64) -> Error {
    Error::Diverged {
        chain: config.first_chain + (part.chain + chain) as u64,
        step: config.first_step + t,
        expected: "a smaller dt, or a network whose confinement report holds".into(),
    }
}

/// Draws and states of a part, [chain, draw, n] and [chain, n].
struct Output {
    n: usize,
    records: usize,
    draws: Vec<f32>,
    states: Vec<f32>,
}

impl Output {
    fn load<L: Lanes, const T: usize>(&self, chain: usize, chains: usize, x: &mut [[L; T]]) {
        for (d, row) in x.iter_mut().enumerate() {
            for (t, v) in row.iter_mut().enumerate() {
                let mut buffer = [0.0; 4];
                for lane in 0..L::WIDTH {
                    let c = t * L::WIDTH + lane;
                    // Lanes past the last chain repeat it: their results are dropped, and it keeps them finite.
                    buffer[lane] = self.states[(chain + c.min(chains - 1)) * self.n + d];
                }
                *v = L::load(&buffer);
            }
        }
    }

    fn each<L: Lanes, const T: usize>(chains: usize, x: &[[L; T]], mut put: impl FnMut(usize, usize, f32)) {
        for (d, row) in x.iter().enumerate() {
            for (t, v) in row.iter().enumerate() {
                let mut buffer = [0.0; 4];
                v.store(&mut buffer);
                for (lane, &value) in buffer[..L::WIDTH].iter().enumerate() {
                    let c = t * L::WIDTH + lane;
                    if c < chains {
                        put(c, d, value);
                    }
                }
            }
        }
    }

    fn record<L: Lanes, const T: usize>(&mut self, chain: usize, chains: usize, record: usize, x: &[[L; T]]) {
        let (n, records) = (self.n, self.records);
        Self::each(chains, x, |c, d, value| {
            self.draws[((chain + c) * records + record) * n + d] = value;
        });
    }

    fn save<L: Lanes, const T: usize>(&mut self, chain: usize, chains: usize, x: &[[L; T]]) {
        let n = self.n;
        Self::each(chains, x, |c, d, value| self.states[(chain + c) * n + d] = value);
    }
}
