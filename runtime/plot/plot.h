/*
** plot.h - level 6: figures as data, laid out into a scene, drawn by cairo.
** A figure is a grid of panels; a panel has three axes and a list of series.
** Laying out measures every text and gives everything its place in pixels:
** that is the scene, which tests inspect. Drawing only follows it.
** Sizes of pens and letters are in points (1/72 inch); boxes are in pixels,
** y downwards.
*/
#ifndef plot_h
#define plot_h

#include "base/base.h"

/*
** Memory that is given back at once. A failed allocation is remembered, so
** that a long row of small ones needs one check at its end.
*/
typedef struct mlpi_Arena {
  mlp_Runtime *rt;
  struct mlpi_Block *first;
  bool failed;
} mlpi_Arena;

void *mlpi_arena_alloc (mlpi_Arena *a, size_t n); /* zeroed; or NULL */
char *mlpi_arena_text (mlpi_Arena *a, const char *s);
void mlpi_arena_clear (mlpi_Arena *a);

/* Colours: in [0, 1], not premultiplied. */
typedef struct mlpi_Colour {
  double r, g, b, a;
} mlpi_Colour;

typedef struct mlpi_Theme {
  const char *name;
  mlpi_Colour back, fore, grid, faint; /* paper, ink, grid, secondary lines */
  const mlpi_Colour *cycle;            /* of categories */
  int ncycle;
} mlpi_Theme;

const mlpi_Theme *mlpi_theme (const char *name); /* NULL: unknown */
extern const char mlpi_theme_names[], mlpi_map_names[];
mlpi_Colour mlpi_cycle (const mlpi_Theme *t, int i);
/* Of class i, from 0: its own shade where the cycle begins again. */
mlpi_Colour mlpi_cycle_class (const mlpi_Theme *t, int i);
/* "#rgb", "#rrggbb", "#rrggbbaa", "C0" (first of the cycle), "fore", "black"...
 */
bool mlpi_parse_colour (const mlpi_Theme *t, const char *s, mlpi_Colour *out);

/* A colour map: 33 knots, lerped; reversed where its name ended in "_r". */
typedef struct mlpi_Map {
  const char *knots; /* 33 times rrggbb */
  bool reversed;
} mlpi_Map;

bool mlpi_find_map (const char *name, mlpi_Map *out);
mlpi_Colour mlpi_map_colour (const mlpi_Map *m, double t); /* t in [0, 1] */

/* Ticks of one axis. */
enum { MLPI_TICKS_MAX = 64, MLPI_MINOR_MAX = 256 };
typedef struct mlpi_Ticks {
  int n, nminor;
  int exponent;  /* labels are to be read times ten to this power */
  double offset; /* and plus this */
  double at[MLPI_TICKS_MAX], minor[MLPI_MINOR_MAX];
  const char *label[MLPI_TICKS_MAX];
} mlpi_Ticks;

typedef struct mlpi_TickWish {
  double lo, hi; /* lo < hi */
  double target; /* wanted number of ticks, at least 2 */
  bool integer, log;
  bool inside; /* no tick beyond lo and hi */
} mlpi_TickWish;

void mlpi_ticks (const mlpi_TickWish *w, mlpi_Ticks *out, mlpi_Arena *text);
/* v with that many decimals, the point a point in every locale. */
void mlpi_format_fixed (double v, int decimals, char buf[48]);
/* "10" with the exponent in superscript digits. */
void mlpi_format_power (int e, char buf[48]);

typedef struct mlpi_Box {
  double x0, y0, x1, y1;
} mlpi_Box;

typedef struct mlpi_Vector {
  double *v;
  size_t n;
  /* filled in by mlpi_series_end: finite values, and those above 0 */
  bool any, any_above;
  double lo, hi, lo_above;
} mlpi_Vector;

typedef struct mlpi_Names {
  const char **name;
  size_t n;
} mlpi_Names;

typedef enum mlpi_SeriesKind {
  MLPI_LINE,
  MLPI_SCATTER,
  MLPI_IMAGE,
  MLPI_CONTOUR,
  MLPI_BARS,
  MLPI_HLINE,
  MLPI_VLINE,
  MLPI_NOTE,
  MLPI_SEGMENTS,
  MLPI_BOXES
} mlpi_SeriesKind;

enum { MLPI_SOLID, MLPI_DASHED, MLPI_DOTTED, MLPI_DASHDOT }; /* dash */
enum {
  MLPI_NOMARK,
  MLPI_CIRCLE,
  MLPI_SQUARE,
  MLPI_TRIANGLE,
  MLPI_CROSS,
  MLPI_DIAMOND,
  MLPI_STAR,
  MLPI_PLUS,
  MLPI_RING
};

