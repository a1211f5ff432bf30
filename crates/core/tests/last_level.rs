//! The last noise level solved alone has the bits that a run of all levels gives it.

use langevin_rnn_core::network::{Network, ReservoirSampler};
use langevin_rnn_core::score_matching::config::Available;
use langevin_rnn_core::score_matching::{
    DataSource, Method, SolveLevels, TrainConfig, TrainOptions, Trained, Trainer,
};
use langevin_rnn_core::targets::GaussianMixture;

fn options(solve: Option<SolveLevels>) -> TrainOptions {
    TrainOptions {
        method: Some(Method::ClosedForm),
        units: Some(16),
        levels: Some(4),
        points: Some(3000),
        seed: Some(5),
        solve_levels: solve,
        ..TrainOptions::default()
    }
}

fn started(options: TrainOptions, source: DataSource, n: usize, available: Available) -> Trainer {
    Trainer::new(
        TrainConfig::resolve(options, n, available, 1 << 30).expect("settings"),
        source,
    )
}

fn trained(mut run: Trainer) -> (Trained, usize) {
    let mut calls = 1;
    while !run.advance(1).expect("a level") {
        calls += 1;
    }
    assert_eq!(run.progress().done as usize, calls);
    assert_eq!(run.progress().total, calls);
    (run.finish().expect("a network"), calls)
}

fn bits(network: &Network) -> Vec<u32> {
    let Network::Reservoir(ReservoirSampler {
        w_out, w_fb, bias, ..
    }) = network
    else {
        panic!("a reservoir")
    };
    [w_out, w_fb, bias]
        .into_iter()
        .flatten()
        .map(|value| value.to_bits())
        .collect()
}

fn assert_last_of(all: (Trained, usize), last: (Trained, usize)) {
    let ((all, levels), (last, level)) = (all, last);
    assert_eq!((levels, level), (4, 1));
    assert_eq!(last.levels.len(), 1);
    assert_eq!(last.levels[0].noise, all.levels[3].noise);
    assert_eq!(bits(&last.network), bits(&all.network));
    assert_eq!(last.losses[0].to_bits(), all.losses[3].to_bits());
    assert_eq!(last.confinement.outward_drift, all.confinement.outward_drift);
    // Another level's network is another one.
    assert_ne!(bits(&all.levels[0].network), bits(&all.network));
}

#[test]
fn of_a_target() {
    let run = |solve| {
        let source = DataSource::Target(GaussianMixture::double_peak().into());
        trained(started(options(solve), source, 1, Available::Unlimited))
    };
    assert_last_of(run(None), run(Some(SolveLevels::Last)));
}

#[test]
fn of_points_with_stimuli_far_from_unit_scale() {
    let run = |solve| {
        let values = (0..3000_u32)
            .flat_map(|i| {
                let u = (i * 37 % 101) as f32 / 50.0 - 1.0;
                [40.0 * u + (i % 7) as f32, u]
            })
            .collect();
        let (source, scaling) = DataSource::in_units(values, 3000, 1, 1, None, false).expect("points");
        let options = TrainOptions {
            scaling: Some(scaling),
            ..options(solve)
        };
        trained(started(options, source, 2, Available::Points(3000)))
    };
    assert_last_of(run(Some(SolveLevels::All)), run(Some(SolveLevels::Last)));
}

#[test]
fn is_refused_by_adam() {
    let adam = TrainOptions {
        method: Some(Method::Adam),
        ..options(Some(SolveLevels::Last))
    };
    let error = TrainConfig::resolve(adam, 1, Available::Unlimited, 1 << 30).expect_err("refused");
    assert!(error.to_string().contains("solveLevels"), "{error}");
}
