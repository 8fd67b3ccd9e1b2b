/*
** check.h - the little that C tests need: counted checks, a folder of their
** own, faults and failing allocations on demand.
*/
#ifndef check_h
#define check_h

#include "base/io.h"

#include <stdbool.h>

extern mlp_Runtime *rt; /* of all tests */
extern char folder[];   /* temporary, and empty between tests */
extern int passed, failed, skipped;

/* Count, and say what failed. */
void check (bool ok, const char *what);

/* The same; a false one is only said, not counted: for use in loops. */
bool expect (bool ok, const char *what, long detail);

/* Does the last message contain 'part'? */
bool says (const char *part);

/* "folder/name"; valid until the fourth call from now. */
const char *in_folder (const char *name);

void put (const char *path, const void *data, size_t n);
bool holds (const char *path, const void *data, size_t n);
int files_in_folder (void);

/* Let the k-th call of that name (NULL: any) answer 'error', once. */
void plan_fault (const char *call, int k, int error);
bool fault_happened (void);

/* Run f with its first, second... allocation failing, once and for good,
** until it needs no more; false if a byte leaked or it never came through. */
bool survives_no_memory(mlp_Status (*f)(void));

void test_texts (void);
void test_safetensors (void);

#endif
