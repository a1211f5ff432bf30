"""The authors' double-peak procedure, re-expressed in PyTorch with the paper's settings, to time a peer.

    data        1/2 N(-1, 1/2^2) + 1/2 N(1, 1/2^2), 10,000 fresh draws an epoch
    training    L = 1/2 mean | s(x + sigma eps) + eps / sigma |^2, Adam
    rsn         s(x) = -x + W_out relu(W_fb x + b);  sampled as dr = [-r + relu(W_rec r + b)] dt + sqrt(2) Sigma dB,  x = W_out r
    so-fr       s(x) = M [ gamma * (relu(W x + b) - x) ],  M = S S^T;  sampled as dx = s dt + sqrt(2) dB
    so-sc       s(x) = M [ gamma * (W relu(x) + b - x) ],  likewise
"""

import argparse
import json
import math
import os
import statistics
import sys
import time

import torch
from torch import nn

EPOCHS, DRAWS, BATCH = 1000, 10_000, 32
BATCHES = math.ceil(DRAWS / BATCH)  # 313, the last one of 16
LEVELS = [50 ** (-k / 10) for k in range(10)]
LEARNING_RATE, DECAY, UNITS = 1e-4, 1e-3, 1000
CHAINS, STEPS, DT = 5000, 10_000, 1e-4


class ReservoirSampler(nn.Module):
    def __init__(self, n=1, m=UNITS):
        super().__init__()
        self.W1 = nn.Linear(m, n, bias=False)  # W_out
        self.W2 = nn.Linear(n, m)  # W_fb, b

    def score(self, x):
        return -x + self.W1(torch.relu(self.W2(x)))

    def sampler(self, x):
        """State r [chain, m] with W_out r = x, the step of the whole m x m circuit, and the read-out."""
        w_out, b = self.W1.weight, self.W2.bias
        w_rec = self.W2.weight @ w_out
        sigma = w_out.T @ torch.linalg.inv(w_out @ w_out.T)
        noise_size = math.sqrt(2 * DT)

        def step(r):
            noise = torch.randn(len(r), len(w_out))
            return r + DT * (-r + torch.relu(r @ w_rec.T + b)) + noise_size * (noise @ sigma.T)

        return x @ sigma.T, step, lambda r: r @ w_out.T


class SamplerOnly(nn.Module):
    def __init__(self, rate, n=1):
        super().__init__()
        self.rate = rate
        self.W = nn.Linear(n, n)
        self.gamma = nn.Parameter(torch.ones(n))
        self.sig = nn.Parameter(torch.eye(n))

    def score(self, x):
        drive = torch.relu(self.W(x)) if self.rate else self.W(torch.relu(x))
        return (self.gamma * (drive - x)) @ (self.sig @ self.sig.T)

    def sampler(self, x):
        noise_size = math.sqrt(2 * DT)
        return x, lambda x: x + DT * self.score(x) + noise_size * torch.randn_like(x), lambda x: x


MODELS = {"rsn": ReservoirSampler, "so-fr": lambda: SamplerOnly(True), "so-sc": lambda: SamplerOnly(False)}


def draw_data(size):
    return (torch.randint(0, 2, (size, 1)) * 2 - 1) + 0.5 * torch.randn(size, 1)


