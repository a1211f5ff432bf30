//! Reservoir units step by step: r ← r + dt (−r + φ(W y + b) + Σ Q s) + √(2T dt) Σ ε.
//!
//! In the circuit itself W y is W_rec r, O(m²) a step, with outputs x = W_out r, and s is the outputs' drift: W_out (I + Σ Q W_out) is
//! (I + Q) W_out, so a Q acts on x as on the projected path. That is the definition of the RSN and the oracle of the projected
//! path: the same ε drives both. Chosen units alone follow a path of x, and W y is W_fb x.

use super::changes::{Conditions, Segment};
use super::rates::Path;
use super::work::{Work, gather};
use super::{Dynamics, Sampled, Step, TileNoise};
use crate::error::{Error, Result};
use crate::kernels::{Lanes, Task, dispatch};
use crate::network::activation::{Phi, with_activation};
use crate::network::irreversible::mix;
use crate::network::{Network, ReservoirSampler};

/// Vectors of chains a tile; the weights are read once for all of them.
const TILE: usize = 4;

pub(super) fn run(network: &Network, mut work: Work<'_>, carried: bool) -> Result<Sampled> {
    let Network::Reservoir(net) = network else {
        return Err(Error::unsupported(
            "dynamics",
            "recurrent",
            "a sampler-only network is its own circuit; use projected",
        ));
    };
    let (n, m, config) = (net.dimension, net.units, work.config);
    let whole = config.dynamics == Dynamics::Recurrent;
    let all: Vec<usize> = (0..m).collect();
    let chosen = if whole { &all } else { &config.rates };
    let sigma = net.sigma(chosen)?;
    let mut weights = Vec::new();
    if whole {
        weights = net.w_rec();
    } else {
        chosen
            .iter()
            .for_each(|&j| weights.extend_from_slice(&net.w_fb[j * n..][..n]));
    }
    if !carried {
        // The rates, and x where they don't tell it.
        let width = chosen.len() + if whole { 0 } else { n };
        work.start_from(width, |x, carry| {
            let (r, rest) = carry.split_at_mut(chosen.len());
            start(&sigma, x, r);
            rest.copy_from_slice(&x[..rest.len()]);
        });
    }
    let rotation = config.irreversible.as_ref();
    let rotation: Option<Vec<f32>> = rotation.map(|rows| rows.iter().flatten().map(|&v| v as f32).collect());
    for mut segment in config.segments(work.part) {
        let Conditions { stimulus, noise, .. } = &segment.conditions;
        let bias = net.bias_at(stimulus, *noise);
        let bias: Vec<f32> = chosen.iter().map(|&j| bias[j]).collect();
        let end = segment.to;
        while segment.from < end {
            let mut path = None;
            if !whole {
                segment.to = Path::end(&work, segment.from).min(end);
                path = Some(Path::of(network, &mut work, &segment)?);
            }
            let units = Units {
                net,
                weights: &weights,
                bias: &bias,
                sigma: &sigma,
                rotation: rotation.as_deref(),
                path: path.as_ref(),
                segment: &segment,
                work: &mut work,
            };
            dispatch(config.kernel, units)?;
            segment.from = segment.to;
        }
    }
    Ok(work.finish())
}

/// r₀ = Σ x₀, so that W_out r₀ = x₀.
fn start(sigma: &[f32], x: &[f32], r: &mut [f32]) {
    for (r, row) in r.iter_mut().zip(sigma.chunks_exact(x.len())) {
        *r = row.iter().zip(x).fold(0.0, |sum, (w, v)| sum + w * v);
    }
}

/// Units over a segment of a run.
struct Units<'a, 'w> {
    pub net: &'a ReservoirSampler,
    /// W_rec [m, m], or rows of W_fb [unit, n].
    pub weights: &'a [f32],
    /// b + W_in u of each unit.
    pub bias: &'a [f32],
    /// Rows of Σ, [unit, n].
    pub sigma: &'a [f32],
    /// Q [n, n].
    pub rotation: Option<&'a [f32]>,
    /// Absent in the circuit itself.
    pub path: Option<&'a Path>,
    pub segment: &'a Segment,
    pub work: &'a mut Work<'w>,
}

impl Task for Units<'_, '_> {
    type Output = Result<()>;

    fn run<L: Lanes>(mut self) -> Result<()> {
        // By pointer, so that units are compiled once and not for each φ: a call is nothing beside a row of W_rec.
        let phi = with_activation!(self.net.activation, A => rates::<L, A>);
        for chain in (0..self.work.part.chains).step_by(TILE * L::WIDTH) {
            self.tile(phi, chain)?;
        }
        Ok(())
    }
}

