/*
** options.c - the command line: a superset of lua's (lua.c, PUC-Rio).
** One table says everything: parsing, suggestions and --help read it.
*/
#include "host/host.h"
#include "base/kind.h"
#include "bind/embedded.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct Option {
  const char *name, *argument, *doc;
} Option;

static const Option table[] = {
  [MLPI_OPT_EXECUTE] = { "-e", "STAT", "run the Lua statement STAT" },
  [MLPI_OPT_LIBRARY] = { "-l", "MOD",
                         "require MOD into a global of its name; G=MOD: "
                         "into G" },
  [MLPI_OPT_INTERACTIVE] = { "-i", NULL,
                             "go interactive after the script or -e" },
  [MLPI_OPT_SHOW_VERSION] = { "-v", NULL, "show the version" },
  [MLPI_OPT_IGNORE_ENV] = { "-E", NULL, "ignore LUA_INIT, LUA_PATH..." },
  [MLPI_OPT_WARN] = { "-W", NULL, "turn Lua's warnings on" },
  [MLPI_OPT_SEED] = { "--seed", "N",
                      "seed of the run (0); 'random' draws one" },
  [MLPI_OPT_THREADS] = { "--threads", "N",
                         "threads to compute with (one per core); results "
                         "do not depend on it" },
  [MLPI_OPT_ISA] = { "--isa", "NAME",
                     "instruction set: baseline, v3, v4 (the best there "
                     "is); nor on it" },
  [MLPI_OPT_OUT] = { "--out", "DIR", "folder of mlp.out (out)" },
  [MLPI_OPT_QUICK] = { "--quick", NULL, "ask the script for a short run" },
  [MLPI_OPT_QUIET] = { "--quiet", NULL, "show no progress" },
  [MLPI_OPT_PROFILE] = { "--profile", NULL,
                         "show where the time of training went, as a table "
                         "and out/profile.png" },
  [MLPI_OPT_VERIFY] = { "--verify", NULL,
                        "run the script twice and compare what it makes" },
  [MLPI_OPT_COLOR] = { "--color", "WHEN", "auto, always or never (auto)" },
  [MLPI_OPT_VERSION] = { "--version", NULL,
                         "show the versions of mlprun and its libraries" },
  [MLPI_OPT_HELP] = { "--help", NULL, "show this list" },
  [MLPI_OPT_STDIN] = { "-", NULL, "run standard input as the script" },
  [MLPI_OPT_END] = { "--", NULL, "the options end here" },
};
enum { OPTIONS = sizeof table / sizeof table[0] };

#define COMMANDS "mlp.command." /* modules of the library, one a command */

/* The source of the command of that name; NULL where there is none. */
static const char *command_text (const char *name, size_t n) {
  size_t folder = strlen(COMMANDS);
  for (const mlpi_Embedded *e = mlpi_embedded; e->module != NULL; e++)
    if (strncmp(e->module, COMMANDS, folder) == 0 &&
        strlen(e->module) == folder + n &&
        strncmp(e->module + folder, name, n) == 0)
      return (const char *)e->code;
  return NULL;
}

/* Each command with the first line of its source, "--- what it does". */
static void list_commands (FILE *f) {
  size_t folder = strlen(COMMANDS);
  for (const mlpi_Embedded *e = mlpi_embedded; e->module != NULL; e++) {
    if (strncmp(e->module, COMMANDS, folder) != 0) continue;
    const char *text = (const char *)e->code + strlen("--- ");
    fprintf(f, "  %-14s %.*s\n", e->module + folder, (int)strcspn(text, "\n"),
            text);
  }
}

void mlpi_options_help (FILE *f) {
  fputs("usage: mlprun [options] [script [arguments]]\n"
        "       mlprun [options] command [arguments]\n"
        "Without a script: interactive where standard input is a terminal.\n\n",
        f);
  list_commands(f);
  fputc('\n', f);
  for (int i = 0; i < OPTIONS; i++) {
    char name[32];
    const char *argument = table[i].argument;
    snprintf(name, sizeof name, "%s%s%s", table[i].name, argument ? " " : "",
             argument ? argument : "");
    fprintf(f, "  %-14s %s\n", name, table[i].doc);
  }
  fputs("\nExit codes: 0 success, 1 error in the script, 2 wrong usage, "
        "130 Ctrl-C,\n143 terminated, 129 terminal closed.\n",
        f);
}

/* The long option nearest to 'name', up to its '='; NULL where none is. */
static const char *suggestion (const char *name) {
  const char *names[OPTIONS];
  char word[32];
  size_t n = 0;
  if (name[1] != '-') return NULL;
  snprintf(word, sizeof word, "%.*s", (int)strcspn(name, "="), name);
  for (int i = 0; i < OPTIONS; i++)
    if (strlen(table[i].name) > 2) names[n++] = table[i].name;
  return mlpi_nearest(word, names, n);
}

static int unknown (const char *name) {
  const char *near = suggestion(name);
  fprintf(stderr, "mlprun: unknown option '%s'", name);
  if (near != NULL) fprintf(stderr, "; did you mean '%s'?", near);
  fputs("\nmlprun --help lists the options.\n", stderr);
  return MLPI_OPT_UNKNOWN;
}

