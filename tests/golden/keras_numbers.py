"""Numbers of the real Keras 3 for tests/optimizer_spec.lua, schedule_spec.lua, callbacks_spec.lua.

python keras_numbers.py optimizers > keras_optimizers.lua
python keras_numbers.py schedules > keras_schedules.lua
python keras_numbers.py plateau > keras_plateau.lua
with pip install keras jax; the versions are written into the files.
"""
import os
import sys
import types

os.environ["KERAS_BACKEND"] = "jax"
import jax

jax.config.update("jax_enable_x64", True)
import keras
import numpy as np
from keras.src.backend.common import dtypes

keras.config.set_floatx("float64")
dtypes.BIT64_TO_BIT32_DTYPE.clear()  # Keras takes means in float32 otherwise

# The gradient of sum(y * (x . kernel + bias)) for one row: (x1 y, x2 y), y.
ROWS = [(0.5, -1.5, 0.1), (1.25, 0.3, -0.2), (-0.7, 0.9, 0.3), (2.0, 0.1, 0.05), (0.4, 0.4, -0.6),
        (-1.1, 0.2, 0.25), (0.3, -0.8, 1.5), (0.9, 1.7, -0.02), (-0.2, -0.6, 0.7), (1.6, 0.5, -0.1)]

O = keras.optimizers
S = O.schedules
COMMON = [
    ("SGD", {"learning_rate": 0.1, "weight_decay": 0.01}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "clipnorm": 0.2}),
    ("SGD", {"learning_rate": 0.1, "global_clipnorm": 0.3}),
    ("SGD", {"learning_rate": 0.1, "clipvalue": 0.15, "weight_decay": 0.05}),
    ("Adam", {"learning_rate": 0.01, "gradient_accumulation_steps": 3}),
    ("SGD", {"learning_rate": 0.1, "gradient_accumulation_steps": 2, "global_clipnorm": 0.2,
             "weight_decay": 0.01}),
    ("RMSprop", {"learning_rate": 0.01, "weight_decay": 0.1, "clipnorm": 0.1}),
    ("SGD", {"learning_rate": 0.1, "loss_scale_factor": 3.0, "clipnorm": 0.2}),
    ("Adam", {"learning_rate": 0.01, "loss_scale_factor": 1000.0,
              "gradient_accumulation_steps": 2}),
]
OPTIMIZERS = [
    ("SGD", {}), ("SGD", {"momentum": 0.9}), ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("RMSprop", {}), ("RMSprop", {"centered": True}), ("RMSprop", {"momentum": 0.8}),
    ("RMSprop", {"centered": True, "momentum": 0.8, "learning_rate": 0.01, "rho": 0.7}),
    ("Adam", {}), ("Adam", {"amsgrad": True, "beta_2": 0.6, "learning_rate": 0.1}),
    ("AdamW", {}), ("AdamW", {"learning_rate": 0.1, "weight_decay": 0.2}),
    ("Adagrad", {}), ("Adagrad", {"initial_accumulator_value": 0.0, "learning_rate": 0.1}),
    ("Adadelta", {}), ("Adadelta", {"learning_rate": 1.0, "rho": 0.9, "epsilon": 1e-6}),
    ("Adamax", {}), ("Nadam", {}), ("Lion", {}), ("Lamb", {}), ("Lamb", {"learning_rate": 0.1}),
    ("Ftrl", {}),
    ("Ftrl", {"learning_rate": 0.1, "l1_regularization_strength": 0.01,
              "l2_regularization_strength": 0.1, "l2_shrinkage_regularization_strength": 0.02,
              "beta": 0.5}),
    ("Ftrl", {"learning_rate": 0.1, "learning_rate_power": -0.3}),
    ("Muon", {}), ("Muon", {"learning_rate": 0.01, "nesterov": False, "adam_lr_ratio": 0.5}),
    ("Muon", {"learning_rate": 0.05, "weight_decay": 0.3, "adam_weight_decay": 0.05}),
    ("Adafactor", {}), ("Adafactor", {"learning_rate": 0.5, "beta_2_decay": -0.5,
                                      "clip_threshold": 0.75}),
    ("ScheduleFreeAdamW", {}), ("ScheduleFreeAdamW", {"learning_rate": 0.1, "warmup_steps": 4,
                                                      "weight_decay": 0.1}),
]
AVERAGED = [("SGD", {"learning_rate": 0.1, "use_ema": True, "ema_momentum": 0.7})]
SCHEDULES = [
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 100, "decay_rate": 0.96}),
    ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 100, "decay_rate": 0.96,
                          "staircase": True}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 100, "decay_rate": 0.5}),
    ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 100, "decay_rate": 0.5,
                          "staircase": True}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 100}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 100, "power": 2.5,
                         "end_learning_rate": 0.01}),
    ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 100, "power": 0.5,
                         "cycle": True}),
    ("PiecewiseConstantDecay", {"boundaries": [50, 250], "values": [0.1, 0.02, 0.004]}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 1000}),
    ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 200, "alpha": 0.1}),
    ("CosineDecay", {"initial_learning_rate": 0.01, "decay_steps": 300, "warmup_target": 0.1,
                     "warmup_steps": 60}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 70}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 70, "t_mul": 1.5,
                             "m_mul": 0.8, "alpha": 0.05}),
    ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 70, "t_mul": 1.0,
                             "m_mul": 0.9}),
]
PLATEAU = [
    {"factor": 0.5, "patience": 2}, {"factor": 0.5, "patience": 2, "min_delta": 0.1},
    {"factor": 0.5, "patience": 1, "min_delta": 0.1, "cooldown": 2},
    {"factor": 0.5, "patience": 1, "min_delta": 0.1, "min_lr": 0.2},
    {"factor": 0.5, "patience": 0, "mode": "max"},
]
STEPS = [0, 1, 7, 49, 50, 51, 99, 100, 101, 150, 250, 251, 333, 777, 1000, 1500]


