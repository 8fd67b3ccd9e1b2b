"""Training runs of 50 steps in PyTorch, written to tests/golden/torch_runs.lua.

    pip install torch numpy
    python tests/golden/from_torch_runs.py > tests/golden/torch_runs.lua

Weights and batches come from stream.py; the order of weights is that of Keras (kernel and bias;
gamma, beta, mean, variance), kernels are (in, out). The weights at the end are those of a run in
float64; the test suite reads only the result.
Where batch normalization follows there is no bias: its gradient is 0 but for rounding, which
RMSprop and Adam would blow up to steps.
"""
import torch
from torch import nn, optim

from stream import ROWS, STEPS, data, distance, first, show
from torch_muon import Muon

F = nn.functional
BN = (("gamma", "weight"), ("beta", "bias"), ("moving_mean", "running_mean"),
      ("moving_variance", "running_var"))
NORM = (("gamma", "weight"), ("beta", "bias"))


def weights_of(layer):
    """(name, tensor, is it transposed?) of a layer, in the order of Keras."""
    if isinstance(layer, nn.Linear):
        bias = [] if layer.bias is None else [("bias", layer.bias, False)]
        return [("kernel", layer.weight, True)] + bias
    if isinstance(layer, nn.Embedding):
        return [("embeddings", layer.weight, False)]
    if isinstance(layer, nn.PReLU):
        return [("alpha", layer.weight, False)]
    names = {nn.BatchNorm1d: BN, nn.LayerNorm: NORM}.get(type(layer), ())
    return [(name, getattr(layer, own), False) for name, own in names]


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.norm, self.b = nn.Linear(6, 6), nn.LayerNorm(6), nn.Linear(6, 6)
        self.c, self.d = nn.Linear(6, 1), nn.Linear(6, 3)

    def forward(self, x):
        h = self.norm(self.a(x))
        h = h + F.hardswish(self.b(h))
        return self.c(h), self.d(h)


def two_losses(p, rows):
    return F.mse_loss(p[0], rows["other"]) + 0.3 * F.cross_entropy(p[1], rows["classes"])


def on(loss, target):
    return lambda p, rows: loss(p, rows[target])


def row(*layers):
    return lambda: nn.Sequential(*[make() for make in layers])


def linear(i, o, bias=True):
    return lambda: nn.Linear(i, o, bias)


