/* map.h - a program as a picture for people: its code in the colours of isa.def, its data in their own, and a legend.
 */
#ifndef HOST_MAP_H
#define HOST_MAP_H

#include "pxi/state.h"

/* How much of a picture a map shows: rows from the first on, each pixel scale x scale. */
typedef struct px_map_size {
    uint32_t rows, scale;
} px_map_size;

/* A part of the image that has a colour of its own, instead of those of its code; its pixels that are not 0 are
 * brighter. */
typedef struct px_map_region {
    uint32_t from, end; /* addresses */
    uint32_t colour;    /* 0xRRGGBB */
    const char *text;   /* in the legend */
} px_map_region;

/* 8 times as large if that makes a picture that people can open; otherwise as large as all rows of the code can be,
 * with the rows below them that there is room for. */
px_map_size px_map_size_of(const px_state *state);

/* The same for an image of regions: as large as all of it can be. */
px_map_size px_map_size_of_regions(const px_state *state);

/* regions may be none. */
bool px_map_draw(px_picture *map, const px_state *state, const px_map_region *regions, size_t count, px_error *error);

#endif
