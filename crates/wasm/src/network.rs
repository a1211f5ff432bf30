//! Bindings of `network`: a network held in wasm memory while it is worked with.

use crate::convert::{Outcome, read, record, singles, thrown};
use langevin_rnn_core::network::stimulus::check;
use langevin_rnn_core::network::{
    Activation, Architecture, Input, Irreversible, ReservoirSampler, SamplerOnly, SamplerOnlyKind, Standard,
};
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

    /// Gives it the Q of J [n, n] and c: its raw output is (I + Q) s.
    #[wasm_bindgen(js_name = setIrreversible)]
    pub fn set_irreversible(&mut self, j: Vec<f32>, scale: f64) -> Outcome<()> {
        let q = Irreversible::new(self.network.dimension(), j, scale).map_err(thrown)?;
        if let Network::Reservoir(net) = &mut self.network {
            net.irreversible = Some(q);
        }
        Ok(())
    }

    /// Gives it an input: W_in [m, k], the units of what it takes, and whether the last of that is log σ.
    #[wasm_bindgen(js_name = setInput)]
    pub fn set_input(&mut self, weights: Vec<f32>, standard: JsValue, noise: bool) -> Outcome<()> {
        let standard = read("scaling", standard)?;
        if let Network::Reservoir(net) = &mut self.network {
            net.input = Some(Input::new(net.units, noise, weights, standard).map_err(thrown)?);
        }
        Ok(())
    }

    /// Gives it the units of x.
    #[wasm_bindgen(js_name = setStandard)]
    pub fn set_standard(&mut self, standard: JsValue) -> Outcome<()> {
        let standard: Standard = read("scaling", standard)?;
        standard.validate(self.network.dimension()).map_err(thrown)?;
        *self.network.standard_mut() = Some(standard);
        Ok(())
    }

    /// The network with a stimulus and a noise level held.
    pub fn at(&self, stimulus: &[f64], noise: Option<f64>) -> Outcome<JsValue> {
        check(&self.network, stimulus, noise).map_err(thrown)?;
        plain(&self.network.at(stimulus, noise))
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
            let mut tensors = vec![
                ("W1.weight", tensor(&[n, m], &net.w_out)),
                ("W2.weight", tensor(&[m, n], &net.w_fb)),
                ("W2.bias", tensor(&[m], &net.bias)),
            ];
            if let Some(input) = &net.input {
                tensors.push(("W_in.weight", tensor(&[m, input.size], &input.weights)));
            }
            if let Some(q) = &net.irreversible {
                tensors.push(("J", tensor(&[n, n], &q.j)));
            }
            let tensors = record(&tensors);
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
    let mut fields = vec![
        ("architecture", crate::convert::write(&network.architecture())?),
        ("activation", crate::convert::write(&activation)?),
        ("dimension", JsValue::from_f64(n as f64)),
        ("units", JsValue::from_f64(units as f64)),
        ("tensors", tensors),
    ];
    if let Some(q) = network.irreversible() {
        fields.push(("irreversibleScale", q.scale.into()));
    }
    if network.input().is_some_and(|input| input.noise) {
        fields.push(("noiseInput", true.into()));
    }
    let mut scaling = Vec::new();
    if let Some(standard) = network.standard() {
        scaling.push(("x", crate::convert::write(standard)?));
    }
    if let Some(input) = network.input() {
        scaling.push(("stimulus", crate::convert::write(&input.standard)?));
    }
    if !scaling.is_empty() {
        fields.push(("scaling", record(&scaling)));
    }
    Ok(record(&fields))
}