def training_steps(model):
    """A generator that does one training step each time it is asked, through all levels and epochs."""
    for sigma in LEVELS:
        optimiser = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, weight_decay=DECAY, amsgrad=True)
        for _ in range(EPOCHS // len(LEVELS)):
            for x in draw_data(DRAWS).split(BATCH):
                eps = torch.randn_like(x)
                residual = model.score(x + sigma * eps) + eps / sigma
                loss = 0.5 * residual.square().sum(1).mean()
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                yield sigma


@torch.no_grad()
def sampling_steps(model, result):
    state, step, read_out = model.sampler(torch.rand(CHAINS, 1) * 4 - 2)
    for _ in range(STEPS):
        state = step(state)
        yield
    result.append(read_out(state))


def advance(steps, count):
    """Seconds that the next `count` steps take."""
    start = time.perf_counter()
    for _ in range(count):
        next(steps)
    return time.perf_counter() - start


def rate(steps, count, warm_up, repeats=3):
    """Median seconds a step, over a few slices after a warm-up."""
    advance(steps, warm_up)
    return statistics.median(advance(steps, count) / count for _ in range(repeats))


def run_slice(name, training, sampling):
    model = MODELS[name]()
    train = rate(training_steps(model), training, warm_up=300)
    sampled = sampling if name == "rsn" else 50 * sampling
    sample = rate(sampling_steps(model, []), sampled, warm_up=max(3, sampled // 10))
    return {
        "training_seconds": train * EPOCHS * BATCHES,
        "sampling_seconds": sample * STEPS,
        "total_seconds": train * EPOCHS * BATCHES + sample * STEPS,
        "how": f"estimated from a slice: median of 3 times {training} of {EPOCHS * BATCHES} training steps"
        f" and of 3 times {sampled} of {STEPS} sampling steps",
        "training_step_ms": 1e3 * train,
        "sampling_step_ms": 1e3 * sample,
    }


def law(x):
    """Distribution function, density and score of the double peak."""
    x = x.double()
    cdf = sum(0.25 * (1 + torch.erf((x - mean) / (0.5 * math.sqrt(2)))) for mean in (-1, 1))
    density = sum(torch.exp(-2 * (x - mean) ** 2) for mean in (-1, 1)) / math.sqrt(2 * math.pi)
    return cdf, density, -4 * x + 4 * torch.tanh(4 * x)


@torch.no_grad()
def quality(model, draws):
    """Fisher divergence of the score, W1 of the draws to the law, and how much they favour one peak; sums on a grid."""
    x = torch.linspace(-6, 6, 120_001, dtype=torch.float64)
    cdf, density, exact = law(x)
    error = model.score(x.float()[:, None])[:, 0].double() - exact
    empirical = torch.searchsorted(draws.flatten().double().sort().values, x, right=True) / draws.numel()
    return {
        "fisher_divergence": torch.trapezoid(density * error**2, x).item(),
        "w1_of_draws": torch.trapezoid((empirical - cdf).abs(), x).item(),
        "share_right": (draws > 0).float().mean().item(),
        "share_near_zero": (draws.abs() < 0.25).float().mean().item(),
    }


def run_whole(name):
    def shown(steps, total, what):
        start = time.perf_counter()
        for i, _ in enumerate(steps, start=1):
            if i % max(1, total // 20) == 0:
                print(f"{name}: {what} {100 * i // total} %, {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
        return time.perf_counter() - start

    model, result = MODELS[name](), []
    train = shown(training_steps(model), EPOCHS * BATCHES, "training")
    sample = shown(sampling_steps(model, result), STEPS, "sampling")
    return {
        "training_seconds": train,
        "sampling_seconds": sample,
        "total_seconds": train + sample,
        "how": "measured: the whole procedure",
        **quality(model, result[0]),
    }


@torch.no_grad()
def projected_draws(model):
    """The outputs' own path dx = s dt + sqrt(2) dB: the law of the m x m circuit's outputs at a thousandth of its cost."""
    x = torch.rand(CHAINS, 1) * 4 - 2
    for _ in range(STEPS):
        x = x + DT * model.score(x) + math.sqrt(2 * DT) * torch.randn_like(x)
    return x


def run_quality(name, seeds):
    """What the procedure reaches, seed by seed, and the medians: how much of a figure is luck."""
    rows = []
    for seed in seeds:
        torch.manual_seed(seed)
        model = MODELS[name]()
        for _ in training_steps(model):
            pass
        rows.append({"seed": seed, **quality(model, projected_draws(model))})
        print(f"{name}: {rows[-1]}", file=sys.stderr, flush=True)
    medians = {key: statistics.median(row[key] for row in rows) for key in ("fisher_divergence", "w1_of_draws")}
    return {"how": "trained in full, sampled by the projected path", "seeds": rows, "medians": medians}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    extent = parser.add_mutually_exclusive_group(required=True)
    extent.add_argument("--slice", action="store_true", help="time a slice, estimate the whole")
    extent.add_argument("--whole", action="store_true", help="run everything (20 minutes for rsn on two cores)")
    extent.add_argument("--quality", metavar="SEEDS", help="train in full for each of these seeds (1,2,3), print figures and medians")
    parser.add_argument("--architecture", choices=[*MODELS, "all"], default="all")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="default: all cores")
    parser.add_argument("--training-steps", type=int, default=1000, help="in a slice")
    parser.add_argument("--sampling-steps", type=int, default=20, help="in a slice, of rsn; 50 times as many of the others")
    parser.add_argument("--seed", type=int, default=3407)
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    load = os.getloadavg()[0]
    results = {}
    for name in MODELS if options.architecture == "all" else [options.architecture]:
        torch.manual_seed(options.seed)
        if options.quality:
            results[name] = run_quality(name, [int(seed) for seed in options.quality.split(",")])
        elif options.slice:
            results[name] = run_slice(name, options.training_steps, options.sampling_steps)
        else:
            results[name] = run_whole(name)
    machine = {"torch": torch.__version__, "threads": options.threads, "load_before": round(load, 2), "load_after": round(os.getloadavg()[0], 2)}
    rounded = {k: {key: float(f"{v:.4g}") if isinstance(v, float) else v for key, v in r.items()} for k, r in results.items()}
    print(json.dumps({"machine": machine, "seed": options.seed, "architectures": rounded}, indent=2))


if __name__ == "__main__":
    main()
