/*
** variant.c - look up what was compiled once per instruction set and type.
*/
#include "tensor/variant.h"

#include <string.h>

/* Most names differ in their first letter. */
static bool same (const char *a, const char *b) {
  return a[0] == b[0] && strcmp(a, b) == 0;
}

static const mlp_Kind *find (const mlpi_Family *f, const char *family,
                             const char *name) {
  for (; f->name != NULL; f++)
    if (same(f->name, family))
      for (const mlp_Kind *const *k = f->kinds; *k != NULL; k++)
        if (same((*k)->name, name)) return *k;
  return NULL;
}

const mlp_Kind *mlpi_variant (const mlp_Runtime *rt, mlp_Dtype dtype,
                              const char *family, const char *name) {
  return find(mlpi_variants[rt->isa][dtype == MLP_FLOAT64], family, name);
}

const mlp_Kind *mlpi_object_kind (const mlp_Object *o, mlp_Dtype dtype) {
  const mlp_Kind *k = mlpi_variant(o->rt, dtype, o->family, o->kind->name);
  return k == NULL || o->ud != NULL ? o->kind : k;
}
