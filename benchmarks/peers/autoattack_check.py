#!/usr/bin/env python3
"""AutoAttack's own code on a run's network and samples, against the run's suite. Needs PyTorch and NumPy (Debian: python3-torch), and a checkout of AutoAttack.

usage: autoattack_check.py RUN [CIFAR] --autoattack CHECKOUT [--weights FILE | --model NAME] [--split test] [--limit 100] [--norm l2] [--seed 1]
RUN: a run's folder whose samples.csv has columns of a suite, best "suite": "thorough" (suite.NORM.EPSILON). Its job.json names the data:
cifar10, shapes or points; points must lie in [0, 1], which AutoAttack takes as the box of inputs.
CIFAR: the CIFAR-10 binary folder, where it is not the one that the job names.
CHECKOUT: the folder that holds the package autoattack.

AutoAttack runs as its class sets it: 5 starts of APGD and FAB, 5,000 queries of Square; of three classes or more the DLR loss and targeted FAB
too, of four or more targeted APGD. Its flips are decided again in float64, distance included. The samples go in parts of 100, and each part prints a line
of all so far. Exit status 1 where AutoAttack flips a sample that the run's suite does not, or where a flip of its lies within a certified distance.
"""
import argparse
import json
import pathlib
import sys

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden"))
import run_samples  # noqa: E402
from check_model import network, read_safetensors  # noqa: E402


# Of a float32 input in [0, 1]: AutoAttack projects in float32.
ROUNDING = 1.2e-7
PART = 100


class Logits(torch.nn.Module):
    """Of one score s the logits of (negative, positive) are (0, s); several scores are logits, each less its threshold."""

    def __init__(self, path):
        super().__init__()
        metadata, tensors = read_safetensors(path)
        self.layers = network(json.loads(metadata["architecture"]), tensors).eval()
        for parameter in self.layers.parameters():
            parameter.requires_grad_(False)
        self.mean = torch.tensor(json.loads(metadata["inputMean"])).reshape(-1, 1, 1)
        self.scale = float(metadata["inputScale"])
        self.thresholds = torch.tensor(np.atleast_1d(json.loads(metadata.get("thresholds") or metadata["threshold"])), dtype=torch.float32)
        self.count = max(2, len(self.thresholds))

    def forward(self, x):
        scores = self.layers((x - self.mean.to(x)) * self.scale) - self.thresholds.to(x)
        return scores if scores.shape[1] > 1 else torch.cat([torch.zeros_like(scores), scores], 1)

    def margins(self, x, y):
        """By how much the class's logit is above the largest other one, in float64."""
        with torch.no_grad():
            logits = self.double()(x.double())
        self.float()
        return logits.gather(1, y[:, None])[:, 0] - logits.scatter(1, y[:, None], -torch.inf).amax(1)

    def attacks(self):
        """The DLR loss is defined for three classes or more, its targeted form for four or more."""
        if self.count == 2:
            return ["apgd-ce", "fab", "square"]
        return ["apgd-ce", "apgd-dlr", "fab", "square"] + (["apgd-t"] if self.count > 3 else []) + ["fab-t"]


def flips(model, x, clean, y, norm, epsilon):
    """In float64: whether each input is decided otherwise, within the budget and a rounding of float32 inputs; and its distances in both norms."""
    change = (x.double() - clean.double()).flatten(1)
    distances = {"l2": change.norm(dim=1), "linf": change.abs().amax(1)}
    return (model.margins(x, y) < 0) & (distances[norm] <= epsilon * (1 + 1e-5) + ROUNDING), distances


def check_clean(model, x, y, rows):
    """Other data, another model or another reading of them shows in the clean scores."""
    scores = torch.tensor([float(row["cleanScore"]) for row in rows], dtype=torch.float64)
    signs = torch.tensor([-1.0 if model.count == 2 and float(row["label"]) < 0 else 1.0 for row in rows])
    difference = (model.margins(x, y) * signs - scores).abs().max().item()
    print(f"{len(rows)} samples, largest difference of clean scores {difference:.2g}", flush=True)
    if not difference <= 1e-4 * max(1.0, scores.abs().max().item()):
        sys.exit("the scores differ: other data, another model, or an error")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("cifar", type=pathlib.Path, nargs="?")
    parser.add_argument("--autoattack", type=pathlib.Path, required=True)
    parser.add_argument("--weights", type=pathlib.Path)
    parser.add_argument("--model")
    parser.add_argument("--split", default="test", choices=run_samples.FILES)
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--norm", choices=["l2", "linf"])
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sys.path.insert(0, str(options.autoattack))
    from autoattack import AutoAttack

    weights = options.weights or (options.run / "models" / options.model if options.model else options.run) / "model.safetensors"
    model = Logits(weights)
    header, rows = run_samples.rows(options.run, options.split, options.model, options.limit)
    suites = [name for name in header if name.startswith("suite.") and options.norm in (None, name.split(".")[1])]
    if not suites:
        sys.exit(f"no column of a suite in {options.run / 'samples.csv'}")
    x = run_samples.inputs(options.run, options.split, [int(row["index"]) for row in rows], options.cifar)
    if x.min() < 0 or x.max() > 1:
        sys.exit(f"inputs from {x.min():g} to {x.max():g}; AutoAttack's inputs lie in [0, 1]")
    labels = torch.tensor([int(row["label"]) for row in rows])
    y = labels if model.count > 2 else (labels > 0).long()
    check_clean(model, x, y, rows)
    missed = crossed = 0
    print(f"{'norm':5} {'budget':>9} {'samples':>8} {'run':>8} {'theirs':>8} {'theirs alone':>13} {'run alone':>10}", flush=True)
    for name in suites:
        _, norm, epsilon = name.split("#")[0].split(".", 2)
        epsilon = float(epsilon)
        ours = torch.tensor([row[name] == "1" for row in rows])
        theirs = torch.zeros(len(rows), dtype=torch.bool)
        for start in range(0, len(rows), PART):
            part = slice(start, start + PART)
            adversary = AutoAttack(
                model, norm={"l2": "L2", "linf": "Linf"}[norm], eps=epsilon, version="custom", attacks_to_run=model.attacks(), seed=options.seed, verbose=False, device="cpu")
            adversary.fab.n_target_classes = model.count - 1
            adversary.apgd_targeted.n_target_classes = model.count - 1
            found = adversary.run_standard_evaluation(x[part], y[part], bs=PART)
            theirs[part], distances = flips(model, found, x[part], y[part], norm, epsilon)
            for i, row in enumerate(rows[part]):
                for certified in ("l2", "linf"):
                    bound = row.get(f"certified.{certified}")
                    crossed += bool(theirs[start + i]) and bound not in (None, "", "none") and float(distances[certified][i]) < float(bound)
            done = slice(0, start + len(found))
            alone = (theirs & ~ours)[done].nonzero()[:, 0].tolist()
            percent = [100 * flags[done].double().mean().item() for flags in (ours, theirs)]
            print(f"{norm:5} {epsilon:9.5f} {done.stop:8d} {percent[0]:7.1f}% {percent[1]:7.1f}% {len(alone):13d} {int((ours & ~theirs)[done].sum()):10d}", flush=True)
        for i in alone:
            print(f"  theirs alone: index {rows[i]['index']}, label {rows[i]['label']}, clean score {rows[i]['cleanScore']}", flush=True)
        missed += len(alone)
    print(f"{missed} flips of theirs that the run misses, {crossed} within a certified distance")
    return 0 if missed == 0 and crossed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
