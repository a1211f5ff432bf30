//! Computes the arrays of a double-peak manifest anew, from the settings in it: the hash of each, in the manifest's names.
//! Shared by the golden tests and by test/conformance, which runs it where there is no JavaScript.

use langevin_rnn_core::hash;
use langevin_rnn_core::kernels::Kernel;
use langevin_rnn_core::langevin::{Initial, Part, SampleConfig, sample};
use langevin_rnn_core::metrics::{stationary, wasserstein};
use langevin_rnn_core::network::Network;
use langevin_rnn_core::score_matching::config::Available;
use langevin_rnn_core::score_matching::{DataSource, TrainConfig, TrainOptions, Trained, Trainer};
use langevin_rnn_core::targets::GaussianMixture;
use serde_json::Value;

/// `(architecture/name, SHA-256)` of every array that `manifest.configuration` leads to.
pub fn recompute(manifest: &Value) -> Vec<(String, String)> {
    let law = GaussianMixture::double_peak();
    let mut arrays = Vec::new();
    for (architecture, settings) in manifest["configuration"].as_object().expect("architectures") {
        let mut add = |name: &str, hash: String| arrays.push((format!("{architecture}/{name}"), hash));
        let trained = train(&settings["train"], &law);
        let mut tensor =
            |name: &str, shape: &[usize], values: &[f32]| add(name, hash::float32(shape, values));
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
        add("losses", hash::float64(&[trained.losses.len()], &trained.losses));

        let draws = draw(&trained.network, &settings["sample"]);
        add("draws", hash::float32(&[draws.len(), 1, 1], &draws));

        let quality = stationary::quality(&trained.network, &law, Kernel::Auto).expect("one dimension");
        let w1 = wasserstein::to_law(&draws, &law).expect("draws");
        let figures = [quality.fisher_divergence, quality.law_wasserstein, w1];
        add("figures", hash::float64(&[3], &figures));
    }
    arrays
}

fn train(settings: &Value, law: &GaussianMixture) -> Trained {
    let mut settings = settings.clone();
    settings.as_object_mut().expect("settings").remove("target");
    let options: TrainOptions = serde_json::from_value(settings).expect("training settings");
    let config = TrainConfig::resolve(options, 1, Available::Unlimited, 1 << 30).expect("valid settings");
    let mut run = Trainer::new(config, DataSource::Target(law.clone().into()));
    while !run.advance(100).expect("a finite loss") {}
    run.finish().expect("a network")
}

/// The last state of every chain.
fn draw(network: &Network, settings: &Value) -> Vec<f32> {
    let config: SampleConfig = serde_json::from_value(settings.clone()).expect("sampling settings");
    let part = Part {
        chain: 0,
        chains: config.chains,
        from: 0,
        to: config.steps,
    };
    sample(network, &config, part, Initial::Law)
        .expect("a finite run")
        .draws
}
