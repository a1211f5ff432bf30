//! Training: the closed form meets its figures, Adam learns, schedules and confinement hold, bad settings are refused.

mod common;

use langevin_rnn_core::kernels::Kernel;
use langevin_rnn_core::langevin::{Initial, Part, SampleConfig, sample};
use langevin_rnn_core::metrics::stationary;
use langevin_rnn_core::network::{Activation, Network, ReservoirSampler};
use langevin_rnn_core::score_matching::config::Available;
use langevin_rnn_core::score_matching::schedule::{epochs_of, level_of, noise_levels};
use langevin_rnn_core::score_matching::{
    DataSource, Method, TrainConfig, TrainOptions, Trained, Trainer, confinement,
};
use langevin_rnn_core::targets::GaussianMixture;

fn train(options: TrainOptions, source: DataSource) -> Trained {
    let config =
        TrainConfig::resolve(options, source.dimension(), Available::Unlimited, 1 << 30).expect("settings");
    let mut run = Trainer::new(config, source);
    while !run.advance(7).expect("a finite loss") {}
    run.finish().expect("a network")
}

fn double_peak() -> DataSource {
    DataSource::Target(GaussianMixture::double_peak().into())
}

#[test]
fn the_closed_form_learns_the_double_peak_with_every_activation() {
    for activation in [
        Activation::Relu,
        Activation::Tanh,
        Activation::Softplus,
        Activation::Sigmoid,
    ] {
        for seed in 1..=3 {
            let options = TrainOptions {
                activation: Some(activation),
                units: Some(64),
                points: Some(200_000),
                levels: Some(1),
                seed: Some(seed),
                ..TrainOptions::default()
            };
            let trained = train(options, double_peak());
            let quality =
                stationary::quality(&trained.network, &GaussianMixture::double_peak(), Kernel::Auto)
                    .expect("1-D");
            let what = format!("{activation:?}, seed {seed}");
            assert!(
                quality.fisher_divergence < 0.02,
                "{what}: Fisher {}",
                quality.fisher_divergence
            );
            assert!(
                quality.law_wasserstein < 0.01,
                "{what}: W1 {}",
                quality.law_wasserstein
            );
            assert_eq!(quality.modes, 2, "{what}");
            assert!(
                trained.confinement.confined,
                "{what}: {:?}",
                trained.confinement.warning
            );
        }
    }
}

/// Units of x are the user's: a target and its noise scaled together give the scaled law.
#[test]
fn the_closed_form_is_free_of_scale() {
    for scale in [0.01, 0.3, 1.0, 5.0] {
        for activation in [Activation::Relu, Activation::Tanh] {
            let target = GaussianMixture {
                weights: vec![0.5, 0.5],
                means: vec![vec![-scale], vec![scale]],
                deviations: vec![0.5 * scale, 0.5 * scale],
            };
            let options = TrainOptions {
                activation: Some(activation),
                units: Some(64),
                points: Some(100_000),
                levels: Some(1),
                noise_max: Some(0.05 * scale),
                noise_min: Some(0.05 * scale),
                seed: Some(1),
                ..TrainOptions::default()
            };
            let trained = train(options, DataSource::Target(target.clone().into()));
            let quality = stationary::quality(&trained.network, &target, Kernel::Auto).expect("1-D");
            let what = format!("{activation:?}, scale {scale}");
            assert!(
                quality.law_wasserstein / scale < 0.012,
                "{what}: W1 {}",
                quality.law_wasserstein / scale
            );
            assert!(
                quality.fisher_divergence * scale * scale < 0.03,
                "{what}: {}",
                quality.fisher_divergence
            );
            assert!(trained.confinement.confined, "{what}");
        }
    }
}

