/*
** version.c - what this program is made of.
** OpenBLAS is loaded at its first use and so has no line here.
*/
#include "host/host.h"

#include <cairo.h>
#include <jansson.h>
#include <png.h>
#include <sqlite3.h>
#include <zlib.h>

void mlpi_print_version (FILE *f, bool libraries) {
  fprintf(f, "mlprun %s\n", mlp_version_string());
  if (!libraries) return;
  fprintf(f, "Lua %s.%s.%s\n", LUA_VERSION_MAJOR, LUA_VERSION_MINOR,
          LUA_VERSION_RELEASE);
  fprintf(f, "cairo %s\n", cairo_version_string());
  fprintf(f, "libpng %s\n", png_get_libpng_ver(NULL));
  fprintf(f, "zlib %s\n", zlibVersion());
  fprintf(f, "SQLite %s\n", sqlite3_libversion());
  fprintf(f, "jansson %s\n", jansson_version_str());
}
