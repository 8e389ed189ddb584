#!/usr/bin/python3
"""Writes training.json and residualTraining.json: short trainings of tiny networks, with PyTorch's losses and parameters after five steps.

Run by hand, from any folder, with Debian's python3-torch (written with PyTorch 1.13, one thread):

    /usr/bin/python3 tests/golden/make_training_golden.py

Pixels are bytes, channels last, [count, height, width, channels]; parameters are in PyTorch's order. Each step is over
a fixed list of samples. Everything is computed in float64.
"""

import copy
import json
import pathlib

import torch
import torch.nn.functional as F

FOLDER = pathlib.Path(__file__).resolve().parent
RANDOM = torch.Generator().manual_seed(20190211)

COUNT, HEIGHT, WIDTH, CHANNELS = 12, 7, 6, 2
MEAN, SCALE = (0.4, 0.55), 2.0


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]


def differential(scores, labels):
    pairs = scores[labels > 0][:, None] - scores[labels < 0][None, :]
    return F.softplus(-pairs).mean()


def cross_entropy(scores, labels):
    return F.softplus(-labels * scores).mean()


def network():
    layers = torch.nn.Sequential(
        torch.nn.Conv2d(CHANNELS, 3, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(3, 4, 2), torch.nn.ReLU(), torch.nn.AvgPool2d(2, 1),
        torch.nn.Flatten(), torch.nn.Linear(4, 5), torch.nn.ReLU(), torch.nn.Linear(5, 1))
    for parameter in layers.parameters():
        parameter.data = torch.randn(parameter.shape, generator=RANDOM) / (2 if parameter.dim() > 1 else 5)
    return layers.double()


def main():
    pixels = torch.randint(0, 256, (COUNT, HEIGHT, WIDTH, CHANNELS), generator=RANDOM)
    labels = torch.tensor([1.0, -1.0] * (COUNT // 2)).double()
    pixels[labels > 0, :4] = pixels[labels > 0, :4] // 2 + 120
    batches = [torch.randperm(COUNT, generator=RANDOM)[:7].tolist() for _ in range(5)]
    x = ((pixels.double() / 255 - torch.tensor(MEAN).double()) * SCALE).permute(0, 3, 1, 2)
    start = network()
    optimizers = {
        "sgd": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01),
        "nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
        "adam": lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.001),
    }
    runs = []
    for loss in (differential, cross_entropy):
        for name, create in optimizers.items():
            model = copy.deepcopy(start)
            optimizer = create(model.parameters())
            losses = []
            for batch in batches:
                optimizer.zero_grad()
                value = loss(model(x[batch]).squeeze(1), labels[batch])
                value.backward()
                optimizer.step()
                losses.append(value.item())
            runs.append({
                "loss": loss.__name__, "optimizer": name, "losses": losses,
                "parameters": {f"layers.{key}": numbers(value) for key, value in model.state_dict().items()},
            })
    document = {
        "count": COUNT, "height": HEIGHT, "width": WIDTH, "channels": CHANNELS, "mean": MEAN, "scale": SCALE,
        "pixels": pixels.flatten().tolist(), "labels": [int(label) for label in labels], "batches": batches,
        "start": {f"layers.{key}": numbers(value) for key, value in start.state_dict().items()},
        "runs": runs,
    }
    (FOLDER / "training.json").write_text(json.dumps(document, separators=(",", ":")) + "\n", encoding="utf-8")


class Residual(torch.nn.Module):
    """As a job's residual layer names its parts."""

    def __init__(self, layers, shortcut=None):
        super().__init__()
        self.layers = torch.nn.Sequential(*layers)
        self.shortcut = torch.nn.Sequential(*shortcut) if shortcut else None

    def forward(self, x):
        return self.layers(x) + (self.shortcut(x) if self.shortcut else x)


def residual_network(random):
    nn = torch.nn
    layers = nn.Sequential(
        nn.Conv2d(CHANNELS, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(),
        Residual([nn.Conv2d(4, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4, momentum=0.3)]),
        nn.ReLU(),
        Residual([nn.Conv2d(4, 6, 3, stride=2, padding=1), nn.BatchNorm2d(6), nn.ReLU()], [nn.Conv2d(4, 6, 1, stride=2, bias=False), nn.BatchNorm2d(6, eps=1e-3)]),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 1))
    for parameter in layers.parameters():
        parameter.data = torch.randn(parameter.shape, generator=random) / (2 if parameter.dim() > 1 else 5) + (1 if parameter.dim() == 1 else 0)
    return layers.double()


def residual():
    random = torch.Generator().manual_seed(20151210)
    pixels = torch.randint(0, 256, (COUNT, HEIGHT, WIDTH, CHANNELS), generator=random)
    labels = torch.tensor([1.0, -1.0] * (COUNT // 2)).double()
    pixels[labels > 0, :4] = pixels[labels > 0, :4] // 2 + 120
    batches = [torch.randperm(COUNT, generator=random)[:7].tolist() for _ in range(5)]
    x = ((pixels.double() / 255 - torch.tensor(MEAN).double()) * SCALE).permute(0, 3, 1, 2)
    model = residual_network(random)
    values = lambda: {f"layers.{key}": numbers(value) for key, value in model.state_dict().items() if not key.endswith("num_batches_tracked")}
    start, losses = values(), []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=0.01)
    for batch in batches:
        optimizer.zero_grad()
        value = differential(model(x[batch]).squeeze(1), labels[batch])
        value.backward()
        optimizer.step()
        losses.append(value.item())
    model.eval()
    inputs = x.clone().requires_grad_()
    scores = model(inputs).squeeze(1)
    scores.sum().backward()
    document = {
        "count": COUNT, "height": HEIGHT, "width": WIDTH, "channels": CHANNELS, "mean": MEAN, "scale": SCALE,
        "pixels": pixels.flatten().tolist(), "labels": [int(label) for label in labels], "batches": batches,
        "start": start, "losses": losses, "end": values(), "scores": numbers(scores),
        "inputGradients": numbers(inputs.grad.permute(0, 2, 3, 1) * SCALE),
    }
    (FOLDER / "residualTraining.json").write_text(json.dumps(document, separators=(",", ":")) + "\n", encoding="utf-8")


main()
residual()
