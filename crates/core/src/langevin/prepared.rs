//! What the parts of a run share besides its network: weights in the layout that kernels read, and the cells of the
//! piecewise-linear evaluator. The first part makes them, the next ones find them; bits don't depend on it.

use crate::network::ReservoirSampler;
use crate::network::planar_cells::PlanarCells;
use crate::network::reservoir::PackedReservoir;
use core::cell::Cell;

/// Of one network; empty to begin with.
#[derive(Default)]
pub struct Prepared {
    packed: Cell<Option<PackedReservoir>>,
    cells: Cell<Option<PlanarCells>>,
}

impl Prepared {
    /// Weights as products read them, with the bias of no stimulus or of one held before.
    pub(super) fn packed(&self, net: &ReservoirSampler) -> PackedReservoir {
        self.packed.take().unwrap_or_else(|| net.pack())
    }

    /// Cells of a network that has no input, so that they are the same in every part.
    pub(super) fn cells(&self, net: &ReservoirSampler) -> PlanarCells {
        self.cells.take().unwrap_or_else(|| PlanarCells::new(net))
    }

    pub(super) fn keep_packed(&self, packed: PackedReservoir) {
        self.packed.set(Some(packed));
    }

    pub(super) fn keep_cells(&self, cells: PlanarCells) {
        self.cells.set(Some(cells));
    }
}
