//! Langevin dynamics: the circuit equals its projected path, parts equal the whole, laws come out right, bad input is refused.

mod common;

use common::{bits, circuit_follows, random_network, whole};
use langevin_rnn_core::Error;
use langevin_rnn_core::langevin::{
    Change, Dynamics, Evaluator, Initial, Integrator, Part, SampleConfig, Start, sample,
};
use langevin_rnn_core::network::{
    Activation, Architecture, Network, ReservoirSampler, SamplerOnly, SamplerOnlyKind,
};
use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};
use proptest::{prop_assert, sample::Index};

fn config(chains: usize, steps: u64, dt: f64) -> SampleConfig {
    SampleConfig {
        seed: 7,
        ..SampleConfig::new(chains, steps, dt)
    }
}

/// s(x) = −x/σ², whose stationary law is N(0, σ²): relu(x) − relu(−x) = x.
fn gaussian_network(sigma: f32) -> Network {
    let a = 1.0 - 1.0 / (sigma * sigma);
    Network::Reservoir(
        ReservoirSampler::new(
            1,
            2,
            Activation::Relu,
            vec![a, -a],
            vec![1.0, -1.0],
            vec![0.0, 0.0],
        )
        .expect("shapes"),
    )
}

#[test]
fn the_circuit_equals_its_projected_path() {
    for activation in [
        Activation::Relu,
        Activation::Tanh,
        Activation::Softplus,
        Activation::Sigmoid,
    ] {
        for integrator in [
            Integrator::EulerMaruyama,
            Integrator::ExponentialEuler,
            Integrator::LeimkuhlerMatthews,
        ] {
            for n in [1, 3] {
                let network = random_network(n, 200, activation, 11);
                let projected = SampleConfig {
                    integrator,
                    record_every: 10,
                    ..config(16, 1000, 0.01)
                };
                let x = circuit_follows(
                    &network,
                    &projected,
                    &format!("{activation:?}, {integrator:?}, n = {n}"),
                );
                assert!(x.iter().any(|v| v.abs() > 0.5), "the path moves");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any split into blocks of chains and runs of steps gives the bits of the whole.
    #[test]
    fn parts_equal_the_whole(
        n in 1usize..8, m in 1usize..20, chains in 1usize..70, steps in 1u64..40, every in 1u64..7, burn in 0u64..5,
        lm in any::<bool>(), recurrent in any::<bool>(), antithetic in any::<bool>(), first_step in 0u64..9,
        chain_cut in any::<Index>(), step_cuts in proptest::collection::vec(any::<Index>(), 0..4),
        changes in proptest::collection::btree_set(0u64..60, 0..4),
        with_rates in any::<bool>(),
    ) {
        let steps = steps + burn + every;
        let network = random_network(n, m.max(n), Activation::Softplus, 3);
        let run = SampleConfig {
            integrator: if lm { Integrator::LeimkuhlerMatthews } else { Integrator::EulerMaruyama },
            dynamics: if recurrent { Dynamics::Recurrent } else { Dynamics::Projected },
            record_every: every,
            burn_in: burn,
            rates: if with_rates { vec![m.max(n) - 1] } else { Vec::new() },
            antithetic,
            first_step,
            first_chain: 5,
            changes: changes
                .iter()
                .map(|&step| Change { step, dt: Some(0.02), temperature: Some(step as f64 / 9.0), ..Change::default() })
                .collect(),
            ..config(chains, steps, 0.05)
        };
        let expected = whole(&network, &run);
        let records = run.records_until(steps) as usize;
        let mut cuts: Vec<u64> = step_cuts.iter().map(|i| i.index(steps as usize + 1) as u64).collect();
        cuts.extend([0, steps]);
        cuts.sort_unstable();
        cuts.dedup();
        let at = chain_cut.index(chains + 1);
        for (chain, count) in [(0, at), (at, chains - at)] {
            if count == 0 {
                continue;
            }
            let mut carry: Option<Vec<f32>> = None;
            for ends in cuts.windows(2) {
                let part = Part { chain, chains: count, from: ends[0], to: ends[1] };
                let initial = carry.as_deref().map_or(Initial::Law, Initial::Carry);
                let got = sample(&network, &run, part, initial).expect("a finite run");
                let (first, last) = (run.records_until(ends[0]) as usize, run.records_until(ends[1]) as usize);
                for c in 0..count {
                    let from = ((chain + c) * records + first) * n;
                    let length = (last - first) * n;
                    let of_chain = &got.draws[c * length..(c + 1) * length];
                    prop_assert_eq!(bits(of_chain), bits(&expected.draws[from..from + length]));
                }
                if with_rates {
                    for c in 0..count {
                        let of_chain = &expected.rates[(chain + c) * records..][first..last];
                        prop_assert_eq!(bits(&got.rates[c * (last - first)..][..last - first]), bits(of_chain));
                    }
                }
                if ends[1] == steps {
                    prop_assert_eq!(bits(&got.states), bits(&expected.states[chain * n..(chain + count) * n]));
                }
                carry = Some(got.carry);
            }
        }
    }

    /// Continuing from the last states with firstStep set goes on as if nothing had happened.
    #[test]
    fn a_continuation_equals_one_run(steps in 1u64..30, more in 1u64..30, chains in 1usize..40) {
        let network = random_network(2, 8, Activation::Tanh, 4);
        let long = SampleConfig { record_every: 1, ..config(chains, steps + more, 0.03) };
        let expected = whole(&network, &long);
        let first = whole(&network, &config(chains, steps, 0.03));
        let rest = SampleConfig { first_step: steps, start: Start::States, ..config(chains, more, 0.03) };
        let part = Part { chain: 0, chains, from: 0, to: more };
        let got = sample(&network, &rest, part, Initial::Outputs(&first.states)).expect("a finite run");
        prop_assert_eq!(bits(&got.states), bits(&expected.states));
        prop_assert!(got.states.iter().all(|v| v.is_finite()));
    }
}

/// On s = −x/σ², a step x + a s + b ε has variance b²/(1 − (1 − a/σ²)²): Euler–Maruyama with a = dt, b² = 2dt; exponential
/// Euler with a = 1 − e^−dt, b² = 1 − e^−2dt. Leimkuhler–Matthews has σ² exactly.
#[test]
fn integrators_have_their_known_variances() {
    let sigma2 = 0.25f64;
    let (chains, dt) = (200_000, 0.1f64);
    let linear = |a: f64, b2: f64| b2 / (1.0 - (1.0 - a / sigma2).powi(2));
    for (integrator, expected) in [
        (Integrator::EulerMaruyama, linear(dt, 2.0 * dt)),
        (
            Integrator::ExponentialEuler,
            linear(1.0 - (-dt).exp(), 1.0 - (-2.0 * dt).exp()),
        ),
        (Integrator::LeimkuhlerMatthews, sigma2),
    ] {
        let run = SampleConfig {
            integrator,
            ..config(chains, 60, dt)
        };
        let states = whole(&gaussian_network(0.5), &run).states;
        let mean = states.iter().map(|&x| f64::from(x)).sum::<f64>() / chains as f64;
        let variance =
            states.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / chains as f64 - mean * mean;
        let error = expected * (2.0 / chains as f64).sqrt();
        assert!(
            (variance - expected).abs() < 5.0 * error,
            "{integrator:?}: {variance}, expected {expected} ± {error}"
        );
        assert!(
            mean.abs() < 5.0 * (expected / chains as f64).sqrt(),
            "{integrator:?}: mean {mean}"
        );
    }
}

/// The table's path stays with the direct one for as long as rounding allows, and its bits don't depend on blocks.
#[test]
fn the_piecewise_linear_evaluator_follows_the_direct_one() {
    for n in [1, 2] {
        follows_the_direct_one(n);
    }
}

fn follows_the_direct_one(n: usize) {
    let network = random_network(n, 300, Activation::Relu, 5);
    let direct = SampleConfig {
        record_every: 20,
        ..config(40, 200, 0.02)
    };
    let table = SampleConfig {
        evaluator: Evaluator::PiecewiseLinear,
        ..direct.clone()
    };
    let (a, b) = (whole(&network, &direct), whole(&network, &table));
    let worst = a
        .draws
        .iter()
        .zip(&b.draws)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max);
    assert!(worst < 1e-4, "{worst:e} apart");
    assert_ne!(bits(&a.draws), bits(&b.draws), "its rounding is its own");
    let part = Part {
        chain: 7,
        chains: 3,
        from: 0,
        to: 200,
    };
    let some = sample(&network, &table, part, Initial::Law).expect("a finite run");
    assert_eq!(bits(&some.states), bits(&b.states[7 * n..10 * n]));
    // 1,503 rows of 16 bytes, or some MB of cells.
    let budget = if n == 1 { 1 << 14 } else { 1 << 22 };
    direct.validate(&network, budget).expect("room without a table");
    let error = table
        .validate(&network, budget)
        .expect_err("the table has no room");
    assert_eq!(error.code(), "memory-budget");
    assert!(error.to_string().contains("the direct one does not"), "{error}");
    let refused = SampleConfig {
        dynamics: Dynamics::Recurrent,
        ..table
    };
    assert_eq!(
        refused
            .validate(&network, 1 << 30)
            .expect_err("no units in the table")
            .parts()
            .0,
        "evaluator"
    );
}

#[test]
fn antithetic_chains_of_an_odd_score_mirror_each_other() {
    for start in [
        Start::Uniform { low: -2.0, high: 2.0 },
        Start::Normal {
            mean: 0.0,
            deviation: 1.5,
        },
    ] {
        let run = SampleConfig {
            antithetic: true,
            start,
            record_every: 1,
            ..config(6, 50, 0.05)
        };
        let draws = whole(&gaussian_network(0.5), &run).draws;
        for pair in draws.chunks_exact(100) {
            assert!(
                pair[..50]
                    .iter()
                    .zip(&pair[50..])
                    .all(|(a, b)| (a + b).abs() < 1e-5),
                "{start:?}"
            );
        }
        let independent = whole(
            &gaussian_network(0.5),
            &SampleConfig {
                antithetic: false,
                ..run
            },
        )
        .draws;
        assert!((independent[49] + independent[99]).abs() > 1e-3);
    }
}

#[test]
fn divergence_names_chain_and_step() {
    // s(x) = +3x: doubles every few steps until it is infinite.
    let a = 4.0;
    let net = ReservoirSampler::new(
        1,
        2,
        Activation::Relu,
        vec![a, -a],
        vec![1.0, -1.0],
        vec![0.0, 0.0],
    )
    .unwrap();
    let run = config(5, 10_000, 0.5);
    let part = Part {
        chain: 2,
        chains: 3,
        from: 0,
        to: 10_000,
    };
    match sample(&Network::Reservoir(net), &run, part, Initial::Law) {
        Err(Error::Diverged { chain, step, .. }) => {
            assert!((2..5).contains(&chain), "chain {chain}");
            assert!((40..400).contains(&step), "step {step}");
        }
        other => panic!("expected divergence, got {:?}", other.map(|s| s.states)),
    }
}

#[test]
fn bad_runs_are_refused_by_name() {
    let network = random_network(1, 4, Activation::Relu, 1);
    let good = config(4, 10, 0.1);
    let bad = [
        (
            "chains",
            SampleConfig {
                chains: 0,
                ..good.clone()
            },
        ),
        (
            "steps",
            SampleConfig {
                steps: 0,
                ..good.clone()
            },
        ),
        (
            "dt",
            SampleConfig {
                dt: -0.1,
                ..good.clone()
            },
        ),
        (
            "dt",
            SampleConfig {
                dt: 0.0,
                ..good.clone()
            },
        ),
        (
            "dt",
            SampleConfig {
                dt: f64::NAN,
                ..good.clone()
            },
        ),
        (
            "dt",
            SampleConfig {
                dt: 3.0,
                ..good.clone()
            },
        ),
        (
            "temperature",
            SampleConfig {
                temperature: -1.0,
                ..good.clone()
            },
        ),
        (
            "recordEvery",
            SampleConfig {
                record_every: 0,
                ..good.clone()
            },
        ),
        (
            "recordEvery",
            SampleConfig {
                record_every: 11,
                ..good.clone()
            },
        ),
        (
            "burnIn",
            SampleConfig {
                burn_in: 10,
                ..good.clone()
            },
        ),
        (
            "start",
            SampleConfig {
                start: Start::Uniform { low: 1.0, high: -1.0 },
                ..good.clone()
            },
        ),
        (
            "start.deviation",
            SampleConfig {
                start: Start::Normal {
                    mean: 0.0,
                    deviation: -1.0,
                },
                ..good.clone()
            },
        ),
        (
            "firstChain",
            SampleConfig {
                first_chain: u64::from(u32::MAX),
                ..good.clone()
            },
        ),
    ];
    for (argument, run) in bad {
        let error = run.validate(&network, 1 << 30).expect_err(argument);
        assert_eq!(error.code(), "invalid-argument", "{error}");
        assert_eq!(error.parts().0, argument, "{error}");
    }
    let large = SampleConfig {
        chains: 1 << 30,
        record_every: 1,
        ..good.clone()
    };
    let error = large.validate(&network, 1 << 30).expect_err("too large");
    assert_eq!(error.code(), "memory-budget");
    assert!(error.to_string().contains("bytes"), "{error}");

    let so = SamplerOnly::new(
        SamplerOnlyKind::Rate,
        1,
        Activation::Relu,
        vec![0.5],
        vec![0.0],
        vec![1.0],
        vec![1.0],
    );
    let run = SampleConfig {
        dynamics: Dynamics::Recurrent,
        ..good.clone()
    };
    let error = run
        .validate(&Network::SamplerOnly(so.unwrap()), 1 << 30)
        .expect_err("no circuit");
    assert_eq!((error.code(), error.parts().0), ("unsupported", "dynamics"));

    let part = Part {
        chain: 0,
        chains: 4,
        from: 0,
        to: 10,
    };
    let error = sample(&network, &good, part, Initial::Outputs(&[0.0; 3]))
        .err()
        .expect("three states for four chains");
    assert_eq!(error.parts().0, "start");
    let error = sample(
        &network,
        &good,
        part,
        Initial::Outputs(&[0.0, f32::NAN, 0.0, 0.0]),
    )
    .err()
    .expect("NaN");
    assert!(error.to_string().contains("NaN at index 1"), "{error}");
}

#[test]
fn networks_are_checked() {
    let reservoir = |m, w_out: &[f32]| {
        ReservoirSampler::new(1, m, Activation::Relu, w_out.to_vec(), vec![1.0; m], vec![0.0; m]).map(|_| ())
    };
    assert_eq!(reservoir(0, &[]).expect_err("no units").parts().0, "units");
    assert_eq!(
        reservoir(2, &[1.0]).expect_err("one weight short").parts().0,
        "W1.weight"
    );
    let error = reservoir(2, &[1.0, f32::NAN]).expect_err("NaN");
    assert!(error.to_string().contains("index 1"), "{error}");
    assert_eq!(
        Architecture::parse("reservoir").expect_err("unknown").parts().0,
        "architecture"
    );
    let error = Architecture::parse("reservoir-sampler-current").expect_err("no stationary law");
    assert_eq!(error.code(), "unsupported");
    assert!(error.to_string().contains("stationary law"), "{error}");
    let flat =
        ReservoirSampler::new(1, 2, Activation::Relu, vec![0.0; 2], vec![1.0; 2], vec![0.0; 2]).unwrap();
    assert!(
        flat.sigma(&[0]).is_err(),
        "noise can't reach an output without weights"
    );
}
