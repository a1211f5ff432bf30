//! Reading the oracle's values, and comparing.
#![allow(dead_code, reason = "each test file uses its own part")]

use langevin_rnn_core::langevin::{Dynamics, Initial, Part, SampleConfig, Sampled, sample};
use langevin_rnn_core::network::{Activation, Network, ReservoirSampler};
use langevin_rnn_core::random::{Purpose, Stream, unit};
use serde_json::Value;
use std::path::Path;

/// A JSON file of the folder test/.
pub fn json(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../test")
        .join(path);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).expect("the file is JSON")
}

pub fn doubles(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .expect("an array")
        .iter()
        .map(|v| v.as_f64().expect("a number"))
        .collect()
}

pub fn singles(value: &Value) -> Vec<f32> {
    doubles(value).into_iter().map(|v| v as f32).collect()
}

pub fn size(value: &Value) -> usize {
    value.as_u64().expect("a whole number") as usize
}

/// Asserts |a − b| ≤ tolerance · max |b| elementwise; b is the oracle's.
pub fn assert_close(what: &str, a: &[f32], b: &[f64], tolerance: f64) {
    assert_eq!(a.len(), b.len(), "{what}: lengths");
    let scale = b.iter().fold(0.0f64, |m, v| m.max(v.abs())).max(1e-30);
    for (i, (x, y)) in a.iter().zip(b).enumerate() {
        let error = (f64::from(*x) - y).abs() / scale;
        assert!(
            error <= tolerance,
            "{what}[{i}] is {x}, the oracle says {y}: relative error {error:e}"
        );
    }
}

/// x[d][i] columns from [i, d] rows.
pub fn columns(rows: &[f32], n: usize, columns: usize) -> Vec<f32> {
    let mut out = vec![0.0; n * columns];
    for (i, row) in rows.chunks_exact(n).enumerate() {
        for (d, v) in row.iter().enumerate() {
            out[d * columns + i] = *v;
        }
    }
    out
}

/// All of a run, which must be valid and finite.
pub fn whole(network: &Network, config: &SampleConfig) -> Sampled {
    config.validate(network, 1 << 30).expect("a valid run");
    let part = Part {
        chain: 0,
        chains: config.chains,
        from: 0,
        to: config.steps,
    };
    sample(network, config, part, Initial::Law).expect("a finite run")
}

/// Draws of the projected path, which those of the recurrent circuit must follow.
pub fn circuit_follows(network: &Network, projected: &SampleConfig, what: &str) -> Vec<f32> {
    let units = match network {
        Network::Reservoir(net) => net.units,
        Network::SamplerOnly(_) => panic!("{what}: a circuit with a reservoir"),
    };
    let recurrent = SampleConfig {
        dynamics: Dynamics::Recurrent,
        ..projected.clone()
    };
    let (x, r) = (whole(network, projected).draws, whole(network, &recurrent));
    let apart = x
        .iter()
        .zip(&r.draws)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max);
    assert!(apart < 1e-4, "{what}: {apart:e} apart");
    assert_eq!(
        r.carry.len(),
        projected.chains * units,
        "{what}: all rates are carried on"
    );
    x
}

/// A confining network with random weights: the random part is small beside the leak.
pub fn random_network(n: usize, m: usize, activation: Activation, seed: u64) -> Network {
    let stream = Stream::new(seed, Purpose::Weights);
    let draw = |tensor: u32, length: usize, scale: f32| -> Vec<f32> {
        (0..length as u32)
            .map(|i| scale * (2.0 * unit(stream.word4(i, 0, tensor)[0]) - 1.0))
            .collect()
    };
    let w_out = draw(0, n * m, 1.2 / (m as f32).sqrt());
    Network::Reservoir(
        ReservoirSampler::new(n, m, activation, w_out, draw(1, m * n, 1.0), draw(2, m, 1.0)).expect("shapes"),
    )
}

pub fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}
