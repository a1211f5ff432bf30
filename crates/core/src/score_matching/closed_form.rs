//! Closed-form DSM: W_out = C (G + λI)⁻¹ with G = E[a aᵀ], C = E[x̃ aᵀ] − W_fbᵀ diag E[φ′], λ by held-out loss.
//!
//! With W_fb and b fixed the denoising loss is quadratic in W_out; Stein's identity removes the variance of its noise
//! term. Tail anchors far out pull s(x) to −κx with κ = n / E‖x‖², with a weight that rises until the confinement report holds.
//! With a Q, s = −P x + V a for P = (I + Q)⁻¹, and W_out = (I + Q) V.

use super::config::TrainConfig;
use super::confinement;
use super::data::DataSource;
use super::features::{REACH, fixed_units};
use super::moments::{GROUPS, Moments, Points, group_range};
use super::objective::split_input;
use super::ridge::{ANCHORS, candidate_ridges, not_definite, solve};
use super::schedule::noise_levels;
use super::{Level, Trained};
use crate::error::{Error, Result};
use crate::kernels::{Lanes, Task, dispatch, padded};
use crate::network::reservoir::PackedReservoir;
use crate::network::{Activation, Irreversible, Network};
use crate::random::{Purpose, Stream, directions::directions, gaussian::normals, unit};
use std::borrow::Cow;

/// λ is chosen by cross-validation over this many folds, each a quarter of the groups.
const FOLDS: usize = 4;
/// Anchors begin at this many data radii: nearer ones would pull at the data's own, often far steeper, slopes.
const NEAREST_ANCHOR: f64 = 2.0;
const FIRST_ANCHOR_WEIGHT: f64 = 1e-2;
const LAST_ANCHOR_WEIGHT: f64 = 1e4;

/// A run in progress: one noise level a call.
pub struct ClosedFormTrainer {
    config: TrainConfig,
    source: DataSource,
    /// σ of the levels to be solved, of which the first is level `first` of the run.
    noise_levels: Vec<f64>,
    first: usize,
    levels: Vec<Level>,
    losses: Vec<f64>,
    report: Option<confinement::ConfinementReport>,
}

impl ClosedFormTrainer {
    /// Starts a run from a checked configuration.
    #[must_use]
    pub fn new(config: TrainConfig, source: DataSource) -> Self {
        let first = config.first_level();
        Self {
            noise_levels: noise_levels(config.noise_max, config.noise_min, config.levels).split_off(first),
            first,
            config,
            source,
            levels: Vec::new(),
            losses: Vec::new(),
            report: None,
        }
    }

    /// Puts fresh points in the place of a user's, between two levels.
    pub fn feed(&mut self, points: Vec<f32>) -> Result<()> {
        self.source.feed(points, &self.config.scaling)
    }

    #[must_use]
    pub fn config(&self) -> &TrainConfig {
        &self.config
    }

    /// Held-out implicit loss of each level so far.
    #[must_use]
    pub fn losses(&self) -> &[f64] {
        &self.losses
    }

    /// How many levels it solves.
    #[must_use]
    pub fn total(&self) -> usize {
        self.noise_levels.len()
    }

    /// Noise levels that have ended.
    #[must_use]
    pub fn levels(&self) -> &[Level] {
        &self.levels
    }

    /// σ of the level that comes next, or of the last one when all are done.
    #[must_use]
    pub fn noise(&self) -> f64 {
        self.noise_levels[self.levels.len().min(self.noise_levels.len() - 1)]
    }

    /// Solves the next level; true when the run is complete.
    pub fn advance(&mut self) -> Result<bool> {
        let k = self.levels.len();
        if k < self.noise_levels.len() {
            let noise = self.noise_levels[k];
            let level = (self.first + k) as u64;
            let (network, loss, report) = solve_level(&self.config, &self.source, level, noise)?;
            self.levels.push(Level { noise, network });
            self.losses.push(loss);
            self.report = Some(report);
        }
        Ok(self.levels.len() == self.noise_levels.len())
    }

    /// Ends the run with the newest level.
    pub fn finish(self) -> Result<Trained> {
        match (self.levels.last(), self.report) {
            (Some(last), Some(confinement)) => Ok(Trained {
                network: last.network.clone(),
                levels: self.levels,
                losses: self.losses,
                confinement,
            }),
            _ => Err(Error::invalid(
                "levels",
                0,
                "a run that has solved at least one noise level",
            )),
        }
    }
}

