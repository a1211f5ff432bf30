"""Reads what examples/node.mjs wrote: python examples/python/read_draws.py [FILE.npz]"""

import sys

import numpy as np

draws = np.load(sys.argv[1] if len(sys.argv) > 1 else "draws.npz")["draws"]  # float32 [chain, draw, n]
print(draws.shape, draws.dtype, f"mean {draws.mean():.3f}, deviation {draws.std():.3f}")
