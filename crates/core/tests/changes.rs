//! Conditions that change while a run goes on: the run is the same as one of several runs, each with constant conditions.

use langevin_rnn_core::langevin::{
    Change, Dynamics, Evaluator, Initial, Integrator, Part, SampleConfig, Sampled, sample,
};
use langevin_rnn_core::network::{Activation, Network, ReservoirSampler};
use langevin_rnn_core::random::{Purpose, Stream, unit};

const INTEGRATORS: [Integrator; 3] = [
    Integrator::EulerMaruyama,
    Integrator::ExponentialEuler,
    Integrator::LeimkuhlerMatthews,
];

fn network(n: usize, m: usize) -> Network {
    let stream = Stream::new(2, Purpose::Weights);
    let draw = |tensor: u32, count: usize, scale: f32| -> Vec<f32> {
        (0..count as u32)
            .map(|i| scale * (2.0 * unit(stream.word4(i, 0, tensor)[0]) - 1.0))
            .collect()
    };
    let (w_out, w_fb) = (draw(0, n * m, 0.3), draw(1, m * n, 1.0));
    Network::Reservoir(
        ReservoirSampler::new(n, m, Activation::Relu, w_out, w_fb, draw(2, m, 1.0)).expect("shapes"),
    )
}

/// s(x) = −x/σ², with the law N(0, Tσ²) at temperature T: relu(x) − relu(−x) = x.
fn gaussian(sigma2: f32) -> Network {
    let a = 1.0 - 1.0 / sigma2;
    let net = ReservoirSampler::new(1, 2, Activation::Relu, vec![a, -a], vec![1.0, -1.0], vec![0.0; 2]);
    Network::Reservoir(net.expect("shapes"))
}

fn part(run: &SampleConfig, from: u64, to: u64) -> Part {
    Part {
        chain: 0,
        chains: run.chains,
        from,
        to,
    }
}

fn whole(network: &Network, run: &SampleConfig) -> Sampled {
    run.validate(network, 1 << 30).expect("a valid run");
    sample(network, run, part(run, 0, run.steps), Initial::Law).expect("a finite run")
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}

fn dt(step: u64, dt: f64) -> Change {
    Change {
        step,
        dt: Some(dt),
        ..Change::default()
    }
}

fn temperature(step: u64, temperature: f64) -> Change {
    Change {
        step,
        temperature: Some(temperature),
        ..Change::default()
    }
}

/// Steps 0–12, 13–16, 17–29, 30–39: the first change lies before the run, one on no quad's edge, one beyond the end.
fn changing(run: SampleConfig) -> (SampleConfig, [(u64, f64, f64); 4]) {
    let first = run.first_step;
    let run = SampleConfig {
        temperature: 3.0,
        changes: vec![
            temperature(first.saturating_sub(1), 0.7),
            dt(first + 13, 0.11),
            temperature(first + 17, 2.0),
            Change {
                step: first + 30,
                dt: Some(0.03),
                temperature: Some(0.0),
                ..Change::default()
            },
            dt(first + 40, 0.5),
        ],
        ..run
    };
    let start = run.dt;
    (
        run,
        [(0, start, 0.7), (13, 0.11, 0.7), (17, 0.11, 2.0), (30, 0.03, 0.0)],
    )
}

#[test]
fn equals_runs_with_constant_conditions_put_together() {
    for (n, m, dynamics, evaluator) in [
        (1, 30, Dynamics::Projected, Evaluator::Direct),
        (1, 30, Dynamics::Projected, Evaluator::PiecewiseLinear),
        (2, 30, Dynamics::Projected, Evaluator::Direct),
        (2, 30, Dynamics::Projected, Evaluator::PiecewiseLinear),
        (5, 30, Dynamics::Projected, Evaluator::Direct),
        (2, 9, Dynamics::Recurrent, Evaluator::Direct),
    ] {
        let network = network(n, m);
        for integrator in INTEGRATORS {
            let (run, stretches) = changing(SampleConfig {
                dynamics,
                evaluator,
                integrator,
                first_step: 3,
                seed: 5,
                record_every: 4,
                burn_in: 1,
                ..SampleConfig::new(37, 40, 0.05)
            });
            let got = whole(&network, &run);
            let mut carry: Option<Vec<f32>> = None;
            let mut draws = vec![Vec::new(); run.chains];
            let mut states = Vec::new();
            for (k, &(from, dt, temperature)) in stretches.iter().enumerate() {
                let to = stretches.get(k + 1).map_or(run.steps, |next| next.0);
                let constant = SampleConfig {
                    dt,
                    temperature,
                    changes: Vec::new(),
                    ..run.clone()
                };
                let initial = carry.as_deref().map_or(Initial::Law, Initial::Carry);
                let piece = sample(&network, &constant, part(&run, from, to), initial).expect("a finite run");
                let each = piece.draws.len() / run.chains;
                for (c, all) in draws.iter_mut().enumerate() {
                    all.extend_from_slice(&piece.draws[c * each..(c + 1) * each]);
                }
                (carry, states) = (Some(piece.carry), piece.states);
            }
            let what = format!("n = {n}, {dynamics:?}, {evaluator:?}, {integrator:?}");
            assert_eq!(bits(&got.draws), bits(&draws.concat()), "{what}");
            assert_eq!(bits(&got.states), bits(&states), "{what}");
            assert_eq!(bits(&got.carry), bits(&carry.expect("a carry")), "{what}");
            let constant = SampleConfig {
                temperature: 1.0,
                changes: Vec::new(),
                ..run
            };
            assert_ne!(
                bits(&whole(&network, &constant).states),
                bits(&got.states),
                "{what}"
            );
        }
    }
}

