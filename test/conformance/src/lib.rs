//! Scalar = SIMD to the bit: runs random cases of every kernel on both implementations of one wasm module and compares.
//! Computes manifests anew as well, for engines that can't load the library's module because they have no JavaScript.
//!
//! Plain exports, no bindings: `check(seed, cases)` gives the number of cases that differ, and `message` tells the first;
//! `recompute()` takes the manifest that was written to where `input(bytes)` points, and `message` has a line for each array.

#[path = "../../../crates/core/tests/common/manifest.rs"]
mod manifest;
mod products;

use langevin_rnn_core::hash;
use langevin_rnn_core::kernels::{Kernel, has_simd};
use langevin_rnn_core::langevin::{
    Change, Dynamics, Evaluator, Initial, Integrator, Part, SampleConfig, sample,
};
use langevin_rnn_core::network::{
    Activation, Input, Network, ReservoirSampler, SamplerOnly, SamplerOnlyKind, Scaling, Standard,
};
use langevin_rnn_core::random::{Purpose, Stream, unit};
use langevin_rnn_core::score_matching::config::Available;
use langevin_rnn_core::score_matching::{DataSource, Method, TrainConfig, TrainOptions, Trainer};
use langevin_rnn_core::targets::{GaussianMixture, LaplaceMixture, Target};
use std::cell::RefCell;

#[global_allocator]
static ALLOCATOR: langevin_rnn_core::allocator::OutOfLine = langevin_rnn_core::allocator::OutOfLine;

thread_local! {
    static MESSAGE: RefCell<String> = const { RefCell::new(String::new()) };
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Where to write a manifest of so many bytes.
#[unsafe(no_mangle)]
pub extern "C" fn input(bytes: usize) -> *mut u8 {
    INPUT.with_borrow_mut(|input| {
        input.resize(bytes, 0);
        input.as_mut_ptr()
    })
}

/// Computes what the manifest describes; the message is then a line `architecture/name sha256` for each array.
#[unsafe(no_mangle)]
pub extern "C" fn recompute() {
    let manifest = INPUT.with_borrow(|input| serde_json::from_slice(input).expect("a manifest"));
    let lines = manifest::recompute(&manifest)
        .into_iter()
        .map(|(name, hash)| format!("{name} {hash}\n"));
    MESSAGE.set(lines.collect());
}

/// Where the message is, in UTF-8.
#[unsafe(no_mangle)]
pub extern "C" fn message_pointer() -> *const u8 {
    MESSAGE.with_borrow(|message| message.as_ptr())
}

#[unsafe(no_mangle)]
pub extern "C" fn message_length() -> usize {
    MESSAGE.with_borrow(String::len)
}

/// 1 when the module holds both implementations: without SIMD the comparison would be with itself.
#[unsafe(no_mangle)]
pub extern "C" fn compares_two_kernels() -> u32 {
    u32::from(has_simd())
}

/// Runs `cases` random cases from `seed`; returns how many differ.
#[unsafe(no_mangle)]
pub extern "C" fn check(seed: u32, cases: u32) -> u32 {
    let mut differing = 0;
    for case in 0..cases {
        let mut random = Random {
            stream: Stream::new(u64::from(seed), Purpose::Shuffle),
            case,
            next: 0,
        };
        let (what, scalar, simd) = match random.below(4) {
            0 => sampling(&mut random),
            1 => adam(&mut random),
            2 => closed_form(&mut random),
            _ => scores_and_draws(&mut random),
        };
        if scalar != simd {
            if differing == 0 {
                let text = format!("seed {seed}, case {case}: {what}: scalar {scalar}, simd128 {simd}");
                MESSAGE.set(text);
            }
            differing += 1;
        }
    }
    differing
}

/// Numbers that describe a case.
struct Random {
    stream: Stream,
    case: u32,
    next: u32,
}

impl Random {
    fn word(&mut self) -> u32 {
        self.next += 1;
        self.stream.word4(self.case, 0, self.next)[0]
    }

    fn below(&mut self, bound: u32) -> u32 {
        ((u64::from(self.word()) * u64::from(bound)) >> 32) as u32
    }

    fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below((high - low + 1) as u32) as usize
    }

    fn value(&mut self, scale: f32) -> f32 {
        scale * (2.0 * unit(self.word()) - 1.0)
    }

    fn values(&mut self, count: usize, scale: f32) -> Vec<f32> {
        (0..count).map(|_| self.value(scale)).collect()
    }

    fn activation(&mut self) -> Activation {
        [
            Activation::Relu,
            Activation::Tanh,
            Activation::Softplus,
            Activation::Sigmoid,
        ][self.below(4) as usize]
    }

    /// Often few, so that the kernels of each are met, and often many, so that the matrix products with all tails are.
    fn outputs(&mut self) -> usize {
        if self.below(2) == 0 {
            self.between(1, 6)
        } else {
            self.between(3, 48)
        }
    }

    fn network(&mut self) -> Network {
        let (n, activation) = (self.outputs(), self.activation());
        if self.below(3) == 0 {
            let kind = if self.below(2) == 0 {
                SamplerOnlyKind::Rate
            } else {
                SamplerOnlyKind::Current
            };
            let net = SamplerOnly {
                kind,
                dimension: n,
                activation,
                w: self.values(n * n, 0.5),
                bias: self.values(n, 0.5),
                gamma: vec![1.0; n],
                sig: (0..n * n)
                    .map(|i| if i % (n + 1) == 0 { 1.0 } else { self.value(0.1) })
                    .collect(),
                standard: None,
            };
            return Network::SamplerOnly(net);
        }
        let m = self.between(n, 150);
        let inputs = self.between(0, 3);
        let input = (inputs > 0).then(|| Input {
            size: inputs,
            noise: false,
            weights: self.values(m * inputs, 1.0),
            standard: Standard::identity(inputs),
        });
        Network::Reservoir(ReservoirSampler {
            dimension: n,
            units: m,
            activation,
            w_out: self.values(n * m, 0.3),
            w_fb: self.values(m * n, 1.0),
            bias: self.values(m, 1.0),
            input,
            irreversible: None,
            standard: None,
        })
    }
}

