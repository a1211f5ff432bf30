//! Discrete Fourier transform of 2^k complex numbers in place: X_j = Σ_t x_t e^(−2πi jt/N), by radix-2 butterflies.
//!
//! Its own because a general crate would weigh more than all metrics together; the roots of unity need square roots only.

/// The roots of unity of one length.
pub struct Fourier {
    /// cos and sin of 2πk/N for k < N/2.
    cosine: Vec<f64>,
    sine: Vec<f64>,
}

impl Fourier {
    /// For N = `length`, a power of two, 2 or more.
    #[must_use]
    pub fn new(length: usize) -> Self {
        assert!(
            length.is_power_of_two() && length > 1,
            "the length is a power of two"
        );
        // (cos, sin) of 2π/2, 2π/4, 2π/8 …: half angles lose no digits, as the cosine stays at or above 0 from 2π/4 on.
        let mut roots = vec![(-1.0, 0.0), (0.0, 1.0)];
        while 1 << roots.len() < length {
            let (c, s): (f64, f64) = roots[roots.len() - 1];
            let half = (0.5 * (1.0 + c)).sqrt();
            roots.push((half, s / (2.0 * half)));
        }
        let (mut cosine, mut sine) = (vec![1.0], vec![0.0]);
        while cosine.len() < length / 2 {
            let done = cosine.len();
            // 2π · done/N is a whole turn by N/done.
            let (c, s) = roots[(length / done).ilog2() as usize - 1];
            for k in 0..done {
                let (a, b) = (cosine[k], sine[k]);
                cosine.push(a * c - b * s);
                sine.push(a * s + b * c);
            }
        }
        Self { cosine, sine }
    }

    #[must_use]
    pub fn length(&self) -> usize {
        2 * self.cosine.len()
    }

    /// cos(2πk/N).
    #[must_use]
    pub fn cosine(&self, k: usize) -> f64 {
        let half = self.cosine.len();
        if k < half {
            self.cosine[k]
        } else {
            -self.cosine[k - half]
        }
    }

    /// Transforms in place.
    pub fn transform(&self, real: &mut [f64], imaginary: &mut [f64]) {
        let length = self.length();
        let shift = usize::BITS - length.ilog2();
        for i in 0..length {
            let j = i.reverse_bits() >> shift;
            if i < j {
                real.swap(i, j);
                imaginary.swap(i, j);
            }
        }
        let mut half = 1;
        while half < length {
            for first in (0..length).step_by(2 * half) {
                self.butterflies(&mut real[first..], &mut imaginary[first..], half);
            }
            half *= 2;
        }
    }

    /// Joins two transforms of `half` numbers. A function of its own, so that engines compile it soon.
    #[inline(never)]
    fn butterflies(&self, real: &mut [f64], imaginary: &mut [f64], half: usize) {
        let stride = self.cosine.len() / half;
        let (real, later_real) = real.split_at_mut(half);
        let (imaginary, later_imaginary) = imaginary.split_at_mut(half);
        for k in 0..half {
            let (c, s) = (self.cosine[k * stride], self.sine[k * stride]);
            let (a, b) = (later_real[k], later_imaginary[k]);
            let (x, y) = (a * c + b * s, b * c - a * s);
            later_real[k] = real[k] - x;
            later_imaginary[k] = imaginary[k] - y;
            real[k] += x;
            imaginary[k] += y;
        }
    }
}
