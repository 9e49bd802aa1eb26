/* line_reader.h - lines that a person types, with history and completion where libedit is built in and it is a
 * terminal; else lines as they come. */
#ifndef HOST_LINE_READER_H
#define HOST_LINE_READER_H

#include <stdbool.h>

/* The next line, without its end, to be freed; NULL at the end of the input. word: the words that complete a line's
 * first, NULL after the last. */
char *px_line_read(const char *prompt, bool terminal, const char *(*word)(unsigned long index));

#endif
