"""gradients.json: scores, denoising-score-matching losses and their gradients for the three networks.

    reservoir-sampler      s(x) = -x + W_out phi(W_fb x + b)
    sampler-only-rate      s(x) = M [ gamma * (phi(W x + b) - x) ],   M = S S^T
    sampler-only-current   s(x) = M [ gamma * (W phi(x) + b - x) ],   M = S S^T
    L = 1/2 mean over the batch of | s(x + sigma eps) + eps / sigma |^2

Gradients: JAX autodiff in float64. Check: central differences of a second, plain numpy implementation with loops.
"""

import math

import jax
import numpy as np

from write_json import write_json

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")
import jax.numpy as jnp  # noqa: E402  (after the precision is set)

ACTIVATIONS = {
    "relu": lambda z: jnp.where(z > 0, z, 0.0),
    "tanh": jnp.tanh,
    "softplus": lambda z: jnp.logaddexp(z, 0.0),
    "sigmoid": lambda z: 1 / (1 + jnp.exp(-z)),
}


def score(architecture, phi, p, x):
    """x [B, n] -> s(x) [B, n]."""
    if architecture == "reservoir-sampler":
        return -x + phi(x @ p["W_fb"].T + p["b"]) @ p["W_out"].T
    if architecture == "sampler-only-rate":
        inner = phi(x @ p["W"].T + p["b"]) - x
    else:
        inner = phi(x) @ p["W"].T + p["b"] - x
    return (p["gamma"] * inner) @ (p["sig"] @ p["sig"].T).T


def loss(architecture, phi, p, x, eps, sigma):
    residual = score(architecture, phi, p, x + sigma * eps) + eps / sigma
    return 0.5 * jnp.mean(jnp.sum(residual**2, axis=1))


# The same, once more and differently: scalar loops over Python floats.
LOOP_ACTIVATIONS = {
    "relu": lambda z: max(z, 0.0),
    "tanh": math.tanh,
    "softplus": lambda z: max(z, 0.0) + math.log1p(math.exp(-abs(z))),
    "sigmoid": lambda z: 0.5 * (1 + math.tanh(0.5 * z)),
}


def loop_score(architecture, phi, p, x):
    """x a list of n floats -> list of n floats."""
    n = len(x)
    if architecture == "reservoir-sampler":
        m = len(p["b"])
        rates = [phi(sum(p["W_fb"][k][j] * x[j] for j in range(n)) + p["b"][k]) for k in range(m)]
        return [-x[i] + sum(p["W_out"][i][k] * rates[k] for k in range(m)) for i in range(n)]
    if architecture == "sampler-only-rate":
        drive = [phi(sum(p["W"][i][j] * x[j] for j in range(n)) + p["b"][i]) for i in range(n)]
    else:
        drive = [sum(p["W"][i][j] * phi(x[j]) for j in range(n)) + p["b"][i] for i in range(n)]
    v = [p["gamma"][i] * (drive[i] - x[i]) for i in range(n)]
    s = p["sig"]
    projected = [sum(s[i][k] * v[i] for i in range(n)) for k in range(n)]  # S^T v
    return [sum(s[i][k] * projected[k] for k in range(n)) for i in range(n)]


def loop_loss(architecture, phi, p, x, eps, sigma):
    total = 0.0
    for xs, es in zip(x.tolist(), eps.tolist()):
        noisy = [a + sigma * e for a, e in zip(xs, es)]
        s = loop_score(architecture, phi, p, noisy)
        total += sum((a + e / sigma) ** 2 for a, e in zip(s, es))
    return 0.5 * total / len(x)


def pre_activation(architecture, p, x):
    if architecture == "reservoir-sampler":
        return x @ p["W_fb"].T + p["b"]
    if architecture == "sampler-only-rate":
        return x @ p["W"].T + p["b"]
    return x


def rounded(values, scale=256):
    """Multiples of 1/256: exact in float32, and with sigma a multiple of 1/32 so is x + sigma eps."""
    return np.round(np.asarray(values) * scale) / scale


