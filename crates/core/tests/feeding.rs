//! Points that are fed pass by pass: the bits of given points when they stay the same, fresh ones when not, bad ones refused by name.

use langevin_rnn_core::score_matching::config::Available;
use langevin_rnn_core::score_matching::{DataSource, Method, TrainConfig, TrainOptions, Trained, Trainer};

const POINTS: usize = 200;

/// [points, 2]: a coordinate far from unit scale, and a stimulus.
fn block(shift: u32) -> Vec<f32> {
    (0..POINTS as u32)
        .flat_map(|i| {
            let u = ((i + shift) * 37 % 101) as f32 / 50.0 - 1.0;
            [40.0 * u + (i % 7) as f32, u]
        })
        .collect()
}

fn start(method: Method) -> Trainer {
    let (source, scaling) = DataSource::in_units(block(0), POINTS, 1, 1, None, false).expect("points");
    let options = TrainOptions {
        method: Some(method),
        units: Some(16),
        epochs: Some(3),
        levels: Some(3),
        scaling: Some(scaling),
        ..TrainOptions::default()
    };
    let config = TrainConfig::resolve(options, 2, Available::Points(POINTS), 1 << 30).expect("settings");
    Trainer::new(config, source)
}

fn train(method: Method, fed: impl Fn(u32) -> Option<Vec<f32>>) -> Trained {
    let mut run = start(method);
    for pass in 1.. {
        if run.advance(1).expect("a finite loss") {
            break;
        }
        if let Some(points) = fed(pass) {
            run.feed(points).expect("points");
        }
    }
    run.finish().expect("a network")
}

#[test]
fn equal_points_give_the_bits_of_given_ones_and_fresh_ones_do_not() {
    for method in [Method::Adam, Method::ClosedForm] {
        let given = train(method, |_| None);
        let same = train(method, |_| Some(block(0)));
        let fresh = train(method, |pass| Some(block(pass)));
        assert_eq!(given.losses, same.losses, "{method:?}");
        assert_eq!(given.losses[0], fresh.losses[0], "{method:?}");
        assert_ne!(given.losses[1..], fresh.losses[1..], "{method:?}");
    }
}

#[test]
fn what_is_no_pass_is_refused_by_name() {
    let mut run = start(Method::Adam);
    let mut bad = block(1);
    bad[7] = f32::NAN;
    for (points, said) in [(bad, "NaN at index 7"), (vec![0.5; 10], "10 numbers")] {
        let error = run.feed(points).expect_err("refused").to_string();
        assert!(error.contains("data") && error.contains(said), "{error}");
    }
}
