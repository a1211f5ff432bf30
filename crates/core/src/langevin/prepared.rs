//! What the parts of a run share besides its network: weights in the layout that kernels read, and the cells of the
//! piecewise-linear evaluator. The first part makes them, the next ones find them; bits don't depend on it.

use crate::network::planar_cells::PlanarCells;
use crate::network::reservoir::PackedReservoir;
use crate::network::unit_rows::UnitRows;
use core::cell::Cell;

/// Of one network; empty to begin with.
#[derive(Default)]
pub struct Prepared {
    /// Weights as products read them, with the bias of no stimulus or of one held before.
    pub(super) packed: Kept<PackedReservoir>,
    /// The same as sums unit by unit read them.
    pub(super) rows: Kept<UnitRows>,
    /// Cells of a network that has no input, so that they are the same in every part.
    pub(super) cells: Kept<PlanarCells>,
}

/// What is made once and used by one part after another.
pub(super) struct Kept<T>(Cell<Option<T>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Cell::new(None))
    }
}

impl<T> Kept<T> {
    /// Uses what is kept, made first if there is none, and keeps it.
    pub(super) fn with<R>(&self, make: impl FnOnce() -> T, using: impl FnOnce(&mut T) -> R) -> R {
        let mut value = self.0.take().unwrap_or_else(make);
        let result = using(&mut value);
        self.0.set(Some(value));
        result
    }
}
