//! Rates of chosen units: the projected path has those of the circuit, and leaves its draws as they are.

mod common;

use common::{bits, random_network, whole};
use langevin_rnn_core::langevin::{Change, Dynamics, Evaluator, Integrator, SampleConfig, Sampled};
use langevin_rnn_core::network::{Activation, Input, Network, SamplerOnly, SamplerOnlyKind, Standard};

const INTEGRATORS: [Integrator; 3] = [
    Integrator::EulerMaruyama,
    Integrator::ExponentialEuler,
    Integrator::LeimkuhlerMatthews,
];

/// Changes of dt and temperature where no quad of steps ends.
fn changing(integrator: Integrator) -> SampleConfig {
    let change = |step, dt, temperature| Change {
        step,
        dt,
        temperature,
        ..Change::default()
    };
    SampleConfig {
        integrator,
        seed: 7,
        antithetic: true,
        first_chain: 3,
        first_step: 2,
        burn_in: 5,
        record_every: 7,
        changes: vec![change(101, Some(0.005), None), change(350, None, Some(2.0))],
        ..SampleConfig::new(21, 500, 0.01)
    }
}

/// The rates on the projected path, after a comparison with those of the circuit and of the draws with those of a run without.
fn compared(what: &str, network: &Network, run: &SampleConfig) -> Sampled {
    let projected = whole(network, run);
    let circuit = SampleConfig {
        dynamics: Dynamics::Recurrent,
        ..run.clone()
    };
    let recurrent = whole(network, &circuit).rates;
    let records = run.chains * run.records_until(run.steps) as usize;
    assert_eq!(projected.rates.len(), records * run.rates.len(), "{what}");
    assert_eq!(recurrent.len(), projected.rates.len(), "{what}");
    let size = recurrent.iter().fold(0.0f32, |most, r| most.max(r.abs()));
    let pairs = projected.rates.iter().zip(&recurrent);
    let apart = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(apart < 1e-4 * size, "{what}: {apart:e} apart, of {size}");
    assert!(size > 0.1, "{what}: the rates move");
    let without = SampleConfig {
        rates: Vec::new(),
        ..run.clone()
    };
    let alone = whole(network, &without);
    assert_eq!(bits(&projected.draws), bits(&alone.draws), "{what}");
    assert_eq!(bits(&projected.states), bits(&alone.states), "{what}");
    projected
}

#[test]
fn the_projected_path_has_the_rates_of_the_circuit() {
    for integrator in INTEGRATORS {
        for (n, activation) in [
            (1, Activation::Relu),
            (1, Activation::Sigmoid),
            (2, Activation::Tanh),
            (3, Activation::Softplus),
        ] {
            let network = random_network(n, 60, activation, 11);
            let run = SampleConfig {
                rates: vec![59, 0, 7],
                ..changing(integrator)
            };
            compared(
                &format!("{activation:?}, {integrator:?}, n = {n}"),
                &network,
                &run,
            );
        }
    }
}

#[test]
fn so_it_is_where_a_rotation_turns_the_score() {
    for (n, rows) in [
        (2, vec![vec![0.0, 2.0], vec![-2.0, 0.0]]),
        (
            3,
            vec![vec![0.0, 1.0, -0.5], vec![-1.0, 0.0, 2.0], vec![0.5, -2.0, 0.0]],
        ),
    ] {
        let run = SampleConfig {
            irreversible: Some(rows),
            rates: vec![3, 4],
            ..changing(Integrator::LeimkuhlerMatthews)
        };
        compared("a rotation", &random_network(n, 40, Activation::Relu, 5), &run);
    }
}

#[test]
fn so_it_is_while_inputs_move_and_in_units_of_the_data() {
    let mut network = random_network(2, 50, Activation::Tanh, 5);
    let Network::Reservoir(net) = &mut network else {
        unreachable!("a reservoir");
    };
    let units = |n: usize| Standard {
        mean: vec![3.0; n],
        deviation: vec![2.0; n],
    };
    let weights = (0..100).map(|i| ((i * 37) % 19) as f32 / 9.0 - 1.0).collect();
    net.input = Some(Input::new(50, true, weights, units(2)).expect("shapes"));
    net.standard = Some(units(2));
    let run = SampleConfig {
        stimulus: vec![1.0],
        noise: Some(0.5),
        changes: vec![Change {
            step: 203,
            stimulus: Some(vec![-4.0]),
            noise: Some(2.0),
            ..Change::default()
        }],
        rates: (0..50).collect(),
        ..changing(Integrator::LeimkuhlerMatthews)
    };
    compared("inputs", &network, &run);
}

#[test]
fn all_units_together_give_the_outputs() {
    let network = random_network(3, 40, Activation::Softplus, 2);
    let Network::Reservoir(net) = &network else {
        unreachable!("a reservoir");
    };
    let run = SampleConfig {
        rates: (0..40).collect(),
        ..changing(Integrator::EulerMaruyama)
    };
    let Sampled { draws, rates, .. } = whole(&network, &run);
    for (x, r) in draws.chunks_exact(3).zip(rates.chunks_exact(40)) {
        for (x, row) in x.iter().zip(net.w_out.chunks_exact(40)) {
            let output: f32 = row.iter().zip(r).map(|(w, r)| w * r).sum();
            assert!((output - x).abs() < 1e-4, "W_out r = {output}, x = {x}");
        }
    }
}

#[test]
fn evaluators_differ_within_rounding() {
    let network = random_network(1, 80, Activation::Relu, 4);
    let direct = SampleConfig {
        rates: vec![1, 2],
        ..changing(Integrator::LeimkuhlerMatthews)
    };
    let kinks = SampleConfig {
        evaluator: Evaluator::PiecewiseLinear,
        ..direct.clone()
    };
    let (a, b) = (whole(&network, &direct).rates, whole(&network, &kinks).rates);
    let apart = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(apart < 1e-4, "{apart:e} apart");
}

#[test]
fn units_that_are_not_there_are_refused() {
    let refusal = |network: &Network, rates: Vec<usize>| {
        let run = SampleConfig {
            rates,
            ..SampleConfig::new(1, 1, 0.1)
        };
        run.validate(network, 1 << 30).expect_err("refused").to_string()
    };
    let network = random_network(1, 8, Activation::Relu, 1);
    for rates in [vec![8], vec![3, 4, 3]] {
        let error = refusal(&network, rates);
        assert!(error.starts_with("rates") && error.contains("0 to 7"), "{error}");
    }
    let zeros = || vec![0.0];
    let alone = SamplerOnly::new(
        SamplerOnlyKind::Rate,
        1,
        Activation::Relu,
        zeros(),
        zeros(),
        zeros(),
        zeros(),
    );
    let error = refusal(&Network::SamplerOnly(alone.expect("shapes")), vec![0]);
    assert!(error.contains("outputs"), "{error}");
}
