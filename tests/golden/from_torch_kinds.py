"""Optimizers, losses, normalization, first values and operators: what PyTorch says, written to
tests/golden/torch_kinds.lua.

    pip install torch numpy
    python tests/golden/from_torch_kinds.py > tests/golden/torch_kinds.lua

In float64. The test suite reads only the result.
"""
import numpy as np
import torch
from torch import nn, optim

from stream import lua, stream, table, wrapped
from torch_muon import Muon

torch.set_default_dtype(torch.float64)
torch.manual_seed(1)
F = nn.functional

# As in keras_numbers.py: the gradients of a step are (x1 y, x2 y), y.
ROWS = [(0.5, -1.5, 0.1), (1.25, 0.3, -0.2), (-0.7, 0.9, 0.3), (2.0, 0.1, 0.05), (0.4, 0.4, -0.6),
        (-1.1, 0.2, 0.25), (0.3, -0.8, 1.5), (0.9, 1.7, -0.02), (-0.2, -0.6, 0.7), (1.6, 0.5, -0.1)]

# name here, PyTorch's class, its options, ours where their names or meaning differ
OPTIMIZERS = [
    ("SGD", optim.SGD, {"lr": 0.1}), ("SGD", optim.SGD, {"lr": 0.1, "momentum": 0.9}),
    ("SGD", optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    ("SGD", optim.SGD, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.05}),
    ("SGD", optim.SGD, {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.05}),
    ("RMSprop", optim.RMSprop, {}), ("RMSprop", optim.RMSprop, {"centered": True}),
    ("RMSprop", optim.RMSprop, {"momentum": 0.8, "centered": True, "weight_decay": 0.1}),
    ("Adam", optim.Adam, {}), ("Adam", optim.Adam, {"lr": 0.1, "amsgrad": True}),
    ("Adam", optim.Adam, {"weight_decay": 0.1, "eps": 0.01}),
    ("AdamW", optim.AdamW, {}), ("AdamW", optim.AdamW, {"lr": 0.1, "weight_decay": 0.2}),
    ("Adagrad", optim.Adagrad, {}),
    ("Adagrad", optim.Adagrad, {"initial_accumulator_value": 0.1, "eps": 0.1,
                                "weight_decay": 0.1}),
    ("Adadelta", optim.Adadelta, {}), ("Adadelta", optim.Adadelta, {"weight_decay": 0.1}),
    ("Adamax", optim.Adamax, {}), ("Adamax", optim.Adamax, {"eps": 0.1, "weight_decay": 0.1}),
    ("Nadam", optim.NAdam, {}), ("Nadam", optim.NAdam, {"lr": 0.05, "weight_decay": 0.1}),
    ("Rprop", optim.Rprop, {}), ("Rprop", optim.Rprop, {"lr": 0.1}),
    ("Adafactor", optim.Adafactor, {}),
    ("Adafactor", optim.Adafactor, {"lr": 0.3, "weight_decay": 0.1, "d": 1.5, "beta2_decay": -0.5}),
    ("Adafactor", optim.Adafactor, {"eps": (0.1, 0.8)}),
    ("Muon", Muon, {}),
    ("Muon", Muon, {"lr": 0.05, "nesterov": False, "momentum": 0.8, "weight_decay": 0.3,
                    "adam": {"weight_decay": 0.2, "betas": (0.8, 0.9)}}),
    ("Muon", Muon, {"lr": 0.05, "adjust_lr_fn": "match_rms_adamw", "ns_steps": 3}),
]
OURS = {"lr": "learning_rate", "eps": "epsilon", "d": "clip_threshold",
        "beta2_decay": "beta_2_decay"}


def ours(options):
    """The options under our names."""
    given = {}
    for k, v in options.items():
        if k == "eps" and isinstance(v, tuple):
            given["epsilon_1"], given["epsilon_2"] = v
        elif k == "adam":
            given["adam_weight_decay"] = v["weight_decay"]
            given["adam_beta_1"], given["adam_beta_2"] = v["betas"]
        elif k == "adjust_lr_fn":
            given["rms_rate"] = 0.2
        else:
            given[OURS.get(k, k)] = v
    return given


