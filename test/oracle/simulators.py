"""simulators.json: the law of parameters and data of four sbibm tasks, from draws of sbibm's own priors and simulators.

    v = (theta, data), each coordinate centred by its median and divided by its interquartile range; of every coordinate, and of products
    (a.v)(b.v) with given directions a and b, the quantiles. Another implementation's draws are to lie below each with its probability.
"""

import importlib.metadata

import numpy as np
import torch
from sbibm.tasks.gaussian_linear.task import GaussianLinear
from sbibm.tasks.gaussian_mixture.task import GaussianMixture
from sbibm.tasks.slcp.task import SLCP
from sbibm.tasks.two_moons.task import TwoMoons

from write_json import write_json

DRAWS = 1_000_000
DIRECTIONS = 12
PROBABILITIES = [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99]
TASKS = {"two-moons": TwoMoons, "gaussian-mixture": GaussianMixture, "gaussian-linear": GaussianLinear, "slcp": SLCP}


def main():
    rng = np.random.default_rng(5)
    torch.manual_seed(5)
    rows = []
    for name, kind in TASKS.items():
        task = kind()
        theta = task.get_prior()(DRAWS)
        data = task.get_simulator()(theta).reshape(DRAWS, -1)
        v = torch.cat([theta, data], 1).numpy().astype(float)
        low, middle, high = np.quantile(v, [0.25, 0.5, 0.75], axis=0)
        v = (v - middle) / (high - low)
        pairs = rng.normal(size=(DIRECTIONS, 2, v.shape[1]))
        products = (v @ pairs[:, 0].T) * (v @ pairs[:, 1].T)
        rows.append(
            {
                "task": name,
                "parameters": theta.shape[1],
                "data": data.shape[1],
                "centre": middle,
                "width": high - low,
                "directions": pairs,
                "quantiles": np.quantile(np.concatenate([v, products], 1), PROBABILITIES, axis=0).T,
            }
        )
        print(name, v.shape)
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("sbibm", "torch", "numpy"))
    write_json("simulators.json", {"made_by": f"simulators.py, {versions}", "draws": DRAWS, "probabilities": PROBABILITIES, "tasks": rows})


if __name__ == "__main__":
    main()
