#!/usr/bin/env python3
"""AutoAttack's own code on a run's network and samples, against the run's suite. Needs PyTorch and NumPy (Debian: python3-torch), and a checkout of AutoAttack.

usage: autoattack_check.py RUN CIFAR --autoattack CHECKOUT [--weights FILE | --model NAME] [--split test] [--limit 100] [--seed 1]
RUN: a run's folder whose samples.csv has columns of a suite, best "suite": "thorough" (suite.NORM.EPSILON).
CIFAR: the CIFAR-10 binary folder that the run used.
CHECKOUT: the folder that holds the package autoattack.

AutoAttack runs as its class sets it: 5 starts of APGD and FAB, 5,000 queries of Square; of three classes or more the targeted ones too. Its flips are decided
again in float64, distance included. Exit status 1 where it flips a sample that the run's suite does not, or where a flip of its lies within a certified distance.
"""
import argparse
import csv
import json
import pathlib
import sys

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import attack_check  # noqa: E402


# Of a float32 input in [0, 1]: AutoAttack projects in float32.
ROUNDING = 1.2e-7


class Logits(torch.nn.Module):
    """Of one score s the logits of (negative, positive) are (0, s); several scores are logits, each less its threshold."""

    def __init__(self, path):
        super().__init__()
        metadata, tensors = attack_check.read_safetensors(path)
        self.layers = attack_check.network(json.loads(metadata["architecture"]), tensors).eval()
        for parameter in self.layers.parameters():
            parameter.requires_grad_(False)
        self.mean = torch.tensor(json.loads(metadata["inputMean"])).reshape(-1, 1, 1)
        self.scale = float(metadata["inputScale"])
        if "classes" in metadata:
            names = json.loads(metadata["classes"])
            self.classes = [attack_check.NAMES.index(name) for name in names]
            self.thresholds = torch.tensor(np.atleast_1d(json.loads(metadata["threshold"])), dtype=torch.float32)
        else:
            self.classes = [attack_check.NAMES.index(metadata[key]) for key in ("positive", "negative")]
            self.thresholds = torch.tensor([float(metadata["threshold"])])

    def forward(self, x):
        scores = self.layers((x - self.mean.to(x)) * self.scale) - self.thresholds.to(x)
        return scores if scores.shape[1] > 1 else torch.cat([torch.zeros_like(scores), scores], 1)


def flips(model, x, clean, y, norm, epsilon):
    """In float64: whether each input is decided otherwise, within the budget and a rounding of float32 inputs; and its distances in both norms."""
    wide = model.double()
    with torch.no_grad():
        logits = wide(x.double())
    model.float()
    own = logits.gather(1, y[:, None])[:, 0]
    others = logits.scatter(1, y[:, None], -torch.inf).amax(1)
    change = (x.double() - clean.double()).flatten(1)
    distances = {"l2": change.norm(dim=1), "linf": change.abs().amax(1)}
    return (own < others) & (distances[norm] <= epsilon * (1 + 1e-5) + ROUNDING), distances


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("cifar", type=pathlib.Path)
    parser.add_argument("--autoattack", type=pathlib.Path, required=True)
    parser.add_argument("--weights", type=pathlib.Path)
    parser.add_argument("--model")
    parser.add_argument("--split", default="test", choices=attack_check.FILES)
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sys.path.insert(0, str(options.autoattack))
    from autoattack import AutoAttack

    weights = options.weights or (options.run / "models" / options.model if options.model else options.run) / "model.safetensors"
    model = Logits(weights)
    with open(options.run / "samples.csv", newline="") as file:
        reader = csv.DictReader(file)
        rows = [row for row in reader if row["split"] == options.split and row.get("model") == options.model][:options.limit]
    if not rows:
        sys.exit(f"no samples of {options.split} in {options.run / 'samples.csv'}")
    suites = [name for name in reader.fieldnames if name.startswith("suite.")]
    if not suites:
        sys.exit(f"no column of a suite in {options.run / 'samples.csv'}")
    x = attack_check.images(options.cifar, options.split, model.classes)[[int(row["index"]) for row in rows]]
    labels = torch.tensor([int(row["label"]) for row in rows])
    y = labels if len(model.classes) > 2 else (labels > 0).long()
    attacks = ["apgd-ce", "fab", "square"] if len(model.classes) == 2 else ["apgd-ce", "apgd-dlr", "fab", "square", "apgd-t", "fab-t"]
    missed = crossed = 0
    print(f"{'norm':5} {'budget':>9} {'run':>8} {'theirs':>8} {'theirs alone':>13}   {len(rows)} samples", flush=True)
    for name in suites:
        _, norm, epsilon = name.split("#")[0].split(".", 2)
        epsilon = float(epsilon)
        adversary = AutoAttack(
            model, norm={"l2": "L2", "linf": "Linf"}[norm], eps=epsilon, version="custom", attacks_to_run=attacks, seed=options.seed, verbose=False, device="cpu")
        found = adversary.run_standard_evaluation(x, y, bs=100)
        theirs, distances = flips(model, found, x, y, norm, epsilon)
        ours = torch.tensor([row[name] == "1" for row in rows])
        alone = int((theirs & ~ours).sum())
        missed += alone
        for i, row in enumerate(rows):
            for certified in ("l2", "linf"):
                bound = row.get(f"certified.{certified}")
                crossed += bool(theirs[i]) and bound not in (None, "", "none") and float(distances[certified][i]) < float(bound)
        print(f"{norm:5} {epsilon:9.5f} {100 * ours.double().mean():7.1f}% {100 * theirs.double().mean():7.1f}% {alone:13d}", flush=True)
    print(f"{missed} flips of theirs that the run misses, {crossed} within a certified distance")
    return 0 if missed == 0 and crossed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