static bool wrong (const char *option, const char *expected, const char *got) {
  const char *quote = got ? "'" : "";
  fprintf(stderr, "mlprun: option '%s': expected %s, got %s%s%s\n", option,
          expected, quote, got ? got : "nothing", quote);
  return false;
}

/* Is 'word' this option? Then *value is what is attached to it, or NULL. */
static bool matches (const Option *o, const char *word, const char **value) {
  size_t n = strlen(o->name);
  *value = NULL;
  if (strncmp(word, o->name, n) != 0) return false;
  if (word[n] == '\0') return true;
  if (o->argument == NULL) return false;
  if (o->name[1] == '-' && word[n] != '=') return false;
  *value = word + n + (o->name[1] == '-'); /* "-estat" but "--seed=1" */
  return true;
}

int mlpi_options_next (char **argv, int *i, const char **value) {
  const char *word = argv[*i];
  if (word == NULL || word[0] != '-') return MLPI_OPT_NONE;
  for (int o = 0; o < OPTIONS; o++) {
    if (!matches(&table[o], word, value)) continue;
    if (o == MLPI_OPT_STDIN) return MLPI_OPT_NONE; /* it is the script */
    ++*i;
    if (table[o].argument != NULL && *value == NULL) {
      *value = argv[*i];
      if (*value == NULL) {
        wrong(word, table[o].argument, NULL);
        return MLPI_OPT_UNKNOWN;
      }
      ++*i;
    }
    return o == MLPI_OPT_END ? MLPI_OPT_NONE : o;
  }
  return unknown(word);
}

/* A whole number in [min, max], written with digits alone. */
static bool number (const char *s, uint64_t min, uint64_t max, uint64_t *out) {
  uint64_t n = 0;
  if (*s == '\0') return false;
  for (; *s != '\0'; s++) {
    if (*s < '0' || *s > '9' || n > (max - (uint64_t)(*s - '0')) / 10)
      return false;
    n = n * 10 + (uint64_t)(*s - '0');
  }
  *out = n;
  return n >= min;
}

static bool set_seed (mlpi_Options *o, const char *value) {
  if (strcmp(value, "random") == 0) {
    o->random_seed = true;
    return true;
  }
  return number(value, 0, INT64_MAX, &o->seed) ||
         wrong("--seed", "'random' or a whole number from 0", value);
}

static bool set_threads (mlpi_Options *o, const char *value) {
  uint64_t n;
  if (!number(value, 1, 1024, &n))
    return wrong("--threads", "a whole number from 1 to 1024", value);
  o->threads = (int)n;
  return true;
}

static bool has_text (const char *name) {
  const char *s = getenv(name);
  return s != NULL && *s != '\0';
}

/* NO_COLOR and FORCE_COLOR: no-color.org, force-color.org. */
static bool auto_color (void) {
  const char *term = getenv("TERM");
  if (has_text("NO_COLOR")) return false;
  if (has_text("FORCE_COLOR")) return true;
  return isatty(STDERR_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
}

static bool set_color (mlpi_Options *o, const char *value) {
  o->color = strcmp(value, "always") == 0 ||
             (strcmp(value, "auto") == 0 && auto_color());
  o->color_set = strcmp(value, "auto") != 0;
  return o->color || strcmp(value, "auto") == 0 ||
         strcmp(value, "never") == 0 ||
         wrong("--color", "auto, always or never", value);
}

static bool set (mlpi_Options *o, int option, const char *value) {
  switch (option) {
  case MLPI_OPT_EXECUTE:
  case MLPI_OPT_LIBRARY:
    return o->execute = true;
  case MLPI_OPT_INTERACTIVE:
    return o->interactive = true;
  case MLPI_OPT_SHOW_VERSION:
    return o->show_version = true;
  case MLPI_OPT_IGNORE_ENV:
    return o->ignore_env = true;
  case MLPI_OPT_WARN:
    return o->warn = true;
  case MLPI_OPT_SEED:
    return set_seed(o, value);
  case MLPI_OPT_THREADS:
    return set_threads(o, value);
  case MLPI_OPT_ISA:
    o->isa = value;
    return true;
  case MLPI_OPT_OUT:
    o->out = value;
    return true;
  case MLPI_OPT_PROFILE:
    return o->profile = true;
  case MLPI_OPT_QUICK:
    return o->quick = true;
  case MLPI_OPT_QUIET:
    return o->quiet = true;
  case MLPI_OPT_VERIFY:
    return o->verify = true;
  case MLPI_OPT_COLOR:
    return set_color(o, value);
  case MLPI_OPT_VERSION:
    return o->version = true;
  case MLPI_OPT_HELP:
    return o->help = true;
  default:
    return false;
  }
}

bool mlpi_options_read (char **argv, mlpi_Options *o) {
  const char *value;
  int option, i = argv[0] != NULL;
  *o = (mlpi_Options){ .color = auto_color() };
  while ((option = mlpi_options_next(argv, &i, &value)) != MLPI_OPT_NONE)
    if (!set(o, option, value)) return false;
  if (argv[i] != NULL) {
    o->script = i;
    o->command = !o->verify && strcmp(argv[i - 1], "--") != 0 &&
                 command_text(argv[i], strlen(argv[i])) != NULL;
  }
  if (o->verify && o->script == 0)
    return wrong("--verify", "a script to run", NULL);
  return true;
}
