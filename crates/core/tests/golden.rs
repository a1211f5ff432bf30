//! The native build gives the bits of the committed manifests (test/golden), array by array.

mod common;

use common::json;
use langevin_rnn_core::hash;
use langevin_rnn_core::kernels::Kernel;
use langevin_rnn_core::langevin::{Initial, Part, SampleConfig, sample};
use langevin_rnn_core::metrics::{stationary, wasserstein};
use langevin_rnn_core::network::Network;
use langevin_rnn_core::score_matching::config::Available;
use langevin_rnn_core::score_matching::{DataSource, TrainConfig, TrainOptions, Trainer};
use langevin_rnn_core::targets::GaussianMixture;

fn check(manifest: &str) {
    let manifest = json(manifest);
    assert_eq!(manifest["streamVersion"], langevin_rnn_core::STREAM_VERSION);
    let law = GaussianMixture::double_peak();
    for (architecture, settings) in manifest["configuration"].as_object().expect("architectures") {
        let expect = |name: &str, hash: String| {
            let recorded = &manifest["arrays"][format!("{architecture}/{name}")]["sha256"];
            assert_eq!(recorded.as_str(), Some(hash.as_str()), "{architecture}/{name}");
        };
        let mut train = settings["train"].clone();
        train.as_object_mut().expect("settings").remove("target");
        let options: TrainOptions = serde_json::from_value(train).expect("training settings");
        let config = TrainConfig::resolve(options, 1, Available::Unlimited, 1 << 30).expect("valid settings");
        let mut run = Trainer::new(config, DataSource::Target(law.clone()));
        while !run.advance(100).expect("a finite loss") {}
        let trained = run.finish().expect("a network");
        let tensor = |name: &str, shape: &[usize], values: &[f32]| expect(name, hash::float32(shape, values));
        match &trained.network {
            Network::Reservoir(net) => {
                tensor("W1.weight", &[1, net.units], &net.w_out);
                tensor("W2.weight", &[net.units, 1], &net.w_fb);
                tensor("W2.bias", &[net.units], &net.bias);
            }
            Network::SamplerOnly(net) => {
                tensor("W.weight", &[1, 1], &net.w);
                tensor("W.bias", &[1], &net.bias);
                tensor("gamma", &[1], &net.gamma);
                tensor("sig", &[1, 1], &net.sig);
            }
        }
        expect("losses", hash::float64(&[trained.losses.len()], &trained.losses));

        let config: SampleConfig =
            serde_json::from_value(settings["sample"].clone()).expect("sampling settings");
        let part = Part {
            chain: 0,
            chains: config.chains,
            from: 0,
            to: config.steps,
        };
        let draws = sample(&trained.network, &config, part, Initial::Law)
            .expect("a finite run")
            .draws;
        expect("draws", hash::float32(&[config.chains, 1, 1], &draws));

        let quality = stationary::quality(&trained.network, &law, Kernel::Auto).expect("one dimension");
        let w1 = wasserstein::to_law(&draws, &law).expect("draws");
        expect(
            "figures",
            hash::float64(&[3], &[quality.fisher_divergence, quality.law_wasserstein, w1]),
        );
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

/// The evaluator has bits of its own; test/node/bits.test.ts expects the same hash of the wasm module.
#[test]
fn piecewise_linear_evaluator() {
    let options = TrainOptions {
        units: Some(32),
        points: Some(20_000),
        levels: Some(2),
        seed: Some(1),
        ..TrainOptions::default()
    };
    let config = TrainConfig::resolve(options, 1, Available::Unlimited, 1 << 30).expect("valid settings");
    let mut run = Trainer::new(config, DataSource::Target(GaussianMixture::double_peak()));
    while !run.advance(1).expect("a finite loss") {}
    let network = run.finish().expect("a network").network;
    let config: SampleConfig = serde_json::from_value(serde_json::json!({
        "chains": 100, "steps": 400, "dt": 0.05, "recordEvery": 100, "seed": 3, "evaluator": "piecewise-linear"
    }))
    .expect("sampling settings");
    let part = Part {
        chain: 0,
        chains: 100,
        from: 0,
        to: 400,
    };
    let draws = sample(&network, &config, part, Initial::Law)
        .expect("a finite run")
        .draws;
    assert_eq!(
        hash::float32(&[100, 4, 1], &draws),
        "3ca0a0583e11d508cf50a2d08795d78634741db8a6cc9a576fa3a796a73875ff"
    );
}

#[test]
#[ignore = "minutes with the scalar kernels: cargo test -- --ignored"]
fn paper_preset() {
    check("golden/double-peak-paper.json");
}
