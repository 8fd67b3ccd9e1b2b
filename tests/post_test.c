/*
** post_test.c - requests to a server on this machine, every system call made
** to fail in turn. `post_test serve N ANSWER` is such a server for the specs:
** it prints its port and each of N requests, and gives that answer ("": it
** closes the connection, "-": it is silent).
*/
#include "base/io.h"
#include "base/post.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static mlp_Runtime *rt;
static int passed, failed;

static void check (bool ok, const char *what) {
  if (ok)
    passed++;
  else
    failed++, printf("  failed: %s [%s]\n", what, mlp_last_error(rt));
}

/* -- the server ------------------------------------------------------------ */

/* A socket of this machine that listens; -1 where there may be none. */
static int open_server (int *port) {
  struct sockaddr_in a = { .sin_family = AF_INET };
  socklen_t n = sizeof a;
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || bind(fd, (struct sockaddr *)&a, n) != 0 || listen(fd, 8) != 0 ||
      getsockname(fd, (struct sockaddr *)&a, &n) != 0)
    return -1;
  *port = ntohs(a.sin_port);
  return fd;
}

/* Bytes of a request: what is before and behind the empty line. */
static size_t read_request (int fd, char *to, size_t room) {
  size_t n = 0, length = 0;
  const char *body = NULL;
  while (n < room && (body == NULL || n < (size_t)(body - to) + length)) {
    const ssize_t k = recv(fd, to + n, room - n, 0);
    if (k <= 0) break;
    n += (size_t)k;
    to[n] = '\0';
    if (body == NULL && (body = strstr(to, "\r\n\r\n")) != NULL) body += 4;
    const char *at = strstr(to, "Content-Length: ");
    if (at != NULL) length = strtoul(at + 16, NULL, 10);
  }
  return n;
}

static void serve (int server, long count, const char *answer, FILE *log) {
  static char request[1 << 20];
  for (long i = 0; i < count; i++) {
    const int fd = accept(server, NULL, NULL);
    if (fd < 0) continue;
    const size_t n = read_request(fd, request, sizeof request - 1);
    if (log != NULL) fwrite(request, 1, n, log), fflush(log);
    if (strcmp(answer, "-") == 0) pause();
    send(fd, answer, strlen(answer), MSG_NOSIGNAL);
    close(fd);
  }
}

static int main_serve (long count, const char *answer) {
  int port;
  const int server = open_server(&port);
  if (server < 0) puts("none");
  if (server < 0) return 1;
  printf("%d\n", port);
  fflush(stdout);
  alarm(60); /* whoever asked for it may be gone */
  serve(server, count, answer, stdout);
  return 0;
}

/* One in a process of its own. */
static pid_t start (const char *answer, char port[16]) {
  int number;
  const int server = open_server(&number);
  if (server < 0) return -1;
  snprintf(port, 16, "%d", number);
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    serve(server, 10000, answer, NULL);
    _exit(0);
  }
  close(server);
  return child;
}

static void stop (pid_t child) {
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}

/* -- faults ---------------------------------------------------------------- */

static struct {
  const char *call;
  int countdown, error;
} plan;

static int planned (void *ud, const char *call) {
  (void)ud;
  if (strcmp(plan.call, call) != 0) return 0;
  return --plan.countdown == 0 ? plan.error : 0;
}

static const char request[] = "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi";

static mlp_Status ask (const char *port, double seconds, int *code) {
  return mlpi_post(rt, "test", "127.0.0.1", port, seconds, request,
                   sizeof request - 1, code);
}

static bool says (const char *part) {
  return strstr(mlp_last_error(rt), part) != NULL;
}

/* Descriptors that are in use: the next one that would be given. */
static int descriptors (void) {
  const int fd = dup(0);
  close(fd);
  return fd;
}

static void test_faults (const char *port) {
  static const char *const calls[] = { "socket", "connect", "poll", "send",
                                       "recv" };
  static const int errors[] = { EMFILE, ECONNRESET, EINTR };
  const int before = descriptors();
  bool ok = true;
  int code;
  for (size_t c = 0; c < sizeof calls / sizeof *calls; c++)
    for (size_t e = 0; e < sizeof errors / sizeof *errors; e++) {
      plan.call = calls[c];
      plan.countdown = 1;
      plan.error = errors[e];
      mlpi_io_fault(rt, planned, NULL);
      const mlp_Status s = ask(port, 5, &code);
      mlpi_io_fault(rt, NULL, NULL);
      const bool harmless = errors[e] == EINTR && c >= 2;
      if (plan.countdown > 0 || harmless)
        ok &= s == MLP_OK && code == 200;
      else if (errors[e] != EINTR)
        ok &= s == MLP_EIO && code == 0;
      ok &= descriptors() == before;
    }
  check(ok, "every fault of a request is an error, and leaves nothing open");
  rt->fail_at = 1;
  ok = ask(port, 5, &code) == MLP_ENOMEM;
  rt->fail_at = 0;
  check(ok, "so is the lack of memory");
}

static void test_answers (void) {
  static const struct {
    const char *answer, *why;
    int code;
  } cases[] = {
    { "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nno.", NULL, 404 },
    { "HTTP/1.0 204 No Content\r\n\r\n", NULL, 204 },
    { "SSH-2.0-OpenSSH\r\n", "its answer is not one of HTTP", 0 },
    { "", "its answer is not one of HTTP", 0 },
    { "-", "no answer in time", 0 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char port[16];
    int code;
    const pid_t child = start(cases[i].answer, port);
    const mlp_Status s = ask(port, i < 4 ? 5 : 0.2, &code);
    stop(child);
    check(cases[i].why == NULL ? s == MLP_OK && code == cases[i].code
                               : s == MLP_EIO && says(cases[i].why),
          cases[i].answer);
  }
}

static void test_away (void) {
  char port[16];
  int code;
  stop(start("", port));
  check(ask(port, 5, &code) == MLP_EIO &&
            says("test: cannot reach 127.0.0.1") && says("connection refused"),
        "where nobody listens, it says so");
  check(mlpi_post(rt, "test", "no.such.machine.invalid", "80", 5, request, 1,
                  &code) == MLP_EIO &&
            says("no machine of that name is known"),
        "a name that nobody has is named");
}

static void test_cancel (void) {
  char port[16];
  int code;
  const pid_t child = start("-", port);
  mlp_cancel(rt);
  check(ask(port, 5, &code) == MLP_ECANCELLED, "a cancel ends the wait");
  stop(child);
}

int main (int argc, char **argv) {
  char port[16];
  if (argc == 4 && strcmp(argv[1], "serve") == 0)
    return main_serve(atol(argv[2]), argv[3]);
  if (mlp_create(NULL, &rt) != MLP_OK) return 1;
  const pid_t child =
      start("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", port);
  if (child < 0) {
    puts("post: 0 passed, 0 failed (skipped: no sockets here)");
    return 0;
  }
  test_faults(port);
  stop(child);
  test_answers();
  test_away();
  test_cancel();
  mlp_destroy(rt);
  printf("post: %d passed, %d failed\n", passed, failed);
  return failed != 0;
}
