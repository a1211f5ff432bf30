//! The projected path: x evolves by itself, x ← x + dt·s(x) + noise, O(mn) a step; score, noise and update stay in registers.

use super::changes::Segment;
use super::work::Work;
use super::{Evaluator, Sampled, Step, TileNoise, many_outputs};
use crate::error::Result;
use crate::kernels::{Lanes, Task, dispatch};
use crate::network::activation::{Activation, with_activation};
use crate::network::hinges::Hinges;
use crate::network::piecewise_linear::PiecewiseLinear;
use crate::network::{Network, ScoreField};

pub(super) fn run(network: &Network, mut work: Work<'_>) -> Result<Sampled> {
    dispatch(
        work.config.kernel,
        Projected {
            network,
            work: &mut work,
        },
    )?;
    Ok(work.finish())
}

struct Projected<'a, 'w> {
    network: &'a Network,
    work: &'a mut Work<'w>,
}

impl Task for Projected<'_, '_> {
    type Output = Result<()>;

    fn run<L: Lanes>(self) -> Result<()> {
        let work = self.work;
        if work.config.evaluator == Evaluator::PiecewiseLinear {
            return integrate::<L, _>(&PiecewiseLinear::new(self.network)?, work);
        }
        match self.network {
            Network::Reservoir(net) if net.dimension == 1 && net.activation == Activation::Relu => {
                integrate::<L, _>(&Hinges::new(net), work)
            }
            Network::Reservoir(net) => {
                let packed = net.pack();
                with_activation!(net.activation, A => integrate::<L, _>(&packed.field::<A>(), work))
            }
            Network::SamplerOnly(net) => {
                with_activation!(net.activation, A => integrate::<L, _>(&net.field::<A>(), work))
            }
        }
    }
}

fn integrate<L: Lanes, F: ScoreField>(field: &F, work: &mut Work<'_>) -> Result<()> {
    for segment in work.config.segments(work.part) {
        match field.products::<L>() {
            Some(products) => many_outputs::run::<L>(products, work, &segment)?,
            None => tiles::<L, F>(field, work, &segment)?,
        }
    }
    Ok(())
}

/// Tiles wide enough to hide latency, then single vectors; the split never shows in the bits. Sizes that matter have a
/// tile whose state stays in registers (six vectors of x and of s, two weights and a product are all that there are); the
/// scalar definition takes the general path for every n.
fn tiles<L: Lanes, F: ScoreField>(field: &F, work: &mut Work<'_>, segment: &Segment) -> Result<()> {
    let mut chain = 0;
    while chain < work.part.chains {
        let left = work.part.chains - chain;
        chain += match (L::WIDTH, work.n) {
            // A tile with idle lanes is soon faster than a few single vectors.
            (4, 1) if F::WIDE && left > L::WIDTH => {
                tile(&OfField::<F, 1>(field) as &dyn Steps<L, 6>, work, segment, chain)?
            }
            (4, 2) if F::WIDE && left > L::WIDTH => {
                tile(&OfField::<F, 2>(field) as &dyn Steps<L, 4>, work, segment, chain)?
            }
            // Only single vectors of the two above are left of a wide field, except in the scalar definition.
            _ if left >= 4 * L::WIDTH && !(F::WIDE && L::WIDTH == 4) => {
                tile(&OfField::<F, 0>(field) as &dyn Steps<L, 4>, work, segment, chain)?
            }
            _ => tile(&OfField::<F, 0>(field) as &dyn Steps<L, 1>, work, segment, chain)?,
        };
    }
    Ok(())
}

/// All steps of the segment for T vectors of chains; returns how many chains that were. It knows the field by its `steps`
/// alone, so that it is compiled once a width and not once a field.
#[inline(never)]
fn tile<L: Lanes, const T: usize>(
    steps: &dyn Steps<L, T>,
    work: &mut Work<'_>,
    segment: &Segment,
    chain: usize,
) -> Result<usize> {
    let config = work.config;
    let step = segment.conditions.step(config.integrator);
    let mut noise = work.noise::<L, T>(chain);
    let mut x = work.load::<L, T>(chain);
    let mut s = x.clone();
    let mut t = segment.from;
    while t < segment.to {
        let absolute = config.first_step + t;
        if noise.prepare(absolute, step.looks_ahead()) {
            work.check(chain, t, &x)?;
        }
        let quad_ends = t + 4 - absolute % 4;
        let until = quad_ends.min(segment.to).min(config.next_record(t));
        steps.run(step, &noise, absolute, until - t, &mut x, &mut s);
        t = until;
        if config.records_at(t) {
            work.record(chain, t, &x);
        }
    }
    work.check(chain, t, &x)?;
    work.save(chain, &x);
    Ok(work.chains(chain, T * L::WIDTH))
}

/// Up to four steps of a tile of T vectors of chains.
trait Steps<L, const T: usize> {
    fn run(
        &self,
        step: Step,
        noise: &TileNoise<L, T>,
        first: u64,
        count: u64,
        x: &mut [[L; T]],
        s: &mut [[L; T]],
    );
}

/// Steps of a field. With N > 0 the state is in registers; N = 0 takes any n.
struct OfField<'a, F, const N: usize>(&'a F);

impl<L: Lanes, F: ScoreField, const N: usize, const T: usize> Steps<L, T> for OfField<'_, F, N> {
    /// Steps whose noise is ready. A function of its own, called often: engines replace a function's first, slow code
    /// only between calls.
    #[inline(never)]
    fn run(
        &self,
        step: Step,
        noise: &TileNoise<L, T>,
        first: u64,
        count: u64,
        x: &mut [[L; T]],
        s: &mut [[L; T]],
    ) {
        if N > 0 {
            let mut local = [[L::zero(); T]; N];
            local.copy_from_slice(x);
            advance(
                self.0,
                step,
                noise,
                first,
                count,
                &mut local,
                &mut [[L::zero(); T]; N],
            );
            x.copy_from_slice(&local);
        } else {
            advance(self.0, step, noise, first, count, x, s);
        }
    }
}

#[inline(always)]
fn advance<L: Lanes, F: ScoreField, const T: usize>(
    field: &F,
    step: Step,
    noise: &TileNoise<L, T>,
    first: u64,
    count: u64,
    x: &mut [[L; T]],
    s: &mut [[L; T]],
) {
    for absolute in first..first + count {
        field.score(x, s);
        for d in 0..x.len() {
            let (now, next) = noise.get(absolute, d);
            for v in 0..T {
                x[d][v] = step.advance(x[d][v], s[d][v], now[v], next[v]);
            }
        }
    }
}
