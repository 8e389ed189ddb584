#!/usr/bin/env python3
"""An independent PGD on a run's network and samples, against the run's own attacks. Needs PyTorch and NumPy (Debian: python3-torch).

usage: attack_check.py RUN CIFAR [--model NAME] [--split test] [--limit 100] [--steps 200] [--restarts 5] [--seed 1]
RUN: a run's folder (samples.csv, and model.safetensors or models/NAME/model.safetensors); of an attack job, --weights names the model.
CIFAR: the CIFAR-10 binary folder that the run used.

For every norm and budget of samples.csv: the share of samples that any of the run's attacks flips within it, and the share
that the independent PGD flips. Exit status 1 where the run is more than one point below, or the scores differ.
"""
import argparse
import csv
import json
import pathlib
import sys

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden"))
from check_model import network, read_safetensors  # noqa: E402

RECORD = 3073
NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
FILES = {"train": [f"data_batch_{i}.bin" for i in range(1, 6)], "test": ["test_batch.bin"]}
FLOAT_ROOM = 1e-5


def images(folder, split, classes):
    """The records of two classes in the order of the files, in [0, 1], channels first."""
    records = np.concatenate([np.fromfile(pathlib.Path(folder) / name, np.uint8).reshape(-1, RECORD) for name in FILES[split]])
    chosen = records[np.isin(records[:, 0], classes)]
    return torch.from_numpy(chosen[:, 1:].reshape(-1, 3, 32, 32).astype(np.float32) / np.float32(255))


class Score:
    """The score of a saved model: positive class above 0."""

    def __init__(self, path):
        metadata, tensors = read_safetensors(path)
        if "classes" in metadata:
            sys.exit(f"{path}: a network of {len(json.loads(metadata['classes']))} classes; this check is for two")
        self.layers = network(json.loads(metadata["architecture"]), tensors).eval()
        for parameter in self.layers.parameters():
            parameter.requires_grad_(False)
        self.mean = torch.tensor(json.loads(metadata["inputMean"])).reshape(-1, 1, 1)
        self.scale, self.threshold = float(metadata["inputScale"]), float(metadata["threshold"])
        self.classes = [NAMES.index(metadata[key]) for key in ("positive", "negative")]

    def __call__(self, x):
        return self.layers((x - self.mean) * self.scale)[:, 0] - self.threshold


def project(delta, norm, epsilon):
    if norm == "linf":
        return delta.clamp(-epsilon, epsilon)
    length = delta.flatten(1).norm(dim=1).clamp_min(1e-12)
    return delta * (epsilon / length).clamp_max(1).reshape(-1, 1, 1, 1)


def start(x, norm, epsilon, generator):
    if norm == "linf":
        return (2 * torch.rand(x.shape, generator=generator) - 1) * epsilon
    delta = torch.randn(x.shape, generator=generator)
    radius = epsilon * torch.rand((len(x), 1, 1, 1), generator=generator)
    return delta / delta.flatten(1).norm(dim=1).reshape(-1, 1, 1, 1) * radius


def pgd(score, x, y, norm, epsilon, steps, restarts, generator):
    """Whether each sample flips: PGD on y·s from random starts, steps of 2.5 epsilon / steps, each iterate looked at."""
    flipped = torch.zeros(len(x), dtype=torch.bool)
    for _ in range(restarts):
        left = (~flipped).nonzero()[:, 0]
        if len(left) == 0:
            break
        clean, labels = x[left], y[left]
        now = (clean + project(start(clean, norm, epsilon, generator), norm, epsilon)).clamp(0, 1)
        for step in range(steps + 1):
            now.requires_grad_(True)
            margin = labels * score(now)
            flipped[left[(margin < 0).nonzero()[:, 0]]] = True
            if step == steps:
                break
            (gradient,) = torch.autograd.grad(margin.sum(), now)
            with torch.no_grad():
                length = gradient.flatten(1).norm(dim=1).clamp_min(1e-30).reshape(-1, 1, 1, 1)
                direction = gradient.sign() if norm == "linf" else gradient / length
                now = (clean + project(now - 2.5 * epsilon / steps * direction - clean, norm, epsilon)).clamp(0, 1).detach()
    return flipped


def columns(header):
    """The budgets of samples.csv, and the columns that tell of flips within each: a flip at a smaller budget counts too."""
    flips, distances = [], {}
    for name in header:
        parts = name.split("#")[0].split(".", 2)
        if len(parts) == 3 and parts[1] in ("l2", "linf"):
            flips.append((name, parts[1], float(parts[2])))
        elif len(parts) == 2 and parts[1] in ("l2", "linf") and parts[0] != "certified":
            distances.setdefault(parts[1], []).append(name)
    return sorted({(norm, epsilon) for _, norm, epsilon in flips}), flips, distances


def found(row, norm, epsilon, flips, distances):
    within = epsilon * (1 + FLOAT_ROOM)
    return any(row[name] == "1" for name, n, e in flips if n == norm and e <= within) \
        or any(row[name] and float(row[name]) <= within for name in distances.get(norm, []))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("cifar", type=pathlib.Path)
    parser.add_argument("--model")
    parser.add_argument("--weights", type=pathlib.Path)
    parser.add_argument("--split", default="test", choices=FILES)
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--restarts", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    weights = options.weights or (options.run / "models" / options.model if options.model else options.run) / "model.safetensors"
    score = Score(weights)
    with open(options.run / "samples.csv", newline="") as file:
        reader = csv.DictReader(file)
        rows = [row for row in reader if row["split"] == options.split and row.get("model") == options.model][:options.limit]
    if not rows:
        sys.exit(f"no samples of {options.split} in {options.run / 'samples.csv'}")
    x = images(options.cifar, options.split, score.classes)[[int(row["index"]) for row in rows]]
    y = torch.tensor([float(row["label"]) for row in rows])
    with torch.no_grad():
        difference = (score(x) - torch.tensor([float(row["cleanScore"]) for row in rows])).abs().max().item()
    print(f"{len(rows)} samples, largest difference of clean scores {difference:.2g}", flush=True)
    if difference > 1e-3:
        sys.exit("the scores differ: other data, another model, or an error")
    generator = torch.Generator().manual_seed(options.seed)
    budgets, flips, distances = columns(reader.fieldnames)
    print(f"{'norm':5} {'budget':>9} {'run':>8} {'PGD':>8}   PGD of {options.steps} steps, {options.restarts} restarts")
    worst = 0.0
    for norm, epsilon in budgets:
        ours = sum(found(row, norm, epsilon, flips, distances) for row in rows) / len(rows)
        theirs = pgd(score, x, y, norm, epsilon, options.steps, options.restarts, generator).float().mean().item()
        worst = max(worst, theirs - ours)
        print(f"{norm:5} {epsilon:9.5f} {100 * ours:7.1f}% {100 * theirs:7.1f}%", flush=True)
    print(f"the run is at most {100 * max(worst, 0):.1f} points below")
    return 0 if worst <= 0.01 + 1e-9 else 1


if __name__ == "__main__":
    sys.exit(main())
