/*
** file.c - the arrays of a model, by name, to and from a file.
*/
#include "model/file.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 128, LISTED = 10 };
static const char slots[] = "optimizer/"; /* begins the names of its state */
static const char training_[] = "training/";

/* The arrays of a model under the names that they have in a file. */
typedef struct Items {
  mlp_Runtime *rt;
  char (*name)[NAME];
  mlpi_NamedArray *item;
  size_t n, room;
} Items;

static void free_items (Items *t) {
  mlpi_free(t->rt, t->name, t->room * sizeof *t->name);
  mlpi_free(t->rt, t->item, t->room * sizeof *t->item);
}

static mlp_Status new_items (Items *t, mlp_Runtime *rt, size_t room) {
  *t = (Items){ .rt = rt, .room = room };
  t->name = mlpi_calloc(rt, room, sizeof *t->name);
  t->item = mlpi_calloc(rt, room, sizeof *t->item);
  if (t->name != NULL && t->item != NULL) return MLP_OK;
  free_items(t);
  return MLP_ENOMEM;
}

static mlpi_NamedArray *add_item (Items *t, const mlpi_Array *a) {
  mlpi_NamedArray *item = &t->item[t->n];
  *item = (mlpi_NamedArray){ t->name[t->n], *a };
  t->n++;
  return item;
}

static void add_weights (Items *t, const mlp_Model *m) {
  for (int i = 0; i < m->n_layers; i++)
    for (int j = 0; j < m->layer[i]->n_weights; j++) {
      const mlp_Layer *l = m->layer[i];
      add_item(t, &l->weight[j].tensor->a);
      snprintf(t->name[t->n - 1], NAME, "%s.%.40s", l->name, l->weight[j].name);
    }
}

/* Slot k, from 1: a part for each trainable weight. */
static void add_slot (Items *t, const mlp_Model *m, int k) {
  size_t at = 0;
  for (int i = 0; i < m->n_layers; i++)
    for (int j = 0; j < m->layer[i]->n_weights; j++) {
      const mlp_Layer *l = m->layer[i];
      const mlp_Tensor *w = l->weight[j].tensor;
      if (!w->requires_grad) continue;
      mlpi_Array part = mlpi_model_slot(m, w, k - 1, &at);
      add_item(t, &part);
      snprintf(t->name[t->n - 1], NAME, "%s%d/%s.%.40s", slots, k, l->name,
               l->weight[j].name);
    }
}

/* Those of the model, with room for 'more'. */
static mlp_Status list_items (Items *t, const mlp_Model *m, bool optimizer,
                              size_t more) {
  size_t n = 0;
  const int n_slots = optimizer ? mlpi_model_slots(m) : 0;
  for (int i = 0; i < m->n_layers; i++) n += (size_t)m->layer[i]->n_weights;
  mlp_Status s = new_items(t, m->rt, n * (size_t)(1 + n_slots) + more);
  if (s != MLP_OK) return s;
  add_weights(t, m);
  for (int k = 1; k <= n_slots; k++) add_slot(t, m, k);
  return MLP_OK;
}

static void add_training (Items *t, const mlpi_Training *training) {
  for (size_t i = 0; training != NULL && i < training->n; i++) {
    add_item(t, &training->arrays[i].array);
    snprintf(t->name[t->n - 1], NAME, "%s", training->arrays[i].name);
  }
}

mlp_Status mlpi_model_write (mlp_Model *m, const char *who, const char *path,
                             const char *architecture, bool optimizer,
                             const mlpi_Training *training) {
  Items t;
  char format[16];
  snprintf(format, sizeof format, "%d", MLPI_FORMAT);
  const mlpi_Metadata about[] = {
    { MLPI_FORMAT_KEY, format },
    { "mlprun.version", MLP_VERSION },
    { MLPI_ARCHITECTURE_KEY, architecture },
    { MLPI_TRAINING_KEY, training == NULL ? NULL : training->text }
  };
  if (!m->built)
    return mlpi_error(m->rt, MLP_ESTATE,
                      "%s: expected a model that is built; call it, or fit it, "
                      "first",
                      who);
  mlp_Status s =
      list_items(&t, m, optimizer, training == NULL ? 0 : training->n);
  if (s != MLP_OK) return s;
  add_training(&t, training);
  s = mlpi_safetensors_write(m->rt, who, path, t.n, t.item,
                             architecture == NULL ? 2
                             : training == NULL   ? 3
                                                  : 4,
                             about);
  free_items(&t);
  return s;
}