fn solve_level(
    config: &TrainConfig,
    source: &DataSource,
    level: u64,
    noise: f64,
) -> Result<(Network, f64, confinement::ConfinementReport)> {
    let (count, kernel) = (config.points, config.kernel);
    let Sample { x, rows, n } = sample(config, source, level, noise);
    let columns = padded(count);
    let outputs = &x[..n * columns];
    let radius = confinement::radius(outputs, n, count);
    let (inputs, units) = (rows - n, config.units);
    let mut net = fixed_units(
        &x,
        (rows, inputs),
        count,
        units,
        config.activation,
        radius,
        config.seed,
    );
    let k = net.columns;
    // s = −P x + V a, so V a is fitted to P x, and W_out = (I + Q) V.
    let irreversible = config.given_q(n);
    let inverse = irreversible.as_ref().map(Irreversible::inverse);
    let targets = turned(inverse.as_deref(), outputs, n);

    let mut folds = vec![Moments::new(n, k); FOLDS];
    let mut group = Moments::new(n, k);
    for g in 0..GROUPS {
        let (first, last) = group_range(count, g);
        group.clear();
        let points = Points {
            x: &x,
            targets: &targets,
            columns,
            first,
            last,
            anchors: None,
        };
        group.accumulate(&net, config.activation, points, kernel);
        folds[g * FOLDS / GROUPS].add(&group, 1.0);
    }
    let mut all = group;
    all.clear();
    folds.iter().for_each(|fold| all.add(fold, 1.0));
    let square = mean_square(outputs, columns, count);
    // The tail of a Gaussian with the data's second moment, whatever the data's units. Weaker tails leave rays outward
    // until the anchors weigh so much that they spoil the fit.
    let kappa = config.anchor_pull.unwrap_or(n as f64 / square);
    let anchors = anchor_moments(config, &net, &x, n, radius, kappa, inverse.as_deref());
    // What the quadratic J lacks of the implicit loss E[½‖s‖² + ∇·s].
    let trace = inverse
        .as_ref()
        .map_or(n as f64, |p| p.iter().step_by(n + 1).sum());
    let spread = 0.5 * mean_square(&targets, columns, count) - trace;
    let input = config
        .input_standard()
        .map(|standard| (config.noise_input, standard));

    // Until the report holds: first larger ridges, which shrink weights that cancel among the data but not beyond it,
    // then heavier anchors.
    let mut weight = FIRST_ANCHOR_WEIGHT;
    loop {
        let candidates = candidate_ridges(config, &net, &all, &folds, &anchors, weight)?;
        for (i, &(ridge, loss)) in candidates.iter().enumerate() {
            let w_out = solve(&all, Some((&anchors, weight)), net.units, ridge, config.kernel)
                .ok_or_else(|| not_definite(config))?;
            put_outputs(&mut net, &w_out, irreversible.as_ref(), n);
            let mut plain = split_input(&net.unpack(config.activation), n, input.as_ref());
            plain.irreversible.clone_from(&irreversible);
            let network = config.in_units(Network::Reservoir(plain));
            let held = confinement::held(&network, &x, count, config);
            let report = confinement::report_over(held, radius, config.seed, weight, kernel)?;
            if report.confined || (weight >= LAST_ANCHOR_WEIGHT && i + 1 == candidates.len()) {
                return Ok((network, loss + spread, report));
            }
        }
        weight *= 10.0;
    }
}

/// A level's points: [row][columns], with noise added to the n outputs. Where log σ is the last input, all σ count alike: Stein's
/// identity has left no variance of 1/σ² to be weighed down, and weights of σ² would leave the small σ unlearned.
struct Sample {
    x: Vec<f32>,
    rows: usize,
    n: usize,
}

fn sample(config: &TrainConfig, source: &DataSource, level: u64, noise: f64) -> Sample {
    let columns = padded(config.points);
    let mut x = source.pass(config.seed, level, config.points, config.kernel);
    let n = source.dimension() - config.stimuli;
    let mut sigma = vec![(noise / config.noise_unit()) as f32; columns];
    if let Some(levels) = config.noise_levels_input() {
        let mut input = vec![0.0; columns];
        levels.fill(level, &mut sigma, &mut input);
        x.extend(input);
    }
    let add = AddNoise {
        x: &mut x[..n * columns],
        n,
        seed: config.seed,
        level,
        sigma: &sigma,
    };
    dispatch(config.kernel, add);
    Sample {
        rows: x.len() / columns,
        x,
        n,
    }
}

