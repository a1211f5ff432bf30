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
use serde_json::Value;

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

        let config: SampleConfig = serde_json::from_value(settings["sample"].clone()).expect("sampling settings");
        let part = Part { chain: 0, chains: config.chains, from: 0, to: config.steps };
        let draws = sample(&trained.network, &config, part, Initial::Law).expect("a finite run").draws;
        expect("draws", hash::float32(&[config.chains, 1, 1], &draws));

        let quality = stationary::quality(&trained.network, &law, Kernel::Auto).expect("one dimension");
        let w1 = wasserstein::to_law(&draws, &law).expect("draws");
        expect("figures", hash::float64(&[3], &[quality.fisher_divergence, quality.law_wasserstein, w1]));
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
#[ignore = "minutes with the scalar kernels: cargo test -- --ignored"]
fn paper_preset() {
    check("golden/double-peak-paper.json");
}
