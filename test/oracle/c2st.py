"""c2st.json: the classifier two-sample test of the sbibm benchmark, by scikit-learn, at several seeds.

    Both samples scaled by the mean and deviation of the reference; MLPClassifier with two hidden layers of 10 n relu units, Adam,
    at most 10,000 epochs; accuracy over five shuffled folds. Another implementation has other random numbers: its mean over
    seeds is to agree within the spread that is given.
"""

import numpy as np
import sklearn
from sklearn.model_selection import KFold
from sklearn.neural_network import MLPClassifier

from write_json import write_json

FOLDS = 5


def test(x, reference, seed):
    """(accuracy, epochs, last training loss) of each fold."""
    mean, deviation = reference.mean(0), reference.std(0, ddof=1)
    data = (np.concatenate([x, reference]) - mean) / deviation
    labels = np.concatenate([np.ones(len(x)), np.zeros(len(reference))])
    out = []
    for train, held_out in KFold(FOLDS, shuffle=True, random_state=seed).split(data):
        units = 10 * x.shape[1]
        net = MLPClassifier(activation="relu", hidden_layer_sizes=(units, units), max_iter=10_000, solver="adam", random_state=seed)
        net.fit(data[train], labels[train])
        out.append((net.score(data[held_out], labels[held_out]), net.n_iter_, net.loss_))
    return np.array(out)


def main():
    rng = np.random.default_rng(31)
    exact = lambda x: np.round(x * 256) / 256  # noqa: E731
    normal = lambda count, n: exact(rng.normal(size=(count, n)))  # noqa: E731
    cases = {
        "shifted, n = 1": (6, normal(300, 1) + 0.75, normal(300, 1)),
        "one law, n = 2": (6, normal(300, 2), normal(300, 2)),
        "wider, n = 2": (6, exact(normal(300, 2) * 2), normal(300, 2)),
        "shifted, n = 3": (4, normal(100, 3) + 0.75, normal(100, 3)),
    }
    rows = []
    for name, (seeds, x, reference) in cases.items():
        runs = np.array([test(x, reference, seed) for seed in range(seeds)]).mean(1)
        mean, spread = runs.mean(0), runs.std(0, ddof=1)
        keys = ("accuracy", "epochs", "loss")
        rows.append({"name": name, "n": x.shape[1], "seeds": seeds, "mean": dict(zip(keys, mean)), "spread": dict(zip(keys, spread)), "x": x, "reference": reference})
        print(name, mean, spread)
    write_json(
        "c2st.json",
        {
            "about": "x, reference [point, n], exact in float32. For each seed the folds' mean of held-out accuracy, epochs of training and"
            " training loss of the last epoch; mean and spread (standard deviation) of these over the seeds.",
            "made_by": f"c2st.py, numpy {np.__version__}, scikit-learn {sklearn.__version__}",
            "folds": FOLDS,
            "cases": rows,
        },
    )


if __name__ == "__main__":
    main()
