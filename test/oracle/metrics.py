"""metrics.json: moments, convergence diagnostics, autocorrelation, spectra, and distances between samples.

    chains    [chain, draw]: mean, deviation, excess kurtosis (SciPy); ESS bulk and tail, R-hat, MCSE of the mean (ArviZ);
              autocorrelation = mean over chains of ArviZ's autocovariance, over its value at lag 0; scipy.signal.welch
    pairs     x [point, n], y [point, n]: MMD^2 (scikit-learn's RBF kernel), energy distance, sliced W1 along given directions (SciPy)
    stein     KSD^2 of x under a law with known score: Stein kernel of (c^2 + |x - y|^2)^(-1/2) by automatic differentiation (JAX)
"""

import arviz_stats
import jax
import jax.numpy as jnp
import numpy as np
import scipy
import sklearn
from arviz_stats.base import array_stats
from scipy.signal import welch
from scipy.spatial.distance import cdist, pdist
from scipy.special import ndtri
from scipy.stats import energy_distance, kurtosis, rankdata, wasserstein_distance
from sklearn.metrics.pairwise import rbf_kernel

from write_json import write_json

jax.config.update("jax_enable_x64", True)


def exact(x):
    """Multiples of 1/256: exact in float32."""
    return np.round(np.asarray(x) * 256) / 256


def autoregressive(rng, chains, draws, phi):
    x = rng.normal(size=(chains, draws))
    for t in range(1, draws):
        x[:, t] = phi * x[:, t - 1] + np.sqrt(1 - phi**2) * x[:, t]
    return exact(x)


def chain_cases(rng):
    stuck = autoregressive(rng, 2, 64, 0.5) + np.array([[0.0], [3.0]])
    wide = autoregressive(rng, 4, 60, 0.3) * np.array([[0.25], [1.0], [1.0], [4.0]])
    still = autoregressive(rng, 3, 32, 0.2)
    still[1] = 0.5
    return {
        "autoregressive 0.8": (autoregressive(rng, 4, 200, 0.8), 32),
        "autoregressive -0.6": (autoregressive(rng, 2, 150, -0.6), 16),
        "independent, odd": (autoregressive(rng, 3, 101, 0.0), 64),
        "one chain": (autoregressive(rng, 1, 150, 0.5), 128),
        "apart": (stuck, 64),
        "unequal widths": (exact(wide), 8),
        "ties": (rng.poisson(2.0, size=(4, 48)).astype(float), 16),
        "skewed": (exact(rng.exponential(size=(2, 90)) ** 2), 32),
        "one chain stands still": (still, 16),
        "four draws": (autoregressive(rng, 2, 4, 0.0), 4),
        "five draws": (autoregressive(rng, 3, 5, 0.0), 4),
        "eight draws": (autoregressive(rng, 2, 8, 0.0), 4),
    }


