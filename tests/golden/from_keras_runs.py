"""Training runs of 50 steps in Keras 3, written to tests/golden/keras_runs.lua.

    pip install keras jax numpy
    python tests/golden/from_keras_runs.py > tests/golden/keras_runs.lua

Weights and batches come from stream.py. The weights at the end are those of a run in float64 (jax,
x64); the test suite reads only the result.
"""
import json
import os
import subprocess
import sys

os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras
import numpy as np
from keras import layers as L, optimizers as O, regularizers as R
from keras.src.backend.common import dtypes

from stream import ROWS, STEPS, data, distance, first, show

DTYPE = sys.argv[1] if len(sys.argv) > 1 else "float64"
if DTYPE == "float64":
    dtypes.BIT64_TO_BIT32_DTYPE.clear()  # Keras takes means in float32 otherwise
    jax.config.update("jax_enable_x64", True)
keras.config.set_floatx(DTYPE)
S, C, loss = O.schedules, keras.constraints, keras.losses


def row(layers):
    """A sequence of layers, as (inputs, outputs, layers)."""
    x = keras.Input((6,))
    y = x
    for layer in layers:
        y = layer(y)
    return x, y, layers


def residual():
    x = keras.Input((6,))
    a, b, c = L.Dense(6, activation="tanh"), L.Dense(6, activation="silu"), L.Dense(1)
    h = a(x)
    return x, c(L.Add()([h, b(h)])), [a, b, c]


def two_inputs():
    x = keras.Input((6,))
    a, b = L.Dense(4, activation="leaky_relu"), L.Dense(3, activation="softsign")
    c = L.Dense(1, activation="tanh")
    return x, c(L.Concatenate()([a(x), b(x), x])), [a, b, c]


def two_outputs():
    x = keras.Input((6,))
    a, b, c = L.Dense(7, activation="mish"), L.Dense(1), L.Dense(3, activation="softmax")
    h = a(x)
    return x, [b(h), c(h)], [a, b, c]


def embedded():
    x = keras.Input((2,), dtype="int32")
    a, b, c = L.Embedding(8, 3), L.Dense(5, activation="celu"), L.Dense(1)
    return x, c(b(L.Flatten()(a(x)))), [a, b, c]


def weights_of(layer):
    """In our order: what a layer around another one keeps comes first."""
    if isinstance(layer, L.SpectralNormalization):
        return [layer.vector_u] + layer.layer.weights
    return layer.weights


