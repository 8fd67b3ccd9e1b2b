/*
** mlprun.h - the public interface of mlprun: experiments with small neural
** networks, inside your program. C99 and C++.
**
** Objects are opaque and reference counted: whoever calls *_new, *_wrap,
** *_load or *_retain owes one *_release, and *_release(NULL) is fine. A
** function that can fail returns a status (MLP_OK is 0); then what it would
** have made is NULL, and mlp_last_error(rt) says why, until the next call.
**
** A runtime may move between threads but is used by one at a time: a second
** one gets MLP_EBUSY. Runtimes share nothing. Any thread may call mlp_cancel
** and mlp_progress at any time. Inside a callback (a function of the host's,
** the log) the calls on tensors, mlp_fail, mlp_cancel and every *_release
** work; the others return MLP_EREENTRANT. Callbacks return: neither longjmp
** nor a C++ exception may leave them.
**
** Nothing is written to standard output or error, no signal, locale or
** floating-point state is touched, and the process is never ended.
*/
#ifndef mlprun_h
#define mlprun_h

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define MLP_API __declspec(dllexport)
#else
#define MLP_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define MLP_ABI_VERSION 1
#define MLP_VERSION     "0.1.0"
#define MLP_MAXDIM      8 /* dimensions that a tensor may have */
#define MLP_MAXRESULTS  8 /* values that a function of the host's may return */

typedef struct mlp_Runtime mlp_Runtime;   /* memory, errors, seed, threads */
typedef struct mlp_Tensor mlp_Tensor;     /* a view of refcounted storage */
typedef struct mlp_Model mlp_Model;       /* layers, weights, optimizer */
typedef struct mlp_Training mlp_Training; /* epochs over data, resumable */

typedef enum mlp_Status {
  MLP_OK = 0,
  MLP_ENOMEM,     /* the allocator said no */
  MLP_EARG,       /* an argument out of its domain */
  MLP_ESHAPE,     /* shapes that do not fit each other */
  MLP_ETYPE,      /* element types that do not fit each other */
  MLP_EIO,        /* the operating system refused a file operation */
  MLP_EFORMAT,    /* a file that is not what it claims to be */
  MLP_ENUMERIC,   /* a value that is not finite where it must be */
  MLP_ESTATE,     /* the right call at the wrong time */
  MLP_ESYNTAX,    /* Lua text that does not compile */
  MLP_ESCRIPT,    /* an error raised by Lua code */
  MLP_ECALLBACK,  /* a callback failed; its own error is kept */
  MLP_ECANCELLED, /* mlp_cancel was called, or Ctrl-C pressed */
  MLP_ELIMITMEM,  /* the memory limit of the runtime */
  MLP_ELIMITTIME, /* the time limit of the runtime */
  MLP_EBUSY,      /* the runtime is in use by another thread */
  MLP_EABI,       /* host and library disagree on the interface */
  MLP_EREENTRANT  /* not from inside a callback */
} mlp_Status;

typedef enum mlp_Dtype {
  MLP_FLOAT32 = 0,
  MLP_FLOAT64,
  MLP_INT64, /* classes and indices, 1-based in Lua */
  MLP_UINT8  /* images and masks */
} mlp_Dtype;

/*
** Runtimes
*/

/* Same contract as 'lua_Alloc': nsize == 0 frees, NULL means failure. */
typedef void *(*mlp_Alloc)(void *ud, void *ptr, size_t osize, size_t nsize);

/* Everything that would be printed; one call of print or io.write, one call.
** 'text' is UTF-8, n bytes, not NUL-terminated, without the last newline. */
typedef void (*mlp_Log)(void *ud, int level, const char *text, size_t n);
enum { MLP_LOG_PRINT = 0, MLP_LOG_WARNING = 1 };

enum { MLP_NO_ENV = 1 }; /* flags: scripts ignore LUA_PATH and its like */

