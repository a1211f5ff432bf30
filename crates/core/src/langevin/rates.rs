//! The path that the rates of chosen units follow: x before each step of a stretch and after its last.
//!
//! x does not depend on r, so the projected path computes it first, with the bits that it always has; then the units take their
//! own steps along it, O(n) each: r ← r + dt (−r + φ(W_fb x + b) + Σ Q s(x)) + √(2T dt) Σ ε with the ε that drove x.

use super::changes::Segment;
use super::work::{Recording, Work};
use super::{Part, projected};
use crate::error::Result;
use crate::network::Network;

/// Numbers of a path, about.
const LENGTH: usize = 1 << 20;

/// [chain, steps + 1, n].
pub(super) struct Path {
    pub x: Vec<f32>,
    /// s(x) where a Q is to turn it, else nothing.
    pub scores: Vec<f32>,
}

impl Path {
    /// The end of a stretch of steps that is not too long: whole quads, whose noise is made together.
    pub fn end(work: &Work<'_>, from: u64) -> u64 {
        let steps = (LENGTH / (work.part.chains * work.n) / 4).max(1) as u64 * 4;
        from + steps - (work.config.first_step + from) % 4
    }

    /// Takes the x that chains carry, after the rates, through a stretch of steps.
    #[inline(never)]
    pub fn of(network: &Network, work: &mut Work<'_>, stretch: &Segment) -> Result<Self> {
        let (n, chains, rates) = (work.n, work.part.chains, work.config.rates.len());
        let mut starts = Vec::new();
        for chain in 0..chains {
            starts.extend_from_slice(&work.carry(chain)[rates..]);
        }
        let part = Part {
            from: stretch.from,
            to: stretch.to,
            ..work.part
        };
        let along = Work::new(
            work.config,
            work.prepared,
            Recording::EACH,
            part,
            work.first_chain,
            n,
            starts,
        );
        let draws = projected::run(network, along)?.draws;
        let mut x = Vec::new();
        for (chain, draws) in draws.chunks_exact(draws.len() / chains).enumerate() {
            let place = &mut work.carry_mut(chain)[rates..];
            x.extend_from_slice(place);
            x.extend_from_slice(draws);
            place.copy_from_slice(&draws[draws.len() - n..]);
        }
        let scores = match work.config.irreversible {
            None => Vec::new(),
            Some(_) => {
                let held = network.at(&stretch.conditions.stimulus, stretch.conditions.noise);
                held.drift(&x, work.config.kernel)?
            }
        };
        Ok(Self { x, scores })
    }
}
