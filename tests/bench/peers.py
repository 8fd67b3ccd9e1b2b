"""peers.py WHO THREADS: a peer as a contestant of bench.lua; see workloads.lua for what it reads
and answers. Each trains through the loop that its own tutorial shows, on the same work, with data
in memory. "peers.py list" says who is installed."""

import importlib.util
import os
import signal
import sys
import time

NEEDS = {
    "pytorch": ["torch"],
    "scikit-learn": ["sklearn"],
    "keras": ["keras", "jax"],
    "jax-scan": ["jax"],
    "pytorch-compiled": ["torch"],  # last: it takes longest to prepare
}

if sys.argv[1] == "list":
    found = [w for w, n in NEEDS.items() if all(importlib.util.find_spec(m) for m in n)]
    print("\n".join(found))
    sys.exit()
if sys.argv[1] == "versions":
    from importlib.metadata import version

    names = {"torch": "PyTorch", "keras": "Keras", "jax": "JAX", "sklearn": "scikit-learn"}
    print(", ".join("%s %s" % (name, version(name if m == "sklearn" else m))
                    for m, name in names.items() if importlib.util.find_spec(m)))
    sys.exit()

WHO, THREADS = sys.argv[1], int(sys.argv[2])
for v in ("OMP", "OPENBLAS", "MKL"):
    os.environ[v + "_NUM_THREADS"] = str(THREADS)
os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"
if "jax" in NEEDS[WHO]:  # its pool has one thread per processor that it may use
    os.sched_setaffinity(0, range(min(THREADS, os.cpu_count())))

import numpy as np

PATIENCE = 45  # seconds for an answer, with what a peer prepares for it: compiling, most of all


class Job:
    def __init__(self, line):
        w = line.split()
        self.name, self.kind = w[0], w[1]
        if self.kind == "other":
            return
        self.widths = [int(n) for n in w[2].split(",") if n]
        self.activation, self.optimizer = w[3], w[4]
        self.batch, self.rows, self.epochs = int(w[5]), int(w[6]), int(w[7])
        self.classes, self.dropout = w[8] == "classes", float(w[9])
        self.file = w[10]
        self.steps = -(-self.rows // self.batch) * self.epochs

    def data(self):
        r = np.random.default_rng(0)
        x = r.random((self.rows, self.widths[0]), dtype=np.float32)
        if self.file != "random":
            x = np.load(self.file)[: self.rows]
        k = self.widths[-1]
        if self.classes:
            return x, r.integers(0, k, self.rows)
        return x, r.random((self.rows, k), dtype=np.float32)


def timed(f, times=1):
    start = time.perf_counter()
    for _ in range(times):
        f()
    return (time.perf_counter() - start) / times


def pytorch(job, compiled=False):
    import torch

    torch.set_num_threads(THREADS)
    act = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}[job.activation]
    layers = []
    for i, (m, n) in enumerate(zip(job.widths, job.widths[1:])):
        layers.append(torch.nn.Linear(m, n))
        if i < len(job.widths) - 2:
            layers.append(act())
            if job.dropout > 0:
                layers.append(torch.nn.Dropout(job.dropout))
    model = torch.nn.Sequential(*layers)
    x, y = (torch.from_numpy(a) for a in job.data())
    if job.kind == "predict":
        model.eval()
        f = torch.compile(model) if compiled else model

        def call():
            with torch.inference_mode():
                for at in range(0, job.rows, job.batch):
                    torch.softmax(f(x[at : at + job.batch]), 1)

        return lambda: timed(call, job.epochs)
    rule = torch.nn.CrossEntropyLoss() if job.classes else torch.nn.MSELoss()
    lr = 0.001 if job.optimizer == "momentum" else 0.01
    p = model.parameters()
    if job.optimizer == "adam":
        opt = torch.optim.Adam(p, fused=True)
    else:
        opt = torch.optim.SGD(p, lr=lr, momentum=0.9 if job.optimizer == "momentum" else 0)

    def loss(bx, by):
        return rule(model(bx), by)

    f = torch.compile(loss) if compiled else loss

    def train():
        for _ in range(job.epochs):
            order = torch.randperm(job.rows)
            for at in range(0, job.rows, job.batch):
                rows = order[at : at + job.batch]
                opt.zero_grad()
                f(x[rows], y[rows]).backward()
                opt.step()

    return lambda: timed(train) / job.steps


def keras(job):
    import keras as k

    layers = [k.Input((job.widths[0],))]
    for i, n in enumerate(job.widths[1:]):
        last = i == len(job.widths) - 2
        out = "softmax" if job.classes else "linear"
        layers.append(k.layers.Dense(n, out if last else job.activation))
        if job.dropout > 0 and not last:
            layers.append(k.layers.Dropout(job.dropout))
    model = k.Sequential(layers)
    x, y = job.data()
    if job.kind == "predict":
        if job.batch == 1:  # its guide's advice for small inputs
            return lambda: timed(lambda: np.asarray(model(x)), min(job.epochs, 50))
        return lambda: timed(lambda: model.predict(x, job.batch, verbose=0), job.epochs)
    opt = {
        "sgd": lambda: k.optimizers.SGD(0.01),
        "momentum": lambda: k.optimizers.SGD(0.001, momentum=0.9),
        "adam": lambda: k.optimizers.Adam(),
    }[job.optimizer]()
    model.compile(opt, "sparse_categorical_crossentropy" if job.classes else "mse")
    fit = lambda: model.fit(x, y, batch_size=job.batch, epochs=job.epochs, verbose=0)
    return lambda: timed(fit) / job.steps


