//! Classifier two-sample test: how often a classifier tells draws from reference draws, on points that it wasn't trained on.
//!
//! C2ST = mean over K folds of the accuracy on the fold, ½ where the laws are equal, 1 where they are apart (Lopez-Paz and Oquab
//! 2017). The setting is that of the sbibm benchmark (Lueckmann et al. 2021): both samples scaled by the mean and the deviation
//! of the reference, two layers of 10 n relu units, Adam, five folds.

use super::classifier::{Classifier, Labelled};
use super::sample::{Points, mean, variance};
use crate::error::{Error, Result};
use crate::kernels::{Kernel, Lanes, Task, dispatch};
use crate::random::{Purpose, Stream, permutation::permutation};

/// Hidden units for each dimension.
const UNITS: usize = 10;

/// What one fold gave.
pub struct Fold {
    /// Share of the fold's points that were told right.
    pub accuracy: f64,
    /// Epochs of training.
    pub epochs: usize,
    /// Training loss of the last epoch.
    pub loss: f64,
}

/// Fold `fold` of `folds`: the classifier learns from the others. C2ST is the mean accuracy of all.
pub fn fold(x: &Points, reference: &Points, fold: usize, folds: usize, seed: u64) -> Result<Fold> {
    x.beside(reference)?;
    let count = x.count + reference.count;
    if folds < 2 || folds > count || fold >= folds {
        return Err(Error::invalid(
            "folds",
            folds,
            format!("from 2 to the {count} points of both samples"),
        ));
    }
    let order = permutation(Stream::new(seed, Purpose::Classifier), 0, 0, count);
    // The first folds have one point more where they can't all be equal.
    let start = |k: usize| k * (count / folds) + k.min(count % folds);
    let (first, end) = (start(fold), start(fold + 1));
    let mut learned = order[..first].to_vec();
    learned.extend_from_slice(&order[end..]);
    let data = Labelled {
        points: scaled(x, reference),
        n: x.n,
        ones: x.count,
    };
    Ok(dispatch(
        Kernel::Auto,
        Trial {
            data: &data,
            learned: &learned,
            held_out: &order[first..end],
            seed,
            fold,
        },
    ))
}

/// Both samples [count, n], (x − mean)/deviation of the reference's coordinates; one that stands still keeps its scale.
fn scaled(x: &Points, reference: &Points) -> Vec<f32> {
    let n = x.n;
    let mut out = vec![0.0; x.values.len() + reference.values.len()];
    for d in 0..n {
        let axis: Vec<f64> = (0..reference.count).map(|i| reference.row(i)[d]).collect();
        let (middle, deviation) = (mean(&axis), variance(&axis).sqrt());
        let scale = if deviation > 0.0 { deviation } else { 1.0 };
        for i in 0..x.count + reference.count {
            let row = if i < x.count {
                x.row(i)
            } else {
                reference.row(i - x.count)
            };
            out[i * n + d] = ((row[d] - middle) / scale) as f32;
        }
    }
    out
}

struct Trial<'a> {
    data: &'a Labelled,
    learned: &'a [u32],
    held_out: &'a [u32],
    seed: u64,
    fold: usize,
}

impl Task for Trial<'_> {
    type Output = Fold;

    fn run<L: Lanes>(self) -> Fold {
        let units = UNITS * self.data.n;
        let net = Classifier::train::<L>(self.data, self.learned, units, self.seed, self.fold);
        Fold {
            accuracy: net.accuracy::<L>(self.data, self.held_out),
            epochs: net.epochs,
            loss: net.loss,
        }
    }
}