def lua(v):
    if isinstance(v, bool):
        return "true" if v else "false"
    if isinstance(v, (list, tuple)):
        return "{ " + ", ".join(lua(x) for x in v) + " }"
    if isinstance(v, dict):
        return "{ " + ", ".join(f"{k} = {lua(x)}" for k, x in v.items()) + " }" if v else "{}"
    if v == "nan":
        return "0 / 0"
    return f"{v:.15g}" if isinstance(v, float) else repr(v)


def wrapped(options):
    text = lua(options)
    at = text.rfind(", ", 0, 92)
    return text if len(text) < 92 else text[: at + 1] + "\n      " + text[at + 2 :]


def numbers(values):
    text, line = "", "   "
    for v in values:
        word = f" {float(v):.14g},"
        if len(line + word) > 98:
            text += line + "\n"
            line = "   "
        line += word
    return text + line


def walk(optimizer, finish=False):
    kernel = keras.Variable(np.array([[1.0], [-0.5]]))
    bias = keras.Variable(np.array([0.25]))
    path = []
    for a, b, y in ROWS:
        grads = [np.array([[a * y], [b * y]]), np.array([y])]
        grads = [optimizer.scale_loss(keras.ops.convert_to_tensor(g)) for g in grads]
        optimizer.apply(grads, [kernel, bias])
        path += [*np.array(kernel).ravel(), *np.array(bias).ravel()]
    if finish:
        optimizer.finalize_variable_values([kernel, bias])
        path += [*np.array(kernel).ravel(), *np.array(bias).ravel()]
    return path


def header(what):
    print(f"--- {what}\n--- Source: Keras {keras.__version__} on JAX {jax.__version__}, by keras_numbers.py")
    print("--- beside this file, in float64.")


def optimizers():
    header("Ten steps of each optimizer: kernel (2) and bias (1) after each step.")
    print("return {")
    print(f"  rows = {{ -- x1, x2, y: the gradients are (x1 y, x2 y), y")
    for row in ROWS:
        print(f"    {lua(row)},")
    print("  },")
    for cases, finish in ((OPTIMIZERS, False), (COMMON, False), (AVERAGED, True)):
        for name, options in cases:
            path = walk(getattr(O, name)(**options), finish)
            print(f'  {{ "{name}",\n    {wrapped(options)}, {{\n{numbers(path)}\n  }} }},')
    for name, options in SCHEDULES[:1]:
        path = walk(O.SGD(learning_rate=getattr(S, name)(**{**options, "decay_steps": 3})))
        options = {**options, "decay_steps": 3}
        print(f'  {{ "SGD", {{}}, {{\n{numbers(path)}\n  }},\n'
              f'    {{ "{name}", {lua(options)} }} }},')
    path = walk(O.SGD(learning_rate=S.ExponentialDecay(0.1, 3, 0.5), gradient_accumulation_steps=2))
    print(f'  {{ "SGD", {{ gradient_accumulation_steps = 2 }}, {{\n{numbers(path)}\n  }},')
    print('    { "ExponentialDecay", { initial_learning_rate = 0.1, decay_steps = 3, '
          "decay_rate = 0.5 } } },")
    print("}")


def schedules():
    header("Learning rates after so many steps.")
    print("return {")
    print(f"  steps = {lua(STEPS)},")
    for name, options in SCHEDULES:
        schedule = getattr(S, name)(**options)
        print(f'  {{ "{name}",\n    {wrapped(options)}, {{')
        print(numbers(float(schedule(np.float64(s))) for s in STEPS) + "\n  } },")
    print("}")


def plateau():
    header("Learning rates after each epoch under ReduceLROnPlateau, from 1.")
    values = [1, 0.5, 0.49, 0.48, 0.47, 0.3, 0.3, 0.3, 0.3, float("nan"), 0.3, 0.1]
    print(f"return {{\n  values = {lua([v if v == v else 'nan' for v in values])},")
    for options in PLATEAU:
        callback = keras.callbacks.ReduceLROnPlateau(**options)
        model = types.SimpleNamespace(optimizer=O.SGD(learning_rate=1.0))
        callback.set_model(model)
        callback.on_train_begin()
        rates = []
        for epoch, v in enumerate(values):
            callback.on_epoch_end(epoch, {"val_loss": v})
            rates.append(float(model.optimizer.learning_rate))
        print(f"  {{ {lua(options)}, {{\n{numbers(rates)}\n  }} }},")
    print("}")


{"plateau": plateau, "optimizers": optimizers, "schedules": schedules}[sys.argv[1]]()
