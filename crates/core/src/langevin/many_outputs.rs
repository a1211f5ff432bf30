//! The projected path of a network with many outputs: x ← x + dt·s(x) + noise, with s by matrix products over many chains.
//!
//! A group of chains takes its steps together, so that the weights are read once a step for all of them.

use super::changes::Segment;
use super::work::Work;
use super::{Step, TileNoise};
use crate::error::Result;
use crate::kernels::product::{Blocks, Start, pack_rows, times};
use crate::kernels::{Lanes, Scalar, padded};
use crate::network::products::Products;

/// Chains of a group. At n = 300 their states, scores and noise are 3 MB, against 48 MB of weights at m = 20,000.
const GROUP: usize = 256;

pub(super) fn run<L: Lanes>(
    mut products: Products<'_>,
    mixing: Option<&[f32]>,
    work: &mut Work<'_>,
    segment: &Segment,
) -> Result<()> {
    let (n, config) = (work.n, work.config);
    let mixing = mixing.map(|a| Mixing::new(a, n));
    let step = segment.conditions.step(config.integrator);
    for chain in (0..work.part.chains).step_by(GROUP) {
        let count = work.chains(chain, GROUP);
        // Lanes past the last chain repeat it: their results are dropped, and it keeps them finite.
        let mut x = Blocks::from(n, padded(count), |d, c| work.carry(chain + c.min(count - 1))[d]);
        let mut s = products.scores(count);
        let mut noise: Vec<_> = (0..x.columns)
            .step_by(L::WIDTH)
            .map(|c| work.noise::<L, 1>(chain + c))
            .collect();
        for t in segment.from..segment.to {
            let absolute = config.first_step + t;
            if prepare(&mut noise, absolute, step.looks_ahead()) {
                check(work, chain, count, t, &x)?;
            }
            products.score::<L>(&x, &mut s);
            if let Some(mixing) = &mixing {
                mixing.apply::<L>(&mut s);
            }
            advance(step, &noise, absolute, &mut x, &s);
            if work.recording.at(t + 1) {
                let record = work.record_after(t + 1);
                (0..count).for_each(|c| read(&x, c, work.draw(chain + c, record)));
            }
        }
        check(work, chain, count, segment.to, &x)?;
        (0..count).for_each(|c| read(&x, c, work.carry_mut(chain + c)));
    }
    Ok(())
}

/// I + Q in panels, padded to whole tiles.
struct Mixing {
    panels: Vec<f32>,
    stride: usize,
}

impl Mixing {
    fn new(a: &[f32], n: usize) -> Self {
        let stride = padded(n);
        let mut rows = vec![0.0; stride * stride];
        for (to, from) in rows.chunks_exact_mut(stride).zip(a.chunks_exact(n)) {
            to[..n].copy_from_slice(from);
        }
        let mut panels = vec![0.0; rows.len()];
        pack_rows::<Scalar>(&rows, stride, &mut panels, stride);
        Self { panels, stride }
    }

    /// s ← (I + Q) s.
    fn apply<L: Lanes>(&self, s: &mut Blocks) {
        for first in s.firsts() {
            let (before, width) = (s.block(first).to_vec(), s.width(first));
            times::<L>(
                &self.panels,
                self.stride,
                Start::Zero,
                &before,
                width,
                s.block_mut(first),
                width,
            );
        }
    }
}

/// A column of x.
fn read(x: &Blocks, c: usize, out: &mut [f32]) {
    out.iter_mut()
        .enumerate()
        .for_each(|(d, v)| *v = x.data[x.at(d, c)]);
}

/// Makes the noise of a step ready; true when a new quad of steps began.
#[inline(never)]
fn prepare<L: Lanes>(noise: &mut [TileNoise<L, 1>], step: u64, looks_ahead: bool) -> bool {
    let mut new = false;
    for tile in noise {
        new |= tile.prepare(step, looks_ahead);
    }
    new
}

#[inline(never)]
fn advance<L: Lanes>(step: Step, noise: &[TileNoise<L, 1>], absolute: u64, x: &mut Blocks, s: &Blocks) {
    for first in x.firsts() {
        let width = x.width(first);
        let tiles = &noise[first / L::WIDTH..][..width / L::WIDTH];
        let rows = x.block_mut(first).chunks_exact_mut(width);
        for (d, (x, s)) in rows.zip(s.block(first).chunks_exact(width)).enumerate() {
            for (v, tile) in tiles.iter().enumerate() {
                let ([now], [next]) = tile.get(absolute, d);
                let (x, s) = (&mut x[v * L::WIDTH..], &s[v * L::WIDTH..]);
                step.advance(L::load(x), L::load(s), now, next).store(x);
            }
        }
    }
}

/// Stops at once when a state is no longer finite. Lanes past the last chain don't count.
fn check(work: &Work<'_>, chain: usize, count: usize, t: u64, x: &Blocks) -> Result<()> {
    let finite = |c: usize| (0..x.rows).all(|d| x.data[x.at(d, c)].is_finite());
    match (0..count).find(|&c| !finite(c)) {
        None => Ok(()),
        Some(c) => Err(work.diverged_at(chain + c, t)),
    }
}
