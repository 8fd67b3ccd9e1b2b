"""Run scikit-learn on small inputs and write what it says to tests/golden/sklearn.lua.

    pip install scikit-learn
    python tests/golden/from_sklearn.py > tests/golden/sklearn.lua

The test suite reads only the result.
"""
import numpy as np
import sklearn
from sklearn import metrics

y = [1, 3, 2, 2, 3, 1, 1, 2, 3, 3, 2, 1]
predicted = [1, 3, 1, 2, 3, 1, 2, 2, 1, 3, 3, 1]
truth = [0, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 1]
scores = [0.1, 0.4, 0.35, 0.8, 0.4, 0.9, 0.75, 0.2, 0.4, 0.6, 0.85, 0.95]


def lua(v):
    if isinstance(v, dict):
        return "{ " + ", ".join(f"{k} = {lua(x)}" for k, x in v.items()) + " }"
    if isinstance(v, (list, np.ndarray)):
        return "{ " + ", ".join(lua(x) for x in v) + " }"
    if isinstance(v, (int, np.integer)):
        return str(v)
    return "math.huge" if np.isinf(v) else repr(float(v))


def row(r):
    return {"precision": r["precision"], "recall": r["recall"], "f1": r["f1-score"],
            "support": int(r["support"])}


report = metrics.classification_report(y, predicted, output_dict=True)
fpr, tpr, thresholds = metrics.roc_curve(truth, scores)
all_fpr, all_tpr, all_thresholds = metrics.roc_curve(truth, scores, drop_intermediate=False)
precision, recall, cuts = metrics.precision_recall_curve(truth, scores)

print(f"--- What scikit-learn {sklearn.__version__} says.")
print("--- Source: written by tests/golden/from_sklearn.py; not edited by hand.")
print("return {")
for name, value in {
    "y": y, "predicted": predicted, "truth": truth, "scores": scores,
    "confusion": metrics.confusion_matrix(y, predicted),
    "confusion_true": metrics.confusion_matrix(y, predicted, normalize="true"),
    "confusion_predicted": metrics.confusion_matrix(y, predicted, normalize="pred"),
    "confusion_all": metrics.confusion_matrix(y, predicted, normalize="all"),
    "classes": [row(report[str(c)]) for c in (1, 2, 3)],
    "accuracy": report["accuracy"],
    "macro": row(report["macro avg"]),
    "weighted": row(report["weighted avg"]),
    "fpr": fpr, "tpr": tpr, "thresholds": thresholds,
    "all_fpr": all_fpr, "all_tpr": all_tpr, "all_thresholds": all_thresholds,
    "auc": metrics.roc_auc_score(truth, scores),
    "precision": precision, "recall": recall, "cuts": cuts,
    "average_precision": metrics.average_precision_score(truth, scores),
}.items():
    text = f"  {name} = {lua(value)},"
    while len(text) > 98:
        at = text.rindex(" ", 0, 98)
        print(text[:at])
        text = "    " + text[at + 1:]
    print(text)
print("}")
