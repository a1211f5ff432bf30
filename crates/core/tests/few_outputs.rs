//! Training's residuals and gradients of one output and of two over relu units, e = (s(x̃) + ε/σ) / size and ∂L/∂(W_fb, b, W_out), equal the
//! sums over units and samples as they are written, in double precision.

use langevin_rnn_core::kernels::{Lanes, Scalar};
use langevin_rnn_core::network::activation::Relu;
use langevin_rnn_core::network::reservoir::PackedReservoir;
use langevin_rnn_core::network::{Activation, ReservoirSampler};
use langevin_rnn_core::score_matching::loss::{Batch, RowsGradient, UnitGradient, Visit, reservoir_gradient};
use proptest::prelude::{Strategy, prop_assert, proptest};

const NOISE: f64 = 0.4;
/// Rounding of a sum, over the sum of its terms' sizes.
const ROUNDING: f64 = 4e-6;

/// Takes gradients in the place of weights.
struct Collect(PackedReservoir);

impl<L: Lanes> Visit<L> for Collect {
    fn visit<const T: usize>(&mut self, net: &mut PackedReservoir, first: usize, g: UnitGradient<'_, L, T>) {
        for t in 0..T {
            let j = first + t * L::WIDTH;
            g.bias[t].store_at(&mut self.0.bias, j);
            for d in 0..net.dimension {
                g.w_fb[d][t].store_at(&mut self.0.w_fb, d * net.columns + j);
                g.w_out[d][t].store_at(&mut self.0.w_out, d * net.columns + j);
            }
        }
    }

    fn visit_rows(&mut self, _: &mut PackedReservoir, _: usize, _: RowsGradient<'_>) {
        panic!("few outputs come as vectors of units");
    }
}

/// A sum and the size of its rounding.
#[derive(Clone, Copy, Default)]
struct Sum {
    value: f64,
    size: f64,
}

impl Sum {
    fn add(&mut self, term: f64) {
        self.value += term;
        self.size += term.abs() * ROUNDING;
    }

    /// A term that the last bit of a sign decides on.
    fn doubt(&mut self, term: f64) {
        self.size += term.abs();
    }

    fn check(&self, what: &str, got: f32) -> Result<(), String> {
        if (f64::from(got) - self.value).abs() <= self.size + 1e-30 {
            return Ok(());
        }
        Err(format!(
            "{what}: {got}, expected {} within {:e}",
            self.value, self.size
        ))
    }
}

/// (w, v, b) of each unit; x̃ and ε of each sample.
fn equal_the_sums<const N: usize>(
    units: &[([f32; N], [f32; N], f32)],
    samples: &[([f32; N], [f32; N])],
) -> Result<(), String> {
    let (m, size) = (units.len(), samples.len());
    let w_out: Vec<f32> = (0..N).flat_map(|d| units.iter().map(move |u| u.0[d])).collect();
    let w_fb: Vec<f32> = units.iter().flat_map(|u| u.1).collect();
    let bias: Vec<f32> = units.iter().map(|u| u.2).collect();
    let net = ReservoirSampler::new(N, m, Activation::Relu, w_out, w_fb, bias).expect("shapes");
    let mut packed = net.pack_to_learn();
    let mut batch = Batch::new(N, size);
    // What padding holds has no say in anything.
    batch.x.fill(3.0);
    batch.e.fill(-2.0);
    for (i, (x, e)) in samples.iter().enumerate() {
        for d in 0..N {
            batch.x[d * batch.columns + i] = x[d];
            batch.e[d * batch.columns + i] = e[d];
        }
    }
    batch.residual::<Scalar, _>(&packed.field::<Relu>(), NOISE);
    let mut got = Collect(packed.clone());
    reservoir_gradient::<Scalar, Relu>(&mut packed, &batch, &mut got);
    let got = got.0.unpack(Activation::Relu);

    let dot = |v: &[f32; N], x: &[f32; N]| (0..N).map(|d| f64::from(v[d]) * f64::from(x[d])).sum::<f64>();
    for (i, (x, noise)) in samples.iter().enumerate() {
        for d in 0..N {
            let mut e = Sum::default();
            for (w, v, b) in units {
                let z = dot(v, x) + f64::from(*b);
                let parts = (0..N).map(|k| f64::from(v[k] * x[k]).abs()).sum::<f64>() + f64::from(b.abs());
                e.add(f64::from(w[d]) * z.max(0.0));
                e.doubt(f64::from(w[d]) * parts * ROUNDING);
            }
            e.add(-f64::from(x[d]));
            e.add(f64::from(noise[d]) / NOISE);
            let (value, scale) = (batch.e[d * batch.columns + i], size as f32);
            e.check(&format!("residual {d} of sample {i}"), value * scale)?;
        }
    }
    for (j, (w, v, b)) in units.iter().enumerate() {
        let mut by_bias = Sum::default();
        let (mut by_fb, mut by_out) = ([Sum::default(); N], [Sum::default(); N]);
        for (i, (x, _)) in samples.iter().enumerate() {
            let e: [f64; N] = std::array::from_fn(|d| f64::from(batch.e[d * batch.columns + i]));
            let z = dot(v, x) + f64::from(*b);
            let back: f64 = (0..N).map(|d| e[d] * f64::from(w[d])).sum();
            let sizes: f64 = (0..N).map(|d| (e[d] * f64::from(w[d])).abs()).sum();
            let parts = (0..N).map(|k| f64::from(v[k] * x[k]).abs()).sum::<f64>() + f64::from(b.abs());
            // The sign of z is only as sure as its rounding.
            let unsure = z.abs() <= parts * 1e-6;
            let put = |sum: &mut Sum, term: f64, size: f64| {
                if z > 0.0 {
                    sum.add(term);
                }
                sum.doubt(size * if unsure { 1.0 } else { ROUNDING });
            };
            put(&mut by_bias, back, sizes);
            for d in 0..N {
                put(
                    &mut by_fb[d],
                    back * f64::from(x[d]),
                    sizes * f64::from(x[d]).abs(),
                );
                put(&mut by_out[d], e[d] * z, 0.0);
                by_out[d].doubt(e[d] * parts * ROUNDING);
            }
        }
        by_bias.check(&format!("bias {j}"), got.bias[j])?;
        for d in 0..N {
            by_fb[d].check(&format!("W_fb[{j}, {d}]"), got.w_fb[j * N + d])?;
            by_out[d].check(&format!("W_out[{d}, {j}]"), got.w_out[d * m + j])?;
        }
    }
    Ok(())
}

