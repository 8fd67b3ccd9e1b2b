/*
** spectral_normalization.c - a layer whose kernel is divided by its largest
** singular value.
*/
#include "layer/layer.h"

#include <string.h>

enum { LAYER, POWER_ITERATIONS }; /* order of '.options' below */

static mlp_Layer *inner_of (const mlp_Layer *l) {
  return l->o->value[LAYER].layer.at;
}

/* The weight that is divided: "kernel" or "embeddings"; NULL: there is none. */
static mlpi_Weight *kernel_of (mlp_Layer *inner) {
  for (int i = 0; i < inner->n_weights; i++) {
    mlpi_Weight *w = &inner->weight[i];
    const bool named =
        strcmp(w->name, "kernel") == 0 || strcmp(w->name, "embeddings") == 0;
    if (named && w->tensor->a.ndim == 2 && inner->o->ud == NULL) return w;
  }
  return NULL;
}

static mlp_Status build (mlp_Layer *l, int n_in, mlp_Tensor *const *in) {
  mlp_Layer *inner = inner_of(l);
  mlp_Status s = mlpi_layer_adopt(l, inner);
  if (s == MLP_OK) s = mlpi_layer_declare(inner, n_in, in);
  if (s != MLP_OK) return s;
  const mlpi_Weight *w = kernel_of(inner);
  if (w == NULL)
    return mlpi_error(l->rt, MLP_EARG,
                      "spectral_normalization: option 'layer': expected a "
                      "built-in layer with a kernel or embeddings, such as "
                      "Dense, got %s",
                      inner->o->kind->name);
  const size_t shape[] = { 1, w->tensor->a.shape[1] };
  return mlpi_layer_state(l, "vector_u", w->tensor->a.dtype, 2, shape);
}

/* Elements from..to-1 of a row. */
static mlp_Tensor *part (mlpi_Formula *f, mlp_Tensor *row, size_t from,
                         size_t to) {
  const mlpi_Attrs a = { .n_axis = 3,
                         .axis = { (int64_t)from, (int64_t)to, 1 } };
  return mlpi_of_all(f, "slice", &a, 1, &row);
}

/* w / sigma, sigma = v w u; w itself where that is 0. */
static mlp_Status divided (mlp_Layer *l, mlp_Tensor *w, mlp_Tensor *x,
                           const mlpi_Pass *pass, mlp_Tensor **out) {
  const size_t n = w->a.shape[0], m = w->a.shape[1];
  const mlpi_Attrs a = { .number = { l->o->value[POWER_ITERATIONS].number },
                         .flag = pass->training && l->trainable };
  const mlpi_Attrs real = { .dtype = w->a.dtype };
  mlp_Tensor *in[] = { w, l->weight[0].tensor, x };
  mlpi_Formula f = mlpi_formula(w);
  mlp_Tensor *both = mlpi_of_all(&f, "power_iteration", &a, 3, in);
  mlp_Tensor *u = part(&f, both, 0, m), *v = part(&f, both, m, m + n);
  mlp_Tensor *sigma = mlpi_of2(&f, "matmul", mlpi_of2(&f, "matmul", v, w), u);
  mlp_Tensor *none = mlpi_of_number(&f, "eq", sigma, 0);
  none = mlpi_of_all(&f, "cast", &real, 1, &none);
  sigma = mlpi_of2(&f, "add", sigma, none);
  return mlpi_formula_end(&f, mlpi_of2(&f, "div", w, sigma), out);
}

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  mlp_Layer *inner = inner_of(l);
  mlpi_Weight *w = kernel_of(inner);
  mlp_Tensor *own = w->tensor, *kernel;
  *out = NULL;
  mlp_Status s = divided(l, own, in[0], pass, &kernel);
  if (s != MLP_OK) return s;
  w->tensor = kernel; /* lent to this call */
  s = mlpi_layer_call(inner, n_in, in, pass, out);
  w->tensor = own;
  mlpi_tensor_release(kernel);
  return s;
}

const mlp_LayerKind mlp_layer_spectral_normalization = {
  .name = "spectral_normalization",
  .doc = "A layer whose kernel (or embeddings) w (n, m) is used divided by its "
         "largest singular value, sigma = v w u: in each step of training "
         "power_iterations times v = w u and u = v w, both of length 1, "
         "beginning at vector_u (1, m), which keeps u; otherwise, and where "
         "the layer is frozen, from the vector as it is. The gradient takes u "
         "and v as constants. What is trained, saved, regularized and "
         "constrained is w itself.",
  .cite = "Miyato et al. 2018, arXiv:1802.05957; Keras 3, "
          "layers.SpectralNormalization",
  .options = {
    { "layer", .doc = "the layer, of a kind with a kernel or embeddings: "
      "Dense, Maxout, Embedding",
      .type = MLP_LAYER, .family = "layer", .required = true },
    { "power_iterations", 1, 1, 1e6, "how often in a step of training",
      .type = MLP_INTEGER },
    { "vector_u_initializer", .doc = "first values of the vector; its length "
      "does not matter",
      .type = MLP_OBJECT, .family = "initializer",
      .text = "truncated_normal" },
  },
  .min_in = 1,
  .max_in = 1,
  .build = build,
  .call = call,
};
