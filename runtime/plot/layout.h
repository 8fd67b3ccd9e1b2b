/*
** layout.h - what the files that make the scene share.
*/
#ifndef layout_h
#define layout_h

#include "plot/canvas.h"

typedef struct mlpi_Layout {
  mlpi_Figure *f;
  mlpi_Font *font;
} mlpi_Layout;

/* In points. */
enum { MLPI_TEXT = 10, MLPI_LEGEND_TEXT = 9, MLPI_TITLE = 12 };
#define MLPI_CAP     .73 /* height of capitals and digits, in ems */
#define MLPI_DESCENT .24 /* of letters such as g */
#define MLPI_TICK    3.5 /* points: length of a tick, then of the gap */
/* Points: around the figure, to labels, to titles; letters of its title. */
#define MLPI_OUTER     6
#define MLPI_LABEL_GAP 4.5
#define MLPI_TITLE_GAP 6
#define MLPI_SUPTITLE  13

mlp_Status mlpi_layout_with (mlpi_Figure *f, mlpi_Font *font);

/* Ranges of all axes, from wishes and data. */
void mlpi_find_ranges (mlpi_Figure *f);
void mlpi_axis_place (mlpi_Axis *a, double p0, double p1);
/* Of the right axis: that of the curve it belongs to. */
mlpi_Colour mlpi_right_colour (const mlpi_Figure *f, const mlpi_Panel *p);
void mlpi_series_area (const mlpi_Panel *p, mlpi_Series *s);

/* Legends: list what is to be explained, tell the size, find the place. */
void mlpi_list_entries (mlpi_Layout *l, mlpi_Panel *p);
void mlpi_legend_size (mlpi_Layout *l, mlpi_Panel *p, double *w, double *h);
/* Pick the place that covers least; 'covers': it hides data all the same. */
mlp_Status mlpi_place_legend (mlpi_Layout *l, mlpi_Panel *p, double w, double h,
                              bool *covers);
void mlpi_emit_legend (mlpi_Layout *l, int panel);

/* From the axes to the far side of the tick labels; height of those of x. */
double mlpi_tick_room (mlpi_Layout *l, const mlpi_Ticks *t, double size);
double mlpi_x_label_height (mlpi_Layout *l, const mlpi_Axis *a, double size);
/* What stands beside an axis, or NULL. */
const char *mlpi_axis_label (mlpi_Layout *l, const mlpi_Axis *a);
void mlpi_emit_texts (mlpi_Layout *l);
/* The pixel that a note is put at. */
void mlpi_note_at (mlpi_Layout *l, const mlpi_Panel *p, const mlpi_Series *s,
                   double *x, double *y);

/* Texts. 'ha': 0 the text starts at x, .5 centre, 1 end; 'va': 0 the base
** line is at y, .5 the middle, 1 the top of capitals. */
void mlpi_put_text (mlpi_Layout *l, const mlpi_Caption *like, double x,
                    double y, double ha, double va);
double mlpi_text_width (mlpi_Layout *l, const char *text, double size);
double mlpi_text_height (mlpi_Layout *l, const char *text, double size);
/* The text with line breaks, so that no line is wider where words allow. */
const char *mlpi_wrap (mlpi_Layout *l, const char *text, double size,
                       double width);
/* The text, its end left out where it is wider than that many pixels. */
const char *mlpi_elide (mlpi_Layout *l, const char *text, double size,
                        double width);
/* The axis label with the ticks' power of ten and offset; NULL: none. */
const char *mlpi_scaled_label (mlpi_Layout *l, const char *label,
                               const mlpi_Ticks *t);

#endif