/*
** Reading
*/

static bool starts_with (const char *s, const char *start) {
  return strncmp(s, start, strlen(start)) == 0;
}

/* Has any key that we write: then it is ours, even where damage hides that. */
static bool is_ours (const mlpi_Safetensors *file) {
  for (size_t i = 0; i < file->n_metadata; i++)
    if (starts_with(file->metadata[i].key, "mlprun.")) return true;
  return false;
}

static mlp_Status check_format (mlp_Runtime *rt, const char *who,
                                const char *path,
                                const mlpi_Safetensors *file) {
  char quoted[MLPI_QUOTED], value[MLPI_QUOTED];
  const char *format = mlpi_safetensors_metadata(file, MLPI_FORMAT_KEY);
  double number = 0;
  if (!is_ours(file)) return MLP_OK;
  mlpi_quote(path, quoted);
  if (!file->verified)
    return mlpi_about(
        rt, path,
        mlpi_error(rt, MLP_EFORMAT,
                   "%s: cannot read %s: expected the checksum "
                   "of a file of mlprun, got none; it was damaged or edited",
                   who, quoted));
  bool ok =
      format != NULL && mlpi_parse_number(format, strlen(format), &number);
  if (ok && number >= 1 && number <= MLPI_FORMAT) return MLP_OK;
  return mlpi_about(
      rt, path,
      mlpi_error(rt, MLP_EFORMAT,
                 "%s: cannot read %s: made by format %s; this mlprun reads "
                 "up to %d",
                 who, quoted, format == NULL ? "?" : mlpi_quote(format, value),
                 MLPI_FORMAT));
}

mlp_Status mlpi_model_open (mlp_Runtime *rt, const char *who, const char *path,
                            mlpi_Safetensors **out) {
  mlp_Status s = mlpi_safetensors_read(rt, who, path, out);
  if (s == MLP_OK) s = check_format(rt, who, path, *out);
  if (s == MLP_OK) return s;
  mlpi_safetensors_free(*out);
  *out = NULL;
  return s;
}

/* Names for a message: how many, and the first of them. */
typedef struct Names {
  size_t n;
  mlpi_Text text;
} Names;

/* What keeps a file from fitting a model. */
typedef struct Misfit {
  Names missing, unexpected, different;
} Misfit;

static bool add_name (Names *s, const char *name) {
  char quoted[MLPI_QUOTED];
  if (s->n++ >= LISTED) return false;
  mlpi_text_format(&s->text, "%s%s", s->n > 1 ? ", " : "",
                   mlpi_quote(name, quoted));
  return true;
}

static void add_different (Names *s, const char *name, const mlpi_Array *want,
                           const mlpi_Array *got) {
  char a[MLPI_SHAPE_TEXT], b[MLPI_SHAPE_TEXT];
  if (!add_name(s, name)) return;
  mlpi_text_format(
      &s->text, " %s %s, expected %s %s", mlpi_dtype_name(got->dtype),
      mlpi_shape_text(got->ndim, got->shape, b), mlpi_dtype_name(want->dtype),
      mlpi_shape_text(want->ndim, want->shape, a));
}

/* Compare; 'used' gets a mark for each array of the file that the model has. */
static void compare (const Items *t, const mlpi_Safetensors *file, bool *used,
                     Misfit *f) {
  for (size_t i = 0; i < t->n; i++) {
    const mlpi_NamedArray *want = &t->item[i];
    const mlpi_NamedArray *got = mlpi_safetensors_item(file, want->name);
    if (got == NULL) {
      add_name(&f->missing, want->name);
      continue;
    }
    used[got - file->arrays] = true;
    if (got->array.dtype != want->array.dtype ||
        !mlpi_same_shape(&got->array, &want->array))
      add_different(&f->different, want->name, &want->array, &got->array);
  }
}

