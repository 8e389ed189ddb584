"""A run's data as its job names it, and the rows of its samples.csv. For the checks beside it; needs PyTorch and NumPy.

Knows data of kind cifar10, shapes and points. Shapes are drawn anew: the numbers of RandomStream (xoshiro256** from a SHA-256) and the
drawing of ShapesGenerator are written out here, so that a check shares no code with the program; clean scores tell whether they agree.
"""
import csv
import hashlib
import json
import math
import pathlib
import struct
import sys

import numpy as np
import torch

MASK = (1 << 64) - 1
RECORD = 3073
CIFAR = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
FILES = {"train": [f"data_batch_{i}.bin" for i in range(1, 6)], "test": ["test_batch.bin"]}


class RandomStream:
    def __init__(self, seed, name, index):
        self.state = list(struct.unpack("<4Q", hashlib.sha256(f"{seed}\0{name}\0{index}".encode()).digest()))

    def next(self):
        a, b, c, d = self.state
        result = (self.rotate(b * 5 & MASK, 7) * 9) & MASK
        c ^= a
        d ^= b
        b, a, c, d = b ^ c, a ^ d, c ^ (b << 17 & MASK), self.rotate(d, 45)
        self.state = [a, b, c, d]
        return result

    def uniform(self, low=0.0, high=1.0):
        return low + (high - low) * ((self.next() >> 11) * 2.0 ** -53)

    def normal(self):
        radius = math.sqrt(-2 * math.log(1 - self.uniform()))
        return radius * math.cos(2 * math.pi * self.uniform())

    @staticmethod
    def rotate(value, bits):
        return ((value << bits) | (value >> (64 - bits))) & MASK


def outline(number, x, y, radius):
    """How far (x, y) is outside a shape: disc, cross, square, ring, triangle, bar, saltire, frame, half disc, corner."""
    arm, side = 0.25 * radius, 0.8 * radius

    def bar(along, beside, length, width):
        return max(abs(along) - length, abs(beside) - width)

    def disc(size):
        return math.sqrt(y * y + x * x) - size

    up, down = (x + y) / math.sqrt(2), (x - y) / math.sqrt(2)
    return [
        lambda: disc(radius),
        lambda: min(bar(x, y, radius, arm), bar(y, x, radius, arm)),
        lambda: bar(x, y, side, side),
        lambda: abs(disc(0.75 * radius)) - arm,
        lambda: max(y - radius / 2, math.sqrt(3) / 2 * abs(x) - y / 2 - radius / 2),
        lambda: bar(x, y, radius, 1.5 * arm),
        lambda: min(bar(up, down, radius, arm), bar(down, up, radius, arm)),
        lambda: max(bar(x, y, side, side), -bar(x, y, side / 2, side / 2)),
        lambda: max(disc(radius), -y),
        lambda: min(bar(x, y - side + arm, side, arm), bar(y, x + side - arm, side, arm)),
    ][number]()


def shape_image(seed, split, index, classes, size, noise):
    random, number = RandomStream(seed, f"shapes {split}", index), index % classes
    radius = size * random.uniform(0.25, 0.4)
    row, column = random.uniform(radius, size - radius), random.uniform(radius, size - radius)
    turn = random.uniform(-math.pi / 8, math.pi / 8)
    sine, cosine = math.sin(turn), math.cos(turn)
    sign = -1 if random.uniform() < 0.5 else 1
    gradient, angle = random.uniform(0, 0.2), random.uniform(0, 2 * math.pi)
    down, across = math.sin(angle), math.cos(angle)
    colours = [(random.uniform(0.4, 0.6), sign * random.uniform(0.25, 0.5)) for _ in range(3)]
    image = np.empty((3, size, size), np.float32)
    for y in range(size):
        for x in range(size):
            dy, dx = y + 0.5 - row, x + 0.5 - column
            coverage = min(max(0.5 - outline(number, cosine * dx + sine * dy, cosine * dy - sine * dx, radius), 0), 1)
            light = gradient * ((down * (y + 0.5) + across * (x + 0.5)) / size - (down + across) / 2)
            for c, (background, contrast) in enumerate(colours):
                value = background + light + coverage * contrast + noise * random.normal()
                image[c, y, x] = round(255 * min(max(value, 0), 1))
    return image / np.float32(255)


def cifar(folder, split, classes, limit):
    """The classes' records in the order of the files, in [0, 1], channels first; a limit is shared evenly."""
    records = np.concatenate([np.fromfile(path, np.uint8).reshape(-1, RECORD) for name in FILES[split] if (path := pathlib.Path(folder) / name).exists()])
    room = {c: len(records) if limit is None else limit // len(classes) + (i < limit % len(classes)) for i, c in enumerate(classes)}
    kept = np.zeros(len(records), bool)
    for c in classes:
        kept[np.flatnonzero(records[:, 0] == c)[:room[c]]] = True
    return records[kept][:, 1:].reshape(-1, 3, 32, 32).astype(np.float32) / np.float32(255)


def points(path):
    """The features of a CSV file, as images of one pixel."""
    with open(path) as file:
        lines = [line for line in map(str.strip, file) if line and not line.startswith("#")]
    return np.array([[float(value) for value in line.split(",")[1:]] for line in lines], np.float32)[:, :, None, None]


def inputs(run, split, indices, folder=None):
    """The samples of these indices, float32 [count, channels, height, width], of the data that the run's job names."""
    job = json.loads((run / "job.json").read_text())
    data = job["data"]
    kind = data["kind"]
    if kind == "cifar10":
        classes = [CIFAR.index(c) if c in CIFAR else int(c) for c in (str(c) for c in data.get("classes") or (data["positive"], data["negative"]))]
        values = cifar(folder or data["path"], split, classes, data.get(f"{split}Limit"))[indices]
    elif kind == "shapes":
        values = np.stack([shape_image(job["seed"], split, i, data.get("classes") or 2, data["size"], data["noise"]) for i in indices])
    elif kind == "points":
        values = points(data["testPath"] if split == "test" and data.get("testPath") else data["path"])[indices]
    else:
        sys.exit(f"{run / 'job.json'}: $.data.kind: {kind}; this check reads cifar10, shapes and points")
    return torch.from_numpy(values)


def rows(run, split, model, limit):
    """The header of samples.csv, and the first rows of a split and model."""
    with open(run / "samples.csv", newline="") as file:
        reader = csv.DictReader(file)
        chosen = [row for row in reader if row["split"] == split and row.get("model") == model][:limit]
    if not chosen:
        sys.exit(f"no samples of {split} in {run / 'samples.csv'}")
    return reader.fieldnames, chosen
