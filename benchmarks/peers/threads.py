#!/usr/bin/env python3
"""This program with 1 and with 2 threads on the same work, in turn, beside what the machine itself gains by the second thread.

Usage: threads.py [--works a,b] [--threads 1,2] [--rounds 7] [--program FILE] [--no-build] [--json FILE]. All processes are kept warm. In each round each takes its turn:
the loop of fused multiply-adds in registers, which needs no memory (limit), and each work. A ratio is the time with the fewest threads over that with the
most, by medians and by the fastest of each; the share is the ratio over that of the loop.
"""
import argparse
import json
import statistics
import subprocess

import compare

RUNS = compare.RUNS | {"limit": 2}


class Work(compare.Side):
    def __init__(self, program, name, threads):
        self.name, self.threads = name, threads
        work, *flags = name.split("+")
        super().__init__([*program, "peer", work, "--threads", str(threads), *(f"--{flag}" for flag in flags)])

    def take(self, keep=True):
        self.measure(RUNS[self.name.split("+")[0]], keep)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--works", default="forward,train-cnn,pgd-step,forward+fast,train-cnn+fast,pgd-step+fast", help="names, with +fast or +recomputed behind")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--program", nargs="+", default=["dotnet", compare.PROGRAM])
    parser.add_argument("--no-build", action="store_true")
    parser.add_argument("--json")
    options = parser.parse_args()
    if not options.no_build:
        subprocess.run(["dotnet", "build", "-c", "Release", "-v", "q", compare.PROJECT], check=True)
    threads = [int(count) for count in options.threads.split(",")]
    works = [[Work(options.program, name, count) for count in threads] for name in ["limit", *options.works.split(",")]]
    sides = [side for pair in works for side in pair]
    for side in sides:
        while side.spent < 1.5 and side.measured < 3:
            side.take(keep=False)
    for _ in range(options.rounds):
        for side in sides:
            side.take()
    print(f"| Work | {threads[0]} / {threads[-1]} threads, ms, medians | Ratio of medians | of the fastest | Share of the loop's |")
    print("|---|---|---|---|---|")
    limit, results = None, []
    for pair in works:
        few, many = pair[0], pair[-1]
        medians = [statistics.median(side.walls) for side in (few, many)]
        ratio, fastest = medians[0] / medians[1], min(few.walls) / min(many.walls)
        limit = limit or ratio
        print(f"| {few.name} | {medians[0] * 1e3:.1f} / {medians[1] * 1e3:.1f} | {ratio:.2f} | {fastest:.2f} | {ratio / limit:.2f} |", flush=True)
        results.append({"work": few.name, "threads": threads, "median_ms": [m * 1e3 for m in medians], "ratio": ratio, "fastest": fastest, "walls": [side.walls for side in pair]})
    for side in sides:
        side.close()
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=2)


if __name__ == "__main__":
    main()
