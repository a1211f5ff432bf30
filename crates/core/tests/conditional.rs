//! Stimuli and noise levels as inputs: circuit and projected path agree while they move, posteriors and modes come out right.

mod common;

use common::{bits, circuit_follows, whole};
use langevin_rnn_core::kernels::{Kernel, Scalar};
use langevin_rnn_core::langevin::{
    Change, Evaluator, Initial, Integrator, Part, Prepared, SampleConfig, Start, sample_prepared,
};
use langevin_rnn_core::network::{Activation, Input, Network, ReservoirSampler, Standard};
use langevin_rnn_core::random::{Purpose, Stream, gaussian::normals, unit};
use langevin_rnn_core::score_matching::config::Available;
use langevin_rnn_core::score_matching::{DataSource, Method, TrainConfig, TrainOptions, Trained, Trainer};
use langevin_rnn_core::targets::GaussianMixture;

fn train(config: TrainConfig, source: DataSource) -> Trained {
    let mut run = Trainer::new(config, source);
    while !run.advance(1).expect("finite") {}
    run.finish().expect("a network")
}

/// Random weights with `stimuli` inputs and log σ.
fn random_network(n: usize, m: usize, stimuli: usize, activation: Activation) -> Network {
    let stream = Stream::new(11, Purpose::Weights);
    let draw = |tensor: u32, length: usize, scale: f32| -> Vec<f32> {
        (0..length as u32)
            .map(|i| scale * (2.0 * unit(stream.word4(i, 0, tensor)[0]) - 1.0))
            .collect()
    };
    let w_out = draw(0, n * m, 1.2 / (m as f32).sqrt());
    let mut net =
        ReservoirSampler::new(n, m, activation, w_out, draw(1, m * n, 1.0), draw(2, m, 1.0)).expect("shapes");
    let size = stimuli + 1;
    let standard = Standard {
        mean: vec![0.5; size],
        deviation: vec![2.0; size],
    };
    net.input = Some(Input::new(m, true, draw(3, m * size, 1.0), standard).expect("shapes"));
    Network::Reservoir(net)
}

#[test]
fn the_circuit_equals_its_projected_path_while_inputs_move() {
    for (n, activation) in [
        (1, Activation::Relu),
        (1, Activation::Tanh),
        (2, Activation::Relu),
        (3, Activation::Softplus),
    ] {
        for integrator in [
            Integrator::EulerMaruyama,
            Integrator::ExponentialEuler,
            Integrator::LeimkuhlerMatthews,
        ] {
            let network = random_network(n, 150, 2, activation);
            let projected = SampleConfig {
                integrator,
                stimulus: vec![1.0, -2.0],
                noise: Some(3.0),
                changes: vec![
                    Change {
                        step: 301,
                        stimulus: Some(vec![4.0, 0.0]),
                        ..Change::default()
                    },
                    Change {
                        step: 630,
                        noise: Some(0.1),
                        dt: Some(0.005),
                        ..Change::default()
                    },
                ],
                record_every: 10,
                seed: 7,
                ..SampleConfig::new(12, 1000, 0.01)
            };
            let x = circuit_follows(
                &network,
                &projected,
                &format!("{activation:?}, {integrator:?}, n = {n}"),
            );
            let still = SampleConfig {
                changes: Vec::new(),
                ..projected
            };
            let moved = x
                .iter()
                .zip(whole(&network, &still).draws)
                .map(|(a, b)| (a - b).abs());
            assert!(moved.fold(0.0, f32::max) > 0.1, "inputs act");
        }
    }
}

/// A held input is a bias: s(x | u) of the network and of the one it becomes.
#[test]
fn a_held_input_is_a_bias() {
    let network = random_network(2, 40, 1, Activation::Tanh);
    let Network::Reservoir(net) = &network else {
        unreachable!("a reservoir was made")
    };
    let input = net.input.as_ref().expect("an input");
    let (u, sigma, x) = (1.7, 0.3f64, [0.4f32, -1.1]);
    let held = network.at(&[u], Some(sigma));
    let score = held.score(&x, Kernel::Auto).expect("a point");
    let entries = [(u - 0.5) / 2.0, (sigma.ln() - 0.5) / 2.0];
    for d in 0..2 {
        let sum: f64 = (0..net.units)
            .map(|j| {
                let drive = |weights: &[f32], values: &[f64]| -> f64 {
                    weights.iter().zip(values).map(|(w, v)| f64::from(*w) * v).sum()
                };
                let z = f64::from(net.bias[j])
                    + drive(&net.w_fb[2 * j..2 * j + 2], &x.map(f64::from))
                    + drive(&input.weights[2 * j..2 * j + 2], &entries);
                f64::from(net.w_out[d * net.units + j]) * z.tanh()
            })
            .sum();
        assert!((sum - f64::from(x[d]) - f64::from(score[d])).abs() < 1e-5);
    }
    assert!(
        network.score(&x, Kernel::Auto).is_err(),
        "an input has to be held first"
    );
}

