#!/usr/bin/python3
"""Exports networks from PyTorch, with what PyTorch computes of them.

With Debian's python3-torch (written with PyTorch 1.13, one thread). Without arguments the small models are written that
the tests read everywhere, beside this file, in `small/`:

    /usr/bin/python3 tests/onnx/make_models.py

With a folder the large ones are written there, with random and with briefly trained weights:

    /usr/bin/python3 tests/onnx/make_models.py FOLDER [images]

Each model NAME.onnx has a NAME.json with its shapes and files of little-endian float32: NAME.x (inputs in the order of the
file), NAME.y (scores), NAME.dx (the gradient of the scores' sum, weighted by 1, -1/2, 1/3, ..., of two their difference). The large ones have NAME.labels
and the flips of a PGD attack from the samples themselves, by budget. The small ones keep the numbers in the JSON file.
"""

import array
import json
import math
import pathlib
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F

FOLDER = pathlib.Path(__file__).resolve().parent


def weights(scores):
    """Of two scores the second less the first, which is what is attacked of them."""
    return torch.tensor([-1.0, 1.0]) if scores == 2 else torch.tensor([(-1.0) ** k / (k + 1) for k in range(scores)])


def gradient(model, x):
    x = x.clone().requires_grad_()
    y = model(x)
    (y.reshape(len(x), -1) * weights(y[0].numel())).sum().backward()
    return y.detach(), x.grad


def export(model, x, path, opset=13, dynamic=True):
    names = {"input": {0: "N"}, "output": {0: "N"}} if dynamic else None
    torch.onnx.export(model, x[:1] if not dynamic else x, str(path), opset_version=opset, input_names=["input"], output_names=["output"], dynamic_axes=names)


# Small models: one for each operator.


class Lambda(nn.Module):
    def __init__(self, function, *layers):
        super().__init__()
        self.function = function
        self.layers = nn.ModuleList(layers)

    def forward(self, x):
        return self.function(x, *self.layers)


def head(channels, scores=1, pixels=1):
    return nn.Sequential(nn.Flatten(), nn.Linear(channels * pixels, scores))


def ramp(like, first, last, *shape):
    return torch.linspace(first, last, math.prod(shape)).reshape(shape).to(like.dtype)


def conv(channels, filters, size=3, **more):
    return nn.Conv2d(channels, filters, size, **more)


