/*
** nearest.c - "did you mean": the known word that is nearest to one that is
** not: by its letters, because another library calls the same thing so, or as
** its beginning.
*/
#include "base/kind.h"

#include <string.h>

/*
** What Keras, PyTorch, scikit-learn, NumPy and matplotlib call it, then our
** name for it, and how to write that where the name is not all. Only a name of
** ours that the caller knows is ever suggested.
*/
static const char *const peers[][3] = {
  /* options */
  { "lr", "learning_rate" },
  { "lr", "optimizer", "optimizer = mlp.Adam { learning_rate = 0.01 }" },
  { "learning_rate", "optimizer",
    "optimizer = mlp.Adam { learning_rate = 0.01 }" },
  { "batch", "batch_size" },
  { "betas", "beta_1" },
  { "decay", "weight_decay" },
  { "eps", "epsilon" },
  { "max_norm", "global_clipnorm" },
  { "epochs", "fit", "fit = { epochs = 10 }" },
  { "batch_size", "fit", "fit = { batch_size = 32 }" },
  { "verbose", "fit", "fit = { verbose = 0 }" },
  { "n_epochs", "epochs" },
  { "nb_epoch", "epochs" },
  { "num_epochs", "epochs" },
  { "max_epochs", "epochs" },
  { "val_split", "validation_split" },
  { "val_data", "validation_data" },
  { "val", "validation_data" },
  { "early_stopping", "callbacks", "callbacks = { mlp.EarlyStopping {} }" },
  { "n_samples", "n" },
  { "samples", "n" },
  { "random_state", "seed" },
  { "random_seed", "seed" },
  { "test_size", "test" },
  { "test_split", "test" },
  { "val_size", "test" },
  { "stratify", "how", "how = \"stratified\"" },
  { "stratified", "how", "how = \"stratified\"" },
  { "shuffle", "how", "how = \"tail\"" },
  { "out_features", "units" },
  { "bias", "use_bias" },
  { "p", "rate" },
  { "target_column", "target" },
  { "na_values", "missing" },
  { "sep", "separator" },
  { "delimiter", "separator" },
  { "labels", "y" },
  { "targets", "y" },
  { "data", "x" },
  { "figsize", "width", "width = 6, height = 4" },
  { "colour", "color" },
  { "c", "color" },
  { "lw", "linewidth" },
  { "ls", "dash", "dash = \"dashed\"" },
  { "linestyle", "dash", "dash = \"dashed\"" },
  { "s", "size" },
  { "ms", "size" },
  { "markersize", "size" },
  { "xmin", "xlim", "xlim = { low, high }" },
  { "xmax", "xlim", "xlim = { low, high }" },
  { "ymin", "ylim", "ylim = { low, high }" },
  { "ymax", "ylim", "ylim = { low, high }" },
  { "log", "yscale", "yscale = \"log\"" },
  { "max_trials", "n_trials" },
  /* functions and methods */
  { "Linear", "Dense" },
  { "BatchNorm", "BatchNormalization" },
  { "BatchNorm1d", "BatchNormalization" },
  { "LayerNorm", "LayerNormalization" },
  { "CrossEntropy", "SparseCategoricalCrossentropy" },
  { "manual_seed", "seed" },
  { "set_seed", "seed" },
  { "manualSeed", "seed" },
  { "random_seed", "seed" },
  { "set_random_seed", "seed" },
  { "seed_everything", "seed" },
  { "load_model", "load" },
  { "Tensor", "tensor" },
  { "array", "tensor" },
  { "from_numpy", "tensor" },
  { "einsum", "matmul" },
  { "Callback", "LambdaCallback" },
  { "TensorBoard", "JSONLogger" },
  { "RemoteMonitor", "JSONLogger" },
  { "L1Penalty", "ActivityRegularization" },
  { "concatenate", "concat" },
  { "ReLU", "Activation", "Activation \"relu\"" },
  { "Sigmoid", "Activation", "Activation \"sigmoid\"" },
  { "Tanh", "Activation", "Activation \"tanh\"" },
  { "GELU", "Activation", "Activation \"gelu\"" },
  { "predict_classes", "predict" },
  { "forward", "predict" },
  { "to_categorical", "one_hot" },
  { "to_categorical", "data", "data.one_hot(y, K)" },
  { "clone_model", "from_recipe", "from_recipe(model:recipe())" },
  { "clone", "recipe", "mlp.from_recipe(model:recipe())" },
  { "get_config", "recipe" },
  { "to_json", "recipe" },
  { "to_onnx", "to_c" },
  { "export", "to_c" },
  { "plot_model", "model_graph" },
  { "plot_model", "plot", "plot.model_graph(model)" },
  { "partial_fit", "train_on_batch" },
  { "lr_find", "fit", "mlp.lr_find(model, data)" },
  { "train", "fit" },
  { "score", "evaluate" },
  { "count_params", "count" },
  { "parameters", "weights" },
  { "accuracy_score", "classification_report",
    "classification_report(y, p).accuracy" },
  { "roc_auc_score", "roc_curve", "roc_curve(y, p).auc" },
  { "BCELoss", "BinaryCrossentropy" },
  { "BCEWithLogitsLoss", "BinaryCrossentropy" },
  { "MSELoss", "MeanSquaredError" },
  { "L1Loss", "MeanAbsoluteError" },
  { "NLLLoss", "SparseCategoricalCrossentropy" },
  { "CrossEntropyLoss", "SparseCategoricalCrossentropy" },
  { "crossentropy", "categorical_crossentropy" },
  { "cross_entropy", "categorical_crossentropy" },
  { "StepLR", "PiecewiseConstantDecay" },
  { "CosineAnnealingLR", "CosineDecay" },
  { "ExponentialLR", "ExponentialDecay" },
  { "iris", "csv", "csv(\"iris.csv\")" },
  { "load_iris", "csv", "csv(\"iris.csv\")" },
  { "load_digits", "digits" },
  { "load_csv", "csv" },
  { "read_csv", "csv" },
  { "plot", "line" },
  { "bar", "bars" },
  { "barh", "bars" },
  { "histogram", "hist" },
  { "imshow", "image" },
  { "subplots", "figure" },
  { "subplot", "figure" },
  { "confusion_matrix", "confusion" },
  { "roc_curve", "roc" },
  { "pr_curve", "precision_recall" },
  { "learning_curves", "history" },
  { "savefig", "save" },
  { "head", "rows" },
  { "tail", "rows" },
  { "filter", "take" },
  { "sample", "take" },
  { "features", "x" },
  { "map", "map_x" },
  { "dim", "ndim" },
  { "ndimension", "ndim" },
  { "nElement", "numel" },
  { "nelement", "numel" },
  { "int", "int64" },
  { "long", "int64" },
  { "int32", "int64" },
  { "float", "float32" },
  { "float16", "float32" },
  { "double", "float64" },
  { "bool", "uint8" },
  { "byte", "uint8" },
  { "astype", "to" },
  { "type", "to" },
  { "int", "long" },
  { "bool", "byte" },
  { "T", "t" },
  { "numpy", "totable" },
  { "copy", "clone" },
  { "index", "index_select" },
  { "expandAs", "expand", "expand(other:size())" },
  { "expand_as", "expand", "expand(other:size())" },
  { "viewAs", "view", "view(other:size())" },
  { "view_as", "view", "view(other:size())" },
  { "gesv", "solve" },
  { "potrf", "cholesky" },
  { "symeig", "eigh" },
  { "eig", "eigh" },
  { "gels", "lstsq" },
  { "equal", "eq" },
  { "expand_dims", "unsqueeze" },
  { "swapaxes", "transpose" },
  { "take", "gather_rows" },
  { "repeat_interleave", "tile" },
  { "amax", "max" },
  { "amin", "min" },
  { "average", "mean" },
};