typedef struct mlpi_Series {
  struct mlpi_Series *next;
  mlpi_SeriesKind kind;
  mlpi_Vector x, y;      /* points; rules: at y */
  mlpi_Vector x2, y2;    /* far ends: segments, boxes, bars; note: points to */
  mlpi_Vector low, high; /* band of a line, whiskers of bars and points */
  mlpi_Vector c;         /* class (1...) or value per point; cells; levels */
  mlpi_Vector levels;    /* of contours */
  mlpi_Vector widths;    /* of segments, in points */
  mlpi_Names names;      /* of classes */
  const char *label, *text;
  mlpi_Colour colour, edge;
  bool has_colour, has_edge;
  double width, size, alpha; /* pen, marker or letters in points */
  double band_alpha;         /* of the band, before 'alpha' */
  double head, radius;       /* points: of arrows, of corners */
  int dash, marker;          /* dash -1: changes when the colours begin anew */
  bool right;                /* measured on the right y axis */
  bool level;                /* bars lie */
  bool by_value;             /* c goes through the map */
  mlpi_Map map;
  bool map_log;
  double vmin, vmax; /* of the map; NaN: from the data */
  int shades;        /* 0: continuous */
  bool smooth, tint,
      bar; /* image: bilinear, channels are classes, colour bar */
  size_t rows, cols, channels;
  mlpi_Box extent;       /* data: row 1 starts at y0, column 1 at x0 */
  double halign, valign; /* note: 0, .5, 1: left or bottom, middle... */
  double angle, dx, dy;  /* note: degrees; moved by points, y upwards */
  bool in_axes;          /* note: x and y are fractions of the axes' box */
  bool boxed;            /* note: on a piece of paper */
  mlpi_Box area;         /* scene: what the series covers, in pixels */
} mlpi_Series;

typedef struct mlpi_Axis {
  bool log, integer, reverse;
  double lo, hi; /* wanted limits; NaN: from the data */
  const char *label;
  mlpi_Names names; /* categories at 1, 2... */
  bool used;        /* the right axis: some series is measured on it */
  bool quiet;       /* no tick labels: a neighbour has them */
  /* scene */
  double from, to;  /* limits in data units, from < to */
  double p0, scale; /* pixel = p0 + scale * (transformed value) */
  double angle;     /* of tick labels */
  mlpi_Ticks ticks;
} mlpi_Axis;

enum { MLPI_AX, MLPI_AY, MLPI_AR }; /* x, y, right y */
enum { MLPI_NO_LEGEND, MLPI_BEST, MLPI_OUTSIDE, MLPI_UPPER_RIGHT };

typedef struct mlpi_Panel {
  mlpi_Axis axis[3];
  const char *title;
  double title_size, text_size; /* points */
  int inset;                    /* panel that this one lies in; -1: none */
  mlpi_Box place;               /* inset: shares of that one's axes, upwards */
  bool blank;                   /* no axes, ticks, frame */
  bool equal;                   /* one unit of x is as long as one of y */
  bool grid;
  int legend;
  mlpi_Series *first, *last;
  int cycle; /* colours given out */
  /* scene */
  bool used, framed;
  double need[4];      /* margins: left, top, right, bottom */
  mlpi_Box cell, box;  /* without margins; of the axes */
  mlpi_Series *barred; /* the series with the colour bar, or NULL */
  mlpi_Box bar;
  mlpi_Ticks bar_ticks;
  bool has_legend, beside; /* beside: right of the axes */
  double headroom;         /* share of the height kept free for the legend */
  mlpi_Box legend_box;
  struct mlpi_Entry *entries;
  int nentries, legend_rows;
  double legend_column; /* pixels */
} mlpi_Panel;

/* One line of a legend. */
typedef struct mlpi_Entry {
  const mlpi_Series *series;
  int class; /* 0: the series itself */
  const char *label;
  mlpi_Box key; /* where the sample is drawn */
} mlpi_Entry;

/* A piece of text with its place. */
typedef struct mlpi_Caption {
  struct mlpi_Caption *next;
  const char *text, *role; /* "title", "xtick", "legend"... */
  int panel;               /* from 0; -1: of the figure */
  double size, angle;      /* points, degrees counter-clockwise */
  double x, y;             /* start of the base line */
  mlpi_Colour colour;
  mlpi_Box box;       /* of its ink */
  bool boxed, points; /* on a piece of paper; with an arrow */
  double to_x, to_y;  /* of the arrow */
} mlpi_Caption;