/// A ring of Gaussians about the origin: draws stay on it.
#[test]
fn the_closed_form_learns_a_ring() {
    for scale in [1.0, 0.2] {
        let at = |k: i32| f64::from(k) * core::f64::consts::TAU / 12.0;
        let ring = GaussianMixture {
            weights: vec![1.0; 12],
            means: (0..12)
                .map(|k| vec![scale * at(k).cos(), scale * at(k).sin()])
                .collect(),
            deviations: vec![0.15 * scale; 12],
        }
        .validated()
        .expect("a mixture");
        let options = TrainOptions {
            units: Some(300),
            points: Some(60_000),
            levels: Some(1),
            noise_max: Some(0.1 * scale),
            noise_min: Some(0.1 * scale),
            ..TrainOptions::default()
        };
        let trained = train(options, DataSource::Target(ring.into()));
        assert!(trained.confinement.confined, "{:?}", trained.confinement.warning);
        let config: SampleConfig = serde_json::from_value(serde_json::json!({
            "chains": 2000, "steps": 1500, "dt": 0.004 * scale * scale, "recordEvery": 1500
        }))
        .expect("settings");
        let part = Part {
            chain: 0,
            chains: 2000,
            from: 0,
            to: 1500,
        };
        let draws = sample(&trained.network, &config, part, Initial::Law)
            .expect("a finite run")
            .draws;
        let mut radii: Vec<f64> = draws
            .chunks_exact(2)
            .map(|x| f64::from(x[0]).hypot(f64::from(x[1])) / scale)
            .collect();
        radii.sort_unstable_by(f64::total_cmp);
        let (low, middle, high) = (radii[200], radii[1000], radii[1800]);
        assert!(
            (middle - 1.0).abs() < 0.06,
            "scale {scale}: median radius {middle}"
        );
        assert!(
            low > 0.6 && high < 1.35,
            "scale {scale}: 80 % of the radii in {low}–{high}"
        );
    }
}

/// Two dimensions: the score at random points is near the exact one.
#[test]
fn the_closed_form_learns_a_mixture_in_two_dimensions() {
    let mixture = GaussianMixture {
        weights: vec![0.4, 0.6],
        means: vec![vec![-1.0, 0.5], vec![1.0, -0.5]],
        deviations: vec![0.6, 0.8],
    };
    let options = TrainOptions {
        units: Some(256),
        points: Some(60_000),
        levels: Some(1),
        noise_min: Some(0.1),
        ..TrainOptions::default()
    };
    let trained = train(options, DataSource::Target(mixture.clone().into()));
    assert!(trained.confinement.confined, "{:?}", trained.confinement.warning);
    let columns = mixture.draws(
        langevin_rnn_core::random::Stream::new(99, langevin_rnn_core::random::Purpose::TargetDraws),
        0,
        4000,
        0,
        Kernel::Auto,
    );
    let points: Vec<f32> = (0..4000).flat_map(|i| [columns[i], columns[4000 + i]]).collect();
    let scores = trained.network.score(&points, Kernel::Auto).expect("points");
    let (mut error, mut size) = (0.0, 0.0);
    for (x, s) in points.chunks_exact(2).zip(scores.chunks_exact(2)) {
        let mut exact = [0.0; 2];
        mixture.score(&[f64::from(x[0]), f64::from(x[1])], &mut exact);
        error += exact
            .iter()
            .zip(s)
            .map(|(e, s)| (e - f64::from(*s)).powi(2))
            .sum::<f64>();
        size += exact.iter().map(|e| e * e).sum::<f64>();
    }
    assert!(error / size < 0.05, "share of the score missed: {}", error / size);
}

#[test]
fn adam_learns_and_sampler_only_networks_stay_unimodal() {
    let short = |architecture: &str, units: Option<usize>, rate: f64| TrainOptions {
        architecture: Some(architecture.into()),
        units,
        method: Some(Method::Adam),
        noise_max: Some(0.5),
        noise_min: Some(0.1),
        levels: Some(4),
        epochs: Some(40),
        points: Some(5000),
        batch: Some(50),
        learning_rate: Some(rate),
        amsgrad: Some(true),
        seed: Some(3),
        ..TrainOptions::default()
    };
    let law = GaussianMixture::double_peak();
    let rsn = train(short("reservoir-sampler", Some(64), 3e-3), double_peak());
    let rsn = stationary::quality(&rsn.network, &law, Kernel::Auto).expect("1-D");
    assert!(rsn.fisher_divergence < 0.3, "Fisher {}", rsn.fisher_divergence);
    assert_eq!(rsn.modes, 2);
    for architecture in ["sampler-only-rate", "sampler-only-current"] {
        let trained = train(short(architecture, None, 5e-3), double_peak());
        assert_eq!((trained.levels.len(), trained.losses.len()), (4, 40));
        let so = stationary::quality(&trained.network, &law, Kernel::Auto).expect("1-D");
        assert_eq!(so.modes, 1, "{architecture}");
        assert!(
            (1.7..2.3).contains(&so.fisher_divergence),
            "{architecture}: Fisher {}",
            so.fisher_divergence
        );
    }
}

