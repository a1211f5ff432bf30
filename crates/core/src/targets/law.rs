//! Laws in one dimension by their distribution function F: what W1 = ∫ |F_N − F| needs of a target or of one of its axes.

/// A law on the line with F and ∫F in closed form.
pub trait Law {
    /// 1, or the argument is no law on the line.
    fn dimension(&self) -> usize {
        1
    }

    /// F(x).
    fn cdf(&self, x: f64) -> f64;

    /// ∫_{−∞}^x F.
    fn integrated_cdf(&self, x: f64) -> f64;

    /// E[x].
    fn mean(&self) -> f64;
}
