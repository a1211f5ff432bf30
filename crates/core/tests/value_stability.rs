//! Value stability: literal bits of everything that stream version 1 promises, one row for each way to a result. After a release, a
//! row that changes is a new stream version. docs/stream-version.md says what is covered.

mod common;

use common::whole;
use langevin_rnn_core::hash;
use langevin_rnn_core::kernels::{Kernel, Scalar, ScalarWord};
use langevin_rnn_core::langevin::SampleConfig;
use langevin_rnn_core::math;
use langevin_rnn_core::network::Network;
use langevin_rnn_core::random::directions::directions;
use langevin_rnn_core::random::permutation::permutation;
use langevin_rnn_core::random::{Purpose, Stream};
use langevin_rnn_core::score_matching::config::Available;
use langevin_rnn_core::score_matching::{DataSource, TrainConfig, TrainOptions, Trained, Trainer};
use langevin_rnn_core::targets::Target;
use serde_json::{Value, json};

const SEED: u64 = 0x0123_4567_89ab_cdef;

/// Compares all rows before it fails, so that one run shows everything that changed.
fn check<T: PartialEq + core::fmt::Debug>(rows: impl IntoIterator<Item = (String, T, T)>) {
    let changed: Vec<_> = rows
        .into_iter()
        .filter(|(_, found, literal)| found != literal)
        .collect();
    assert!(changed.is_empty(), "(row, found, literal): {changed:#?}");
}

fn digest(values: &[f32]) -> String {
    hash::float32(&[values.len()], values)[..16].to_owned()
}

#[test]
fn a_purpose_has_its_own_words() {
    use Purpose::*;
    let rows = [
        (Langevin, 2_977_770_563),
        (Start, 2_449_348_652),
        (TrainingData, 2_205_454_814),
        (TrainingNoise, 1_820_566_330),
        (Weights, 2_435_753_611),
        (Shuffle, 762_503_141),
        (Anchors, 3_446_018_103),
        (Rays, 1_063_156_595),
        (TargetDraws, 150_114_643),
        (NoiseLevels, 2_550_649_928),
        (SlicedDirections, 147_535_650),
        (Classifier, 1_735_120_011),
    ];
    check(rows.map(|(purpose, literal)| {
        (
            format!("{}", purpose as u32),
            Stream::new(SEED, purpose).word4(5, 7, 3)[0],
            literal,
        )
    }));
}

#[test]
fn functions() {
    type Function = fn(Scalar) -> Scalar;
    let points = [-3.25, -0.3, 0.007, 0.9, 2.5, 11.0];
    let rows: [(&str, Function, &str); 5] = [
        ("exp", math::exp, "d30950e94eea2dc7"),
        ("ln of |x|", |x| math::ln(Scalar(x.0.abs())), "d77c4ef299506634"),
        ("tanh", math::tanh, "cb8b1df63f9955d8"),
        ("sigmoid", math::sigmoid, "759875cad26b474c"),
        ("softplus", math::softplus, "620a061d6f90ea07"),
    ];
    check(rows.map(|(name, function, literal)| {
        let values = points.map(|x| function(Scalar(x)).0);
        (name.to_owned(), digest(&values), literal.to_owned())
    }));
    let turns: Vec<f32> = [1, 77_777, 0x4000_0000, 0x9000_0001, u32::MAX]
        .iter()
        .flat_map(|&word| {
            let (sine, cosine) = math::sin_cos_turn::<Scalar>(ScalarWord(word));
            [sine.0, cosine.0]
        })
        .collect();
    check([(
        "sine and cosine".to_owned(),
        digest(&turns),
        "8039324ba11095f0".to_owned(),
    )]);
}

#[test]
fn orders_and_directions() {
    let order = permutation(Stream::new(SEED, Purpose::Shuffle), 3, 1, 8);
    check([("permutation".to_owned(), order, vec![2, 3, 1, 0, 7, 6, 5, 4])]);
    let rays: Vec<f32> = directions(Stream::new(SEED, Purpose::Rays), 3, 4)
        .concat()
        .iter()
        .map(|&v| v as f32)
        .collect();
    check([(
        "directions".to_owned(),
        digest(&rays),
        "64ee46e7ff1d7415".to_owned(),
    )]);
}

#[test]
fn exact_draws_of_targets() {
    let rows = [
        ("double-peak", "38eac330ab739b49"),
        ("laplace-mixture", "2b0d047a582172c1"),
        ("ring", "95ec042d5ffecd7b"),
        ("spiral", "75c60122686429b2"),
    ];
    check(rows.map(|(name, literal)| {
        let stream = Stream::new(SEED, Purpose::TargetDraws);
        let draws = Target::by_name(name)
            .expect("a target")
            .draws(stream, 3, 50, 2, Kernel::Auto);
        (name.to_owned(), digest(&draws), literal.to_owned())
    }));
}

fn train(target: &str, settings: Value) -> Trained {
    let target = Target::by_name(target).expect("a target");
    let options: TrainOptions = serde_json::from_value(settings).expect("training settings");
    let config = TrainConfig::resolve(options, target.dimension(), Available::Unlimited, 1 << 30)
        .expect("valid settings");
    let mut run = Trainer::new(config, DataSource::Target(target));
    while !run.advance(1).expect("a finite loss") {}
    run.finish().expect("a network")
}

