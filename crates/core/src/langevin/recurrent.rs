//! The circuit itself: r ← r + dt (I + Σ Q W_out) (−r + φ(W_rec r + b)) + Σ ε, O(m²) a step, with outputs x = W_out r.
//!
//! It is the definition of the RSN and the oracle of the projected path: the same ε drives both. W_out (I + Σ Q W_out) is
//! (I + Q) W_out, so a Q acts on the outputs as it does there.

use super::changes::{Conditions, Segment};
use super::work::Work;
use super::{Sampled, Step, TileNoise};
use crate::error::{Error, Result};
use crate::kernels::{Lanes, Task, dispatch};
use crate::network::Network;
use crate::network::activation::{Phi, with_activation};
use crate::network::irreversible::mix;
use crate::network::reservoir::{Circuit, ReservoirSampler};

/// Vectors of chains a tile; W_rec is read once for all of them.
const TILE: usize = 4;

pub(super) fn run(network: &Network, mut work: Work<'_>, carried: bool) -> Result<Sampled> {
    let Network::Reservoir(net) = network else {
        return Err(Error::Unsupported {
            argument: "dynamics",
            value: "recurrent".into(),
            expected: "a sampler-only network is its own circuit; use projected".into(),
        });
    };
    let circuit = net.circuit()?;
    if !carried {
        work.start_from(net.units, |x, r| start(&circuit, x, r));
    }
    dispatch(
        work.config.kernel,
        Recurrent {
            net,
            circuit: &circuit,
            rotation: work
                .config
                .irreversible
                .as_ref()
                .map(|rows| rows.iter().flatten().map(|&v| v as f32).collect()),
            work: &mut work,
        },
    )?;
    Ok(work.finish())
}

/// r₀ = Σ x₀, so that W_out r₀ = x₀.
fn start(circuit: &Circuit, x: &[f32], r: &mut [f32]) {
    for (r, row) in r.iter_mut().zip(circuit.sigma.chunks_exact(x.len())) {
        *r = row.iter().zip(x).fold(0.0, |sum, (w, v)| sum + w * v);
    }
}

struct Recurrent<'a, 'w> {
    net: &'a ReservoirSampler,
    circuit: &'a Circuit,
    /// Q [n, n].
    rotation: Option<Vec<f32>>,
    work: &'a mut Work<'w>,
}

impl Task for Recurrent<'_, '_> {
    type Output = Result<()>;

    fn run<L: Lanes>(mut self) -> Result<()> {
        // By pointer, so that the circuit is compiled once and not for each φ: a call is nothing beside a row of W_rec.
        let phi = with_activation!(self.net.activation, A => rates::<L, A>);
        for segment in self.work.config.segments(self.work.part) {
            let Conditions { stimulus, noise, .. } = &segment.conditions;
            let bias = self.net.bias_at(stimulus, *noise);
            for chain in (0..self.work.part.chains).step_by(TILE * L::WIDTH) {
                self.tile(phi, &bias, &segment, chain)?;
            }
        }
        Ok(())
    }
}

impl Recurrent<'_, '_> {
    fn tile<L: Lanes>(
        &mut self,
        phi: fn([L; TILE]) -> [L; TILE],
        bias: &[f32],
        segment: &Segment,
        chain: usize,
    ) -> Result<()> {
        let config = self.work.config;
        let step = segment.conditions.step(config.integrator);
        let mut noise = self.work.noise::<L, TILE>(chain);
        let mut r = self.work.load::<L, TILE>(chain);
        let mut after = r.clone();
        for t in segment.from..segment.to {
            let absolute = config.first_step + t;
            if noise.prepare(absolute, step.looks_ahead()) {
                self.work.check(chain, t, &r)?;
            }
            self.drift(phi, bias, &r, &mut after);
            self.step(step, &noise, absolute, &r, &mut after);
            core::mem::swap(&mut r, &mut after);
            if config.records_at(t + 1) {
                self.work.record(chain, t + 1, &self.outputs(&r));
            }
        }
        self.work.check(chain, segment.to, &r)?;
        self.work.states(chain, &self.outputs(&r));
        self.work.save(chain, &r);
        Ok(())
    }

    /// −r + φ(W_rec r + b) of every unit. A function of its own, called often: engines replace a function's first, slow code
    /// only between calls.
    #[inline(never)]
    fn drift<L: Lanes>(
        &self,
        phi: fn([L; TILE]) -> [L; TILE],
        bias: &[f32],
        r: &[[L; TILE]],
        drift: &mut [[L; TILE]],
    ) {
        let rows = self.circuit.w_rec.chunks_exact(self.net.units);
        for (j, row) in rows.enumerate() {
            let mut z = [L::splat(bias[j]); TILE];
            for (w, rate) in row.iter().zip(r) {
                let w = L::splat(*w);
                for v in 0..TILE {
                    z[v] = z[v].add(w.mul(rate[v]));
                }
            }
            let rate = phi(z);
            for v in 0..TILE {
                drift[j][v] = rate[v].sub(r[j][v]);
            }
        }
        if let Some(q) = &self.rotation {
            let s = self.outputs(drift);
            let mut turned = s.clone();
            mix(q, &s, &mut turned);
            let sigma = self.circuit.sigma.chunks_exact(self.net.dimension);
            for (drift, sigma) in drift.iter_mut().zip(sigma) {
                add_product(drift, sigma, |d| turned[d]);
            }
        }
    }

    /// One step of a tile, whose drift is in `after`.
    #[inline(never)]
    fn step<L: Lanes>(
        &self,
        step: Step,
        noise: &TileNoise<L, TILE>,
        absolute: u64,
        r: &[[L; TILE]],
        after: &mut [[L; TILE]],
    ) {
        let sigma = self.circuit.sigma.chunks_exact(self.net.dimension);
        for ((r, after), sigma) in r.iter().zip(after).zip(sigma) {
            let (mut now, mut next) = ([L::zero(); TILE], [L::zero(); TILE]);
            add_product(&mut now, sigma, |d| noise.get(absolute, d).0);
            add_product(&mut next, sigma, |d| noise.get(absolute, d).1);
            for v in 0..TILE {
                after[v] = step.advance(r[v], after[v], now[v], next[v]);
            }
        }
    }

    /// x = W_out r, summed in unit order.
    fn outputs<L: Lanes>(&self, r: &[[L; TILE]]) -> Vec<[L; TILE]> {
        let output = |row: &[f32]| {
            let mut x = [L::zero(); TILE];
            for (w, rate) in row.iter().zip(r) {
                for v in 0..TILE {
                    x[v] = x[v].add(L::splat(*w).mul(rate[v]));
                }
            }
            x
        };
        self.net.w_out.chunks_exact(self.net.units).map(output).collect()
    }
}

/// sum += Σ_d w_d v_d, in index order.
#[inline(always)]
fn add_product<L: Lanes>(sum: &mut [L; TILE], weights: &[f32], value: impl Fn(usize) -> [L; TILE]) {
    for (d, w) in weights.iter().enumerate() {
        let (w, value) = (L::splat(*w), value(d));
        for v in 0..TILE {
            sum[v] = sum[v].add(w.mul(value[v]));
        }
    }
}

fn rates<L: Lanes, A: Phi>(z: [L; TILE]) -> [L; TILE] {
    z.map(A::value)
}
