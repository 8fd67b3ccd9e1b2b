"""Columns as scikit-learn makes them, for tests/transform_spec.lua.

    python3 tests/golden/from_sklearn_transforms.py > tests/golden/sklearn_transforms.lua
"""
import numpy as np
import sklearn
from sklearn import impute, preprocessing
from sklearn.pipeline import make_pipeline

nan = np.nan
x = np.array([[1, -20, 5, .5], [2, 0, 5, .25], [4, 60, 5, 3], [7, 10, 5, -2], [11, 10, 5, 1.5]])
holes = np.array([[1, nan, 3], [nan, 7, 3], [5, 7, 3], [5, 2, 3], [8, 2, 3], [nan, 9, 3]])
other = np.array([[nan, nan, nan], [1, 2, 3]])
words = np.array([["red", 3], ["blue", 1], ["green", 3], ["red", 2]], dtype=object)


def lua(v):
    if isinstance(v, (list, tuple, np.ndarray)):
        return "{ " + ", ".join(lua(i) for i in v) + " }"
    if isinstance(v, str):
        return f'"{v}"'
    v = v.item() if hasattr(v, "item") else v
    return "0 / 0" if v != v else repr(v)


def show(text):
    while len(text) > 98:
        at = text.rindex(", ", 0, 98) + 1
        print(text[:at])
        text = "    " + text[at + 1:]
    print(text)


cases = [
    ("StandardScaler", "{}", preprocessing.StandardScaler()),
    ("StandardScaler", "{ with_mean = false }", preprocessing.StandardScaler(with_mean=False)),
    ("StandardScaler", "{ with_std = false }", preprocessing.StandardScaler(with_std=False)),
    ("MinMaxScaler", "{}", preprocessing.MinMaxScaler()),
    ("MinMaxScaler", "{ feature_range = { -1, 3 } }",
     preprocessing.MinMaxScaler(feature_range=(-1, 3))),
    ("MaxAbsScaler", "{}", preprocessing.MaxAbsScaler()),
    ("RobustScaler", "{}", preprocessing.RobustScaler()),
    ("RobustScaler", "{ quantile_range = { 10, 70 }, with_centering = false }",
     preprocessing.RobustScaler(quantile_range=(10, 70), with_centering=False)),
    ("PolynomialFeatures", "{}", preprocessing.PolynomialFeatures()),
    ("PolynomialFeatures", "{ degree = 3, include_bias = false }",
     preprocessing.PolynomialFeatures(3, include_bias=False)),
    ("PolynomialFeatures", "{ degree = 4, interaction_only = true }",
     preprocessing.PolynomialFeatures(4, interaction_only=True)),
]
imputers = [("mean", False), ("median", False), ("most_frequent", True), ("constant", True)]
scaled = make_pipeline(impute.SimpleImputer(), preprocessing.StandardScaler())

print(f"--- Columns of scikit-learn {sklearn.__version__} with NumPy {np.__version__}.")
print("--- Source: written by tests/golden/from_sklearn_transforms.py; not edited by hand.")
print("return {")
show(f"  x = {lua(x)},")
show(f"  holes = {lua(holes)},")
show(f"  other = {lua(other)},")
show(f"  words = {lua(words)},")
for kind, options, t in cases:
    out = t.fit_transform(x)
    names = [f"x{int(c)}" for c in range(1, 5)]
    names = list(t.get_feature_names_out(names)) if kind == "PolynomialFeatures" else names
    show(f"  {{ kind = {lua(kind)}, options = {options}, out = {lua(out)}, names = {lua(names)} }},")
print("  imputers = {")
for strategy, indicator in imputers:
    t = impute.SimpleImputer(strategy=strategy, fill_value=-1 if strategy == "constant" else None,
                             add_indicator=indicator).fit(holes)
    options = f"{{ strategy = {lua(strategy)}, add_indicator = {str(indicator).lower()}"
    options += ", fill_value = -1 }" if strategy == "constant" else " }"
    show(f"    {{ options = {options}, out = {lua(t.transform(holes))}, "
         f"other = {lua(t.transform(other))} }},")
print("  },")
show(f"  pipeline = {lua(scaled.fit_transform(holes))},")
show(f"  pipeline_other = {lua(scaled.transform(other))},")
for name, t in [("one_hot", preprocessing.OneHotEncoder(sparse_output=False)),
                ("one_hot_first", preprocessing.OneHotEncoder(sparse_output=False, drop="first"))]:
    show(f"  {name} = {lua(t.fit_transform(words))},")
    names = t.get_feature_names_out(["colour", "n"])
    show(f"  {name}_names = {lua(list(names))},")
show(f"  ordinal = {lua(preprocessing.OrdinalEncoder().fit_transform(words))},")
print("}")
