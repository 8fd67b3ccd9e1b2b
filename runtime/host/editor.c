/*
** editor.c - a line from the user.
** libreadline is GPL and libedit may be missing, so whichever is there is
** loaded at run time (as Lua 5.5's lua.c does); both offer readline's callback
** interface, which leaves the waiting, and so Ctrl-C, to us.
** MLPRUN_READLINE names a library to try instead; empty: none.
*/
#include "host/host.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef char **(*Attempt)(const char *text, int start, int end);

static struct {
  const char *name;
  void (*install)(const char *prompt, void (*handler)(char *line));
  void (*read_char)(void);
  void (*remove)(void);
  void (*add_history)(const char *line);
  char **(*matches)(const char *text, mlpi_Complete generator);
  char **buffer;
  int *append, *over, *quote; /* may be NULL */
} editor;

static mlpi_Complete completer;
static int word_start;
static char *typed; /* what on_line was given */
static bool done;

static char **attempt (const char *text, int start, int end) {
  (void)end;
  word_start = start;
  if (editor.append != NULL) *editor.append = '\0';
  if (editor.quote != NULL && *editor.quote != '\0')
    return NULL; /* in a string: a file name, by readline's own means */
  if (editor.over != NULL) *editor.over = 1;
  return editor.matches(text, completer);
}

/* The functions and variables that we need, or false. */
static bool find (void *library) {
  struct {
    const char *name;
    void **to;
  } wanted[] = {
    { "rl_callback_handler_install", (void **)&editor.install },
    { "rl_callback_read_char", (void **)&editor.read_char },
    { "rl_callback_handler_remove", (void **)&editor.remove },
    { "add_history", (void **)&editor.add_history },
    { "rl_completion_matches", (void **)&editor.matches },
    { "rl_line_buffer", (void **)&editor.buffer },
  };
  for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
    *wanted[i].to = dlsym(library, wanted[i].name);
    if (*wanted[i].to == NULL) return false;
  }
  return true;
}

/* Complete words of Lua, and file names in its strings. */
static void set_up (void *library) {
  Attempt *attempted = dlsym(library, "rl_attempted_completion_function");
  const char **breaks = dlsym(library, "rl_basic_word_break_characters");
  const char **own = dlsym(library, "rl_completer_word_break_characters");
  const char **quotes = dlsym(library, "rl_completer_quote_characters");
  editor.append = dlsym(library, "rl_completion_append_character");
  editor.over = dlsym(library, "rl_attempted_completion_over");
  editor.quote = dlsym(library, "rl_completion_quote_character");
  if (attempted != NULL) *attempted = attempt;
  if (breaks != NULL) *breaks = " \t\n\"'\\`@$><=;,+-*/%^~#&|()[]{}";
  if (own != NULL && breaks != NULL) *own = *breaks;
  if (quotes != NULL) *quotes = "\"'";
}

static bool use (const char *name) {
  void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return false;
  if (!find(library)) {
    dlclose(library);
    return false;
  }
  editor.name = name;
  set_up(library);
  return true;
}

void mlpi_editor_open (mlpi_Complete complete) {
  const char *wish = getenv("MLPRUN_READLINE");
  completer = complete;
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) return;
  if (wish != NULL)
    use(wish);
  else if (!use("libreadline.so.8"))
    use("libedit.so.2");
}

const char *mlpi_editor_name (void) {
  return editor.name != NULL ? editor.name : "plain";
}

const char *mlpi_editor_buffer (int *start) {
  *start = word_start;
  return *editor.buffer;
}

static void on_line (char *line) {
  typed = line;
  done = true;
  editor.remove(); /* or it would show the prompt again */
}

/* Wait for a key. False where a signal came first. */
static bool key (void) {
  struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
  while (mlpi_interrupt_signal() == 0)
    if (poll(&input, 1, -1) >= 0 || errno != EINTR) return true;
  return false;
}

static int edited (const char *prompt, char **line) {
  done = false;
  editor.install(prompt, on_line);
  while (!done) {
    if (!key()) {
      editor.remove();
      fputc('\n', stdout);
      return MLPI_LINE_INTERRUPTED;
    }
    editor.read_char();
  }
  *line = typed;
  return typed != NULL ? MLPI_LINE : MLPI_LINE_END;
}

static int plain (const char *prompt, char **line) {
  size_t size = 0;
  *line = NULL;
  fputs(prompt, stdout);
  fflush(stdout);
  if (isatty(STDIN_FILENO) && !key()) {
    fputc('\n', stdout);
    return MLPI_LINE_INTERRUPTED;
  }
  ssize_t n = getline(line, &size, stdin);
  if (n < 0) {
    free(*line);
    return MLPI_LINE_END;
  }
  if (n > 0 && (*line)[n - 1] == '\n') (*line)[n - 1] = '\0';
  return MLPI_LINE;
}

int mlpi_editor_line (const char *prompt, char **line) {
  *line = NULL;
  return editor.name != NULL ? edited(prompt, line) : plain(prompt, line);
}

void mlpi_editor_remember (const char *line) {
  if (editor.name != NULL) editor.add_history(line);
}
