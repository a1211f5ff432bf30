"""adam.json: trajectories of Adam with PyTorch's semantics, in float64.

    g <- g + decay p                                        coupled L2 weight decay
    m <- b1 m + (1 - b1) g,   v <- b2 v + (1 - b2) g^2
    AMSGrad: v_max <- max(v_max, v) takes v's place below   (the maximum is of v before bias correction)
    p <- p - lr / (1 - b1^t) m / ( sqrt(v) / sqrt(1 - b2^t) + eps )
    lr falls along a straight line to its last value, which would be that of step STEPS + 1, where one is given

Checked against torch.optim.Adam itself where torch is installed.
"""

import numpy as np

from write_json import write_json

try:
    import torch
except ImportError:
    torch = None

SETTINGS = {"beta1": 0.9, "epsilon": 1e-8}
RATE = 1e-2
START = np.array([0.5, -1.25, 2.0, 0.0, -0.0625])
STEPS = 12


def gradient_sequence():
    """Multiples of 1/256, large at first so that AMSGrad's maximum holds; the fourth parameter's gradient is always 0."""
    rng = np.random.default_rng(3)
    scale = np.array([4, 4, 3, 2, 1, 0.5, 0.25, 0.25, 0.125, 0.125, 0.0625, 1])
    g = np.round(rng.normal(0, 1, (STEPS, 5)) * scale[:, None] * 256) / 256
    g[:, 3] = 0
    return g


def adam(gradients, amsgrad, decay, last_rate, beta1, beta2, epsilon):
    p, m, v, largest = START.copy(), np.zeros(5), np.zeros(5), np.zeros(5)
    path = []
    for t, g in enumerate(gradients, start=1):
        g = g + decay * p
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        largest = np.maximum(largest, v)
        second = largest if amsgrad else v
        p = p - (RATE + (last_rate - RATE) * (t - 1) / STEPS) / (1 - beta1**t) * m / (np.sqrt(second) / np.sqrt(1 - beta2**t) + epsilon)
        path.append(p.copy())
    return path


def adam_of_torch(gradients, amsgrad, decay, last_rate, beta1, beta2, epsilon):
    p = torch.nn.Parameter(torch.tensor(START, dtype=torch.float64))
    optimiser = torch.optim.Adam(
        [p], lr=RATE, betas=(beta1, beta2), eps=epsilon, weight_decay=decay, amsgrad=amsgrad, foreach=False
    )
    falling = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, last_rate / RATE, STEPS)
    path = []
    for g in gradients:
        p.grad = torch.tensor(g, dtype=torch.float64)
        optimiser.step()
        falling.step()
        path.append(p.detach().numpy().copy())
    return path


def main():
    gradients, cases, paths = gradient_sequence(), [], {}
    for beta2 in (0.999, 0.9):  # in 12 steps 0.999 hardly shows AMSGrad's effect; 0.9 does
        for amsgrad in (False, True):
            for decay, last_rate in ((0.0, RATE), (0.05, RATE), (0.05, RATE / 8)):
                case = {"amsgrad": amsgrad, "decay": decay, "last_rate": last_rate, "beta2": beta2, **SETTINGS}
                path = adam(gradients, **case)
                if torch:
                    error = np.abs(np.array(path) - np.array(adam_of_torch(gradients, **case))).max()
                    print(f"beta2 {beta2}, amsgrad {amsgrad}, decay {decay}, to {last_rate}: torch.optim.Adam differs by {error:.1e}")
                    assert error < 1e-14
                if last_rate == RATE:
                    paths[beta2, amsgrad, decay] = np.array(path)
                cases.append({"beta2": beta2, "amsgrad": amsgrad, "weight_decay": decay, "final_learning_rate": last_rate, "parameters": path})
    # The cases tell a wrong implementation from a right one.
    assert np.abs(paths[0.9, False, 0.0] - paths[0.9, True, 0.0]).max() > 1e-3
    assert np.abs(paths[0.999, True, 0.0] - paths[0.999, True, 0.05]).max() > 1e-3
    write_json(
        "adam.json",
        {
            "about": "parameters[t] are the values after step t + 1 from start, with gradients[t] the gradient of that step before decay.",
            "made_by": f"adam.py, float64, checked against torch.optim.Adam {torch.__version__.split('+')[0] if torch else '(not installed: unchecked)'}",
            "settings": {"learning_rate": RATE, **SETTINGS},
            "start": START,
            "gradients": list(gradients),
            "cases": cases,
        },
    )


if __name__ == "__main__":
    main()
