/*
** embed_settings.c - objects from lists of settings, with the same checks and
** messages as options in scripts.
*/
#include "base/text.h"
#include "host/embed.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool listed (const char *list, const char *word) {
  size_t n = strlen(word);
  for (const char *p = list; (p = strstr(p, word)) != NULL; p += n)
    if ((p == list || p[-1] == ' ') && (p[n] == '\0' || p[n] == ' '))
      return true;
  return false;
}

static mlp_Status unknown (const mlp_Object *o, const char *name) {
  const char *names[MLP_OPTIONS_MAX];
  char list[400] = "none";
  size_t n = 0, at = 0;
  for (; o->kind->options[n].name != NULL; n++) {
    names[n] = o->kind->options[n].name;
    if (at + strlen(names[n]) + 3 < sizeof list)
      at += (size_t)snprintf(list + at, sizeof list - at, "%s%s",
                             n > 0 ? ", " : "", names[n]);
  }
  const char *near = mlpi_nearest(name, names, n);
  char quoted[MLPI_QUOTED];
  return mlpi_error(
      o->rt, MLP_EARG, "%s: unknown option %s%s%s%s; known options: %s",
      o->kind->name, mlpi_quote(name, quoted), near ? "; did you mean '" : "",
      near ? near : "", near ? "'?" : "", list);
}

static mlp_Status wrong (const mlp_Object *o, const char *name,
                         const char *want) {
  return mlpi_error(o->rt, MLP_EARG, "%s: option '%s': expected %s",
                    o->kind->name, name, want);
}

static mlp_Status set_object (mlp_Object *o, int i, const mlp_Setting *s) {
  mlp_Object *v = NULL;
  mlp_Status status = MLP_OK;
  if (s->text != NULL)
    status = mlpi_object_from(o->rt, o->kind->options[i].family, s->text,
                              s->object, "", &v);
  if (status != MLP_OK) return status;
  mlpi_object_release(o->value[i].object);
  o->value[i].object = v;
  return MLP_OK;
}

static mlp_Status set_sizes (mlp_Object *o, int i, const mlp_Setting *s) {
  if (s->n_sizes < 0 || s->n_sizes > MLP_MAXDIM ||
      (s->sizes == NULL && s->n_sizes > 0))
    return wrong(o, s->name, "at most 8 sizes");
  o->value[i].shape.n = s->n_sizes;
  for (int d = 0; d < s->n_sizes; d++) o->value[i].shape.dim[d] = s->sizes[d];
  return MLP_OK;
}

static mlp_Status set (mlp_Object *o, int i, const mlp_Setting *s) {
  const mlp_OptionType type = o->kind->options[i].type;
  if (type == MLP_OBJECT) return set_object(o, i, s);
  if (type == MLP_SHAPE) return set_sizes(o, i, s);
  if (type == MLP_LAYER)
    return wrong(o, s->name, "a layer, which only scripts can give");
  if (type == MLP_TEXT)
    return s->text == NULL ? wrong(o, s->name, "a text, got NULL")
                           : mlpi_object_set_text(o, i, s->text);
  if (s->text != NULL) return wrong(o, s->name, "a number, got a text");
  if (isnan(s->number)) return wrong(o, s->name, "a number, got nan");
  if (type == MLP_BOOLEAN && s->number != 0 && s->number != 1)
    return wrong(o, s->name, "0 or 1");
  return mlpi_object_set(o, i, s->number);
}

static mlp_Status check_required (const mlp_Object *o, unsigned given) {
  const mlp_Option *p = o->kind->options;
  for (int i = 0; p[i].name != NULL; i++)
    if (p[i].required && (given >> i & 1) == 0)
      return mlpi_error(o->rt, MLP_EARG,
                        "%s: option '%s': expected a value (%s), got none",
                        o->kind->name, p[i].name, p[i].doc);
  return MLP_OK;
}

static mlp_Status fill (mlp_Object *o, const mlp_Setting *s,
                        const char *extra) {
  unsigned given = 0; /* bit i: option i */
  for (; s != NULL && s->name != NULL; s++) {
    if (listed(extra, s->name)) continue;
    int i = mlpi_option_index(o->kind, s->name);
    mlp_Status status = i < 0 ? unknown(o, s->name) : set(o, i, s);
    if (status != MLP_OK) return status;
    given |= 1u << i;
  }
  return check_required(o, given);
}

mlp_Status mlpi_object_from (mlp_Runtime *rt, const char *family,
                             const char *name, const mlp_Setting *settings,
                             const char *extra, mlp_Object **out) {
  *out = NULL;
  if (name == NULL)
    return mlpi_error(rt, MLP_EARG, "%s: expected a name, got NULL", family);
  mlp_Status s = mlpi_object_new(rt, family, name, out);
  if (s == MLP_OK) s = fill(*out, settings, extra);
  if (s == MLP_OK) return s;
  mlpi_object_release(*out);
  *out = NULL;
  return s;
}
