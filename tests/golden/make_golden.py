#!/usr/bin/python3
"""Writes the golden files that GoldenTests compares each device with.

Run by hand, from any folder, with Debian's python3-torch (written with PyTorch 1.13, one thread):

    /usr/bin/python3 tests/golden/make_golden.py

Each file holds a list of cases. A case has a name, its parameters as plain fields, and arrays of numbers. Images are
channels last, [count, height, width, channels]; weights are in PyTorch's order. Results are computed in float64 from
float32 inputs and rounded to float32, so that they carry PyTorch's definitions and no rounding of its kernels; the
optimisers and the attack step, whose state is float32 by nature, likewise.
"""

import json
import pathlib

import torch
import torch.nn.functional as F

FOLDER = pathlib.Path(__file__).resolve().parent
RANDOM = torch.Generator().manual_seed(20190121)


def normal(*shape):
    """float32 values in a float64 tensor."""
    return torch.randn(*shape, generator=RANDOM).float().double()


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().float().flatten().tolist()]


def last(tensor):
    """Channels first to channels last."""
    return tensor.permute(0, 2, 3, 1).contiguous()


def write(name, cases):
    path = FOLDER / f"{name}.json"
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def convolution():
    cases = []
    for count, height, width, channels, filters, size, stride, padding, relu in (
        (1, 5, 7, 3, 5, 3, 1, 1, False),
        (3, 7, 5, 3, 17, 3, 2, 1, True),
        (2, 6, 6, 2, 4, 4, 2, 1, False),
        (2, 4, 9, 5, 3, 1, 1, 0, True),
        (1, 11, 6, 1, 7, 5, 3, 2, False),
        (2, 8, 8, 16, 16, 3, 1, 1, True),
    ):
        x = normal(count, channels, height, width).requires_grad_()
        w = (normal(filters, channels, size, size) / 2).float().double().requires_grad_()
        b = normal(filters).requires_grad_()
        plain = F.conv2d(x, w, b, stride=stride, padding=padding)
        dy = normal(*plain.shape)
        plain.backward(dy)
        cases.append({
            "name": f"conv {count}x{height}x{width}x{channels} to {filters}, {size}, stride {stride}, padding {padding}",
            "count": count, "height": height, "width": width, "channels": channels, "filters": filters,
            "size": size, "stride": stride, "padding": padding, "relu": relu,
            "x": numbers(last(x)), "weight": numbers(w), "bias": numbers(b),
            "y": numbers(last(F.relu(plain) if relu else plain)), "dy": numbers(last(dy)),
            "dx": numbers(last(x.grad)), "dWeight": numbers(w.grad), "dBias": numbers(b.grad),
        })
    write("conv2d", cases)


def dense():
    cases = []
    for count, inputs, outputs, relu in ((1, 1, 1, False), (3, 17, 5, True), (7, 43, 16, False), (5, 16, 1, False)):
        x = normal(count, inputs).requires_grad_()
        w = normal(outputs, inputs).requires_grad_()
        b = normal(outputs).requires_grad_()
        plain = F.linear(x, w, b)
        dy = normal(count, outputs)
        plain.backward(dy)
        cases.append({
            "name": f"dense {count}x{inputs} to {outputs}", "count": count, "inputs": inputs, "outputs": outputs, "relu": relu,
            "x": numbers(x), "weight": numbers(w), "bias": numbers(b),
            "y": numbers(F.relu(plain) if relu else plain), "dy": numbers(dy),
            "dx": numbers(x.grad), "dWeight": numbers(w.grad), "dBias": numbers(b.grad),
        })
    write("dense", cases)


def pooling():
    cases = []
    for kind, count, height, width, channels, size, stride in (
        ("Max", 2, 6, 6, 5, 2, 2), ("Max", 1, 7, 5, 3, 3, 2), ("Max", 2, 5, 5, 17, 2, 1),
        ("Average", 2, 6, 6, 5, 2, 2), ("Average", 1, 7, 5, 3, 3, 2), ("Average", 2, 4, 4, 17, 4, 4),
    ):
        # Values on a coarse grid, so that windows have equal largest values.
        x = (torch.round(normal(count, channels, height, width) * 2) / 2).requires_grad_()
        pool = F.max_pool2d if kind == "Max" else F.avg_pool2d
        y = pool(x, size, stride)
        dy = normal(*y.shape)
        y.backward(dy)
        cases.append({
            "name": f"{kind} {count}x{height}x{width}x{channels}, {size}, stride {stride}", "kind": kind,
            "count": count, "height": height, "width": width, "channels": channels, "size": size, "stride": stride,
            "x": numbers(last(x)), "y": numbers(last(y)), "dy": numbers(last(dy)), "dx": numbers(last(x.grad)),
        })
    write("pooling", cases)


