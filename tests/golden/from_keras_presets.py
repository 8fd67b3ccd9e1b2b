"""The presets of those of Keras 3's classes and activations that are here too, as their signatures
have them, written to tests/golden/keras_presets.lua. A name stands there in lower case, without underscores.

    pip install keras jax
    python tests/golden/from_keras_presets.py > tests/golden/keras_presets.lua
"""
import inspect
import os

os.environ["KERAS_BACKEND"] = "jax"

import keras

FAMILIES = {
    "layer": keras.layers, "loss": keras.losses, "metric": keras.metrics,
    "optimizer": keras.optimizers, "initializer": keras.initializers,
    "regularizer": keras.regularizers, "constraint": keras.constraints,
    "schedule": keras.optimizers.schedules, "callback": keras.callbacks,
    "activation": keras.activations,
}
HERE = os.path.dirname(os.path.abspath(__file__)) + "/../../"
FOLDER = {"callback": "lua/mlp/callbacks"}
LEFT_OUT = {"name", "dtype", "seed", "axis", "verbose", "jit_compile", "func"}


def lua(v):
    if isinstance(v, bool):
        return "true" if v else "false"
    return f'"{v}"' if isinstance(v, str) else repr(v)


def presets(thing):
    found = {}
    for p in inspect.signature(thing).parameters.values():
        if p.name not in LEFT_OUT and isinstance(p.default, (bool, int, float, str)):
            found[p.name] = p.default
    return found


def ours(family):
    files = os.listdir(HERE + FOLDER.get(family, "runtime/" + family))
    return {f.split(".")[0].replace("_", "") for f in files}


print(f"--- Presets of Keras {keras.__version__}.")
print("--- Source: written by tests/golden/from_keras_presets.py; not edited by hand.")
print("return {")
for family, module in FAMILIES.items():
    print(f"  {family} = {{")
    of_kind = {}
    for name, thing in sorted(vars(module).items()):
        wanted = inspect.isfunction(thing) if family == "activation" else inspect.isclass(thing)
        if wanted and not name.startswith("_") and presets(thing):
            of_kind.setdefault(name.lower().replace("_", ""), presets(thing))
    of_kind = {kind: v for kind, v in of_kind.items() if kind in ours(family)}
    for kind, found in of_kind.items():
        line = f"    {kind} = {{ "
        for i, (key, v) in enumerate(found.items()):
            word = f"{key} = {lua(v)}" + (", " if i + 1 < len(found) else " },")
            if len(line) + len(word) > 98:
                print(line.rstrip())
                line = "      "
            line += word
        print(line.rstrip())
    print("  },")
print("}")
