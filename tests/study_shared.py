# study_shared.py FILE MLPRUN: a study of ours is read by Optuna and optuna-dashboard, continued by Optuna's
# sampler, and continued again by mlprun. Needs optuna >= 3.6; the dashboard where it is installed.
import json, math, os, subprocess, sys, time, urllib.request

os.environ["TZ"] = "UTC"
time.tzset()
import optuna

path, mlprun = sys.argv[1:3]
passed = 0


def check(ok, what):
    global passed
    if not ok:
        sys.exit(f"FAIL {what}")
    passed += 1


def ours(n):
    out = subprocess.run([mlprun, "--quiet", "tests/study_shared.lua", path, str(n)], capture_output=True, text=True)
    check(out.returncode == 0, out.stderr)
    return [line.split("\t") for line in out.stdout.splitlines()]


optuna.logging.set_verbosity(optuna.logging.ERROR)
rows = ours(8)
study = optuna.load_study(study_name="shared", storage="sqlite:///" + path)
trials = study.trials
check(len(trials) == 8, "eight trials")
for t, row in zip(trials, rows):
    check(t.state.name == row[1], "states")
    check(math.isclose(t.params["lr"], float(row[2]), rel_tol=1e-12), "lr")
    check(t.params["units"] == int(row[3]) and t.params["act"] == row[4], "parameters")
    check(t.user_attrs == {"by": "mlprun"}, "attributes")
check(isinstance(trials[0].distributions["lr"], optuna.distributions.FloatDistribution) and trials[0].distributions["lr"].log, "log")
check(trials[0].distributions["units"].step == 32, "step")
check(trials[2].state.name == "PRUNED" and trials[3].state.name == "FAIL", "pruned and failed")
check(math.isnan(trials[1].intermediate_values[2]) and len(trials[1].intermediate_values) == 3, "NaN")
check(abs((trials[0].datetime_start - __import__("datetime").datetime.utcnow()).total_seconds()) < 600, "UTC")
check(math.isclose(study.best_value, min(float(r[5]) for r in rows if r[1] == "COMPLETE"), rel_tol=1e-12), "best")


def objective(t):
    lr = t.suggest_float("lr", 1e-5, 1e-1, log=True)
    units = t.suggest_int("units", 32, 512, step=32)
    act = t.suggest_categorical("act", ["relu", "tanh", "sigmoid"])
    t.set_user_attr("by", "optuna")
    t.report(lr, 1)
    return (math.log10(lr) + 3)**2 + units / 512 + (0 if act == "tanh" else 1)


study.sampler = optuna.samplers.TPESampler(seed=1)
study.optimize(objective, n_trials=7)
study.enqueue_trial({"lr": 1e-3, "units": 64, "act": "tanh"})
rows = ours(20)
check(len(rows) == 20, "twenty trials")
check([r[6] for r in rows].count("optuna") == 7, "seven of Optuna's")
check(rows[15][2:5] == ["0.001", "64", "tanh"] and rows[15][6] == "mlprun", "what Optuna enqueued, we ran")
study = optuna.load_study(study_name="shared", storage="sqlite:///" + path)
check([t.number for t in study.trials] == list(range(20)), "numbers")
importance = optuna.importance.get_param_importances(study)
check(set(importance) == {"lr", "units", "act"}, "importances")

versions = "optuna " + optuna.__version__
try:
    import optuna_dashboard
    port = 18231
    server = subprocess.Popen([sys.executable, "-c", f"import optuna_dashboard as d; d.run_server('sqlite:///{path}', host='127.0.0.1', port={port})"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(400):
            try:
                get = lambda p: json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/api/{p}"))
                studies = get("studies")
                break
            except OSError:
                time.sleep(0.2)
        check(studies["study_summaries"][0]["study_name"] == "shared", "dashboard: studies")
        check(len(get("studies/1")["trials"]) == 20, "dashboard: trials")
    finally:
        server.terminate()
        server.wait()
    versions += ", optuna-dashboard " + optuna_dashboard.__version__
except ImportError:
    versions += ", no dashboard"
print(versions)
print(f"shared: {passed} passed, 0 failed")
