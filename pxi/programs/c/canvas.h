/* canvas.h - where a C program of the gallery draws: the last rows of its picture. Built by gcc instead it draws into
 * memory and writes what it has drawn to standard output, so that the two can be compared.
 *
 * A program's line "px cc: OPTION.." says how it is made. */
#ifndef CANVAS_H
#define CANVAS_H

#include <stdint.h>

#ifdef __riscv
#include "px.h"
#define CANVAS(width, height)       ((uint32_t *)px_image(px_get_n() - (width) * (height)))
#define SHOW(canvas, width, height) ((void)(canvas))
#else
#include <stdio.h>
#define CANVAS(width, height)       (static_canvas)
#define SHOW(canvas, width, height) fwrite(canvas, 4, (width) * (height), stdout)
static uint32_t static_canvas[1 << 16];
#endif

static inline uint32_t rgb(uint32_t r, uint32_t g, uint32_t b) { return r | g << 8 | b << 16 | 0xFF000000u; }

#endif
