"""Folds, scores and curves of scikit-learn, for tests/selection_spec.lua.

    python3 tests/golden/from_sklearn_selection.py > tests/golden/sklearn_selection.lua
"""
import warnings

import numpy as np
import sklearn
from sklearn import metrics
from sklearn import model_selection as ms
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.simplefilter("ignore")

y = np.array([3, 1, 1, 2, 3, 1, 2, 2, 1, 3, 3, 3, 1, 1, 2, 1, 3, 1, 1, 2, 1, 1, 3])
groups = np.array([4, 4, 1, 2, 2, 9, 9, 9, 9, 1, 1, 5, 5, 4, 7, 7, 7, 7, 3, 3, 2, 8, 6])
n = len(y)

cases = [
    ("KFold", {"n_splits": 4}, n), ("KFold", {"n_splits": 3}, 10), ("KFold", {"n_splits": 4}, 11),
    ("KFold", {"shuffle": True, "random_state": 0}, n),
    ("KFold", {"n_splits": 3, "shuffle": True, "random_state": 4294967295}, n),
    ("StratifiedKFold", {"n_splits": 3}, n),
    ("StratifiedKFold", {"n_splits": 4, "shuffle": True, "random_state": 42}, n),
    ("GroupKFold", {"n_splits": 3}, n), ("GroupKFold", {}, n),
    ("GroupKFold", {"n_splits": 4, "shuffle": True, "random_state": 7}, n),
    ("RepeatedKFold", {"n_splits": 2, "n_repeats": 3, "random_state": 1}, n),
    ("RepeatedStratifiedKFold", {"n_splits": 3, "n_repeats": 2, "random_state": 5}, n),
    ("ShuffleSplit", {"n_splits": 2, "random_state": 3}, n),
    ("ShuffleSplit", {"n_splits": 2, "test_size": 0.3, "random_state": 3}, n),
    ("ShuffleSplit", {"n_splits": 2, "test_size": 4, "train_size": 0.5, "random_state": 9}, n),
    ("ShuffleSplit", {"n_splits": 1, "train_size": 5, "random_state": 9}, n),
    ("TimeSeriesSplit", {}, n),
    ("TimeSeriesSplit", {"n_splits": 3, "max_train_size": 6, "test_size": 4, "gap": 2}, n),
    ("LeaveOneOut", {}, 4), ("LeaveOneGroupOut", {}, n),
]


def lua(v):
    if isinstance(v, dict):
        return "{ " + ", ".join(f"{k} = {lua(x)}" for k, x in v.items()) + " }" if v else "{}"
    if isinstance(v, (list, tuple, np.ndarray)):
        return "{ " + ", ".join(lua(x) for x in v) + " }"
    if isinstance(v, bool):
        return str(v).lower()
    return f'"{v}"' if isinstance(v, str) else repr(v.item() if hasattr(v, "item") else v)


def show(text):
    while len(text) > 98:
        at = text.rindex(", ", 0, 98) + 1
        print(text[:at])
        text = "    " + text[at + 1:]
    print(text)


# A regression whose least squares a linear model reaches by steps of gradient descent.
i = np.arange(1, 31)
X = np.round(np.stack([np.sin(i), np.cos(2.3 * i), np.sin(0.7 * i * i)], axis=1), 3)
target = np.round(2 * X[:, 0] - X[:, 1] + 0.5 * X[:, 2] + 0.3 * np.sin(5 * i) + 1, 3)
cv = ms.KFold(5)
alphas = [0.1, 1.0, 10.0]
linear = LinearRegression()
curve = ms.learning_curve(linear, X, target, cv=cv, train_sizes=[0.35, 0.7, 1.0])
shuffled = ms.learning_curve(linear, X, target, cv=cv, train_sizes=[9, 18], shuffle=True,
                             random_state=4)
ridge = ms.validation_curve(Ridge(), X, target, param_name="alpha", param_range=alphas, cv=cv)


class Fixed(ClassifierMixin, BaseEstimator):
    """Gives the probabilities that it was made with."""

    def __init__(self, p=None):
        self.p = p

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.asarray(self.p)

    def predict(self, X):
        return self.classes_[np.argmax(self.p, axis=1)]


three = np.array([[5, 3, 2], [1, 6, 3], [2, 2, 6], [7, 2, 1], [3, 4, 3], [1, 1, 8], [2, 5, 3],
                  [6, 1, 3], [1, 3, 6], [4, 5, 1]]) / 10
three_y = np.array([1, 2, 3, 1, 1, 3, 3, 2, 3, 2])
two = np.array([[8, 2], [3, 7], [4, 6], [9, 1], [6, 4], [2, 8], [7, 3], [1, 9]]) / 10
two_y = np.array([1, 2, 1, 1, 2, 2, 1, 2])


def scores(p, y, names):
    model = Fixed(p).fit(p, y)
    return {name: float(metrics.get_scorer(name)(model, p, y)) for name in names.split()}


print(f"--- What scikit-learn {sklearn.__version__} with NumPy {np.__version__} says; rows from 1.")
print("--- Source: written by tests/golden/from_sklearn_selection.py; not edited by hand.")
print("return {")
for name, value in {
    "y": y, "groups": groups, "x": X, "target": target,
    "r2": ms.cross_val_score(linear, X, target, cv=cv),
    "mse": ms.cross_val_score(linear, X, target, cv=cv, scoring="neg_mean_squared_error"),
    "rmse": ms.cross_val_score(linear, X, target, cv=cv, scoring="neg_root_mean_squared_error"),
    "mae": ms.cross_val_score(linear, X, target, cv=cv, scoring="neg_mean_absolute_error"),
    "predicted": ms.cross_val_predict(linear, X, target, cv=cv),
    "sizes": curve[0], "curve_train": curve[1], "curve_test": curve[2],
    "shuffled_train": shuffled[1], "shuffled_test": shuffled[2],
    "alphas": alphas, "ridge_train": ridge[0], "ridge_test": ridge[1],
    "scaled_ridge": ms.cross_val_score(make_pipeline(StandardScaler(), Ridge(2.4)), X, target, cv=cv),
    "three": three, "three_y": three_y,
    "three_scores": scores(three, three_y, "accuracy balanced_accuracy neg_log_loss precision_macro "
                           "recall_macro f1_macro precision_weighted recall_weighted f1_weighted"),
    "two": two, "two_y": two_y,
    "two_scores": scores(two, two_y - 1, "accuracy precision recall f1 roc_auc average_precision "
                         "neg_log_loss"),
}.items():
    show(f"  {name} = {lua(value)},")
for kind, options, rows in cases:
    folds = [(list(a + 1), list(b + 1)) for a, b in getattr(ms, kind)(**options).split(
        np.zeros((rows, 1)), y[:rows], groups[:rows])]
    show(f"  {{ kind = {lua(kind)}, options = {lua(options)}, rows = {rows}, folds = {lua(folds)} }},")
print("}")
