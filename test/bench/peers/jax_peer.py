"""JAX as a peer: projected Langevin sampling and DSM training steps, float32, jitted and scanned.

    s(x) = -x + W_out relu(W_fb x + b);   x <- x + dt s(x) + sqrt(2 dt) eps;   L = 1/2 mean |s(x + sigma eps) + eps / sigma|^2

A row runs the fastest of the formulations below, found at its warm-up; `plain` takes the first, which is how it is usually
written: matrix products and the default generator.
"""

import os
import time
from functools import partial

import jax
import jax.numpy as jnp
from jax import lax

from lines import fastest, read, read_network, serve, write

FORMULATIONS = ("products", "rows", "columns")
GENERATORS = ("threefry2x32", "rbg")
PLAIN = (FORMULATIONS[0], GENERATORS[0])
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
networks, choices, training, warm = {}, {}, {}, set()


def score(p, x, formulation):
    """s at x [chain, n]: as matrix products, or for small n as one fused sum over units, along rows or down columns."""
    if formulation == "products":
        return jnp.maximum(x @ p["fb"].T + p["b"], 0) @ p["out"].T - x
    n = x.shape[1]
    if formulation == "rows":
        a = jnp.maximum(sum(x[:, d, None] * p["fb"][:, d] for d in range(n)) + p["b"], 0)
        return jnp.stack([jnp.sum(a * p["out"][d], axis=1) for d in range(n)], axis=1) - x
    a = jnp.maximum(sum(p["fb"][:, d, None] * x[:, d] for d in range(n)) + p["b"][:, None], 0)
    return jnp.stack([jnp.sum(a * p["out"][d][:, None], axis=0) for d in range(n)], axis=1) - x


@partial(jax.jit, static_argnames=("steps", "formulation"))
def langevin(p, key, x, dt, steps, formulation):
    def step(carry, _):
        x, key = carry
        key, use = jax.random.split(key)
        return (x + dt * score(p, x, formulation) + jnp.sqrt(2 * dt) * jax.random.normal(use, x.shape), key), None

    return lax.scan(step, (x, key), None, length=steps)[0][0]


def loss(p, x, eps, sigma, formulation):
    residual = score(p, x + sigma * eps, formulation) + eps / sigma
    return 0.5 * jnp.mean(jnp.sum(residual**2, axis=1))


def adam(p, moments, g, t, rate):
    mean = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, moments["mean"], g)
    square = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, moments["square"], g)
    size, root = rate / (1 - BETA1**t), 1 / jnp.sqrt(1 - BETA2**t)
    p = jax.tree.map(lambda w, m, v: w - size * m / (jnp.sqrt(v) * root + EPSILON), p, mean, square)
    return p, {"mean": mean, "square": square}


@partial(jax.jit, static_argnames=("batch", "steps", "formulation"), donate_argnums=(0,))
def learn(state, key, points, sigma, rate, batch, steps, formulation):
    batches = len(points) // batch

    def step(carry, k):
        p, moments, t, key = carry
        key, use = jax.random.split(key)
        x = lax.dynamic_slice_in_dim(points, (k % batches) * batch, batch)
        value, g = jax.value_and_grad(loss)(p, x, jax.random.normal(use, x.shape), sigma, formulation)
        p, moments = adam(p, moments, g, t + 1, rate)
        return (p, moments, t + 1, key), value

    (p, moments, t, _), values = lax.scan(step, (*state, key), jnp.arange(steps))
    return (p, moments, t), values


def timed(work):
    """Seconds, and what came out."""
    start = time.perf_counter()
    result = jax.block_until_ready(work())
    return time.perf_counter() - start, result


def start_training(key):
    p = jax.tree.map(jnp.array, networks[key])
    zeros = lambda: jax.tree.map(jnp.zeros_like, p)  # noqa: E731
    return (p, {"mean": zeros(), "square": zeros()}, jnp.float32(0))


