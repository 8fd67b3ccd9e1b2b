/*
** circle.c - rows of one class together, rows of different classes apart, all
** pairs of a batch at once, each weighed by how far it is from where it should
** be. Distances are 1 - cosine, of rows of unit length.
*/
#include "loss/loss.h"

enum { GAMMA, MARGIN, REMOVE_DIAGONAL }; /* order of '.options' below */

/* Stands for -infinity, whose slope in logsumexp would be no number. */
#define NOWHERE (-1e30)

/* max(1 - p p', 0), (n, n) */
static mlp_Tensor *distances (mlpi_Formula *f, mlp_Tensor *p) {
  mlpi_Attrs swap = { .n_axis = 2, .axis = { 0, 1 } };
  mlp_Tensor *cosine =
      mlpi_of2(f, "matmul", p, mlpi_of_all(f, "transpose", &swap, 1, &p));
  return mlpi_of(f, "relu", mlpi_number_of(f, "sub", 1, cosine));
}

/* y as a column or as a row. */
static mlp_Tensor *stood (mlpi_Formula *f, mlp_Tensor *y, bool column) {
  int64_t n = (int64_t)y->a.shape[0];
  mlpi_Attrs as = { .n_axis = 2, .axis = { column ? n : 1, column ? 1 : n } };
  return mlpi_of_all(f, "reshape", &as, 1, &y);
}

/* 1 where rows i and j are different rows, uint8 (n, n). */
static mlp_Status not_itself (mlp_Runtime *rt, size_t n, mlp_Tensor **out) {
  const size_t shape[] = { n, n };
  mlp_Status s = mlpi_tensor_new(rt, MLP_UINT8, 2, shape, out);
  for (size_t i = 0; s == MLP_OK && i < n * n; i++)
    mlpi_set(&(*out)->a, i, i % (n + 1) != 0);
  return s;
}

/* 1 where two rows are of one class, and, unless asked, not the same row. */
static mlp_Status partners (const mlp_Object *o, mlp_Tensor *y,
                            mlp_Tensor **out) {
  mlpi_Formula f = { .rt = y->rt, .dtype = MLP_INT64 };
  mlp_Tensor *apart = NULL;
  mlp_Tensor *same =
      mlpi_of2(&f, "eq", stood(&f, y, true), stood(&f, y, false));
  if (o->value[REMOVE_DIAGONAL].number != 0 && f.status == MLP_OK) {
    f.status = not_itself(y->rt, y->a.shape[0], &apart);
    same = mlpi_of2(&f, "logical_and", same, apart);
  }
  mlp_Status s = mlpi_formula_end(&f, same, out);
  mlpi_tensor_release(apart);
  return s;
}

/* ln sum over j of e^x(i, j), where the mask is 1. */
static mlp_Tensor *total (mlpi_Formula *f, mlp_Tensor *mask, mlp_Tensor *x) {
  mlp_Tensor *nowhere = NULL;
  if (f->status == MLP_OK)
    f->status = mlpi_scalar(f->rt, f->dtype, NOWHERE, &nowhere);
  mlp_Tensor *in[] = { mask, x, nowhere };
  mlp_Tensor *chosen = mlpi_of_all(f, "where", NULL, 3, in);
  mlpi_tensor_release(nowhere);
  return mlpi_over(f, "logsumexp", chosen, -1, false);
}

/* gamma (d + m) (d - m), of pairs of one class. */
static mlp_Tensor *near (mlpi_Formula *f, const mlp_Object *o, mlp_Tensor *mask,
                         mlp_Tensor *d) {
  const double m = o->value[MARGIN].number, gamma = o->value[GAMMA].number;
  mlp_Tensor *x = mlpi_of2(f, "mul", mlpi_of_number(f, "add", d, m),
                           mlpi_of_number(f, "sub", d, m));
  return total(f, mask, mlpi_of_number(f, "mul", x, gamma));
}

/* gamma max(1 + m - d, 0) (1 - m - d), of pairs of different classes. */
static mlp_Tensor *far (mlpi_Formula *f, const mlp_Object *o, mlp_Tensor *mask,
                        mlp_Tensor *d) {
  const double m = o->value[MARGIN].number, gamma = o->value[GAMMA].number;
  mlp_Tensor *weight = mlpi_of(f, "relu", mlpi_number_of(f, "sub", 1 + m, d));
  mlp_Tensor *x =
      mlpi_of2(f, "mul", weight, mlpi_number_of(f, "sub", 1 - m, d));
  return total(f, mask, mlpi_of_number(f, "mul", x, gamma));
}

static mlp_Status apply (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                         mlp_Tensor **out) {
  mlp_Tensor *partner = NULL, *other = NULL;
  mlpi_Formula f = mlpi_formula(p), g = { .rt = p->rt, .dtype = MLP_INT64 };
  *out = NULL;
  mlp_Status s = partners(o, y, &partner);
  if (s != MLP_OK) return s;
  mlp_Tensor *differs =
      mlpi_of2(&g, "ne", stood(&g, y, true), stood(&g, y, false));
  s = mlpi_formula_end(&g, differs, &other);
  if (s == MLP_OK) {
    mlp_Tensor *d = distances(&f, p);
    mlp_Tensor *sum =
        mlpi_of2(&f, "add", near(&f, o, partner, d), far(&f, o, other, d));
    s = mlpi_formula_end(&f, mlpi_of(&f, "softplus", sum), out);
  }
  mlpi_tensor_release(partner);
  mlpi_tensor_release(other);
  return s;
}

/* Rows that have no pair to learn from do not count, as in Keras. */
static mlp_Status mask (const mlp_Object *o, mlp_Tensor *y, const mlp_Tensor *p,
                        mlp_Tensor *each, mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(each);
  mlpi_Attrs real = { .dtype = each->a.dtype };
  (void)o, (void)y, (void)p;
  mlp_Tensor *counts = mlpi_of_number(&f, "gt", each, 0);
  return mlpi_formula_end(&f, mlpi_of_all(&f, "cast", &real, 1, &counts), out);
}

const mlp_Loss mlp_loss_circle = {
  .name = "circle",
  .doc = "ln(1 + sum over partners e^(gamma (d + m) (d - m)) times sum over "
         "others e^(gamma max(1 + m - d, 0) (1 - m - d))), d = 1 - p.p' the "
         "distance of two rows of the batch, partners the rows of the same "
         "class. Rows of p are of unit length: end the model with "
         "UnitNormalization. The mean is over rows whose loss is above 0.",
  .cite = "Sun et al. 2020, arXiv:2002.10857; Keras 3, losses.Circle",
  .options = {
    { "gamma", 80, 0, 1e6, "scale" },
    { "margin", 0.4, 0, 1, "m: pairs closer, others farther than this" },
    { "remove_diagonal", 1, 0, 1, "a row is not its own partner",
      .type = MLP_BOOLEAN },
    MLPI_REDUCTION,
  },
  .target = MLPI_TARGET_LABELS,
  .apply = apply,
  .mask = mask,
};