def chain_values(x, segment):
    chains, draws = x.shape
    interval = 0.25
    covariance = array_stats.autocov(x, axis=-1).mean(0)
    power = np.mean([welch(c, fs=1 / interval, nperseg=segment, noverlap=segment // 2)[1] for c in x], axis=0)
    bins = 4
    parts = ((rankdata(x).reshape(x.shape) - 0.5) / x.size * bins).astype(int)
    return {
        "chains": chains,
        "draws": draws,
        "mean": x.mean(),
        "deviation": x.std(ddof=1),
        "excess_kurtosis": kurtosis(x.ravel()),
        "ess_bulk": float(array_stats.ess(x, method="bulk")),
        "ess_tail": float(array_stats.ess(x, method="tail", prob=(0.05, 0.95))),
        "mcse_mean": float(array_stats.mcse(x, method="mean")),
        "r_hat": float(array_stats.rhat(x)) if chains > 1 else None,
        "autocorrelation": covariance[: min(draws, 20)] / covariance[0],
        "segment": segment,
        "interval": interval,
        "spectrum": power,
        "bins": bins,
        "rank_histogram": [int(np.sum(row == b)) for row in parts for b in range(bins)],
        "values": x,
    }


def pair_values(rng, n, sizes):
    m, k = sizes
    x = exact(rng.normal(size=(m, n)))
    y = exact(rng.normal(size=(k, n)) * rng.uniform(0.5, 1.5, size=n) + 0.25)
    y[0] = x[0]
    directions = rng.normal(size=(7, n))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    distances = pdist(np.concatenate([x, y]))
    median = np.partition(distances, (len(distances) - 1) // 2)[(len(distances) - 1) // 2]

    def mmd(h):
        xx, yy, xy = (rbf_kernel(a, b, gamma=1 / (2 * h * h)) for a, b in ((x, x), (y, y), (x, y)))
        return (xx.sum() - m) / (m * (m - 1)) + (yy.sum() - k) / (k * (k - 1)) - 2 * xy.mean()

    energy = np.sqrt(2 * cdist(x, y).mean() - cdist(x, x).mean() - cdist(y, y).mean())
    if n == 1:
        assert abs(energy - energy_distance(x[:, 0], y[:, 0])) < 1e-12
    return {
        "n": n,
        "median_distance": median,
        "mmd_squared_median": mmd(median),
        "bandwidth": 0.75,
        "mmd_squared_bandwidth": mmd(0.75),
        "energy_distance": energy,
        "w1_per_axis": [wasserstein_distance(x[:, d], y[:, d]) for d in range(n)],
        "directions": directions,
        "sliced_w1": np.mean([wasserstein_distance(x @ u, y @ u) for u in directions]),
        "x": x,
        "y": y,
    }


def stein_values(rng, n, count, scale):
    a = rng.normal(size=(n, n))
    precision = np.linalg.inv(a @ a.T + np.eye(n))
    mean = rng.normal(size=n)
    log_density = lambda x: -0.5 * (x - mean) @ precision @ (x - mean)  # noqa: E731
    score = jax.grad(log_density)
    kernel = lambda x, y: (scale**2 + jnp.sum((x - y) ** 2)) ** -0.5  # noqa: E731

    def stein(x, y):
        gx, gy = jax.grad(kernel, 0)(x, y), jax.grad(kernel, 1)(x, y)
        trace = jnp.trace(jax.jacfwd(jax.grad(kernel, 0), 1)(x, y))
        return score(x) @ score(y) * kernel(x, y) + score(x) @ gy + score(y) @ gx + trace

    x = exact(rng.normal(size=(count, n)) + 0.5)
    u = np.array(jax.vmap(lambda a: jax.vmap(lambda b: stein(a, b))(x))(x))
    return {
        "n": n,
        "scale": scale,
        "u_statistic": (u.sum() - np.trace(u)) / (count * (count - 1)),
        "v_statistic": u.mean(),
        "x": x,
        "scores": np.array(jax.vmap(score)(x)),
    }


def main():
    rng = np.random.default_rng(29)
    chains = []
    for name, (x, segment) in chain_cases(rng).items():
        values = chain_values(x, segment)
        chains.append({"name": name, **values})
        r_hat = "-" if values["r_hat"] is None else f"{values['r_hat']:.4f}"
        print(f"{name}: ESS {values['ess_bulk']:.1f} {values['ess_tail']:.1f} R-hat {r_hat} MCSE {values['mcse_mean']:.4f}")
    pairs = [pair_values(rng, n, sizes) for n, sizes in ((1, (40, 40)), (2, (30, 45)), (5, (50, 20)))]
    stein = [stein_values(rng, n, count, c) for n, count, c in ((1, 30, 1.0), (3, 25, 0.5), (6, 20, 2.0))]
    p = np.concatenate([10.0 ** np.arange(-15, -1), np.linspace(0.05, 0.95, 19), 1 - 10.0 ** -np.arange(2, 13)])
    write_json(
        "metrics.json",
        {
            "about": "All draws are exact in float32. chains: values [chain, draw]; spectrum is scipy.signal.welch's, Hann window, half"
            " overlap, each segment about its mean, fs = 1/interval; rank_histogram [chain, bin] of the pooled ranks. pairs: x, y"
            " [point, n]; median_distance is the lower median over all pairs of the union; mmd_squared is unbiased. stein: x, scores"
            " [point, n]; means of the Stein kernel over i != j and over all i, j.",
            "made_by": f"metrics.py, numpy {np.__version__}, scipy {scipy.__version__}, arviz-stats {arviz_stats.__version__},"
            f" scikit-learn {sklearn.__version__}, jax {jax.__version__}",
            "normal_quantile": {"p": p, "z": ndtri(p)},
            "chains": chains,
            "pairs": pairs,
            "stein": stein,
        },
    )


if __name__ == "__main__":
    main()
