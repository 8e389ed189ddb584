#!/usr/bin/python3
"""PyTorch and this program on the same GPU, in turn, in one run: images (or pairs) a second of each, and ratios.

Usage: compare_gpu.py [--device cuda] [--works a:N,b:N] [--rounds 5] [--program FILE] [--json FILE]. All processes of a piece of work
are kept warm and measured alternately, each for about half a second at a time. --program is a published
Differential.Benchmarks; without it the project is built and run with dotnet. Ratios are this program's rate over that of
PyTorch in the same precision and mode (eager beside plain launches, a CUDA graph beside a CUDA graph): above 1 this
program is faster. Clocks are left as they are.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

from compare import HERE, PROGRAM, PROJECT, Side

WORKS = "train-cnn:128,train-cnn:1024,pgd-step:500,pgd-step:4096,pairs:50000"
SECONDS = 0.5

# Name, arguments of this program and of PyTorch. A pairwise loss has no matrix products.
FLOAT32 = [("float32, plain launches beside eager", ["--no-graphs"], []), ("float32, graph", [], ["--graph"])]
LOWER = [("tf32, graph", ["--precision", "tf32"], ["--graph", "--tf32"]), ("fp16 beside tf32, graph", ["--precision", "fp16"], ["--graph", "--tf32"])]


class Timed:
    """A process with as many runs to a measurement as take about half a second."""

    def __init__(self, command):
        self.side, self.runs = Side(command), 1
        while True:
            self.side.spent = 0.0
            self.side.measure(self.runs, keep=False)
            if self.side.spent >= SECONDS / 2 and self.side.measured > 2:
                break
            if self.side.spent < SECONDS / 2:
                self.runs *= 2
        self.runs = max(1, int(SECONDS * self.runs / self.side.spent))

    def measure(self):
        self.side.measure(self.runs)

    def seconds(self):
        walls = sorted(self.side.walls)
        return statistics.median(walls), walls[len(walls) // 4], walls[3 * len(walls) // 4]


def compare(work, mode, rounds, options, folder):
    name, ours, torch = mode
    count = int(work.split(":")[1])
    sides = [
        Timed([*options.program, "peer", work, "--device", options.device, *ours]),
        Timed([sys.executable, os.path.join(HERE, "torch_side.py"), work, "4", folder, "--device", options.device if options.device.startswith("cuda") else "cpu", *torch]),
    ]
    for _ in range(rounds):
        for side in sides:
            side.measure()
    for side in sides:
        side.side.close()
    amount = count * count if work.startswith("pairs") else count
    (mine, low, high), (peer, peer_low, peer_high) = (side.seconds() for side in sides)
    row = {"work": work, "mode": name, "rounds": rounds, "ours_ms": mine * 1e3, "torch_ms": peer * 1e3, "ours_rate": amount / mine, "torch_rate": amount / peer,
           "ratio": peer / mine, "ours_quartiles_ms": [low * 1e3, high * 1e3], "torch_quartiles_ms": [peer_low * 1e3, peer_high * 1e3]}
    print(f"| {work} | {name} | {row['ours_ms']:.3f} ({low * 1e3:.3f} to {high * 1e3:.3f}) | {row['torch_ms']:.3f} ({peer_low * 1e3:.3f} to {peer_high * 1e3:.3f}) "
          f"| {row['ours_rate']:.3g} | {row['torch_rate']:.3g} | {row['ratio']:.2f} |", flush=True)
    return row


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--works", default=WORKS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--program", nargs="+")
    parser.add_argument("--float32-only", action="store_true")
    parser.add_argument("--json")
    options = parser.parse_args()
    if not options.program:
        subprocess.run(["dotnet", "build", "-c", "Release", "-v", "q", PROJECT], check=True)
        options.program = ["dotnet", PROGRAM]
    print("| Work | Mode | This, ms (quartiles) | PyTorch, ms (quartiles) | This, 1/s | PyTorch, 1/s | Ratio |")
    print("|---|---|---|---|---|---|---|")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*options.program, "peer", "export"], input=folder + "\n", text=True, check=True)
        for work in options.works.split(","):
            on_gpu = options.device.startswith("cuda")
            modes = FLOAT32[:1] if not on_gpu else FLOAT32 if work.startswith("pairs") or options.float32_only else FLOAT32 + LOWER
            rows.extend(compare(work, mode, options.rounds, options, folder) for mode in modes)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=2)


if __name__ == "__main__":
    main()
