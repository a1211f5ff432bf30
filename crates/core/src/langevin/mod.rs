//! Langevin dynamics: dx = s(x) dt + √2 dB, discretised; lanes are chains, a whole trajectory is one call.
//!
//! Noise is addressed by (seed, chain, step, dimension), so the state at a step is all that a continuation needs.

pub mod changes;
pub mod config;
pub mod euler_maruyama;
pub mod exponential_euler;
pub mod leimkuhler_matthews;
mod many_outputs;
mod noise;
pub mod prepared;
pub mod projected;
mod rates;
pub mod start;
mod step;
pub mod units;
mod work;

pub use changes::{Change, Conditions};
pub use config::{Dynamics, Evaluator, Integrator, SampleConfig};
pub use prepared::Prepared;
pub use start::Start;

pub(crate) use noise::TileNoise;
pub(crate) use step::Step;

use crate::error::{Error, Result, length};
use crate::network::Network;
use crate::random::{Purpose, Stream};
use serde::{Deserialize, Serialize};
use work::Work;

/// Which part of a run to compute: chains and steps relative to the run's first.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Part {
    pub chain: usize,
    pub chains: usize,
    pub from: u64,
    pub to: u64,
}

/// What chains of a part start from.
#[derive(Clone, Copy)]
pub enum Initial<'a> {
    /// The configuration's law.
    Law,
    /// Given outputs x [chain, n].
    Outputs(&'a [f32]),
    /// The carry of the part before.
    Carry(&'a [f32]),
}

/// The result of a part.
pub struct Sampled {
    /// Records, [chain, draw, n].
    pub draws: Vec<f32>,
    /// Rates of the chosen units, [chain, draw, unit].
    pub rates: Vec<f32>,
    /// x after the last step, [chain, n].
    pub states: Vec<f32>,
    /// What the next part starts from: x, after the chosen rates where there are any, or r [chain, m] for the recurrent dynamics.
    pub carry: Vec<f32>,
}

/// Computes a part of a run. Parts of the same run, in any split, give the same bits.
pub fn sample(network: &Network, config: &SampleConfig, part: Part, initial: Initial<'_>) -> Result<Sampled> {
    sample_prepared(network, &Prepared::default(), config, part, initial)
}

/// The same for one part of several, which share what is made of the network.
pub fn sample_prepared(
    network: &Network,
    prepared: &Prepared,
    config: &SampleConfig,
    part: Part,
    initial: Initial<'_>,
) -> Result<Sampled> {
    let n = network.dimension();
    if part.chains == 0 || part.chain + part.chains > config.chains {
        return Err(Error::invalid(
            "part",
            format!("chains from {}", part.chain),
            "a part of the run's chains",
        ));
    }
    if part.from >= part.to || part.to > config.steps {
        return Err(Error::invalid(
            "part",
            format!("steps {}–{}", part.from, part.to),
            "a part of the run's steps",
        ));
    }
    let first = (config.first_chain + part.chain as u64) as u32;
    let stream = Stream::new(config.seed, Purpose::Start);
    let (mut values, carried) = match initial {
        Initial::Law => {
            let law = config
                .start
                .states(stream, config.antithetic, first, part.chains, n);
            (law, false)
        }
        Initial::Outputs(x) => (x.to_vec(), false),
        Initial::Carry(x) => (x.to_vec(), true),
    };
    let width = match (config.dynamics, network, carried) {
        (Dynamics::Recurrent, Network::Reservoir(net), true) => net.units,
        (_, _, true) => n + config.rates.len(),
        _ => n,
    };
    length(
        "start",
        values.len(),
        part.chains * width,
        &format!("[{}, {width}]", part.chains),
    )?;
    crate::error::finite("start", &values)?;
    let own_units = carried || (matches!(initial, Initial::Law) && config.start == Start::Data);
    let standard = network.standard();
    if let (Some(standard), false) = (standard, own_units) {
        standard.standardise(&mut values, n, 0);
    }
    let work = Work::new(config, prepared, config.recording(), part, first, n, values);
    let mut sampled = if config.dynamics == Dynamics::Recurrent || !config.rates.is_empty() {
        units::run(network, work, carried)
    } else {
        projected::run(network, work)
    }?;
    if let Some(standard) = standard {
        standard.restore(&mut sampled.draws);
        standard.restore(&mut sampled.states);
    }
    Ok(sampled)
}