def elementwise():
    x = normal(443).requires_grad_()
    y = F.relu(x)
    dy = normal(443)
    y.backward(dy)
    images = normal(2, 5, 3, 4)
    write("elementwise", [
        {"name": "relu", "length": 443, "x": numbers(x), "y": numbers(y), "dy": numbers(dy), "dx": numbers(x.grad)},
        {"name": "flatten", "count": 2, "pixels": 12, "channels": 5, "x": numbers(last(images)), "y": numbers(images.flatten(1))},
    ])


def surrogate(name, d):
    return {
        "Logistic": lambda: F.softplus(-d, threshold=1e9),
        "Squared": lambda: (1 - d) ** 2,
        "Hinge": lambda: F.relu(1 - d),
        "Exponential": lambda: torch.exp(-d),
    }[name]()


def losses():
    pairs, points = [], []
    for count, spread, temperature, margin in ((2, 1, 1, 0), (37, 1, 1, 0), (64, 8, 2, 0.25), (50, 0.01, 4, 0.5)):
        s = (normal(count) * spread).float().double()
        label = torch.where(torch.rand(count, generator=RANDOM) < 0.4, 1.0, -1.0).double()
        label[0], label[1] = 1.0, -1.0
        for name in ("Logistic", "Squared", "Hinge", "Exponential"):
            for selection in ("All", "Matched"):
                scores = s.clone().requires_grad_()
                p, n = scores[label > 0], scores[label < 0]
                if selection == "All":
                    difference = p[:, None] - n[None, :]
                else:
                    number = min(len(p), len(n))
                    difference = p[:number] - n[:number]
                loss = surrogate(name, temperature * (difference - 2 * margin)).mean()
                loss.backward()
                pairs.append({
                    "name": f"{name} {selection} {count}", "surrogate": name, "pairs": selection, "count": count,
                    "temperature": temperature, "margin": margin, "scores": numbers(scores), "labels": numbers(label),
                    "loss": numbers(loss), "dScores": numbers(scores.grad),
                })
            scores = s.clone().requires_grad_()
            loss = surrogate(name, temperature * (label * scores - margin)).mean()
            loss.backward()
            points.append({
                "name": f"{name} {count}", "surrogate": name, "count": count, "temperature": temperature, "margin": margin,
                "scores": numbers(scores), "labels": numbers(label), "loss": numbers(loss), "dScores": numbers(scores.grad),
            })
    write("pairwise", pairs)
    write("pointwise", points)


def optimizers():
    cases = []
    for kind, options in (
        ("sgd", {"lr": 0.1}),
        ("sgd", {"lr": 0.1, "weight_decay": 0.01}),
        ("sgd", {"lr": 0.05, "momentum": 0.9}),
        ("sgd", {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.003}),
        ("sgd", {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.003}),
        ("adam", {"lr": 0.01}),
        ("adam", {"lr": 0.002, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.01}),
    ):
        length = 19
        start = normal(length)
        gradients = normal(10, length)
        w = start.clone().requires_grad_()
        optimizer = (torch.optim.SGD if kind == "sgd" else torch.optim.Adam)([w], **options)
        for step in range(10):
            w.grad = gradients[step].clone()
            optimizer.step()
        beta1, beta2 = options.get("betas", (0.9, 0.999))
        cases.append({
            "name": f"{kind} {options}", "kind": kind, "length": length, "learningRate": options["lr"],
            "momentum": options.get("momentum", 0), "nesterov": options.get("nesterov", False),
            "weightDecay": options.get("weight_decay", 0), "beta1": beta1, "beta2": beta2, "epsilon": options.get("eps", 1e-8),
            "start": numbers(start), "gradients": numbers(gradients), "end": numbers(w),
        })
    write("optimizers", cases)