typedef struct mlp_Config {
  size_t struct_size; /* set by mlp_config_init, as all presets are */
  mlp_Alloc alloc;    /* NULL: the C library's */
  void *alloc_ud;
  size_t memory_limit; /* bytes: Lua, tensors, loaders; 0: none */
  mlp_Log log;         /* NULL: silent */
  void *log_ud;
  int threads;         /* of the pool, the caller included; 0: one */
  uint64_t seed;       /* of the run */
  const char *isa;     /* "baseline", "v3", "v4"; NULL: the best there is */
  double time_limit_s; /* of one call; 0: none */
  unsigned flags;      /* MLP_NO_ENV */
} mlp_Config;

MLP_API int mlp_abi_version (void);
MLP_API const char *mlp_version_string (void);
MLP_API void mlp_config_preset (mlp_Config *config, size_t struct_size);
#define mlp_config_init(config) mlp_config_preset((config), sizeof *(config))

/* config NULL: all presets. MLP_EABI where struct_size is not known here. */
MLP_API mlp_Status mlp_create (const mlp_Config *config, mlp_Runtime **out);

/* Ends the scripts and threads. What the host still holds stays valid, only
** for its *_release; with the last one goes the memory. */
MLP_API void mlp_destroy (mlp_Runtime *rt);

/* Never NULL. After MLP_EBUSY it is the other thread's. */
MLP_API const char *mlp_last_error (const mlp_Runtime *rt);

/* Where the script was when it raised the last error; "" where it was not a
** script. Valid until the next call. */
MLP_API const char *mlp_last_traceback (const mlp_Runtime *rt);

MLP_API size_t mlp_memory_used (const mlp_Runtime *rt);

/*
** Stop what runs: scripts, training, products. Any thread, signal handlers
** too. Sticky: every call that computes returns MLP_ECANCELLED, and no script
** can swallow it, until mlp_reset. So does a time limit that was exceeded,
** with MLP_ELIMITTIME. A step of training that was cut short is not made.
*/
MLP_API void mlp_cancel (mlp_Runtime *rt);
MLP_API void mlp_reset (mlp_Runtime *rt);

/* A snapshot of the training that runs or ran last. Any thread, no lock. */
typedef struct mlp_Progress {
  size_t struct_size;      /* = sizeof(mlp_Progress), set by the caller */
  uint64_t epoch, epochs;  /* from 1; epochs 0: not known */
  uint64_t batch, batches; /* done in this epoch; of an epoch */
  double loss;             /* the mean over the epoch so far */
} mlp_Progress;

MLP_API mlp_Status mlp_progress (const mlp_Runtime *rt, mlp_Progress *progress);

/* For functions of the host's: return mlp_fail(rt, MLP_EARG, "reason"). */
MLP_API mlp_Status mlp_fail (mlp_Runtime *rt, mlp_Status status,
                             const char *message);

/*
** Tensors: row-major, of up to MLP_MAXDIM dimensions.
*/

/* A copy of 'data', or zeros where it is NULL. */
MLP_API mlp_Status mlp_tensor_new (mlp_Runtime *rt, mlp_Dtype dtype, int ndim,
                                   const size_t *shape, const void *data,
                                   mlp_Tensor **out);

/*
** A tensor over the host's own memory, not copied. 'release' (may be NULL) is
** called exactly once, when nobody needs it any more: at once where this call
** fails, and not later than the last release and mlp_destroy.
*/
MLP_API mlp_Status mlp_tensor_wrap (mlp_Runtime *rt, void *data,
                                    mlp_Dtype dtype, int ndim,
                                    const size_t *shape,
                                    void (*release)(void *ud, void *data),
                                    void *ud, mlp_Tensor **out);

/* Its memory, lent. MLP_ESTATE where its elements do not lie row-major without
** gaps, as those of some views that scripts make: then use mlp_tensor_read. */
MLP_API mlp_Status mlp_tensor_data (mlp_Tensor *t, void **data);