/// How a run is cut into calls never shows.
#[test]
fn advancing_in_any_steps_gives_the_same_bits() {
    let options = || TrainOptions {
        method: Some(Method::Adam),
        units: Some(13),
        epochs: Some(9),
        levels: Some(3),
        points: Some(77),
        batch: Some(10),
        ..TrainOptions::default()
    };
    let networks: Vec<Network> = [1, 2, 100]
        .into_iter()
        .map(|count| {
            let config = TrainConfig::resolve(options(), 1, Available::Unlimited, 1 << 30).expect("settings");
            let mut run = Trainer::new(config, double_peak());
            while !run.advance(count).expect("finite") {}
            run.finish().expect("a network").network
        })
        .collect();
    assert!(networks.windows(2).all(|pair| pair[0] == pair[1]));
}

/// From 0.01 to 0 in two steps a level: the second of each is half as long as it would be, after the same gradients.
#[test]
fn the_step_size_falls_within_each_level() {
    let weights = |last: Option<f64>, epochs: usize| {
        let options = TrainOptions {
            units: Some(4),
            method: Some(Method::Adam),
            epochs: Some(4),
            levels: Some(2),
            points: Some(40),
            batch: Some(40),
            learning_rate: Some(0.01),
            final_learning_rate: last,
            ..TrainOptions::default()
        };
        let config = TrainConfig::resolve(options, 1, Available::Unlimited, 1 << 30).expect("settings");
        let mut run = Trainer::new(config, double_peak());
        run.advance(epochs).expect("a finite loss");
        match run.finish().expect("a network").network {
            Network::Reservoir(net) => net.w_out.iter().map(|&w| f64::from(w)).collect::<Vec<_>>(),
            Network::SamplerOnly(_) => unreachable!("a reservoir-sampler was asked for"),
        }
    };
    let step = |last, epochs: usize| {
        let (from, to) = (weights(last, epochs - 1), weights(last, epochs));
        from.iter()
            .zip(to)
            .map(|(from, to)| to - from)
            .collect::<Vec<_>>()
    };
    assert_eq!(step(Some(0.0), 1), step(None, 1));
    for (half, whole) in step(Some(0.0), 2).iter().zip(step(None, 2)) {
        assert!((half - whole / 2.0).abs() < 1e-6, "{half} of {whole}");
    }
    // At the next level all begins again: Adam's first step has the size of the rate.
    for length in step(Some(0.0), 3) {
        assert!((length.abs() - 0.01).abs() < 1e-5, "{length}");
    }
    assert_eq!(weights(Some(0.01), 4), weights(None, 4));
}

/// Stopped after any epoch, kept as a value, resumed in a fresh run: the bits of one never stopped.
#[test]
fn checkpoints_resume_to_the_same_bits() {
    for (architecture, amsgrad, restart) in [
        ("reservoir-sampler", true, true),
        ("reservoir-sampler", false, false),
        ("sampler-only-current", true, false),
    ] {
        let options = TrainOptions {
            architecture: Some(architecture.into()),
            units: (architecture == "reservoir-sampler").then_some(10),
            method: Some(Method::Adam),
            epochs: Some(8),
            levels: Some(3),
            points: Some(50),
            batch: Some(7),
            amsgrad: Some(amsgrad),
            restart_levels: Some(restart),
            weight_decay: Some(1e-3),
            learning_rate: Some(1e-2),
            final_learning_rate: amsgrad.then_some(1e-3),
            ..TrainOptions::default()
        };
        let config = TrainConfig::resolve(options, 1, Available::Unlimited, 1 << 30).expect("settings");
        let fresh = || Trainer::new(config.clone(), double_peak());
        let mut whole = fresh();
        while !whole.advance(1).expect("finite") {}
        let whole = whole.finish().expect("a network");
        for stop in 0..=8 {
            let mut first = fresh();
            first.advance(stop).expect("finite");
            let checkpoint = first.checkpoint().expect("a checkpoint");
            let mut rest = fresh();
            rest.resume(&checkpoint).expect("its own checkpoint");
            while !rest.advance(2).expect("finite") {}
            let rest = rest.finish().expect("a network");
            assert!(
                rest.network == whole.network,
                "{architecture}, stopped after {stop} epochs"
            );
            assert_eq!(rest.losses, whole.losses[stop..]);
        }
        let mut run = fresh();
        let mut foreign = run.checkpoint().expect("a checkpoint");
        foreign.arrays.pop();
        assert_eq!(
            run.resume(&foreign).expect_err("an array short").parts().0,
            "resume.arrays"
        );
        let mut foreign = run.checkpoint().expect("a checkpoint");
        foreign.steps = 3;
        assert_eq!(
            run.resume(&foreign).expect_err("steps of another run").parts().0,
            "resume.steps"
        );
        let mut foreign = run.checkpoint().expect("a checkpoint");
        foreign.arrays[0].1[0] = f32::NAN;
        assert_eq!(run.resume(&foreign).expect_err("NaN").parts().0, "resume.arrays");
    }
}