def sklearn(job):
    import warnings

    from sklearn.neural_network import MLPClassifier, MLPRegressor

    warnings.filterwarnings("ignore")
    if job.dropout > 0:
        return None
    x, y = job.data()
    if job.classes:  # each class at least once
        y[: job.widths[-1]] = np.arange(job.widths[-1])[: len(y)]
    kind = MLPClassifier if job.classes else MLPRegressor
    predict = job.kind == "predict"
    model = kind(
        hidden_layer_sizes=job.widths[1:-1],
        activation=job.activation,
        solver="adam" if job.optimizer == "adam" else "sgd",
        learning_rate_init=0.001,
        momentum=0.9 if job.optimizer == "momentum" else 0,
        nesterovs_momentum=False,
        alpha=0,
        batch_size=32 if predict else job.batch,
        max_iter=1 if predict else job.epochs,
        tol=0,
        n_iter_no_change=10**6,
    )
    if predict:
        r = np.random.default_rng(0)
        model.fit(r.random((64, job.widths[0]), dtype=np.float32), np.arange(64) % job.widths[-1])
        return lambda: timed(lambda: model.predict_proba(x), min(job.epochs, 50))
    return lambda: timed(lambda: model.fit(x, y.ravel())) / job.steps


def jax_scan(job):
    import jax
    import jax.numpy as jnp

    if job.kind == "predict" or job.dropout > 0:
        return None
    key = jax.random.key(0)
    ws = []
    for m, n in zip(job.widths, job.widths[1:]):
        key, k = jax.random.split(key)
        ws.append((jax.random.normal(k, (m, n)) * (2 / m) ** 0.5, jnp.zeros(n)))
    act = {"relu": jax.nn.relu, "tanh": jnp.tanh}[job.activation]

    def loss(ws, x, y):
        for w, b in ws[:-1]:
            x = act(x @ w + b)
        x = x @ ws[-1][0] + ws[-1][1]
        if not job.classes:
            return jnp.mean((x - y) ** 2)
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(x), y[:, None], 1))

    tree = jax.tree.map
    zeros = lambda: tree(jnp.zeros_like, ws)

    def step(state, rows):
        ws, m, v, t = state
        g = jax.grad(loss)(ws, x[rows], y[rows])
        t = t + 1
        if job.optimizer == "adam":
            m = tree(lambda m, g: m + 0.1 * (g - m), m, g)
            v = tree(lambda v, g: v + 0.001 * (g * g - v), v, g)
            lr = 0.001 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
            ws = tree(lambda w, m, v: w - lr * m / (jnp.sqrt(v) + 1e-7), ws, m, v)
        elif job.optimizer == "momentum":
            m = tree(lambda m, g: 0.9 * m - 0.001 * g, m, g)
            ws = tree(lambda w, m: w + m, ws, m)
        else:
            ws = tree(lambda w, g: w - 0.01 * g, ws, g)
        return (ws, m, v, t), 0.0

    @jax.jit
    def epoch(state, key):
        n = job.rows // job.batch
        order = jax.random.permutation(key, job.rows)[: n * job.batch]
        return jax.lax.scan(step, state, order.reshape(n, job.batch))[0]

    x, y = (jnp.asarray(a) for a in job.data())
    box = [(ws, zeros(), zeros(), jnp.float32(0))]

    def train():
        for i in range(job.epochs):
            box[0] = epoch(box[0], jax.random.key(i))
        jax.block_until_ready(box[0])

    return lambda: timed(train) / (job.rows // job.batch * job.epochs)


MAKERS = {
    "pytorch": pytorch,
    "pytorch-compiled": lambda job: pytorch(job, True),
    "keras": keras,
    "scikit-learn": sklearn,
    "jax-scan": jax_scan,
}

ready = {}


def answer(line):
    job = Job(line)
    if job.kind == "other":
        return "-"
    if job.name in ready and ready[job.name] is None:
        return "-"  # what failed or took too long is not tried again
    signal.alarm(PATIENCE)
    run = ready.pop(job.name, None)
    ready[job.name] = None
    if run is None:
        run = MAKERS[WHO](job)
        if run is None:
            return "-"
        run()
    text = "%.6g" % (run() * 1e6)
    ready[job.name] = run
    return text


def too_long(*_):
    raise TimeoutError("took more than %d s" % PATIENCE)


signal.signal(signal.SIGALRM, too_long)
out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what a library prints is not an answer
for line in sys.stdin:
    try:
        text = answer(line)
    except Exception as e:
        print(WHO, line, e, file=sys.stderr)
        text = "-"
    signal.alarm(0)
    out.write(text + "\n")
    out.flush()
