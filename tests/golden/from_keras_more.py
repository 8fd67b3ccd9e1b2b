"""Layers, losses and metrics beyond those of from_keras.py: what Keras 3 says, written to
tests/golden/keras_more.lua.

    pip install keras jax numpy
    python tests/golden/from_keras_more.py > tests/golden/keras_more.lua
"""
import jax

from from_keras_weights import guesses, keras, np, section, shares, values, weights, bits, chances, classes

counts = np.array([[0.0, 2, 1], [3, 1, 0], [1, 1, 1], [5, 0, 2]])
directions = np.concatenate([guesses, values[:3]])
unit = directions / np.linalg.norm(directions, axis=1, keepdims=True)
of_class = np.array([0, 2, 0, 8, 2, 0, 2])  # one class has a single row
rates = np.array([[0.3, 1.9, 0.8], [2.5, 0.7, 0.2], [1.4, 0.9, 1.1], [3.9, 0.4, 1.7]])


def losses():
    L = keras.losses
    cases = [("dice", L.Dice, {}, bits, chances),
             ("tversky", L.Tversky, {}, bits, chances),
             ("tversky", L.Tversky, {"alpha": 0.3, "beta": 0.9}, bits, chances),
             ("categorical_generalized_cross_entropy", L.CategoricalGeneralizedCrossEntropy, {"q": 0.7},
              np.array([0, 2, 1, 1]), shares),
             ("circle", L.Circle, {}, of_class, unit),
             ("circle", L.Circle, {"gamma": 5.0, "margin": 0.25}, of_class, unit),
             ("circle", L.Circle, {"gamma": 2.0, "reduction": "sum"}, of_class, unit),
             ("circle", L.Circle, {"gamma": 2.0, "remove_diagonal": False}, of_class, unit)]
    out = []
    for name, make, options, y, p in cases:
        loss = make(dtype="float64", **options)
        value, slope = jax.value_and_grad(lambda q: loss(y, q))(p)
        y_lua = y + 1 if y.ndim == 1 else y
        out.append({"name": name, "options": options, "y": y_lua, "p": p, "value": value,
                    "slope": slope})
    return out


def metrics():
    M = keras.metrics
    cases = [("mean_squared_logarithmic_error", M.MeanSquaredLogarithmicError, {}, counts, rates),
             ("log_cosh", M.LogCoshError, {}, values, guesses),
             ("poisson", M.Poisson, {}, counts, rates),
             ("squared_hinge", M.SquaredHinge, {}, 2 * bits - 1, guesses),
             ("squared_hinge", M.SquaredHinge, {}, bits, guesses),
             ("categorical_hinge", M.CategoricalHinge, {}, classes, guesses),
             ("kl_divergence", M.KLDivergence, {}, shares, shares[::-1]),
             ("mean_iou", M.OneHotMeanIoU, {"num_classes": 3}, classes, shares),
             ("mean_iou", M.OneHotIoU, {"num_classes": 3, "target_class_ids": [1]}, classes, shares),
             ("mean_iou", M.BinaryIoU, {"threshold": 0.4}, bits[:, :1], chances[:, :1]),
             ("true_positives", M.TruePositives, {}, bits, chances),
             ("false_positives", M.FalsePositives, {}, bits, chances),
             ("false_negatives", M.FalseNegatives, {}, bits, chances),
             ("true_negatives", M.TrueNegatives, {"thresholds": 0.3}, bits, chances)]
    cases += [(kind.lower(), getattr(M, kind), {"thresholds": [0.3, 0.5, 0.8]}, bits, chances)
              for kind in ("Precision", "Recall")]
    cases += [("true_positives", M.TruePositives, {"thresholds": [0.3, 0.5]}, bits, chances)]
    out = []
    for name, make, options, y, p in cases:
        metric = make(dtype="float64", **options)
        metric.update_state(y, p, sample_weight=weights)
        ours = {"class_id": 2} if "target_class_ids" in options else {
            k: v for k, v in options.items() if k != "num_classes"}
        out.append({"name": name, "options": ours, "y": y, "p": p, "w": weights,
                    "value": metric.result()})
    return out


def layers():
    N = keras.layers
    x = np.concatenate([guesses, values[:, :1]], 1)
    cases = [("group_normalization", N.GroupNormalization, {"groups": 2}, x),
             ("group_normalization", N.GroupNormalization, {"groups": 2, "epsilon": 0.1},
              x.reshape(2, 2, 4)),
             ("group_normalization", N.GroupNormalization, {"groups": -1}, x.reshape(2, 2, 4)),
             ("glu", lambda dtype: keras.activations.glu, {}, x.reshape(2, 2, 4)),
             ("permute", N.Permute, {"dims": [2, 1]}, x.reshape(2, 2, 4)),
             ("repeat_vector", N.RepeatVector, {"n": 2}, x),
             ("identity", N.Identity, {}, x),
             ("relu", N.ReLU, {}, x),
             ("relu", N.ReLU, {"max_value": 1.0, "negative_slope": 0.25, "threshold": 0.1}, x),
             ("global_average_pooling1d", N.GlobalAveragePooling1D, {}, x.reshape(1, 4, 4)),
             ("global_average_pooling1d", N.GlobalAveragePooling1D, {"keepdims": True},
              x.reshape(2, 2, 4)),
             ("global_max_pooling1d", N.GlobalMaxPooling1D, {}, x.reshape(1, 4, 4)),
             ("global_max_pooling1d", N.GlobalMaxPooling1D, {"keepdims": True},
              x.reshape(2, 2, 4))]
    return [{"name": name, "options": options, "x": v, "value": make(dtype="float64", **options)(v)}
            for name, make, options, v in cases]


def adapted():
    layer = keras.layers.Normalization(dtype="float64")
    data = np.concatenate([guesses, np.full((4, 1), 2.5)], 1)  # a constant column
    layer.adapt(data)
    return [{"data": data, "value": layer(data)}]


print(f"--- What Keras {keras.__version__} says (jax {jax.__version__}, float64).")
print("--- Source: written by tests/golden/from_keras_more.py; not edited by hand.")
print("return {")
section("loss", losses())
section("metric", metrics())
section("layer", layers())
section("adapted", adapted())
print("}")
