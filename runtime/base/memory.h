/*
** memory.h - where memory comes from unless a host brings its own.
*/
#ifndef memory_h
#define memory_h

#include "base/base.h"

/* An mlp_Alloc: the C library's; large blocks on large pages, where the system
** has them. */
void *mlpi_default_alloc (void *ud, void *p, size_t osize, size_t nsize);

/* For n bytes at p: the whole large pages among them. */
void mlpi_ask_large_pages (void *p, size_t n);

#endif
