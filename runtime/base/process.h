/*
** process.h - other processes: start, wait for, recognise.
*/
#ifndef process_h
#define process_h

#include "base/base.h"

/*
** Start a program by posix_spawn. argv and env end with NULL; env is what is
** added to, or replaces in, this process's. Its standard output goes where
** 'out' says: NULL: where ours goes.
*/
mlp_Status mlpi_spawn (mlp_Runtime *rt, const char *path,
                       const char *const *argv, const char *const *env,
                       const char *out, long *pid);

/* Has a child ended? *code is its exit code, or 128 + its signal. */
mlp_Status mlpi_wait (mlp_Runtime *rt, long pid, bool *ended, int *code);

/* When a process started, in ticks since boot: with the pid it names one
** process. 0 where there is none, or where the system does not tell. */
long long mlpi_process_born (long pid);

/* Does that process live? 'born' 0: any of that pid. */
bool mlpi_process_alive (long pid, long long born);

/* Ask a process to end. */
void mlpi_terminate (long pid);

/* Sleep, but no longer than until a signal. */
void mlpi_sleep (double seconds);

#endif
