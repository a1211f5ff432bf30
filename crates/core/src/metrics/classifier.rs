//! A small classifier: z = w₃·relu(W₂ᵀ relu(W₁ᵀ x + b₁) + b₂) + b₃, P(label 1 | x) = 1/(1 + e^(−z)), trained by Adam.
//!
//! Loss −log P(label) averaged over a batch, plus ½ α ‖W‖²/batch, with the settings of scikit-learn's `MLPClassifier`. Lanes run
//! over units: a product with a row of weights goes to all units at once, and W₂ is kept transposed as well for the way back.

use crate::kernels::{Lanes, padded};
use crate::random::{Purpose, Stream, permutation::permutation, unit};
use crate::score_matching::adam::{Adam, Moments};
use crate::score_matching::config::AdamConfig;

const BATCH: usize = 200;
const LEARNING_RATE: f64 = 1e-3;
/// α.
const PENALTY: f64 = 1e-4;
/// Training ends when this many epochs and one more in a row lower the loss by less than the tolerance.
const PATIENCE: usize = 10;
const TOLERANCE: f64 = 1e-4;
const MOST_EPOCHS: usize = 10_000;

/// Addresses within the classifier's stream: `dimension` of a word, after the folds' 0.
const WEIGHTS: u32 = 1;
const ORDER: u32 = 7;

/// Points [count, n] in single precision; the first `ones` have label 1, the others 0.
pub struct Labelled {
    pub points: Vec<f32>,
    pub n: usize,
    pub ones: usize,
}

impl Labelled {
    fn row(&self, place: u32) -> (&[f32], bool) {
        let place = place as usize;
        (
            &self.points[place * self.n..(place + 1) * self.n],
            place < self.ones,
        )
    }
}

/// Weights, or their gradient: rows of `width` units, padded with units that stay at 0.
struct Layers {
    /// W₁ [n][width], W₂ [units][width], w₃ [width].
    weights: Vec<f32>,
    /// b₁ [width], b₂ [width], b₃ and padding.
    biases: Vec<f32>,
}

/// A classifier and how its training went.
pub struct Classifier {
    n: usize,
    units: usize,
    width: usize,
    layers: Layers,
    pub epochs: usize,
    /// Of the last epoch.
    pub loss: f64,
}

/// What one point leaves in its layers, and W₂ᵀ [width][width].
struct Scratch {
    first: Vec<f32>,
    second: Vec<f32>,
    back_first: Vec<f32>,
    back_second: Vec<f32>,
    transposed: Vec<f32>,
}

/// out += factor · row: all of a classifier's work. A function of its own, small in code and soon compiled.
#[inline(never)]
fn add<L: Lanes>(out: &mut [f32], factor: f32, row: &[f32]) {
    let factor = L::splat(factor);
    for k in (0..out.len()).step_by(L::WIDTH) {
        L::load(&out[k..])
            .add(factor.mul(L::load(&row[k..])))
            .store(&mut out[k..]);
    }
}

/// U(−bound, bound), elements `first` … of a tensor of the stream (Glorot and Bengio 2010).
#[inline(never)]
fn uniform(to: &mut [f32], bound: f64, stream: Stream, time: u64, tensor: u32, first: usize) {
    for (value, k) in to.iter_mut().zip(first..) {
        let u = unit(stream.word4(k as u32 / 4, time, tensor)[k % 4]);
        *value = (bound * (2.0 * f64::from(u) - 1.0)) as f32;
    }
}

fn relu(values: &mut [f32]) {
    values
        .iter_mut()
        .for_each(|v| *v = if *v > 0.0 { *v } else { 0.0 });
}

