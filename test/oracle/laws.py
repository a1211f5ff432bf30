"""laws.json: Gaussian mixtures, Wasserstein-1 distances and the exact stationary law of small one-dimensional networks.

    mixture     p(x) = sum_k w_k N(x; mean_k, sd_k^2),  score (log p)',  W1 to an empirical law = integral |F_n - F|
    network     s(x) = -x + W_out phi(W_fb x + b),  stationary p(x) = exp(integral_0^x s) / Z,
                Fisher divergence E_p[(s - (log p)')^2], p the double peak without noise, no factor 1/2
"""

import mpmath as mp
import numpy as np
import scipy
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import logsumexp, spence
from scipy.stats import norm, wasserstein_distance

from write_json import write_json

mp.mp.dps = 40

LAWS = {
    "double-peak": {"weights": [0.5, 0.5], "means": [-1.0, 1.0], "deviations": [0.5, 0.5]},
    "asymmetric": {"weights": [0.125, 0.5, 0.375], "means": [-2.0, 0.25, 3.0], "deviations": [0.25, 1.0, 0.5]},
}
POINTS = [-30, -10, -6, -4, -3, -2.5, -2, -1.75, -1.5, -1, -0.75, -0.5, -0.125, 0, 0.125, 0.25, 0.5, 1, 1.25, 1.5, 2, 2.5, 3, 3.5, 4.5, 7, 12, 40]


class Mixture:
    def __init__(self, weights, means, deviations):
        self.w, self.mu, self.sd = (np.array(v) for v in (weights, means, deviations))

    def terms(self, x):
        return np.log(self.w) + norm.logpdf(np.asarray(x, float)[..., None], self.mu, self.sd)

    def log_density(self, x):
        return logsumexp(self.terms(x), axis=-1)

    def density(self, x):
        return np.exp(self.log_density(x))

    def cdf(self, x):
        return (self.w * norm.cdf(np.asarray(x, float)[..., None], self.mu, self.sd)).sum(-1)

    def score(self, x):
        terms = self.terms(x)
        share = np.exp(terms - logsumexp(terms, axis=-1, keepdims=True))
        return (share * (self.mu - np.asarray(x, float)[..., None]) / self.sd**2).sum(-1)

    # The same by mpmath.
    def mp_components(self):
        return [(mp.mpf(float(w)), mp.mpf(float(m)), mp.mpf(float(s))) for w, m, s in zip(self.w, self.mu, self.sd)]

    def mp_density(self, x):
        return mp.fsum(w * mp.npdf(x, m, s) for w, m, s in self.mp_components())

    def mp_cdf(self, x):
        return mp.fsum(w * mp.ncdf(x, m, s) for w, m, s in self.mp_components())

    def mp_lower_area(self, x):
        """A(x) = integral of F from -infinity to x; A(x) - x tends to minus the mean."""
        out = mp.mpf(0)
        for w, m, s in self.mp_components():
            z = (x - m) / s
            out += w * s * (z * mp.ncdf(z) + mp.npdf(z))
        return out

    def mp_w1_to_sample(self, sample):
        """Exact: between two neighbouring points F_n is a constant c, and F crosses c at most once."""
        xs = sorted(mp.mpf(float(v)) for v in sample)
        size, mean = len(xs), mp.fsum(w * m for w, m, _ in self.mp_components())
        total = self.mp_lower_area(xs[0])  # left of all points F_n = 0
        total += self.mp_lower_area(xs[-1]) - xs[-1] + mean  # right of them F_n = 1: integral of 1 - F
        for i in range(1, size):
            a, b, c = xs[i - 1], xs[i], mp.mpf(i) / size
            if a == b:
                continue
            fa, fb = self.mp_cdf(a) - c, self.mp_cdf(b) - c
            cuts = [a, b]
            if fa < 0 < fb:
                cuts = [a, mp.findroot(lambda t: self.mp_cdf(t) - c, (a, b), solver="anderson", tol=1e-50), b]
            for left, right in zip(cuts, cuts[1:]):
                total += abs(self.mp_lower_area(right) - self.mp_lower_area(left) - c * (right - left))
        return float(total)


def check_w1(law, sample, value):
    """Adaptive quadrature of |F_n - F| between neighbouring points, and the quantile form with many exact quantiles."""
    xs = np.sort(np.asarray(sample, float))
    edges = np.concatenate([[xs[0] - 30], xs, [xs[-1] + 30]])
    total = 0.0
    for i, (a, b) in enumerate(zip(edges, edges[1:])):
        if b > a:
            c = i / len(xs)
            g = lambda t: float(law.cdf(t)) - c  # noqa: E731
            root = [brentq(g, a, b, xtol=1e-15)] if g(a) < 0 < g(b) else []
            pieces = sorted({a, b, *root, *(float(m) for m in law.mu if a < m < b)})
            total += sum(quad(lambda t: abs(g(t)), p, q, epsabs=1e-13, epsrel=1e-12, limit=200)[0] for p, q in zip(pieces, pieces[1:]))
    assert abs(total - value) < 1e-9, (total, value)


