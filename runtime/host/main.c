/*
** main.c - the program: mlprun [options] [script [arguments]].
** Options, environment and order of work are lua's (lua.c, PUC-Rio).
*/
#include "host/host.h"
#include "bind/open.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct Program {
  char **argv;
  mlpi_Options options;
  mlp_Runtime *runtime;
  bool ok;
  int code; /* of a command that was run; else 0 */
} Program;

static void log_line (void *ud, int level, const char *text, size_t n) {
  (void)ud;
  (void)level;
  fprintf(stderr, "mlprun: %.*s\n", (int)n, text);
}

/* Run what is below its arguments; report where it fails. */
static bool guarded (lua_State *L, const Program *p, int nargs, int nresults) {
  mlpi_interrupt_begin(L);
  int status = mlpi_call(L, nargs, nresults);
  mlpi_interrupt_end(L);
  if (status != LUA_OK) mlpi_report(L, p->options.color);
  return status == LUA_OK;
}

/* The same for a chunk just loaded, or the message why it was not. */
static bool guarded_chunk (lua_State *L, const Program *p, int load_status) {
  if (load_status == LUA_OK) return guarded(L, p, 0, 0);
  mlpi_report(L, p->options.color);
  return false;
}

static bool run_string (lua_State *L, const Program *p, const char *code,
                        const char *name) {
  int status = luaL_loadbufferx(L, code, strlen(code), name, "t");
  return guarded_chunk(L, p, status);
}

static bool run_init (lua_State *L, const Program *p) {
  const char *name = "=LUA_INIT_5_4", *code = getenv(name + 1);
  if (p->options.ignore_env) return true;
  if (code == NULL) {
    name = "=LUA_INIT";
    code = getenv(name + 1);
  }
  if (code == NULL) return true;
  if (code[0] == '@') return guarded_chunk(L, p, mlpi_load_file(L, code + 1));
  return run_string(L, p, code, name);
}

/* -l name, -l global=name */
static bool run_library (lua_State *L, const Program *p, const char *value) {
  const char *equals = strchr(value, '=');
  const char *module = equals ? equals + 1 : value;
  lua_getglobal(L, "require");
  lua_pushstring(L, module);
  if (!guarded(L, p, 1, 1)) return false;
  if (equals)
    lua_pushlstring(L, value, (size_t)(equals - value));
  else
    lua_pushstring(L, value);
  lua_insert(L, -2);
  lua_pushglobaltable(L);
  lua_insert(L, -3);
  lua_settable(L, -3);
  lua_pop(L, 1);
  return true;
}

/* The statements and libraries of the command line, in its order. */
static bool run_options (lua_State *L, const Program *p) {
  const char *value;
  int option, i = 1;
  bool ok = true;
  if (p->argv[0] == NULL) return true;
  while (ok &&
         (option = mlpi_options_next(p->argv, &i, &value)) != MLPI_OPT_NONE) {
    if (option == MLPI_OPT_EXECUTE)
      ok = run_string(L, p, value, "=(command line)");
    else if (option == MLPI_OPT_LIBRARY)
      ok = run_library(L, p, value);
  }
  return ok;
}

/* The folder of the script comes first where modules are looked for. */
static void prepend_folder (lua_State *L, const char *script) {
  const char *slash = strrchr(script, '/');
  const char *folder = slash ? script : ".";
  int n = slash ? (int)(slash - script) : 1;
  lua_getglobal(L, "package");
  lua_pushlstring(L, folder, (size_t)n);
  lua_pushfstring(L, "%s/?.lua;%s/?/init.lua;", lua_tostring(L, -1),
                  lua_tostring(L, -1));
  lua_getfield(L, -3, "path");
  lua_concat(L, 2);
  lua_setfield(L, -3, "path");
  lua_pop(L, 2);
}

/* Push 'arg', which comes to lie at 1, and arg[1], arg[2]...; how many. */
static int push_arguments (lua_State *L) {
  int n = 0;
  lua_getglobal(L, "arg");
  do luaL_checkstack(L, 3, "too many arguments to the script");
  while (lua_geti(L, 1, ++n) != LUA_TNIL);
  lua_pop(L, 1);
  return n - 1;
}

