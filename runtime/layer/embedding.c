/*
** embedding.c - a vector for each class or word.
*/
#include "layer/layer.h"

enum { INPUT_DIM, OUTPUT_DIM }; /* order of '.options' below */

static mlp_Status build (mlp_Layer *l, int n_in, mlp_Tensor *const *in) {
  const size_t shape[] = { (size_t)l->o->value[INPUT_DIM].number,
                           (size_t)l->o->value[OUTPUT_DIM].number };
  (void)n_in, (void)in;
  return mlpi_layer_trainable(l, "embeddings", l->dtype, 2, shape);
}

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  const mlpi_Array *x = &in[0]->a;
  mlpi_Attrs flat = { .n_axis = 1, .axis = { -1 } }, rows = { .n_axis = 1 };
  mlpi_Attrs back = { .n_axis = x->ndim + 1 };
  (void)n_in, (void)pass;
  *out = NULL;
  if (x->dtype != MLP_INT64 || x->ndim < 1 || x->ndim + 1 > MLP_MAXDIM)
    return mlpi_error(l->rt, MLP_ETYPE,
                      "embedding: expected an input of int64, numbers from 1, "
                      "got %s; use x:long(), or mlp.Input { shape =, dtype = "
                      "'int64' }",
                      mlpi_dtype_name(x->dtype));
  for (int i = 0; i < x->ndim; i++) back.axis[i] = (int64_t)x->shape[i];
  back.axis[x->ndim] = (int64_t)l->o->value[OUTPUT_DIM].number;
  mlpi_Formula f = mlpi_formula(l->weight[0].tensor);
  mlp_Tensor *both[] = { l->weight[0].tensor, in[0] };
  if (x->ndim != 1) both[1] = mlpi_of_all(&f, "reshape", &flat, 1, in);
  mlp_Tensor *y = mlpi_of_all(&f, "gather_rows", &rows, 2, both);
  if (x->ndim != 1) y = mlpi_of_all(&f, "reshape", &back, 1, &y);
  return mlpi_formula_end(&f, y, out);
}

const mlp_LayerKind mlp_layer_embedding = {
  .name = "embedding",
  .doc = "Row x of a table: x int64 (rows, ...), numbers from 1 to input_dim, "
         "becomes (rows, ..., output_dim).",
  .cite = "Bengio et al. 2003, JMLR 3; Keras 3, layers.Embedding",
  .options = {
    { "input_dim", 1, 1, 1e9, "how many numbers there are",
      .type = MLP_INTEGER, .required = true },
    { "output_dim", 1, 1, 1e9, "length of a vector", .type = MLP_INTEGER,
      .required = true },
    { "embeddings_initializer", .doc = "first values of the table",
      .type = MLP_OBJECT, .family = "initializer", .text = "random_uniform" },
    { "embeddings_regularizer", .doc = "cost on the table, or none",
      .type = MLP_OBJECT, .family = "regularizer" },
    { "embeddings_constraint", .doc = "where the table must stay, or none",
      .type = MLP_OBJECT, .family = "constraint" },
  },
  .min_in = 1,
  .max_in = 1,
  .integers = true,
  .build = build,
  .call = call,
};