#[test]
fn given_points_train_as_a_target_does() {
    let mixture = GaussianMixture::double_peak();
    let stream = langevin_rnn_core::random::Stream::new(5, langevin_rnn_core::random::Purpose::TargetDraws);
    let values = mixture.draws(stream, 0, 100_000, 0, Kernel::Auto);
    let source = DataSource::points(values, 100_000, 1).expect("points");
    let options = TrainOptions {
        units: Some(64),
        levels: Some(1),
        ..TrainOptions::default()
    };
    let config = TrainConfig::resolve(options, 1, Available::Points(100_000), 1 << 30).expect("settings");
    assert_eq!(config.points, 100_000);
    let more = TrainOptions {
        points: Some(100_001),
        ..TrainOptions::default()
    };
    let error =
        TrainConfig::resolve(more, 1, Available::Points(100_000), 1 << 30).expect_err("more than there is");
    assert_eq!(error.parts().0, "points");
    let mut run = Trainer::new(config, source);
    while !run.advance(1).expect("finite") {}
    let network = run.finish().expect("a network").network;
    let quality = stationary::quality(&network, &mixture, Kernel::Auto).expect("1-D");
    assert!(
        quality.fisher_divergence < 0.03 && quality.law_wasserstein < 0.03,
        "{}",
        quality.law_wasserstein
    );
}

#[test]
fn the_schedule_is_geometric_and_even() {
    let levels = noise_levels(1.0, 0.01, 5);
    assert_eq!((levels[0], levels[4]), (1.0, 0.01));
    assert!(
        levels
            .windows(2)
            .all(|pair| (pair[1] / pair[0] - 0.1f64.sqrt()).abs() < 1e-12)
    );
    assert_eq!(noise_levels(1.0, 0.3, 1), [0.3]);
    let counts = |epochs, levels| {
        let mut counts = vec![0; levels];
        (0..epochs).for_each(|e| counts[level_of(e, epochs, levels)] += 1);
        counts
    };
    assert_eq!(counts(1000, 10), [100; 10]);
    assert_eq!(counts(11, 4), [3, 3, 3, 2]);
    assert_eq!([0, 3].map(|level| epochs_of(level, 11, 4)), [0..3, 9..11]);
    assert!((0..50).all(|e| epochs_of(level_of(e, 50, 7), 50, 7).contains(&e)));
    assert!((1..50).all(|e| level_of(e, 50, 7) >= level_of(e - 1, 50, 7)));
}

/// s(x) = (a − 1) x beyond the origin: inward for a < 1, outward for a > 1, and the slope is exact.
#[test]
fn confinement_tells_inward_from_outward() {
    let network = |a: f32| {
        let w = vec![a, -a];
        Network::Reservoir(
            ReservoirSampler::new(1, 2, Activation::Relu, w, vec![1.0, -1.0], vec![0.0; 2]).unwrap(),
        )
    };
    let inward = confinement::report(&network(0.5), 2.0, 0, 0.0, Kernel::Auto).expect("a report");
    assert!(inward.confined && inward.warning.is_none());
    assert!((inward.asymptotic_slope.expect("relu") + 0.5).abs() < 1e-6);
    assert!(inward.outward_drift.iter().all(|c| (c + 0.5).abs() < 1e-5));
    let outward = confinement::report(&network(1.5), 2.0, 0, 0.0, Kernel::Auto).expect("a report");
    assert!(!outward.confined);
    assert!(outward.warning.expect("a warning").contains("outward"));
}

/// Without anchors the closed form would run away here: the data says nothing beyond its reach.
#[test]
fn anchors_confine_small_networks() {
    for (units, activation) in [
        (20, Activation::Relu),
        (50, Activation::Relu),
        (33, Activation::Tanh),
    ] {
        let options = TrainOptions {
            units: Some(units),
            activation: Some(activation),
            points: Some(10_000),
            levels: Some(1),
            ..TrainOptions::default()
        };
        let trained = train(options, double_peak());
        assert!(
            trained.confinement.confined,
            "{units} {activation:?}: {:?}",
            trained.confinement.warning
        );
        assert!(trained.confinement.anchor_weight >= 1e-2);
    }
}