def make_case(architecture, size, seed):
    rng = np.random.default_rng(seed)
    n, m, batch, sigma = size["n"], size["m"], size["batch"], size["sigma"]
    if architecture == "reservoir-sampler":
        p = {
            "W_out": rounded(rng.uniform(-0.8, 0.8, (n, m))),
            "W_fb": rounded(rng.uniform(-1.2, 1.2, (m, n))),
            "b": rounded(rng.uniform(-0.9, 0.9, m)),
        }
    else:
        p = {
            "W": rounded(rng.uniform(-1.2, 1.2, (n, n))),
            "b": rounded(rng.uniform(-0.9, 0.9, n)),
            "gamma": rounded(rng.uniform(0.5, 1.5, n)),
            "sig": rounded(np.eye(n) + rng.uniform(-0.4, 0.4, (n, n))),
        }
    x = rounded(rng.normal(0, 1.2, (batch, n)))
    eps = rounded(rng.normal(0, 1, (batch, n)))
    return p, x, eps, sigma


def accept(p, x, eps, sigma, architecture):
    """No pre-activation within 1e-3 of relu's kink, and both sides of it in use."""
    for array in [*p.values(), x, eps]:
        assert (array == array.astype(np.float32)).all()
    noisy = x + sigma * eps
    assert (noisy == noisy.astype(np.float32)).all()
    z = pre_activation(architecture, p, noisy)
    return np.abs(z).min() > 1e-3 and (z > 0).any() and (z < 0).any()


SIZES = [{"n": 1, "m": 7, "batch": 6, "sigma": 0.5}, {"n": 3, "m": 10, "batch": 9, "sigma": 0.375}]


def main():
    cases, worst = [], 0.0
    for architecture in ["reservoir-sampler", "sampler-only-rate", "sampler-only-current"]:
        for a, activation in enumerate(ACTIVATIONS):
            for k, size in enumerate(SIZES):
                seed = 1000 * a + 100 * k + 1
                while not accept(*make_case(architecture, size, seed), architecture):
                    seed += 1
                p, x, eps, sigma = make_case(architecture, size, seed)
                phi, loop_phi = ACTIVATIONS[activation], LOOP_ACTIVATIONS[activation]
                value, gradients = jax.value_and_grad(lambda q: loss(architecture, phi, q, x, eps, sigma))(
                    {key: jnp.asarray(v) for key, v in p.items()}
                )
                assert value.dtype == jnp.float64
                gradients = {key: np.asarray(gradients[key]) for key in p}
                s = np.asarray(score(architecture, phi, {k: jnp.asarray(v) for k, v in p.items()}, x + sigma * eps))

                # Check against the loops.
                assert abs(loop_loss(architecture, loop_phi, p, x, eps, sigma) - value) < 1e-13 * max(1, value)
                for row, noisy in zip(s, x + sigma * eps):
                    q = {key: v.tolist() for key, v in p.items()}
                    assert np.allclose(row, loop_score(architecture, loop_phi, q, noisy.tolist()), rtol=0, atol=1e-13)
                h = 2.0**-17
                for key, array in p.items():
                    scale = max(np.abs(gradients[key]).max(), 1e-2)
                    for index in np.ndindex(array.shape):
                        shifted = {name: v.copy() for name, v in p.items()}
                        shifted[key][index] += h
                        up = loop_loss(architecture, loop_phi, shifted, x, eps, sigma)
                        shifted[key][index] -= 2 * h
                        down = loop_loss(architecture, loop_phi, shifted, x, eps, sigma)
                        error = abs((up - down) / (2 * h) - gradients[key][index]) / scale
                        assert error < 1e-7, (architecture, activation, key, index, error)
                        worst = max(worst, error)

                cases.append(
                    {
                        "name": f"{architecture} {activation} n={size['n']}",
                        "architecture": architecture,
                        "activation": activation,
                        "n": size["n"],
                        **({"m": size["m"]} if architecture == "reservoir-sampler" else {}),
                        "batch": size["batch"],
                        "sigma": sigma,
                        "seed": seed,
                        "parameters": p,
                        "x": x,
                        "eps": eps,
                        "expected": {"score": s, "loss": float(value), "gradients": gradients},
                    }
                )
    print(f"{len(cases)} cases; central differences agree within {worst:.1e} of each array's largest entry")
    write_json(
        "gradients.json",
        {
            "about": "Arrays are flat and row-major. W_out n x m, W_fb m x n, W and sig n x n, x, eps and score batch x n."
            " sig is S of M = S S^T. The score is taken at x + sigma eps.",
            "made_by": f"gradients.py, jax {jax.__version__}, numpy {np.__version__}, float64",
            "finite_difference_error": worst,
            "cases": cases,
        },
    )


if __name__ == "__main__":
    main()
