"""Run Keras 3 on small inputs and write what it says to tests/golden/keras.lua.

    pip install keras jax numpy
    python tests/golden/from_keras.py > tests/golden/keras.lua

In float64 throughout (jax, x64). The test suite reads only the result.
"""
import os

os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras
import numpy as np
from keras.src.backend.common import dtypes

dtypes.BIT64_TO_BIT32_DTYPE.clear()  # Keras takes means in float32 otherwise
jax.config.update("jax_enable_x64", True)
keras.config.set_floatx("float64")
random = np.random.default_rng(1)


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
counts = np.array([[0.0, 2, 1], [3, 1, 0], [1, 1, 1], [5, 0, 2]])
rates = np.round(random.uniform(0.1, 3, size=(4, 3)), 2)
bits = np.array([[1.0, 0, 1], [0, 0, 1], [1, 1, 0], [0, 1, 0]])
chances = np.round(random.uniform(0.02, 0.98, size=(4, 3)), 2)
chances[0, 0], chances[1, 2] = 0.0, 1.0
classes = np.eye(3)[[0, 2, 1, 1]]
shares = random.uniform(0.05, 1, size=(4, 3))
shares = np.round(shares / shares.sum(-1, keepdims=True), 3)


def losses():
    L = keras.losses
    cases = [
        ("mean_absolute_error", L.MeanAbsoluteError, {}, values, guesses),
        ("mean_squared_error", L.MeanSquaredError, {}, values, guesses),
        ("mean_absolute_percentage_error", L.MeanAbsolutePercentageError, {}, values, guesses),
        ("mean_squared_logarithmic_error", L.MeanSquaredLogarithmicError, {}, counts, rates),
        ("huber", L.Huber, {}, values, guesses),
        ("huber", L.Huber, {"delta": 0.3}, values, guesses),
        ("log_cosh", L.LogCosh, {}, values, guesses),
        ("hinge", L.Hinge, {}, bits, guesses),
        ("hinge", L.Hinge, {}, 2 * bits - 1, guesses),
        ("squared_hinge", L.SquaredHinge, {}, bits, guesses),
        ("categorical_hinge", L.CategoricalHinge, {}, classes, guesses),
        ("kl_divergence", L.KLDivergence, {}, shares, shares[::-1]),
        ("kl_divergence", L.KLDivergence, {}, classes, shares),
        ("poisson", L.Poisson, {}, counts, rates),
        ("cosine_similarity", L.CosineSimilarity, {}, values, guesses),
        ("binary_crossentropy", L.BinaryCrossentropy, {}, bits, chances),
        ("binary_crossentropy", L.BinaryCrossentropy, {"label_smoothing": 0.1}, bits, chances),
        ("binary_crossentropy", L.BinaryCrossentropy,
         {"from_logits": True, "label_smoothing": 0.2}, bits, guesses),
        ("categorical_crossentropy", L.CategoricalCrossentropy, {}, classes, shares),
        ("categorical_crossentropy", L.CategoricalCrossentropy,
         {"label_smoothing": 0.1}, classes, shares),
        ("categorical_crossentropy", L.CategoricalCrossentropy,
         {"from_logits": True, "label_smoothing": 0.1}, classes, guesses),
        ("binary_focal_crossentropy", L.BinaryFocalCrossentropy, {}, bits, chances),
        ("binary_focal_crossentropy", L.BinaryFocalCrossentropy,
         {"gamma": 1.5, "alpha": 0.3, "apply_class_balancing": True, "label_smoothing": 0.1},
         bits, chances),
        ("binary_focal_crossentropy", L.BinaryFocalCrossentropy, {"from_logits": True}, bits,
         guesses),
        ("categorical_focal_crossentropy", L.CategoricalFocalCrossentropy, {}, classes, shares),
        ("categorical_focal_crossentropy", L.CategoricalFocalCrossentropy,
         {"from_logits": True, "alpha": 0.5, "gamma": 3.0, "label_smoothing": 0.1}, classes,
         guesses),
    ]
    out = []
    for name, make, options, y, p in cases:
        loss = make(dtype="float64", **options)
        value, slope = jax.value_and_grad(lambda q: loss(y, q))(p)
        out.append({"name": name, "options": options, "y": y, "p": p, "value": value,
                    "slope": slope})
    return out


