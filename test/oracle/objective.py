"""objective.json: the denoising loss of networks with an input or a Q of their own, and its gradients.

    f(x, u) = -x + W_out phi(W_fb x + W_in u + b),   s = (I + Q)^-1 f,   Q = c (J - J^T) / |J - J^T|_F
    L = 1/2 mean of w |s(x + sigma eps, u) + eps / sigma|^2,  w = 1, or sigma^2 where log sigma is the last input

Gradients: JAX autodiff in float64. Check: central differences of the same loss.
"""

import jax
import numpy as np

from gradients import ACTIVATIONS, rounded
from write_json import write_json

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")
import jax.numpy as jnp  # noqa: E402  (after the precision is set)

BATCH = 8


def loss(phi, p, x, u, eps, sigma, weight, c):
    noisy = x + sigma[:, None] * eps
    f = -noisy + phi(noisy @ p["W_fb"].T + u @ p["W_in"].T + p["b"]) @ p["W_out"].T
    n = x.shape[1]
    a = p["J"] - p["J"].T
    q = c * a / jnp.sqrt(jnp.sum(a**2)) if c > 0 else jnp.zeros((n, n))
    s = f @ jnp.linalg.inv(jnp.eye(n) + q).T
    residual = s + eps / sigma[:, None]
    return 0.5 * jnp.mean(weight * jnp.sum(residual**2, axis=1))


def make_case(activation, n, k, c, noise_input, seed):
    rng = np.random.default_rng(seed)
    m, inputs = 11, k + noise_input
    p = {
        "W_out": rounded(rng.uniform(-0.8, 0.8, (n, m))),
        "W_fb": rounded(rng.uniform(-1.2, 1.2, (m, n))),
        "W_in": rounded(rng.uniform(-1.2, 1.2, (m, inputs))),
        "b": rounded(rng.uniform(-0.9, 0.9, m)),
        "J": rounded(rng.uniform(-1, 1, (n, n))),
    }
    x = rounded(rng.normal(0, 1.2, (BATCH, n)))
    u = rounded(rng.normal(0, 1, (BATCH, inputs)))
    eps = rounded(rng.normal(0, 1, (BATCH, n)))
    # Powers of two: exact in single precision, as x + sigma eps then is.
    sigma = 2.0 ** -rng.integers(1, 4, BATCH) if noise_input else np.full(BATCH, 0.5)
    z = (x + sigma[:, None] * eps) @ p["W_fb"].T + u @ p["W_in"].T + p["b"]
    if np.abs(z).min() < 1e-3:
        return make_case(activation, n, k, c, noise_input, seed + 1)
    weight = sigma**2 if noise_input else np.ones(BATCH)
    phi = ACTIVATIONS[activation]
    value, gradients = jax.value_and_grad(lambda q: loss(phi, q, x, u, eps, sigma, weight, c))(p)
    worst = 0.0
    for key, array in p.items():
        h, scale = 2.0**-17, max(np.abs(gradients[key]).max(), 1e-2) if array.size else 1.0
        for index in np.ndindex(array.shape):
            up, down = ({name: v.copy() for name, v in p.items()} for _ in range(2))
            up[key][index] += h
            down[key][index] -= h
            difference = (loss(phi, up, x, u, eps, sigma, weight, c) - loss(phi, down, x, u, eps, sigma, weight, c)) / (2 * h)
            worst = max(worst, abs(difference - gradients[key][index]) / scale)
    assert worst < 1e-7, (activation, n, k, c, worst)
    return {
        "name": f"{activation} n={n} k={k} c={c}{' log sigma' if noise_input else ''}",
        "activation": activation,
        "n": n,
        "m": m,
        "inputs": inputs,
        "noiseInput": bool(noise_input),
        "batch": BATCH,
        "c": c,
        "parameters": p,
        "x": x,
        "u": u,
        "eps": eps,
        "sigma": sigma,
        "expected": {"loss": float(value), "gradients": {key: np.asarray(g) for key, g in gradients.items()}},
    }, worst


def main():
    cases, worst = [], 0.0
    # In two dimensions Q has one number, whose size is c: the gradient by J is 0.
    shapes = [(2, 0, 3.0, 0), (3, 0, 0.01, 0), (4, 0, 1.5, 0), (1, 1, 0.0, 0), (2, 3, 0.0, 0), (1, 0, 0.0, 1), (3, 2, 2.0, 1)]
    for a, activation in enumerate(["relu", "tanh"]):
        for i, (n, k, c, noise_input) in enumerate(shapes):
            case, error = make_case(activation, n, k, c, noise_input, 500 * a + 50 * i + 7)
            cases.append(case)
            worst = max(worst, float(error))
    print(f"{len(cases)} cases; central differences agree within {worst:.1e} of each array's largest entry")
    write_json(
        "objective.json",
        {
            "about": "Arrays are flat and row-major. W_out n x m, W_fb m x n, W_in m x inputs, J n x n, x and eps batch x n,"
            " u batch x inputs (log sigma standardised last, where it is an input: its values are free here), sigma batch.",
            "made_by": f"objective.py, jax {jax.__version__}, numpy {np.__version__}, float64",
            "finite_difference_error": worst,
            "cases": cases,
        },
    )


if __name__ == "__main__":
    main()
