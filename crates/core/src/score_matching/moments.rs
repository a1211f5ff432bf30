//! Sums of the closed form: G = Σ a aᵀ and C = Σ (y aᵀ − W_fbᵀ diag φ′), in double precision, points in order; y is x, or P x
//! under a Q.
//!
//! Lanes run over columns of G, so each element's sum follows the order of points. Points are split into a fixed number
//! of groups whose sums are added in group order, whoever computes them.

use crate::kernels::{DoubleLanes, Kernel, Lanes, Task, dispatch};
use crate::linear_algebra::add_outer_products;
use crate::network::activation::{Activation, with_activation};
use crate::network::products::PhiOnBuffers;
use crate::network::reservoir::PackedReservoir;

/// Groups that points are split into.
pub const GROUPS: usize = 16;
/// Points whose activations are held at once: with 1,000 units they stay in a cache of 256 KB.
const CHUNK: usize = 32;

/// G [k, k] (upper triangle by tiles) and C [n, k] with k = m padded, and Σ weights.
#[derive(Clone, Debug)]
pub struct Moments {
    pub k: usize,
    pub n: usize,
    pub g: Vec<f64>,
    pub c: Vec<f64>,
    pub weight: f64,
}

impl Moments {
    #[must_use]
    pub fn new(n: usize, k: usize) -> Self {
        Self {
            k,
            n,
            g: vec![0.0; k * k],
            c: vec![0.0; n * k],
            weight: 0.0,
        }
    }

    /// Back to empty sums.
    pub fn clear(&mut self) {
        self.g.fill(0.0);
        self.c.fill(0.0);
        self.weight = 0.0;
    }

    /// self += factor · other.
    pub fn add(&mut self, other: &Self, factor: f64) {
        for (a, b) in self.g.iter_mut().zip(&other.g) {
            *a += factor * b;
        }
        for (a, b) in self.c.iter_mut().zip(&other.c) {
            *a += factor * b;
        }
        self.weight += factor * other.weight;
    }

    /// Adds points `first` … `last − 1`.
    pub fn accumulate(
        &mut self,
        net: &PackedReservoir,
        activation: Activation,
        points: Points<'_>,
        kernel: Kernel,
    ) {
        dispatch(
            kernel,
            Accumulate {
                sums: self,
                net,
                activation,
                points,
            },
        );
    }
}

/// Points with how they count.
#[derive(Clone, Copy)]
pub struct Points<'a> {
    /// [row][columns], inputs of the network after its n outputs.
    pub x: &'a [f32],
    /// y, what W_out a should be, [n][columns].
    pub targets: &'a [f32],
    pub columns: usize,
    pub first: usize,
    pub last: usize,
    /// None: data, with Stein's term. Some: anchors, each with a weight and the factor of y that W_out a should be.
    pub anchors: Option<(&'a [f64], &'a [f64])>,
}

/// First and last point of group `g` of `count` points.
#[must_use]
pub fn group_range(count: usize, g: usize) -> (usize, usize) {
    (count * g / GROUPS, count * (g + 1) / GROUPS)
}

struct Accumulate<'a> {
    sums: &'a mut Moments,
    net: &'a PackedReservoir,
    activation: Activation,
    points: Points<'a>,
}

impl Task for Accumulate<'_> {
    type Output = ();

    fn run<L: Lanes>(mut self) {
        // By pointer, so that the sums are compiled once and not for each φ.
        let phi = with_activation!(self.activation, A => PhiOnBuffers::new::<L, A>());
        self.chunks::<L>(phi);
    }
}

impl Accumulate<'_> {
    fn chunks<L: Lanes>(&mut self, phi: PhiOnBuffers) {
        let k = self.net.columns;
        let mut rates = vec![0.0; CHUNK * k];
        let mut units = [(); 3].map(|()| vec![0.0; k]);
        let mut first = self.points.first;
        while first < self.points.last {
            let count = CHUNK.min(self.points.last - first);
            self.rates::<L>(phi, first, count, &mut units, &mut rates);
            add_outer_products::<L::Double>(&mut self.sums.g, &rates[..count * k], k);
            first += count;
        }
    }

    /// Fills a [count, k] block of weighted activations and adds their share of C.
    fn rates<L: Lanes>(
        &mut self,
        phi: PhiOnBuffers,
        first: usize,
        count: usize,
        [z, a, slope]: &mut [Vec<f32>; 3],
        rates: &mut [f64],
    ) {
        let Points {
            x,
            targets,
            columns,
            anchors,
            ..
        } = self.points;
        let (n, k) = (self.sums.n, self.net.columns);
        for i in 0..count {
            let at = first + i;
            // Weights enter by their root on both sides of a aᵀ.
            let (weight, share) = anchors.map_or((1.0, 1.0), |(weights, shares)| (weights[at], shares[at]));
            let root = weight.sqrt();
            self.sums.weight += weight;
            for j in (0..k).step_by(L::WIDTH) {
                let mut sum = L::load(&self.net.bias[j..]);
                for d in 0..self.net.dimension {
                    sum = sum.add(L::load(&self.net.w_fb[d * k + j..]).mul(L::splat(x[d * columns + at])));
                }
                sum.store(&mut z[j..]);
            }
            (phi.value)(z, a);
            slope.fill(1.0);
            (phi.times_slope)(z, a, slope);
            // Padding units don't exist: they must add nothing, whatever φ(0) is.
            a[self.net.units..].fill(0.0);
            scaled::<L::Double>(a, root, &mut rates[i * k..(i + 1) * k]);
            if anchors.is_some() {
                slope.fill(0.0);
            }
            for d in 0..n {
                let target = f64::from(targets[d * columns + at]) * share * weight;
                let (w_fb, c) = (
                    &self.net.w_fb[d * k..(d + 1) * k],
                    &mut self.sums.c[d * k..(d + 1) * k],
                );
                add_products::<L::Double>(c, (target, a), (w_fb, slope));
            }
        }
    }
}

/// to = factor · a.
#[inline(always)]
fn scaled<D: DoubleLanes>(a: &[f32], factor: f64, to: &mut [f64]) {
    for (a, to) in a.chunks_exact(D::WIDTH).zip(to.chunks_exact_mut(D::WIDTH)) {
        D::widen(a).mul(D::splat(factor)).store(to);
    }
}

/// c += target · a − w · slope.
#[inline(always)]
fn add_products<D: DoubleLanes>(c: &mut [f64], (target, a): (f64, &[f32]), (w, slope): (&[f32], &[f32])) {
    let stein = w.chunks_exact(D::WIDTH).zip(slope.chunks_exact(D::WIDTH));
    let all = a.chunks_exact(D::WIDTH).zip(stein);
    for (c, (a, (w, slope))) in c.chunks_exact_mut(D::WIDTH).zip(all) {
        let change = D::splat(target)
            .mul(D::widen(a))
            .sub(D::widen(w).mul(D::widen(slope)));
        D::load(c).add(change).store(c);
    }
}
