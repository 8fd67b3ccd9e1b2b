/*
** memory.c - where memory comes from unless a host brings its own.
** Large blocks ask for large pages: a product walks down columns, a row apart
** at each step, and with small pages would look up every one of their
** addresses.
*/
#define _DEFAULT_SOURCE /* madvise */
#include "base/memory.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { LARGE = 4 << 20, LARGE_PAGE = 2 << 20 };

void mlpi_ask_large_pages (void *p, size_t n) {
#ifdef MADV_HUGEPAGE
  const uintptr_t mask = LARGE_PAGE - 1;
  const uintptr_t from = ((uintptr_t)p + mask) & ~mask;
  const uintptr_t to = ((uintptr_t)p + n) & ~mask;
  if (to > from) madvise((void *)from, to - from, MADV_HUGEPAGE);
#else
  (void)p;
  (void)n;
#endif
}

void *mlpi_default_alloc (void *ud, void *p, size_t osize, size_t nsize) {
  (void)ud;
  (void)osize;
  if (nsize == 0) {
    free(p);
    return NULL;
  }
  p = realloc(p, nsize);
  if (p != NULL && nsize >= LARGE) mlpi_ask_large_pages(p, nsize);
  return p;
}
