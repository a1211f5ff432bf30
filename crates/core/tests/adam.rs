//! Adam's steps equal PyTorch's (test/oracle/adam.py): coupled decay, with and without AMSGrad, step sizes that fall.

mod common;

use common::{assert_close, doubles, json};
use langevin_rnn_core::kernels::Scalar;
use langevin_rnn_core::score_matching::adam::{Adam, Moments};
use langevin_rnn_core::score_matching::config::AdamConfig;

#[test]
fn steps_equal_the_oracle() {
    let file = json("oracle/adam.json");
    let start: Vec<f32> = common::singles(&file["start"]);
    let mut checked = 0;
    for case in file["cases"].as_array().expect("cases") {
        // β₂ = 0.999 is what the network's training uses; the oracle has another one too.
        if case["beta2"].as_f64() != Some(0.999) {
            continue;
        }
        let config = AdamConfig {
            epochs: 1,
            batch: 1,
            learning_rate: file["settings"]["learning_rate"].as_f64().expect("a rate"),
            final_learning_rate: case["final_learning_rate"].as_f64(),
            weight_decay: case["weight_decay"].as_f64().expect("a decay"),
            amsgrad: case["amsgrad"].as_bool().expect("a flag"),
            restart_levels: true,
        };
        let mut weights = start.clone();
        let mut moments = Moments::new(weights.len(), config.amsgrad);
        let mut adam = Adam::new(&config);
        let gradients = file["gradients"].as_array().expect("gradients");
        let expected = case["parameters"].as_array().expect("steps");
        for (t, (gradient, expected)) in gradients.iter().zip(expected).enumerate() {
            adam.next_step(config.rate(t as f64 / gradients.len() as f64));
            adam.update_all::<Scalar>(&mut weights, &mut moments, &common::singles(gradient));
            assert_close(&format!("{case}"), &weights, &doubles(expected), 2e-6);
        }
        // A restart forgets moments and corrections alike: the first step from here is one of full size again.
        moments.reset();
        adam.reset();
        adam.next_step(config.learning_rate);
        let before = weights.clone();
        adam.update_all::<Scalar>(&mut weights, &mut moments, &[1.0; 5]);
        assert!(
            before
                .iter()
                .zip(&weights)
                .all(|(b, w)| ((b - w) / config.learning_rate as f32 - 1.0).abs() < 1e-2)
        );
        checked += 1;
    }
    assert_eq!(checked, 6);
}