# Roughly the double peak's score with six units: kinks by hand, W_out by ridge regression, rounded to 1/64.
NETWORKS = [
    {
        "activation": "relu",
        "W_fb": [1.0, 0.875, 1.25, -1.0, -0.75, -1.5],
        "b": [0.53125, -0.21875, -0.625, -0.25, 0.375, -0.75],
        "W_out": [4.703125, -10.828125, 1.4375, 10.140625, -6.703125, -1.40625],
    },
    {
        "activation": "softplus",
        "W_fb": [4.0, 3.5, 3.0, -4.0, -3.0, -3.5],
        "b": [1.40625, -0.34375, -2.703125, -0.40625, 1.34375, -3.328125],
        "W_out": [6.15625, -10.765625, 3.5, 5.421875, -4.53125, -1.5625],
    },
]
GRID = np.arange(-4, 4.0625, 0.125)
NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)


def softplus_area(z):
    """Integral of softplus from -infinity to z: -Li2(-e^z)."""
    decayed = spence(1 + np.exp(-np.abs(z)))
    return np.where(z > 0, np.pi**2 / 6 + z * z / 2 + decayed, -decayed)


class Network:
    RANGE = 10.0

    def __init__(self, activation, W_fb, b, W_out):
        self.v, self.b, self.w, self.activation = np.array(W_fb), np.array(b), np.array(W_out), activation
        kinks = -self.b / self.v if activation == "relu" else []
        self.edges = np.unique(np.concatenate([np.arange(-self.RANGE, self.RANGE + 0.01, 0.125), kinks]))
        self.shift, self.log_z = 0.0, 0.0
        self.shift = self.potential(self.edges).max()
        mass = self.integrate(lambda x: np.exp(self.potential(x) - self.shift), self.edges[:-1], self.edges[1:])
        self.log_z = self.shift + np.log(mass.sum())
        self.below = np.concatenate([[0], np.cumsum(mass / mass.sum())])

    @staticmethod
    def integrate(f, a, b):
        a, b = np.asarray(a, float), np.asarray(b, float)
        half = (b - a) / 2
        return half * (f(a[..., None] + half[..., None] * (NODES + 1)) * WEIGHTS).sum(-1)

    def slopes(self):
        """s(x)/x as x tends to -infinity, +infinity: both must be negative."""
        return [float(-1 + (self.w * self.v)[self.v < 0].sum()), float(-1 + (self.w * self.v)[self.v > 0].sum())]

    def score(self, x):
        z = np.asarray(x, float)[..., None] * self.v + self.b
        rates = np.maximum(z, 0) if self.activation == "relu" else np.logaddexp(z, 0)
        return -x + rates @ self.w

    def potential(self, x):
        """Integral of s from 0 to x, in closed form."""
        area = (lambda z: np.maximum(z, 0) ** 2 / 2) if self.activation == "relu" else softplus_area
        z = np.asarray(x, float)[..., None] * self.v + self.b
        return -np.square(x) / 2 + ((area(z) - area(self.b)) / self.v) @ self.w

    def density(self, x):
        return np.exp(self.potential(x) - self.log_z)

    def cdf(self, x):
        x = np.asarray(x, float)
        i = np.clip(np.searchsorted(self.edges, x, side="right") - 1, 0, len(self.edges) - 2)
        return self.below[i] + self.integrate(self.density, self.edges[i], x)

    def w1(self, law):
        gap = lambda x: self.cdf(x) - law.cdf(x)  # noqa: E731
        values = gap(self.edges)
        cuts = list(self.edges)
        for a, b, fa, fb in zip(self.edges, self.edges[1:], values, values[1:]):
            if fa * fb < 0 and max(abs(fa), abs(fb)) > 1e-14:
                cuts.append(brentq(lambda t: float(gap(t)), a, b, xtol=1e-15))
        cuts = np.unique(cuts)
        return float(np.abs(self.integrate(gap, cuts[:-1], cuts[1:])).sum())

    def fisher(self, law):
        f = lambda x: law.density(x) * (self.score(x) - law.score(x)) ** 2  # noqa: E731
        return float(self.integrate(f, self.edges[:-1], self.edges[1:]).sum())


