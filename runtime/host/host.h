/*
** host.h - level 9: the mlprun program. What its files share.
** Unlike the library below, the program owns the process: it may exit, print,
** catch signals and keep global state.
*/
#ifndef host_h
#define host_h

#include "base/base.h"

#include <lua.h>
#include <stdio.h>

/* What the command line says, but for -e and -l, which run in order. */
typedef struct mlpi_Options {
  int script;   /* index in argv; 0: none */
  bool command; /* it is not a file but the name of a command */
  bool interactive, show_version, version, help, ignore_env, warn, execute;
  bool quick, profile, quiet, random_seed, verify;
  uint64_t seed;
  int threads;           /* 0: as many as there are cores */
  const char *isa, *out; /* NULL: not said */
  bool color;            /* on standard error */
  bool color_set;        /* by --color, always or never */
} mlpi_Options;

enum { /* in the order of the table in options.c */
       MLPI_OPT_EXECUTE,
       MLPI_OPT_LIBRARY,
       MLPI_OPT_INTERACTIVE,
       MLPI_OPT_SHOW_VERSION,
       MLPI_OPT_IGNORE_ENV,
       MLPI_OPT_WARN,
       MLPI_OPT_SEED,
       MLPI_OPT_THREADS,
       MLPI_OPT_ISA,
       MLPI_OPT_OUT,
       MLPI_OPT_QUICK,
       MLPI_OPT_PROFILE,
       MLPI_OPT_QUIET,
       MLPI_OPT_VERIFY,
       MLPI_OPT_COLOR,
       MLPI_OPT_VERSION,
       MLPI_OPT_HELP,
       MLPI_OPT_STDIN,
       MLPI_OPT_END,
       MLPI_OPT_NONE, /* the options are over: argv[*i] is the script or NULL */
       MLPI_OPT_UNKNOWN /* reported on standard error */
};

/* options.c: false with a message on standard error for wrong usage. */
bool mlpi_options_read (char **argv, mlpi_Options *o);
/* Take the option at argv[*i] and its value; *i moves behind them. */
int mlpi_options_next (char **argv, int *i, const char **value);
void mlpi_options_help (FILE *f);

/* version.c: mlprun's line, and that of each library. */
void mlpi_print_version (FILE *f, bool libraries);

/* chunk.c: replace load, loadfile, dofile and the searcher of Lua files by
** ones that refuse precompiled chunks, which can corrupt memory. */
void mlpi_text_only (lua_State *L);
/* Compile a file (NULL: standard input) or a buffer; a status of lua_load. */
int mlpi_load_file (lua_State *L, const char *path);

/* math.random follows the run's seed, so that a script repeats itself. */
void mlpi_seed_random (lua_State *L, uint64_t seed);

/* report.c: call as lua_pcall does; a failure leaves one report on the stack:
** a table { message, traceback, value }, or a string where memory is short. */
int mlpi_call (lua_State *L, int nargs, int nresults);
/* Print the report on top of the stack to standard error, and pop it. */
void mlpi_report (lua_State *L, bool color);

/*
** interrupt.c: SIGINT, SIGTERM and SIGHUP. The first asks: the cancel flag of
** the runtime is set, and the Lua code that runs gets an error, once. Another
** before that had an effect, or within a second, ends the process.
*/
void mlpi_interrupt_open (lua_State *L, mlp_Runtime *rt, bool interactive);
/* Before the runtime goes: from here on a signal ends the process. */
void mlpi_interrupt_close (void);
/* Code of the user runs between these two; 'end' forgets what is pending. */
void mlpi_interrupt_begin (lua_State *L);
void mlpi_interrupt_end (lua_State *L);
/* The signal that asked last, or 0; 'forget' makes it 0. */
int mlpi_interrupt_signal (void);
void mlpi_interrupt_forget (void);

/* editor.c: one line from the user, with editing where a library for it is
** found. MLPI_LINE: free *line. */
enum { MLPI_LINE, MLPI_LINE_END, MLPI_LINE_INTERRUPTED };
typedef char *(*mlpi_Complete)(const char *text, int state);
void mlpi_editor_open (mlpi_Complete complete);
const char *mlpi_editor_name (void);
int mlpi_editor_line (const char *prompt, char **line);
void mlpi_editor_remember (const char *line);
/* What is being edited, up to the cursor's word. */
const char *mlpi_editor_buffer (int *start);

/* repl.c: the interactive loop, until end of file. Raises our bugs only. */
void mlpi_repl (lua_State *L, const mlpi_Options *o);

#endif
