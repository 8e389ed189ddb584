"""PyTorch's side of one piece of work, measured on demand.

Usage: torch_side.py WORK[:COUNT] THREADS FOLDER [--device cuda] [--graph] [--tf32]. Each line on the input is a number of runs;
each is answered by one JSON line. FOLDER holds what `peer export` wrote. On the CPU Debian's python3-torch is enough. On a GPU
--graph captures the work once as a CUDA graph and replays it; float32 products are float32 unless --tf32 is given.
"""
import argparse
import json
import os
import sys
import time

import torch
from torch import nn
from torch.nn import functional

BATCH, ATTACKED, PAIRS = 128, 500, 5000
DEVICE = torch.device("cpu")


def cnn():
    return nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(4096, 128), nn.ReLU(), nn.Linear(128, 1))


def read(folder, name, kind):
    with open(os.path.join(folder, name), "rb") as file:
        return torch.frombuffer(bytearray(file.read()), dtype=kind)


def shared_cnn(folder):
    """The network with the other program's first values, its dense inputs in PyTorch's order."""
    model, values, at = cnn(), read(folder, "cnn.f32", torch.float32), 0
    for parameter in model.parameters():
        part = values[at:at + parameter.numel()]
        at += parameter.numel()
        if parameter.shape == (128, 4096):
            part = part.view(128, 8, 8, 64).permute(0, 3, 1, 2).reshape(128, 4096)
        parameter.data = part.reshape(parameter.shape).clone()
    return model.to(DEVICE)


def images(folder, count):
    """The shared images, again from the first where there are not enough."""
    stored = read(folder, "images.u8", torch.uint8).view(-1, 32, 32, 3)
    stored = stored[torch.arange(count) % len(stored)].permute(0, 3, 1, 2).contiguous().to(DEVICE)
    return stored, (stored.float() / 255).mean((0, 2, 3), keepdim=True)


def all_pairs(scores, positive, negative):
    """Places instead of a mask: a mask's length would have to come back from a GPU."""
    return functional.softplus(scores[negative][None, :] - scores[positive][:, None]).mean()


def places(count):
    """Of the positive and the negative scores, which take turns."""
    return torch.arange(0, count, 2, device=DEVICE), torch.arange(1, count, 2, device=DEVICE)


class MaxMin(nn.Module):
    def forward(self, x):
        a, b = x[:, 0::2], x[:, 1::2]
        return torch.stack((torch.maximum(a, b), torch.minimum(a, b)), 2).flatten(1, 2)


def lipschitz():
    """The layers of the lipschitz network, each divided by its norm (a power step per pass, as spectral_norm does)."""
    norm = nn.utils.parametrizations.spectral_norm
    return nn.Sequential(
        norm(nn.Conv2d(3, 32, 3, padding=1)), MaxMin(), norm(nn.Conv2d(32, 32, 4, stride=2, padding=1)), MaxMin(),
        norm(nn.Conv2d(32, 64, 3, padding=1)), MaxMin(), norm(nn.Conv2d(64, 64, 4, stride=2, padding=1)), MaxMin(),
        nn.Flatten(), norm(nn.Linear(4096, 128)), MaxMin(), norm(nn.Linear(128, 1)))


class Block(nn.Module):
    """Two 3 × 3 convolutions with batch norm and a sum; where the size changes, a 1 × 1 convolution with batch norm beside them."""

    def __init__(self, channels, filters, stride):
        super().__init__()
        self.first, self.second = nn.Conv2d(channels, filters, 3, stride, 1, bias=False), nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.norm1, self.norm2 = nn.BatchNorm2d(filters), nn.BatchNorm2d(filters)
        self.side = nn.Sequential() if stride == 1 and channels == filters else nn.Sequential(nn.Conv2d(channels, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))

    def forward(self, x):
        y = functional.relu(self.norm1(self.first(x)))
        return functional.relu(self.norm2(self.second(y)) + self.side(x))