/* Copy all elements, row-major; 'bytes' is the size of the buffer. */
MLP_API mlp_Status mlp_tensor_read (mlp_Tensor *t, void *to, size_t bytes);

/* Of NULL: float32, 0, NULL. */
MLP_API mlp_Dtype mlp_tensor_dtype (const mlp_Tensor *t);
MLP_API int mlp_tensor_ndim (const mlp_Tensor *t);
MLP_API const size_t *mlp_tensor_shape (const mlp_Tensor *t); /* lent */
MLP_API mlp_Tensor *mlp_tensor_retain (mlp_Tensor *t);
MLP_API void mlp_tensor_release (mlp_Tensor *t);

/*
** Scripts. The Lua state is made when first needed. It is a whole Lua 5.4 with
** require "mlp", but for what concerns the process: print and io.write go to
** the log; os.exit, os.execute, os.setlocale, io.popen, standard input and C
** modules are refused, and of debug there is what describes an error.
*/
typedef enum mlp_ValueType {
  MLP_VNIL = 0,
  MLP_VBOOLEAN, /* .integer: 0 or 1 */
  MLP_VINTEGER,
  MLP_VNUMBER,
  MLP_VTEXT,
  MLP_VTENSOR,
  MLP_VMODEL
} mlp_ValueType;

/* A Lua value that crosses the border. */
typedef struct mlp_Value {
  mlp_ValueType type;
  union {
    int64_t integer;
    double number;
    struct {
      const char *text; /* any bytes, and a NUL behind them */
      size_t length;
    } string;
    mlp_Tensor *tensor;
    mlp_Model *model;
  } as;
} mlp_Value;

/* 'name' is for messages; NULL: "host". Only text, no precompiled chunks. */
MLP_API mlp_Status mlp_run_string (mlp_Runtime *rt, const char *text, size_t n,
                                   const char *name);
MLP_API mlp_Status mlp_run_file (mlp_Runtime *rt, const char *path);

/*
** Call the global function 'name'. Arguments are lent. Of the results, tensors
** and models are the caller's to release; texts live until the next call.
** Missing results are nil. On failure there are none.
*/
MLP_API mlp_Status mlp_call (mlp_Runtime *rt, const char *name, int n_args,
                             const mlp_Value *args, int n_results,
                             mlp_Value *results);

/*
** A function of the host's: arguments are lent for the call. It sets up to
** MLP_MAXRESULTS results and their number (preset 0); a tensor or model among
** them takes its reference along, texts are copied when it returns. A status
** other than MLP_OK is raised in the script, with mlp_fail's message.
*/
typedef mlp_Status (*mlp_Function)(void *ud, mlp_Runtime *rt, int n_args,
                                   const mlp_Value *args, int *n_results,
                                   mlp_Value *results);

/* Make it the global function 'name'. free_ud (may be NULL) is called once,
** also where this fails. */
MLP_API mlp_Status mlp_register (mlp_Runtime *rt, const char *name,
                                 mlp_Function f, void *ud,
                                 void (*free_ud)(void *ud));

/*
** Models, without any Lua text. Names of kinds and options are those of
** scripts: "dense", "units". A list of settings ends at a NULL name, and may
** be NULL itself.
*/
typedef struct mlp_Setting {
  const char *name;
  double number;                    /* numbers, whole ones, 0 and 1 */
  const char *text;                 /* texts, names of objects ("relu") */
  const struct mlp_Setting *object; /* settings of that object; or NULL */
  const int64_t *sizes;             /* shapes */
  int n_sizes;
} mlp_Setting;

MLP_API mlp_Status mlp_model_new (mlp_Runtime *rt, mlp_Model **out);
MLP_API void mlp_model_release (mlp_Model *m);

/* Append a layer to the last one. */
MLP_API mlp_Status mlp_model_add (mlp_Model *m, const char *layer,
                                  const mlp_Setting *settings);

