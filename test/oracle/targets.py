"""targets.json: the Laplace mixture, the ring and the spiral: densities, scores, axes.

    laplace-mixture   p(x) = 1/2 sum over rho = +-0.9 of K0(sqrt(2 q)) / (pi sqrt|G|), q = x' G^-1 x, G = [[1, rho], [rho, 1]];
                      with noise the integral over E of exp(-E) N(x; 0, E G + sigma^2 I), by adaptive quadrature
    ring, spiral      Gaussians on the curve, placed by angle with sin and cos; axes by scipy's normal distribution
"""

import mpmath as mp
import numpy as np
import scipy
from scipy.integrate import quad
from scipy.special import kve, logsumexp
from scipy.stats import laplace, norm

from write_json import write_json

mp.mp.dps = 40

POINTS = [(0.0009765625, 0), (0.125, 0.0625), (-0.5, 0.25), (1, 1), (1, -1), (0.5, -2), (3, 2.5), (-4, 4), (0, 6), (12, -3), (40, 38), (-300, 10)]
NOISES = [0.0625, 0.5]
RHO = 0.9


def laplace_terms(x):
    """(log density, gradient of the log density) of each component, by scipy's scaled Bessel functions."""
    for rho in (RHO, -RHO):
        inverse = np.linalg.inv([[1, rho], [rho, 1]])
        z = np.sqrt(2 * x @ inverse @ x)
        k0, k1 = kve(0, z), kve(1, z)
        yield np.log(k0 / (np.pi * np.sqrt(1 - rho**2))) - z, -k1 / k0 * 2 * inverse @ x / z


def laplace_values(x):
    terms = list(laplace_terms(np.asarray(x, float)))
    logs = np.array([log for log, _ in terms])
    share = np.exp(logs - logsumexp(logs))
    return float(logsumexp(logs) + np.log(0.5)), sum(s * gradient for s, (_, gradient) in zip(share, terms))


def check_laplace(x, log_density):
    """The same by mpmath's Bessel function; near the middle by quadrature over E as well, which is the definition."""
    bessel, integral = mp.mpf(0), mp.mpf(0)
    for rho in (mp.mpf("0.9"), -mp.mpf("0.9")):
        a, b = mp.mpf(x[0]), mp.mpf(x[1])
        q = (a * a - 2 * rho * a * b + b * b) / (1 - rho**2)
        root = mp.sqrt(1 - rho**2)
        bessel += mp.besselk(0, mp.sqrt(2 * q)) / (2 * mp.pi * root)
        if max(map(abs, x)) <= 1:
            integral += mp.quad(lambda t: mp.exp(-mp.exp(t) - q * mp.exp(-t) / 2), range(-40, 6)) / (4 * mp.pi * root)
    assert abs(mp.log(bessel) - log_density) < 1e-12 * max(1, abs(log_density)), x
    assert integral == 0 or abs(integral / bessel - 1) < 1e-12, x


def noisy_values(x, noise):
    """Log density and score with noise, by quad over ln E around the largest term."""
    x = np.asarray(x, float)
    sums = np.zeros(3)
    grid = np.linspace(-30, 8, 20001)

    def parts(t, rho):
        e = np.exp(t)
        covariance = e * np.array([[1, rho], [rho, 1]]) + noise**2 * np.eye(2)
        pull = np.linalg.solve(covariance, x)
        return t - e - 0.5 * x @ pull - 0.5 * np.log(np.linalg.det(covariance)), pull

    top = max(parts(t, rho)[0] for t in grid[::40] for rho in (RHO, -RHO))
    for rho in (RHO, -RHO):
        at = grid[::40][np.argmax([parts(t, rho)[0] for t in grid[::40]])]
        for i in range(3):
            f = lambda t: np.exp(parts(t, rho)[0] - top) * ([1, *-parts(t, rho)[1]][i])  # noqa: B023, E731
            edges = sorted({-60.0, *(at + d for d in (-8, -4, -2, -1, 0, 0.5, 1, 2)), at + 6})
            sums[i] += sum(quad(f, a, b, epsabs=1e-15, epsrel=1e-13, limit=200)[0] for a, b in zip(edges, edges[1:]))
    return float(top + np.log(sums[0] / (4 * np.pi))), sums[1:] / sums[0]


def ring():
    angle = 2 * np.pi * np.arange(64) / 64
    return np.full(64, 1 / 64), 2 * np.stack([np.cos(angle), np.sin(angle)], 1), 0.2


def spiral():
    t = np.pi / 2 + 3.5 * np.pi / 192 * np.arange(192)
    weights = np.sqrt(1 + t**2)
    return weights / weights.sum(), 0.2 * t[:, None] * np.stack([np.cos(t), np.sin(t)], 1), 0.15


def curve_values(x, weights, means, deviation):
    gap = means - np.asarray(x, float)
    logs = np.log(weights) - 0.5 * (gap**2).sum(1) / deviation**2 - np.log(2 * np.pi * deviation**2)
    share = np.exp(logs - logsumexp(logs))
    return float(logsumexp(logs)), share @ gap / deviation**2


def main():
    clean = [laplace_values(x) for x in POINTS]
    for x, (log_density, _) in zip(POINTS, clean):
        check_laplace(x, log_density)
    rows = {"x": np.array(POINTS, float), "log_density": [c[0] for c in clean], "score": np.array([c[1] for c in clean])}
    noisy = []
    for noise in NOISES:
        values = [noisy_values(x, noise) for x in POINTS[:10]]
        noisy.append({"noise": noise, "log_density": [v[0] for v in values], "score": np.array([v[1] for v in values])})
    at = np.array([-6, -2, -0.75, -0.125, 0, 0.25, 1, 3.5])
    axis = laplace(scale=1 / np.sqrt(2))
    area = [quad(axis.cdf, -60, v, points=sorted({-8, min(0, v), v}), epsabs=1e-14, limit=200)[0] for v in at]
    curves = {}
    for name, (weights, means, deviation) in {"ring": ring(), "spiral": spiral()}.items():
        values = [curve_values(x, weights, means, deviation) for x in POINTS[:8]]
        cdf = [[float(weights @ norm.cdf(v, means[:, d], deviation)) for v in at] for d in (0, 1)]
        curves[name] = {"log_density": [v[0] for v in values], "score": np.array([v[1] for v in values]), "cdf": cdf}
    write_json(
        "targets.json",
        {
            "made_by": f"targets.py, scipy {scipy.__version__}, numpy {np.__version__}, mpmath {mp.__version__}",
            "laplace": {**rows, "noisy": noisy, "axis": {"x": at, "cdf": axis.cdf(at), "integrated_cdf": area}},
            "curves": curves,
        },
    )


if __name__ == "__main__":
    main()
