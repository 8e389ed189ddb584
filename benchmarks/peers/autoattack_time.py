#!/usr/bin/env python3
"""The suite and AutoAttack's own code in PyTorch on the same network and samples with equal budgets: wall and processor time. Needs what autoattack_check.py needs.

usage: autoattack_time.py MODEL CIFAR --autoattack CHECKOUT [--limit 200] [--budget linf:4/255] [--steps 100] [--restarts 1] [--queries 1000] [--threads 1,2] [--rounds 1] [--program FILE]
MODEL: a model.safetensors of two classes of CIFAR-10. CIFAR: the CIFAR-10 binary folder.

Both attack the first samples of the test set that the network gets right, as many as --limit: APGD on the margin or the cross-entropy with as many steps and starts, then
FAB with as many steps and starts on what is left, then Square with as many queries on what is left. Neither attacks a sample again that has flipped.
This program's time is that of the whole process: start-up, images, evaluation of twice as many samples, report. AutoAttack's is run_standard_evaluation alone, in one batch, after
imports; glibc keeps PyTorch's memory (see compare.py). In each round both take their turn. A ratio is AutoAttack's time over this program's.
"""
import argparse
import csv
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from fractions import Fraction

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import compare  # noqa: E402

PROGRAM = os.path.join(compare.SERVICE, "bin", "Release", "net10.0", "differential")


def theirs(options):
    """AutoAttack's side, in a process of its own: one JSON line."""
    sys.path.insert(0, str(options.autoattack))
    import torch
    from autoattack import AutoAttack
    import autoattack_check
    import run_samples

    torch.set_num_threads(int(options.threads))
    run = pathlib.Path(options.theirs)
    model = autoattack_check.Logits(options.model)
    _, rows = run_samples.rows(run, "test", None, options.limit)
    x = run_samples.inputs(run, "test", [int(row["index"]) for row in rows], options.cifar)
    y = (torch.tensor([int(row["label"]) for row in rows]) > 0).long()
    autoattack_check.check_clean(model, x, y, rows)
    norm, epsilon = options.budget.split(":")
    adversary = AutoAttack(
        model, norm={"l2": "L2", "linf": "Linf"}[norm], eps=float(Fraction(epsilon)), version="custom", attacks_to_run=["apgd-ce", "fab", "square"], seed=1, verbose=False, device="cpu")
    adversary.apgd.n_iter = adversary.fab.n_iter = options.steps
    adversary.apgd.n_restarts = adversary.fab.n_restarts = options.restarts
    adversary.fab.n_target_classes = adversary.apgd_targeted.n_target_classes = 1
    adversary.square.n_queries = options.queries
    wall, cpu = time.perf_counter(), time.process_time()
    found = adversary.run_standard_evaluation(x, y, bs=len(x))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    flipped, _ = autoattack_check.flips(model, found, x, y, norm, float(Fraction(epsilon)))
    print(json.dumps({"wall": wall, "cpu": cpu, "flipped": int(flipped.sum())}))


def ours(options, threads, folder):
    """A run of the attack job as the command line starts it."""
    norm, epsilon = options.budget.split(":")
    job = {
        "kind": "attack", "name": "suite", "device": "simd", "model": str(options.model.resolve()), "split": "test", "limit": options.limit,
        "data": {"kind": "cifar10", "path": str(options.cifar.resolve()), "positive": options.positive, "negative": options.negative, "trainLimit": 10, "testLimit": 2 * options.limit},
        "certify": {"methods": []},
        "attacks": [{"kind": "suite", "norm": norm, "epsilons": [epsilon], "steps": options.steps, "restarts": options.restarts, "queries": options.queries}],
    }
    if options.fast:
        job["convolution"] = "fast"
    path, run = folder / "job.json", folder / f"run-{threads}-{time.monotonic_ns()}"
    path.write_text(json.dumps(job))
    wall = time.perf_counter()
    with open(folder / "log.txt", "w", encoding="utf-8") as log:
        process = subprocess.Popen([options.program, "run", str(path), "--output", str(run)], env=os.environ | {"DIFFERENTIAL__Threads": str(threads)}, stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit((folder / "log.txt").read_text())
    wall = time.perf_counter() - wall
    with open(run / "samples.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    column = next(name for name in rows[0] if name.startswith("suite."))
    return run, {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "flipped": sum(row[column] == "1" for row in rows)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("cifar", type=pathlib.Path)
    parser.add_argument("--autoattack", type=pathlib.Path, required=True)
    parser.add_argument("--positive", default="airplane")
    parser.add_argument("--negative", default="horse")
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--budget", default="linf:4/255")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--restarts", type=int, default=1)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--fast", action="store_true", help='this program\'s search with "convolution": "fast"')
    parser.add_argument("--program", default=PROGRAM)
    parser.add_argument("--theirs", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.theirs:
        return theirs(options)
    compare.refuse_reference_blas(sys.executable)
    print("| Budget | Samples | Threads | AutoAttack, s wall / processor | This, s wall / processor | Ratio wall | of processor time | Flipped, theirs / here |", flush=True)
    print("|---|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for threads in (int(count) for count in options.threads.split(",")):
            here, there = [], []
            for _ in range(options.rounds):
                run, result = ours(options, threads, folder)
                here.append(result)
                command = [sys.executable, __file__, str(options.model), str(options.cifar), "--theirs", str(run), "--threads", str(threads)]
                for option in ("autoattack", "limit", "budget", "steps", "restarts", "queries"):
                    command += [f"--{option}", str(getattr(options, option))]
                output = subprocess.run(command, env=compare.environment(threads, keep=True) | {"OMP_NUM_THREADS": str(threads)}, stdout=subprocess.PIPE, text=True, check=True).stdout
                there.append(json.loads(output.strip().splitlines()[-1]))
            walls, cpus = ([statistics.median(result[what] for result in side) for side in (there, here)] for what in ("wall", "cpu"))
            print(f"| {options.budget}, {options.steps} steps, {options.restarts} starts, {options.queries} queries | {options.limit} | {threads} | {walls[0]:.1f} / {cpus[0]:.1f} | {walls[1]:.1f} / {cpus[1]:.1f} "
                  f"| {walls[0] / walls[1]:.2f} | {cpus[0] / cpus[1]:.2f} | {there[-1]['flipped']} / {here[-1]['flipped']} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
