#!/usr/bin/python3
"""PyTorch and this program on the same work, in turn: the ratio of their medians and its spread.

Usage: compare.py [--works a,b] [--threads 1,2] [--rounds 7] [--json FILE]. Both processes of a piece of work are kept warm
and measured alternately, so that what else runs on the machine meets both. Ratios are PyTorch's time over this
program's: above 1 this program is faster. Needs Debian's python3-torch; builds the benchmarks first.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.join(HERE, "..", "Differential.Benchmarks")
SERVICE = os.path.join(HERE, "..", "..", "src", "Differential.Service")
PROGRAM = os.path.join(PROJECT, "bin", "Release", "net10.0", "Differential.Benchmarks.dll")
RUNS = {"train-cnn": 2, "train-lipschitz": 1, "forward": 4, "pgd-step": 1, "deepfool": 1, "pairs": 1}
JOB = "compare-job"


class Side:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.walls, self.cpus, self.peak, self.spent, self.measured = [], [], 0, 0.0, 0

    def measure(self, runs, keep=True):
        self.process.stdin.write(f"{runs}\n")
        self.process.stdin.flush()
        reply = json.loads(self.process.stdout.readline())
        self.peak = reply["peak"]
        self.spent += reply["seconds"] * runs
        self.measured += 1
        if keep:
            self.walls.append(reply["seconds"])
            self.cpus.append(reply["cpu"])

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def compare(name, threads, rounds, folder):
    torch = Side([sys.executable, os.path.join(HERE, "torch_side.py"), name, str(threads), folder])
    ours = Side(["dotnet", PROGRAM, "peer", name, "--threads", str(threads)])
    for side in (torch, ours):
        # The first runs load, compile and allocate; what takes seconds is warm after one.
        while side.spent < 4 and side.measured < 3:
            side.measure(RUNS[name], keep=False)
    for _ in range(rounds):
        torch.measure(RUNS[name])
        ours.measure(RUNS[name])
    torch.close()
    ours.close()
    return ratios(name, threads, rounds, torch, ours)


class Process:
    """A command run as a whole: its wall time, its processor time and its largest resident size."""

    def __init__(self):
        self.walls, self.cpus, self.peak = [], [], 0

    def measure(self, command):
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"{command}: status {status}")
        self.walls.append(time.perf_counter() - start)
        self.cpus.append(usage.ru_utime + usage.ru_stime)
        self.peak = max(self.peak, usage.ru_maxrss * 1024)


def compare_jobs(threads, rounds, folder):
    """`differential demo` with all it writes, against the same training and attacks in PyTorch; start-up counts on both sides."""
    torch, ours = Process(), Process()
    program = os.path.join(SERVICE, "bin", "Release", "net10.0", "differential.dll")
    for i in range(rounds):
        torch.measure([sys.executable, os.path.join(HERE, "torch_compare.py"), str(threads), folder])
        ours.measure(["dotnet", program, "demo", "--device", "simd", "--threads", str(threads), "--output", os.path.join(folder, f"demo-{threads}-{i}")])
    return ratios(JOB, threads, rounds, torch, ours)


def ratios(name, threads, rounds, torch, ours):
    each = sorted(t / o for t, o in zip(torch.walls, ours.walls))
    return {
        "work": name, "threads": threads, "rounds": rounds,
        "torch_ms": statistics.median(torch.walls) * 1e3, "ours_ms": statistics.median(ours.walls) * 1e3,
        "torch_min_ms": min(torch.walls) * 1e3, "ours_min_ms": min(ours.walls) * 1e3,
        "ratio": statistics.median(torch.walls) / statistics.median(ours.walls),
        "ratio_min": min(torch.walls) / min(ours.walls),
        "ratio_cpu": statistics.median(torch.cpus) / statistics.median(ours.cpus),
        "spread": [each[len(each) // 4], each[(3 * len(each)) // 4]],
        "torch_mb": torch.peak / 1e6, "ours_mb": ours.peak / 1e6,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--works", default=",".join([*RUNS, JOB]))
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json")
    parser.add_argument("--no-build", action="store_true")
    options = parser.parse_args()
    if not options.no_build:
        for project in (PROJECT, SERVICE):
            subprocess.run(["dotnet", "build", "-c", "Release", "-v", "q", project], check=True)
    print("| Work | Threads | PyTorch ms | This ms | Ratio | of minima | of CPU time | quartiles | peak MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    results = []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["dotnet", PROGRAM, "peer", "export"], input=folder + "\n", text=True, check=True)
        for name in options.works.split(","):
            for threads in (int(t) for t in options.threads.split(",")):
                r = compare_jobs(threads, options.rounds, folder) if name == JOB else compare(name, threads, options.rounds, folder)
                results.append(r)
                print(f"| {name} | {threads} | {r['torch_ms']:.1f} | {r['ours_ms']:.1f} | {r['ratio']:.2f} | {r['ratio_min']:.2f} "
                      f"| {r['ratio_cpu']:.2f} | {r['spread'][0]:.2f} to {r['spread'][1]:.2f} | {r['torch_mb']:.0f} / {r['ours_mb']:.0f} |", flush=True)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=2)


if __name__ == "__main__":
    main()
