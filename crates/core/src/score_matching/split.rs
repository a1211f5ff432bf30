//! A network's units in groups, for training by several owners: S = Σ_g S_g with S_g = Σ_{j in group g} W_out[:, j] φ(z_j).
//!
//! The groups are the same whoever computes them, and are added in their order, so the bits don't depend on how many owners
//! there are. An owner holds consecutive groups: its units' weights and moments, and nothing of the other units'.

use super::config::{Available, Method, TrainConfig, TrainOptions};
use super::moments::{GROUPS, group_range};
use crate::kernels::padded;
use crate::kernels::product::ROWS;
use crate::network::Architecture;
use crate::network::reservoir::FEW_OUTPUTS;
use core::ops::Range;

/// Multiplications and additions of a step from which on it is split over owners: about a millisecond on one core, some ten
/// times what an exchange costs.
const WORTH_SPLITTING: u64 = 50_000_000;

/// Whether scores of `n` outputs are added up by groups: with fewer, a unit's sums stay in registers.
#[must_use]
pub fn splits(n: usize) -> bool {
    n > FEW_OUTPUTS
}

/// Owners that a run is split over, `wanted` at most: as many as the memory of all of them together allows, and one where a step is
/// too short for what their exchange costs, or where the run will be refused. The bits don't depend on it. Of the data only the
/// shape is known yet, `n` dimensions, the stimuli among them; the units that it is trained in don't matter here.
#[must_use]
pub fn members(options: TrainOptions, n: usize, available: Available, wanted: usize, budget: u64) -> usize {
    let Ok(config) = TrainConfig::filled(options, n, available) else {
        return 1;
    };
    let operations = [n, config.units, config.adam.batch]
        .iter()
        .fold(10, |product: u64, &factor| product.saturating_mul(factor as u64));
    let splits = config.architecture == Architecture::ReservoirSampler && splits(n);
    if config.method != Method::Adam || !splits || operations < WORTH_SPLITTING {
        return 1;
    }
    let fits = |members: &usize| config.bytes(n, *members) <= budget;
    (2..=wanted.min(GROUPS)).rev().find(fits).unwrap_or(1)
}

/// The part of a network that one owner trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// m of the whole network.
    total: usize,
    member: usize,
    members: usize,
}

impl Share {
    /// The share of owner `member` of `members`, 1 … 16, in a network of `total` units.
    #[must_use]
    pub fn new(total: usize, member: usize, members: usize) -> Self {
        assert!(member < members && members <= GROUPS);
        Self {
            total,
            member,
            members,
        }
    }

    /// A single owner's.
    #[must_use]
    pub fn whole(total: usize) -> Self {
        Self::new(total, 0, 1)
    }

    /// Another owner's.
    #[must_use]
    pub fn of(&self, member: usize) -> Self {
        Self::new(self.total, member, self.members)
    }

    /// m of the whole network.
    #[must_use]
    pub fn total(&self) -> usize {
        self.total
    }

    /// Its groups.
    #[must_use]
    pub fn groups(&self) -> Range<usize> {
        let first = |member| GROUPS * member / self.members;
        first(self.member)..first(self.member + 1)
    }

    /// Its units, in the whole network's numbering.
    #[must_use]
    pub fn units(&self) -> Range<usize> {
        let Range { start, end } = self.groups();
        let first = |g| self.group(g).start.min(self.total);
        first(start)..first(end)
    }

    /// Its groups with their units, padding included, counted from its own first one.
    pub fn own(&self) -> impl Iterator<Item = (usize, Range<usize>)> + use<> {
        let share = *self;
        let base = share.group(share.groups().start).start;
        share.groups().map(move |g| {
            let Range { start, end } = share.group(g);
            (g, start - base..end - base)
        })
    }

    /// Its part of an array of `length` numbers that lies unit by unit, [padded units][…].
    #[must_use]
    pub fn part(&self, length: usize) -> Range<usize> {
        let each = length / padded(self.total);
        let Range { start, end } = self.groups();
        let first = |g| self.group(g).start * each;
        first(start)..first(end)
    }

    /// Units of a group, whole panels of them.
    fn group(&self, g: usize) -> Range<usize> {
        let (first, last) = group_range(padded(self.total) / ROWS, g);
        first * ROWS..last * ROWS
    }
}
