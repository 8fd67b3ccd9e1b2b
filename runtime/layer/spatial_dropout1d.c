/*
** spatial_dropout1d.c - dropout of whole channels.
*/
#include "layer/layer.h"

enum { RATE }; /* order of '.options' below */

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  const double rate = l->o->value[RATE].number;
  const mlpi_Array *x = &in[0]->a;
  char got[MLPI_SHAPE_TEXT];
  (void)n_in;
  *out = NULL;
  if (x->ndim != 3)
    return mlpi_error(l->rt, MLP_ESHAPE,
                      "spatial_dropout1d: expected an input of shape (rows, "
                      "steps, channels), got %s",
                      mlpi_shape_text(x->ndim, x->shape, got));
  if (!pass->training || rate == 0) {
    *out = mlpi_tensor_retain(in[0]);
    return MLP_OK;
  }
  const size_t shape[] = { x->shape[0], 1, x->shape[2] };
  mlpi_Attrs a = mlpi_layer_draw(l, pass, rate, 0);
  mlp_Tensor *ones = NULL, *mask = NULL;
  mlp_Status s = mlpi_tensor_new(l->rt, x->dtype, 3, shape, &ones);
  if (s != MLP_OK) return s;
  for (size_t i = 0; i < mlpi_count(&ones->a); i++) mlpi_set(&ones->a, i, 1);
  mlpi_Formula f = mlpi_formula(in[0]);
  mlp_Tensor *zero[] = { in[0], NULL };
  zero[1] = mlpi_over(&f, "sum", mlpi_of_number(&f, "mul", in[0], 0), 1, true);
  mask = mlpi_of2(&f, "add", zero[1], ones);
  mask = mlpi_of_all(&f, "dropout", &a, 1, &mask);
  s = mlpi_formula_end(&f, mlpi_of2(&f, "mul", in[0], mask), out);
  mlpi_tensor_release(ones);
  return s;
}

const mlp_LayerKind mlp_layer_spatial_dropout1d = {
  .name = "spatial_dropout1d",
  .doc = "In training, zero a share 'rate' of the channels (the last "
         "dimension) of each row, in all steps, and scale the rest by 1 / (1 - "
         "rate). Otherwise the identity.",
  .cite = "Tompson et al. 2015, arXiv:1411.4280; Keras 3, "
          "layers.SpatialDropout1D",
  .options = { { "rate", 0.5, 0, 1, "share of channels that is dropped",
                 .required = true } },
  .min_in = 1,
  .max_in = 1,
  .call = call,
};