typedef struct mlpi_Meta {
  struct mlpi_Meta *next;
  const char *key, *value; /* Latin-1 key, UTF-8 value */
} mlpi_Meta;

/* A file that grows in memory. */
typedef struct mlpi_Bytes {
  unsigned char *data;
  size_t n, capacity;
} mlpi_Bytes;

mlp_Status mlpi_bytes_add (mlp_Runtime *rt, mlpi_Bytes *b, const void *data,
                           size_t n);
void mlpi_bytes_drop (mlp_Runtime *rt, mlpi_Bytes *b);

typedef struct mlpi_Figure {
  mlp_Runtime *rt;
  mlpi_Arena keep, scene; /* contents; result of the last lay-out */
  int rows, cols;
  double width, height, dpi; /* inches */
  const mlpi_Theme *theme;
  const char *title;
  bool sharex, sharey;
  const double *widths, *heights; /* of columns and rows, relative; or NULL */
  mlpi_Panel *panel;              /* (rows, cols), then insets */
  int npanels;
  mlpi_Meta *meta;
  /* scene */
  int pixels_x, pixels_y;
  double pt; /* pixels a point */
  mlpi_Caption *texts, **last_text;
  mlpi_Bytes out; /* the last encoding */
} mlpi_Figure;

/* An empty figure; MLP_EARG where the size is out of reason. */
mlp_Status mlpi_figure_new (mlp_Runtime *rt, int rows, int cols, double width,
                            double height, double dpi, const mlpi_Theme *theme,
                            mlpi_Figure **out);
void mlpi_figure_release (mlpi_Figure *f);
/* One more panel, in the axes of another; 'place' in shares of these. */
mlp_Status mlpi_figure_inset (mlpi_Figure *f, int panel, mlpi_Box place,
                              int *out);
/* Set a text chunk of the PNG; a second value replaces the first. */
mlp_Status mlpi_figure_meta (mlpi_Figure *f, const char *key,
                             const char *value);

/*
** A series is made in steps, of which each may fail without harm: begin, fill
** its members (arrays come from mlpi_vector), end. Only the last puts it into
** the panel, after checking that its parts fit. Memory belongs to the figure.
*/
mlpi_Series *mlpi_series_begin (mlpi_Figure *f, mlpi_SeriesKind kind);
mlp_Status mlpi_vector (mlpi_Figure *f, size_t n, mlpi_Vector *out);
mlp_Status mlpi_names (mlpi_Figure *f, size_t n, mlpi_Names *out);
mlp_Status mlpi_series_end (mlpi_Figure *f, int panel, mlpi_Series *s,
                            const char *who);

/* Compute the scene. */
mlp_Status mlpi_layout (mlpi_Figure *f);
typedef enum mlpi_Format { MLPI_PNG, MLPI_SVG, MLPI_PDF } mlpi_Format;
/* Encode the picture into f->out, which is the figure's until the next call
** or mlpi_bytes_drop. */
mlp_Status mlpi_figure_encode (mlpi_Figure *f, mlpi_Format format);

/* The picture's mean colours in a grid: (rows, cols, 3) values from 0 to 255.
 */
mlp_Status mlpi_figure_thumbnail (mlpi_Figure *f, int rows, int cols,
                                  unsigned char *out);

/* A piece of a PNG file. */
typedef struct mlpi_Frame {
  const unsigned char *data;
  size_t n;
} mlpi_Frame;
/* Pictures of one size, one after the other, as an animated PNG; seconds each,
** the last one longer by hold; rounds 0: for ever; title in UTF-8, or NULL: the
** one that all pictures have. */
mlp_Status mlpi_animate (mlp_Runtime *rt, const mlpi_Frame *frames, size_t n,
                         double seconds, double hold, int rounds,
                         const char *title, mlpi_Bytes *out);

/* Size of a text in points, lines included. */
mlp_Status mlpi_text_size (mlp_Runtime *rt, const char *text, double size,
                           double *width, double *height);

/* Counts of the finite values in equal bins over [lo, hi], hi included. */
void mlpi_histogram (const double *v, size_t n, double lo, double hi, int bins,
                     double *counts);

/* Least and greatest finite value (above 0 where 'log'); false: none. */
bool mlpi_range (const double *v, size_t n, bool log, double *lo, double *hi);

#endif
