/*
** text.h - growing strings, numbers as text, names in messages. Nothing here
** looks at the locale: a comma is never a decimal point.
*/
#ifndef text_h
#define text_h

#include "base/base.h"

/*
** A string that grows. Failure sticks: whoever appends need not look, and
** asks once, at the end, for mlpi_text_status. 's' is NULL until something
** was added, then NUL-terminated.
*/
typedef struct mlpi_Text {
  mlp_Runtime *rt;
  char *s;
  size_t n, size; /* bytes in use, the NUL not counted; bytes allocated */
  bool failed;
} mlpi_Text;

void mlpi_text_init (mlpi_Text *t, mlp_Runtime *rt);
void mlpi_text_free (mlpi_Text *t);
void mlpi_text_bytes (mlpi_Text *t, const void *p, size_t n);
void mlpi_text_add (mlpi_Text *t, const char *s);

/* Only %s, %c, %d, %zu, %% and %g, which is mlpi_number_text. */
void mlpi_text_format (mlpi_Text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* MLP_OK, or MLP_ENOMEM with the message that the allocator set. */
mlp_Status mlpi_text_status (const mlpi_Text *t);

/*
** A double as text that reads back as the same double: the fewest of 15, 16
** or 17 digits that do, laid out like %g. Not finite: "nan", "inf", "-inf".
** Returns buf.
*/
enum { MLPI_NUMBER_TEXT = 32 };
char *mlpi_number_text (double x, char buf[MLPI_NUMBER_TEXT]);

/* The same of a float: 6 to 9 digits. */
char *mlpi_float_text (float x, char buf[MLPI_NUMBER_TEXT]);

/*
** The n bytes at s as a double, correctly rounded. True only where all of
** them are one decimal number ("-1.5e3", ".5", "7.") that is not too large:
** no blanks, no hexadecimals, no words; nan and inf are the caller's matter.
*/
bool mlpi_parse_number (const char *s, size_t n, double *out);

/* Bytes of the UTF-8 character at s; 0 where there is none. Never looks past
** a NUL. */
size_t mlpi_utf8_length (const char *s);

/*
** A name for a message: 's' with quotes around it, control characters and
** bytes that are not UTF-8 as \xNN, the middle of a long one left out.
** Returns buf.
*/
enum { MLPI_QUOTED = 660 };
char *mlpi_quote (const char *s, char buf[MLPI_QUOTED]);

#endif
