//! The projected path: x evolves by itself, x ← x + dt (I + Q) s(x) + noise, O(mn) a step; score, noise and update stay in
//! registers.

use super::changes::{Conditions, Segment};
use super::work::Work;
use super::{Evaluator, Sampled, Step, TileNoise, many_outputs};
use crate::error::Result;
use crate::kernels::{Lanes, Task, dispatch};
use crate::network::activation::{Activation, with_activation};
use crate::network::hinges::Hinges;
use crate::network::irreversible::{mix, mixing};
use crate::network::piecewise_linear::PiecewiseLinear;
use crate::network::planar_cells::PlanarCells;
use crate::network::planar_hinges::PlanarHinges;
use crate::network::unit_rows::UnitRows;
use crate::network::{Network, ScoreField};

#[inline(never)]
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
        let segments = work.config.segments(work.part);
        let mixing = mixing(work.config.irreversible.as_deref(), work.n)?;
        let mixing = mixing.as_deref();
        match self.network {
            // Few outputs and relu units: small enough to be prepared anew where a stimulus changes.
            Network::Reservoir(net) if net.dimension <= 2 && net.activation == Activation::Relu => {
                for segment in segments {
                    let Conditions { stimulus, noise, .. } = &segment.conditions;
                    let held = net.at(stimulus, *noise);
                    match (work.config.evaluator, net.dimension) {
                        (Evaluator::Direct, 1) => {
                            integrate::<L, _>(&Hinges::new(&held), mixing, work, &segment)?;
                        }
                        (Evaluator::Direct, _) => {
                            integrate::<L, _>(&PlanarHinges::new(&held), mixing, work, &segment)?;
                        }
                        (Evaluator::PiecewiseLinear, 1) => {
                            integrate::<L, _>(&PiecewiseLinear::new(&held), mixing, work, &segment)?;
                        }
                        (Evaluator::PiecewiseLinear, _) if net.input.is_some() => {
                            integrate::<L, _>(&PlanarCells::new(&held), mixing, work, &segment)?;
                        }
                        (Evaluator::PiecewiseLinear, _) => work.prepared.cells.with(
                            || PlanarCells::new(net),
                            |cells| integrate::<L, _>(cells, mixing, work, &segment),
                        )?,
                    }
                }
            }
            // A stimulus that is held only changes the bias.
            Network::Reservoir(net) if UnitRows::suit(net) => work.prepared.rows.with(
                || UnitRows::new(net),
                |rows| {
                    segments.iter().try_for_each(|segment| {
                        let Conditions { stimulus, noise, .. } = &segment.conditions;
                        rows.set_bias(&net.bias_at(stimulus, *noise));
                        integrate::<L, _>(rows, mixing, work, segment)
                    })
                },
            )?,
            Network::Reservoir(net) => work.prepared.packed.with(
                || net.pack(),
                |packed| {
                    segments.iter().try_for_each(|segment| {
                        let Conditions { stimulus, noise, .. } = &segment.conditions;
                        packed.bias[..net.units].copy_from_slice(&net.bias_at(stimulus, *noise));
                        with_activation!(net.activation, A => integrate::<L, _>(&packed.field::<A>(), mixing, work, segment))
                    })
                },
            )?,
            Network::SamplerOnly(net) => {
                for segment in segments {
                    with_activation!(net.activation, A => integrate::<L, _>(&net.field::<A>(), mixing, work, &segment)?);
                }
            }
        }
        Ok(())
    }
}

fn integrate<L: Lanes, F: ScoreField>(
    field: &F,
    mixing: Option<&[f32]>,
    work: &mut Work<'_>,
    segment: &Segment,
) -> Result<()> {
    match field.products::<L>() {
        Some(products) => many_outputs::run::<L>(products, mixing, work, segment),
        None => tiles::<L, F>(field, mixing, work, segment),
    }
}

