"""The built-in comparison (`differential demo`) in PyTorch: two losses, the same images, the same attacks, no report.

Usage: torch_compare.py THREADS FOLDER, with OPENBLAS_NUM_THREADS and glibc's memory settings as compare.py gives them. FOLDER holds what `peer export` wrote. Rows that have flipped leave an attack's
batch, as in the other program; scores of both sets are computed after each epoch, as there.
"""
import json
import os
import sys

import torch
from torch import nn
from torch.nn import functional

from torch_side import all_pairs, check_blas, deepfool, input_gradient, read

EPOCHS, BATCH, LIMIT, STEPS = 8, 64, 200, 20
BUDGETS = {"l2": [0.25, 0.5, 1.0, 2.0], "linf": [2 / 255, 4 / 255, 8 / 255]}


def small():
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(512, 64), nn.ReLU(), nn.Linear(64, 1))


def split(folder, name):
    labels = read(folder, name + ".labels", torch.uint8).float() * 2 - 1
    pixels = read(folder, name + ".u8", torch.uint8).view(len(labels), 16, 16, -1)
    return pixels.permute(0, 3, 1, 2).contiguous().float() / 255, labels


def scores(model, x, mean):
    with torch.no_grad():
        return torch.cat([model(part - mean)[:, 0] for part in x.split(500)])


def cross_entropy(values, labels):
    return functional.softplus(-labels * values).mean()


def train(loss, x, y, test, mean):
    torch.manual_seed(1)
    model = small()
    optimizer = torch.optim.SGD(model.parameters(), 0.02, 0.9)
    positive, negative = (y > 0).nonzero()[:, 0], (y < 0).nonzero()[:, 0]
    for _ in range(EPOCHS):
        half = BATCH // 2
        pairs = zip(positive[torch.randperm(len(positive))].split(half), negative[torch.randperm(len(negative))].split(half))
        for rows in (torch.cat(pair) for pair in pairs):
            optimizer.zero_grad()
            loss(model(x[rows] - mean)[:, 0], y[rows]).backward()
            optimizer.step()
        scores(model, x, mean)
        scores(model, test, mean)
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    return model


def threshold(values, labels):
    """Midway between the neighbours that decide the most of the training set rightly."""
    order = values.argsort()
    ordered, right = values[order], (labels[order] < 0).double().cumsum(0) + (labels > 0).sum() - (labels[order] > 0).double().cumsum(0)
    best = int(right[:-1].argmax())
    return float((ordered[best] + ordered[best + 1]) / 2)


def pgd(model, mean, clean, y, bias, norm, epsilon, steps, start):
    flipped, rows, origin = torch.zeros(len(y), dtype=torch.bool), torch.arange(len(y)), clean
    x = clean
    if start:
        noise = torch.rand_like(clean) * 2 - 1
        if norm == "l2":
            noise = noise / noise.flatten(1).norm(dim=1)[:, None, None, None] * torch.rand(len(y))[:, None, None, None]
        x = (clean + epsilon * noise).clamp(0, 1)
    size = epsilon if steps == 1 else 2.5 * epsilon / steps
    for step in range(steps + 1):
        values, gradient = input_gradient(model, x, -y[rows], mean)
        done = y[rows] * (values - bias) <= 0
        flipped[rows[done]] = True
        x, rows, origin, gradient = x[~done], rows[~done], origin[~done], gradient[~done]
        if step == steps or not len(rows):
            break
        if norm == "linf":
            x = torch.minimum(torch.maximum(x + size * gradient.sign(), origin - epsilon), origin + epsilon).clamp(0, 1)
        else:
            x = x + size * gradient / gradient.flatten(1).norm(dim=1)[:, None, None, None].clamp_min(1e-30)
            shift = x - origin
            x = (origin + shift * (epsilon / shift.flatten(1).norm(dim=1)[:, None, None, None].clamp_min(1e-30)).clamp_max(1)).clamp(0, 1)
    return flipped.float().mean().item()


def main():
    torch.set_num_threads(int(sys.argv[1]))
    check_blas()
    folder = sys.argv[2]
    (x, y), (test, test_labels) = split(folder, "train"), split(folder, "test")
    mean = x.mean((0, 2, 3), keepdim=True)
    for name, loss in (("crossEntropy", cross_entropy), ("differential", all_pairs)):
        model = train(loss, x, y, test, mean)
        bias = threshold(scores(model, x, mean), y) if name == "differential" else 0.0
        right = (test_labels * (scores(model, test, mean) - bias) > 0).nonzero()[:LIMIT, 0]
        clean, labels = test[right], test_labels[right]
        rates = {norm: [pgd(model, mean, clean, labels, bias, norm, e, STEPS, True) for e in budgets] for norm, budgets in BUDGETS.items()}
        rates["fgsm"] = [pgd(model, mean, clean, labels, bias, "linf", e, 1, False) for e in BUDGETS["linf"]]
        distances = deepfool(model, mean, clean, labels, bias)
        print(json.dumps({"loss": name, "right": len(right), "rates": rates, "median": distances.median().item()}))


if __name__ == "__main__":
    main()
