//! A box [−a, a] as the whole line, x = (θ − μ)/w + ln(1 − e^−(θ+a)/w) − ln(1 − e^−(a−θ)/w): a change of variable that is linear,
//! (θ − μ)/w, deeper in the box than some widths w, and for w → ∞ the logit of the box. Without a box it is linear.

/// How far beyond an edge's x nothing is to be told from the edge.
const FAR: f64 = 700.0;

/// x of θ, with a centre μ in the box and a width w > 0; `bound` a, 0 for no box. An edge becomes infinite.
#[must_use]
pub fn unbounded(theta: f64, centre: f64, width: f64, bound: f64) -> f64 {
    let wall = |distance: f64| libm::log(1.0 - libm::exp(-distance / width));
    let x = (theta - centre) / width;
    if bound > 0.0 {
        x + wall(bound + theta) - wall(bound - theta)
    } else {
        x
    }
}

/// θ of x, in the box: θ = μ + w [x − ln(1 + e^(x−(a−μ)/w)) + ln(1 + e^(−x−(a+μ)/w))].
#[must_use]
pub fn bounded(x: f64, centre: f64, width: f64, bound: f64) -> f64 {
    if bound > 0.0 {
        let [low, high] = [(bound + centre) / width, (bound - centre) / width];
        let x = x.clamp(-low - FAR, high + FAR);
        let wall = |y: f64| y.max(0.0) + libm::log(1.0 + libm::exp(-y.abs()));
        (centre + width * (x - wall(x - high) + wall(-x - low))).clamp(-bound, bound)
    } else {
        centre + width * x
    }
}