/* mlprun NAME: call what lua/mlp/command/NAME.lua returns, with the words that
** follow; it gives the exit code. --verify: lua/mlp/verify.lua, likewise. */
static bool run_command (lua_State *L, Program *p) {
  lua_settop(L, 0);
  int n = push_arguments(L);
  lua_getglobal(L, "require");
  if (p->options.verify)
    lua_pushliteral(L, "mlp.verify");
  else
    lua_pushfstring(L, "mlp.command.%s", p->argv[p->options.script]);
  if (!guarded(L, p, 1, 1)) return false;
  lua_replace(L, 1); /* in the place of 'arg' */
  if (!guarded(L, p, n, 1)) return false;
  p->code = (int)lua_tointeger(L, -1);
  return true;
}

/* A picture rather than a script? By its first bytes; SVG by its name, too. */
static bool is_picture (const char *path) {
  char head[8] = { 0 };
  const char *dot = strrchr(path, '.');
  FILE *f = fopen(path, "rb");
  if (f == NULL) return false;
  size_t n = fread(head, 1, sizeof head, f);
  fclose(f);
  return (n == sizeof head && memcmp(head, "\211PNG\r\n\032\n", 8) == 0) ||
         memcmp(head, "%PDF-", 5) == 0 ||
         (dot != NULL && strcmp(dot, ".svg") == 0 && head[0] == '<');
}

/* mlprun curve.png: say where the picture comes from. Nothing in it is run. */
static bool tell_origin (lua_State *L, const Program *p, const char *path) {
  static const char code[] = "print(require('mlp.plot').origin(...))";
  int status = luaL_loadbufferx(L, code, sizeof code - 1, "=picture", "t");
  if (status != LUA_OK) return guarded_chunk(L, p, status);
  lua_pushstring(L, path);
  return guarded(L, p, 1, 0);
}

/* --profile: tables and pictures, whether the script failed or not. */
static bool show_profile (lua_State *L, const Program *p) {
  return !p->options.profile ||
         run_string(L, p, "require('mlp.profile').report()", "=profile");
}

static bool run_script (lua_State *L, const Program *p) {
  const char *script = p->argv[p->options.script];
  bool from_stdin = strcmp(script, "-") == 0 &&
                    strcmp(p->argv[p->options.script - 1], "--") != 0;
  lua_settop(L, 0);
  if (!from_stdin && is_picture(script)) return tell_origin(L, p, script);
  if (!from_stdin) prepend_folder(L, script);
  int n = push_arguments(L);
  int status = mlpi_load_file(L, from_stdin ? NULL : script);
  if (status != LUA_OK) return guarded_chunk(L, p, status);
  lua_replace(L, 1); /* in the place of 'arg' */
  const bool done = guarded(L, p, n, 0);
  return show_profile(L, p) && done;
}

/* arg[0] is the script, what follows its arguments, what precedes it options */
static void set_arg (lua_State *L, char **argv, int script) {
  lua_newtable(L);
  for (int i = 0; argv[i] != NULL; i++) {
    lua_pushstring(L, argv[i]);
    lua_seti(L, -2, i - script);
  }
  lua_setglobal(L, "arg");
}

/* Tell lua/mlp/settings.lua what the command line says. */
static void set_settings (lua_State *L, const mlpi_Options *o) {
  if (!o->quick && !o->profile && !o->quiet && !o->color_set && o->out == NULL)
    return;
  lua_getglobal(L, "require");
  lua_pushliteral(L, "mlp.settings");
  lua_call(L, 1, 1);
  if (o->out != NULL) {
    lua_pushstring(L, o->out);
    lua_setfield(L, -2, "out");
  }
  if (o->color_set) {
    lua_pushboolean(L, o->color);
    lua_setfield(L, -2, "color");
  }
  lua_pushboolean(L, o->quick);
  lua_setfield(L, -2, "quick");
  lua_pushboolean(L, o->profile);
  lua_setfield(L, -2, "profile");
  lua_pushboolean(L, o->quiet);
  lua_setfield(L, -2, "quiet");
  lua_pop(L, 1);
}

/* Does the command line ask for nothing? */
static bool idle (const mlpi_Options *o) {
  return o->script == 0 && !o->execute && !o->show_version;
}

