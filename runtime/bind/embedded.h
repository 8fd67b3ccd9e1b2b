/*
** embedded.h - the Lua library and the lecture's scripts as bytes inside the
** program (generated).
*/
#ifndef embedded_h
#define embedded_h

#include <stddef.h>

typedef struct mlpi_Embedded {
  const char *module; /* "mlp.plot" */
  const char *chunk;  /* "@mlp/plot.lua", for messages */
  size_t path_length; /* of that without the '@' */
  const unsigned char *code;
  size_t size;
} mlpi_Embedded;

extern const mlpi_Embedded mlpi_embedded[]; /* ends at a NULL module */
extern const mlpi_Embedded mlpi_lecture[];  /* experiments/, the same way */

#endif