def perturbation():
    cases = []
    for norm in ("Linf", "L2"):
        count, length = 4, 37
        origin = torch.rand(count, length, generator=RANDOM).float().double()
        x = (origin + 0.05 * normal(count, length)).clamp(0, 1).float().double()
        gradient = (normal(count, length) * torch.tensor([1e-12, 1.0, 0.0, 1e4]).double()[:, None]).float().double()
        gradient[1, ::5] = 0
        steps = torch.tensor([0.01, 0.05, 0.05, 0.2]).double() * (1 if norm == "Linf" else 5)
        radii = torch.tensor([0.02, 0.1, 0.03, 0.05]).double() * (1 if norm == "Linf" else 5)
        steps, radii = steps.float().double(), radii.float().double()
        if norm == "Linf":
            moved = x + steps[:, None] * gradient.sign()
            delta = torch.maximum(torch.minimum(moved - origin, radii[:, None]), -radii[:, None])
        else:
            size = gradient.norm(dim=1, keepdim=True)
            direction = torch.where(size > 0, gradient / size.clamp_min(1e-300), torch.zeros(()).double())
            delta = x + steps[:, None] * direction - origin
            delta = delta * (radii[:, None] / delta.norm(dim=1, keepdim=True)).clamp_max(1)
        cases.append({
            "name": f"step {norm}", "norm": norm, "count": count, "length": length, "low": 0, "high": 1,
            "x": numbers(x), "gradient": numbers(gradient), "origin": numbers(origin), "steps": numbers(steps),
            "radii": numbers(radii), "y": numbers((origin + delta).clamp(0, 1)),
        })
    write("perturbation", cases)


def batch_norm():
    cases = []
    for count, height, width, channels, momentum, epsilon, relu in (
        (3, 4, 5, 3, 0.1, 1e-5, False), (6, 1, 1, 17, 0.1, 1e-5, True), (2, 9, 4, 16, 0.3, 1e-3, True), (3, 2, 5, 33, 1.0, 1e-5, False),
    ):
        layer = torch.nn.BatchNorm2d(channels, eps=epsilon, momentum=momentum).double()
        layer.weight.data, layer.bias.data = normal(channels), normal(channels)
        layer.running_mean.copy_(normal(channels))
        layer.running_var.copy_((normal(channels) ** 2 + 0.1).float().double())
        start = {key: numbers(value) for key, value in layer.state_dict().items() if key.startswith("running")}
        # Far from 0 beside their spread, so that squares would cancel.
        x = (normal(count, channels, height, width) * 0.5 + 4 * normal(1, channels, 1, 1)).float().double().requires_grad_()
        dy = normal(*x.shape)
        layer.eval()
        evaluated = layer(x)
        evaluated.backward(dy)
        infer = {"evaluated": numbers(last(F.relu(evaluated) if relu else evaluated)), "evaluatedDx": numbers(last(x.grad))}
        x.grad = None
        layer.zero_grad()
        layer.train()
        y = layer(x)
        y.backward(dy)
        cases.append({
            "name": f"batchNorm {count}x{height}x{width}x{channels}, momentum {momentum}", "rows": count * height * width, "channels": channels,
            "momentum": momentum, "epsilon": epsilon, "relu": relu,
            "x": numbers(last(x)), "weight": numbers(layer.weight), "bias": numbers(layer.bias),
            "runningMean": start["running_mean"], "runningVariance": start["running_var"], **infer,
            "y": numbers(last(F.relu(y) if relu else y)), "dy": numbers(last(dy)), "dx": numbers(last(x.grad)),
            "dWeight": numbers(layer.weight.grad), "dBias": numbers(layer.bias.grad),
            "runningMeanAfter": numbers(layer.running_mean), "runningVarianceAfter": numbers(layer.running_var),
        })
    write("batchNorm", cases)


def global_average_pool():
    cases = []
    for count, height, width, channels in ((1, 1, 1, 1), (3, 4, 5, 3), (2, 7, 3, 17), (1, 3, 4, 33)):
        x = normal(count, channels, height, width).requires_grad_()
        y = F.adaptive_avg_pool2d(x, 1)
        dy = normal(*y.shape)
        y.backward(dy)
        cases.append({
            "name": f"globalAveragePool {count}x{height}x{width}x{channels}", "count": count, "pixels": height * width, "channels": channels,
            "x": numbers(last(x)), "y": numbers(last(y)), "dy": numbers(last(dy)), "dx": numbers(last(x.grad)),
        })
    write("globalAveragePool", cases)


def leaky_relu():
    cases = []
    for length, slope in ((443, 0.01), (131, 0.3), (17, 0.0), (17, 1.0)):
        x = normal(length)
        x[3] = 0
        x.requires_grad_()
        y = F.leaky_relu(x, slope)
        dy = normal(length)
        y.backward(dy)
        cases.append({"name": f"leakyRelu {length}, {slope}", "length": length, "slope": slope, "x": numbers(x), "y": numbers(y), "dy": numbers(dy), "dx": numbers(x.grad)})
    write("leakyRelu", cases)


