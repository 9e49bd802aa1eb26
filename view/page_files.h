/* page_files.h - the page, as view.mk makes it part of px. */
#ifndef VIEW_PAGE_FILES_H
#define VIEW_PAGE_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "page_css.h"
#include "page_html.h"
#include "page_js.h"

typedef struct page_file {
    const char *name, *type; /* behind the token */
    const uint8_t *bytes;
    size_t size;
} page_file;

static const page_file page_files[] = {
    {"", "text/html; charset=utf-8", page_html, sizeof page_html},
    {"page.css", "text/css; charset=utf-8", page_css, sizeof page_css},
    {"page.js", "text/javascript; charset=utf-8", page_js, sizeof page_js},
};

#endif
