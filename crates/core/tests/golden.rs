//! The native build gives the bits of the committed manifests (test/golden), array by array.

mod common;
#[path = "common/manifest.rs"]
mod manifest;

use common::{json, whole};
use langevin_rnn_core::hash;
use langevin_rnn_core::kernels::Kernel;
use langevin_rnn_core::langevin::SampleConfig;
use langevin_rnn_core::network::Network;
use langevin_rnn_core::random::{Purpose, Stream};
use langevin_rnn_core::score_matching::config::Available;
use langevin_rnn_core::score_matching::{DataSource, Method, TrainConfig, TrainOptions, Trainer};
use langevin_rnn_core::targets::{GaussianMixture, Target, curves::ring};

fn check(path: &str) {
    let committed = json(path);
    assert_eq!(committed["streamVersion"], langevin_rnn_core::STREAM_VERSION);
    let computed = manifest::recompute(&committed);
    let arrays = committed["arrays"].as_object().expect("arrays");
    // Of experiments with several targets, what their programs work out is left to them.
    let by_programs = |name: &str| {
        ["figures", "race", "errors", "yardstick", "euler", "matthews"]
            .iter()
            .any(|part| name.contains(part))
    };
    let all = committed["experiment"] == "double-peak";
    assert_eq!(
        computed.len(),
        arrays.keys().filter(|name| all || !by_programs(name)).count()
    );
    for (name, hash) in computed {
        assert_eq!(arrays[&name]["sha256"].as_str(), Some(hash.as_str()), "{name}");
    }
}

#[test]
fn quick_preset() {
    check("golden/double-peak-quick.json");
}

#[test]
fn quick_preset_by_adam() {
    check("golden/double-peak-quick-adam.json");
}

#[test]
fn paper_preset_shortened() {
    check("golden/double-peak-paper-short.json");
}

#[test]
fn laplace_mixture_shortened() {
    check("golden/laplace-mixture-paper-short.json");
}

/// The evaluator has bits of its own; test/node/bits.test.ts expects the same hashes of the wasm module.
#[test]
fn piecewise_linear_evaluator() {
    for (target, expected) in [
        (
            GaussianMixture::double_peak(),
            "3ca0a0583e11d508cf50a2d08795d78634741db8a6cc9a576fa3a796a73875ff",
        ),
        (
            ring(),
            "9287b4aa4ed9571d114b82df665874f8734e9f3d678f2b59150d04b8a5ff0273",
        ),
    ] {
        let target: Target = target.into();
        let n = target.dimension();
        let options = TrainOptions {
            units: Some(32),
            points: Some(20_000),
            levels: Some(2),
            seed: Some(1),
            ..TrainOptions::default()
        };
        let config = TrainConfig::resolve(options, n, Available::Unlimited, 1 << 30).expect("valid settings");
        let mut run = Trainer::new(config, DataSource::Target(target));
        while !run.advance(1).expect("a finite loss") {}
        let network = run.finish().expect("a network").network;
        let config: SampleConfig = serde_json::from_value(serde_json::json!({
            "chains": 100, "steps": 400, "dt": 0.05, "recordEvery": 100, "seed": 3, "evaluator": "piecewise-linear"
        }))
        .expect("sampling settings");
        let draws = whole(&network, &config).draws;
        assert_eq!(hash::float32(&[100, 4, n], &draws), expected, "{n} outputs");
    }
}

/// Many outputs have bits of their own; ts/library/test/training_team.test.ts expects the same hash for any number of workers.
#[test]
fn many_outputs() {
    let n = 20;
    let options = TrainOptions {
        units: Some(4098),
        method: Some(Method::Adam),
        points: Some(200),
        batch: Some(64),
        epochs: Some(4),
        levels: Some(2),
        amsgrad: Some(true),
        learning_rate: Some(1e-4),
        seed: Some(3),
        ..TrainOptions::default()
    };
    let law = GaussianMixture {
        weights: vec![0.5, 0.5],
        means: vec![vec![-1.0; n], vec![1.0; n]],
        deviations: vec![0.5, 0.5],
    };
    let config = TrainConfig::resolve(options, n, Available::Unlimited, 1 << 30).expect("valid settings");
    let mut run = Trainer::new(config, DataSource::Target(Target::GaussianMixture(law)));
    while !run.advance(1).expect("a finite loss") {}
    let Some(Network::Reservoir(net)) = run.so_far().1.last().map(|level| &level.network) else {
        panic!("a reservoir was trained");
    };
    // In the order of the tensors' names: W1.weight, W2.bias, W2.weight.
    let all = [&net.w_out[..], &net.bias, &net.w_fb].concat();
    assert_eq!(
        hash::float32(&[all.len()], &all),
        "48aee22e145bef3b2b7da208325028ce96a90fb3c820ab70ab35f6cea2c8e2a8"
    );
}

