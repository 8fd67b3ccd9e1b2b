/*
** pty.c - a user at a terminal, for the tests.
**   pty SCRIPT PROGRAM [ARGUMENT...]
** runs PROGRAM on a terminal of its own and follows SCRIPT, line by line:
**   send TEXT     type TEXT, where \r is Enter, \t Tab, \xHH any byte
**   expect TEXT   wait until TEXT (with the same escapes) has been shown
**   signal N      send signal N
**   pause MS      wait
** Then it waits for the end of PROGRAM. It prints all that was shown, a line
** "missed: TEXT" for what was not, and as the last line "exit N".
*/
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE = 20000, ROOM = 1 << 20 }; /* milliseconds, bytes */

static char shown[ROOM];
static size_t length, seen; /* all that was shown; what 'expect' has passed */

static void die (const char *what) {
  perror(what);
  exit(2);
}

static long clock_ms (void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Replace the escapes in place; the new length. */
static size_t unescape (char *s) {
  char *from = s, *to = s;
  for (; *from != '\0'; from++) {
    unsigned byte;
    if (*from != '\\')
      *to++ = *from;
    else if (from[1] == 'x' && sscanf(from + 2, "%2x", &byte) == 1)
      *to++ = (char)byte, from += 3;
    else
      *to++ = from[1] == 'r' ? '\r' : from[1] == 't' ? '\t' : from[1], from++;
  }
  *to = '\0';
  return (size_t)(to - s);
}

/* Take in what is shown within 'ms'. False at the end of the program. */
static bool listen_to (int terminal, int ms) {
  struct pollfd input = { .fd = terminal, .events = POLLIN };
  if (poll(&input, 1, ms) <= 0) return true;
  ssize_t n = read(terminal, shown + length, ROOM - length);
  if (n <= 0) return false;
  length += (size_t)n;
  return true;
}

static bool expect (int terminal, const char *text, size_t n) {
  long end = clock_ms() + PATIENCE;
  for (bool more = true;; more = listen_to(terminal, 100)) {
    char *found = memmem(shown + seen, length - seen, text, n);
    if (found != NULL) {
      seen = (size_t)(found - shown) + n;
      return true;
    }
    if (!more || clock_ms() > end) return false;
  }
}

static bool pause_for (int terminal, int ms) {
  long end = clock_ms() + ms;
  while (clock_ms() < end)
    if (!listen_to(terminal, 10)) break;
  return true;
}

/* A line of the script. False where it could not be followed. */
static bool follow (int terminal, pid_t program, char *line) {
  char *text = strchr(line, ' ');
  if (text == NULL) return true;
  *text++ = '\0';
  if (strcmp(line, "signal") == 0) return kill(program, atoi(text)) == 0;
  if (strcmp(line, "pause") == 0) return pause_for(terminal, atoi(text));
  size_t n = unescape(text);
  if (strcmp(line, "send") == 0) return write(terminal, text, n) == (ssize_t)n;
  if (expect(terminal, text, n)) return true;
  printf("missed: %s\n", text);
  return false;
}

/* The program, on the terminal of that name, with the default signals. The
** first terminal that is opened after setsid becomes the controlling one. */
static pid_t start (const char *name, char **argv) {
  extern char **environ;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t signals;
  pid_t program;
  sigfillset(&signals);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF);
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0);
  posix_spawn_file_actions_adddup2(&actions, 0, 1);
  posix_spawn_file_actions_adddup2(&actions, 0, 2);
  errno = posix_spawnp(&program, argv[0], &actions, &attributes, argv, environ);
  if (errno != 0) die(argv[0]);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return program;
}

static int open_terminal (void) {
  struct winsize size = { .ws_row = 25, .ws_col = 80 };
  int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0)
    die("terminal");
  ioctl(terminal, TIOCSWINSZ, &size);
  return terminal;
}

/* The exit code as a shell says it; a program that does not end is killed. */
static int finish (int terminal, pid_t program) {
  int status;
  long end = clock_ms() + PATIENCE;
  while (listen_to(terminal, 100))
    if (clock_ms() > end) kill(program, SIGKILL);
  waitpid(program, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main (int argc, char **argv) {
  char line[1000];
  if (argc < 3) return 2;
  FILE *script = fopen(argv[1], "r");
  if (script == NULL) die(argv[1]);
  int terminal = open_terminal();
  pid_t program = start(ptsname(terminal), argv + 2);
  while (fgets(line, sizeof line, script) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    if (!follow(terminal, program, line)) kill(program, SIGKILL);
  }
  int code = finish(terminal, program);
  fwrite(shown, 1, length, stdout);
  printf("\nexit %d\n", code);
  return 0;
}
