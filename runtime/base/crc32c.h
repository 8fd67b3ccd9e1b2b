/*
** crc32c.h - the checksum of event files.
*/
#ifndef crc32c_h
#define crc32c_h

#include <stddef.h>
#include <stdint.h>

uint32_t mlpi_crc32c (const void *data, size_t n);

#endif