impl Units<'_, '_> {
    fn tile<L: Lanes>(&mut self, phi: fn([L; TILE]) -> [L; TILE], chain: usize) -> Result<()> {
        let config = self.work.config;
        let Segment { from, to, .. } = *self.segment;
        let step = self.segment.conditions.step(config.integrator);
        let mut noise = self.work.noise::<L, TILE>(chain);
        let mut r = self.work.load::<L, TILE>(chain);
        r.truncate(self.bias.len());
        let mut after = r.clone();
        for t in from..to {
            let absolute = config.first_step + t;
            if noise.prepare(absolute, step.looks_ahead()) {
                self.work.check(chain, t, &r)?;
            }
            match self.path {
                None => self.drift(phi, &r, &r, &mut after),
                Some(path) => self.drift(phi, &self.along(&path.x, chain, t), &r, &mut after),
            }
            self.turn(chain, t, &mut after);
            self.step(step, &noise, absolute, &r, &mut after);
            core::mem::swap(&mut r, &mut after);
            if self.work.recording.at(t + 1) {
                self.work.record(chain, t + 1, &self.outputs(chain, t + 1, &r));
                let chosen: Vec<_> = (config.rates.iter().enumerate())
                    .map(|(k, &j)| r[if self.path.is_some() { k } else { j }])
                    .collect();
                self.work.record_rates(chain, t + 1, &chosen);
            }
        }
        self.work.check(chain, to, &r)?;
        self.work.states(chain, &self.outputs(chain, to, &r));
        self.work.save(chain, &r);
        Ok(())
    }

    /// −r + φ(W y + b) of every unit. A function of its own, called often: engines replace a function's first, slow code
    /// only between calls.
    #[inline(never)]
    fn drift<L: Lanes>(
        &self,
        phi: fn([L; TILE]) -> [L; TILE],
        y: &[[L; TILE]],
        r: &[[L; TILE]],
        drift: &mut [[L; TILE]],
    ) {
        let rows = self.weights.chunks_exact(y.len());
        for (j, row) in rows.enumerate() {
            let mut z = [L::splat(self.bias[j]); TILE];
            for (w, y) in row.iter().zip(y) {
                let w = L::splat(*w);
                for v in 0..TILE {
                    z[v] = z[v].add(w.mul(y[v]));
                }
            }
            let rate = phi(z);
            for v in 0..TILE {
                drift[j][v] = rate[v].sub(r[j][v]);
            }
        }
    }

    /// Adds Σ Q s, where there is a Q; in the circuit s is the outputs' drift.
    fn turn<L: Lanes>(&self, chain: usize, t: u64, drift: &mut [[L; TILE]]) {
        let Some(q) = self.rotation else { return };
        let s = match self.path {
            None => self.weighted(drift),
            Some(path) => self.along(&path.scores, chain, t),
        };
        let mut turned = s.clone();
        mix(q, &s, &mut turned);
        for (drift, sigma) in drift.iter_mut().zip(self.sigma.chunks_exact(self.net.dimension)) {
            add_product(drift, sigma, |d| turned[d]);
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
        let sigma = self.sigma.chunks_exact(self.net.dimension);
        for ((r, after), sigma) in r.iter().zip(after).zip(sigma) {
            let (mut now, mut next) = ([L::zero(); TILE], [L::zero(); TILE]);
            add_product(&mut now, sigma, |d| noise.get(absolute, d).0);
            add_product(&mut next, sigma, |d| noise.get(absolute, d).1);
            for v in 0..TILE {
                after[v] = step.advance(r[v], after[v], now[v], next[v]);
            }
        }
    }

    /// x after step `t`.
    fn outputs<L: Lanes>(&self, chain: usize, t: u64, r: &[[L; TILE]]) -> Vec<[L; TILE]> {
        match self.path {
            None => self.weighted(r),
            Some(path) => self.along(&path.x, chain, t),
        }
    }

    /// W_out r, summed in unit order.
    #[inline(never)]
    fn weighted<L: Lanes>(&self, r: &[[L; TILE]]) -> Vec<[L; TILE]> {
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

    /// What a tile's chains have along the path at step `t`.
    fn along<L: Lanes>(&self, values: &[f32], chain: usize, t: u64) -> Vec<[L; TILE]> {
        let n = self.net.dimension;
        let stride = values.len() / self.work.part.chains;
        let first = chain * stride + (t - self.segment.from) as usize * n;
        gather(
            &values[first..],
            stride,
            n,
            self.work.chains(chain, TILE * L::WIDTH),
        )
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

fn rates<L: Lanes, A: Phi>(mut z: [L; TILE]) -> [L; TILE] {
    A::values(&mut z, L::unknown_zero());
    z
}