def runs():
    """name: graph, optimizer, loss, targets, and what else training takes."""
    return {
        "momentum": (lambda: row([L.Dense(8, "tanh", kernel_regularizer=R.L2(0.01)), L.Dense(1)]),
                     O.SGD(0.05, momentum=0.9), "mse", "value", {}),
        "nesterov": (lambda: row([L.Dense(9, "relu"), L.Dense(1, "sigmoid")]),
                     O.SGD(S.ExponentialDecay(0.2, 20, 0.5), momentum=0.8, nesterov=True,
                           clipnorm=0.3),
                     loss.BinaryCrossentropy(label_smoothing=0.1), "binary", {}),
        "rmsprop": (lambda: row([L.Dense(8, use_bias=False), L.BatchNormalization(),
                                 L.Activation("relu"), L.Dense(3, "softmax")]),
                    O.RMSprop(0.003, centered=True, momentum=0.7),
                    "sparse_categorical_crossentropy", "classes", {}),
        "adam": (lambda: row([L.Dense(8, "gelu", kernel_constraint=C.MaxNorm(0.9)), L.Dense(1)]),
                 O.Adam(0.01, amsgrad=True), loss.Huber(0.4), "value", {}),
        "adamw": (lambda: row([L.Dense(8, "silu"), L.LayerNormalization(), L.Dense(3)]),
                  O.AdamW(S.CosineDecay(0.02, 40, alpha=0.1), weight_decay=0.05),
                  loss.SparseCategoricalCrossentropy(from_logits=True), "classes", {}),
        "adagrad": (lambda: row([L.Dense(8, "selu", kernel_regularizer=R.L1(0.01),
                                         bias_constraint=C.NonNeg()), L.Dense(1)]),
                    O.Adagrad(0.1), "log_cosh", "value", {}),
        "adadelta": (lambda: row([L.Dense(8, "elu"), L.Dense(4, "softplus"), L.Dense(1)]),
                     O.Adadelta(1.0, global_clipnorm=0.5), "mae", "value", {}),
        "adamax": (lambda: row([L.Dense(8, "hard_sigmoid", kernel_regularizer=R.L1L2(0.01, 0.02),
                                        activity_regularizer=R.L2(0.01)),
                                L.Dense(1, "exponential")]),
                   O.Adamax(0.01), "poisson", "count", {}),
        "nadam": (residual, O.Nadam(0.01), "mse", "value", {"sample_weight": True}),
        "lion": (two_inputs, O.Lion(0.002, clipvalue=0.05), "squared_hinge", "binary", {}),
        "lamb": (lambda: row([L.Dense(8), L.PReLU(), L.UnitNormalization(), L.Dense(3, "softmax")]),
                 O.Lamb(0.01), "sparse_categorical_crossentropy", "classes",
                 {"class_weight": {0: 1.0, 1: 2.5, 2: 0.5}}),
        "ftrl": (lambda: row([L.Dense(8, "softsign"), L.RMSNormalization(), L.Dense(1)]),
                 O.Ftrl(0.1, l1_regularization_strength=0.001, l2_regularization_strength=0.01),
                 "mse", "value", {}),
        "muon": (lambda: row([L.Dense(8, "tanh"), L.Dense(7, "relu"), L.Dense(3, name="logits")]),
                 O.Muon(0.02, exclude_layers=["logits"]),
                 loss.SparseCategoricalCrossentropy(from_logits=True), "classes", {}),
        "schedule_free_adamw": (lambda: row([L.Dense(8, "tanh"), L.Dense(1)]),
                                O.ScheduleFreeAdamW(0.01, warmup_steps=10, weight_decay=0.1),
                                "mse", "value", {}),
        "adafactor": (lambda: row([L.Dense(8, "elu"), L.Dense(1)]), O.Adafactor(0.05), "mse",
                      "value", {}),
        "outputs": (two_outputs, O.Adam(0.01, gradient_accumulation_steps=2),
                    ["mse", "sparse_categorical_crossentropy"], ["other", "classes"],
                    {"loss_weights": [1.0, 0.3]}),
        "spectral": (lambda: row([
            L.SpectralNormalization(L.Dense(8, "tanh"), 2),
            L.SpectralNormalization(L.Dense(1))]), O.Adam(0.01), "mse", "value", {}),
        "renorm": (lambda: row([
            L.Dense(8, use_bias=False),
            L.BatchNormalization(momentum=0.95, renorm=True, renorm_momentum=0.9,
                                 renorm_clipping={"rmax": 1.5, "rmin": 0.7, "dmax": 0.5}),
            L.Activation("tanh"), L.Dense(6, use_bias=False),
            L.BatchNormalization(renorm=True), L.Dense(1)]),
            O.Adam(0.01), "mse", "value", {}),
        "embedding": (embedded, O.RMSprop(0.01), "mse", "value", {"x": "ids"}),
    }


def as_type(v):
    return v.astype(DTYPE) if v.dtype.kind == "f" else v


def train(name):
    graph, optimizer, loss_of, target, extra = runs()[name]
    x, y, layers = graph()
    model, at = keras.Model(x, y), 0
    for layer in layers:
        for w in weights_of(layer):
            at += 1
            w.assign(first(w.shape, w.name, at).astype(DTYPE))
    model.compile(optimizer, loss_of, loss_weights=extra.get("loss_weights"))
    rows, losses = data(), []
    for step in range(STEPS):
        def part(key):
            return as_type(rows[key][step * ROWS:(step + 1) * ROWS])
        given = {}
        if "sample_weight" in extra:
            given["sample_weight"] = part("weight")
        if "class_weight" in extra:
            given["class_weight"] = extra["class_weight"]
        wanted = [part(t) for t in target] if isinstance(target, list) else part(target)
        model.reset_metrics()
        out = model.train_on_batch(part(extra.get("x", "x")), wanted, **given)
        if step + 1 in (1, 25, 50):
            losses.append(float(out[0] if isinstance(out, (list, tuple)) else out))
    return losses, [np.array(w) for layer in layers for w in weights_of(layer)]


if DTYPE == "float32":
    print(json.dumps({name: [w.tolist() for w in train(name)[1]] for name in runs()}))
    sys.exit()

print(f"--- Training runs of Keras {keras.__version__} (jax {jax.__version__}, float64): losses of "
      "steps 1, 25")
print("--- and 50, and all weights after step 50; float32: how far Keras's own run in float32 ends "
      "from")
print("--- that, max|a - b| / max|a| of the worst weight.")
print("--- Source: written by tests/golden/from_keras_runs.py; not edited by hand.")
print("return {")
narrow = json.loads(subprocess.run([sys.executable, __file__, "float32"], check=True,
                                   stdout=subprocess.PIPE).stdout)
for name in runs():
    losses, weights = train(name)
    show(name, losses, weights, distance(weights, [np.array(w) for w in narrow[name]]))
print("}")