def small_models():
    image = (2, 3, 6, 5)

    def behind(activation, pixels=12):
        return nn.Sequential(conv(3, 4), activation, head(4, 1, pixels))

    yield "mlp", (3, 7), nn.Sequential(nn.Linear(7, 5), nn.ReLU(), nn.Linear(5, 3)), {}
    yield "mlpTwoScores", (3, 7), nn.Sequential(nn.Linear(7, 5), nn.Tanh(), nn.Linear(5, 2)), {}
    yield "matmul", (3, 4), Lambda(lambda x, a: a(x @ ramp(x, -1, 1, 4, 5) + ramp(x, 0, 1, 5)), nn.Linear(5, 1)), {}
    yield "convDepthwise", image, nn.Sequential(conv(3, 6, padding=1, groups=3), nn.ReLU6(), conv(6, 4, 1), head(4, 1, 30)), {}
    yield "convDilated", image, nn.Sequential(conv(3, 4, dilation=2, padding=2), nn.LeakyReLU(0.2), head(4, 1, 30)), {}
    yield "convOblong", image, nn.Sequential(conv(3, 4, (3, 2), stride=(2, 1), padding=(1, 0)), nn.ReLU(), head(4, 1, 12)), {}
    yield "convUneven", image, nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), conv(3, 4, 3, stride=2), nn.ReLU(), head(4, 1, 6)), {}
    yield "batchNorm", image, nn.Sequential(conv(3, 4, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.BatchNorm2d(4), head(4, 1, 12)), {}
    yield "prelu", image, behind(nn.PReLU(4)), {}
    yield "leakyReluSteep", image, behind(nn.LeakyReLU(1.7)), {}
    yield "elu", image, behind(nn.ELU(0.8)), {}
    yield "selu", image, behind(nn.SELU()), {}
    yield "gelu", image, behind(nn.GELU()), {}
    yield "hardSwish", image, behind(nn.Hardswish()), {"opset": 14}
    yield "hardSigmoid", image, behind(nn.Hardsigmoid()), {"opset": 14}
    yield "silu", image, behind(nn.SiLU()), {}
    yield "softplus", image, behind(nn.Softplus()), {}
    yield "sigmoidWithin", image, behind(nn.Sigmoid()), {}
    yield "clip", image, behind(nn.Hardtanh(-0.4, 0.9)), {}
    yield "maxPoolPadded", image, nn.Sequential(conv(3, 4, padding=1), nn.MaxPool2d(3, 2, padding=1), head(4, 1, 9)), {}
    yield "maxPoolCeil", image, nn.Sequential(conv(3, 4, padding=1), nn.MaxPool2d(2, 2, ceil_mode=True), head(4, 1, 9)), {}
    yield "maxPoolOblong", image, nn.Sequential(conv(3, 4, padding=1), nn.MaxPool2d((3, 2), (1, 2), padding=(1, 0), dilation=(2, 1)), head(4, 1, 8)), {}
    yield "averagePoolPadded", image, nn.Sequential(conv(3, 4, padding=1), nn.AvgPool2d(3, 2, padding=1), head(4, 1, 9)), {}
    yield "averagePoolUncounted", image, nn.Sequential(conv(3, 4, padding=1), nn.AvgPool2d(3, 2, padding=1, count_include_pad=False), head(4, 1, 9)), {}
    yield "globalMean", image, nn.Sequential(conv(3, 4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), head(4)), {}
    yield "reduceMean", image, Lambda(lambda x, a, b: b(F.relu(a(x)).mean((2, 3))), conv(3, 4), nn.Linear(4, 1)), {}
    yield "reduceMeanOfRows", image, Lambda(lambda x, a, b: b(a(x).mean(2, keepdim=True).flatten(1)), conv(3, 4), nn.Linear(12, 1)), {}
    yield "residual", image, Lambda(lambda x, a, b, c: c(F.relu(a(x) + b(a(x)))), conv(3, 4), conv(4, 4, padding=1), head(4, 1, 12)), {}
    yield "betweenValues", image, Lambda(lambda x, a, b, c: c((a(x) - b(x)) * a(x) / (2 + torch.sigmoid(b(x)))), conv(3, 4), conv(3, 4), head(4, 1, 12)), {}
    yield "squeezeExcite", image, Lambda(lambda x, a, b, c: c(a(x) * torch.sigmoid(b(a(x).mean((2, 3), keepdim=True)))), conv(3, 4), conv(4, 4, 1), head(4, 1, 12)), {}
    yield "constants", image, Lambda(lambda x, a, b: b((1 - a(x)) * ramp(x, 0.5, 1.5, 4, 1, 1) / 0.7 + ramp(x, -1, 1, 4, 3)), conv(3, 4), head(4, 1, 12)), {}
    yield "concat", image, Lambda(lambda x, a, b, c: c(torch.cat([a(x), F.relu(b(x)), a(x)], 1)), conv(3, 4), conv(3, 2), head(10, 1, 12)), {}
    yield "shuffle", image, Lambda(lambda x, a, b: b(F.relu(a(x)).reshape(x.shape[0], 2, 3, 4, 3).transpose(1, 2).reshape(x.shape[0], 6, 4, 3)), conv(3, 6), nn.Sequential(conv(6, 2), head(2, 1, 2))), {}
    yield "splits", image, Lambda(lambda x, a, b: b(torch.cat([p * (i + 1) for i, p in enumerate(torch.split(a(x), [1, 3], 1))][::-1] + [a(x)[:, 1:3]], 1)), conv(3, 4), head(6, 1, 12)), {}
    yield "padReflect", image, nn.Sequential(nn.ReflectionPad2d((1, 2, 2, 1)), conv(3, 4), nn.ReLU(), head(4, 1, 42)), {}
    yield "padEdge", image, nn.Sequential(conv(3, 4), nn.ReplicationPad2d(1), head(4, 1, 30)), {}
    yield "padConstant", image, nn.Sequential(conv(3, 4), nn.ConstantPad2d((1, 0, 0, 2), 0.3), head(4, 1, 24)), {}
    yield "normalised", image, Lambda(lambda x, a, b: b(a((x - ramp(x, 0.5, 0.3, 1, 3, 1, 1)) / ramp(x, 0.2, 0.3, 1, 3, 1, 1))), conv(3, 4, padding=1), head(4, 1, 30)), {}
    yield "channelsLast", (2, 6, 5, 3), Lambda(lambda x, a, b: b(F.relu(a(x.permute(0, 3, 1, 2))).permute(0, 2, 3, 1).reshape(x.shape[0], -1)), conv(3, 4), nn.Linear(48, 1)), {}
    yield "flattenAndDropout", image, Lambda(lambda x, a, b: b(F.dropout(F.relu(a(x)).view(x.size(0), -1), 0.5, False)), conv(3, 4), nn.Linear(48, 3)), {}
    yield "softmaxAtTheEnd", image, nn.Sequential(conv(3, 4), nn.ReLU(), head(4, 3, 12), nn.Softmax(1)), {"stripped": "Softmax"}
    yield "logSoftmaxAtTheEnd", image, nn.Sequential(conv(3, 4), nn.ReLU(), head(4, 3, 12), nn.LogSoftmax(1)), {"stripped": "LogSoftmax"}
    yield "sigmoidAtTheEnd", image, nn.Sequential(conv(3, 4), nn.ReLU(), head(4, 1, 12), nn.Sigmoid()), {"stripped": "Sigmoid"}
    yield "classMaps", image, nn.Sequential(conv(3, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()), {}
    yield "fixedBatch", image, Lambda(lambda x, a, b: b(F.relu(a(x)).reshape(1 if torch.onnx.is_in_onnx_export() else len(x), -1)), conv(3, 4), nn.Linear(48, 1)), {"dynamic": False}
    yield "olderOpset", image, nn.Sequential(conv(3, 4), nn.ReLU6(), nn.ConstantPad2d(1, 0.0), head(4, 1, 30)), {"opset": 11}
    yield "newerOpset", image, nn.Sequential(conv(3, 4), nn.BatchNorm2d(4), nn.SELU(), head(4, 1, 12)), {"opset": 16}


def write_small():
    folder = FOLDER / "small"
    folder.mkdir(exist_ok=True)
    for name, shape, model, more in small_models():
        torch.manual_seed(sum(map(ord, name)))
        for part in model.modules():
            if hasattr(part, "reset_parameters"):
                part.reset_parameters()
            if isinstance(part, nn.PReLU):
                part.weight.data.uniform_(-0.5, 1.5)
            if isinstance(part, nn.BatchNorm2d):
                for tensor in (part.weight.data, part.running_var):
                    tensor.uniform_(0.5, 1.5)
                for tensor in (part.bias.data, part.running_mean):
                    tensor.uniform_(-0.5, 0.5)
        model.eval()
        x = torch.rand(*shape)
        export(model, x, folder / f"{name}.onnx", more.get("opset", 13), more.get("dynamic", True))
        stripped = more.get("stripped")
        exact = (nn.Sequential(*list(model)[:-1]) if stripped else model).double()
        y, dx = gradient(exact, x.double())
        numbers = lambda tensor: [float(f"{value:.9g}") for value in tensor.flatten().tolist()]
        (folder / f"{name}.json").write_text(json.dumps({
            "shape": list(shape), "scores": y[0].numel(), "stripped": stripped, "x": numbers(x), "y": numbers(y), "dx": numbers(dx),
        }, separators=(",", ":")) + "\n", encoding="utf-8")


# Large models.


class Basic(nn.Module):
    def __init__(self, channels, filters, stride):
        super().__init__()
        self.a, self.na = conv(channels, filters, stride=stride, padding=1, bias=False), nn.BatchNorm2d(filters)
        self.b, self.nb = conv(filters, filters, padding=1, bias=False), nn.BatchNorm2d(filters)
        self.short = nn.Sequential() if stride == 1 and channels == filters else nn.Sequential(conv(channels, filters, 1, stride=stride, bias=False), nn.BatchNorm2d(filters))

    def forward(self, x):
        return F.relu(self.nb(self.b(F.relu(self.na(self.a(x))))) + self.short(x))


def resnet18(scores):
    layers, channels = [conv(3, 64, padding=1, bias=False), nn.BatchNorm2d(64), nn.ReLU()], 64
    for filters, stride in ((64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)):
        layers.append(Basic(channels, filters, stride))
        channels = filters
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, scores))