enum { PEERS = sizeof peers / sizeof *peers, WORD = 63 };
/* a word of more characters is far from everything */

static size_t least_of (size_t a, size_t b) { return a < b ? a : b; }

/* Edits between two words: a letter more, less, other, or two exchanged
** (Damerau 1964, the form called optimal string alignment). */
static size_t distance (const char *a, const char *b) {
  size_t d[WORD + 1][WORD + 1], m = strlen(a), n = strlen(b);
  if (m > WORD || n > WORD) return 99;
  for (size_t i = 0; i <= m; i++) d[i][0] = i;
  for (size_t j = 0; j <= n; j++) d[0][j] = j;
  for (size_t i = 1; i <= m; i++)
    for (size_t j = 1; j <= n; j++) {
      d[i][j] = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
      d[i][j] = least_of(d[i][j], least_of(d[i - 1][j], d[i][j - 1]) + 1);
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = least_of(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[m][n];
}

/* Our name for what others call 'name', if it is known here; or NULL. */
static const char *peer (const char *name, const char *const *names, size_t n) {
  for (size_t p = 0; p < PEERS; p++) {
    if (strcmp(peers[p][0], name) != 0) continue;
    for (size_t i = 0; i < n; i++)
      if (strcmp(names[i], peers[p][1]) == 0)
        return peers[p][2] != NULL ? peers[p][2] : names[i];
  }
  return NULL;
}

/* The shortest of those that 'name' is the beginning of, of equally short ones
** the first of the alphabet; or NULL. */
static const char *longer (const char *name, const char *const *names,
                           size_t n) {
  const char *best = NULL;
  for (size_t i = 0; i < n; i++) {
    if (strncmp(names[i], name, strlen(name)) != 0) continue;
    const size_t a = strlen(names[i]), b = best == NULL ? a + 1 : strlen(best);
    if (a < b || (a == b && strcmp(names[i], best) < 0)) best = names[i];
  }
  return strlen(name) < 2 ? NULL : best;
}

/* Of equally near ones one that starts with the same letter, then the first of
** the alphabet: names may come in the order of a hash table. */
const char *mlpi_nearest (const char *name, const char *const *names,
                          size_t n) {
  const char *best = peer(name, names, n);
  if (best != NULL) return best;
  size_t least = 2 * (2 + strlen(name) / 4); /* farther is no help */
  for (size_t i = 0; i < n; i++) {
    size_t d = 2 * distance(name, names[i]) + (name[0] != names[i][0]);
    if (d < least || (d == least && best && strcmp(names[i], best) < 0))
      least = d, best = names[i]; /* whatever the order of names */
  }
  return best != NULL ? best : longer(name, names, n);
}
