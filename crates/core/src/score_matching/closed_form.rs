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
use super::schedule::noise_levels;
use super::{Level, Trained};
use crate::error::{Error, Result};
use crate::kernels::{Kernel, Lanes, Task, dispatch, padded};
use crate::linear_algebra::{cholesky, solve_cholesky};
use crate::network::reservoir::PackedReservoir;
use crate::network::{Activation, Irreversible, Network};
use crate::order::order;
use crate::random::{Purpose, Stream, directions::directions, gaussian::normals, unit};
use std::borrow::Cow;

/// λ is chosen by cross-validation over this many folds, each a quarter of the groups.
const FOLDS: usize = 4;
const ANCHORS: usize = 4096;
/// Anchors begin at this many data radii: nearer ones would pull at the data's own, often far steeper, slopes.
const NEAREST_ANCHOR: f64 = 2.0;
const FIRST_ANCHOR_WEIGHT: f64 = 1e-2;
const LAST_ANCHOR_WEIGHT: f64 = 1e4;

/// A run in progress: one noise level a call.
pub struct ClosedFormTrainer {
    config: TrainConfig,
    source: DataSource,
    noise_levels: Vec<f64>,
    levels: Vec<Level>,
    losses: Vec<f64>,
    report: Option<confinement::ConfinementReport>,
}

impl ClosedFormTrainer {
    /// Starts a run from a checked configuration.
    #[must_use]
    pub fn new(config: TrainConfig, source: DataSource) -> Self {
        Self {
            noise_levels: noise_levels(config.noise_max, config.noise_min, config.levels),
            config,
            source,
            levels: Vec::new(),
            losses: Vec::new(),
            report: None,
        }
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
            let (network, loss, report) = solve_level(&self.config, &self.source, k as u64, noise)?;
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

fn not_definite(config: &TrainConfig) -> Error {
    Error::invalid(
        "ridges",
        format!("{:?}", config.ridges),
        "a relative ridge large enough for the normal equations to be positive definite, such as 1e-6",
    )
}

/// Ridges worth trying with their cross-validated losses J = ½ tr(W G Wᵀ) − tr(W Cᵀ), in rising order. The first is the
/// largest whose loss lies within one standard error of the least: the least itself is often an accident, since φ′ makes
/// held-out losses noisy, and a small λ costs far more when it is wrong than a large one.
fn candidate_ridges(
    config: &TrainConfig,
    net: &PackedReservoir,
    all: &Moments,
    folds: &[Moments],
    anchors: &Moments,
    weight: f64,
) -> Result<Vec<(f64, f64)>> {
    let mut tried: Vec<(f64, Vec<f64>)> = Vec::new();
    for &ridge in &config.ridges {
        let losses: Option<Vec<f64>> = folds
            .iter()
            .map(|fold| {
                let mut rest = all.clone();
                rest.add(fold, -1.0);
                let w = solve(&rest, Some((anchors, weight)), net.units, ridge, config.kernel)?;
                Some(quadratic_loss(fold, &w, net.units)).filter(|loss| loss.is_finite())
            })
            .collect();
        tried.extend(losses.map(|losses| (ridge, losses)));
    }
    let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
    let best = tried
        .iter()
        .min_by(|a, b| mean(&a.1).total_cmp(&mean(&b.1)))
        .ok_or_else(|| not_definite(config))?;
    let close = tried.iter().filter(|(_, losses)| {
        // Paired over folds: they share their points, so only the difference counts.
        let gaps: Vec<f64> = losses.iter().zip(&best.1).map(|(a, b)| a - b).collect();
        let gap = mean(&gaps);
        let spread: f64 = gaps.iter().map(|g| (g - gap) * (g - gap)).sum::<f64>() / (gaps.len() - 1) as f64;
        gap <= (spread / gaps.len() as f64).sqrt()
    });
    let chosen = close.map(|(ridge, _)| *ridge).fold(best.0, f64::max);
    let candidates: Vec<(f64, f64)> = tried
        .iter()
        .filter(|(ridge, _)| *ridge >= chosen)
        .map(|(ridge, losses)| (*ridge, mean(losses)))
        .collect();
    let ridges: Vec<f64> = candidates.iter().map(|(ridge, _)| *ridge).collect();
    Ok(order(&ridges).iter().map(|&k| candidates[k as usize]).collect())
}

/// J of W_out [n][k] under the mean of the sums.
fn quadratic_loss(sums: &Moments, w: &[f64], units: usize) -> f64 {
    let k = sums.k;
    let mut loss = 0.0;
    for d in 0..sums.n {
        let row = &w[d * k..d * k + units];
        for i in 0..units {
            let tail: f64 = (i + 1..units).map(|j| sums.g[i * k + j] * row[j]).sum();
            loss += row[i] * (0.5 * sums.g[i * k + i] * row[i] + tail - sums.c[d * k + i]);
        }
    }
    loss / sums.weight
}

/// W_out [n][k] from means of the sums plus anchors; None when the matrix isn't positive definite.
fn solve(
    sums: &Moments,
    anchors: Option<(&Moments, f64)>,
    units: usize,
    ridge: f64,
    kernel: Kernel,
) -> Option<Vec<f64>> {
    let (k, n) = (sums.k, sums.n);
    let mean = |data: f64, anchor: &dyn Fn(&Moments) -> f64| -> f64 {
        data / sums.weight + anchors.map_or(0.0, |(a, w)| w * anchor(a) / ANCHORS as f64)
    };
    // The factor works on whole tiles of the upper triangle, as the sums do; padding units get a unit diagonal.
    let mut a = vec![0.0; k * k];
    for i in 0..k {
        for j in i..k {
            a[i * k + j] = mean(sums.g[i * k + j], &|anchor| anchor.g[i * k + j]);
        }
    }
    let trace: f64 = (0..units).map(|i| a[i * k + i]).sum();
    for i in 0..k {
        a[i * k + i] += if i < units {
            ridge * trace / units as f64
        } else {
            1.0
        };
    }
    if !cholesky(&mut a, k, kernel) {
        return None;
    }
    let mut w = vec![0.0; n * k];
    for d in 0..n {
        let row = &mut w[d * k..(d + 1) * k];
        for (j, value) in row[..units].iter_mut().enumerate() {
            *value = mean(sums.c[d * k + j], &|anchor| anchor.c[d * k + j]);
        }
        solve_cholesky(&a, k, row);
    }
    w.iter().all(|v| v.is_finite()).then_some(w)
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