/// P x over columns, or x.
fn turned<'a>(p: Option<&[f64]>, x: &'a [f32], n: usize) -> Cow<'a, [f32]> {
    let Some(p) = p else { return Cow::Borrowed(x) };
    let columns = x.len() / n;
    let value = |d: usize, i: usize| {
        (0..n)
            .map(|k| p[d * n + k] * f64::from(x[k * columns + i]))
            .sum::<f64>() as f32
    };
    Cow::Owned((0..x.len()).map(|at| value(at / columns, at % columns)).collect())
}

/// Mean of ‖x‖² over points [n][columns].
fn mean_square(x: &[f32], columns: usize, count: usize) -> f64 {
    let values = x.chunks_exact(columns).flat_map(|row| &row[..count]);
    values.map(|&v| f64::from(v) * f64::from(v)).sum::<f64>() / count as f64
}

/// W_out = (I + Q) V.
fn put_outputs(net: &mut PackedReservoir, v: &[f64], irreversible: Option<&Irreversible>, n: usize) {
    let k = net.columns;
    let q = irreversible.map(Irreversible::matrix);
    for (at, to) in net.w_out[..n * k].iter_mut().enumerate() {
        *to = match &q {
            Some(q) => {
                let turned: f64 = (0..n).map(|e| q[at / k * n + e] * v[e * k + at % k]).sum();
                (v[at] + turned) as f32
            }
            None => v[at] as f32,
        };
    }
}

/// Sums over tail anchors: random directions, radii log-uniform in [2 R₀, 100 R₀], weight R₀²/‖x‖², target V a = (1 − κ) P x;
/// bounded units can't follow that, so for them the target stops growing at R₀ and f(x) = −x + (1 − κ) R₀ x/‖x‖. Inputs are those
/// of data points.
fn anchor_moments(
    config: &TrainConfig,
    net: &PackedReservoir,
    points: &[f32],
    n: usize,
    radius: f64,
    kappa: f64,
    inverse: Option<&[f64]>,
) -> Moments {
    let stream = Stream::new(config.seed, Purpose::Anchors);
    let ways = directions(stream, n, ANCHORS);
    let mut x = vec![0.0; net.dimension * ANCHORS];
    let columns = points.len() / net.dimension;
    let bounded = matches!(config.activation, Activation::Tanh | Activation::Sigmoid);
    let (mut weights, mut shares) = (Vec::with_capacity(ANCHORS), Vec::with_capacity(ANCHORS));
    for (i, way) in ways.iter().enumerate() {
        let [share, pick, ..] = stream.word4(i as u32, 1, 0);
        let r = radius * NEAREST_ANCHOR * libm::pow(REACH / NEAREST_ANCHOR, f64::from(unit(share)));
        weights.push((radius / r) * (radius / r));
        shares.push((1.0 - kappa) * if bounded { radius / r } else { 1.0 });
        for d in 0..n {
            x[d * ANCHORS + i] = (way[d] * r) as f32;
        }
        let pick = (u64::from(pick) * config.points as u64) >> 32;
        for d in n..net.dimension {
            x[d * ANCHORS + i] = points[d * columns + pick as usize];
        }
    }
    let mut sums = Moments::new(n, net.columns);
    let points = Points {
        x: &x,
        targets: &turned(inverse, &x[..n * ANCHORS], n),
        columns: ANCHORS,
        first: 0,
        last: ANCHORS,
        anchors: Some((&weights, &shares)),
    };
    sums.accumulate(net, config.activation, points, config.kernel);
    sums
}

/// x ← x + σε in place, [n][columns]; ε of a point at (seed, point, level, dimension).
struct AddNoise<'a> {
    x: &'a mut [f32],
    n: usize,
    seed: u64,
    level: u64,
    /// σ of each point.
    sigma: &'a [f32],
}

impl Task for AddNoise<'_> {
    type Output = ();

    fn run<L: Lanes>(self) {
        let columns = self.x.len() / self.n;
        let stream = Stream::new(self.seed, Purpose::TrainingNoise);
        for first in (0..columns).step_by(L::WIDTH) {
            let mut z = [L::zero(); 4];
            let sigma = L::load(&self.sigma[first..]);
            for d in 0..self.n {
                if d % 4 == 0 {
                    z = normals(stream, first as u32, self.level, d as u32 / 4);
                }
                let at = d * columns + first;
                L::load(&self.x[at..])
                    .add(sigma.mul(z[d % 4]))
                    .store(&mut self.x[at..]);
            }
        }
    }
}
