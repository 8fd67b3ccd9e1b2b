/*
** kind.h - what every registered thing has in common: an activation, layer,
** loss, optimizer... is one file with one descriptor, whose first members
** are MLP_KIND. From it come look-up by name, checked options, help, editor
** stubs, the manual, saving, and the common property tests.
*/
#ifndef kind_h
#define kind_h

#include "base/base.h"

enum { MLP_OPTIONS_MAX = 28 };

/* What an option may hold. The names of families come from folder names. */
typedef enum mlp_OptionType {
  MLP_NUMBER = 0, /* in [min, max] */
  MLP_INTEGER,    /* a whole number in [min, max] */
  MLP_BOOLEAN,    /* preset 0 or 1 */
  MLP_TEXT,       /* one of 'choices' where that is set */
  MLP_SHAPE,      /* a list of whole numbers */
  MLP_OBJECT, /* an object of 'family', by name or made by its constructor */
  MLP_LIST,   /* a list of numbers, each in [min, max] */
  MLP_LAYER   /* a layer, around which another one is made */
} mlp_OptionType;

/* One option. It drives argument checks, help, stubs, saving, tuning. */
typedef struct mlp_Option {
  const char *name;
  double preset, min, max;
  const char *doc;
  mlp_OptionType type;
  const char *family;  /* MLP_OBJECT: "activation", "initializer"... */
  const char *text;    /* MLP_TEXT, MLP_OBJECT: preset; NULL: none */
  const char *choices; /* MLP_TEXT: words separated by a space */
  bool required;       /* no preset: the caller must say */
  bool live;           /* of a layer: may be set while it trains */
} mlp_Option;

#define MLP_KIND                                                               \
  const char *name;                       /* identity, snake_case */           \
  const char *doc;                        /* a sentence; then details */       \
  const char *cite;                       /* paper or program it comes from */ \
  const char *alias;                      /* other names, space-separated */   \
  mlp_Option options[MLP_OPTIONS_MAX + 1] /* ends at a NULL name */

typedef struct mlp_Kind {
  MLP_KIND;
} mlp_Kind;

/* All kinds of one folder, compiled for one instruction set and type. */
typedef struct mlpi_Family {
  const char *name;             /* of the folder */
  const mlp_Kind *const *kinds; /* sorted by name, NULL-terminated */
} mlpi_Family;

typedef struct mlp_Object mlp_Object;

/* The value of one option. */
typedef union mlpi_Value {
  double number;      /* MLP_NUMBER, MLP_INTEGER, MLP_BOOLEAN */
  char *text;         /* MLP_TEXT, owned; may be NULL */
  mlp_Object *object; /* MLP_OBJECT, owned reference; may be NULL */
  struct {
    int n;
    int64_t dim[MLP_MAXDIM];
  } shape;
  struct {
    size_t n;
    double *at; /* owned */
  } list;
  struct {
    struct mlp_Layer *at; /* MLP_LAYER, owned reference; NULL: none yet */
    void (*release)(struct mlp_Layer *l);
  } layer;
} mlpi_Value;

/* A kind with its options filled in; refcounted and, but for numbers that a
** schedule or user sets (learning_rate), constant. */
struct mlp_Object {
  mlp_Runtime *rt;
  int refs;
  const char *family;
  const mlp_Kind *kind; /* of the first variant; see mlpi_variant_kind */
  void *ud;             /* kinds registered at run time: theirs */
  void (*free_ud)(void *ud);
  mlpi_Value value[]; /* one an option */
};

/* A new object with every option at its preset; *out is NULL on failure. The
** second form is for kinds registered at run time. */
mlp_Status mlpi_object_new (mlp_Runtime *rt, const char *family,
                            const char *name, mlp_Object **out);
mlp_Status mlpi_object_of (mlp_Runtime *rt, const char *family,
                           const mlp_Kind *kind, mlp_Object **out);
/* What one of a kind takes, without what its options hold. */
size_t mlpi_object_bytes (const mlp_Kind *kind);
mlp_Object *mlpi_object_retain (mlp_Object *o);
void mlpi_object_release (mlp_Object *o);

/* Index of an option, or -1. */
int mlpi_option_index (const mlp_Kind *kind, const char *name);

/* Set a number, integer or boolean; checks the range. */
mlp_Status mlpi_object_set (mlp_Object *o, int option, double value);

/* Set a text, copied; checks the choices. */
mlp_Status mlpi_object_set_text (mlp_Object *o, int option, const char *text);

/* Set a list of n numbers, copied; checks their range. */
mlp_Status mlpi_object_set_list (mlp_Object *o, int option, size_t n,
                                 const double *at);

/* The place of a text option's value among its choices, from 0. */
int mlpi_object_choice (const mlp_Object *o, int option);

/* The kind of that name or alias in the table of level-0 kinds, or NULL. */
const mlp_Kind *mlpi_find_kind (const char *family, const char *name);

/* The name in 'names' (n of them) nearest to 'name', or what stands there for
** another library's 'name'; NULL if none is near: for "did you mean". */
const char *mlpi_nearest (const char *name, const char *const *names, size_t n);

extern const mlpi_Family mlpi_families[]; /* generated; ends at a NULL name */

#endif
