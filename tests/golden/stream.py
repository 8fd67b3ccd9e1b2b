"""What both sides of a comparison of training runs compute for themselves: numbers in [-1, 1) from
a linear congruential generator, rows, targets and first weights made of them; tests/runs_spec.lua
has the same in Lua. And how results are written as Lua.
"""
import numpy as np

STEPS, ROWS, FEATURES = 50, 8, 6


def stream(seed, n):
    s, out = seed, []
    for _ in range(n):
        s = (s * 1103515245 + 12345) % 2**31
        out.append(s / 2**30 - 1)
    return np.array(out)


def data():
    """All rows of all steps: step i takes rows 8 i to 8 i + 7."""
    x = stream(42, STEPS * ROWS * FEATURES).reshape(-1, FEATURES)
    value = (x[:, 0] * x[:, 1] + 0.5 * x[:, 2]).reshape(-1, 1)
    return {
        "x": x, "value": value,
        "other": (x[:, 3] - 0.25 * x[:, 4]).reshape(-1, 1),
        "count": np.floor((x[:, 0] + 1) * 2).reshape(-1, 1),
        "binary": (x[:, 0] + x[:, 1] > 0).astype(float).reshape(-1, 1),
        "classes": np.floor((x[:, 5] + 1) * 1.5).astype(int),
        "ids": np.floor((x[:, 3:5] + 1) * 4).astype(int),
        "weight": x[:, 2] + 1.5,
    }


def first(shape, name, at):
    """First values of weight number `at` (from 1): matrices as Glorot and Bengio, (in, out)."""
    u = stream(1000 + at, int(np.prod(shape))).reshape(shape)
    if name.startswith(("moving", "renorm")):
        return np.zeros(shape) if name.endswith("mean") else np.ones(shape)
    if name in ("gamma", "alpha"):
        return 1 + 0.2 * u
    if len(shape) == 1:
        return 0.1 * u
    return np.sqrt(6 / (shape[0] + shape[1])) * u


def lua(v):
    v = np.asarray(v)
    if v.ndim:
        return "{ " + ", ".join(lua(e) for e in v) + " }"
    return f"{float(v):.13g}"


def table(options):
    """Options as Lua: numbers, truth values and texts."""
    def word(v):
        if isinstance(v, bool):
            return "true" if v else "false"
        return f'"{v}"' if isinstance(v, str) else lua(v)
    if not options:
        return "{}"
    return "{ " + ", ".join(f"{k} = {word(v)}" for k, v in options.items()) + " }"


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


def show(name, losses, weights, narrow):
    """narrow: how far the other program's own float32 run ends from its float64 run."""
    print(f"  {name} = {{ float32 = {narrow:.1e},")
    print(wrapped("losses = " + lua(losses) + ",", 4))
    for w in weights:
        print(wrapped(lua(np.asarray(w).ravel()) + ",", 4))
    print("  },")


def distance(a, b):
    """The largest max|a - b| / max|a| of all weights."""
    return max(float(np.max(np.abs(x - y)) / np.max(np.abs(x))) for x, y in zip(a, b))