def resnet18():
    """The CIFAR form: a 3 × 3 convolution first, no max-pooling (He et al. 2016)."""
    layers, channels = [nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.BatchNorm2d(64), nn.ReLU()], 64
    for filters, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        layers += [Block(channels, filters, stride), Block(filters, filters, 1)]
        channels = filters
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1))


def training_step(model, folder, count):
    stored, mean = images(folder, count)
    positive, negative = places(count)
    order = torch.arange(count, device=DEVICE)
    optimizer = torch.optim.SGD(model.parameters(), 0.001, 0.9)

    def run():
        batch = stored[order].float() / 255 - mean
        optimizer.zero_grad()
        all_pairs(model(batch)[:, 0], positive, negative).backward()
        optimizer.step()
    return run


def forward(model, folder, count):
    model.eval()
    stored, mean = images(folder, count)
    x = stored.float() / 255

    def run():
        with torch.no_grad():
            model(x - mean)
    return run


def input_gradient(model, x, slopes, mean):
    x = x.detach().requires_grad_()
    scores = model(x - mean)[:, 0]
    return scores.detach(), torch.autograd.grad((scores * slopes).sum(), x)[0]


def frozen(folder):
    model = shared_cnn(folder)
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    return model


def pgd_step(folder, count):
    model = frozen(folder)
    stored, mean = images(folder, count)
    origin = stored.float() / 255
    x = origin.clone()
    slopes = torch.tensor([-1.0, 1.0], device=DEVICE).repeat(count // 2)
    low, high = (origin - 8 / 255).clamp(0, 1), (origin + 8 / 255).clamp(0, 1)

    def run():
        _, gradient = input_gradient(model, x, slopes, mean)
        torch.minimum(torch.maximum(x + 0.002 * gradient.sign(), low), high, out=x)
    return run


def deepfool(model, mean, clean, labels, threshold=0.0, steps=50, overshoot=0.02):
    """Linearisations of the rows that have not flipped, then a bisection with interpolation (ITP) back to the boundary.

    Returns the distances of the rows that flipped. The same precision and the same rules as the other program's; a move
    that leaves the box is clipped.
    """
    found, x, rows = clean.clone(), clean.clone(), torch.arange(len(clean))
    flipped = torch.zeros(len(clean), dtype=torch.bool)
    near_margin = far_margin = None
    for step in range(steps + 1):
        if not len(rows):
            break
        y = labels[rows]
        scores, gradient = input_gradient(model, x, -y, mean)
        margin = y * (scores - threshold)
        if near_margin is None:
            near_margin, far_margin = margin.double(), margin.double().clone()
        done = margin <= 0
        found[rows[done]] = x[done]
        far_margin[rows[done]] = margin[done].double()
        flipped[rows[done]] = True
        x, rows, gradient, margin = x[~done], rows[~done], gradient[~done], margin[~done]
        squares = gradient.flatten(1).square().sum(1)
        move = (1 + overshoot) * margin / squares
        x = (x + move[:, None, None, None] * gradient).clamp(0, 1)
    clean, found, labels = clean[flipped], found[flipped], labels[flipped]
    near_margin, far_margin = near_margin[flipped], far_margin[flipped]
    low, high = torch.zeros(len(clean), dtype=torch.float64), torch.ones(len(clean), dtype=torch.float64)
    precision, step = 2e-6, 0
    levels = torch.tensor(1 / (2 * precision)).log2().ceil() + 1
    while (open_rows := high - low > 2 * precision).any():
        width, half = high - low, (low + high) / 2
        radius = precision * 2 ** (levels - step).double() - width / 2
        crossing = (far_margin * low - near_margin * high) / (far_margin - near_margin)
        side = (half - crossing).sign()
        cut = 0.2 * width * width
        truncated = torch.where(cut <= (half - crossing).abs(), crossing + side * cut, half)
        at = torch.where((truncated - half).abs() <= radius, truncated, half - side * radius)
        at = torch.where(open_rows, torch.minimum(torch.maximum(at, low), high), high)
        share = at.float()[:, None, None, None]
        with torch.no_grad():
            margin = labels * (model((1 - share) * clean + share * found - mean)[:, 0] - threshold)
        down, up = open_rows & (margin > 0), open_rows & (margin <= 0)
        low, near_margin = torch.where(down, at, low), torch.where(down, margin.double(), near_margin)
        high, far_margin = torch.where(up, at, high), torch.where(up, margin.double(), far_margin)
        step += 1
    return high * (found - clean).flatten(1).norm(dim=1)


def deepfool_work(folder, count):
    model = frozen(folder)
    stored, mean = images(folder, count)
    clean = stored.float() / 255
    return lambda: deepfool(model, mean, clean, torch.ones(count), threshold=-0.5)


def pairs(count):
    scores = (torch.rand(2 * count, device=DEVICE) * 8 - 4).requires_grad_()
    positive, negative = places(2 * count)

    def run():
        scores.grad = None
        all_pairs(scores, positive, negative).backward()
    return run


def works(work, folder):
    name, _, number = work.partition(":")
    make, count = {
        "train-cnn": (lambda n: training_step(shared_cnn(folder), folder, n), BATCH),
        "train-resnet18": (lambda n: training_step(resnet18().to(DEVICE), folder, n), 64),
        "train-lipschitz": (lambda n: training_step(lipschitz().to(DEVICE), folder, n), BATCH),
        "forward": (lambda n: forward(shared_cnn(folder), folder, n), BATCH),
        "forward-resnet18": (lambda n: forward(resnet18().to(DEVICE), folder, n), 64),
        "pgd-step": (lambda n: pgd_step(folder, n), ATTACKED),
        "deepfool": (lambda n: deepfool_work(folder, n), ATTACKED),
        "pairs": (pairs, PAIRS),
    }[name]
    return make(int(number or count))


def check_blas():
    """Dense layers on reference BLAS run at a few GFLOP/s, which is no comparison: only OpenBLAS and MKL will do."""
    torch.ones(64, 64) @ torch.ones(64, 64)
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        libraries = {os.path.basename(line.split()[-1]) for line in maps if ".so" in line}
    if not any("openblas" in name or "mkl" in name for name in libraries) and not torch.backends.mkl.is_available():
        blas = sorted(name for name in libraries if "blas" in name)
        sys.exit(f"PyTorch {torch.__version__} multiplies by reference BLAS here ({', '.join(blas) or 'none loaded'}); install libopenblas0-pthread")


def captured(run):
    """The work as a CUDA graph, after some runs beside it as PyTorch asks for."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            run()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        run()
    return graph.replay


def peak():
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))


def main():
    global DEVICE
    parser = argparse.ArgumentParser()
    parser.add_argument("work")
    parser.add_argument("threads", type=int)
    parser.add_argument("folder")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--graph", action="store_true")
    parser.add_argument("--tf32", action="store_true")
    options = parser.parse_args()
    DEVICE = torch.device(options.device)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = options.tf32
    torch.backends.cudnn.benchmark = True
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    if DEVICE.type == "cpu":
        check_blas()
    if options.work == "blas":
        return
    run = works(options.work, options.folder)
    if options.graph:
        run = captured(run)
    on_gpu = DEVICE.type == "cuda"
    for line in sys.stdin:
        times = int(line)
        cpu, start = time.process_time(), time.perf_counter()
        for _ in range(times):
            run()
        if on_gpu:
            torch.cuda.synchronize()
        wall, used = time.perf_counter() - start, time.process_time() - cpu
        print(json.dumps({"seconds": wall / times, "cpu": used / times, "peak": peak(), "devicePeak": torch.cuda.max_memory_allocated() if on_gpu else 0}), flush=True)


if __name__ == "__main__":
    main()
