/*
** file.h - a model in a safetensors file. The engine writes and reads what is
** in arrays: weights, named "dense_1.kernel", and the state of the optimizer,
** "optimizer/1/dense_1.kernel" being the first slot of that weight. What the
** model is made of is a text in the metadata, which the caller makes and
** understands (lua/mlp/file.lua): nothing in a file is ever run.
*/
#ifndef file_h
#define file_h

#include "model/model.h"
#include "model/safetensors.h"

#define MLPI_FORMAT_KEY       "mlprun.format"
#define MLPI_ARCHITECTURE_KEY "mlprun.model"
#define MLPI_TRAINING_KEY     "mlprun.training"
enum { MLPI_FORMAT = 1 }; /* of what we write; we read up to this */

/* What a checkpoint holds beside the model: a text of the caller's, and arrays
** whose names begin with "training/", which a reader of the model ignores. */
typedef struct mlpi_Training {
  const char *text;
  size_t n;
  const mlpi_NamedArray *arrays;
} mlpi_Training;

/*
** Replace 'path' by the weights, after an update the optimizer's state too
** where that is wanted, 'architecture' (NULL: weights alone) and 'training'
** (or NULL).
*/
mlp_Status mlpi_model_write (mlp_Model *m, const char *who, const char *path,
                             const char *architecture, bool optimizer,
                             const mlpi_Training *training);

/* Read a file. One of ours must have the right checksum, MLP_EFORMAT else,
** and a format that we know. */
mlp_Status mlpi_model_open (mlp_Runtime *rt, const char *who, const char *path,
                            mlpi_Safetensors **out);

/*
** Set all weights, and with 'optimizer' its state, from a file. A model that
** was declared is built first: nothing larger than the file is allocated
** before it is known to fit. Where a name, shape or type does not, MLP_EARG
** lists them and no weight has changed.
*/
mlp_Status mlpi_model_read (mlp_Model *m, const char *who, const char *path,
                            const mlpi_Safetensors *file, bool optimizer);

#endif