def formulations(n):
    return FORMULATIONS if n <= 8 else FORMULATIONS[:1]


def hello():
    return {"name": "JAX", "versions": {"jax": jax.__version__}, "threads": len(os.sched_getaffinity(0)), "notes": []}


def network(key, n, m, folder):
    networks[key] = jax.tree.map(jnp.asarray, read_network(folder, n, m))
    training.pop(key, None)


def forget(key):
    networks.pop(key, None)
    training.pop(key, None)


def score_points(key, points, count, out):
    """All formulations, one after the other, so that the check sees every one of them."""
    p = networks[key]
    n = p["fb"].shape[1]
    x = read(points, count, n)
    write(out, jnp.stack([jax.jit(score, static_argnums=2)(p, x, name) for name in formulations(n)]))
    return {"evaluations": len(formulations(n))}


def sample(key, chains, steps, dt, dynamics, plain=False):
    if dynamics != "projected":
        raise ValueError("this peer samples the projected dynamics only")
    p = networks[key]
    n = p["fb"].shape[1]
    x = jnp.zeros((chains, n), jnp.float32)

    def run(choice, steps):
        formulation, generator = choice
        case = ("sample", key, chains, steps, choice)
        work = lambda: langevin(p, jax.random.key(1, impl=generator), x, jnp.float32(dt), steps, formulation)  # noqa: E731
        if case not in warm:
            warm.add(case)
            jax.block_until_ready(work())
        return timed(work)

    row = ("sample", key, chains)
    if row not in choices and not plain:
        candidates = [(f, g) for f in formulations(n) for g in GENERATORS]
        choices[row] = fastest(candidates, lambda choice, steps: run(choice, steps)[0])
    choice = PLAIN if plain else choices[row]
    seconds, x = run(choice, steps)
    return {"seconds": seconds, "how": ", ".join(choice), "spread": float(jnp.sqrt(jnp.mean(x * x)))}


def gradient(key, points, count, noise, rate, out):
    """Loss over all points with noise of this peer's own, its gradient, and the weights after Adam's first step."""
    p = networks[key]
    x = jnp.asarray(read(points, count, p["fb"].shape[1]))
    eps = jax.random.normal(jax.random.key(7), x.shape)
    value, g = jax.jit(jax.value_and_grad(loss), static_argnums=4)(p, x, eps, noise, "products")
    q, _ = adam(p, start_training(key)[1], g, jnp.float32(1), rate)
    for name in p:
        write(f"{out}/gradient_{name}.f32", g[name])
        write(f"{out}/stepped_{name}.f32", q[name])
    return {"loss": float(value)}


def train(key, points, count, batch, steps, noise, rate, fresh=False, plain=False):
    data = jnp.asarray(read(points, count, networks[key]["fb"].shape[1]))

    def run(choice, steps):
        formulation, generator = choice
        if fresh or key not in training:
            training[key] = start_training(key)
        values = []

        def work():
            use = jax.random.key(3, impl=generator)
            training[key], losses = learn(training[key], use, data, jnp.float32(noise), jnp.float32(rate), batch, steps, formulation)
            values.append(losses)
            return losses

        case = ("train", key, batch, steps, choice)
        if case not in warm and not fresh:
            warm.add(case)
            jax.block_until_ready(work())
        return timed(work)[0], values[-1]

    row = ("train", key, batch)
    plain = plain or fresh
    if row not in choices and not plain:
        candidates = [(f, g) for f in formulations(data.shape[1]) for g in GENERATORS]
        choices[row] = fastest(candidates, lambda choice, steps: run(choice, steps)[0])
    choice = PLAIN if plain else choices[row]
    seconds, values = run(choice, steps)
    if fresh:
        training.pop(key)
    return {"seconds": seconds, "how": ", ".join(choice), "loss": float(jnp.mean(values[-max(1, steps // 4) :]))}


serve({"hello": hello, "network": network, "forget": forget, "score": score_points, "sample": sample, "gradient": gradient, "train": train})