/// A stimulus for a network.
fn stimulus(random: &mut Random, network: &Network) -> Vec<f64> {
    let k = network.input().map_or(0, |input| input.size);
    random.values(k, 1.5).into_iter().map(f64::from).collect()
}

/// A skew-symmetric matrix, now and then.
fn rotation(random: &mut Random, n: usize) -> Option<Vec<Vec<f64>>> {
    (random.below(2) == 0).then(|| {
        let mut rows = vec![vec![0.0; n]; n];
        for i in 0..n {
            for j in 0..i {
                rows[i][j] = f64::from(random.value(1.0));
                rows[j][i] = -rows[i][j];
            }
        }
        rows
    })
}

type Compared = (String, String, String);

fn both(what: String, run: impl Fn(Kernel) -> String) -> Compared {
    (what, run(Kernel::Scalar), run(Kernel::Auto))
}

fn sampling(random: &mut Random) -> Compared {
    let network = random.network();
    let reservoir = matches!(network, Network::Reservoir(_));
    let steps = random.between(1, 23) as u64;
    let dynamics = if reservoir && random.below(2) == 0 {
        Dynamics::Recurrent
    } else {
        Dynamics::Projected
    };
    let bends = dynamics == Dynamics::Projected
        && matches!(&network, Network::Reservoir(net) if net.dimension <= 2 && net.activation == Activation::Relu);
    let config = SampleConfig {
        temperature: [0.0, 1.0, 2.5][random.below(3) as usize],
        changes: (0..random.below(3))
            .map(|k| Change {
                step: u64::from(9 * k + random.below(9)),
                dt: Some([0.01, 0.1][random.below(2) as usize]),
                temperature: [None, Some(0.3)][random.below(2) as usize],
                stimulus: (random.below(2) == 0).then(|| stimulus(random, &network)),
                ..Change::default()
            })
            .collect(),
        stimulus: stimulus(random, &network),
        irreversible: rotation(random, network.dimension()),
        integrator: [
            Integrator::EulerMaruyama,
            Integrator::ExponentialEuler,
            Integrator::LeimkuhlerMatthews,
        ][random.below(3) as usize],
        dynamics,
        evaluator: if bends && random.below(2) == 0 {
            Evaluator::PiecewiseLinear
        } else {
            Evaluator::Direct
        },
        record_every: random.between(1, steps as usize) as u64,
        rates: match &network {
            Network::Reservoir(net) if random.below(2) == 0 => (0..net.units).step_by(3).collect(),
            _ => Vec::new(),
        },
        seed: u64::from(random.word()),
        antithetic: random.below(2) == 0,
        first_chain: u64::from(random.below(9)),
        first_step: u64::from(random.below(9)),
        ..SampleConfig::new(random.between(1, 101), steps, 0.05)
    };
    let part = Part {
        chain: 0,
        chains: config.chains,
        from: 0,
        to: steps,
    };
    both(format!("sampling {config:?} of {network:?}"), |kernel| {
        let run = SampleConfig {
            kernel,
            ..config.clone()
        };
        match sample(&network, &run, part, Initial::Law) {
            Ok(result) => {
                let all = [result.draws, result.rates, result.states, result.carry].concat();
                hash::float32(&[all.len()], &all)
            }
            Err(error) => error.to_string(),
        }
    })
}

fn mixture(random: &mut Random, n: usize) -> GaussianMixture {
    let k = random.between(1, 4);
    GaussianMixture {
        weights: vec![1.0 / k as f64; k],
        means: (0..k)
            .map(|_| (0..n).map(|_| f64::from(random.value(1.5))).collect())
            .collect(),
        deviations: (0..k).map(|_| 0.2 + f64::from(random.value(0.1))).collect(),
    }
}

