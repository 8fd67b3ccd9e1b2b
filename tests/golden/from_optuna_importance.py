"""Importances that tests/study_plots_spec.lua compares with: PED-ANOVA by Optuna 4.9.0."""
import math
import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)


def share(k, step):
    return k * step % 1


def trial(k):
    x, u = share(k, 0.6180339887), share(k, 0.4142135624)
    values = {"rate": 1e-5 * 1e4 ** share(k, 0.7320508076), "x": x,
              "units": 32 + 32 * int(16 * u), "depth": 1 + int(2 ** (8 * share(k, 0.2360679775))),
              "kind": "abc"[k % 3]}
    loss = (math.log10(values["rate"]) + 3) ** 2 / 4 + (x - 0.3) ** 2 + (k % 3) / 3 + u / 10
    return values, loss


space = {"rate": optuna.distributions.FloatDistribution(1e-5, 1e-1, log=True),
         "x": optuna.distributions.FloatDistribution(0, 1),
         "units": optuna.distributions.IntDistribution(32, 512, step=32),
         "depth": optuna.distributions.IntDistribution(1, 256, log=True),
         "kind": optuna.distributions.CategoricalDistribution(["a", "b", "c"])}
study = optuna.create_study()
for k in range(1, 101):
    values, loss = trial(k)
    study.add_trial(optuna.trial.create_trial(params=values, distributions=space, value=loss))
evaluator = optuna.importance.PedAnovaImportanceEvaluator()
print(optuna.__version__, optuna.importance.get_param_importances(study, evaluator=evaluator))
