//! Scores, steps and gradients by matrix products have the bits of the plain sums, a unit and a sample at a time:
//! z_j = b_j + Σ_d W_fb[j,d] x_d, s_d = Σ_j W_out[d,j] φ(z_j) − x_d, each sum in index order.

use langevin_rnn_core::kernels::{Kernel, Scalar};
use langevin_rnn_core::langevin::{Initial, Integrator, Part, SampleConfig, sample};
use langevin_rnn_core::network::activation::{Phi, Relu, Sigmoid, Softplus, Tanh};
use langevin_rnn_core::network::reservoir::PackedReservoir;
use langevin_rnn_core::network::{Activation, Network, ReservoirSampler};
use langevin_rnn_core::random::gaussian::normals;
use langevin_rnn_core::random::{Purpose, Stream, unit};
use langevin_rnn_core::score_matching::loss::{Batch, RowsGradient, UnitGradient, Visit, reservoir_gradient};
use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};

fn values(count: usize, scale: f32, seed: u64) -> Vec<f32> {
    let stream = Stream::new(seed, Purpose::Weights);
    (0..count as u32)
        .map(|i| scale * (2.0 * unit(stream.word4(i, 0, 0)[0]) - 1.0))
        .collect()
}

fn network(n: usize, m: usize, activation: Activation, seed: u64) -> ReservoirSampler {
    let (w_out, w_fb) = (values(n * m, 0.3, seed), values(m * n, 1.0, seed + 1));
    ReservoirSampler::new(n, m, activation, w_out, w_fb, values(m, 1.0, seed + 2)).expect("shapes")
}

/// (z, a, s) at a point.
fn score<A: Phi>(net: &ReservoirSampler, x: &[f32]) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
    let (n, m) = (net.dimension, net.units);
    let z: Vec<f32> = (0..m)
        .map(|j| (0..n).fold(net.bias[j], |z, d| z + net.w_fb[j * n + d] * x[d]))
        .collect();
    let a: Vec<f32> = z.iter().map(|&z| A::value(Scalar(z)).0).collect();
    let s = (0..n)
        .map(|d| (0..m).fold(0.0, |s, j| s + net.w_out[d * m + j] * a[j]) - x[d])
        .collect();
    (z, a, s)
}

/// s at a point as training adds it up: 16 groups of whole panels of four units, in order.
fn grouped_score<A: Phi>(net: &ReservoirSampler, x: &[f32]) -> Vec<f32> {
    let (_, a, _) = score::<A>(net, x);
    let panels = net.units.div_ceil(4);
    let first = |g: usize| (4 * (panels * g / 16)).min(net.units);
    (0..net.dimension)
        .map(|d| {
            let group =
                |g| (first(g)..first(g + 1)).fold(0.0, |s, j| s + net.w_out[d * net.units + j] * a[j]);
            (0..16).fold(0.0, |s, g| s + group(g)) - x[d]
        })
        .collect()
}

/// Gradients in the network's own shapes: W_out [n, m], W_fb [m, n], b [m].
struct Gradients {
    w_out: Vec<f32>,
    w_fb: Vec<f32>,
    bias: Vec<f32>,
}

/// From residuals e [i, n] at points x [i, n].
fn gradients<A: Phi>(net: &ReservoirSampler, x: &[f32], e: &[f32]) -> Gradients {
    let (n, m) = (net.dimension, net.units);
    let mut g = Gradients {
        w_out: vec![0.0; n * m],
        w_fb: vec![0.0; m * n],
        bias: vec![0.0; m],
    };
    for (x, e) in x.chunks_exact(n).zip(e.chunks_exact(n)) {
        let (z, a, _) = score::<A>(net, x);
        for j in 0..m {
            let back = (0..n).fold(0.0, |sum, d| sum + net.w_out[d * m + j] * e[d]);
            let back = back * A::slope(Scalar(z[j]), Scalar(a[j])).0;
            g.bias[j] += back;
            for d in 0..n {
                g.w_out[d * m + j] += e[d] * a[j];
                g.w_fb[j * n + d] += back * x[d];
            }
        }
    }
    g
}

/// Collects what training would hand to Adam.
struct Collect(PackedReservoir);

impl Visit<Scalar> for Collect {
    fn visit<const T: usize>(
        &mut self,
        net: &mut PackedReservoir,
        first: usize,
        g: UnitGradient<'_, Scalar, T>,
    ) {
        for t in 0..T {
            self.0.bias[first + t] = g.bias[t].0;
            for d in 0..net.dimension {
                self.0.w_fb[net.fb_at(d, first + t)] = g.w_fb[d][t].0;
                self.0.w_out[net.out_at(d, first + t)] = g.w_out[d][t].0;
            }
        }
    }

    fn visit_rows(&mut self, net: &mut PackedReservoir, first: usize, g: RowsGradient<'_>) {
        let at = first * net.stride;
        self.0.bias[first..][..g.bias.len()].copy_from_slice(g.bias);
        self.0.w_fb[at..][..g.w_fb.len()].copy_from_slice(g.w_fb);
        self.0.w_out[at..][..g.w_out.len()].copy_from_slice(g.w_out);
        // No other group may read these weights any more.
        net.w_fb[at..][..g.w_fb.len()].fill(f32::NAN);
        net.w_out[at..][..g.w_out.len()].fill(f32::NAN);
        net.bias[first..][..g.bias.len()].fill(f32::NAN);
    }
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}

fn scores_equal<A: Phi>(net: &ReservoirSampler, count: usize, seed: u64) {
    let x = values(count * net.dimension, 2.0, seed);
    let got = Network::Reservoir(net.clone())
        .score(&x, Kernel::Auto)
        .expect("scores");
    let expected: Vec<f32> = x
        .chunks_exact(net.dimension)
        .flat_map(|x| score::<A>(net, x).2)
        .collect();
    assert_eq!(bits(&got), bits(&expected));
}