def at_thresholds():
    """Random scores, of two decimals and of one (ties, some on a threshold), and one class of
    three; a threshold alone; what no threshold reaches, and what all do."""
    M, own = keras.metrics, np.random.default_rng(2)
    truth = (own.uniform(size=(30, 1)) < 0.4).astype(float)
    scores = np.clip(0.35 * truth + own.uniform(0, 0.7, size=(30, 1)), 0, 1)
    fine, coarse = np.round(scores, 2), np.round(scores, 1)
    wrong, right = np.array([[0.0], [1], [1]]), np.array([[0.9], [0.0], [0.4]])
    out = []
    for name, make, bound in [("precision_at_recall", M.PrecisionAtRecall, "recall"),
                              ("recall_at_precision", M.RecallAtPrecision, "precision"),
                              ("sensitivity_at_specificity", M.SensitivityAtSpecificity,
                               "specificity"),
                              ("specificity_at_sensitivity", M.SpecificityAtSensitivity,
                               "sensitivity")]:
        out += [(name, make, {bound: 0.8}, truth, fine),
                (name, make, {bound: 0.7, "num_thresholds": 11}, truth, coarse),
                (name, make, {bound: 0.5, "num_thresholds": 1}, truth, coarse),
                (name, make, {bound: 0.5}, bits, chances),
                (name, make, {bound: 0.6, "class_id": 3}, bits, chances),
                (name, make, {bound: 1.0}, wrong, right),
                (name, make, {bound: 0.0}, wrong, right)]
    return out


def metrics():
    M = keras.metrics
    even = np.array([[0.7, 0.2, 0.1], [0.3, 0.3, 0.4], [0.1, 0.8, 0.1], [0.4, 0.35, 0.25]])
    truth = np.array([[1.0], [1], [1], [1], [1], [0], [0], [0], [0], [0]])  # TP3 FP1 FN2 TN4
    chance = np.array([[0.9], [0.8], [0.55], [0.3], [0.1], [0.7], [0.5], [0.2], [0.05], [0.4]])
    cases = [
        ("accuracy", M.CategoricalAccuracy, {}, classes, even),
        ("accuracy", M.BinaryAccuracy, {}, truth, chance),
        ("binary_accuracy", M.BinaryAccuracy, {"threshold": 0.3}, bits, chances),
        ("precision", M.Precision, {}, truth, chance),
        ("recall", M.Recall, {}, truth, chance),
        ("precision", M.Precision, {}, classes, even),
        ("recall", M.Recall, {}, bits, chances),
        ("precision", M.Precision, {"class_id": 1}, bits, chances),
        ("recall", M.Recall, {"class_id": 2}, bits, chances),
        ("f1_score", M.F1Score, {"average": "macro"}, classes, even),
        ("f1_score", M.F1Score, {"average": "micro"}, classes, even),
        ("f1_score", M.F1Score, {"average": "weighted"}, classes, even),
        ("f1_score", M.F1Score, {"average": "macro", "threshold": 0.5}, truth, chance),
        ("fbeta_score", M.FBetaScore, {"average": "weighted", "beta": 2.0, "threshold": 0.4},
         bits, chances),
        ("top_k_categorical_accuracy", M.TopKCategoricalAccuracy, {"k": 2}, classes, even),
        ("auc", M.AUC, {}, truth, chance),
        ("auc", M.AUC, {"curve": "PR"}, truth, chance),
        ("auc", M.AUC, {"num_thresholds": 5}, bits, chances),
        ("auc", M.AUC, {"curve": "PR", "num_thresholds": 7}, bits, chances),
        *at_thresholds(),
        ("r2_score", M.R2Score, {}, values, guesses),
        ("r2_score", M.R2Score, {"class_aggregation": "variance_weighted_average"}, values,
         guesses),
        ("mean_absolute_error", M.MeanAbsoluteError, {}, values, guesses),
        ("mean_squared_error", M.MeanSquaredError, {}, values, guesses),
        ("mean_absolute_percentage_error", M.MeanAbsolutePercentageError, {}, values, guesses),
        ("root_mean_squared_error", M.RootMeanSquaredError, {}, values, guesses),
        ("cosine_similarity", M.CosineSimilarity, {}, values, guesses),
        ("hinge", M.Hinge, {}, 2 * bits - 1, guesses),
        ("binary_crossentropy", M.BinaryCrossentropy, {}, bits, chances),
        ("binary_crossentropy", M.BinaryCrossentropy,
         {"from_logits": True, "label_smoothing": 0.1}, bits, guesses),
        ("categorical_crossentropy", M.CategoricalCrossentropy, {}, classes, shares),
        ("categorical_crossentropy", M.CategoricalCrossentropy,
         {"from_logits": True, "label_smoothing": 0.1}, classes, guesses),
    ]
    out = []
    for name, make, options, y, p in cases:
        # Keras counts classes from 0
        given = {k: v - 1 if k == "class_id" else v for k, v in options.items()}
        metric = make(dtype="float64", **given)
        metric.update_state(y, p)
        out.append({"name": name, "options": options, "y": y, "p": p, "value": metric.result()})
    return out


