//! Adam: θ ← θ − η/(1−β₁ᵗ) · m / (√(v̂/(1−β₂ᵗ)) + ε), with coupled decay g + λθ, and v̂ the running maximum under AMSGrad.
//!
//! Kingma and Ba 2015; Reddi, Kale and Kumar 2018; in the form of PyTorch's `Adam`.

use super::config::AdamConfig;
use crate::kernels::Lanes;

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f32 = 1e-8;

/// Running moments of one tensor.
#[derive(Clone, Debug)]
pub struct Moments {
    mean: Vec<f32>,
    square: Vec<f32>,
    /// Empty without AMSGrad.
    largest: Vec<f32>,
}

impl Moments {
    #[must_use]
    pub fn new(length: usize, amsgrad: bool) -> Self {
        Self {
            mean: vec![0.0; length],
            square: vec![0.0; length],
            largest: vec![0.0; if amsgrad { length } else { 0 }],
        }
    }

    /// The arrays by name, for checkpoints.
    pub(super) fn arrays_mut(&mut self) -> impl Iterator<Item = (&'static str, &mut Vec<f32>)> {
        let all = [
            ("mean", &mut self.mean),
            ("square", &mut self.square),
            ("largest", &mut self.largest),
        ];
        all.into_iter().filter(|(_, values)| !values.is_empty())
    }

    /// Forgets everything, as a restart at a new noise level does.
    pub fn reset(&mut self) {
        self.mean.fill(0.0);
        self.square.fill(0.0);
        self.largest.fill(0.0);
    }
}

/// The step counter and the settings, as single-precision factors of the step at hand.
#[derive(Clone, Debug)]
pub struct Adam {
    weight_decay: f32,
    amsgrad: bool,
    steps: u64,
    power1: f64,
    power2: f64,
    rate: f32,
    root: f32,
}

impl Adam {
    #[must_use]
    pub fn new(config: &AdamConfig) -> Self {
        Self {
            weight_decay: config.weight_decay as f32,
            amsgrad: config.amsgrad,
            steps: 0,
            power1: 1.0,
            power2: 1.0,
            rate: 0.0,
            root: 0.0,
        }
    }

    /// Starts the bias corrections anew.
    pub fn reset(&mut self) {
        self.steps = 0;
        self.power1 = 1.0;
        self.power2 = 1.0;
    }

    /// Steps since the start or the last restart.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Goes to the state after `steps` steps: the powers by the same products, so that they have the same bits.
    pub(super) fn rewind(&mut self, steps: u64) {
        self.reset();
        for _ in 0..steps {
            self.count();
        }
    }

    fn count(&mut self) {
        self.steps += 1;
        self.power1 *= BETA1;
        self.power2 *= BETA2;
    }

    /// Begins the next step, of size η.
    pub fn next_step(&mut self, learning_rate: f64) {
        self.count();
        self.rate = (learning_rate / (1.0 - self.power1)) as f32;
        self.root = (1.0 / (1.0 - self.power2).sqrt()) as f32;
    }

    /// Updates `WIDTH` weights with their moments; `largest` with AMSGrad.
    #[inline(always)]
    fn step<L: Lanes>(
        &self,
        weights: &mut [f32],
        means: &mut [f32],
        squares: &mut [f32],
        largest: Option<&mut [f32]>,
        gradient: L,
    ) {
        let w = L::load(weights);
        let g = gradient.add(L::splat(self.weight_decay).mul(w));
        let mean = L::splat(BETA1 as f32)
            .mul(L::load(means))
            .add(L::splat((1.0 - BETA1) as f32).mul(g));
        let square = L::splat(BETA2 as f32)
            .mul(L::load(squares))
            .add(L::splat((1.0 - BETA2) as f32).mul(g.mul(g)));
        mean.store(means);
        square.store(squares);
        let spread = match largest {
            Some(largest) => {
                let spread = L::load(largest).pmax(square);
                spread.store(largest);
                spread
            }
            None => square,
        };
        let denominator = spread.sqrt().mul(L::splat(self.root)).add(L::splat(EPSILON));
        w.sub(L::splat(self.rate).mul(mean).div(denominator))
            .store(weights);
    }

    /// Updates `WIDTH` weights from `at` with their gradient.
    #[inline(always)]
    pub fn update<L: Lanes>(&self, weights: &mut [f32], moments: &mut Moments, at: usize, gradient: L) {
        let range = at..at + L::WIDTH;
        let largest = self.amsgrad.then(|| &mut moments.largest[range.clone()]);
        let (means, squares) = (
            &mut moments.mean[range.clone()],
            &mut moments.square[range.clone()],
        );
        self.step(&mut weights[range], means, squares, largest, gradient);
    }

    /// Updates as many weights from `at` on as there are gradients, a multiple of `WIDTH`.
    #[inline(never)]
    pub fn update_from<L: Lanes>(
        &self,
        weights: &mut [f32],
        moments: &mut Moments,
        at: usize,
        gradient: &[f32],
    ) {
        // No check of bounds in the loop: a way out of it keeps engines from making constants ahead.
        let range = at..at + gradient.len();
        let mut largest = self
            .amsgrad
            .then(|| moments.largest[range.clone()].chunks_exact_mut(L::WIDTH));
        let weights = weights[range.clone()].chunks_exact_mut(L::WIDTH);
        let means = moments.mean[range.clone()].chunks_exact_mut(L::WIDTH);
        let squares = moments.square[range].chunks_exact_mut(L::WIDTH);
        let all = weights.zip(means).zip(squares);
        for (((weights, means), squares), gradient) in all.zip(gradient.chunks_exact(L::WIDTH)) {
            let largest = largest.as_mut().and_then(Iterator::next);
            self.step(weights, means, squares, largest, L::load(gradient));
        }
    }

    /// Updates a whole tensor whose length is a multiple of `WIDTH`.
    pub fn update_all<L: Lanes>(&self, weights: &mut [f32], moments: &mut Moments, gradient: &[f32]) {
        self.update_from::<L>(weights, moments, 0, gradient);
    }
}
