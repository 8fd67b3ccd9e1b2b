/*
** data.h - level 6: datasets, the files they come from, how they are cut.
*/
#ifndef data_h
#define data_h

#include "graph/graph.h"

typedef struct mlp_Dataset mlp_Dataset;

/* Rows of (x, y). */
struct mlp_Dataset {
  mlp_Runtime *rt;
  int refs;
  char *name;           /* "moons"; may be NULL */
  mlp_Tensor *x;        /* (n, ...) float32 or float64 (images: (n, 784)) */
  mlp_Tensor *y;        /* classes: int64 (n), 1..n_classes; values: (n, k) of
                           x's type; NULL: none */
  size_t n_classes;     /* 0: y holds values */
  char **class_names;   /* n_classes of them, or NULL */
  size_t n_features;    /* of feature_names */
  char **feature_names; /* or NULL */
};

/* A generator of rows: one file in data/dataset/, one descriptor
** mlp_dataset_<name>. 'o' holds the options, all presets filled in. */
typedef struct mlp_Generator {
  MLP_KIND;
  mlp_Status (*make)(mlp_Runtime *rt, const mlp_Object *o, mlp_Dataset **out);
} mlp_Generator;

/* Retains x and y (y may be NULL). Checks that they have as many rows and
** that classes lie in 1..n_classes. */
mlp_Status mlpi_dataset_new (mlp_Runtime *rt, const char *name, mlp_Tensor *x,
                             mlp_Tensor *y, size_t n_classes,
                             mlp_Dataset **out);

/* Give names, copied: n_classes of them, or one for each column of x. */
mlp_Status mlpi_dataset_name_classes (mlp_Dataset *d, size_t n,
                                      const char *const *names);
mlp_Status mlpi_dataset_name_features (mlp_Dataset *d, size_t n,
                                       const char *const *names);

/* Another dataset with these x and y, retained, and d's names where they
** still fit. */
mlp_Status mlpi_dataset_with (const mlp_Dataset *d, mlp_Tensor *x,
                              mlp_Tensor *y, mlp_Dataset **out);

mlp_Dataset *mlpi_dataset_retain (mlp_Dataset *d);
void mlpi_dataset_release (mlp_Dataset *d);
size_t mlpi_dataset_rows (const mlp_Dataset *d);

/* The order of rows in an epoch (from 1): by (run seed, epoch) alone. */
void mlpi_shuffle_order (const mlp_Runtime *rt, uint64_t epoch, size_t n,
                         size_t *order);

/* How many rows each class has: count[0..n_classes). */
void mlpi_dataset_class_counts (const mlp_Dataset *d, size_t *count);

/* Copy rows rows[0..n) of t (n0, ...) to 'to' (n, ...), row-major. */
void mlpi_gather_rows (const mlp_Tensor *t, size_t n, const size_t *rows,
                       void *to);

/* The same as a new tensor. */
mlp_Status mlpi_take_rows (const mlp_Tensor *t, size_t n, const size_t *rows,
                           mlp_Tensor **out);

/* A new dataset of those rows, names and classes kept. */
mlp_Status mlpi_dataset_rows_new (mlp_Dataset *d, size_t n, const size_t *rows,
                                  mlp_Dataset **out);

/*
** Cut off floor(n * share + 1e-9) rows as 'second'; the rest is 'first'.
** how: "stratified" (classes keep their shares), "shuffle" or "tail"; NULL:
** stratified for classes, shuffled for values. Both keep the rows' order.
*/
mlp_Status mlpi_dataset_split (mlp_Dataset *d, double share, const char *how,
                               uint64_t seed, mlp_Dataset **first,
                               mlp_Dataset **second);

#endif
