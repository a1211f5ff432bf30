//! Loss and gradients of networks with an input or a Q of their own equal an independent oracle's (test/oracle/objective.py)
//! within 1e-5.

mod common;

use common::{assert_close, columns, doubles, json, singles, size};
use langevin_rnn_core::kernels::{Lanes, Scalar};
use langevin_rnn_core::network::activation::{Relu, Tanh};
use langevin_rnn_core::network::reservoir::PackedReservoir;
use langevin_rnn_core::network::{Activation, Irreversible, Network, ReservoirSampler, Standard};
use langevin_rnn_core::score_matching::adam::Moments;
use langevin_rnn_core::score_matching::loss::{Batch, RowsGradient, UnitGradient, Visit, reservoir_gradient};
use langevin_rnn_core::score_matching::objective::Objective;

const TOLERANCE: f64 = 1e-5;

/// Collects what training would hand to Adam.
struct Collect(PackedReservoir);

impl<L: Lanes> Visit<L> for Collect {
    fn visit<const T: usize>(&mut self, net: &mut PackedReservoir, first: usize, g: UnitGradient<'_, L, T>) {
        for t in 0..T {
            let j = first + t * L::WIDTH;
            g.bias[t].store(&mut self.0.bias[j..]);
            for d in 0..net.dimension {
                g.w_fb[d][t].store(&mut self.0.w_fb[d * net.columns + j..]);
                g.w_out[d][t].store(&mut self.0.w_out[d * net.columns + j..]);
            }
        }
    }

    fn visit_rows(&mut self, net: &mut PackedReservoir, first: usize, g: RowsGradient<'_>) {
        let at = first * net.stride;
        self.0.w_fb[at..][..g.w_fb.len()].copy_from_slice(g.w_fb);
        self.0.bias[first..][..g.bias.len()].copy_from_slice(g.bias);
        self.0.w_out[at..][..g.w_out.len()].copy_from_slice(g.w_out);
    }
}

/// Rows [i, a] and [i, b] side by side.
fn beside(left: &[f32], a: usize, right: &[f32], b: usize, rows: usize) -> Vec<f32> {
    (0..rows)
        .flat_map(|i| [&left[i * a..][..a], &right[i * b..][..b]].concat())
        .collect()
}

#[test]
fn gradients_equal_the_oracle() {
    let file = json("oracle/objective.json");
    let cases = file["cases"].as_array().expect("cases");
    assert_eq!(cases.len(), 14, "two activations, seven kinds of networks");
    for case in cases {
        let name = case["name"].as_str().expect("a name");
        let activation: Activation =
            serde_json::from_value(case["activation"].clone()).expect("an activation");
        let [n, m, inputs, batch_size] = ["n", "m", "inputs", "batch"].map(|key| size(&case[key]));
        let noise_input = case["noiseInput"].as_bool().expect("a flag");
        let scale = case["c"].as_f64().expect("c");
        let p = |key: &str| singles(&case["parameters"][key]);
        let (x, u, eps, sigma) = (
            singles(&case["x"]),
            singles(&case["u"]),
            singles(&case["eps"]),
            singles(&case["sigma"]),
        );
        let noisy: Vec<f32> = (0..x.len()).map(|i| x[i] + sigma[i / n] * eps[i]).collect();
        let width = n + inputs;

        // The network as it is learned: inputs are further dimensions without outputs.
        let w_out = [p("W_out"), vec![0.0; inputs * m]].concat();
        let w_fb = beside(&p("W_fb"), n, &p("W_in"), inputs, m);
        let net = ReservoirSampler::new(width, m, activation, w_out, w_fb, p("b")).expect("shapes");
        let mut packed = net.pack_to_learn();
        let mut batch = Batch::new(width, batch_size);
        batch.x = columns(&beside(&noisy, n, &u, inputs, batch_size), width, batch.columns);
        batch.e = columns(
            &beside(&eps, n, &vec![0.0; inputs * batch_size], inputs, batch_size),
            width,
            batch.columns,
        );
        if noise_input {
            batch.sigma = sigma.clone();
            batch.sigma.resize(batch.columns, 1.0);
        }
        let input = (inputs > 0).then(|| (noise_input, Standard::identity(inputs)));
        let mut objective = Objective {
            outputs: n,
            input,
            irreversible: (scale > 0.0).then(|| Irreversible::new(n, p("J"), scale).expect("a skew part")),
            inverse: None,
            moments: (scale > 0.0).then(|| Moments::new(n * n, false)),
            by_j: Vec::new(),
        };
        let epsilon = Objective::take_noise(&mut batch);
        let mut got = Collect(packed.clone());
        let mut learn = || {
            match activation {
                Activation::Relu => batch.residual::<Scalar, _>(&packed.field::<Relu>(), f64::from(sigma[0])),
                _ => batch.residual::<Scalar, _>(&packed.field::<Tanh>(), f64::from(sigma[0])),
            };
            let loss = objective.residual(&mut batch, &epsilon, f64::from(sigma[0]));
            match activation {
                Activation::Relu => reservoir_gradient::<Scalar, Relu>(&mut packed, &batch, &mut got),
                _ => reservoir_gradient::<Scalar, Tanh>(&mut packed, &batch, &mut got),
            }
            loss
        };
        let loss = learn();
        let expected = &case["expected"];
        let gradient = |key: &str| doubles(&expected["gradients"][key]);
        let close =
            |key: &str, got: &[f32]| assert_close(&format!("{name} {key}"), got, &gradient(key), TOLERANCE);
        assert_close(
            &format!("{name} loss"),
            &[loss as f32],
            &[expected["loss"].as_f64().expect("a loss")],
            TOLERANCE,
        );
        let all = got.0.unpack(activation);
        assert!(
            all.w_out[n * m..].iter().all(|&g| g == 0.0),
            "inputs have no outputs"
        );
        let Network::Reservoir(split) = objective.network(&all) else {
            unreachable!("a reservoir was split")
        };
        close("W_out", &split.w_out);
        close("W_fb", &split.w_fb);
        close("b", &split.bias);
        if let Some(input) = &split.input {
            close("W_in", &input.weights);
            assert_eq!(input.noise, noise_input);
        }
        // In two dimensions only the sign of Q is J's, and the gradient is rounding.
        if scale > 0.0 && n > 2 {
            close("J", &objective.by_j);
        }
    }
}
