"""Activations, initializers, batch normalization over several steps, dropout, EarlyStopping: what
Keras 3 says, written to tests/golden/keras_kinds.lua.

    pip install keras jax numpy
    python tests/golden/from_keras_kinds.py > tests/golden/keras_kinds.lua

In float64 (jax, x64). The test suite reads only the result.
"""
import os
import types

os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras
import numpy as np
from keras.src.backend.common import dtypes

from stream import lua, stream, table, wrapped

dtypes.BIT64_TO_BIT32_DTYPE.clear()  # Keras takes means in float32 otherwise
jax.config.update("jax_enable_x64", True)
keras.config.set_floatx("float64")

X = 4 * stream(1, 15).reshape(3, 5)
W = stream(2, 15).reshape(3, 5)
ACTIVATIONS = [(name, {}) for name in (
    "celu elu exponential gelu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu linear "
    "log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus "
    "softsign sparse_plus sparse_sigmoid sparsemax squareplus tanh tanh_shrink").split()] + [
    ("celu", {"alpha": 0.5}), ("elu", {"alpha": 0.3}), ("gelu", {"approximate": True}),
    ("hard_shrink", {"threshold": 1.2}), ("soft_shrink", {"threshold": 1.2}),
    ("leaky_relu", {"negative_slope": 0.01}), ("squareplus", {"b": 1.0}),
    ("relu", {"negative_slope": 0.1, "max_value": 2.0, "threshold": 0.5}),
    ("threshold", {"threshold": 0.5, "default_value": -1.0}),
]
I = keras.initializers
SHAPE = (250, 400)
INITIALIZERS = [
    ("random_uniform", I.RandomUniform), ("random_normal", I.RandomNormal),
    ("truncated_normal", I.TruncatedNormal), ("glorot_uniform", I.GlorotUniform),
    ("glorot_normal", I.GlorotNormal), ("he_uniform", I.HeUniform), ("he_normal", I.HeNormal),
    ("lecun_uniform", I.LecunUniform), ("lecun_normal", I.LecunNormal),
    ("variance_scaling", I.VarianceScaling), ("orthogonal", I.Orthogonal),
]
STOPPING = [
    ([1, 0.9, 0.8, 0.85, 0.83, 0.81, 0.82, 0.7], {"patience": 3}), ([1, 0.9, 0.95], {}),
    ([1, 1.1, 1.2], {}), ([1, 0.95, 0.94, 0.93], {"patience": 2, "min_delta": 0.1}),
    ([1, 0.9, 0.8, 0.7, 0.6], {"patience": 3, "baseline": 0.5}),
    ([3, 2, 1, 5, 5, 5], {"patience": 2, "start_from_epoch": 2}),
    ([0.5, 0.6, 0.7, 0.6, 0.65], {"patience": 2, "mode": "max"}),
]


def entry(**parts):
    print(wrapped("{ " + ", ".join(f"{k} = {v}" for k, v in parts.items()) + " },", 4))


def activations():
    for name, options in ACTIVATIONS:
        f = getattr(keras.activations, name)
        slope = jax.grad(lambda x: (f(x, **options) * W).sum())(jax.numpy.asarray(X))
        entry(name=f'"{name}"', options=table(options), value=lua(f(X, **options)),
              slope=lua(slope))


def initializers():
    """Least and largest of 100,000 draws, and the nine deciles between."""
    for name, make in INITIALIZERS:
        draws = np.asarray(make(seed=1)(SHAPE, dtype="float64")).ravel()
        entry(name=f'"{name}"', quantiles=lua(np.quantile(draws, np.arange(11) / 10)))


def batch_normalization():
    """Five steps: outputs of each, moving statistics after it, then inference."""
    for options in ({}, {"momentum": 0.9, "epsilon": 0.01}):
        layer = keras.layers.BatchNormalization(**options)
        steps = []
        for t in range(5):
            x = stream(10 + t, 12).reshape(4, 3) * (t + 1) + t
            y = layer(x, training=True)
            steps.append("{ y = %s, mean = %s, variance = %s }" % (
                lua(y), lua(layer.moving_mean), lua(layer.moving_variance)))
        entry(options=table(options), steps="{ " + ", ".join(steps) + " }",
              after=lua(layer(stream(15, 12).reshape(4, 3))))


def dropout():
    """What stays of ones: their value, and their share of 100,000."""
    for rate in (0.2, 0.5, 0.75):
        y = np.asarray(keras.layers.Dropout(rate, seed=1)(np.ones(SHAPE), training=True))
        kept = np.unique(y[y != 0])
        assert len(kept) == 1
        entry(rate=rate, value=lua(kept[0]), share=lua((y != 0).mean()))


def stopping():
    """The epoch (from 1) at which training stops, 0: never; the best epoch."""
    for values, options in STOPPING:
        callback = keras.callbacks.EarlyStopping(**options)
        model = types.SimpleNamespace(stop_training=False, get_weights=lambda: None)
        callback.set_model(model)
        callback.on_train_begin()
        stopped = 0
        for epoch, v in enumerate(values):
            callback.on_epoch_end(epoch, {"val_loss": v})
            if model.stop_training:
                stopped = epoch + 1
                break
        entry(values=lua(values), options=table(options), stopped=stopped,
              best=callback.best_epoch + 1)


print(f"--- What Keras {keras.__version__} says (jax {jax.__version__}, float64).")
print("--- Source: written by tests/golden/from_keras_kinds.py; not edited by hand.")
print("return {")
for section in (activations, initializers, batch_normalization, dropout, stopping):
    print(f"  {section.__name__} = {{")
    section()
    print("  },")
print("}")
