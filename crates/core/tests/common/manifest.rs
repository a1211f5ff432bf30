//! Computes a manifest's arrays anew, from the settings in it: the hash of each, in the manifest's names. Of the double peak all; of
//! other experiments every network's weights and losses, and its draws and rates: the rest is worked out by the experiments' own programs.
//! Shared by the golden tests and by test/conformance, which runs it where there is no JavaScript.

use langevin_rnn_core::hash;
use langevin_rnn_core::kernels::Kernel;
use langevin_rnn_core::langevin::{Initial, Part, SampleConfig, Sampled, sample};
use langevin_rnn_core::metrics::{stationary, wasserstein};
use langevin_rnn_core::network::Network;
use langevin_rnn_core::score_matching::config::Available;
use langevin_rnn_core::score_matching::{DataSource, TrainConfig, TrainOptions, Trained, Trainer};
use langevin_rnn_core::targets::Target;
use serde_json::{Value, json};

/// `(name, SHA-256)` of the arrays that `manifest.configuration` leads to.
pub fn recompute(manifest: &Value) -> Vec<(String, String)> {
    let mut arrays = Vec::new();
    for (name, settings, drawn) in networks(manifest) {
        let mut add = |array: &str, hash: String| arrays.push((format!("{name}/{array}"), hash));
        let target = Target::by_name(settings["target"].as_str().expect("a target")).expect("a known target");
        let n = target.dimension();
        let trained = train(settings, target.clone());
        for (array, shape, values) in tensors(&trained.network, n) {
            add(array, hash::float32(&shape, values));
        }
        add("losses", hash::float64(&[trained.losses.len()], &trained.losses));
        let Some(drawn) = drawn else { continue };
        let (chains, run) = draw(&trained.network, &drawn["sample"]);
        let records = |run: &Sampled, chains: usize| run.draws.len() / (chains * n);
        add(
            "draws",
            hash::float32(&[chains, records(&run, chains), n], &run.draws),
        );
        if manifest["experiment"] == "double-peak" {
            add("figures", figures(&trained.network, &target, &run.draws));
        }
        let Some(activity) = drawn.get("activity") else {
            continue;
        };
        let (chains, run) = draw(&trained.network, activity);
        let count = records(&run, chains);
        add("activity", hash::float32(&[chains, count, n], &run.draws));
        let units = run.rates.len() / (chains * count);
        add("rates", hash::float32(&[chains, count, units], &run.rates));
    }
    arrays
}

/// Every network of an experiment: its name, how it is trained, and how its draws and rates are made where the manifest has them.
fn networks(manifest: &Value) -> Vec<(String, Value, Option<&Value>)> {
    let mut all = Vec::new();
    for (architecture, settings) in manifest["configuration"].as_object().expect("architectures") {
        let seed = manifest["seed"].as_u64().expect("a seed");
        let with = |train: &Value, target: &str, more: Value| {
            let mut train = train.clone();
            for extra in [
                json!({"target": target, "architecture": architecture, "seed": seed}),
                more,
            ] {
                train
                    .as_object_mut()
                    .expect("settings")
                    .extend(extra.as_object().expect("settings").clone());
            }
            train
        };
        match &settings["targets"] {
            // Integrators: a network for each target.
            Value::Array(targets) => all.extend(targets.iter().map(|one| {
                let target = one["target"].as_str().expect("a target");
                (
                    format!("{architecture}/{target}"),
                    with(&one["train"], target, json!({})),
                    None,
                )
            })),
            // Capacity: one for each target and number of units, which for sampler-only networks is a number of the training.
            Value::Object(targets) => {
                for (target, train) in targets {
                    for (column, units) in settings["units"].as_array().expect("units").iter().enumerate() {
                        let own = match architecture.as_str() {
                            "reservoir-sampler" => json!({ "units": units }),
                            _ => json!({ "seed": seed + column as u64 }),
                        };
                        all.push((
                            format!("{architecture}/{target}/{units}"),
                            with(train, target, own),
                            None,
                        ));
                    }
                }
            }
            _ => all.push((architecture.clone(), settings["train"].clone(), Some(settings))),
        }
    }
    all
}

fn tensors(network: &Network, n: usize) -> Vec<(&'static str, Vec<usize>, &[f32])> {
    match network {
        Network::Reservoir(net) => vec![
            ("W1.weight", vec![n, net.units], &net.w_out),
            ("W2.weight", vec![net.units, n], &net.w_fb),
            ("W2.bias", vec![net.units], &net.bias),
        ],
        Network::SamplerOnly(net) => vec![
            ("W.weight", vec![n, n], &net.w),
            ("W.bias", vec![n], &net.bias),
            ("gamma", vec![n], &net.gamma),
            ("sig", vec![n, n], &net.sig),
        ],
    }
}

/// Fisher divergence, W1 of the network's law and of its draws.
fn figures(network: &Network, target: &Target, draws: &[f32]) -> String {
    let law = target.on_line().expect("a law on the line");
    let quality = stationary::quality(network, law, Kernel::Auto).expect("one dimension");
    let w1 = wasserstein::to_law(draws, law).expect("draws");
    hash::float64(&[3], &[quality.fisher_divergence, quality.law_wasserstein, w1])
}

fn train(mut settings: Value, target: Target) -> Trained {
    settings.as_object_mut().expect("settings").remove("target");
    let options: TrainOptions = serde_json::from_value(settings).expect("training settings");
    let config = TrainConfig::resolve(options, target.dimension(), Available::Unlimited, 1 << 30)
        .expect("valid settings");
    let mut run = Trainer::new(config, DataSource::Target(target));
    while !run.advance(100).expect("a finite loss") {}
    run.finish().expect("a network")
}

/// The number of chains, and their run.
fn draw(network: &Network, settings: &Value) -> (usize, Sampled) {
    let config: SampleConfig = serde_json::from_value(settings.clone()).expect("sampling settings");
    let part = Part {
        chain: 0,
        chains: config.chains,
        from: 0,
        to: config.steps,
    };
    let run = sample(network, &config, part, Initial::Law).expect("a finite run");
    (config.chains as usize, run)
}
