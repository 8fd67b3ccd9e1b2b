/*
** post.h - one request to a server over TCP, and what it says to it.
*/
#ifndef post_h
#define post_h

#include "base/base.h"

/*
** Send n bytes, an HTTP request that asks for the connection to be closed;
** *code: the number in the answer, 200 or another. MLP_EIO, with a message
** that names the server, where there is no such answer within so many
** seconds. No signal is raised; a cancel is heard within 50 ms, but for the
** time that the system takes to look a name up.
*/
mlp_Status mlpi_post (mlp_Runtime *rt, const char *who, const char *host,
                      const char *port, double seconds, const void *request,
                      size_t n, int *code);

#endif