#[test]
fn bad_settings_are_refused_by_name() {
    let adam = || TrainOptions {
        method: Some(Method::Adam),
        ..TrainOptions::default()
    };
    let bad: Vec<(&str, TrainOptions)> = vec![
        (
            "units",
            TrainOptions {
                units: Some(0),
                ..TrainOptions::default()
            },
        ),
        (
            "points",
            TrainOptions {
                points: Some(10),
                ..TrainOptions::default()
            },
        ),
        (
            "levels",
            TrainOptions {
                levels: Some(0),
                ..TrainOptions::default()
            },
        ),
        (
            "noiseMin",
            TrainOptions {
                noise_min: Some(-1.0),
                ..TrainOptions::default()
            },
        ),
        (
            "noiseMin",
            TrainOptions {
                noise_min: Some(2.0),
                noise_max: Some(1.0),
                ..TrainOptions::default()
            },
        ),
        (
            "noiseMax",
            TrainOptions {
                noise_max: Some(f64::NAN),
                ..TrainOptions::default()
            },
        ),
        (
            "ridges",
            TrainOptions {
                ridges: Some(vec![]),
                ..TrainOptions::default()
            },
        ),
        (
            "architecture",
            TrainOptions {
                architecture: Some("perceptron".into()),
                ..TrainOptions::default()
            },
        ),
        (
            "batch",
            TrainOptions {
                batch: Some(0),
                ..adam()
            },
        ),
        (
            "batch",
            TrainOptions {
                batch: Some(20_000),
                ..adam()
            },
        ),
        (
            "epochs",
            TrainOptions {
                epochs: Some(5),
                levels: Some(10),
                ..adam()
            },
        ),
        (
            "finalLearningRate",
            TrainOptions {
                final_learning_rate: Some(-1e-3),
                ..adam()
            },
        ),
        (
            "learningRate",
            TrainOptions {
                learning_rate: Some(0.0),
                ..adam()
            },
        ),
        (
            "weightDecay",
            TrainOptions {
                weight_decay: Some(-1.0),
                ..adam()
            },
        ),
        (
            "units",
            TrainOptions {
                architecture: Some("sampler-only-rate".into()),
                units: Some(9),
                ..adam()
            },
        ),
    ];
    for (argument, options) in bad {
        let error = TrainConfig::resolve(options, 1, Available::Unlimited, 1 << 30).expect_err(argument);
        assert_eq!(
            (error.code(), error.parts().0),
            ("invalid-argument", argument),
            "{error}"
        );
    }
    let options = TrainOptions {
        architecture: Some("sampler-only-rate".into()),
        method: Some(Method::ClosedForm),
        ..TrainOptions::default()
    };
    let error = TrainConfig::resolve(options, 1, Available::Unlimited, 1 << 30).expect_err("not linear");
    assert_eq!(error.code(), "unsupported");
    let options = TrainOptions {
        units: Some(1 << 20),
        ..TrainOptions::default()
    };
    let error = TrainConfig::resolve(options, 1, Available::Unlimited, 1 << 30).expect_err("too large");
    assert_eq!(error.code(), "memory-budget");
    assert!(error.to_string().contains("units fit"), "{error}");

    assert!(DataSource::points(vec![1.0, f32::NAN], 2, 1).is_err());
    assert!(DataSource::points(vec![1.0, 2.0, 3.0], 2, 2).is_err());
    assert!(
        DataSource::points(vec![1.0, 1.0], 2, 1).is_err(),
        "equal points have no density to learn"
    );
    assert!(DataSource::points(vec![], 0, 1).is_err());
}

#[test]
fn a_loss_that_leaves_the_finite_numbers_is_an_error() {
    let options = TrainOptions {
        method: Some(Method::Adam),
        units: Some(8),
        epochs: Some(10),
        learning_rate: Some(1e30),
        ..TrainOptions::default()
    };
    let config = TrainConfig::resolve(options, 1, Available::Unlimited, 1 << 30).expect("settings");
    let mut run = Trainer::new(config, double_peak());
    let error = (0..10).find_map(|_| run.advance(1).err()).expect("divergence");
    assert_eq!(error.code(), "diverged", "{error}");
}
