/*
** plot.h - what the files plot*.c share: arguments and options of figures.
** A panel is a number and, as user value, the box of its figure. Its methods
** return it, so that calls can be chained.
*/
#ifndef bind_plot_h
#define bind_plot_h

#include "bind/bind.h"
#include "plot/plot.h"

#define MLPI_PANEL "mlp.Panel"

mlpi_Figure *mlpi_tofigure (lua_State *L);
/* The figure and number of the panel at 1. */
mlpi_Figure *mlpi_topanel (lua_State *L, int *index);
/* Push panel i, from 0, of the figure whose box lies at 'figure'. */
void mlpi_push_panel (lua_State *L, int figure, int i);

/* Methods and functions by concept; plot.c puts them into their tables. */
extern const luaL_Reg mlpi_panel_series[], mlpi_panel_marks[],
    mlpi_panel_axes[], mlpi_figure_output[], mlpi_plot_data[],
    mlpi_plot_output[];
int mlpi_figure_scene (lua_State *L);
void mlpi_push_ticks (lua_State *L, const mlpi_Ticks *t);

/* Names what is read, for messages: "line: argument 2 'y'". */
typedef struct mlpi_Source {
  const char *who, *name;
  int arg; /* 0: an option */
} mlpi_Source;

int mlpi_bad_data (lua_State *L, mlpi_Source src, const char *want,
                   const char *got);
double mlpi_number_at (lua_State *L, int at, lua_Integer i, mlpi_Source src);
/* Copy a list or tensor into the figure. */
void mlpi_read_vector (lua_State *L, mlpi_Figure *f, int at, mlpi_Source src,
                       mlpi_Vector *out);
/* The same for an option; leaves 'out' empty where that is absent. */
void mlpi_read_option (lua_State *L, mlpi_Figure *f, int opts, const char *who,
                       const char *name, mlpi_Vector *out);
void mlpi_read_names (lua_State *L, mlpi_Figure *f, int opts, const char *who,
                      const char *name, mlpi_Names *out);
/* A matrix: rows, a tensor (rows, cols) or (rows, cols, channels), or flat
** data with the options 'rows' and 'cols'. */
void mlpi_read_matrix (lua_State *L, mlpi_Figure *f, int at, int opts,
                       mlpi_Source src, mlpi_Series *s);
const char *mlpi_keep_text (lua_State *L, mlpi_Figure *f, const char *s);
const char *mlpi_text_option (lua_State *L, mlpi_Figure *f, int opts,
                              const char *who, const char *name,
                              const char *preset);

/* The index of the option's word in 'choices' (separated by spaces). */
int mlpi_choice (lua_State *L, int opts, const char *who, const char *name,
                 const char *choices, int preset);
bool mlpi_colour_option (lua_State *L, const mlpi_Figure *f, int opts,
                         const char *who, const char *name, mlpi_Colour *out);
/* A number from 0 to max. */
double mlpi_positive (lua_State *L, int opts, const char *who, const char *name,
                      double preset, double max);
/* cmap, vmin, vmax, shades, scale */
void mlpi_map_option (lua_State *L, int opts, const char *who,
                      const char *preset, mlpi_Series *s);
#define MLPI_MAP_OPTIONS "cmap vmin vmax shades scale "

/* Options that every series has. */
#define MLPI_COMMON "label color alpha axis "
mlpi_Series *mlpi_begin (lua_State *L, mlpi_Figure *f, mlpi_SeriesKind kind,
                         int opts, const char *who, const char *known);
int mlpi_end (lua_State *L, mlpi_Figure *f, int panel, mlpi_Series *s,
              const char *who);
/* linewidth, dash */
void mlpi_pen_options (lua_State *L, int opts, const char *who, mlpi_Series *s,
                       double width, int dash);

#endif