def vgg(scores):
    layers, channels = [], 3
    for filters in (32, 32, 0, 64, 64, 0, 128, 128, 0):
        layers += [conv(channels, filters, padding=1), nn.BatchNorm2d(filters), nn.ReLU()] if filters else [nn.MaxPool2d(2)]
        channels = filters or channels
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(128 * 16, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, scores))


class Inverted(nn.Module):
    def __init__(self, channels, filters, stride, expansion):
        super().__init__()
        inner = channels * expansion
        layers = [] if expansion == 1 else [conv(channels, inner, 1, bias=False), nn.BatchNorm2d(inner), nn.ReLU6()]
        layers += [conv(inner, inner, stride=stride, padding=1, groups=inner, bias=False), nn.BatchNorm2d(inner), nn.ReLU6(), conv(inner, filters, 1, bias=False), nn.BatchNorm2d(filters)]
        self.layers, self.adds = nn.Sequential(*layers), stride == 1 and channels == filters

    def forward(self, x):
        return x + self.layers(x) if self.adds else self.layers(x)


def mobilenet_v2(scores):
    layers, channels = [conv(3, 32, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU6()], 32
    for expansion, filters, count, stride in ((1, 16, 1, 1), (6, 24, 2, 1), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)):
        for i in range(count):
            layers.append(Inverted(channels, filters, stride if i == 0 else 1, expansion))
            channels = filters
    layers += [conv(channels, 1280, 1, bias=False), nn.BatchNorm2d(1280), nn.ReLU6(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(1280, scores)]
    return nn.Sequential(*layers)


def mlp(scores):
    return nn.Sequential(nn.Flatten(), nn.Linear(3072, 256), nn.ReLU(), nn.Linear(256, 64), nn.ReLU(), nn.Linear(64, scores))


def samples(count, generator):
    """Two classes of noisy images in bytes: light from the left or from above."""
    labels = torch.randint(0, 2, (count,), generator=generator)
    ramp = torch.linspace(-1, 1, 32)
    pattern = torch.stack([ramp.expand(32, 32), ramp.reshape(32, 1).expand(32, 32)])[labels]
    light = 0.05 + 0.1 * torch.rand(count, 1, 1, 1, generator=generator)
    x = (0.5 + light * pattern.unsqueeze(1) + 0.15 * torch.randn(count, 3, 32, 32, generator=generator)).clamp(0, 1)
    return x.mul(255).round().div(255), labels


def train(model, steps, generator):
    optimizer = torch.optim.SGD(model.parameters(), 0.02, momentum=0.9)
    model.train()
    for _ in range(steps):
        x, labels = samples(16, generator)
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(model(x)[:, 0], labels.float()).backward()
        optimizer.step()


def pgd(model, x, labels, norm, epsilon, steps):
    """Flips of correctly decided samples: from the sample itself, steps of 2.5 * epsilon / steps, the first iterate that flips counts."""
    signs = 2 * labels - 1
    score = lambda z: torch.cat([model(part) for part in z.split(25)])[:, 0]
    with torch.no_grad():
        correct = score(x) * signs > 0
    clean, signs = x[correct], signs[correct]
    z, flipped = clean.clone(), torch.zeros(len(clean), dtype=torch.bool)
    step = 2.5 * epsilon / steps
    for _ in range(steps):
        g = []
        for part, sign in zip(z.split(25), signs.split(25)):
            part = part.clone().requires_grad_()
            (-model(part)[:, 0] * sign).sum().backward()
            g.append(part.grad)
        g = torch.cat(g)
        if norm == "linf":
            z = torch.min(torch.max(z + step * g.sign(), clean - epsilon), clean + epsilon)
        else:
            z = z + step * g / g.flatten(1).norm(dim=1).clamp_min(1e-30).reshape(-1, 1, 1, 1)
            offset = z - clean
            size = offset.flatten(1).norm(dim=1).reshape(-1, 1, 1, 1)
            z = clean + offset * (epsilon / size).clamp(max=1)
        z = z.clamp(0, 1)
        with torch.no_grad():
            flipped |= score(z) * signs < 0
    return int(correct.sum()), int(flipped.sum())


def write_floats(path, tensor):
    array.array("f", tensor.flatten().tolist()).tofile(path.open("wb"))


def write_large(folder, images):
    folder.mkdir(parents=True, exist_ok=True)
    for kind, create, steps in (("mlp", mlp, 60), ("vgg", vgg, 25), ("mobileNetV2", mobilenet_v2, 20), ("resNet18", resnet18, 12)):
        for trained in (False, True):
            torch.manual_seed(7)
            generator = torch.Generator().manual_seed(11)
            name = f"{kind}-{'trained' if trained else 'random'}"
            model = create(1 if trained else 10)
            if trained:
                train(model, steps, generator)
            model.eval()
            x, labels = samples(images, generator)
            export(model, x[:2], folder / f"{name}.onnx")
            y, dx = gradient(model, x[:6])
            report = {"shape": list(x.shape), "scores": y.shape[1], "checked": 6, "pgd": []}
            if trained:
                for norm, epsilon in (("linf", 0.02), ("linf", 0.05), ("l2", 1.0), ("l2", 3.0)):
                    attacked, flips = pgd(model, x, labels, norm, epsilon, 5)
                    report["pgd"].append({"norm": norm, "epsilon": epsilon, "steps": 5, "attacked": attacked, "flips": flips})
            write_floats(folder / f"{name}.x", x)
            write_floats(folder / f"{name}.y", y)
            write_floats(folder / f"{name}.dx", dx)
            write_floats(folder / f"{name}.labels", labels.float())
            (folder / f"{name}.json").write_text(json.dumps(report) + "\n", encoding="utf-8")
            print(name, report["pgd"], flush=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    if len(sys.argv) > 1:
        write_large(pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100)
    else:
        write_small()