def entry(**parts):
    print(wrapped("{ " + ", ".join(f"{k} = {v}" for k, v in parts.items()) + " },", 4))


def optimizers():
    """Kernel (2) and bias (1) after each of ten steps."""
    for name, make, options in OPTIMIZERS:
        kernel = torch.tensor([[1.0, -0.5]], requires_grad=True)
        bias = torch.tensor([0.25], requires_grad=True)
        optimizer, path = make([kernel, bias], **options), []
        for a, b, y in ROWS:
            kernel.grad, bias.grad = torch.tensor([[a * y, b * y]]), torch.tensor([y])
            optimizer.step()
            path += kernel.ravel().tolist() + bias.tolist()
        entry(name=f'"{name}"', options=table(ours(options)), path=lua(path))


def lbfgs():
    """A net of 2-3-1 on 8 rows: its weights after each of ten steps that search no line."""
    x = torch.tensor(stream(20, 16).reshape(8, 2))
    y = torch.tensor(stream(21, 8).reshape(8, 1))
    for options in ({"lr": 0.5}, {"lr": 0.3, "history_size": 3}):
        w = [torch.tensor(stream(22 + i, int(np.prod(s))).reshape(s), requires_grad=True)
             for i, s in enumerate([(2, 3), (3,), (3, 1), (1,)])]
        optimizer, path = optim.LBFGS(w, max_iter=1, **options), []

        def closure():
            optimizer.zero_grad()
            loss = (((x @ w[0] + w[1]).tanh() @ w[2] + w[3] - y) ** 2).mean()
            loss.backward()
            return loss

        for _ in range(10):
            optimizer.step(closure)
            path += [v for t in w for v in t.detach().ravel().tolist()]
        given = {"history_size": 100, **options}
        entry(options=table({OURS.get(k, k): v for k, v in given.items()}), path=lua(path))


def losses():
    z, y = 2 * stream(3, 12).reshape(4, 3), stream(4, 12).reshape(4, 3)
    bits, classes = (y > 0).astype(float), np.array([0, 2, 1, 1])
    weight, rows = np.array([1, 2.5, 0.5]), np.array([0.5, 2, 1, 0])
    t = torch.tensor
    cases = [
        ("sparse_categorical_crossentropy", {"from_logits": True}, classes, None,
         lambda p: F.cross_entropy(p, t(classes))),
        ("sparse_categorical_crossentropy",
         {"from_logits": True, "reduction": "mean_with_sample_weight"}, classes, weight[classes],
         lambda p: F.cross_entropy(p, t(classes), weight=t(weight))),
        ("sparse_categorical_crossentropy", {"from_logits": True, "reduction": "sum"}, classes,
         weight[classes], lambda p: F.cross_entropy(p, t(classes), weight=t(weight),
                                                    reduction="sum")),
        ("categorical_crossentropy", {"from_logits": True, "label_smoothing": 0.1}, classes, None,
         lambda p: F.cross_entropy(p, t(classes), label_smoothing=0.1)),
        ("binary_crossentropy", {"from_logits": True}, bits, None,
         lambda p: F.binary_cross_entropy_with_logits(p, t(bits))),
        ("binary_crossentropy", {"from_logits": True}, bits, rows,
         lambda p: F.binary_cross_entropy_with_logits(p, t(bits), weight=t(rows)[:, None])),
        ("mean_squared_error", {}, y, None, lambda p: F.mse_loss(p, t(y))),
        ("mean_absolute_error", {}, y, None, lambda p: F.l1_loss(p, t(y))),
        ("huber", {"delta": 0.7}, y, None, lambda p: F.huber_loss(p, t(y), delta=0.7)),
        ("huber", {}, y, None, lambda p: F.smooth_l1_loss(p, t(y))),
        ("hinge", {}, bits, None,
         lambda p: F.relu(1 - (2 * t(bits) - 1) * p).mean()),
    ]
    for name, options, targets, weights, f in cases:
        p = t(z, requires_grad=True)
        value = f(p)
        value.backward()
        given = (targets + 1).astype(float) if targets.ndim == 1 else targets
        entry(name=f'"{name}"', options=table(options), y=lua(given), p=lua(z),
              weights=lua(weights) if weights is not None else "false", value=lua(value.item()),
              slope=lua(p.grad))


