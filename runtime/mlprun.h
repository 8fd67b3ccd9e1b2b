/*
** mlprun.h - the public interface of mlprun: experiments with small neural
** networks, inside your program.
**
** Every object is opaque and reference counted: whoever calls *_new or
** *_retain owes one *_release, and *_release(NULL) is fine. Every function
** that can fail returns a status (MLP_OK is 0); the reason, with the values
** in it, is in mlp_last_error(rt) until the next call on that runtime.
** A runtime may move between threads but is used by one at a time; only
** mlp_cancel may be called from another thread or a signal handler.
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

typedef struct mlp_Runtime mlp_Runtime; /* memory, errors, seed, threads */
typedef struct mlp_Tensor mlp_Tensor;   /* a view of refcounted storage */

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
  MLP_EABI        /* host and library disagree on the interface */
} mlp_Status;

typedef enum mlp_Dtype {
  MLP_FLOAT32 = 0,
  MLP_FLOAT64,
  MLP_INT64, /* classes and indices, 1-based in Lua */
  MLP_UINT8  /* images and masks */
} mlp_Dtype;

/* Same contract as 'lua_Alloc': nsize == 0 frees, NULL means failure. */
typedef void *(*mlp_Alloc)(void *ud, void *ptr, size_t osize, size_t nsize);

/* Everything that would be printed. 'text' is UTF-8, not NUL-terminated. */
typedef void (*mlp_Log)(void *ud, int level, const char *text, size_t n);

typedef struct mlp_Config {
  size_t struct_size; /* = sizeof(mlp_Config); set by mlp_config_init */
  mlp_Alloc alloc;    /* NULL: the C library's */
  void *alloc_ud;
  size_t memory_limit; /* bytes, tensors and loaders included; 0: none */
  mlp_Log log;         /* NULL: silent */
  void *log_ud;
  int threads;     /* of the pool, the caller included; 0: one */
  uint64_t seed;   /* of the run */
  const char *isa; /* "baseline", "v3", "v4"; NULL: the best there is */
} mlp_Config;

MLP_API int mlp_abi_version (void);
MLP_API const char *mlp_version_string (void);
MLP_API void mlp_config_init (mlp_Config *config);
MLP_API mlp_Status mlp_create (const mlp_Config *config, mlp_Runtime **out);
MLP_API void mlp_destroy (mlp_Runtime *rt);
MLP_API const char *mlp_last_error (const mlp_Runtime *rt);
MLP_API size_t mlp_memory_used (const mlp_Runtime *rt);
MLP_API void mlp_cancel (mlp_Runtime *rt); /* sticky until mlp_reset */
MLP_API void mlp_reset (mlp_Runtime *rt);

#ifdef __cplusplus
}
#endif

#endif
