//! The projected path of a network with many outputs: x ← x + dt·s(x) + noise, with s by matrix products over many chains.
//!
//! A group of chains takes its steps together, so that the weights are read once a step for all of them.

use super::projected::diverged_at;
use super::{Part, SampleConfig, Sampled, Step, TileNoise};
use crate::error::Result;
use crate::kernels::Lanes;
use crate::kernels::product::Blocks;
use crate::network::products::Products;

/// Chains of a group. At n = 300 their states, scores and noise are 3 MB, against 48 MB of weights at m = 20,000.
const GROUP: usize = 256;

pub(super) fn run<L: Lanes>(
    mut products: Products<'_>,
    config: &SampleConfig,
    part: Part,
    first_chain: u32,
    start: &[f32],
) -> Result<Sampled> {
    let n = start.len() / part.chains;
    let records = (config.records_until(part.to) - config.records_until(part.from)) as usize;
    let step = Step::new(config.integrator, config.dt);
    let mut states = start.to_vec();
    let mut draws = vec![0.0; part.chains * records * n];
    for chain in (0..part.chains).step_by(GROUP) {
        let count = GROUP.min(part.chains - chain);
        // Lanes past the last chain repeat it: their results are dropped, and it keeps them finite.
        let mut x = Blocks::from(n, crate::kernels::padded(count), |d, c| {
            start[(chain + c.min(count - 1)) * n + d]
        });
        let mut s = products.scores(count);
        let mut noise: Vec<_> = (0..x.columns)
            .step_by(L::WIDTH)
            .map(|c| TileNoise::<L, 1>::new(config, first_chain.wrapping_add((chain + c) as u32), n))
            .collect();
        let mut record = 0;
        for t in part.from..part.to {
            let absolute = config.first_step + t;
            if prepare(&mut noise, absolute, step.looks_ahead()) {
                check(config, part, chain, count, t, &x)?;
            }
            products.score::<L>(&x, &mut s, None);
            advance(step, &noise, absolute, &mut x, &s);
            if config.records_at(t + 1) {
                for c in 0..count {
                    let draw = &mut draws[((chain + c) * records + record) * n..][..n];
                    draw.iter_mut()
                        .enumerate()
                        .for_each(|(d, v)| *v = x.data[x.at(d, c)]);
                }
                record += 1;
            }
        }
        check(config, part, chain, count, part.to, &x)?;
        for c in 0..count {
            let state = &mut states[(chain + c) * n..][..n];
            state
                .iter_mut()
                .enumerate()
                .for_each(|(d, v)| *v = x.data[x.at(d, c)]);
        }
    }
    Ok(Sampled {
        draws,
        carry: states.clone(),
        states,
    })
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
fn check(config: &SampleConfig, part: Part, chain: usize, count: usize, t: u64, x: &Blocks) -> Result<()> {
    let finite = |c: usize| (0..x.rows).all(|d| x.data[x.at(d, c)].is_finite());
    match (0..count).find(|&c| !finite(c)) {
        None => Ok(()),
        Some(c) => Err(diverged_at(config, part, chain + c, t)),
    }
}
