//! Draws as the metrics take them, in double precision: points [count, n], and chains [chain, draw] of one coordinate.

use crate::error::{Error, Result, finite};

/// Points x_i ∈ ℝⁿ, row-major.
pub struct Points {
    pub values: Vec<f64>,
    pub count: usize,
    pub n: usize,
}

impl Points {
    /// Checks [point, n] numbers: finite, whole rows, `least` of them or more.
    pub fn new(argument: &'static str, draws: &[f32], n: usize, least: usize) -> Result<Self> {
        Self::thinned(argument, draws, n, least, usize::MAX)
    }

    /// The same, and then `most` of the points at an even stride where there are more: ⌊i · points / most⌋, i = 0 … most − 1.
    pub fn thinned(
        argument: &'static str,
        draws: &[f32],
        n: usize,
        least: usize,
        most: usize,
    ) -> Result<Self> {
        if n == 0 || draws.len() % n != 0 || draws.len() / n < least {
            return Err(Error::invalid(
                argument,
                format!("{} numbers for {n} dimensions", draws.len()),
                format!("[point, n] with {least} points or more"),
            ));
        }
        finite(argument, draws)?;
        let points = draws.len() / n;
        let count = points.min(most);
        let mut values = Vec::with_capacity(count * n);
        for i in 0..count {
            let row = (i as u64 * points as u64 / count as u64) as usize;
            values.extend(draws[row * n..(row + 1) * n].iter().map(|&v| f64::from(v)));
        }
        Ok(Self { values, count, n })
    }

    /// Checks that a reference has the dimensions of these.
    pub fn beside(&self, reference: &Self) -> Result<()> {
        if self.n == reference.n {
            return Ok(());
        }
        Err(Error::invalid(
            "reference",
            format!("{} dimensions", reference.n),
            format!("{}, as the draws have", self.n),
        ))
    }

    #[must_use]
    pub fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.n..(i + 1) * self.n]
    }
}

/// One coordinate of several chains of equal length.
pub struct Chains {
    pub values: Vec<f64>,
    pub chains: usize,
    pub draws: usize,
}

impl Chains {
    /// Checks [chain, draw] finite numbers.
    pub fn new(values: &[f32], chains: usize, draws: usize) -> Result<Self> {
        if values.is_empty() || values.len() != chains * draws {
            return Err(Error::invalid(
                "draws",
                format!("{} numbers for {chains} chains of {draws} draws", values.len()),
                "[chain, draw], at least one of each",
            ));
        }
        finite("draws", values)?;
        Ok(Self {
            values: values.iter().map(|&v| f64::from(v)).collect(),
            chains,
            draws,
        })
    }

    /// At least so many chains and draws in each.
    pub fn at_least(&self, chains: usize, draws: usize) -> Result<()> {
        if self.chains >= chains && self.draws >= draws {
            return Ok(());
        }
        let s = if chains == 1 { "" } else { "s" };
        Err(Error::invalid(
            "draws",
            format!("[{}, {}]", self.chains, self.draws),
            format!("at least {chains} chain{s} of {draws} draws"),
        ))
    }

    /// The same shape with other values.
    #[must_use]
    pub fn with(&self, values: Vec<f64>) -> Self {
        Self { values, ..*self }
    }

    /// First and second half of every chain as chains of their own; the middle draw of an odd number falls away.
    #[must_use]
    pub fn split(&self) -> Self {
        let half = self.draws / 2;
        let mut values = Vec::with_capacity(2 * half * self.chains);
        for start in [0, self.draws - half] {
            for row in self.values.chunks_exact(self.draws) {
                values.extend_from_slice(&row[start..start + half]);
            }
        }
        Self {
            values,
            chains: 2 * self.chains,
            draws: half,
        }
    }

    /// Mean of each chain.
    #[must_use]
    pub fn means(&self) -> Vec<f64> {
        self.values.chunks_exact(self.draws).map(mean).collect()
    }
}

#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Σ (x − x̄)² / (N − 1).
#[must_use]
#[inline(never)]
pub fn variance(values: &[f64]) -> f64 {
    let middle = mean(values);
    let squares: f64 = values.iter().map(|x| (x - middle) * (x - middle)).sum();
    squares / (values.len() - 1) as f64
}

/// The q-quantile of sorted values, linear between neighbours (NumPy's default, type 7 of Hyndman and Fan).
#[must_use]
#[inline(never)]
pub fn quantile(sorted: &[f64], q: f64) -> f64 {
    let place = q * (sorted.len() - 1) as f64;
    let low = place as usize;
    let (a, b) = (sorted[low], sorted[(low + 1).min(sorted.len() - 1)]);
    let part = place - low as f64;
    if part < 0.5 {
        a + (b - a) * part
    } else {
        b - (b - a) * (1.0 - part)
    }
}
