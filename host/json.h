/* json.h - JSON for scripts, written as it is said: a value, a key and a value, or the two ends of an object or array.
 */
#ifndef HOST_JSON_H
#define HOST_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct px_json {
    FILE *to;
    unsigned depth;
    bool first; /* nothing stands yet in the object or array */
    bool line;  /* all of it in one line */
} px_json;

/* key is NULL in an array and for the whole. A line break ends the whole. */
void px_json_open(px_json *json, const char *key, char bracket); /* '{' or '[' */
void px_json_close(px_json *json, char bracket);                 /* '}' or ']' */
void px_json_number(px_json *json, const char *key, uint64_t value);
void px_json_signed(px_json *json, const char *key, int64_t value);
void px_json_bool(px_json *json, const char *key, bool value);
void px_json_string(px_json *json, const char *key, const char *value); /* NULL: null */

#endif