/// Modes far apart: at a small σ no chain crosses between them, and their weights come from the noisier levels.
#[test]
fn annealed_sampling_gets_the_weights_of_modes_right() {
    let law = GaussianMixture {
        weights: vec![0.3, 0.7],
        means: vec![vec![-1.5], vec![1.5]],
        deviations: vec![0.3, 0.3],
    };
    // σ² gives the small σ little weight, so that Adam takes long to learn them.
    for (method, units, epochs, tolerance) in
        [(Method::ClosedForm, 200, 1, 0.05), (Method::Adam, 256, 150, 0.1)]
    {
        let options = TrainOptions {
            method: Some(method),
            units: Some(units),
            noise_input: Some(true),
            noise_min: Some(0.1),
            noise_max: Some(3.0),
            epochs: Some(epochs),
            batch: Some(64),
            learning_rate: Some(1e-2),
            amsgrad: Some(true),
            ..TrainOptions::default()
        };
        let config = TrainConfig::resolve(options, 1, Available::Unlimited, 1 << 30).expect("settings");
        let trained = train(config, DataSource::Target(law.clone().into()));
        let levels = 30;
        let each = 40;
        let noise = |k: u64| 3.0 * (0.1f64 / 3.0).powf(k as f64 / (levels - 1) as f64);
        let dt = |k: u64| (0.1 * (noise(k) * noise(k) + 0.09)).min(0.5);
        let config = SampleConfig {
            noise: Some(noise(0)),
            start: Start::Normal {
                mean: 0.0,
                deviation: 3.0,
            },
            changes: (1..levels)
                .map(|k| Change {
                    step: k * each,
                    noise: Some(noise(k)),
                    dt: Some(dt(k)),
                    ..Change::default()
                })
                .collect(),
            ..SampleConfig::new(4000, levels * each, dt(0))
        };
        let draws = whole(&trained.network, &config).draws;
        let right: Vec<f64> = draws
            .iter()
            .filter(|x| **x > 0.0)
            .map(|x| f64::from(*x))
            .collect();
        let share = right.len() as f64 / draws.len() as f64;
        let mean = right.iter().sum::<f64>() / right.len() as f64;
        let deviation =
            (right.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / right.len() as f64).sqrt();
        assert!((share - 0.7).abs() < tolerance, "{method:?}: share {share}");
        assert!((mean - 1.5).abs() < 4.0 * tolerance, "{method:?}: mean {mean}");
        assert!(
            (0.25..0.6).contains(&deviation),
            "{method:?}: deviation {deviation}"
        );
    }
}

/// Coordinates of deviations 1 and 7 have the unit 5 = √((1 + 49)/2) in common, or each its own; noise levels are in units of x.
#[test]
fn one_deviation_serves_all_coordinates() {
    let rows = vec![1.0, 4.0, -1.0, 4.0, 1.0, -10.0, -1.0, -10.0];
    let points = |common| DataSource::in_units(rows.clone(), 4, 2, 0, Some(true), common).expect("points");
    assert_eq!(points(false).1.x.deviation, [1.0, 7.0]);
    let (source, scaling) = points(true);
    assert_eq!(
        (&scaling.x.mean, &scaling.x.deviation),
        (&vec![0.0, -3.0], &vec![5.0, 5.0])
    );
    assert_eq!(
        source.pass(0, 0, 4, Kernel::Auto)[..4]
            .iter()
            .map(|x| x.abs())
            .collect::<Vec<_>>(),
        [0.2; 4]
    );
    let options = |scaling| TrainOptions {
        method: Some(Method::Adam),
        units: Some(8),
        epochs: Some(10),
        batch: Some(2),
        common_deviation: Some(true),
        scaling,
        ..TrainOptions::default()
    };
    let resolved = |scaling| TrainConfig::resolve(options(scaling), 2, Available::Points(4), 1 << 30);
    let config = resolved(Some(scaling.clone())).expect("settings");
    assert_eq!((config.common_deviation, config.noise_max), (true, 5.0));
    assert_eq!(train(config, source).network.standard(), Some(&scaling.x));
    assert_eq!(resolved(None).expect_err("a target").parts().0, "commonDeviation");
}