RUNS = {
    "sgd": (row(linear(6, 8), nn.Tanh, linear(8, 1)),
            lambda p: optim.SGD(p, 0.05, momentum=0.9, weight_decay=0.01),
            on(nn.MSELoss(), "value"), {}),
    "nesterov": (row(linear(6, 9), nn.ReLU, linear(9, 1)),
                 lambda p: optim.SGD(p, 0.2, momentum=0.8, nesterov=True),
                 on(nn.BCEWithLogitsLoss(), "binary"), {"decay": 0.95}),
    "rmsprop": (row(linear(6, 8, False), lambda: nn.BatchNorm1d(8), nn.ReLU, linear(8, 3)),
                lambda p: optim.RMSprop(p, momentum=0.5, centered=True),
                on(nn.CrossEntropyLoss(), "classes"), {}),
    "adam": (row(linear(6, 8), nn.GELU, linear(8, 1)),
             lambda p: optim.Adam(p, 0.01, amsgrad=True, weight_decay=0.02),
             on(nn.HuberLoss(delta=0.4), "value"), {}),
    "adamw": (row(linear(6, 8), nn.SiLU, lambda: nn.LayerNorm(8), linear(8, 3)),
              lambda p: optim.AdamW(p, 0.01),
              on(nn.CrossEntropyLoss(label_smoothing=0.1), "classes"), {}),
    "adagrad": (row(linear(6, 8), nn.SELU, linear(8, 1)), lambda p: optim.Adagrad(p),
                on(nn.L1Loss(), "value"), {}),
    "adadelta": (row(linear(6, 8), nn.ELU, linear(8, 1)),
                 lambda p: optim.Adadelta(p, weight_decay=0.01),
                 on(nn.SmoothL1Loss(), "value"), {}),
    "adamax": (row(linear(6, 8), nn.Softsign, linear(8, 1), nn.Softplus),
               lambda p: optim.Adamax(p, weight_decay=0.01),
               on(nn.PoissonNLLLoss(log_input=False, eps=1e-7), "count"), {}),
    "nadam": (row(linear(6, 8), nn.Mish, linear(8, 1)),
              lambda p: optim.NAdam(p, weight_decay=0.01), on(nn.MSELoss(), "value"), {}),
    "rprop": (row(linear(6, 8), nn.Hardtanh, linear(8, 1)), lambda p: optim.Rprop(p),
              on(nn.MSELoss(), "value"), {"all": True}),
    "adafactor": (row(linear(6, 8), nn.Tanh, lambda: nn.LayerNorm(8), linear(8, 3)),
                  lambda p: optim.Adafactor(p, 0.05, weight_decay=0.02),
                  on(nn.CrossEntropyLoss(), "classes"), {}),
    "muon": (row(linear(6, 9), nn.Tanh, linear(9, 4), nn.SiLU, linear(4, 1)),
             lambda p: Muon(p, 0.02), on(nn.MSELoss(), "value"), {}),
    "weighted": (row(linear(6, 8, False), lambda: nn.BatchNorm1d(8), lambda: nn.PReLU(8), linear(8, 3)),
                 lambda p: optim.Adam(p, 0.01),
                 lambda p, rows: F.cross_entropy(p, rows["classes"],
                                                 torch.tensor([1, 2.5, 0.5], dtype=p.dtype)), {}),
    "residual": (Residual, lambda p: optim.Adam(p, 0.01), two_losses, {"clip": 0.3}),
    "embedding": (row(lambda: nn.Embedding(8, 3), nn.Flatten, linear(6, 5), nn.CELU, linear(5, 1)),
                  lambda p: optim.RMSprop(p, weight_decay=0.01), on(nn.MSELoss(), "value"),
                  {"x": "ids"}),
}


def start(model, dtype):
    all_weights = [w for layer in model.modules() for w in weights_of(layer)]
    with torch.no_grad():
        for at, (name, tensor, turned) in enumerate(all_weights, 1):
            shape = tuple(reversed(tensor.shape)) if turned else tuple(tensor.shape)
            value = torch.tensor(first(shape, name, at), dtype=dtype)
            tensor.copy_(value.T if turned else value)
    return all_weights


def batch(rows, step, dtype, everything):
    out = {}
    for key, v in rows.items():
        part = v if everything else v[step * ROWS:(step + 1) * ROWS]
        out[key] = torch.tensor(part, dtype=dtype if v.dtype.kind == "f" else torch.int64)
    return out


def train(name, dtype):
    graph, make, loss_of, extra = RUNS[name]
    torch.set_default_dtype(dtype)
    model, rows, losses = graph(), data(), []
    all_weights = start(model, dtype)
    optimizer = make(model.parameters())
    model.train()
    for step in range(STEPS):
        if "decay" in extra:
            optimizer.param_groups[0]["lr"] = 0.2 * extra["decay"] ** step
        part = batch(rows, step, dtype, "all" in extra)
        loss = loss_of(model(part[extra.get("x", "x")]), part)
        optimizer.zero_grad()
        loss.backward()
        if "clip" in extra:
            nn.utils.clip_grad_norm_(model.parameters(), extra["clip"])
        optimizer.step()
        if step + 1 in (1, 25, 50):
            losses.append(loss.item())
    return losses, [(t.T if turned else t).detach().numpy() for _, t, turned in all_weights]


print(f"--- Training runs of PyTorch {torch.__version__.split('+')[0]} (float64): losses of steps 1, "
      "25 and 50, and")
print("--- all weights after step 50; float32: how far its own run in float32 ends from that,")
print("--- max|a - b| / max|a| of the worst weight.")
print("--- Source: written by tests/golden/from_torch_runs.py; not edited by hand.")
print("return {")
for name in RUNS:
    losses, weights = train(name, torch.float64)
    narrow = train(name, torch.float32)[1]
    show(name, losses, weights, distance(weights, narrow))
print("}")
