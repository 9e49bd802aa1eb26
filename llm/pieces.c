/* pieces.c - a vocabulary of llama2.c: texts to tokens, by merging the neighbours whose piece has the best score. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "llm/llm.h"
#include "pxi/input_file.h"

static int compare(const char *a, size_t a_size, const char *b, size_t b_size)
{
    const int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
    return order != 0 ? order : (a_size > b_size) - (a_size < b_size);
}

/* Whether a text is how llama2.c writes a byte: <0x0A>. */
static bool is_byte(const char *text, uint32_t length, uint32_t byte)
{
    char name[8];
    snprintf(name, sizeof name, "<0x%02X>", (unsigned)(byte & 255));
    return length == 6 && memcmp(text, name, 6) == 0;
}

static bool read_pieces(llm_pieces *p, const uint8_t *data, size_t size, const char *path, px_error *error)
{
    size_t at = 4;
    for (uint32_t i = 0; i < p->count; i++) {
        if (size < 8 || at > size - 8)
            return px_fail(error, PX_E_INPUT,
                           "%s ends in token %" PRIu32 " of %" PRIu32 ": it is of another vocabulary, or cut off", path,
                           i, p->count);
        uint32_t length;
        memcpy(&p->score[i], data + at, 4);
        memcpy(&length, data + at + 4, 4);
        at += 8;
        if (length > 255 || length > size - at || !isfinite(p->score[i]))
            return px_fail(error, PX_E_INPUT,
                           "%s: token %" PRIu32 " has %" PRIu32
                           " bytes and score %g, expected at most 255 bytes that are there, and a number",
                           path, i, length, (double)p->score[i]);
        p->text[i] = malloc(length + 1);
        if (p->text[i] == NULL)
            return px_fail(error, PX_E_SYSTEM, "no memory for a vocabulary");
        memcpy(p->text[i], data + at, length);
        p->length[i] = length;
        at += length;
    }
    return at == size || px_fail(error, PX_E_INPUT,
                                 "%s goes on behind token %" PRIu32 ", the model's last: it is of another vocabulary",
                                 path, p->count - 1);
}

static bool allocate(llm_pieces *p, uint32_t count, px_error *error)
{
    *p = (llm_pieces){.count = count};
    p->score = calloc(count, sizeof *p->score);
    p->text = calloc(count, sizeof *p->text);
    p->length = calloc(count, sizeof *p->length);
    p->order = calloc(count, sizeof *p->order);
    return (p->score != NULL && p->text != NULL && p->length != NULL && p->order != NULL) ||
           px_fail(error, PX_E_SYSTEM, "no memory for a vocabulary");
}

bool llm_pieces_read(llm_pieces *pieces, const char *path, uint32_t count, px_error *error)
{
    uint8_t *data;
    size_t size;
    if (!px_file_read(&data, &size, path, error))
        return false;
    bool ok = allocate(pieces, count, error) && read_pieces(pieces, data, size, path, error);
    free(data);
    if (ok) {
        pieces->bytes = count >= LLM_FIRST_BYTE + 256;
        for (uint32_t byte = 0; byte < 256 && pieces->bytes; byte++)
            pieces->bytes = is_byte(pieces->text[LLM_FIRST_BYTE + byte], pieces->length[LLM_FIRST_BYTE + byte], byte);
        for (uint32_t byte = 0; byte < 256 && pieces->bytes; byte++) {
            pieces->text[LLM_FIRST_BYTE + byte][0] = (char)byte;
            pieces->length[LLM_FIRST_BYTE + byte] = 1;
        }
        ok = llm_pieces_order(pieces, error);
    }
    if (!ok)
        llm_pieces_free(pieces);
    return ok;
}

bool llm_pieces_of(llm_pieces *pieces, const llm_layout *layout, const uint32_t *image, px_error *error)
{
    const uint32_t first = layout->table[LLM_PIECES].at * 4, room = layout->table[LLM_PIECES].pixels * 4;
    bool ok = allocate(pieces, layout->z.vocab, error);
    for (uint32_t i = 0; i < pieces->count && ok; i++) {
        const uint32_t entry = image[layout->table[LLM_PIECE].at + i], at = (entry & 0xFFFFFF) - first,
                       length = entry >> 24;
        memcpy(&pieces->score[i], &image[layout->table[LLM_PIECE_SCORE].at + i], 4);
        ok = (at <= room && length <= room - at && isfinite(pieces->score[i])) ||
             px_fail(error, PX_E_INPUT, "token %" PRIu32 " of the model has no text", i);
        pieces->text[i] = malloc(length + 1);
        ok = ok && (pieces->text[i] != NULL || px_fail(error, PX_E_SYSTEM, "no memory for a vocabulary"));
        pieces->length[i] = length;
        for (uint32_t k = 0; k < length && ok; k++)
            pieces->text[i][k] = (char)(image[(first + at + k) / 4] >> (8 * ((first + at + k) % 4)));
    }
    if (ok) {
        pieces->bytes = pieces->count >= LLM_FIRST_BYTE + 256;
        for (uint32_t byte = 0; byte < 256 && pieces->bytes; byte++)
            pieces->bytes =
                pieces->length[LLM_FIRST_BYTE + byte] == 1 && (uint8_t)pieces->text[LLM_FIRST_BYTE + byte][0] == byte;
        ok = llm_pieces_order(pieces, error);
    }
    if (!ok)
        llm_pieces_free(pieces);
    return ok;
}