/* Write the record of the run where lua/mlp/record.lua was used. */
static bool finish (lua_State *L, const Program *p) {
  lua_settop(L, 0);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  if (lua_getfield(L, -1, "mlp.record") != LUA_TTABLE) return true;
  lua_getfield(L, -1, "finish");
  return guarded(L, p, 0, 0);
}

static bool run (lua_State *L, Program *p) {
  const mlpi_Options *o = &p->options;
  if (o->show_version) mlpi_print_version(stdout, false);
  if (!run_init(L, p) || !run_options(L, p)) return false;
  if (o->command || o->verify) return run_command(L, p);
  if (o->script != 0 && !(run_script(L, p) && finish(L, p))) return false;
  if (o->interactive) {
    lua_settop(L, 0);
    mlpi_repl(L, o);
  } else if (idle(o))
    return guarded_chunk(L, p, mlpi_load_file(L, NULL));
  return true;
}

static int protected_main (lua_State *L) {
  Program *p = lua_touserdata(L, 1);
  const mlpi_Options *o = &p->options;
  luaL_checkversion(L);
  if (o->ignore_env) { /* Lua's own libraries look for this */
    lua_pushboolean(L, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
  }
  luaL_openlibs(L);
  mlpi_open(L, p->runtime);
  mlpi_text_only(L);
  mlpi_interrupt_open(L, p->runtime, o->interactive);
  if (o->warn) lua_warning(L, "@on", 0);
  set_arg(L, p->argv, o->script);
  mlpi_seed_random(L, o->seed);
  set_settings(L, o);
  p->ok = run(L, p);
  return 0;
}

/* 32 bits from the system, short enough to be typed again. */
static void draw_seed (mlpi_Options *o) {
  uint32_t seed = 0;
  FILE *f = fopen("/dev/urandom", "rb");
  if (f == NULL || fread(&seed, sizeof seed, 1, f) != 1)
    fputs("mlprun: no random seed to be had, the seed is 0\n", stderr);
  if (f != NULL) fclose(f);
  o->seed = seed;
  fprintf(stderr, "mlprun: --seed %lu\n", (unsigned long)seed);
}

/* The runtime, or an exit code and why there is none. */
static int create (const mlpi_Options *o, mlp_Runtime **out) {
  mlp_Config config;
  mlp_config_init(&config);
  config.seed = o->seed;
  config.threads = o->threads;
  config.isa = o->isa;
  config.log = log_line;
  if (o->threads == 0) config.threads = (int)sysconf(_SC_NPROCESSORS_ONLN);
  mlp_Status status = mlp_create(&config, out);
  if (status == MLP_OK) return 0;
  if (status == MLP_EARG && o->isa != NULL) {
    fprintf(stderr,
            "mlprun: option '--isa': expected baseline, or v3 or v4 where the "
            "machine has it; got '%s'\n",
            o->isa);
    return 2;
  }
  fputs("mlprun: not enough memory\n", stderr);
  return 1;
}

static int exit_code (const Program *p) {
  int signal = mlpi_interrupt_signal();
  if (signal != 0) return 128 + signal;
  return p->ok ? p->code : 1;
}

static int run_program (Program *p) {
  lua_State *L = luaL_newstate();
  if (L == NULL) {
    fputs("mlprun: not enough memory\n", stderr);
    return 1;
  }
  lua_pushcfunction(L, protected_main);
  lua_pushlightuserdata(L, p);
  if (mlpi_call(L, 1, 0) != LUA_OK) mlpi_report(L, p->options.color);
  lua_close(L);
  return exit_code(p);
}

int main (int argc, char **argv) {
  Program p = { .argv = argv };
  (void)argc;
  if (!mlpi_options_read(argv, &p.options)) return 2;
  if (p.options.help || p.options.version) {
    if (p.options.help) mlpi_options_help(stdout);
    if (p.options.version) mlpi_print_version(stdout, true);
    return 0;
  }
  if (p.options.random_seed) draw_seed(&p.options);
  if (idle(&p.options) && isatty(STDIN_FILENO)) p.options.interactive = true;
  int code = create(&p.options, &p.runtime);
  if (code == 0) code = run_program(&p);
  mlpi_interrupt_close();
  mlp_destroy(p.runtime);
  return code;
}