static const char *text_of (const Names *s) {
  return s->text.s != NULL ? s->text.s : "";
}

static mlp_Status report (mlp_Runtime *rt, const char *who, const char *path,
                          const Items *t, const Misfit *f) {
  char quoted[MLPI_QUOTED];
  mlpi_Text all;
  const Names *list[] = { &f->missing, &f->unexpected, &f->different };
  static const char *const what[] = { "missing", "unexpected", "different" };
  mlpi_text_init(&all, rt);
  for (int i = 0; i < 3; i++)
    if (list[i]->n > 0)
      mlpi_text_format(&all, "; %zu %s: %s%s", list[i]->n, what[i],
                       text_of(list[i]), list[i]->n > LISTED ? "..." : "");
  mlp_Status s = mlpi_error(rt, MLP_EARG,
                            "%s: expected the model's %zu arrays in %s, got "
                            "others%s",
                            who, t->n, mlpi_quote(path, quoted),
                            all.s != NULL ? all.s : "");
  mlpi_text_free(&all);
  return s;
}

/* MLP_OK where every array of the model is in the file, and no other. */
static mlp_Status check_fit (const Items *t, const char *who, const char *path,
                             const mlpi_Safetensors *file, bool optimizer) {
  Misfit f = { { 0 }, { 0 }, { 0 } };
  Names *list[] = { &f.missing, &f.unexpected, &f.different };
  mlp_Status s = MLP_OK;
  bool *used = mlpi_calloc(t->rt, file->n, sizeof *used);
  if (used == NULL) return MLP_ENOMEM;
  for (int i = 0; i < 3; i++) mlpi_text_init(&list[i]->text, t->rt);
  compare(t, file, used, &f);
  for (size_t i = 0; i < file->n; i++)
    if (!used[i] && !starts_with(file->arrays[i].name, training_) &&
        (optimizer || !starts_with(file->arrays[i].name, slots)))
      add_name(&f.unexpected, file->arrays[i].name);
  if (f.missing.n + f.unexpected.n + f.different.n > 0)
    s = report(t->rt, who, path, t, &f);
  for (int i = 0; i < 3; i++) mlpi_text_free(&list[i]->text);
  mlpi_free(t->rt, used, file->n * sizeof *used);
  return s;
}

static void touch (const mlp_Model *m) {
  for (int i = 0; i < m->n_layers; i++)
    for (int j = 0; j < m->layer[i]->n_weights; j++)
      m->layer[i]->weight[j].tensor->storage->version++;
}

/* Make what the file's arrays go to. */
static mlp_Status make_room (mlp_Model *m, bool optimizer) {
  mlpi_Array like[MLPI_PORTS];
  for (int i = 0; i < m->n_in; i++) like[i] = m->in[i].like;
  mlp_Status s = mlpi_model_build(m, m->dtype, like);
  return s == MLP_OK && optimizer ? mlpi_model_prepare(m) : s;
}

mlp_Status mlpi_model_read (mlp_Model *m, const char *who, const char *path,
                            const mlpi_Safetensors *file, bool optimizer) {
  Items t;
  if (m->in[0].like.ndim == 0)
    return mlpi_error(m->rt, MLP_ESTATE,
                      "%s: expected a model that is built; call it on data "
                      "first, or give an input shape",
                      who);
  mlp_Status s = list_items(&t, m, false, 0);
  if (s != MLP_OK) return s;
  s = check_fit(&t, who, path, file, false);
  free_items(&t);
  if (s == MLP_OK) s = make_room(m, optimizer);
  if (s == MLP_OK) s = list_items(&t, m, optimizer, 0);
  if (s != MLP_OK) return s;
  if (optimizer) s = check_fit(&t, who, path, file, true);
  for (size_t i = 0; i < t.n && s == MLP_OK; i++)
    mlpi_array_copy(mlpi_safetensors_find(file, t.item[i].name),
                    &t.item[i].array);
  if (s == MLP_OK) touch(m);
  free_items(&t);
  return s;
}
