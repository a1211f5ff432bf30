"""Makes rates.csv: two neurons that prefer opposite percepts of a bistable stimulus, a trial a row: python make_rates.py

u is the contrast of left minus right, uniform in -1 ... 1; the percept is left with probability 1 / (1 + exp(-4 u)), and a neuron
fires 20 or 18 spikes/s, 3 more for its own percept, 3 less for the other, with noise of 2.
"""

import numpy as np

rng = np.random.default_rng(1)
u = rng.uniform(-1, 1, 4000)
percept = np.where(rng.uniform(size=u.size) < 1 / (1 + np.exp(-4 * u)), 1, -1)
left = 20 + 3 * percept + 2 * rng.normal(size=u.size)
right = 18 - 3 * percept + 2 * rng.normal(size=u.size)
with open("rates.csv", "w", newline="\n") as file:
    file.write("contrast,prefers left,prefers right\n")
    for row in zip(u, left, right):
        file.write("{:.3f},{:.2f},{:.2f}\n".format(*row))
