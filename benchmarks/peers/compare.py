#!/usr/bin/python3
"""PyTorch and this program on the same work, in turn: medians, and the ratios of those.

Usage: compare.py [--works a,b] [--threads 1,2] [--rounds 7] [--kept-only] [--python FILE] [--program FILE] [--json FILE]. All processes of a
piece of work are kept warm and measured alternately, so that what else runs on the machine meets all of them. PyTorch runs
twice: as users start it, and with glibc told to keep its memory, without which the page faults of its large tensors cost more
than its arithmetic. Only the second, fair column is for claims. This program runs twice too where its convolutions can:
direct, and with "convolution": "fast". Forward passes stand beside ONNX Runtime's too, of the same network's model.onnx
with as many threads; its scores are compared before it is measured. Ratios are PyTorch's time over this program's: above 1 this program is faster.
Needs Debian's python3-torch and libopenblas0-pthread; refuses a PyTorch on reference BLAS. Builds the benchmarks first.
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
RUNS = {"train-cnn": 2, "train-lipschitz": 1, "train-resnet18": 1, "forward": 4, "forward-resnet18": 1, "pgd-step": 1, "deepfool": 1, "pairs": 1}
JOB = "compare-job"

# Works whose convolutions the fast way computes in part.
FAST = ["train-cnn", "train-lipschitz", "train-resnet18", "forward", "forward-resnet18", "pgd-step", "deepfool"]

# Works that ONNX Runtime does too, of the model.onnx that this program writes of the same network.
ONNX = ["forward", "forward-resnet18"]

# glibc gives no memory back and takes large blocks from the heap too.
KEEP_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "17179869184", "MALLOC_TOP_PAD_": "1073741824"}


def environment(threads, keep):
    """OpenBLAS has threads of its own, which torch.set_num_threads does not set."""
    mine = {name: value for name, value in os.environ.items() if name not in KEEP_MEMORY}
    mine["OPENBLAS_NUM_THREADS"] = str(threads)
    return mine | (KEEP_MEMORY if keep else {})


class Side:
    def __init__(self, command, env=None):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
        self.walls, self.cpus, self.peak, self.spent, self.measured = [], [], 0, 0.0, 0

    def measure(self, runs, keep=True):
        self.process.stdin.write(f"{runs}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{' '.join(self.process.args)}: ended with status {self.process.wait()}")
        reply = json.loads(line)
        self.peak = reply["peak"]
        self.spent += reply["seconds"] * runs
        self.measured += 1
        if keep:
            self.walls.append(reply["seconds"])
            self.cpus.append(reply["cpu"])

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def compare(name, threads, options, folder):
    command = [options.python, os.path.join(HERE, "torch_side.py"), name, str(threads), folder]
    mine = [*options.program, "peer", name, "--threads", str(threads)]
    sides = {"kept": Side(command, environment(threads, keep=True)), "direct": Side(mine)}
    if not options.kept_only:
        sides["started"] = Side(command, environment(threads, keep=False))
    if name in FAST:
        sides["fast"] = Side([*mine, "--fast"])
    if name in ONNX:
        sides["onnx"] = Side([*options.program, "peer", f"onnx-{name}", "--threads", str(threads)])
    for side in sides.values():
        # The first runs load, compile and allocate; what takes seconds is warm after one.
        while side.spent < 4 and side.measured < 3:
            side.measure(RUNS[name], keep=False)
    for _ in range(options.rounds):
        for side in sides.values():
            side.measure(RUNS[name])
    for side in sides.values():
        side.close()
    return result(name, threads, options.rounds, sides)


class Process:
    """A command run as a whole: its wall time, its processor time and its largest resident size."""

    def __init__(self):
        self.walls, self.cpus, self.peak = [], [], 0

    def measure(self, command, env=None):
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"{command}: status {status}")
        self.walls.append(time.perf_counter() - start)
        self.cpus.append(usage.ru_utime + usage.ru_stime)
        self.peak = max(self.peak, usage.ru_maxrss * 1024)


def compare_jobs(threads, options, folder):
    """`differential demo` with all it writes, against the same training and attacks in PyTorch; start-up counts on all sides."""
    sides = {"kept": Process(), "direct": Process()} | ({} if options.kept_only else {"started": Process()})
    program = os.path.join(SERVICE, "bin", "Release", "net10.0", "differential.dll")
    for i in range(options.rounds):
        for name, side in sides.items():
            if name == "direct":
                side.measure(["dotnet", program, "demo", "--device", "simd", "--threads", str(threads), "--output", os.path.join(folder, f"demo-{threads}-{i}")])
            else:
                side.measure([options.python, os.path.join(HERE, "torch_compare.py"), str(threads), folder], environment(threads, keep=name == "kept"))
    return result(JOB, threads, options.rounds, sides)


def result(name, threads, rounds, sides):
    """Medians in ms of each side, ratios to the fair PyTorch, and the quartiles of its ratio to the direct program."""
    each = sorted(t / o for t, o in zip(sides["kept"].walls, sides["direct"].walls))
    found = {"work": name, "threads": threads, "rounds": rounds, "spread": [each[len(each) // 4], each[(3 * len(each)) // 4]]}
    for side, measured in sides.items():
        found[side] = {
            "median_ms": statistics.median(measured.walls) * 1e3, "min_ms": min(measured.walls) * 1e3,
            "cpu_ms": statistics.median(measured.cpus) * 1e3, "peak_mb": measured.peak / 1e6,
        }
    return found


def row(r):
    def milliseconds(side):
        return f"{r[side]['median_ms']:.1f}" if side in r else "–"

    def ratio(torch, ours, what="median_ms"):
        return f"{r[torch][what] / r[ours][what]:.2f}" if torch in r and ours in r else "–"

    peaks = " / ".join(f"{r[side]['peak_mb']:.0f}" for side in ("kept", "direct", "fast", "onnx") if side in r)
    return (f"| {r['work']} | {r['threads']} | {milliseconds('started')} | {milliseconds('kept')} | {milliseconds('direct')} | {milliseconds('fast')} "
            f"| {ratio('started', 'direct')} | {ratio('kept', 'direct')} ({r['spread'][0]:.2f} to {r['spread'][1]:.2f}) | {ratio('kept', 'fast')} | {milliseconds('onnx')} | {ratio('onnx', 'direct')} | {ratio('onnx', 'fast')} | {ratio('kept', 'direct', 'cpu_ms')} | {peaks} |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--works", default=",".join([*RUNS, JOB]))
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json")
    parser.add_argument("--kept-only", action="store_true", help="leave PyTorch as users start it out")
    parser.add_argument("--python", default=sys.executable, help="a Python with PyTorch")
    parser.add_argument("--program", nargs="+", default=["dotnet", PROGRAM], help="a published Differential.Benchmarks")
    parser.add_argument("--no-build", action="store_true")
    options = parser.parse_args()
    refuse_reference_blas(options.python)
    if not options.no_build:
        for project in (PROJECT, SERVICE):
            subprocess.run(["dotnet", "build", "-c", "Release", "-v", "q", project], check=True)
    print("| Work | Threads | PyTorch as started, ms | memory kept, ms | This, ms | fast, ms | Ratio as started | Fair ratio (quartiles) | fast, fair | ONNX Runtime, ms | its ratio | fast | of CPU time | peak MB |")
    print("|" + "---|" * 14)
    results = []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*options.program, "peer", "export"], input=folder + "\n", text=True, check=True)
        for name in options.works.split(","):
            for threads in (int(t) for t in options.threads.split(",")):
                results.append(compare_jobs(threads, options, folder) if name == JOB else compare(name, threads, options, folder))
                print(row(results[-1]), flush=True)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=2)


def refuse_reference_blas(python):
    """Reference BLAS multiplies at a few GFLOP/s: a comparison with it says nothing."""
    check = subprocess.run([python, os.path.join(HERE, "torch_side.py"), "blas", "1", "."], capture_output=True, text=True)
    if check.returncode:
        raise SystemExit(check.stderr.strip())


if __name__ == "__main__":
    main()
