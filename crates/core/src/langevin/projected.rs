//! The projected path: x evolves by itself, x ← x + dt·s(x) + noise, O(mn) a step; score, noise and update stay in registers.

use super::euler_maruyama::EulerMaruyama;
use super::leimkuhler_matthews::LeimkuhlerMatthews;
use super::{Integrator, Part, SampleConfig, Sampled, Step, TileNoise};
use crate::error::{Error, Result};
use crate::kernels::{Lanes, Task, dispatch};
use crate::network::activation::with_activation;
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
        let n = self.network.dimension();
        let records = self.config.records_until(self.part.to) - self.config.records_until(self.part.from);
        let mut out = Output {
            n,
            records: records as usize,
            draws: vec![0.0; self.part.chains * records as usize * n],
            states: self.start.to_vec(),
        };
        // Tiles wide enough to hide latency, then single vectors; the split never shows in the bits. The scalar
        // definition takes the general path for every n.
        let mut chain = 0;
        while chain < self.part.chains {
            let left = self.part.chains - chain;
            chain += match (L::WIDTH, n) {
                (4, 1) if left >= 32 => self.fixed::<L, F, 1, 8>(field, chain, &mut out)?,
                (4, 1) => self.fixed::<L, F, 1, 1>(field, chain, &mut out)?,
                (4, 2) if left >= 16 => self.fixed::<L, F, 2, 4>(field, chain, &mut out)?,
                (4, 2) => self.fixed::<L, F, 2, 1>(field, chain, &mut out)?,
                _ if left >= 4 * L::WIDTH => self.general::<L, F, 4>(field, chain, &mut out)?,
                _ => self.general::<L, F, 1>(field, chain, &mut out)?,
            };
        }
        Ok(Sampled {
            draws: out.draws,
            carry: out.states.clone(),
            states: out.states,
        })
    }

    fn fixed<L: Lanes, F: ScoreField, const N: usize, const T: usize>(
        &self,
        field: &F,
        chain: usize,
        out: &mut Output,
    ) -> Result<usize> {
        let mut x = [[L::zero(); T]; N];
        let mut s = x;
        match self.config.integrator {
            Integrator::EulerMaruyama => {
                self.tile::<L, F, EulerMaruyama, T>(field, chain, &mut x, &mut s, out)
            }
            Integrator::LeimkuhlerMatthews => {
                self.tile::<L, F, LeimkuhlerMatthews, T>(field, chain, &mut x, &mut s, out)
            }
        }
    }

    fn general<L: Lanes, F: ScoreField, const T: usize>(
        &self,
        field: &F,
        chain: usize,
        out: &mut Output,
    ) -> Result<usize> {
        let mut x = vec![[L::zero(); T]; out.n];
        let mut s = x.clone();
        match self.config.integrator {
            Integrator::EulerMaruyama => {
                self.tile::<L, F, EulerMaruyama, T>(field, chain, &mut x, &mut s, out)
            }
            Integrator::LeimkuhlerMatthews => {
                self.tile::<L, F, LeimkuhlerMatthews, T>(field, chain, &mut x, &mut s, out)
            }
        }
    }

    /// All steps of the part for T vectors of chains; returns how many chains that were.
    #[inline(always)]
    fn tile<L: Lanes, F: ScoreField, S: Step, const T: usize>(
        &self,
        field: &F,
        chain: usize,
        x: &mut [[L; T]],
        s: &mut [[L; T]],
        out: &mut Output,
    ) -> Result<usize> {
        let chains = (T * L::WIDTH).min(self.part.chains - chain);
        let n = x.len();
        let step = S::new(self.config.dt);
        let mut noise = TileNoise::<L, T>::new(self.config, self.first_chain + chain as u32, n);
        out.load(chain, chains, x);
        let mut record = 0;
        for t in self.part.from..self.part.to {
            let absolute = self.config.first_step + t;
            if noise.prepare(absolute, S::LOOKS_AHEAD) {
                self.check(chain, t, x)?;
            }
            field.score(x, s);
            for d in 0..n {
                let (now, next) = noise.get(absolute, d);
                for v in 0..T {
                    x[d][v] = step.advance(x[d][v], s[d][v], now[v], next[v]);
                }
            }
            if self.config.records_at(t + 1) {
                out.record(chain, chains, record, x);
                record += 1;
            }
        }
        self.check(chain, self.part.to, x)?;
        out.save(chain, chains, x);
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
        Some(lane) => Err(Error::Diverged {
            chain: config.first_chain + (part.chain + chain + lane) as u64,
            step: config.first_step + t,
            expected: "a smaller dt, or a network whose confinement report holds".into(),
        }),
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
            self.draws[((chain + c) * records + record) * n + d] = value
        });
    }

    fn save<L: Lanes, const T: usize>(&mut self, chain: usize, chains: usize, x: &[[L; T]]) {
        let n = self.n;
        Self::each(chains, x, |c, d, value| self.states[(chain + c) * n + d] = value);
    }
}