fn weights(network: &Network) -> String {
    digest(&match network {
        Network::Reservoir(net) => [&net.w_out[..], &net.w_fb, &net.bias].concat(),
        Network::SamplerOnly(net) => [&net.w[..], &net.bias, &net.gamma, &net.sig].concat(),
    })
}

#[test]
fn trained_weights() {
    let closed = |more: Value| {
        with(
            json!({ "units": 20, "points": 500, "levels": 1, "seed": 3 }),
            more,
        )
    };
    let adam = |more: Value| {
        with(
            json!({ "method": "adam", "units": 9, "points": 60, "epochs": 4, "levels": 2, "learningRate": 0.01, "seed": 3 }),
            more,
        )
    };
    let rows = [
        ("double-peak", closed(json!({})), "0de7b87ef46b9741"),
        (
            "ring",
            closed(json!({ "activation": "tanh", "levels": 2 })),
            "1cde71274d24c417",
        ),
        (
            "ring",
            closed(json!({ "activation": "softplus" })),
            "e64e9316d02dd282",
        ),
        (
            "ring",
            closed(json!({ "activation": "sigmoid" })),
            "b910d485a6c91f9f",
        ),
        (
            "laplace-mixture",
            closed(json!({ "noiseInput": true, "noiseMin": 0.1, "noiseMax": 2 })),
            "400adeeabc0e7adb",
        ),
        (
            "laplace-mixture",
            closed(json!({ "irreversible": [[0, 1], [-1, 0]], "anchorPull": 0.1 })),
            "91215938b939ed4b",
        ),
        ("double-peak", adam(json!({})), "3de3506c919e08da"),
        (
            "ring",
            adam(json!({ "amsgrad": true, "weightDecay": 0.001, "batch": 7 })),
            "ac560757dc269084",
        ),
        (
            "ring",
            adam(json!({ "restartLevels": false, "activation": "tanh", "irreversibleScale": 0.5 })),
            "3a9612d943554203",
        ),
        (
            "ring",
            adam(json!({ "architecture": "sampler-only-rate", "units": 2 })),
            "92a64cb35f3beb10",
        ),
        (
            "ring",
            adam(json!({ "architecture": "sampler-only-current", "units": 2 })),
            "52b444778b90a326",
        ),
    ];
    check(rows.map(|(target, settings, literal)| {
        let name = format!("{target} {settings}");
        (
            name,
            weights(&train(target, settings).network),
            literal.to_owned(),
        )
    }));
}

fn with(mut settings: Value, more: Value) -> Value {
    let more = more.as_object().expect("settings").clone();
    settings.as_object_mut().expect("settings").extend(more);
    settings
}

#[test]
fn draws() {
    let line = train("double-peak", json!({ "units": 20, "points": 500, "levels": 1 })).network;
    let plane = train(
        "ring",
        json!({ "units": 20, "points": 500, "levels": 1, "noiseMin": 0.3 }),
    )
    .network;
    let sampler = json!({ "method": "adam", "architecture": "sampler-only-rate", "points": 60, "epochs": 2, "levels": 1 });
    let sampler = train("ring", sampler).network;
    let rows = [
        (
            &line,
            json!({ "integrator": "euler-maruyama" }),
            "e0bfc1e3d3260c92",
        ),
        (
            &line,
            json!({ "integrator": "exponential-euler" }),
            "e041cbdb876ffe9f",
        ),
        (
            &line,
            json!({ "integrator": "leimkuhler-matthews" }),
            "e4b4cc99db742809",
        ),
        (
            &line,
            json!({ "evaluator": "piecewise-linear" }),
            "d0bc02a8b92157e7",
        ),
        (
            &plane,
            json!({ "evaluator": "piecewise-linear" }),
            "091ef5f76da5d5cf",
        ),
        (
            &plane,
            json!({ "integrator": "euler-maruyama", "dynamics": "recurrent" }),
            "3cbdae3c5b3a47ad",
        ),
        (&plane, json!({ "dynamics": "recurrent" }), "77d846cf8cf4560d"),
        (
            &plane,
            json!({ "integrator": "exponential-euler", "dynamics": "recurrent" }),
            "56a7bed422c8a7bd",
        ),
        (
            &plane,
            json!({ "antithetic": true, "firstChain": 4, "firstStep": 1000 }),
            "23a2efec71d04c76",
        ),
        (
            &plane,
            json!({ "irreversible": [[0, 2], [-2, 0]], "start": { "kind": "uniform", "low": -1, "high": 2 } }),
            "5daf81ff0bd75a7e",
        ),
        (
            &plane,
            json!({ "temperature": 0.5, "changes": [{ "step": 9, "dt": 0.02, "temperature": 2 }] }),
            "0ecd0e797019816e",
        ),
        (
            &plane,
            json!({ "start": { "kind": "normal", "mean": 1, "deviation": 0.5 }, "burnIn": 5 }),
            "2f54f7af432d03c9",
        ),
        (
            &sampler,
            json!({ "seed": 9_007_199_254_740_991_u64 }),
            "a4d8fe8a3231db33",
        ),
    ];
    check(rows.map(|(network, more, literal)| {
        let settings = with(
            json!({ "chains": 5, "steps": 20, "dt": 0.05, "recordEvery": 5, "seed": 7 }),
            more,
        );
        let name = settings.to_string();
        let config: SampleConfig = serde_json::from_value(settings).expect("sampling settings");
        let run = whole(network, &config);
        (name, digest(&run.draws), literal.to_owned())
    }));
}