def batch_normalization():
    for options in ({}, {"momentum": 0.3, "eps": 0.01}):
        layer, steps = nn.BatchNorm1d(3, **options), []
        layer.train()
        for t in range(5):
            y = layer(torch.tensor(stream(10 + t, 12).reshape(4, 3) * (t + 1) + t))
            steps.append("{ y = %s, mean = %s, variance = %s }" % (
                lua(y.detach()), lua(layer.running_mean), lua(layer.running_var)))
        layer.eval()
        entry(options=table({OURS.get(k, k): v for k, v in options.items()}),
              steps="{ " + ", ".join(steps) + " }",
              after=lua(layer(torch.tensor(stream(15, 12).reshape(4, 3))).detach()))


def norms():
    x = torch.tensor(3 * stream(5, 24).reshape(4, 6))
    for name, options, f in [
        ("layer_normalization", {}, lambda: F.layer_norm(x, (6,))),
        ("group_normalization", {"groups": 3}, lambda: F.group_norm(x, 3)),
        ("rms_normalization", {"epsilon": 1e-6}, lambda: F.rms_norm(x, (6,), eps=1e-6)),
        ("unit_normalization", {}, lambda: F.normalize(x, dim=-1)),
    ]:
        entry(name=f'"{name}"', options=table(options), x=lua(x), value=lua(f()))


def linear():
    """Least and largest of 100,000 first values and the deciles between: weight, bias."""
    layer = nn.Linear(250, 400)
    draws = layer.weight.detach().numpy().ravel()
    many = np.concatenate([nn.Linear(250, 400).bias.detach().numpy() for _ in range(50)])
    for name, v in (("kernel", draws), ("bias", many)):
        entry(name=f'"{name}"', quantiles=lua(np.quantile(v, np.arange(11) / 10)))


