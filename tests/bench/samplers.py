# samplers.py SAMPLER SEEDS [FUNCTION [FOLDER]]: what samplers.lua measures, with Optuna's samplers (gp, tpe, random).
import math, random, statistics, sys, time
import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
import warnings
warnings.simplefilter("ignore")

A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
P = [[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
     [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]]
ALPHA = [1, 1.2, 3, 3.2]


def branin(t, rng):
    x, y = t.suggest_float("x", -5, 10), t.suggest_float("y", 0, 15)
    a = y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6
    v = a * a + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10
    return v, v


def hartmann6(t, rng):
    x = [t.suggest_float(f"x{j}", 0, 1) for j in range(6)]
    v = -sum(ALPHA[i] * math.exp(-sum(A[i][j] * (x[j] - P[i][j] * 1e-4)**2 for j in range(6))) for i in range(4))
    return v, v


def toy(t, rng):
    x = t.suggest_float("x", 0, 1)
    v = -(x * x * math.sin(5 * math.pi * x)**6)
    return v + 0.02 * rng.gauss(0, 1), v


def table_of(name):
    losses = {}

    def f(t, rng):
        if not losses:
            for line in open(f"{sys.argv[4]}/{name}.txt"):
                *key, loss = line.split()
                losses[tuple(map(int, key))] = float(loss)
        v = losses[t.suggest_int("units", 1, 5), t.suggest_int("rate", -16, -4), t.suggest_int("batch", 3, 6),
                   1 if t.suggest_categorical("activation", ["relu", "tanh"]) == "relu" else 2]
        return v, v

    return f


TRIALS = {"branin": 60, "hartmann6": 80, "toy": 30, "iris": 60, "digits": 60}


def make(name, seed):
    if name == "gp":
        return optuna.samplers.GPSampler(seed=seed)
    if name == "tpe":
        return optuna.samplers.TPESampler(seed=seed)
    if name == "tpe-multivariate":
        return optuna.samplers.TPESampler(seed=seed, multivariate=True)
    return optuna.samplers.RandomSampler(seed=seed)


def curve(f, n, sampler, seed):
    rng, noisy, best, out = random.Random(seed), math.inf, math.inf, []
    study = optuna.create_study(sampler=make(sampler, seed))
    for _ in range(n):
        t = study.ask()
        value, truth = f(t, rng)
        study.tell(t, value)
        if value < noisy:
            noisy, best = value, truth
        out.append(best)
    return out


first, last = map(int, sys.argv[2].split("-"))
print("optuna", optuna.__version__)
for name, f in (("branin", branin), ("hartmann6", hartmann6), ("toy", toy), ("iris", table_of("iris")),
                ("digits", table_of("digits"))):
    if len(sys.argv) > 3 and sys.argv[3] not in (name, "all") or name in ("iris", "digits") and len(sys.argv) < 5:
        continue
    clock = time.process_time()
    curves = [curve(f, TRIALS[name], sys.argv[1], seed) for seed in range(first, last + 1)]
    points = [statistics.median(c[k - 1] for c in curves) for k in range(10, TRIALS[name] + 1, 10)]
    print(f"{sys.argv[1]:<10} {name:<9}", *(f"{p:9.4f}" for p in points), f"{time.process_time() - clock:6.1f} s", flush=True)
