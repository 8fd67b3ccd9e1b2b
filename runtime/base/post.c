/*
** post.c - sockets that never wait for long: each call is made when poll says
** that it can go on.
*/
#include "base/post.h"
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER = 1 << 16, SLICE = 50 }; /* most bytes looked at; milliseconds */

typedef struct Post {
  mlp_Runtime *rt;
  const char *who, *host, *port;
  double end; /* of the time that it may take */
  int fd;     /* -1: not open */
} Post;

static mlp_Status failed (const Post *p, const char *why) {
  return mlpi_error(p->rt, MLP_EIO, "%s: cannot reach %s:%s: %s", p->who,
                    p->host, p->port, why);
}

static const char *reason (int error, char buf[MLPI_OS_REASON]) {
  switch (error) {
  case ECONNREFUSED:
    return "connection refused";
  case ECONNRESET:
  case EPIPE:
    return "it closed the connection";
  case EHOSTUNREACH:
  case ENETUNREACH:
    return "there is no way to it";
  case ETIMEDOUT:
    return "no answer in time";
  default:
    return mlpi_os_reason(error, buf);
  }
}

static mlp_Status failed_by (const Post *p, int error) {
  char buf[MLPI_OS_REASON];
  return failed(p, reason(error, buf));
}

/* Until the socket can be read from (POLLIN) or written to (POLLOUT). */
static mlp_Status wait_for (const Post *p, short events) {
  struct pollfd f = { .fd = p->fd, .events = events };
  for (;;) {
    const double left = p->end - mlpi_now();
    if (left <= 0) return failed_by(p, ETIMEDOUT);
    const int n = mlpi_injected(p->rt, "poll") > 0
                      ? -1
                      : poll(&f, 1, left * 1000 < SLICE ? 1 : SLICE);
    if (n > 0) return MLP_OK;
    if (n < 0 && errno != EINTR) return failed_by(p, errno);
    mlp_Status s = mlpi_check_cancel(p->rt);
    if (s != MLP_OK) return s;
  }
}

static bool is_early (int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/* To one of the addresses that the name stands for. */
static mlp_Status connect_to (Post *p, const struct addrinfo *a) {
  int error = 0;
  socklen_t n = sizeof error;
  p->fd = mlpi_injected(p->rt, "socket") > 0
              ? -1
              : socket(a->ai_family, a->ai_socktype, a->ai_protocol);
  if (p->fd < 0) return failed_by(p, errno);
  fcntl(p->fd, F_SETFD, FD_CLOEXEC);
  fcntl(p->fd, F_SETFL, O_NONBLOCK);
  const int done = mlpi_injected(p->rt, "connect") > 0
                       ? -1
                       : connect(p->fd, a->ai_addr, a->ai_addrlen);
  if (done == 0) return MLP_OK;
  if (errno != EINPROGRESS && errno != EINTR) return failed_by(p, errno);
  mlp_Status s = wait_for(p, POLLOUT);
  if (s != MLP_OK) return s;
  if (getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &error, &n) != 0) error = errno;
  return error == 0 ? MLP_OK : failed_by(p, error);
}

static void hang_up (Post *p) {
  if (p->fd >= 0) close(p->fd);
  p->fd = -1;
}

/* To the first address that answers. */
static mlp_Status call (Post *p) {
  const struct addrinfo hints = { .ai_family = AF_UNSPEC,
                                  .ai_socktype = SOCK_STREAM };
  struct addrinfo *list;
  if (getaddrinfo(p->host, p->port, &hints, &list) != 0)
    return failed(p, "no machine of that name is known");
  mlp_Status s = MLP_EIO;
  for (const struct addrinfo *a = list; a != NULL && s == MLP_EIO;
       a = a->ai_next) {
    hang_up(p);
    s = connect_to(p, a);
  }
  freeaddrinfo(list);
  return s;
}

static mlp_Status send_all (const Post *p, const char *data, size_t n) {
  while (n > 0) {
    const ssize_t k = mlpi_injected(p->rt, "send") > 0
                          ? -1
                          : send(p->fd, data, n, MSG_NOSIGNAL);
    if (k < 0 && !is_early(errno)) return failed_by(p, errno);
    if (k > 0) data += k, n -= (size_t)k;
    mlp_Status s = n > 0 && k < 0 ? wait_for(p, POLLOUT) : MLP_OK;
    if (s != MLP_OK) return s;
  }
  return MLP_OK;
}

/* Is the answer there, as long as it says that it is? */
static bool is_whole (const char *answer, size_t n) {
  const char *end = strstr(answer, "\r\n\r\n"), *at = answer;
  if (end == NULL) return false;
  unsigned long length = 0;
  while ((at = strchr(at, '\n')) != NULL && ++at < end)
    if (strncasecmp(at, "content-length:", 15) == 0)
      sscanf(at + 15, "%lu", &length);
  return n - (size_t)(end + 4 - answer) >= length;
}

static mlp_Status read_answer (const Post *p, char *answer, int *code) {
  size_t n = 0;
  answer[0] = '\0';
  while (n < ANSWER && !is_whole(answer, n)) {
    const ssize_t k = mlpi_injected(p->rt, "recv") > 0
                          ? -1
                          : recv(p->fd, answer + n, ANSWER - n, 0);
    if (k == 0) break;
    if (k < 0 && !is_early(errno)) return failed_by(p, errno);
    if (k > 0) n += (size_t)k;
    answer[n] = '\0';
    mlp_Status s = k < 0 ? wait_for(p, POLLIN) : MLP_OK;
    if (s != MLP_OK) return s;
  }
  if (sscanf(answer, "HTTP/%*d.%*d %d", code) == 1) return MLP_OK;
  return failed(p, "its answer is not one of HTTP");
}

mlp_Status mlpi_post (mlp_Runtime *rt, const char *who, const char *host,
                      const char *port, double seconds, const void *request,
                      size_t n, int *code) {
  Post p = { rt, who, host, port, mlpi_now() + seconds, -1 };
  char *answer = mlpi_alloc(rt, ANSWER + 1);
  *code = 0;
  if (answer == NULL) return MLP_ENOMEM;
  mlp_Status s = call(&p);
  if (s == MLP_OK) s = send_all(&p, request, n);
  if (s == MLP_OK) s = read_answer(&p, answer, code);
  hang_up(&p);
  mlpi_free(rt, answer, ANSWER + 1);
  return s;
}
