"""principal_components.json: mean, components and variances by singular values of the centred data, which never forms a covariance.

    X − μ = U S Vᵀ: components are the rows of Vᵀ, variances S²/(N − 1). The sign of each component is that which makes its entry of
    largest size positive. And the nearest of some points to others, by all distances.
"""

import numpy as np

from write_json import write_json


def components(x, n):
    mean = x.mean(0)
    _, s, vt = np.linalg.svd(x - mean, full_matrices=False)
    vt = vt[:n] * np.sign(vt[np.arange(n), np.abs(vt[:n]).argmax(1)])[:, None]
    variances = s**2 / (len(x) - 1)
    y = (x - mean) @ vt.T
    return {"mean": mean, "components": vt, "variances": variances[:n], "total": variances.sum(), "projected": y, "reconstructed": mean + y @ vt}


def main():
    rng = np.random.default_rng(5)
    exact = lambda x: np.round(x * 256) / 256  # noqa: E731
    spread = lambda count, d: rng.normal(size=(count, d)) * 2.0 ** -np.arange(d) @ np.linalg.qr(rng.normal(size=(d, d)))[0]  # noqa: E731
    pixels = exact(np.maximum(0, spread(60, 6) * 4))
    cases = {
        "one coordinate": (exact(rng.normal(size=(9, 1))), 1),
        "two coordinates": (exact(spread(20, 2)), 2),
        "all components": (exact(spread(50, 7) * 64), 7),
        "some components": (exact(rng.normal(size=(60, 20)) * np.linspace(4, 0.5, 20)), 9),
        "fewer points than coordinates": (exact(rng.normal(size=(6, 13)) * 8), 5),
        "coordinates that never change": (np.concatenate([np.zeros((60, 3)), pixels, np.ones((60, 4))], 1), 5),
        "far from the origin": (exact(spread(40, 4) * 16) + 4096, 3),
    }
    rows = [{"name": name, "d": x.shape[1], "n": n, "x": x, **components(x, n)} for name, (x, n) in cases.items()]
    x, y = exact(rng.normal(size=(11, 5))), exact(rng.normal(size=(70, 5)))
    squares = ((x[:, None] - y[None]) ** 2).sum(-1)
    write_json(
        "principal_components.json",
        {
            "about": "x [point, d] is exact in float32; components [n, d], projected [point, n], reconstructed [point, d]. nearest: index"
            " and square of the distance of the nearest y for each x, both [point, n].",
            "made_by": f"principal_components.py, numpy {np.__version__}",
            "cases": rows,
            "nearest": {"n": 5, "x": x, "y": y, "index": squares.argmin(1), "squared": squares.min(1)},
        },
    )


if __name__ == "__main__":
    main()
