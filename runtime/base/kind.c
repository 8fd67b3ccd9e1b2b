/*
** kind.c - look-up by name, and objects: kinds with their options filled in.
*/
#include "base/kind.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Is 'word' one of the space-separated words of 'list'? */
static bool listed (const char *list, const char *word) {
  size_t n = strlen(word);
  for (const char *p = list; p != NULL && *p != '\0';) {
    size_t m = strcspn(p, " ");
    if (m == n && memcmp(p, word, n) == 0) return true;
    p += m + (p[m] == ' ');
  }
  return false;
}

static const mlpi_Family *find_family (const char *name) {
  for (const mlpi_Family *f = mlpi_families; f->name != NULL; f++)
    if (strcmp(f->name, name) == 0) return f;
  return NULL;
}

const mlp_Kind *mlpi_find_kind (const char *family, const char *name) {
  const mlpi_Family *f = find_family(family);
  if (f == NULL) return NULL;
  for (const mlp_Kind *const *k = f->kinds; *k != NULL; k++)
    if (strcmp((*k)->name, name) == 0 || listed((*k)->alias, name)) return *k;
  return NULL;
}

enum { NAMES = 256, NAME_BYTES = 4000 };

/* All names and aliases of a family, cut out of 'text'; how many. Those that
** find no room are not suggested. */
static size_t all_names (const mlpi_Family *f, char text[NAME_BYTES],
                         const char **names) {
  size_t n = 0, at = 0;
  for (const mlp_Kind *const *k = f->kinds; *k != NULL; k++) {
    const char *alias = (*k)->alias == NULL ? "" : (*k)->alias;
    const size_t more = strlen((*k)->name) + strlen(alias) + 2;
    if (more >= NAME_BYTES - at) break;
    snprintf(text + at, more + 1, "%s %s ", (*k)->name, alias);
    at += more;
  }
  text[at] = '\0';
  for (char *p = text; *p != '\0' && n < NAMES;) {
    size_t m = strcspn(p, " ");
    if (m > 0) names[n++] = p;
    p += m;
    if (*p == ' ') *p++ = '\0';
  }
  return n;
}

static mlp_Status unknown_kind (mlp_Runtime *rt, const char *family,
                                const char *name) {
  const mlpi_Family *f = find_family(family);
  const char *names[NAMES], *near = NULL;
  char list[360] = "", text[NAME_BYTES];
  size_t at = 0;
  for (size_t i = 0; f != NULL && f->kinds[i] != NULL; i++)
    if (at + strlen(f->kinds[i]->name) + 6 < sizeof list)
      at += (size_t)snprintf(list + at, sizeof list - at, "%s%s",
                             i > 0 ? ", " : "", f->kinds[i]->name);
    else {
      snprintf(list + at, sizeof list - at, "...");
      break;
    }
  if (f != NULL) near = mlpi_nearest(name, names, all_names(f, text, names));
  char quoted[MLPI_QUOTED];
  return mlpi_error(rt, MLP_EARG, "%s: expected one of %s; got %s%s%s%s",
                    family, list, mlpi_quote(name, quoted),
                    near ? "; did you mean '" : "", near ? near : "",
                    near ? "'?" : "");
}

static mlp_Status preset (mlp_Object *o, int i) {
  const mlp_Option *p = &o->kind->options[i];
  if (p->type == MLP_OBJECT && p->text != NULL)
    return mlpi_object_new(o->rt, p->family, p->text, &o->value[i].object);
  if (p->type == MLP_TEXT && p->text != NULL) {
    o->value[i].text = mlpi_strdup(o->rt, p->text);
    return o->value[i].text == NULL ? MLP_ENOMEM : MLP_OK;
  }
  if (p->type <= MLP_BOOLEAN) o->value[i].number = p->preset;
  return MLP_OK;
}

size_t mlpi_object_bytes (const mlp_Kind *kind) {
  size_t n = 0;
  while (kind->options[n].name != NULL) n++;
  return sizeof(mlp_Object) + n * sizeof(mlpi_Value);
}

mlp_Status mlpi_object_of (mlp_Runtime *rt, const char *family,
                           const mlp_Kind *kind, mlp_Object **out) {
  *out = NULL;
  mlp_Object *o = mlpi_calloc(rt, 1, mlpi_object_bytes(kind));
  if (o == NULL) return MLP_ENOMEM;
  o->rt = rt;
  o->refs = 1;
  o->family = family;
  o->kind = kind;
  for (int i = 0; kind->options[i].name != NULL; i++) {
    mlp_Status s = preset(o, i);
    if (s != MLP_OK) {
      mlpi_object_release(o);
      return s;
    }
  }
  *out = o;
  return MLP_OK;
}