fn steps_equal<A: Phi>(net: &ReservoirSampler, chains: usize, seed: u64) {
    let (n, steps, dt) = (net.dimension, 6, 0.05);
    let config = SampleConfig {
        integrator: Integrator::EulerMaruyama,
        record_every: 2,
        burn_in: 1,
        seed,
        first_chain: 3,
        first_step: 2,
        ..SampleConfig::new(chains, steps, dt)
    };
    let part = Part {
        chain: 0,
        chains,
        from: 0,
        to: steps,
    };
    let start = values(chains * n, 1.0, seed);
    let got = sample(
        &Network::Reservoir(net.clone()),
        &config,
        part,
        Initial::Outputs(&start),
    )
    .expect("a run");
    let stream = Stream::new(seed, Purpose::Langevin);
    let mut draws = Vec::new();
    let mut states = start;
    for (c, x) in states.chunks_exact_mut(n).enumerate() {
        for t in 0..steps {
            let (_, _, s) = score::<A>(net, x);
            for d in 0..n {
                let absolute = t + 2;
                let noise = normals::<Scalar>(stream, c as u32 + 3, absolute / 4, d as u32);
                let noise = noise[(absolute % 4) as usize].0;
                x[d] = x[d] + dt as f32 * s[d] + (2.0 * dt).sqrt() as f32 * noise;
            }
            if [2, 4].contains(&t) {
                draws.extend_from_slice(x);
            }
        }
    }
    assert_eq!(bits(&got.draws), bits(&draws));
    assert_eq!(bits(&got.states), bits(&states));
}

fn gradients_equal<A: Phi>(net: &ReservoirSampler, size: usize, seed: u64) {
    let (n, noise) = (net.dimension, 0.3);
    let (x, eps) = (values(size * n, 2.0, seed), values(size * n, 2.0, seed + 1));
    let mut packed = net.pack_to_learn();
    let mut batch = Batch::new(n, size);
    for i in 0..size {
        for d in 0..n {
            batch.x[d * batch.columns + i] = x[i * n + d];
            batch.e[d * batch.columns + i] = eps[i * n + d];
        }
    }
    batch.residual::<Scalar, _>(&packed.field::<A>(), noise);
    let e: Vec<f32> = (0..size * n)
        .map(|k| batch.e[k % n * batch.columns + k / n])
        .collect();
    let expected: Vec<f32> = x
        .chunks_exact(n)
        .zip(eps.chunks_exact(n))
        .flat_map(|(x, eps)| {
            let s = if n > 2 {
                grouped_score::<A>(net, x)
            } else {
                score::<A>(net, x).2
            };
            let residual =
                |(s, eps): (&f32, &f32)| (s + eps * (1.0 / noise) as f32) * (1.0 / size as f64) as f32;
            s.iter().zip(eps).map(residual).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(bits(&e), bits(&expected), "residuals");
    let mut got = Collect(packed.clone());
    reservoir_gradient::<Scalar, A>(&mut packed, &batch, &mut got);
    let got = got.0.unpack(net.activation);
    let expected = gradients::<A>(net, &x, &e);
    assert_eq!(bits(&got.w_out), bits(&expected.w_out), "W_out");
    assert_eq!(bits(&got.w_fb), bits(&expected.w_fb), "W_fb");
    assert_eq!(bits(&got.bias), bits(&expected.bias), "b");
}

fn all_equal<A: Phi>(net: &ReservoirSampler, count: usize, seed: u64) {
    scores_equal::<A>(net, count, seed);
    // One output or two over relu units step by hinges and learn by sums of their own, which round in other ways: see one_output_tests.rs
    // and two_outputs_tests.rs of the networks, and few_outputs.rs.
    if net.dimension > 2 || net.activation != Activation::Relu {
        steps_equal::<A>(net, count, seed);
        gradients_equal::<A>(net, count, seed);
    }
}

#[test]
fn more_chains_than_a_group() {
    steps_equal::<Softplus>(&network(6, 9, Activation::Softplus, 1), 261, 2);
}

/// As many units as a few outputs take in one turn, and more; with every way to part the outputs, and those that products have.
#[test]
fn more_units_than_a_turn() {
    for m in [256, 600] {
        for n in 3..=12 {
            steps_equal::<Relu>(&network(n, m, Activation::Relu, n as u64), 21, 4);
        }
        for n in (3..=14).chain([39, 40, 41]) {
            steps_equal::<Tanh>(&network(n, m, Activation::Tanh, n as u64), 21, 4);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn products_equal_plain_sums(
        n in 1usize..49, m in 1usize..150, count in 1usize..75, seed in 0u64..1 << 32, which in 0usize..4,
    ) {
        let activation = [Activation::Relu, Activation::Tanh, Activation::Softplus, Activation::Sigmoid][which];
        let net = network(n, m, activation, seed);
        match activation {
            Activation::Relu => all_equal::<Relu>(&net, count, seed),
            Activation::Tanh => all_equal::<Tanh>(&net, count, seed),
            Activation::Softplus => all_equal::<Softplus>(&net, count, seed),
            Activation::Sigmoid => all_equal::<Sigmoid>(&net, count, seed),
        }
    }

    #[test]
    fn packing_and_unpacking_gives_the_network_back(n in 1usize..20, m in 1usize..50, seed in any::<u32>()) {
        let net = network(n, m, Activation::Tanh, u64::from(seed));
        prop_assert_eq!(&net.pack().unpack(net.activation), &net);
        prop_assert_eq!(&net.pack_to_learn().unpack(net.activation), &net);
    }
}
