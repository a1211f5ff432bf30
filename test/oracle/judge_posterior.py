"""How well posteriors of `reproduce posterior` pass for the benchmark's: C2ST by scikit-learn, with the settings of the package sbibm.

    Usage: python3 judge_posterior.py OUT/TASK-SIMULATIONS [OBSERVATION …]

    Reads draws.npz of that folder, [observation, draw, parameter], and the reference draws that the command has fetched. Both are scaled
    by the reference's mean and deviation; MLPClassifier with two hidden layers of 10 n relu units, Adam, at most 10,000 epochs;
    accuracy over five shuffled folds; every seed is 1. Prints one line for each observation (default: all), and their mean.
"""

import os
import sys
from pathlib import Path

import numpy as np
from sklearn.model_selection import KFold, cross_val_score
from sklearn.neural_network import MLPClassifier

REFERENCE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "langevin-rnn" / "sbibm-1.1.0"
SEED = 1


def c2st(reference, draws):
    mean, deviation = reference.mean(0), reference.std(0, ddof=1)
    data = (np.concatenate([reference, draws]) - mean) / deviation
    labels = np.concatenate([np.zeros(len(reference)), np.ones(len(draws))])
    units = 10 * data.shape[1]
    net = MLPClassifier(activation="relu", hidden_layer_sizes=(units, units), max_iter=10_000, solver="adam", random_state=SEED)
    return cross_val_score(net, data, labels, cv=KFold(5, shuffle=True, random_state=SEED), scoring="accuracy").mean()


def main():
    folder = Path(sys.argv[1])
    task = folder.name.rpartition("-")[0]
    draws = np.load(folder / "draws.npz")["draws"]
    found = []
    for observation in [int(number) for number in sys.argv[2:]] or range(1, len(draws) + 1):
        reference = np.loadtxt(REFERENCE / f"{task}-{observation}.csv", delimiter=",", skiprows=1, dtype=np.float32)
        own = draws[observation - 1]
        found.append(c2st(reference[: len(own)], own))
        print(f"{task} {observation}: {found[-1]:.3f}", flush=True)
    print(f"{task}: mean {np.mean(found):.3f}, least {min(found):.3f}, most {max(found):.3f}")


if __name__ == "__main__":
    main()