fn train(options: TrainOptions, n: usize, source: &DataSource) -> impl Fn(Kernel) -> String {
    let config = TrainConfig::resolve(options, n, Available::Unlimited, 1 << 30).expect("valid settings");
    let source = source.clone();
    move |kernel| {
        let mut run = Trainer::new(
            TrainConfig {
                kernel,
                ..config.clone()
            },
            source.clone(),
        );
        loop {
            match run.advance(2) {
                Ok(true) => break,
                Ok(false) => {}
                Err(error) => return error.to_string(),
            }
        }
        let trained = match run.finish() {
            Ok(trained) => trained,
            Err(error) => return error.to_string(),
        };
        let weights: Vec<f32> = match trained.network {
            Network::Reservoir(net) => {
                let input = net.input.map_or_else(Vec::new, |input| input.weights);
                let j = net.irreversible.map_or_else(Vec::new, |q| q.j);
                [net.w_out, net.w_fb, net.bias, input, j].concat()
            }
            Network::SamplerOnly(net) => [net.w, net.bias, net.gamma, net.sig].concat(),
        };
        let losses = hash::float64(&[trained.losses.len()], &trained.losses);
        format!("{} {losses}", hash::float32(&[weights.len()], &weights))
    }
}

/// Now and then stimuli (the last of n dimensions), log σ as an input, and a Q, given or learned.
fn extras(random: &mut Random, n: usize, reservoir: bool) -> TrainOptions {
    let mut options = TrainOptions::default();
    if !reservoir {
        return options;
    }
    let stimuli = if random.below(2) == 0 {
        random.between(0, n - 1)
    } else {
        0
    };
    let x = if random.below(4) == 0 {
        Standard::identity(n - stimuli)
    } else {
        Standard::default()
    };
    options.scaling = Some(Scaling {
        x,
        stimulus: Standard::identity(stimuli),
    });
    options.noise_input = (random.below(3) == 0).then_some(true);
    match random.below(3) {
        0 => options.irreversible = rotation(random, n - stimuli),
        1 if n - stimuli > 1 => options.irreversible_scale = Some(0.7),
        _ => {}
    }
    options
}

fn adam(random: &mut Random) -> Compared {
    let n = random.outputs();
    let reservoir = random.below(3) > 0;
    let architecture = if reservoir {
        "reservoir-sampler"
    } else if random.below(2) == 0 {
        "sampler-only-rate"
    } else {
        "sampler-only-current"
    };
    let points = random.between(5, 100);
    let extras = extras(random, n, reservoir);
    let options = TrainOptions {
        architecture: Some(architecture.into()),
        units: reservoir.then(|| random.between(1, 150)),
        activation: Some(random.activation()),
        method: Some(Method::Adam),
        seed: Some(u64::from(random.word())),
        points: Some(points),
        batch: Some(random.between(1, points.min(70))),
        epochs: Some(3),
        levels: Some(if extras.noise_input.is_some() { 1 } else { 2 }),
        amsgrad: Some(random.below(2) == 0),
        weight_decay: Some(1e-3),
        learning_rate: Some(1e-2),
        restart_levels: Some(random.below(2) == 0),
        ..extras
    };
    let source = DataSource::Target(mixture(random, n).into());
    both(format!("Adam {options:?}"), train(options, n, &source))
}

fn closed_form(random: &mut Random) -> Compared {
    let n = random.between(1, 3);
    let options = TrainOptions {
        units: Some(random.between(1, 30)),
        activation: Some(random.activation()),
        seed: Some(u64::from(random.word())),
        points: Some(random.between(64, 500)),
        levels: Some(1),
        ridges: Some(vec![1e-6, 1e-3]),
        irreversible_scale: None,
        ..extras(random, n, true)
    };
    let source = DataSource::Target(mixture(random, n).into());
    both(format!("closed form {options:?}"), train(options, n, &source))
}

fn scores_and_draws(random: &mut Random) -> Compared {
    let network = random.network();
    let n = network.dimension();
    let count = random.between(1, 77);
    // From tiny to huge, so that every branch of the activations is met.
    let scale = [1e-3, 1.0, 30.0, 1e4][random.below(4) as usize];
    let points = random.values(count * n, scale);
    let network = network.at(&stimulus(random, &network), None).into_owned();
    let law = if random.below(4) == 0 {
        Target::LaplaceMixture(LaplaceMixture::paper())
    } else {
        mixture(random, n).into()
    };
    let stream = Stream::new(u64::from(random.word()), Purpose::TargetDraws);
    both(
        format!("scores and draws, {count} points, {network:?}"),
        |kernel| {
            let scores = network.score(&points, kernel).unwrap_or_default();
            let draws = law.draws(stream, 3, count, 1, kernel);
            let all = [scores, draws].concat();
            hash::float32(&[all.len()], &all)
        },
    )
}