def group_convolution():
    cases = []
    for count, height, width, channels, filters, groups, size, stride, dilation, pads in (
        (2, 5, 4, 6, 6, 6, (3, 3), (1, 1), (1, 1), (1, 1, 1, 1)),
        (1, 7, 6, 8, 8, 8, (3, 3), (2, 2), (1, 1), (0, 0, 1, 1)),
        (2, 5, 6, 4, 8, 4, (3, 3), (1, 1), (1, 1), (1, 1, 1, 1)),
        (1, 6, 5, 6, 9, 3, (3, 2), (1, 2), (1, 1), (1, 0, 0, 1)),
        (2, 8, 7, 3, 5, 1, (3, 3), (2, 1), (2, 2), (2, 2, 2, 2)),
        (1, 4, 9, 2, 17, 1, (1, 5), (1, 1), (1, 2), (0, 4, 0, 3)),
    ):
        x = normal(count, channels, height, width).requires_grad_()
        w = (normal(filters, channels // groups, *size) / 2).float().double().requires_grad_()
        b = normal(filters).requires_grad_()
        top, left, bottom, right = pads
        y = F.conv2d(F.pad(x, (left, right, top, bottom)), w, b, stride=stride, dilation=dilation, groups=groups)
        dy = normal(*y.shape)
        y.backward(dy)
        cases.append({
            "name": f"{count}x{height}x{width}x{channels} to {filters}, {groups} groups, {size} by {stride}, dilation {dilation}",
            "count": count, "height": height, "width": width, "channels": channels, "filters": filters, "groups": groups,
            "size": size, "stride": stride, "dilation": dilation, "pads": pads,
            "x": numbers(last(x)), "weight": numbers(w), "bias": numbers(b), "y": numbers(last(y)), "dy": numbers(last(dy)), "dx": numbers(last(x.grad)),
        })
    write("groupConv2d", cases)


def activations():
    cases = []
    selu = 1.6732632423543772, 1.0507009873554805
    for kind, a, b, function in (
        ("Clip", 0, 6, lambda x: F.hardtanh(x, 0, 6)),
        ("Clip", -1.5, 0.5, lambda x: F.hardtanh(x, -1.5, 0.5)),
        ("Elu", 0.7, 1, lambda x: F.elu(x, 0.7)),
        ("Elu", *selu, F.selu),
        ("Sigmoid", 0, 0, torch.sigmoid),
        ("Tanh", 0, 0, torch.tanh),
        ("Erf", 0, 0, torch.erf),
        ("Gelu", 0, 0, F.gelu),
        ("GeluTanh", 0, 0, lambda x: F.gelu(x, approximate="tanh")),
        ("HardSigmoid", 1 / 6, 0.5, F.hardsigmoid),
        ("HardSwish", 0, 0, F.hardswish),
        ("Softplus", 0, 0, F.softplus),
    ):
        x = torch.cat([3 * normal(60), torch.tensor([-100.0, -20.0, -7.0, -0.09, -0.0001, 0.0002, 0.08, 0.11, 6.5, 19.0, 100.0], dtype=torch.float64)]).float().double().requires_grad_()
        y = function(x)
        dy = normal(71)
        y.backward(dy)
        cases.append({"name": f"{kind} {a:.3g} {b:.3g}", "kind": kind, "a": a, "b": b, "length": 71, "x": numbers(x), "y": numbers(y), "dy": numbers(dy), "dx": numbers(x.grad)})
    write("activation", cases)


def arithmetic():
    cases = []
    for kind, function in (("Difference", torch.sub), ("Product", torch.mul), ("Quotient", torch.div)):
        a = normal(67).requires_grad_()
        b = (normal(67).sign() * (0.5 + normal(67).abs())).float().double().requires_grad_()
        y = function(a, b)
        dy = normal(67)
        y.backward(dy)
        cases.append({"name": kind, "kind": kind, "length": 67, "a": numbers(a), "b": numbers(b), "y": numbers(y), "dy": numbers(dy), "da": numbers(a.grad), "db": numbers(b.grad)})
    write("arithmetic", cases)


if __name__ == "__main__":
    torch.set_num_threads(1)
    convolution()
    dense()
    pooling()
    elementwise()
    losses()
    optimizers()
    perturbation()
    batch_norm()
    global_average_pool()
    leaky_relu()
    group_convolution()
    activations()
    arithmetic()