/// Tiles wide enough to hide latency, then narrow ones; the split never shows in the bits. Sizes that matter have a
/// tile whose state stays in registers (six vectors of x and of s, two weights and a product are all that there are); the
/// scalar definition takes the general path for every n.
fn tiles<L: Lanes, F: ScoreField>(
    field: &F,
    mixing: Option<&[f32]>,
    work: &mut Work<'_>,
    segment: &Segment,
) -> Result<()> {
    // Relu units with one output or two have fields of their own, see `run`: no tiles of theirs for the general one.
    let few = F::WIDE && (F::OUTPUTS.is_some() || !F::SHORT);
    let mut chain = 0;
    while chain < work.part.chains {
        let left = work.part.chains - chain;
        chain += match (L::WIDTH, F::OUTPUTS.unwrap_or(work.n)) {
            // A tile with idle lanes is soon faster than a few single vectors.
            (4, 1) if few && left > L::WIDTH => tile(
                &OfField::<F, 1>(field, mixing) as &dyn Steps<L, 6>,
                work,
                segment,
                chain,
            )?,
            (4, 1) if F::OUTPUTS.is_some() => tile(
                &OfField::<F, 1>(field, mixing) as &dyn Steps<L, 2>,
                work,
                segment,
                chain,
            )?,
            (4, 2) if few && F::SHORT => tile(
                &OfField::<F, 2>(field, mixing) as &dyn Steps<L, 2>,
                work,
                segment,
                chain,
            )?,
            (4, 2) if few && left > L::WIDTH => tile(
                &OfField::<F, 2>(field, mixing) as &dyn Steps<L, 4>,
                work,
                segment,
                chain,
            )?,
            // Only a few chains of the two above are left of a wide field, except in the scalar definition.
            _ if left >= 4 * L::WIDTH && !(F::WIDE && L::WIDTH == 4) => tile(
                &OfField::<F, 0>(field, mixing) as &dyn Steps<L, 4>,
                work,
                segment,
                chain,
            )?,
            _ => tile(
                &OfField::<F, 0>(field, mixing) as &dyn Steps<L, 2>,
                work,
                segment,
                chain,
            )?,
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
        let until = quad_ends.min(segment.to).min(work.recording.next(t));
        steps.run(step, &noise, absolute, until - t, &mut x, &mut s);
        t = until;
        if work.recording.at(t) {
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

/// Steps of a field, its drift mixed by I + Q where that is given. With N > 0 the state is in registers; N = 0 takes any n.
struct OfField<'a, F, const N: usize>(&'a F, Option<&'a [f32]>);

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
        let Self(field, mixing) = *self;
        if N > 0 {
            let mut local = [[L::zero(); T]; N];
            local.copy_from_slice(x);
            let mut s = [[L::zero(); T]; N];
            // In one dimension the only Q is 0.
            let mixing = mixing.filter(|_| N > 1);
            for absolute in first..first + count {
                field.score(&local, &mut s);
                if let Some(mixing) = mixing {
                    // By way of a copy: what a call can reach is not kept in registers.
                    let (drift, mut mixed) = (s, s);
                    mix(mixing, &drift, &mut mixed);
                    s = mixed;
                }
                advance(step, noise, absolute, &mut local, &s);
            }
            x.copy_from_slice(&local);
        } else {
            for absolute in first..first + count {
                field.score(x, s);
                advance_in_memory(mixing, step, noise, absolute, x, s);
            }
        }
    }
}

/// x after a step of drift s.
#[inline(always)]
fn advance<L: Lanes, const T: usize>(
    step: Step,
    noise: &TileNoise<L, T>,
    absolute: u64,
    x: &mut [[L; T]],
    s: &[[L; T]],
) {
    for d in 0..x.len() {
        let (now, next) = noise.get(absolute, d);
        for v in 0..T {
            x[d][v] = step.advance(x[d][v], s[d][v], now[v], next[v]);
        }
    }
}

/// The same, mixing included, where the state is in memory anyway: one function for all fields.
#[inline(never)]
fn advance_in_memory<L: Lanes, const T: usize>(
    mixing: Option<&[f32]>,
    step: Step,
    noise: &TileNoise<L, T>,
    absolute: u64,
    x: &mut [[L; T]],
    s: &mut [[L; T]],
) {
    if let Some(mixing) = mixing {
        let drift = s.to_vec();
        mix(mixing, &drift, s);
    }
    advance(step, noise, absolute, x, s);
}