mlp_Status mlpi_object_new (mlp_Runtime *rt, const char *family,
                            const char *name, mlp_Object **out) {
  *out = NULL;
  const mlp_Kind *kind = mlpi_find_kind(family, name);
  if (kind == NULL) return unknown_kind(rt, family, name);
  return mlpi_object_of(rt, find_family(family)->name, kind, out);
}

mlp_Object *mlpi_object_retain (mlp_Object *o) {
  if (o != NULL) o->refs++;
  return o;
}

static void free_list (mlp_Object *o, int i) {
  const mlpi_Value *v = &o->value[i];
  mlpi_free(o->rt, v->list.at, v->list.n * sizeof *v->list.at);
}

void mlpi_object_release (mlp_Object *o) {
  if (o == NULL || --o->refs > 0) return;
  for (int i = 0; o->kind->options[i].name != NULL; i++) {
    const mlp_Option *p = &o->kind->options[i];
    if (p->type == MLP_OBJECT) mlpi_object_release(o->value[i].object);
    if (p->type == MLP_TEXT) mlpi_strfree(o->rt, o->value[i].text);
    if (p->type == MLP_LIST) free_list(o, i);
    if (p->type == MLP_LAYER && o->value[i].layer.at != NULL)
      o->value[i].layer.release(o->value[i].layer.at);
  }
  const size_t bytes = mlpi_object_bytes(o->kind); /* it may go with ud */
  if (o->free_ud != NULL) o->free_ud(o->ud);
  mlpi_free(o->rt, o, bytes);
}

int mlpi_option_index (const mlp_Kind *kind, const char *name) {
  for (int i = 0; kind->options[i].name != NULL; i++)
    if (strcmp(kind->options[i].name, name) == 0) return i;
  return -1;
}

static mlp_Status check_number (const mlp_Object *o, int option, double value) {
  const mlp_Option *p = &o->kind->options[option];
  bool whole = p->type != MLP_INTEGER || value == floor(value);
  if (whole && value >= p->min && value <= p->max) return MLP_OK;
  return mlpi_error(o->rt, MLP_EARG,
                    "%s: option '%s': expected a %s from %g to %g, got %g",
                    o->kind->name, p->name,
                    p->type == MLP_INTEGER ? "whole number" : "number", p->min,
                    p->max, value);
}

mlp_Status mlpi_object_set (mlp_Object *o, int option, double value) {
  mlp_Status s = check_number(o, option, value);
  if (s == MLP_OK) o->value[option].number = value;
  return s;
}

mlp_Status mlpi_object_set_list (mlp_Object *o, int option, size_t n,
                                 const double *at) {
  for (size_t i = 0; i < n; i++) {
    mlp_Status s = check_number(o, option, at[i]);
    if (s != MLP_OK) return s;
  }
  double *copy = mlpi_alloc(o->rt, n * sizeof *copy);
  if (copy == NULL) return MLP_ENOMEM;
  if (n > 0) memcpy(copy, at, n * sizeof *copy);
  free_list(o, option);
  o->value[option].list.n = n;
  o->value[option].list.at = copy;
  return MLP_OK;
}

int mlpi_object_choice (const mlp_Object *o, int option) {
  const char *text = o->value[option].text;
  const char *p = o->kind->options[option].choices;
  size_t n = text == NULL ? 0 : strlen(text);
  for (int i = 0; p != NULL && text != NULL; i++) {
    size_t m = strcspn(p, " ");
    if (m == n && memcmp(p, text, n) == 0) return i;
    if (p[m] == '\0') break;
    p += m + 1;
  }
  return 0;
}

mlp_Status mlpi_object_set_text (mlp_Object *o, int option, const char *text) {
  const mlp_Option *p = &o->kind->options[option];
  char quoted[MLPI_QUOTED];
  if (p->choices != NULL && !listed(p->choices, text))
    return mlpi_error(
        o->rt, MLP_EARG, "%s: option '%s': expected one of %s; got %s",
        o->kind->name, p->name, p->choices, mlpi_quote(text, quoted));
  char *copy = mlpi_strdup(o->rt, text);
  if (copy == NULL) return MLP_ENOMEM;
  mlpi_strfree(o->rt, o->value[option].text);
  o->value[option].text = copy;
  return MLP_OK;
}
