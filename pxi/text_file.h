/* text_file.h - texts as people's editors save them: every text that px reads goes through here.
 *
 * A UTF-8 byte order mark at the start is skipped, and CRLF, LF and a CR alone each end a line. Text in UTF-16 or
 * UTF-32, told by its byte order mark, and pictures are refused by name. */
#ifndef PXI_TEXT_FILE_H
#define PXI_TEXT_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "pxi/error.h"

/* In place: afterwards size bytes of text hold no mark, and each line ends in '\n'. name is for the message. */
bool px_text_clean(char *text, size_t *size, const char *name, px_error *error);

/* Whether what should be a picture is lines of text, probably a program's source. */
bool px_text_looks(const void *data, size_t size);

/* Whether all of it is UTF-8. */
bool px_text_is_utf8(const void *data, size_t size);

/* A whole file, cleaned, with a NUL behind its size bytes, and none within: such a file is refused. To be freed by the
 * caller. */
bool px_text_read(char **text, size_t *size, const char *path, px_error *error);

/* The next line of such a text, from *rest on, which goes on behind it; its '\n' becomes a NUL. NULL: there is none. */
char *px_text_line(char **rest);

#endif