def norms():
    """Outputs in training and after it, and the weights that moved."""
    N = keras.layers
    cases = [
        ("batch_normalization", N.BatchNormalization, {}, [[1.0], [2], [3], [4]]),
        ("batch_normalization", N.BatchNormalization, {}, guesses),
        ("batch_normalization", N.BatchNormalization,
         {"momentum": 0.5, "epsilon": 0.01, "scale": False}, guesses.reshape(2, 2, 3)),
        ("layer_normalization", N.LayerNormalization, {}, guesses),
        ("layer_normalization", N.LayerNormalization, {"epsilon": 0.1, "center": False}, guesses),
        ("rms_normalization", N.RMSNormalization, {}, guesses),
        ("unit_normalization", N.UnitNormalization, {}, guesses),
        ("leaky_relu", N.LeakyReLU, {}, guesses),
        ("prelu", N.PReLU, {"alpha_initializer": "ones"}, guesses),
        ("elu", N.ELU, {"alpha": 0.5}, guesses),
        ("softmax", N.Softmax, {}, guesses),
        ("rescaling", N.Rescaling, {"scale": 2.0, "offset": -1.0}, guesses),
        ("reshape", N.Reshape, {"target_shape": [3, 1]}, guesses),
    ]
    out = []
    for name, make, options, x in cases:
        x = np.asarray(x)
        layer = make(dtype="float64", **options)
        trained = layer(x, training=True) if "batch" in name else layer(x)
        out.append({"name": name, "options": options, "x": x, "trained": trained,
                    "after": layer(x), "state": list(layer.non_trainable_weights)})
    return out


def merges():
    N = keras.layers
    cases = [("add", N.Add, {}), ("subtract", N.Subtract, {}), ("multiply", N.Multiply, {}),
             ("average", N.Average, {}), ("maximum", N.Maximum, {}), ("minimum", N.Minimum, {}),
             ("concatenate", N.Concatenate, {}), ("dot", N.Dot, {}),
             ("dot", N.Dot, {"normalize": True})]
    out = []
    for name, make, options in cases:
        layer = make(dtype="float64", **options, **({"axes": -1} if name == "dot" else {}))
        out.append({"name": name, "options": options, "a": values, "b": guesses,
                    "value": layer([values, guesses])})
    return out


def constraints():
    C = keras.constraints
    cases = [("non_neg", C.NonNeg, {}), ("unit_norm", C.UnitNorm, {}),
             ("max_norm", C.MaxNorm, {}), ("max_norm", C.MaxNorm, {"max_value": 0.5}),
             ("min_max_norm", C.MinMaxNorm, {}),
             ("min_max_norm", C.MinMaxNorm, {"min_value": 2.0, "max_value": 3.0, "rate": 0.25})]
    return [{"name": name, "options": options, "w": guesses,
             "value": make(**options)(jax.numpy.asarray(guesses))}
            for name, make, options in cases]


def regularizers():
    R = keras.regularizers
    cases = [("l1", R.L1, {}), ("l2", R.L2, {}), ("l1l2", R.L1L2, {"l1": 0.02, "l2": 0.03}),
             ("orthogonal_regularizer", R.OrthogonalRegularizer, {}),
             ("orthogonal_regularizer", R.OrthogonalRegularizer,
              {"factor": 0.5, "mode": "columns"})]
    return [{"name": name, "options": options, "w": guesses,
             "value": make(**options)(jax.numpy.asarray(guesses))}
            for name, make, options in cases]


def penalised():
    """The line of slide S57: all that Dense adds to the loss."""
    layer = keras.layers.Dense(5, kernel_regularizer=keras.regularizers.L1(0.01),
                               activity_regularizer=keras.regularizers.L2(0.01), dtype="float64")
    layer.build((None, 3))
    kernel = np.round(random.normal(size=(3, 5)), 2)
    layer.set_weights([kernel, np.full(5, 0.1)])
    layer(values)
    return [{"x": values, "kernel": kernel, "bias": 0.1, "value": sum(layer.losses)}]


print(f"--- What Keras {keras.__version__} says (jax {jax.__version__}, float64).")
print("--- Source: written by tests/golden/from_keras.py; not edited by hand.")
print("return {")
section("loss", losses())
section("metric", metrics())
section("norm", norms())
section("merge", merges())
section("constraint", constraints())
section("regularizer", regularizers())
section("penalised", penalised())
print("}")
