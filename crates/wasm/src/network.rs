//! Bindings of `network`: a network held in wasm memory while it is worked with.

use crate::convert::{Outcome, read, record, singles, thrown};
use js_sys::Object;
use langevin_rnn_core::network::{Activation, Architecture, ReservoirSampler, SamplerOnly, SamplerOnlyKind};
use langevin_rnn_core::{kernels::Kernel, network::Network};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// A checked network.
#[wasm_bindgen]
pub struct NetworkHandle {
    pub(crate) network: Network,
}

#[wasm_bindgen]
impl NetworkHandle {
    /// W_out [n, m], W_fb [m, n], b [m].
    pub fn reservoir(
        dimension: usize,
        units: usize,
        activation: JsValue,
        w_out: Vec<f32>,
        w_fb: Vec<f32>,
        bias: Vec<f32>,
    ) -> Outcome<NetworkHandle> {
        let activation: Activation = read("activation", activation)?;
        let net = ReservoirSampler::new(dimension, units, activation, w_out, w_fb, bias).map_err(thrown)?;
        Ok(Self {
            network: Network::Reservoir(net),
        })
    }

    /// W [n, n], b [n], γ [n], S [n, n].
    #[wasm_bindgen(js_name = samplerOnly)]
    pub fn sampler_only(
        current: bool,
        dimension: usize,
        activation: JsValue,
        w: Vec<f32>,
        bias: Vec<f32>,
        gamma: Vec<f32>,
        sig: Vec<f32>,
    ) -> Outcome<NetworkHandle> {
        let kind = if current {
            SamplerOnlyKind::Current
        } else {
            SamplerOnlyKind::Rate
        };
        let activation: Activation = read("activation", activation)?;
        let net = SamplerOnly::new(kind, dimension, activation, w, bias, gamma, sig).map_err(thrown)?;
        Ok(Self {
            network: Network::SamplerOnly(net),
        })
    }

    /// s(x) for points [point, n].
    pub fn score(&self, points: &[f32]) -> Outcome<Vec<f32>> {
        self.network.score(points, Kernel::Auto).map_err(thrown)
    }
}

/// Checks an architecture's name.
#[wasm_bindgen(js_name = checkArchitecture)]
pub fn check_architecture(name: &str) -> Outcome<()> {
    Architecture::parse(name).map(|_| ()).map_err(thrown)
}

/// A network as the public API's plain value.
pub(crate) fn plain(network: &Network) -> Outcome<JsValue> {
    let tensor = |shape: &[usize], data: &[f32]| {
        let shape: js_sys::Array = shape
            .iter()
            .map(|&extent| JsValue::from_f64(extent as f64))
            .collect();
        record(&[("shape", shape.into()), ("data", singles(data))])
    };
    let n = network.dimension();
    let (activation, units, tensors) = match network {
        Network::Reservoir(net) => {
            let m = net.units;
            let tensors = record(&[
                ("W1.weight", tensor(&[n, m], &net.w_out)),
                ("W2.weight", tensor(&[m, n], &net.w_fb)),
                ("W2.bias", tensor(&[m], &net.bias)),
            ]);
            (net.activation, m, tensors)
        }
        Network::SamplerOnly(net) => {
            let tensors = record(&[
                ("W.weight", tensor(&[n, n], &net.w)),
                ("W.bias", tensor(&[n], &net.bias)),
                ("gamma", tensor(&[n], &net.gamma)),
                ("sig", tensor(&[n, n], &net.sig)),
            ]);
            (net.activation, n, tensors)
        }
    };
    Ok(Object::from(record(&[
        ("architecture", crate::convert::write(&network.architecture())?),
        ("activation", crate::convert::write(&activation)?),
        ("dimension", JsValue::from_f64(n as f64)),
        ("units", JsValue::from_f64(units as f64)),
        ("tensors", tensors),
    ]))
    .into())
}
