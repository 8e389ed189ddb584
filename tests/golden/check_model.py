#!/usr/bin/env python3
"""Loads a model.safetensors into PyTorch and prints the scores of given inputs, one a line. Run by hand.

usage: check_model.py model.safetensors inputs.json [scores.json]
inputs.json: a list of samples as PyTorch sees them: [channels][height][width] in [0, 1], or [features].
scores.json: the program's own scores (threshold subtracted): the largest difference is printed, and is an error above 1e-4.
"""
import json
import struct
import sys

import numpy as np
import torch
from torch import nn

TYPES = {"F32": np.float32, "I64": np.int64, "U8": np.uint8}


def read_safetensors(path):
    data = open(path, "rb").read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    metadata = header.pop("__metadata__", {})
    body = data[8 + length:]
    return metadata, {
        name: torch.from_numpy(np.frombuffer(body[slice(*entry["data_offsets"])], TYPES[entry["dtype"]]).reshape(entry["shape"]).copy())
        for name, entry in header.items()}


class MaxMin(nn.Module):
    """Of neighbouring channels 2i and 2i + 1 the larger goes first."""

    def forward(self, x):
        pairs = x.unflatten(1, (-1, 2))
        return torch.stack([pairs.amax(2), pairs.amin(2)], 2).flatten(1, 2)


class Residual(nn.Module):
    """The layers beside the shortcut, or beside the identity."""

    def __init__(self, layers, shortcut):
        super().__init__()
        self.layers, self.shortcut = layers, shortcut

    def forward(self, x):
        return self.layers(x) + self.shortcut(x)


def network(layers, tensors, name="layers"):
    """The layers by the weights' own shapes; images are flattened before a dense layer where the list does not say so."""
    modules, is_flat = [], False
    for i, layer in enumerate(layers):
        kind, weight = layer["kind"], tensors.get(f"{name}.{i}.weight")
        if kind == "dense" and not is_flat:
            modules.append(nn.Flatten())
        is_flat = is_flat or kind in ("dense", "flatten")
        if kind == "conv":
            module = nn.Conv2d(weight.shape[1], weight.shape[0], layer["size"], layer["stride"], layer["padding"], bias=layer["bias"])
        elif kind == "dense":
            module = nn.Linear(weight.shape[1], weight.shape[0], bias=layer["bias"])
        elif kind == "batchNorm":
            # Of images or of vectors, whichever comes.
            module = nn.BatchNorm1d(len(weight), layer["epsilon"], layer["momentum"]) if is_flat else nn.BatchNorm2d(len(weight), layer["epsilon"], layer["momentum"])
        elif kind == "residual":
            inner = f"{name}.{i}"
            module = Residual(
                network(layer["layers"], tensors, f"{inner}.layers"), network(layer["shortcut"], tensors, f"{inner}.shortcut") if "shortcut" in layer else nn.Identity())
        else:
            size = layer.get("size", 0), layer.get("stride") or layer.get("size", 0)
            module = {"relu": nn.ReLU, "maxMin": MaxMin, "flatten": nn.Flatten, "maxPool": lambda: nn.MaxPool2d(*size), "averagePool": lambda: nn.AvgPool2d(*size),
                      "globalAveragePool": lambda: nn.AdaptiveAvgPool2d(1), "dropout": nn.Identity, "leakyRelu": lambda: nn.LeakyReLU(layer["slope"])}[kind]()
        if weight is not None:
            module.load_state_dict({key: tensors[f"{name}.{i}.{key}"] for key in module.state_dict() if key != "num_batches_tracked"}, strict=False)
        modules.append(module)
    return nn.Sequential(*modules).eval()


def main(model_path, inputs_path, scores_path=None):
    metadata, tensors = read_safetensors(model_path)
    x = torch.tensor(json.load(open(inputs_path)), dtype=torch.float32)
    mean = torch.tensor(json.loads(metadata["inputMean"])).reshape([-1] + [1] * (x.dim() - 2))
    with torch.no_grad():
        layers = network(json.loads(metadata["architecture"]), tensors)
        scores = layers((x - mean) * float(metadata["inputScale"]))[:, 0] - float(metadata["threshold"])
    for score in scores.tolist():
        print(repr(score))
    if scores_path:
        difference = (scores - torch.tensor(json.load(open(scores_path)))).abs().max().item()
        print(f"largest difference {difference:.3g}", file=sys.stderr)
        return 0 if difference <= 1e-4 else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