/// Draws of a network trained with `training` on x, or on (x, u) of the first and the last dimension of draws; the same literals
/// are in test/node/bits.test.ts.
fn check_draws(training: serde_json::Value, stimuli: bool, sampling: serde_json::Value, expected: &str) {
    let law = Target::by_name("laplace-mixture").expect("a target");
    let mut options: TrainOptions = serde_json::from_value(training).expect("training settings");
    let (source, available) = if stimuli {
        let draws = law.draws(Stream::new(5, Purpose::TargetDraws), 0, 600, 0, Kernel::Auto);
        let rows = (0..600)
            .flat_map(|i| [1000.0 * draws[i], draws[600 + i]])
            .collect();
        let (source, scaling) = DataSource::in_units(rows, 600, 1, 1, None, false).expect("points");
        options.scaling = Some(scaling);
        (source, Available::Points(600))
    } else {
        (DataSource::Target(law), Available::Unlimited)
    };
    let config = TrainConfig::resolve(options, 2, available, 1 << 30).expect("valid settings");
    let mut run = Trainer::new(config, source);
    while !run.advance(1).expect("a finite loss") {}
    let network = run.finish().expect("a network").network;
    let config: SampleConfig = serde_json::from_value(sampling).expect("sampling settings");
    let draws = whole(&network, &config).draws;
    let n = network.dimension();
    assert_eq!(
        hash::float32(&[config.chains, draws.len() / n / config.chains, n], &draws),
        expected
    );
}

#[test]
fn irreversible_by_adam_and_in_the_circuit() {
    check_draws(
        serde_json::json!({
            "method": "adam", "units": 16, "points": 200, "epochs": 4, "levels": 2, "learningRate": 0.01,
            "irreversibleScale": 0.5
        }),
        false,
        serde_json::json!({ "chains": 9, "steps": 40, "dt": 0.05, "recordEvery": 8, "dynamics": "recurrent" }),
        "cf5a91dd6b8bae1b14b485a70f0427f5d69ccfe5fe5454f54dcf3157c3699a5a",
    );
}

#[test]
fn noise_levels_as_an_input_in_closed_form() {
    check_draws(
        serde_json::json!({ "units": 40, "points": 2000, "noiseInput": true, "noiseMin": 0.1, "noiseMax": 2 }),
        false,
        serde_json::json!({
            "chains": 9, "steps": 40, "dt": 0.05, "recordEvery": 8, "noise": 2, "irreversible": [[0, 0.5], [-0.5, 0]],
            "changes": [{ "step": 10, "noise": 0.5 }, { "step": 25, "noise": 0.1, "dt": 0.02 }]
        }),
        "3264309fe10e2f4b722703d47600faa88f7bdc9b70512e9540c65cafd892975b",
    );
}

#[test]
fn stimuli_and_units_of_the_data() {
    check_draws(
        serde_json::json!({ "units": 40, "levels": 2 }),
        true,
        serde_json::json!({
            "chains": 9, "steps": 40, "dt": 0.05, "recordEvery": 8, "stimulus": [0.5], "start": { "kind": "data" },
            "changes": [{ "step": 20, "stimulus": [-1] }]
        }),
        "3a91fb34c17bd8c9e841751adc7fac7e243bcac1a04f9d883f4d01301378daa9",
    );
}

#[test]
#[ignore = "minutes with the scalar kernels: cargo test -- --ignored"]
fn other_experiments_shortened() {
    check("golden/integrators-paper-short.json");
    check("golden/capacity-paper-short.json");
}

#[test]
#[ignore = "minutes natively: cargo test --release -- --ignored"]
fn paper_preset() {
    check("golden/double-peak-paper.json");
}
