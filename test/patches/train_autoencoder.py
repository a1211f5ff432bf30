"""Trains a small autoencoder of colour patches, for the tests of `reproduce cifar`: y = E(p), p ≈ sigmoid(W2 relu(W1 y + b1) + b2).

    python train_autoencoder.py [--out FOLDER]

The patches, 16 by 16 pixels of three colours, are cut from the two photographs that scikit-learn ships, at half their size. Features
are scaled to mean 0 and deviation 1, which the decoder undoes. It writes `features.npz` (`train`, `test`) and `decoder.onnx`, whose
output is [picture, 3, 16, 16] from 0 to 1.
"""

import argparse
import pathlib

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_sample_images
from torch import nn

SIDE, FEATURES, HIDDEN = 16, 12, 32
TRAIN, TEST, STEPS, BATCH = 1000, 100, 6000, 128


def patches(count, random):
    """[count, 3 · 16 · 16], channel by channel, from 0 to 1."""
    photographs = [image[::2, ::2].astype(np.float32) / 255 for image in load_sample_images().images]
    rows = []
    for k in range(count):
        image = photographs[k % len(photographs)]
        y, x = (random.integers(extent - SIDE + 1) for extent in image.shape[:2])
        rows.append(image[y : y + SIDE, x : x + SIDE].transpose(2, 0, 1).ravel())
    return torch.from_numpy(np.stack(rows))


def train(pictures):
    """The decoder and the encoder, by mean squared error."""
    torch.manual_seed(1)
    size = pictures.shape[1]
    encoder = nn.Sequential(nn.Linear(size, 128), nn.ReLU(), nn.Linear(128, FEATURES))
    decoder = nn.Sequential(nn.Linear(FEATURES, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, size), nn.Sigmoid())
    optimiser = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
    for _ in range(STEPS):
        batch = pictures[torch.randint(len(pictures), (BATCH,))]
        # A little noise, so that nearby features stand for nearby pictures.
        y = encoder(batch)
        loss = nn.functional.mse_loss(decoder(y + 0.05 * y.detach().std() * torch.randn_like(y)), batch)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return encoder, decoder, loss.item()


def write_decoder(path, decoder, mean, deviation):
    """Gemm, Relu, Gemm, Sigmoid, Reshape; the scaling of the features is part of the first."""
    first, last = decoder[0], decoder[2]
    arrays = {
        "w1": first.weight * deviation,
        "b1": first.bias + first.weight @ mean,
        "w2": last.weight,
        "b2": last.bias,
    }
    constants = [numpy_helper.from_array(value.detach().numpy().astype(np.float32), name) for name, value in arrays.items()]
    constants.append(numpy_helper.from_array(np.array([-1, 3, SIDE, SIDE], np.int64), "shape"))
    nodes = [
        helper.make_node("Gemm", ["features", "w1", "b1"], ["z1"], transB=1),
        helper.make_node("Relu", ["z1"], ["a1"]),
        helper.make_node("Gemm", ["a1", "w2", "b2"], ["z2"], transB=1),
        helper.make_node("Sigmoid", ["z2"], ["flat"]),
        helper.make_node("Reshape", ["flat", "shape"], ["pixels"]),
    ]
    features = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["picture", FEATURES])
    pixels = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["picture", 3, SIDE, SIDE])
    graph = helper.make_graph(nodes, "decoder", [features], [pixels], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="train_autoencoder.py", ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    folder = parser.parse_args().out
    torch.set_num_threads(1)
    pictures = patches(20_000, np.random.default_rng(1))
    encoder, decoder, loss = train(pictures)
    with torch.no_grad():
        y = encoder(pictures)
        mean, deviation = y.mean(0), y.std(0)
        y = ((y - mean) / deviation).numpy()
        write_decoder(folder / "decoder.onnx", decoder, mean, deviation)
    np.savez(folder / "features.npz", train=y[:TRAIN], test=y[TRAIN : TRAIN + TEST])
    print(f"mean squared error {loss:.4f}")


if __name__ == "__main__":
    main()
