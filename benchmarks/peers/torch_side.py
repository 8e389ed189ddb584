"""PyTorch's side of one piece of work, measured on demand.

Usage: torch_side.py WORK THREADS FOLDER. Each line on the input is a number of runs; each is answered by one JSON line.
FOLDER holds what `peer export` wrote. Debian's python3-torch is enough; nothing else is needed.
"""
import json
import os
import sys
import time

import torch
from torch import nn
from torch.nn import functional

BATCH, ATTACKED, PAIRS = 128, 500, 5000


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
    return model


def images(folder, count):
    stored = read(folder, "images.u8", torch.uint8).view(ATTACKED, 32, 32, 3)[:count].permute(0, 3, 1, 2).contiguous()
    return stored, (stored.float() / 255).mean((0, 2, 3), keepdim=True)


def all_pairs(scores, labels):
    return functional.softplus(scores[labels < 0][None, :] - scores[labels > 0][:, None]).mean()


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


def training_step(model, folder):
    stored, mean = images(folder, BATCH)
    labels = torch.tensor([1.0, -1.0]).repeat(BATCH // 2)
    order = torch.arange(BATCH)
    optimizer = torch.optim.SGD(model.parameters(), 0.001, 0.9)

    def run():
        batch = stored[order].float() / 255 - mean
        optimizer.zero_grad()
        all_pairs(model(batch)[:, 0], labels).backward()
        optimizer.step()
    return run


def forward(folder):
    model = shared_cnn(folder)
    stored, mean = images(folder, BATCH)
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


def pgd_step(folder):
    model = frozen(folder)
    stored, mean = images(folder, ATTACKED)
    origin = stored.float() / 255
    state = [origin.clone()]
    slopes = torch.tensor([-1.0, 1.0]).repeat(ATTACKED // 2)
    low, high = (origin - 8 / 255).clamp(0, 1), (origin + 8 / 255).clamp(0, 1)

    def run():
        _, gradient = input_gradient(model, state[0], slopes, mean)
        state[0] = torch.minimum(torch.maximum(state[0] + 0.002 * gradient.sign(), low), high)
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


def deepfool_work(folder):
    model = frozen(folder)
    stored, mean = images(folder, ATTACKED)
    clean = stored.float() / 255
    return lambda: deepfool(model, mean, clean, torch.ones(ATTACKED), threshold=-0.5)


def pairs():
    scores = (torch.rand(2 * PAIRS) * 8 - 4).requires_grad_()
    labels = torch.tensor([1.0, -1.0]).repeat(PAIRS)

    def run():
        scores.grad = None
        all_pairs(scores, labels).backward()
    return run


def works(name, folder):
    return {
        "train-cnn": lambda: training_step(shared_cnn(folder), folder),
        "train-lipschitz": lambda: training_step(lipschitz(), folder),
        "forward": lambda: forward(folder),
        "pgd-step": lambda: pgd_step(folder),
        "deepfool": lambda: deepfool_work(folder),
        "pairs": pairs,
    }[name]()


def peak():
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))


def main():
    name, threads, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    run = works(name, folder)
    for line in sys.stdin:
        times = int(line)
        cpu, start = time.process_time(), time.perf_counter()
        for _ in range(times):
            run()
        wall, used = time.perf_counter() - start, time.process_time() - cpu
        print(json.dumps({"seconds": wall / times, "cpu": used / times, "peak": peak()}), flush=True)


if __name__ == "__main__":
    main()
