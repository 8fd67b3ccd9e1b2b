"""Torch7's optim.sgd, written down from its source (torch/optim, sgd.lua), over the gradients of
tests/golden/optimizers.lua; prints rows of that table.

    python tests/golden/from_torch7.py

Its dampening is the momentum unless given; the first buffer is the gradient itself, undamped.
"""


def sgd(lr=1e-3, momentum=0, dampening=None, nesterov=False, weight_decay=0):
    dampening = momentum if dampening is None else dampening
    w, buffer, path = 1.0, None, []
    for g in (0.1, -0.2, 0.3, 0.05):
        d = g + weight_decay * w
        if momentum:
            buffer = d if buffer is None else momentum * buffer + (1 - dampening) * d
            d = d + momentum * buffer if nesterov else buffer
        w -= lr * d
        path.append(w)
    return path


for case in (
    {"lr": 0.01, "momentum": 0.9},
    {"lr": 0.01, "momentum": 0.9, "dampening": 0, "nesterov": True},
    {"lr": 0.01, "momentum": 0.5, "weight_decay": 0.1},
):
    print(case, "{ " + ", ".join(f"{w:.10f}" for w in sgd(**case)) + " }")