A = torch.tensor(2 * stream(6, 12).reshape(3, 4))
B = torch.tensor(2 * stream(7, 12).reshape(3, 4))
SQUARE = torch.tensor(stream(8, 9).reshape(3, 3)) + 2 * torch.eye(3)
POSITIVE = A.abs() + 0.1
U = A / 2
INDEX, C = torch.tensor([[1, 0], [3, 2], [0, 3]]), B[:, :2]  # from 0 there, from 1 here
OPS = [  # method here, arguments after self, result; a and b from stream.py
    ("abs", "a", A.abs()), ("add", "a b", A + B), ("sub", "a b", A - B), ("mul", "a b", A * B),
    ("div", "a b", A / B), ("neg", "a", -A), ("exp", "a", A.exp()), ("expm1", "a", A.expm1()),
    ("log", "p", POSITIVE.log()), ("log1p", "p", POSITIVE.log1p()), ("sqrt", "p", POSITIVE.sqrt()),
    ("rsqrt", "p", POSITIVE.rsqrt()), ("square", "a", A.square()), ("sin", "a", A.sin()),
    ("cos", "a", A.cos()), ("tanh", "a", A.tanh()), ("erf", "a", A.erf()),
    ("sigmoid", "a", A.sigmoid()), ("relu", "a", A.relu()), ("softplus", "a", F.softplus(A)),
    ("sign", "a", A.sign()), ("floor", "a", A.floor()), ("ceil", "a", A.ceil()),
    ("round", "a", A.round()), ("reciprocal", "a", A.reciprocal()),
    ("maximum", "a b", torch.maximum(A, B)), ("minimum", "a b", torch.minimum(A, B)),
    ("pow", "p b", POSITIVE ** B), ("softmax", "a", A.softmax(-1)),
    ("log_softmax", "a", A.log_softmax(-1)), ("clamp", "a -0.5 0.5", A.clamp(-0.5, 0.5)),
    ("sum", "a", A.sum()), ("sum", "a 1", A.sum(0)), ("sum", "a 2", A.sum(1)),
    ("mean", "a 1", A.mean(0)), ("var", "a 1", A.var(0, unbiased=False)),
    ("std", "a 2", A.std(1, unbiased=False)), ("prod", "a 2", A.prod(1)),
    ("logsumexp", "a 2", A.logsumexp(1)), ("norm", "a", A.norm()), ("max", "a 2", A.max(1)[0]),
    ("min", "a 1", A.min(0)[0]), ("argmax", "a 2", A.argmax(1) + 1),
    ("argmin", "a 1", A.argmin(0) + 1), ("sort", "a 2", A.sort(1)[0]),
    ("argsort", "a 2", A.argsort(1) + 1), ("cumsum", "a 1", A.cumsum(0)),
    ("cumsum", "a 2", A.cumsum(1)), ("t", "a", A.T), ("matmul", "s a", SQUARE @ A),
    ("lt", "a b", (A < B).double()), ("le", "a b", (A <= B).double()),
    ("gt", "a b", (A > B).double()), ("ge", "a b", (A >= B).double()),
    ("eq", "a a", (A == A).double()), ("ne", "a a", (A != A).double()),
    ("inverse", "s", SQUARE.inverse()), ("det", "s", SQUARE.det()),
    ("logdet", "s", SQUARE.logdet()), ("cholesky", "q", torch.linalg.cholesky(SQUARE @ SQUARE.T)),
    ("solve", "s a", torch.linalg.solve(SQUARE, A)),
    ("masked_select", "a m", A[A > 0]), ("cosh", "a", A.cosh()), ("sinh", "a", A.sinh()),
    ("tan", "a", A.tan()), ("exp2", "a", A.exp2()), ("log2", "p", POSITIVE.log2()),
    ("log10", "p", POSITIVE.log10()), ("asin", "u", U.asin()), ("acos", "u", U.acos()),
    ("atan", "a", A.atan()), ("fmod", "a b", A.fmod(B)), ("frac", "a", A.frac()),
    ("remainder", "a b", A.remainder(B)), ("trunc", "a", A.trunc()),
    ("cumprod", "a 1", A.cumprod(0)), ("transpose", "a 1 2", A.transpose(0, 1)),
    ("permute", "a 2 1", A.permute(1, 0)), ("unfold", "a 2 2 1", A.unfold(1, 2, 1)),
    ("gather", "a 2 i", A.gather(1, INDEX)), ("index_select", "a 1 r", A[[2, 0, 2]]),
    ("scatter", "a 2 i c", A.scatter(1, INDEX, C)),
    ("scatter_add", "a 2 i c", A.scatter_add(1, INDEX, C)),
    ("triangular_solve", "l a", torch.linalg.solve_triangular(SQUARE.tril(), A, upper=False)),
    ("expand", "v 3 4", A[0].expand(3, 4)), ("reshape", "a 2 6", A.reshape(2, 6)),
    ("select", "a 2 3", A[:, 2]), ("dot", "v w", A[0] @ B[0]), ("where", "m a b",
                                                                torch.where(A > 0, A, B)),
    ("logical_and", "m n", ((A > 0) & (B > 0)).double()),
    ("logical_or", "m n", ((A > 0) | (B > 0)).double()),
    ("logical_not", "m", (A <= 0).double()), ("all", "m", (A > 0).all().double()),
    ("any", "m", (A > 0).any().double()), ("norm", "v", A[0].norm()),
]


def ops():
    for name, given, value in OPS:
        words = " ".join(f'"{w}",' if w.isalpha() else f"{w}," for w in given.split())
        entry(name=f'"{name}"', given="{ " + words + " }", value=lua(value))


print(f"--- What PyTorch {torch.__version__.split('+')[0]} says (float64).")
print("--- Source: written by tests/golden/from_torch_kinds.py; not edited by hand.")
print("return {")
for section in (optimizers, lbfgs, losses, batch_normalization, norms, linear, ops):
    print(f"  {section.__name__} = {{")
    section()
    print("  },")
print("}")