fn entries<const N: usize>(bound: f32) -> impl Strategy<Value = [f32; N]> {
    proptest::array::uniform::<_, N>(-bound..bound)
}

proptest! {
    #[test]
    fn one_output(
        units in proptest::collection::vec((entries::<1>(1.0), entries::<1>(2.0), -3f32..3.0), 1..60),
        samples in proptest::collection::vec((entries::<1>(4.0), entries::<1>(3.0)), 1..150),
    ) {
        let outcome = equal_the_sums(&units, &samples);
        prop_assert!(outcome.is_ok(), "{:?}", outcome);
    }

    #[test]
    fn two_outputs(
        units in proptest::collection::vec((entries::<2>(1.0), entries::<2>(2.0), -3f32..3.0), 1..60),
        samples in proptest::collection::vec((entries::<2>(4.0), entries::<2>(3.0)), 1..300),
    ) {
        let outcome = equal_the_sums(&units, &samples);
        prop_assert!(outcome.is_ok(), "{:?}", outcome);
    }
}

#[test]
fn odd_units_of_one_output() {
    // Constant units and silent ones, kinks in one place, at a sample, beyond all samples and past the range of singles.
    let units = [
        (0.5, 0.0, 2.0),
        (0.5, -0.0, 2.0),
        (0.5, 0.0, -2.0),
        (0.5, -0.0, -2.0),
        (0.25, 1.0, 0.0),
        (-0.5, -1.0, 0.0),
        (0.75, 1.0, -1.0),
        (-0.75, -1.0, 1.0),
        (0.3, 1e-3, 50.0),
        (0.3, -1e-3, 50.0),
        (0.3, 1e-3, -50.0),
        (0.2, 1e-39, 1.0),
        (0.2, -1e-39, 1.0),
        (0.2, 1e-39, -1.0),
    ];
    let units = units.map(|(w, v, b)| ([w], [v], b));
    for count in [1, 2, 64, 65, 130] {
        let samples: Vec<_> = (0..count)
            .map(|i| ([(i * 7 % 9) as f32 * 0.5 - 2.0], [(i % 5) as f32 - 2.1]))
            .collect();
        equal_the_sums(&units, &samples).unwrap_or_else(|error| panic!("{count} samples: {error}"));
    }
}

#[test]
fn odd_units_of_two_outputs() {
    let units = [
        ([0.5, 0.1], [0.0, 0.0], 2.0),
        ([0.5, -0.4], [0.0, 0.0], -2.0),
        ([0.25, 0.3], [1.0, 0.0], 0.0),
        ([-0.5, 0.2], [0.0, -1.0], 0.0),
        ([0.75, 0.1], [1.0, 1.0], -1.0),
        ([-0.75, 0.9], [-1.0, -1.0], 1.0),
        ([0.3, 0.3], [1e-39, 1e-39], 1.0),
    ];
    // One table, a part of one, more than are held at once.
    for count in [1, 3, 4, 5, 128, 129, 300] {
        let samples: Vec<_> = (0..count)
            .map(|i| {
                let x = [(i * 7 % 9) as f32 * 0.5 - 2.0, (i * 4 % 11) as f32 * 0.25 - 1.0];
                (x, [(i % 5) as f32 - 2.1, (i % 3) as f32 - 0.9])
            })
            .collect();
        equal_the_sums(&units, &samples).unwrap_or_else(|error| panic!("{count} samples: {error}"));
    }
}
