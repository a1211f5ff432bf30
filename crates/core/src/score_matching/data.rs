//! What a pass of training sees: fresh draws of a target, or a user's points in an order shuffled by the streams.

use crate::error::{Error, Result, count, finite, length};
use crate::kernels::{Kernel, padded};
use crate::network::{Scaling, Standard};
use crate::random::{Purpose, Stream, permutation::permutation};
use crate::targets::Target;

/// Where training points come from.
#[derive(Clone, Debug)]
pub enum DataSource {
    /// Fresh draws every pass.
    Target(Target),
    /// Points [count, n].
    Points {
        values: Vec<f32>,
        count: usize,
        n: usize,
    },
}

impl DataSource {
    /// A user's points, checked.
    pub fn points(values: Vec<f32>, points: usize, n: usize) -> Result<Self> {
        count("data.shape", points, u32::MAX as usize)?;
        count("data.shape", n, 1 << 16)?;
        length("data", values.len(), points * n, &format!("[{points}, {n}]"))?;
        finite("data", &values)?;
        if (0..n).all(|d| (1..points).all(|i| values[i * n + d] == values[d])) {
            return Err(equal_points(points));
        }
        Ok(Self::Points {
            values,
            count: points,
            n,
        })
    }

    /// A user's points with their stimuli, rows of n + k numbers, in units of their own: stimuli are standardised, x too where
    /// asked or, with `standardise` absent, where single precision needs it; with `common`, by one deviation for all of x.
    pub fn in_units(
        mut values: Vec<f32>,
        points: usize,
        n: usize,
        k: usize,
        standardise: Option<bool>,
        common: bool,
    ) -> Result<(Self, Scaling)> {
        let width = n + k;
        length(
            "data",
            values.len(),
            points * width,
            &format!("[{points}, {width}]"),
        )?;
        finite("data", &values)?;
        let x = Standard::of(&values, width, 0, n);
        let mut scaling = Scaling {
            x: Standard::default(),
            stimulus: Standard::of(&values, width, n, k),
        };
        if k > 0 && (0..n).all(|d| values.chunks_exact(width).all(|row| row[d] == values[d])) {
            return Err(equal_points(points));
        }
        if standardise.unwrap_or_else(|| x.is_far_from_unit()) {
            scaling.x = if common { x.isotropic() } else { x };
        }
        standardised(&mut values, width, &scaling);
        Ok((Self::points(values, points, width)?, scaling))
    }

    /// Puts as many fresh points in the place of a user's, in the units of the first.
    pub fn feed(&mut self, mut fresh: Vec<f32>, scaling: &Scaling) -> Result<()> {
        let Self::Points { values, n, .. } = self else {
            return Ok(());
        };
        length("data", fresh.len(), values.len(), "as many as before")?;
        finite("data", &fresh)?;
        standardised(&mut fresh, *n, scaling);
        *values = fresh;
        Ok(())
    }

    #[must_use]
    pub fn dimension(&self) -> usize {
        match self {
            Self::Target(target) => target.dimension(),
            Self::Points { n, .. } => *n,
        }
    }

    /// `points` points of pass `pass` as [n][padded], lanes over points.
    #[must_use]
    pub fn pass(&self, seed: u64, pass: u64, points: usize, kernel: Kernel) -> Vec<f32> {
        match self {
            Self::Target(target) => {
                target.draws(Stream::new(seed, Purpose::TrainingData), 0, points, pass, kernel)
            }
            Self::Points { values, count, n } => {
                let order = permutation(Stream::new(seed, Purpose::Shuffle), pass, 0, *count);
                let columns = padded(points);
                let mut out = vec![0.0; n * columns];
                for (i, &k) in order[..points].iter().enumerate() {
                    for d in 0..*n {
                        out[d * columns + i] = values[k as usize * n + d];
                    }
                }
                out
            }
        }
    }
}

/// Rows of a point and its stimulus, in place.
#[inline(never)]
fn standardised(rows: &mut [f32], width: usize, scaling: &Scaling) {
    let k = scaling.stimulus.mean.len();
    scaling.stimulus.standardise(rows, width, width - k);
    scaling.x.standardise(rows, width, 0);
}

#[cold]
fn equal_points(points: usize) -> Error {
    Error::invalid("data", format!("{points} equal points"), "points that differ")
}