impl Classifier {
    /// Three layers of Glorot's weights and biases; `time` tells one classifier from another of a seed.
    fn new(n: usize, units: usize, stream: Stream, time: u64) -> Self {
        let width = padded(units);
        let mut weights = vec![0.0; (n + units + 1) * width];
        let mut biases = vec![0.0; 2 * width + padded(1)];
        let mut row = 0;
        for (layer, (inputs, outputs)) in [(n, units), (units, units), (units, 1)].into_iter().enumerate() {
            let tensor = WEIGHTS + layer as u32;
            let bound = (6.0 / (inputs + outputs) as f64).sqrt();
            // w₃ lies along its row, as all vectors over units do.
            let rows = if outputs == 1 { 1 } else { inputs };
            let columns = if outputs == 1 { inputs } else { outputs };
            for i in 0..rows {
                let to = &mut weights[(row + i) * width..][..columns];
                uniform(to, bound, stream, time, tensor, i * columns);
            }
            uniform(
                &mut biases[layer * width..][..outputs],
                bound,
                stream,
                time,
                tensor + 3,
                0,
            );
            row += rows;
        }
        Self {
            n,
            units,
            width,
            layers: Layers { weights, biases },
            epochs: 0,
            loss: f64::INFINITY,
        }
    }

    /// Trains on the points at `places` until the loss falls no more.
    pub fn train<L: Lanes>(data: &Labelled, places: &[u32], units: usize, seed: u64, fold: usize) -> Self {
        let stream = Stream::new(seed, Purpose::Classifier);
        let mut net = Self::new(data.n, units, stream, fold as u64);
        let count = places.len();
        let batch = BATCH.min(count);
        let adam = |decay: f64| {
            Adam::new(&AdamConfig {
                epochs: MOST_EPOCHS,
                batch,
                learning_rate: LEARNING_RATE,
                final_learning_rate: None,
                weight_decay: decay,
                amsgrad: false,
                restart_levels: false,
            })
        };
        let (mut on_weights, mut on_biases) = (adam(PENALTY / batch as f64), adam(0.0));
        let mut moments = [&net.layers.weights, &net.layers.biases].map(|all| Moments::new(all.len(), false));
        let mut gradient = Layers {
            weights: vec![0.0; net.layers.weights.len()],
            biases: vec![0.0; net.layers.biases.len()],
        };
        let mut scratch = net.scratch();
        let (mut best, mut idle) = (f64::INFINITY, 0);
        while net.epochs < MOST_EPOCHS && idle <= PATIENCE {
            let mut order = permutation(stream, (fold as u64) << 32 | net.epochs as u64, ORDER, count);
            order
                .iter_mut()
                .for_each(|place| *place = places[*place as usize]);
            net.loss = 0.0;
            for part in order.chunks(batch) {
                net.loss += net.gradient::<L>(data, part, &mut gradient, &mut scratch) / count as f64;
                on_weights.next_step(LEARNING_RATE);
                on_weights.update_all::<L>(&mut net.layers.weights, &mut moments[0], &gradient.weights);
                on_biases.next_step(LEARNING_RATE);
                on_biases.update_all::<L>(&mut net.layers.biases, &mut moments[1], &gradient.biases);
            }
            net.epochs += 1;
            idle = if net.loss > best - TOLERANCE { idle + 1 } else { 0 };
            best = if net.loss < best { net.loss } else { best };
        }
        net
    }

    fn scratch(&self) -> Scratch {
        let row = || vec![0.0; self.width];
        Scratch {
            first: row(),
            second: row(),
            back_first: row(),
            back_second: row(),
            transposed: vec![0.0; self.width * self.width],
        }
    }

    /// z of one point, with the rates of both layers left in `scratch`.
    fn forward<L: Lanes>(&self, x: &[f32], scratch: &mut Scratch) -> f32 {
        let Layers { weights, biases } = &self.layers;
        let (inputs, rest) = weights.split_at(self.n * self.width);
        let Scratch { first, second, .. } = scratch;
        first.copy_from_slice(&biases[..self.width]);
        for (x, row) in x.iter().zip(inputs.chunks_exact(self.width)) {
            add::<L>(first, *x, row);
        }
        relu(first);
        second.copy_from_slice(&biases[self.width..2 * self.width]);
        let mut rows = rest.chunks_exact(self.width);
        for (a, row) in first[..self.units].iter().zip(&mut rows) {
            add::<L>(second, *a, row);
        }
        relu(second);
        let last = rows.next().unwrap_or_default();
        second
            .iter()
            .zip(last)
            .fold(biases[2 * self.width], |sum, (a, w)| sum + a * w)
    }

