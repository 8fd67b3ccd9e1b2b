"""Sample and class weights, reductions, several inputs and outputs: what Keras 3 says, written to
tests/golden/keras_weights.lua.

    pip install keras jax numpy
    python tests/golden/from_keras_weights.py > tests/golden/keras_weights.lua

In float64 throughout (jax, x64). The test suite reads only the result.
"""
import os
import sys

os.environ["KERAS_BACKEND"] = "jax"
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import jax
import keras
import numpy as np
from keras.src.backend.common import dtypes

dtypes.BIT64_TO_BIT32_DTYPE.clear()  # Keras takes means in float32 otherwise
jax.config.update("jax_enable_x64", True)
keras.config.set_floatx("float64")
random = np.random.default_rng(2)


def lua(v):
    if isinstance(v, dict):
        return "{ " + ", ".join(f"{k} = {lua(x)}" for k, x in v.items()) + " }"
    if isinstance(v, (list, tuple)):
        return "{ " + ", ".join(lua(x) for x in v) + " }"
    if isinstance(v, str):
        return f'"{v}"'
    if isinstance(v, bool):
        return "true" if v else "false"
    if isinstance(v, int):
        return str(v)
    v = np.asarray(v)
    if v.ndim:
        return "{ " + ", ".join(lua(x) for x in v) + " }"
    return repr(int(v)) if v.dtype.kind in "iu" else repr(float(v))


def wrapped(text, indent):
    """Lines of at most 96 characters, cut at blanks."""
    lines, line = [], " " * indent
    for word in text.split(" "):
        if len(line) + len(word) > 96 and line.strip():
            lines.append(line.rstrip())
            line = " " * (indent + 2)
        line += word + " "
    lines.append(line.rstrip())
    return "\n".join(lines)


def section(name, entries):
    print(f"  {name} = {{")
    for e in entries:
        print(wrapped(lua(e), 4) + ",")
    print("  },")


values = np.round(random.normal(size=(4, 3)), 2)
guesses = np.round(values + random.normal(size=(4, 3)), 2)
bits = np.array([[1.0, 0, 1], [0, 0, 1], [1, 1, 0], [0, 1, 0]])
chances = np.round(random.uniform(0.02, 0.98, size=(4, 3)), 2)
labels = np.array([0, 2, 1, 1])
classes = np.eye(3)[labels]
shares = random.uniform(0.05, 1, size=(4, 3))
shares = np.round(shares / shares.sum(-1, keepdims=True), 3)
weights = np.array([2.0, 0.0, 0.5, 1.25])
SPARSE = "sparse_categorical_crossentropy"


def losses():
    """With sample weights, by every reduction."""
    L = keras.losses
    kinds = [("mean_squared_error", L.MeanSquaredError, {}, values, guesses),
             ("binary_crossentropy", L.BinaryCrossentropy, {}, bits, chances),
             ("categorical_crossentropy", L.CategoricalCrossentropy, {}, classes, shares),
             (SPARSE, L.SparseCategoricalCrossentropy, {}, labels, shares),
             (SPARSE, L.SparseCategoricalCrossentropy, {"ignore_class": 1}, labels, shares),
             (SPARSE, L.SparseCategoricalCrossentropy, {"ignore_class": 1, "from_logits": True},
              labels, guesses)]
    out = []
    for name, make, options, y, p in kinds:
        for reduction in ["sum_over_batch_size", "sum", "mean_with_sample_weight", "none"]:
            for w in [None, weights]:
                loss = make(dtype="float64", reduction=reduction, **options)
                given = {k: v + 1 if k == "ignore_class" else v for k, v in options.items()}
                y_lua = y + 1 if name == SPARSE else y  # classes from 1
                case = {"name": name, "options": {**given, "reduction": reduction}, "y": y_lua,
                        "p": p, "value": loss(y, p, sample_weight=w)}
                if w is not None:
                    case["w"] = w
                out.append(case)
    return out