/* Of equal texts the later token comes first: that of a letter, not of its byte. */
static void sift(const llm_pieces *p, uint32_t *order, uint32_t at, uint32_t count)
{
    for (uint32_t child; (child = 2 * at + 1) < count; at = child) {
#define ABOVE(a, b)                                                                                                    \
    (compare(p->text[a], p->length[a], p->text[b], p->length[b]) != 0                                                  \
         ? compare(p->text[a], p->length[a], p->text[b], p->length[b]) > 0                                             \
         : (a) < (b))
        if (child + 1 < count && ABOVE(order[child + 1], order[child]))
            child++;
        if (!ABOVE(order[child], order[at]))
            return;
        const uint32_t swapped = order[at];
        order[at] = order[child];
        order[child] = swapped;
    }
#undef ABOVE
}

bool llm_pieces_order(llm_pieces *p, px_error *error)
{
    if (p->count == 0)
        return px_fail(error, PX_E_INPUT, "a vocabulary without a token");
    for (uint32_t i = 0; i < p->count; i++)
        p->order[i] = i;
    for (uint32_t i = p->count / 2; i-- > 0;)
        sift(p, p->order, i, p->count);
    for (uint32_t end = p->count - 1; end > 0; end--) {
        const uint32_t greatest = p->order[0];
        p->order[0] = p->order[end];
        p->order[end] = greatest;
        sift(p, p->order, 0, end);
    }
    return true;
}

void llm_pieces_free(llm_pieces *p)
{
    for (uint32_t i = 0; i < p->count && p->text != NULL; i++)
        free(p->text[i]);
    free(p->score);
    free(p->text);
    free(p->length);
    free(p->order);
    *p = (llm_pieces){0};
}

/* ---- a text's tokens ---- */

static int64_t look_up(const llm_pieces *p, const char *text, size_t size)
{
    uint32_t low = 0, high = p->count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2, token = p->order[middle];
        if (compare(p->text[token], p->length[token], text, size) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == p->count || compare(p->text[p->order[low]], p->length[p->order[low]], text, size) != 0)
        return -1;
    return p->order[low];
}

/* The piece of two neighbours, or -1. */
static int64_t joined(const llm_pieces *p, uint32_t a, uint32_t b)
{
    char text[512];
    memcpy(text, p->text[a], p->length[a]);
    memcpy(text + p->length[a], p->text[b], p->length[b]);
    return look_up(p, text, p->length[a] + p->length[b]);
}

static size_t character(const char *text, size_t size)
{
    size_t length = 1;
    while (length < size && length < 4 && ((uint8_t)text[length] & 0xC0) == 0x80)
        length++;
    return length;
}

static bool first_tokens(const llm_pieces *p, const char *text, size_t size, uint32_t *tokens, size_t *count,
                         px_error *error)
{
    for (size_t at = 0; at < size;) {
        const size_t length = character(text + at, size - at);
        const int64_t token = look_up(p, text + at, length);
        if (token >= 0)
            tokens[(*count)++] = (uint32_t)token;
        else if (p->bytes)
            for (size_t k = 0; k < length; k++)
                tokens[(*count)++] = LLM_FIRST_BYTE + (uint8_t)text[at + k];
        else
            return px_fail(error, PX_E_INPUT, "byte %zu of the text, 0x%02X, has no token in this model's vocabulary",
                           at, (unsigned)(uint8_t)text[at]);
        at += length;
    }
    return true;
}

/* Joins the best neighbours until none are left that are a piece. piece[i]: what i and i + 1 make, or -1. */
static void merge(const llm_pieces *p, uint32_t *tokens, int64_t *piece, size_t *count)
{
    for (size_t i = 0; i + 1 < *count; i++)
        piece[i] = joined(p, tokens[i], tokens[i + 1]);
    for (;;) {
        size_t best = *count;
        for (size_t i = 0; i + 1 < *count; i++)
            if (piece[i] >= 0 && (best == *count || p->score[piece[i]] > p->score[piece[best]]))
                best = i;
        if (best == *count)
            return;
        tokens[best] = (uint32_t)piece[best];
        const size_t behind = --*count - best - 1;
        memmove(&tokens[best + 1], &tokens[best + 2], behind * sizeof *tokens);
        memmove(&piece[best], &piece[best + 1], behind * sizeof *piece);
        if (behind > 0)
            piece[best] = joined(p, tokens[best], tokens[best + 1]);
        if (best > 0)
            piece[best - 1] = joined(p, tokens[best - 1], tokens[best]);
    }
}

bool llm_encode(const llm_pieces *p, const char *text, size_t size, uint32_t **tokens, size_t *count, px_error *error)
{
    *count = 0;
    *tokens = NULL;
    if (size > LLM_MOST_TEXT)
        return px_fail(error, PX_E_TOO_LARGE, "the text has %zu bytes; at most %d are made tokens at once", size,
                       LLM_MOST_TEXT);
    int64_t *piece = malloc((size + 2) * sizeof *piece);
    *tokens = malloc((size + 2) * sizeof **tokens);
    size_t found = 0;
    const bool ok =
        ((*tokens != NULL && piece != NULL) || px_fail(error, PX_E_SYSTEM, "no memory for the tokens of a text")) &&
        (size == 0 || (first_tokens(p, " ", 1, *tokens + 1, &found, error) &&
                       first_tokens(p, text, size, *tokens + 1, &found, error)));
    if (ok) {
        merge(p, *tokens + 1, piece, &found);
        (*tokens)[0] = LLM_BOS;
        *count = found + 1;
    } else {
        free(*tokens);
        *tokens = NULL;
    }
    free(piece);
    return ok;
}