    /// Σ of the batch's losses, penalty included; the mean's gradient, penalty left to Adam's decay.
    fn gradient<L: Lanes>(
        &self,
        data: &Labelled,
        part: &[u32],
        gradient: &mut Layers,
        scratch: &mut Scratch,
    ) -> f64 {
        let (n, width) = (self.n, self.width);
        let hidden = &self.layers.weights[n * width..(n + self.units) * width];
        for (i, row) in hidden.chunks_exact(width).enumerate() {
            for (j, w) in row.iter().enumerate() {
                scratch.transposed[j * width + i] = *w;
            }
        }
        gradient.weights.fill(0.0);
        gradient.biases.fill(0.0);
        let squares: f64 = self
            .layers
            .weights
            .iter()
            .map(|w| f64::from(*w) * f64::from(*w))
            .sum();
        let mut loss = 0.5 * PENALTY * squares;
        for &i in part {
            let (x, label) = data.row(i);
            let z = f64::from(self.forward::<L>(x, scratch));
            // −log P = log(1 + e^−t) with t = ±z.
            let t = if label { z } else { -z };
            let e = libm::exp(-t.abs());
            loss += libm::log(1.0 + e) + if t < 0.0 { -t } else { 0.0 };
            let wrong = (if t > 0.0 { e } else { 1.0 }) / (1.0 + e);
            let back = (if label { -wrong } else { wrong }) / part.len() as f64;
            self.backward::<L>(x, back as f32, gradient, scratch);
        }
        loss
    }

    /// Adds one point's gradient, given ∂loss/∂z.
    fn backward<L: Lanes>(&self, x: &[f32], back: f32, gradient: &mut Layers, scratch: &mut Scratch) {
        let (width, third) = (self.width, (self.n + self.units) * self.width);
        let Scratch {
            first,
            second,
            back_first,
            back_second,
            transposed,
        } = scratch;
        let last = &self.layers.weights[third..];
        add::<L>(&mut gradient.weights[third..], back, second);
        gradient.biases[2 * width] += back;
        for (j, to) in back_second.iter_mut().enumerate() {
            *to = if second[j] > 0.0 { back * last[j] } else { 0.0 };
        }
        add::<L>(&mut gradient.biases[width..2 * width], 1.0, back_second);
        let rows = gradient.weights[self.n * width..third].chunks_exact_mut(width);
        for (row, a) in rows.zip(&*first) {
            add::<L>(row, *a, back_second);
        }
        back_first.fill(0.0);
        for (row, b) in transposed.chunks_exact(width).zip(&*back_second) {
            add::<L>(back_first, *b, row);
        }
        for (to, a) in back_first.iter_mut().zip(&*first) {
            *to = if *a > 0.0 { *to } else { 0.0 };
        }
        add::<L>(&mut gradient.biases[..width], 1.0, back_first);
        for (row, x) in gradient.weights.chunks_exact_mut(width).zip(x) {
            add::<L>(row, *x, back_first);
        }
    }

    /// Share of the points at `places` whose label is the more probable one.
    pub fn accuracy<L: Lanes>(&self, data: &Labelled, places: &[u32]) -> f64 {
        let mut scratch = self.scratch();
        let right = places.iter().filter(|&&place| {
            let (x, label) = data.row(place);
            (self.forward::<L>(x, &mut scratch) > 0.0) == label
        });
        right.count() as f64 / places.len() as f64
    }
}