/// The step of Leimkuhler and Matthews by hand: both noises with the scale of the step that they enter.
#[test]
fn a_step_scales_both_of_its_noises() {
    let (sigma2, start) = (0.5f32, 0.8f32);
    let run = SampleConfig {
        changes: vec![dt(1, 0.1), temperature(2, 4.0)],
        seed: 9,
        record_every: 1,
        ..SampleConfig::new(1, 3, 0.05)
    };
    let path = sample(
        &gaussian(sigma2),
        &run,
        part(&run, 0, 3),
        Initial::Outputs(&[start]),
    )
    .expect("a finite run")
    .draws;
    let noise = langevin_rnn_core::random::gaussian::normals::<langevin_rnn_core::kernels::Scalar>(
        Stream::new(9, Purpose::Langevin),
        0,
        0,
        0,
    );
    let mut x = f64::from(start);
    for (k, (dt, temperature)) in [(0.05f64, 1.0f64), (0.1, 1.0), (0.1, 4.0)]
        .into_iter()
        .enumerate()
    {
        let average = f64::from(noise[k].0 + noise[k + 1].0) / 2.0;
        x += -dt * x / f64::from(sigma2) + (2.0 * temperature * dt).sqrt() * average;
        assert!(
            (x - f64::from(path[k])).abs() < 1e-6,
            "step {k}: {x} and {}",
            path[k]
        );
    }
}

/// On s = −x/σ², Leimkuhler–Matthews has variance Tσ² exactly, the others T times their own.
#[test]
fn temperature_scales_the_variance() {
    let (chains, sigma2, dt) = (100_000, 0.25f64, 0.1f64);
    let linear = |a: f64, b2: f64| b2 / (1.0 - (1.0 - a / sigma2).powi(2));
    for (integrator, expected) in [
        (Integrator::EulerMaruyama, linear(dt, 2.0 * dt)),
        (
            Integrator::ExponentialEuler,
            linear(1.0 - (-dt).exp(), 1.0 - (-2.0 * dt).exp()),
        ),
        (Integrator::LeimkuhlerMatthews, sigma2),
    ] {
        for t in [0.5, 3.0] {
            let run = SampleConfig {
                integrator,
                temperature: t,
                ..SampleConfig::new(chains, 60, dt)
            };
            let states = whole(&gaussian(sigma2 as f32), &run).states;
            let variance = states.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / chains as f64;
            let error = t * expected * (2.0 / chains as f64).sqrt();
            assert!(
                (variance - t * expected).abs() < 5.0 * error,
                "{integrator:?}, T = {t}: {variance}, expected {} ± {error}",
                t * expected
            );
        }
    }
}

#[test]
fn without_noise_chains_follow_the_drift() {
    for integrator in INTEGRATORS {
        let run = SampleConfig {
            integrator,
            temperature: 0.0,
            ..SampleConfig::new(4, 100, 0.1)
        };
        let path = sample(
            &gaussian(0.5),
            &run,
            part(&run, 0, 100),
            Initial::Outputs(&[1.0; 4]),
        );
        let states = path.expect("a finite run").states;
        assert!(states.iter().all(|&x| x == states[0]), "{integrator:?}");
        assert!(states[0].abs() < 1e-6, "{integrator:?}: {}", states[0]);
    }
}

#[test]
fn bad_changes_are_refused_by_name() {
    let bad = [
        ("changes", vec![dt(5, 0.1), dt(5, 0.2)]),
        ("changes", vec![dt(5, 0.1), temperature(4, 0.2)]),
        ("changes.dt", vec![dt(0, 0.1), dt(5, 0.0)]),
        ("changes.dt", vec![dt(5, 1.5)]),
        ("changes.dt", vec![dt(5, f64::NAN)]),
        ("changes.temperature", vec![temperature(5, -0.1)]),
        ("changes.temperature", vec![temperature(5, f64::NAN)]),
        ("changes.temperature", vec![temperature(5, f64::INFINITY)]),
    ];
    for (argument, changes) in bad {
        let run = SampleConfig {
            changes,
            ..SampleConfig::new(4, 10, 0.1)
        };
        let error = run.validate(&gaussian(1.0), 1 << 30).expect_err(argument);
        assert_eq!(error.code(), "invalid-argument", "{error}");
        assert_eq!(error.parts().0, argument, "{error}");
    }
}

#[test]
fn configurations_say_only_what_is_not_the_default() {
    let plain = serde_json::to_value(SampleConfig::new(4, 10, 0.1)).expect("JSON");
    assert!(
        plain.get("temperature").is_none() && plain.get("changes").is_none(),
        "{plain}"
    );
    let (run, _) = changing(SampleConfig::new(4, 50, 0.1));
    let text = serde_json::to_value(&run).expect("JSON");
    assert_eq!(text["temperature"], 3.0);
    assert_eq!(text["changes"][1], serde_json::json!({ "step": 13, "dt": 0.11 }));
    let back: SampleConfig = serde_json::from_value(text).expect("the same");
    assert_eq!((back.temperature, back.changes), (run.temperature, run.changes));
}
