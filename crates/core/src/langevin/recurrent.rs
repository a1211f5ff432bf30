//! The circuit itself: r ← r + dt (−r + φ(W_rec r + b)) + Σ ε, O(m²) a step, with outputs x = W_out r.
//!
//! It is the definition of the RSN and the oracle of the projected path: the same ε drives both.

use super::projected::diverged;
use super::{Part, SampleConfig, Sampled, Step, TileNoise};
use crate::error::{Error, Result};
use crate::kernels::{Lanes, Task, dispatch};
use crate::network::Network;
use crate::network::activation::{Phi, with_activation};
use crate::network::reservoir::{Circuit, ReservoirSampler};

/// Vectors of chains a tile; W_rec is read once for all of them.
const TILE: usize = 4;

pub(super) fn run(
    network: &Network,
    config: &SampleConfig,
    part: Part,
    first_chain: u32,
    start: &[f32],
    carried: bool,
) -> Result<Sampled> {
    let Network::Reservoir(net) = network else {
        return Err(Error::Unsupported {
            argument: "dynamics",
            value: "recurrent".into(),
            expected: "a sampler-only network is its own circuit; use projected".into(),
        });
    };
    let circuit = net.circuit()?;
    dispatch(
        config.kernel,
        Recurrent {
            net,
            circuit: &circuit,
            config,
            part,
            first_chain,
            start,
            carried,
        },
    )
}

struct Recurrent<'a> {
    net: &'a ReservoirSampler,
    circuit: &'a Circuit,
    config: &'a SampleConfig,
    part: Part,
    first_chain: u32,
    start: &'a [f32],
    carried: bool,
}

impl Task for Recurrent<'_> {
    type Output = Result<Sampled>;

    fn run<L: Lanes>(self) -> Result<Sampled> {
        let (n, m) = (self.net.dimension, self.net.units);
        let records =
            (self.config.records_until(self.part.to) - self.config.records_until(self.part.from)) as usize;
        let mut out = Sampled {
            draws: vec![0.0; self.part.chains * records * n],
            states: vec![0.0; self.part.chains * n],
            carry: vec![0.0; self.part.chains * m],
        };
        // By pointer, so that the circuit is compiled once and not for each φ: a call is nothing beside a row of W_rec.
        let phi = with_activation!(self.net.activation, A => rates::<L, A>);
        for chain in (0..self.part.chains).step_by(TILE * L::WIDTH) {
            self.tile(phi, chain, records, &mut out)?;
        }
        Ok(out)
    }
}

impl Recurrent<'_> {
    /// r of every unit for one chain: carried over, or Σ x₀ so that W_out r₀ = x₀.
    fn initial(&self, chain: usize) -> Vec<f32> {
        let (n, m) = (self.net.dimension, self.net.units);
        if self.carried {
            return self.start[chain * m..(chain + 1) * m].to_vec();
        }
        let x = &self.start[chain * n..(chain + 1) * n];
        (0..m)
            .map(|j| {
                let row = &self.circuit.sigma[j * n..(j + 1) * n];
                row.iter().zip(x).fold(0.0, |sum, (w, v)| sum + w * v)
            })
            .collect()
    }

    fn tile<L: Lanes>(
        &self,
        phi: fn([L; TILE]) -> [L; TILE],
        chain: usize,
        records: usize,
        out: &mut Sampled,
    ) -> Result<()> {
        let (n, m) = (self.net.dimension, self.net.units);
        let chains = (TILE * L::WIDTH).min(self.part.chains - chain);
        let step = Step::new(self.config.integrator, self.config.dt);
        let mut noise = TileNoise::<L, TILE>::new(self.config, self.first_chain + chain as u32, n);
        let mut r = vec![[L::zero(); TILE]; m];
        let starts: Vec<_> = (0..chains).map(|c| self.initial(chain + c)).collect();
        for (j, row) in r.iter_mut().enumerate() {
            for (t, v) in row.iter_mut().enumerate() {
                let mut buffer = [0.0; 4];
                for lane in 0..L::WIDTH {
                    buffer[lane] = starts[(t * L::WIDTH + lane).min(chains - 1)][j];
                }
                *v = L::load(&buffer);
            }
        }
        let mut after = r.clone();
        let mut record = 0;
        for t in self.part.from..self.part.to {
            let absolute = self.config.first_step + t;
            if noise.prepare(absolute, step.looks_ahead()) {
                self.check(chain, t, &r)?;
            }
            for j in 0..m {
                let mut z = [L::splat(self.net.bias[j]); TILE];
                for (w, rate) in self.circuit.w_rec[j * m..(j + 1) * m].iter().zip(&r) {
                    let w = L::splat(*w);
                    for v in 0..TILE {
                        z[v] = z[v].add(w.mul(rate[v]));
                    }
                }
                let (mut now, mut next) = ([L::zero(); TILE], [L::zero(); TILE]);
                for d in 0..n {
                    let w = L::splat(self.circuit.sigma[j * n + d]);
                    let (e0, e1) = noise.get(absolute, d);
                    for v in 0..TILE {
                        now[v] = now[v].add(w.mul(e0[v]));
                        next[v] = next[v].add(w.mul(e1[v]));
                    }
                }
                let rate = phi(z);
                for v in 0..TILE {
                    after[j][v] = step.advance(r[j][v], rate[v].sub(r[j][v]), now[v], next[v]);
                }
            }
            core::mem::swap(&mut r, &mut after);
            if self.config.records_at(t + 1) {
                self.outputs(&r, chains, |c, d, x| {
                    out.draws[((chain + c) * records + record) * n + d] = x;
                });
                record += 1;
            }
        }
        self.check(chain, self.part.to, &r)?;
        self.outputs(&r, chains, |c, d, x| out.states[(chain + c) * n + d] = x);
        for (j, row) in r.iter().enumerate() {
            scatter(row, chains, |c, value| out.carry[(chain + c) * m + j] = value);
        }
        Ok(())
    }

    /// x = W_out r, summed in unit order.
    fn outputs<L: Lanes>(&self, r: &[[L; TILE]], chains: usize, mut put: impl FnMut(usize, usize, f32)) {
        let m = self.net.units;
        for d in 0..self.net.dimension {
            let mut x = [L::zero(); TILE];
            for (w, rate) in self.net.w_out[d * m..(d + 1) * m].iter().zip(r) {
                for v in 0..TILE {
                    x[v] = x[v].add(L::splat(*w).mul(rate[v]));
                }
            }
            scatter(&x, chains, |c, value| put(c, d, value));
        }
    }

    fn check<L: Lanes>(&self, chain: usize, t: u64, r: &[[L; TILE]]) -> Result<()> {
        if r.iter().flatten().all(|v| v.all_finite()) {
            return Ok(());
        }
        diverged(self.config, self.part, chain, t, r)
    }
}

fn rates<L: Lanes, A: Phi>(z: [L; TILE]) -> [L; TILE] {
    z.map(A::value)
}

fn scatter<L: Lanes>(row: &[L; TILE], chains: usize, mut put: impl FnMut(usize, f32)) {
    for (t, v) in row.iter().enumerate() {
        let mut buffer = [0.0; 4];
        v.store(&mut buffer);
        for (lane, &value) in buffer[..L::WIDTH].iter().enumerate() {
            let c = t * L::WIDTH + lane;
            if c < chains {
                put(c, value);
            }
        }
    }
}
