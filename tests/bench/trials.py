# trials.py [N]: the work of trials.lua with Optuna (in a file) and scikit-learn's MLP on one core.
import tempfile
import os, sys, time, warnings
os.environ["OMP_NUM_THREADS"] = "1"
warnings.simplefilter("ignore")
import numpy as np, optuna, sklearn
from sklearn.neural_network import MLPClassifier

optuna.logging.set_verbosity(optuna.logging.ERROR)
n = int(sys.argv[1]) if len(sys.argv) > 1 else 200
rng = np.random.default_rng(1)
x = rng.uniform(-5, 5, (64, 2))
y = (x[:, 0] * x[:, 1] >= 0).astype(int)


def objective(t):
    net = MLPClassifier((t.suggest_int("units", 2, 16),), "tanh", batch_size=16, random_state=0,
                        learning_rate_init=t.suggest_float("lr", 1e-4, 1, log=True))
    for epoch in range(4):
        net.partial_fit(x, y, classes=[0, 1])
        t.report(net.loss_, epoch)
    return net.loss_


path = os.path.join(tempfile.gettempdir(), "trials-%d.db" % os.getpid())
study = optuna.create_study(storage="sqlite:///" + path, sampler=optuna.samplers.RandomSampler(seed=1))
wall, cpu = time.time(), time.process_time()
study.optimize(objective, n_trials=n)
wall, cpu = time.time() - wall, time.process_time() - cpu
os.remove(path)
print(f"optuna {optuna.__version__}, scikit-learn {sklearn.__version__}: {n} trials, {n / wall:.1f} a second ({n / cpu:.1f} of processor time)")