def check_network(network, law, w1, fisher):
    fine = np.linspace(-8, 8, 1_600_001)
    density = network.density(fine)
    slow = np.concatenate([[0], np.cumsum((network.score(fine)[1:] + network.score(fine)[:-1]) / 2 * np.diff(fine))])
    slow -= slow[800_000]
    assert np.abs(slow - network.potential(fine)).max() < 1e-7  # closed-form potential = integral of s
    assert abs(np.trapezoid(density, fine) - 1) < 1e-9
    gap = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(fine))]) - law.cdf(fine)
    assert abs(np.trapezoid(np.abs(gap), fine) - w1) < 1e-8
    assert abs(np.trapezoid(law.density(fine) * (network.score(fine) - law.score(fine)) ** 2, fine) - fisher) < 1e-8
    assert max(network.slopes()) < 0


def sample_of(rng, law, size):
    """A sample of nearly the law, in multiples of 1/256 (exact in float32), moved a little so that W1 isn't tiny."""
    k = rng.choice(len(law.w), size, p=law.w)
    return np.round((rng.normal(law.mu[k], law.sd[k]) + 0.125) * 256) / 256


def main():
    rng = np.random.default_rng(11)
    mixtures = []
    for name, parameters in LAWS.items():
        law = Mixture(**parameters)
        x = np.array(POINTS, float)
        expected = {"density": law.density(x), "log_density": law.log_density(x), "cdf": law.cdf(x), "score": law.score(x)}
        for i, v in enumerate(POINTS):
            v = mp.mpf(v)
            density = law.mp_density(v)
            reference = {
                "density": density,
                "log_density": mp.log(density),
                "cdf": law.mp_cdf(v),
                "score": mp.fsum(w * mp.npdf(v, m, s) * (m - v) / s**2 for w, m, s in law.mp_components()) / density,
            }
            for key, value in reference.items():
                assert abs(expected[key][i] - value) <= 2e-12 * abs(value) + 1e-300, (name, key, v)
                expected[key][i] = float(value)
        samples = [sample_of(rng, law, size) for size in (1, 7, 200)]
        samples[1][3] = samples[1][2]  # a tie
        w1 = [law.mp_w1_to_sample(s) for s in samples]
        for s, value in zip(samples, w1):
            check_w1(law, s, value)
        mixtures.append(
            {
                "name": name,
                **parameters,
                "x": x,
                **expected,
                "samples": [{"size": len(s), "w1": value, "draws": s} for s, value in zip(samples, w1)],
            }
        )
        print(name, "W1 to its samples:", [f"{v:.4f}" for v in w1])

    pairs = []
    for a, b in [(1, 1), (1, 5), (5, 5), (3, 7), (40, 25), (200, 64)]:
        u, v = (np.round(rng.normal(m, s, size) * 256) / 256 for m, s, size in ((0, 1, a), (0.5, 1.5, b)))
        if (a, b) == (40, 25):
            u[:4], v[:3] = u[0], u[0]  # ties within and between
        pairs.append({"w1": wasserstein_distance(u, v), "a": u, "b": v})

    double_peak = Mixture(**LAWS["double-peak"])
    networks = []
    for parameters in NETWORKS:
        network = Network(**parameters)
        w1, fisher = network.w1(double_peak), network.fisher(double_peak)
        check_network(network, double_peak, w1, fisher)
        mean, square = (float(network.integrate(lambda x, p=p: network.density(x) * x**p, network.edges[:-1], network.edges[1:]).sum()) for p in (1, 2))
        networks.append(
            {
                "name": f"reservoir-sampler {parameters['activation']} n=1 m=6",
                "architecture": "reservoir-sampler",
                "activation": parameters["activation"],
                "n": 1,
                "m": 6,
                "parameters": {key: parameters[key] for key in ("W_out", "W_fb", "b")},
                "asymptotic_slopes": network.slopes(),
                "log_normaliser": network.log_z,
                "mean": mean,
                "variance": square - mean**2,
                "w1_to_double_peak": w1,
                "fisher_to_double_peak": fisher,
                "x": GRID,
                "score": network.score(GRID),
                "density": network.density(GRID),
                "cdf": network.cdf(GRID),
            }
        )
        print(parameters["activation"], f"W1 {w1:.6f} Fisher {fisher:.6f} mean {mean:.4f}")

    write_json(
        "laws.json",
        {
            "about": "All inputs are exact in float32. mixtures: density, log density, distribution function and score at x; w1 between the"
            " mixture and each sample. empirical_pairs: W1 between two samples. networks: the normalised law exp(integral of s) on the"
            " grid x; log_normaliser is ln of the integral of exp(integral_0^x s); asymptotic_slopes are s(x)/x at -infinity, +infinity;"
            " fisher_to_double_peak is E_p (s - (log p)')^2 under the double peak, without a factor 1/2.",
            "made_by": f"laws.py, numpy {np.__version__}, scipy {scipy.__version__}, mpmath {mp.__version__}",
            "mixtures": mixtures,
            "empirical_pairs": pairs,
            "networks": networks,
        },
    )


if __name__ == "__main__":
    main()
