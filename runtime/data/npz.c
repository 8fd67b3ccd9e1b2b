/*
** npz.c - several arrays in one zip file.
*/
#include "base/text.h"
#include "data/npy.h"
#include "data/zip.h"

#include <string.h>

static mlp_Status read_member (mlpi_Zip *file, mlpi_Npz *z, size_t i) {
  const mlpi_ZipMember *m = &file->member[i];
  size_t n = strlen(m->name);
  char *data;
  if (n > 4 && strcmp(m->name + n - 4, ".npy") == 0) n -= 4;
  z->name[i] = mlpi_alloc(z->rt, n + 1);
  if (z->name[i] == NULL) return MLP_ENOMEM;
  memcpy(z->name[i], m->name, n);
  z->name[i][n] = '\0';
  mlp_Status s = mlpi_zip_read(file, i, &data);
  if (s != MLP_OK) return s;
  s = mlpi_parse_npy(z->rt, file->path, data, (size_t)m->size, &z->tensor[i]);
  mlpi_free(z->rt, data, (size_t)m->size);
  return s;
}

/* Of two arrays with one name the second would hide the first. */
static mlp_Status check_names (const mlpi_Npz *z, const char *path) {
  char quoted[MLPI_QUOTED];
  const char *found;
  mlp_Status s = mlpi_twice(z->rt, z->n, z->name, &found);
  if (found == NULL) return s;
  return mlpi_about(z->rt, path,
                    mlpi_error(z->rt, MLP_EFORMAT,
                               "npz: two arrays have the name %s",
                               mlpi_quote(found, quoted)));
}

mlp_Status mlpi_load_npz (mlp_Runtime *rt, const char *path, mlpi_Npz **out) {
  mlpi_Zip *file;
  *out = NULL;
  mlp_Status s = mlpi_zip_open(rt, "npz", path, &file);
  if (s != MLP_OK) return s;
  mlpi_Npz *z = mlpi_calloc(rt, 1, sizeof *z);
  if (z != NULL) {
    *z = (mlpi_Npz){ .rt = rt, .n = file->n };
    z->name = mlpi_calloc(rt, z->n, sizeof *z->name);
    z->tensor = mlpi_calloc(rt, z->n, sizeof *z->tensor);
  }
  if (z == NULL || z->name == NULL || z->tensor == NULL) s = MLP_ENOMEM;
  for (size_t i = 0; s == MLP_OK && i < z->n; i++) s = read_member(file, z, i);
  if (s == MLP_OK) s = check_names(z, path);
  mlpi_zip_close(file);
  if (s == MLP_OK)
    *out = z;
  else
    mlpi_npz_free(z);
  return s;
}

void mlpi_npz_free (mlpi_Npz *z) {
  if (z == NULL) return;
  for (size_t i = 0; i < z->n && z->name != NULL && z->tensor != NULL; i++) {
    if (z->name[i] != NULL)
      mlpi_free(z->rt, z->name[i], strlen(z->name[i]) + 1);
    mlpi_tensor_release(z->tensor[i]);
  }
  mlpi_free(z->rt, z->name, z->n * sizeof *z->name);
  mlpi_free(z->rt, z->tensor, z->n * sizeof *z->tensor);
  mlpi_free(z->rt, z, sizeof *z);
}

/* One array as a member "<name>.npy". */
static mlp_Status format (mlp_Runtime *rt, const char *name,
                          const mlpi_Array *a, mlpi_ZipContent *c) {
  size_t n = strlen(name);
  char *data, *full = mlpi_alloc(rt, n + 5);
  if (full == NULL) return MLP_ENOMEM;
  memcpy(full, name, n);
  memcpy(full + n, ".npy", 5);
  c->name = full;
  mlp_Status s = mlpi_format_npy(rt, a, &data, &c->n);
  c->data = s == MLP_OK ? data : NULL;
  return s;
}

mlp_Status mlpi_save_npz (mlp_Runtime *rt, const char *path, size_t n,
                          const char *const *names, const mlpi_Array *arrays,
                          bool packed) {
  mlp_Status s = MLP_OK;
  mlpi_ZipContent *c = mlpi_calloc(rt, n, sizeof *c);
  if (c == NULL) return MLP_ENOMEM;
  for (size_t i = 0; i < n && s == MLP_OK; i++)
    s = format(rt, names[i], &arrays[i], &c[i]);
  if (s == MLP_OK) s = mlpi_zip_write(rt, "npz", path, n, c, packed);
  for (size_t i = 0; i < n; i++) {
    if (c[i].data != NULL) mlpi_free(rt, (char *)c[i].data, c[i].n);
    if (c[i].name != NULL)
      mlpi_free(rt, (char *)c[i].name, strlen(c[i].name) + 1);
  }
  mlpi_free(rt, c, n * sizeof *c);
  return s;
}