def metrics():
    """With sample weights, in two batches."""
    M = keras.metrics
    kinds = [("accuracy", M.CategoricalAccuracy, {}, classes, shares),
             ("binary_accuracy", M.BinaryAccuracy, {}, bits, chances),
             ("precision", M.Precision, {}, bits, chances),
             ("recall", M.Recall, {}, bits, chances),
             ("precision", M.Precision, {"top_k": 2}, bits, chances),
             ("recall", M.Recall, {"top_k": 1, "class_id": 1}, bits, chances),
             ("f1_score", M.F1Score, {"average": "macro"}, classes, shares),
             ("f1_score", M.F1Score, {"average": "weighted"}, classes, shares),
             ("fbeta_score", M.FBetaScore, {"average": "micro", "beta": 2.0, "threshold": 0.4}, bits,
              chances),
             ("auc", M.AUC, {"num_thresholds": 9}, bits, chances),
             ("auc", M.AUC, {"curve": "PR", "num_thresholds": 9}, bits, chances),
             ("precision_at_recall", M.PrecisionAtRecall, {"recall": 0.6}, bits, chances),
             ("recall_at_precision", M.RecallAtPrecision, {"precision": 0.5}, bits, chances),
             ("sensitivity_at_specificity", M.SensitivityAtSpecificity,
              {"specificity": 0.5, "class_id": 3}, bits, chances),
             ("specificity_at_sensitivity", M.SpecificityAtSensitivity,
              {"sensitivity": 0.5, "num_thresholds": 9}, bits, chances),
             ("top_k_categorical_accuracy", M.TopKCategoricalAccuracy, {"k": 2}, classes, shares),
             ("r2_score", M.R2Score, {}, values, guesses),
             ("mean_absolute_error", M.MeanAbsoluteError, {}, values, guesses),
             ("root_mean_squared_error", M.RootMeanSquaredError, {}, values, guesses),
             ("cosine_similarity", M.CosineSimilarity, {}, values, guesses),
             ("categorical_crossentropy", M.CategoricalCrossentropy, {}, classes, shares)]
    out = []
    for name, make, options, y, p in kinds:
        given = {k: v - 1 if k == "class_id" else v for k, v in options.items()}
        metric = make(dtype="float64", **given)
        w = np.array([2.0, 0.25, 0.5, 1.25])
        for half in [slice(0, 2), slice(2, 4)]:
            metric.update_state(y[half], p[half], sample_weight=w[half])
        out.append({"name": name, "options": options, "y": y, "p": p, "w": w,
                    "value": metric.result()})
    return out


def several():
    """A model of two inputs and two outputs, trained with weights for 12 steps."""
    K, n = keras.layers, 8
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")
    h = K.Concatenate()([K.Dense(4, activation="tanh", name="left")(a),
                         K.Dense(3, activation="relu", name="right")(b)])
    price = K.Dense(1, name="price")(h)
    kind = K.Dense(3, activation="softmax", name="kind")(h)
    model = keras.Model([a, b], [price, kind])
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9),
                  loss=["mse", SPARSE], loss_weights=[0.5, 2.0],
                  metrics=[["mae"], ["sparse_categorical_accuracy"]],
                  weighted_metrics=[[], [keras.metrics.SparseCategoricalAccuracy(name="acc")]])
    start = [np.round(0.5 * random.normal(size=w.shape), 2) for w in model.get_weights()]
    model.set_weights(start)
    x = [np.round(random.normal(size=(n, 3)), 2), np.round(random.normal(size=(n, 2)), 2)]
    y = [np.round(random.normal(size=(n, 1)), 2), np.array([0, 1, 2, 2, 1, 0, 1, 1])]
    w = [np.round(random.uniform(0, 2, size=n), 2), np.round(random.uniform(0, 2, size=n), 2)]
    first = model.evaluate(x, y, sample_weight=w, batch_size=3, verbose=0, return_dict=True)
    for _ in range(12):
        model.train_on_batch(x, y, sample_weight=w)
    last = model.evaluate(x, y, sample_weight=w, batch_size=3, verbose=0, return_dict=True)
    y_lua = [y[0], y[1] + 1]
    return [{"x": x, "y": y_lua, "w": w, "start": start, "finish": model.get_weights(),
             "first": first, "last": last}]


def by_class():
    """Class weights in fit: 6 epochs of the whole, class 2 left out."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3, activation="softmax")])
    model.compile(keras.optimizers.SGD(0.5), loss=SPARSE)
    start = [np.round(random.normal(size=w.shape), 2) for w in model.get_weights()]
    model.set_weights(start)
    history = model.fit(values, labels, batch_size=4, epochs=6, shuffle=False, verbose=0,
                        class_weight={0: 3.0, 2: 0.25})
    return [{"x": values, "y": labels + 1, "start": start, "finish": model.get_weights(),
             "loss": history.history["loss"]}]


if __name__ == "__main__":
    print(f"--- What Keras {keras.__version__} says (jax {jax.__version__}, float64).")
    print("--- Source: written by tests/golden/from_keras_weights.py; not edited by hand.")
    print("return {")
    section("loss", losses())
    section("metric", metrics())
    section("several", several())
    section("by_class", by_class())
    print("}")
