/*
** profile.c - rows of a profile, and what an application costs by its shapes:
** two operations for each multiply-add of a product, else one an element.
*/
#include "graph/profile.h"

#include <stdio.h>
#include <string.h>

mlp_Status mlpi_profile_new (mlp_Runtime *rt, mlpi_Profile **out) {
  mlpi_Profile *p = *out = mlpi_alloc(rt, sizeof *p);
  if (p == NULL) return MLP_ENOMEM;
  *p = (mlpi_Profile){ .rt = rt };
  return MLP_OK;
}

void mlpi_profile_release (mlpi_Profile *p) {
  if (p == NULL) return;
  mlpi_free(p->rt, p->row, p->room * sizeof *p->row);
  mlpi_free(p->rt, p, sizeof *p);
}

static bool grow (mlpi_Profile *p) {
  const size_t room = p->room == 0 ? 32 : 2 * p->room;
  mlpi_ProfileRow *row = mlpi_alloc(p->rt, room * sizeof *row);
  if (row == NULL) return false;
  if (p->n > 0) memcpy(row, p->row, p->n * sizeof *row);
  mlpi_free(p->rt, p->row, p->room * sizeof *row);
  p->row = row;
  p->room = room;
  return true;
}

static mlpi_ProfileRow *find (mlpi_Profile *p, const char *name,
                              const char *pass) {
  for (size_t i = 0; i < p->n; i++)
    if (strcmp(p->row[i].pass, pass) == 0 && strcmp(p->row[i].name, name) == 0)
      return &p->row[i];
  if (p->n == p->room && !grow(p)) return NULL;
  mlpi_ProfileRow *r = &p->row[p->n++];
  *r = (mlpi_ProfileRow){ .pass = pass };
  snprintf(r->name, sizeof r->name, "%s", name);
  return r;
}

void mlpi_profile_add (mlpi_Profile *p, const char *name, const char *pass,
                       double seconds, double flops, double bytes) {
  mlpi_ProfileRow *r = find(p, name, pass);
  if (r == NULL) return;
  r->calls++;
  r->seconds += seconds;
  r->flops += flops;
  r->bytes += bytes;
}

static bool is_product (const mlpi_Call *c) {
  return strcmp(c->op->name, "dense") == 0 ||
         strcmp(c->op->name, "matmul") == 0;
}

static double size_of (const mlpi_Array *a) {
  return (double)mlpi_count(a) * (double)mlpi_dtype_size(a->dtype);
}

/* "32x784", behind what is there. */
static void add_shape (char *text, const mlpi_Array *a) {
  size_t at = strlen(text);
  for (int d = 0; d < a->ndim && at + 24 < MLPI_PROFILE_NAME; d++)
    at += (size_t)snprintf(text + at, MLPI_PROFILE_NAME - at, "%s%zu",
                           d > 0 ? "x" : " ", a->shape[d]);
}

static void name_of (const mlpi_Call *c, char *text) {
  const mlp_Kind *kind = c->attrs.kind;
  const bool named = c->attrs.object != NULL && kind != NULL;
  snprintf(text, MLPI_PROFILE_NAME, "%.24s%s%.20s", c->op->name,
           named ? " " : "", named ? kind->name : "");
  add_shape(text, &c->in[0]);
  if (is_product(c)) add_shape(text, &c->in[1]);
}

void mlpi_profile_call (mlpi_Profile *p, const mlpi_Call *c,
                        const mlpi_Array *gin, double seconds) {
  char name[MLPI_PROFILE_NAME];
  double flops = (double)mlpi_count(&c->out), bytes = size_of(&c->out);
  const mlpi_Array *x = &c->in[0];
  int products = gin == NULL;
  name_of(c, name);
  for (int i = 0; i < c->n_in; i++) {
    bytes += size_of(&c->in[i]);
    if (gin == NULL || gin[i].data == NULL) continue;
    bytes += size_of(&gin[i]);
    products += i < 2;
  }
  if (is_product(c) && x->ndim > 0)
    flops *= 2.0 * (double)x->shape[x->ndim - 1] * products;
  mlpi_profile_add(p, name, gin == NULL ? "forward" : "backward", seconds,
                   flops, bytes);
}