/// x = A u + z, z ~ N(0, C) in two dimensions, so that p(x | u) = N(A u, C), whose score with noise σ is −(C + σ²)⁻¹ (x − A u).
#[test]
fn a_linear_gaussian_posterior_is_learned() {
    let (count, n, k) = (30_000, 2, 2);
    let stream = Stream::new(3, Purpose::TargetDraws);
    let (a, deviations) = ([[1.0, 0.5], [-0.5, 1.0]], [0.5, 0.8]);
    let rows: Vec<f32> = (0..count as u32)
        .flat_map(|i| {
            let z: [Scalar; 4] = normals(stream, i, 0, 0);
            let [u0, u1, z0, z1] = z.map(|v| f64::from(v.0));
            let x = |d: usize, z: f64| a[d][0] * u0 + a[d][1] * u1 + deviations[d] * z;
            [x(0, z0), x(1, z1), 10.0 * u0 + 3.0, u1].map(|v| v as f32)
        })
        .collect();
    for (method, tolerance) in [(Method::ClosedForm, 0.03), (Method::Adam, 0.06)] {
        let (source, scaling) = DataSource::in_units(rows.clone(), count, n, k, None, false).expect("points");
        let options = TrainOptions {
            method: Some(method),
            units: Some(200),
            levels: Some(2),
            noise_min: Some(0.1),
            epochs: Some(60),
            batch: Some(64),
            learning_rate: Some(3e-3),
            scaling: Some(scaling),
            ..TrainOptions::default()
        };
        let config =
            TrainConfig::resolve(options, n + k, Available::Points(count), 1 << 30).expect("settings");
        let trained = train(config, source);
        assert!(
            trained.confinement.confined,
            "{method:?}: {:?}",
            trained.confinement.warning
        );
        let (mut missed, mut all) = (0.0, 0.0);
        for i in 0..200 {
            let row = &rows[4 * i..4 * i + 4];
            let (u0, u1) = ((f64::from(row[2]) - 3.0) / 10.0, f64::from(row[3]));
            let held = trained.network.at(&[f64::from(row[2]), f64::from(row[3])], None);
            let score = held.score(&row[..2], Kernel::Auto).expect("a point");
            for d in 0..2 {
                let centre = a[d][0] * u0 + a[d][1] * u1;
                let exact = -(f64::from(row[d]) - centre) / (deviations[d] * deviations[d] + 0.01);
                missed += (f64::from(score[d]) - exact) * (f64::from(score[d]) - exact);
                all += exact * exact;
            }
        }
        assert!(
            missed / all < tolerance,
            "{method:?}: share of the score missed {}",
            missed / all
        );
    }
}

/// Parts that share what is made of a network have the bits of a run in one go, whatever is held in each.
#[test]
fn parts_share_what_is_prepared() {
    for (n, activation, evaluator) in [
        (2, Activation::Relu, Evaluator::Direct),
        (2, Activation::Relu, Evaluator::PiecewiseLinear),
        (3, Activation::Softplus, Evaluator::Direct),
        (12, Activation::Relu, Evaluator::Direct),
    ] {
        let with_input = random_network(n, 60, 2, activation);
        let mut without = with_input.clone();
        if let Network::Reservoir(net) = &mut without {
            net.input = None;
        }
        for network in [with_input, without] {
            let moved = Change {
                step: 14,
                stimulus: Some(vec![4.0, 0.0]),
                ..Change::default()
            };
            let input = network.input().is_some();
            let run = SampleConfig {
                evaluator,
                stimulus: if input { vec![1.0, -2.0] } else { Vec::new() },
                noise: input.then_some(3.0),
                changes: if input { vec![moved] } else { Vec::new() },
                seed: 7,
                ..SampleConfig::new(9, 24, 0.01)
            };
            let expected = whole(&network, &run).states;
            let prepared = Prepared::default();
            let mut carry: Option<Vec<f32>> = None;
            let mut states = Vec::new();
            for (from, to) in [(0, 8), (8, 20), (20, 24)] {
                let part = Part {
                    chain: 0,
                    chains: 9,
                    from,
                    to,
                };
                let initial = carry.as_deref().map_or(Initial::Law, Initial::Carry);
                let done = sample_prepared(&network, &prepared, &run, part, initial).expect("a finite run");
                (carry, states) = (Some(done.carry), done.states);
            }
            assert_eq!(
                bits(&states),
                bits(&expected),
                "{n} outputs, {evaluator:?}, input {input}"
            );
        }
    }
}