/* The same with inputs: layers by number, the first is 1; 0 is the model's
** input. */
MLP_API mlp_Status mlp_model_join (mlp_Model *m, const char *layer,
                                   const mlp_Setting *settings, int n_inputs,
                                   const int *inputs);

/* A file of model:save or mlp_model_save: layers, weights, compile's words and
** the optimizer's state. No code is in it. Written whole or not at all. */
MLP_API mlp_Status mlp_model_load (mlp_Runtime *rt, const char *path,
                                   mlp_Model **out);
MLP_API mlp_Status mlp_model_save (mlp_Model *m, const char *path);

/* Give it weights, for rows of that shape. Training does it where it was not
** done. */
MLP_API mlp_Status mlp_model_build (mlp_Model *m, mlp_Dtype dtype, int ndim,
                                    const size_t *shape);

/* metrics: names, ending at NULL; or NULL. */
MLP_API mlp_Status mlp_model_compile (mlp_Model *m, const char *optimizer,
                                      const mlp_Setting *optimizer_settings,
                                      const char *loss,
                                      const mlp_Setting *loss_settings,
                                      const char *const *metrics);

/* Set a number of the optimizer's: the learning rate. */
MLP_API mlp_Status mlp_model_tune (mlp_Model *m, const char *option,
                                   double value);

/* One step on a batch; *loss (may be NULL) is that before the step. */
MLP_API mlp_Status mlp_model_train (mlp_Model *m, mlp_Tensor *x, mlp_Tensor *y,
                                    double *loss);

/* values[0] is the loss, then come the metrics: n in all. */
MLP_API mlp_Status mlp_model_evaluate (mlp_Model *m, mlp_Tensor *x,
                                       mlp_Tensor *y, int n, double *values);

/* Outputs (rows, mlp_model_outputs) for x (rows, mlp_model_inputs), of the
** model's type, row-major. One row is fast. */
MLP_API mlp_Status mlp_model_predict (mlp_Model *m, size_t rows, const void *x,
                                      void *out);
MLP_API size_t mlp_model_inputs (const mlp_Model *m); /* 0: not built */
MLP_API mlp_Status mlp_model_outputs (mlp_Model *m, size_t *n);
MLP_API mlp_Dtype mlp_model_dtype (const mlp_Model *m);

/* The weights of that name ("dense_1.kernel"), not a copy. */
MLP_API mlp_Status mlp_model_weights (mlp_Model *m, const char *name,
                                      mlp_Tensor **out);

/* SHA-256 of the bytes of all weights: 64 hex digits and a NUL. */
MLP_API mlp_Status mlp_model_hash (mlp_Model *m, char hex[65]);

/*
** Training for several epochs, a few milliseconds at a time. x and y are
** retained. The model gets the same weights however it is cut.
*/
typedef struct mlp_TrainingConfig {
  size_t struct_size; /* set by mlp_training_config_init, as all presets are */
  size_t batch_size;  /* 32 */
  uint64_t epochs;    /* 1 */
  int shuffle;        /* 1; by seed and epoch, as in scripts */
} mlp_TrainingConfig;

MLP_API void mlp_training_preset (mlp_TrainingConfig *config,
                                  size_t struct_size);
#define mlp_training_config_init(config)                                       \
  mlp_training_preset((config), sizeof *(config))

MLP_API mlp_Status mlp_training_new (mlp_Model *m, mlp_Tensor *x, mlp_Tensor *y,
                                     const mlp_TrainingConfig *config,
                                     mlp_Training **out);
MLP_API void mlp_training_release (mlp_Training *t);

/* Go on for about that long, at least one batch; *done is 0 or 1. MLP_ENUMERIC
** where the loss is not finite: the weights are those before that step. */
MLP_API mlp_Status mlp_training_step (mlp_Training *t, double milliseconds,
                                      int *done);

/* Means over the present epoch so far: values as in mlp_model_evaluate. */
MLP_API mlp_Status mlp_training_values (const mlp_Training *t, int n,
                                        double *values);

#ifdef __cplusplus
}
#endif

#endif
