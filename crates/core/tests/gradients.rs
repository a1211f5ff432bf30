//! Loss, score and gradients of the three networks equal an independent oracle's (test/oracle/gradients.py) within 1e-5.

mod common;

use common::{assert_close, columns, json, singles, size};
use langevin_rnn_core::kernels::{Kernel, Lanes, Scalar};
use langevin_rnn_core::network::activation::{Relu, Sigmoid, Softplus, Tanh};
use langevin_rnn_core::network::products::PhiOnBuffers;
use langevin_rnn_core::network::reservoir::PackedReservoir;
use langevin_rnn_core::network::{Activation, Network, ReservoirSampler, SamplerOnly, SamplerOnlyKind};
use langevin_rnn_core::score_matching::loss::{
    Batch, RowsGradient, UnitGradient, Visit, reservoir_gradient, sampler_only_gradient,
};

const TOLERANCE: f64 = 1e-5;

/// Collects what training would hand to Adam.
struct Collect {
    w_fb: Vec<f32>,
    bias: Vec<f32>,
    w_out: Vec<f32>,
}

impl<L: Lanes> Visit<L> for Collect {
    fn visit<const T: usize>(&mut self, net: &mut PackedReservoir, first: usize, g: UnitGradient<'_, L, T>) {
        for t in 0..T {
            let j = first + t * L::WIDTH;
            g.bias[t].store(&mut self.bias[j..]);
            for d in 0..net.dimension {
                g.w_fb[d][t].store(&mut self.w_fb[d * net.columns + j..]);
                g.w_out[d][t].store(&mut self.w_out[d * net.columns + j..]);
            }
        }
    }

    fn visit_rows(&mut self, net: &mut PackedReservoir, first: usize, g: RowsGradient<'_>) {
        let at = first * net.stride;
        self.w_fb[at..at + g.w_fb.len()].copy_from_slice(g.w_fb);
        self.bias[first..first + g.bias.len()].copy_from_slice(g.bias);
        self.w_out[at..at + g.w_out.len()].copy_from_slice(g.w_out);
    }
}

macro_rules! by_activation {
    ($activation:expr, $phi:ident => $body:expr) => {
        match $activation {
            Activation::Relu => {
                type $phi = Relu;
                $body
            }
            Activation::Tanh => {
                type $phi = Tanh;
                $body
            }
            Activation::Softplus => {
                type $phi = Softplus;
                $body
            }
            Activation::Sigmoid => {
                type $phi = Sigmoid;
                $body
            }
        }
    };
}

#[test]
fn gradients_equal_the_oracle() {
    let file = json("oracle/gradients.json");
    let cases = file["cases"].as_array().expect("cases");
    assert_eq!(cases.len(), 24, "three networks, four activations, two sizes");
    for case in cases {
        let name = case["name"].as_str().expect("a name");
        let activation: Activation =
            serde_json::from_value(case["activation"].clone()).expect("an activation");
        let (n, size_of_batch) = (size(&case["n"]), size(&case["batch"]));
        let sigma = case["sigma"].as_f64().expect("sigma");
        let p = |key: &str| singles(&case["parameters"][key]);
        let (x, eps) = (singles(&case["x"]), singles(&case["eps"]));
        let noisy: Vec<f32> = x.iter().zip(&eps).map(|(x, e)| x + sigma as f32 * e).collect();
        let mut batch = Batch::new(n, size_of_batch);
        batch.x = columns(&noisy, n, batch.columns);
        batch.e = columns(&eps, n, batch.columns);
        let expected = &case["expected"];
        let gradient = |key: &str| common::doubles(&expected["gradients"][key]);

        let network = match case["architecture"].as_str().expect("an architecture") {
            "reservoir-sampler" => {
                let m = size(&case["m"]);
                let net =
                    ReservoirSampler::new(n, m, activation, p("W_out"), p("W_fb"), p("b")).expect("shapes");
                let mut packed = net.pack_to_learn();
                let k = packed.columns;
                let mut got = Collect {
                    w_fb: vec![0.0; packed.stride * k],
                    bias: vec![0.0; k],
                    w_out: vec![0.0; packed.stride * k],
                };
                let loss = by_activation!(activation, A => {
                    let loss = batch.residual::<Scalar, _>(&packed.field::<A>(), sigma);
                    reservoir_gradient::<Scalar, A>(&mut packed, &batch, &mut got);
                    loss
                });
                let as_net = PackedReservoir {
                    w_fb: got.w_fb,
                    bias: got.bias,
                    w_out: got.w_out,
                    ..packed
                };
                let flat = as_net.unpack(activation);
                assert_close(
                    &format!("{name} loss"),
                    &[loss as f32],
                    &[expected["loss"].as_f64().unwrap()],
                    TOLERANCE,
                );
                assert_close(
                    &format!("{name} W_out"),
                    &flat.w_out,
                    &gradient("W_out"),
                    TOLERANCE,
                );
                assert_close(&format!("{name} W_fb"), &flat.w_fb, &gradient("W_fb"), TOLERANCE);
                assert_close(&format!("{name} b"), &flat.bias, &gradient("b"), TOLERANCE);
                Network::Reservoir(net)
            }
            other => {
                let kind = match other {
                    "sampler-only-rate" => SamplerOnlyKind::Rate,
                    "sampler-only-current" => SamplerOnlyKind::Current,
                    _ => panic!("unknown architecture {other}"),
                };
                let net = SamplerOnly::new(kind, n, activation, p("W"), p("b"), p("gamma"), p("sig"))
                    .expect("shapes");
                let (loss, got) = by_activation!(activation, A => {
                    let loss = batch.residual::<Scalar, _>(&net.field::<A>(), sigma);
                    (loss, sampler_only_gradient(&net, PhiOnBuffers::new::<Scalar, A>(), &batch))
                });
                assert_close(
                    &format!("{name} loss"),
                    &[loss as f32],
                    &[expected["loss"].as_f64().unwrap()],
                    TOLERANCE,
                );
                assert_close(&format!("{name} W"), &got.w, &gradient("W"), TOLERANCE);
                assert_close(&format!("{name} b"), &got.bias, &gradient("b"), TOLERANCE);
                assert_close(
                    &format!("{name} gamma"),
                    &got.gamma,
                    &gradient("gamma"),
                    TOLERANCE,
                );
                assert_close(&format!("{name} sig"), &got.sig, &gradient("sig"), TOLERANCE);
                Network::SamplerOnly(net)
            }
        };
        let score = network.score(&noisy, Kernel::Auto).expect("points");
        assert_close(
            &format!("{name} score"),
            &score,
            &common::doubles(&expected["score"]),
            TOLERANCE,
        );
    }
}
