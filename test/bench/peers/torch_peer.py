"""PyTorch as a peer: projected and whole-circuit sampling, and DSM training steps, float32 on the CPU.

    s(x) = -x + W_out relu(W_fb x + b);   x <- x + dt s(x) + sqrt(2 dt) eps
    r <- r + dt (-r + relu(W_rec r + b)) + sqrt(2 dt) Sigma eps,   W_rec = W_fb W_out,  Sigma = W_out^T (W_out W_out^T)^-1

Each row runs the fastest of the formulations below, found at its warm-up.
"""

import math
import os
import time

import torch

from lines import fastest, read, read_network, serve, write

torch.set_num_threads(len(os.sched_getaffinity(0)))
FORMULATIONS = ("products", "rows")
OPTIMISERS = ("fused", "foreach", "forloop")
networks, choices, training, circuits, warm = {}, {}, {}, {}, set()


def score(p, x, formulation="products"):
    """s at x [chain, n]: as matrix products, or the first of them as broadcast sums."""
    if formulation == "products":
        z = torch.addmm(p["b"], x, p["fb"].T)
    else:
        z = p["b"]
        for d in range(x.shape[1]):
            z = torch.addcmul(z, x[:, d, None], p["fb"][:, d])
    a = torch.relu(z) if torch.is_grad_enabled() else z.relu_()
    return torch.addmm(x, a, p["out"].T, beta=-1)


def formulations(n):
    return FORMULATIONS if n <= 8 else FORMULATIONS[:1]


def loss_of(p, x, eps, noise):
    residual = score(p, x + noise * eps) + eps / noise
    return 0.5 * residual.square().sum(1).mean()


def hello():
    return {"name": "PyTorch", "versions": {"torch": torch.__version__}, "threads": torch.get_num_threads(), "notes": []}


def network(key, n, m, folder):
    networks[key] = {name: torch.from_numpy(value) for name, value in read_network(folder, n, m).items()}


def forget(key):
    networks.pop(key, None)
    circuits.pop(key, None)
    for case in [case for case in training if case[0] == key]:
        training.pop(case)


@torch.inference_mode()
def score_points(key, points, count, out):
    """All formulations, and the outputs' drift of the circuit: W_out (-r + relu(W_rec r + b)) at r = Sigma x."""
    p = networks[key]
    n, m = p["out"].shape
    x = torch.from_numpy(read(points, count, n))
    found = [score(p, x, name) for name in formulations(n)]
    if m <= 2000:
        drift, sigma = circuit(p)
        found.append(drift(x @ sigma.T) @ p["out"].T)
    write(out, torch.stack(found))
    return {"evaluations": len(found)}


def circuit(p):
    """Drift of r [chain, m] in the m x m circuit, and Sigma."""
    w_out, b = p["out"], p["b"]
    w_rec = (p["fb"] @ w_out).T.contiguous()
    sigma = w_out.T @ torch.linalg.inv(w_out @ w_out.T)
    return lambda r: torch.addmm(b, r, w_rec).relu_().sub_(r), sigma


@torch.inference_mode()
def sample(key, chains, steps, dt, dynamics):
    p = networks[key]
    n, m = p["out"].shape
    size = math.sqrt(2 * dt)

    def projected(formulation, steps):
        x = torch.zeros(chains, n)
        start = time.perf_counter()
        for _ in range(steps):
            x = x.add(score(p, x, formulation), alpha=dt).add_(torch.randn(chains, n), alpha=size)
        return time.perf_counter() - start, x

    def recurrent(_, steps):
        if key not in circuits:
            circuits[key] = circuit(p)
        drift, sigma = circuits[key]
        r = torch.zeros(chains, m)
        start = time.perf_counter()
        for _ in range(steps):
            r = r.add_(drift(r), alpha=dt).addmm_(torch.randn(chains, n), sigma.T, alpha=size)
        return time.perf_counter() - start, r @ p["out"].T

    run = projected if dynamics == "projected" else recurrent
    row = ("sample", key, chains, dynamics)
    if row not in choices:
        run(FORMULATIONS[0], min(steps, 2))
        candidates = formulations(n) if dynamics == "projected" else FORMULATIONS[:1]
        choices[row] = fastest(candidates, lambda choice, steps: run(choice, steps)[0])
    seconds, x = run(choices[row], steps)
    return {"seconds": seconds, "how": f"{dynamics}, {choices[row]}", "spread": x.square().mean().sqrt().item()}


def optimiser_of(p, rate, kind):
    return torch.optim.Adam(p.values(), lr=rate, fused=kind == "fused", foreach=kind == "foreach")


def parameters_of(key):
    return {name: value.clone().requires_grad_() for name, value in networks[key].items()}


def gradient(key, points, count, noise, rate, out):
    """Loss over all points with noise of this peer's own, its gradient, and the weights after Adam's first step."""
    p = parameters_of(key)
    x = torch.from_numpy(read(points, count, p["fb"].shape[1]))
    value = loss_of(p, x, torch.randn(x.shape, generator=torch.Generator().manual_seed(7)), noise)
    value.backward()
    optimiser_of(p, rate, "fused").step()
    for name, tensor in p.items():
        write(f"{out}/gradient_{name}.f32", tensor.grad)
        write(f"{out}/stepped_{name}.f32", tensor.detach())
    return {"loss": value.item()}


def train(key, points, count, batch, steps, noise, rate, fresh=False):
    batches = torch.from_numpy(read(points, count, networks[key]["fb"].shape[1])).split(batch)[: count // batch]

    def run(kind, steps):
        if fresh or (key, kind) not in training:
            p = parameters_of(key)
            training[key, kind] = (p, optimiser_of(p, rate, kind))
        p, optimiser = training[key, kind]
        values = []
        start = time.perf_counter()
        for k in range(steps):
            x = batches[k % len(batches)]
            loss = loss_of(p, x, torch.randn_like(x), noise)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            values.append(loss.detach())
        return time.perf_counter() - start, values

    row = ("train", key, batch)
    if fresh:
        choices[row] = OPTIMISERS[0]
    elif row not in choices:
        for kind in OPTIMISERS:
            run(kind, min(steps, 3))
        choices[row] = fastest(OPTIMISERS, lambda kind, steps: run(kind, steps)[0])
        for kind in OPTIMISERS:
            if kind != choices[row]:
                training.pop((key, kind))
    seconds, values = run(choices[row], steps)
    how = f"Adam {choices[row]}"
    if fresh:
        training.pop((key, choices.pop(row)))
    return {"seconds": seconds, "how": how, "loss": torch.stack(values[-max(1, steps // 4) :]).mean().item()}


serve({"hello": hello, "network": network, "forget": forget, "score": score_points, "sample": sample, "gradient": gradient, "train": train})
