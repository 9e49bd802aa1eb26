/* disasm.c - a picture as source that assembles to the same picture.
 *
 * The picture is cut into pieces: an instruction with its literal, a run of equal pixels, a few pixels of data. A piece
 * never reaches over an address that has a label. What the assembler would not write in the same way is written as raw
 * pixels: instructions with bytes in operands that they ignore, headers that no assembler makes. */
#include "pxi/asm/disasm.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/asm/disasm_internal.h"
#include "pxi/isa.h"
#include "pxi/pixel.h"
#include "pxi/state.h"

/* ---- one instruction ---- */

/* A number in few characters: small ones decimal, others as the eight digits that a pixel's bytes are. */
static void put_number(px_text *to, uint32_t word)
{
    const int64_t value = word < 0x80000000u ? (int64_t)word : (int64_t)word - (INT64_C(1) << 32);
    if (value > -10000 && value < 10000)
        px_text_put(to, "%" PRId64, value);
    else
        px_text_put(to, "0x%08" PRIX32, word);
}

void px_text_put(px_text *to, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const size_t used = to->length < to->size ? to->length : to->size;
    const int length = vsnprintf(to->size > used ? to->text + used : NULL, to->size - used, format, arguments);
    va_end(arguments);
    to->length += length > 0 ? (size_t)length : 0;
}

static uint32_t operand_value(uint32_t pixel, unsigned bytes)
{
    uint32_t value = 0;
    unsigned shift = 0;
    for (unsigned k = 1; k < 4; k++) {
        if ((bytes >> k & 1) == 0)
            continue;
        value |= px_byte(pixel, k) << shift;
        shift += 8;
    }
    return value;
}

static int32_t operand_signed(uint32_t pixel, unsigned bytes)
{
    const uint32_t value = operand_value(pixel, bytes);
    const bool two = (bytes & (bytes - 1)) != 0;
    return (int32_t)(two ? px_sign_extend16(value) : px_sign_extend8(value));
}

/* Whether all bytes that the pattern leaves out are 0. */
static bool is_canonical(const char *pattern, uint32_t pixel)
{
    unsigned used = 1;
    px_piece piece;
    while (px_piece_next(&pattern, &piece))
        used |= piece.bytes;
    for (unsigned k = 1; k < 4; k++)
        if ((used >> k & 1) == 0 && px_byte(pixel, k) != 0)
            return false;
    return true;
}

px_instruction px_instruction_of(uint32_t profile, uint32_t pixel)
{
    const px_opcode *opcode = px_opcode_of((int)profile, (uint8_t)pixel);
    px_instruction i = {0};
    if (opcode->mnemonic == NULL || !is_canonical(opcode->operands, pixel))
        return i;
    i.opcode = opcode;
    const char *p = opcode->operands;
    px_piece piece;
    while (px_piece_next(&p, &piece)) {
        if (piece.kind == '=')
            i.literal = true;
        if (piece.kind != '@')
            continue;
        i.jumps = true;
        i.distance = operand_signed(pixel, piece.bytes);
    }
    return i;
}

void px_instruction_put(px_text *to, px_instruction i, uint32_t pixel, const char *target, const char *literal)
{
    px_text_put(to, "%s%s", i.opcode->mnemonic, *i.opcode->operands != '\0' ? " " : "");
    const char *p = i.opcode->operands;
    px_piece piece;
    while (px_piece_next(&p, &piece)) {
        /* An offset of 0 goes without saying: skip from the blank before its plus sign to the bracket. */
        if (strncmp(p, "+ #", 3) == 0) {
            const char *after = p + 2;
            px_piece offset;
            px_piece_next(&after, &offset);
            if (operand_value(pixel, offset.bytes) == 0) {
                p = after;
                continue;
            }
        }
        if (!px_piece_is_operand(piece))
            px_text_put(to, "%c", piece.kind);
        else if (piece.kind == '@')
            px_text_put(to, "%s", target);
        else if (piece.kind == '=')
            px_text_put(to, "%s", literal);
        else if (piece.kind == '$')
            px_text_put(to, "%" PRId32, operand_signed(pixel, piece.bytes));
        else
            px_text_put(to, "%s%" PRIu32, piece.kind == 'r' ? "r" : "", operand_value(pixel, piece.bytes));
    }
}

static int disassemble(uint32_t profile, uint32_t pixel, const char *literal, char *text, size_t size)
{
    px_text to = {text, size, 0};
    const px_instruction i = px_instruction_of(profile, pixel);
    if (i.opcode == NULL) {
        px_text_put(&to, ".pixel 0x%08" PRIX32, pixel);
        return (int)to.length;
    }
    char target[32];
    snprintf(target, sizeof target, ". %c %" PRId32, i.distance < 0 ? '-' : '+', abs(i.distance));
    px_instruction_put(&to, i, pixel, target, literal);
    return (int)to.length;
}

int px_disassemble_one(uint32_t profile, uint32_t pixel, char *text, size_t size)
{
    return disassemble(profile, pixel, "...", text, size);
}

uint32_t px_disassemble_at(uint32_t profile, const uint32_t *px, uint32_t count, char *text, size_t size)
{
    char literal[16];
    const bool two = count > 1 && profile == PX_V1 && px_byte(px[0], 0) == PX_OP_LIT;
    if (two)
        snprintf(literal, sizeof literal, "0x%" PRIX32, px[1]);
    disassemble(profile, px[0], two ? literal : "...", text, size);
    return two ? 2 : 1;
}

/* ---- a whole picture ---- */

enum {
    DATA,
    HEAD,    /* an instruction */
    LITERAL, /* the pixel after it that belongs to it */
    KIND = 3,
    TARGET = 4, /* something goes or points here */
    NAMED = 8   /* a symbol says what it is called */
};

enum { RUN = 8, ROW = 4 }; /* equal pixels worth a .fill; pixels of a line of data */

typedef struct disassembly {
    FILE *to;
    const uint32_t *m;
    uint32_t w, h, n;
    uint32_t profile;
    bool header;
    uint32_t first;          /* pixel after the header */
    uint8_t *marks;          /* of each pixel */
    const px_symbol **names; /* that can be used, by address */
    size_t name_count;
    uint32_t pc; /* of a saved state; n: none */
    uint32_t here;
} disassembly;

typedef struct piece {
    enum { PIECE_CODE, PIECE_RUN, PIECE_DATA } kind;
    uint32_t length;
} piece;

static bool has_label(const disassembly *d, uint32_t address)
{
    return address >= d->first && (d->marks[address] & (TARGET | NAMED)) != 0 && (d->marks[address] & KIND) != LITERAL;
}

/* How many pixels from address on are equal and of one kind, at most so many. */
static uint32_t equal_run(const disassembly *d, uint32_t address, uint32_t most)
{
    const uint32_t left = d->n - address;
    uint32_t length = 1;
    while (length < most && length < left && d->m[address + length] == d->m[address] &&
           (d->marks[address + length] & KIND) == (d->marks[address] & KIND) && !has_label(d, address + length))
        length++;
    return length;
}

static piece piece_at(const disassembly *d, uint32_t address)
{
    const bool code = (d->marks[address] & KIND) == HEAD;
    if ((!code || d->m[address] == 0) && equal_run(d, address, RUN) == RUN)
        return (piece){PIECE_RUN, equal_run(d, address, d->n)};
    if (code)
        return (piece){PIECE_CODE,
                       address + 1 < d->n && (d->marks[address + 1] & KIND) == LITERAL ? UINT32_C(2) : UINT32_C(1)};
    uint32_t length = 1;
    while (length < ROW && address + length < d->n && !has_label(d, address + length) &&
           (d->marks[address + length] & KIND) == DATA && equal_run(d, address + length, RUN) < RUN)
        length++;
    return (piece){PIECE_DATA, length};
}

/* ---- finding code and labels ---- */

static void mark_code(disassembly *d, uint32_t from, uint32_t to)
{
    for (uint32_t a = from; a < to; a++) {
        const px_instruction i = px_instruction_of(d->profile, d->m[a]);
        const int64_t target = (int64_t)a + i.distance;
        if (i.opcode == NULL || (i.jumps && (target < 0 || target >= d->n)) || (i.literal && a + 1 >= to))
            continue;
        d->marks[a] |= HEAD;
        if (i.jumps)
            d->marks[target] |= TARGET;
        if (i.literal)
            d->marks[++a] |= LITERAL;
    }
}

static const char *label_name(const disassembly *d, uint32_t address, char buffer[32])
{
    if ((d->marks[address] & NAMED) != 0) {
        size_t low = 0, high = d->name_count;
        while (low < high) {
            const size_t middle = low + (high - low) / 2;
            if (d->names[middle]->value < address)
                low = middle + 1;
            else
                high = middle;
        }
        return d->names[low]->name;
    }
    snprintf(buffer, 32, "L%" PRIu32, address);
    return buffer;
}

static const char *address_text(const disassembly *d, uint32_t address, char buffer[32])
{
    if (address < d->n && has_label(d, address))
        return label_name(d, address, buffer);
    snprintf(buffer, 32, "%" PRIu32, address);
    return buffer;
}

/* ---- writing ---- */

/* "    text          ; 17 (1,1) more" */
static void put_line(const disassembly *d, const char *text, uint32_t address, const char *more)
{
    fprintf(d->to, "    %-44s ; %5" PRIu32 " (%" PRIu32 ",%" PRIu32 ")%s%s%s\n", text, address, address % d->w,
            address / d->w, *more != '\0' ? "  " : "", more, address == d->pc ? "  <- pc" : "");
}

static void put_label(const disassembly *d, uint32_t address)
{
    char buffer[32];
    if (!has_label(d, address))
        return;
    const char *name = label_name(d, address, buffer), *local = strchr(name, '.');
    fprintf(d->to, "%s:\n", local != NULL ? local : name);
}

static void put_position(disassembly *d, uint32_t address)
{
    if (d->here == address)
        return;
    if (address % d->w == 0)
        fprintf(d->to, "    .row %" PRIu32 "\n", address / d->w);
    else
        fprintf(d->to, "    .org at(%" PRIu32 ", %" PRIu32 ")\n", address % d->w, address / d->w);
    d->here = address;
}

static void put_code(const disassembly *d, uint32_t address)
{
    char text[128], buffer[32], literal[32] = "", hex[32];
    px_text to = {text, sizeof text, 0}, number = {literal, sizeof literal, 0};
    const px_instruction i = px_instruction_of(d->profile, d->m[address]);
    if (i.literal)
        put_number(&number, d->m[address + 1]);
    px_instruction_put(&to, i, d->m[address],
                       i.jumps ? address_text(d, (uint32_t)((int64_t)address + i.distance), buffer) : "", literal);
    snprintf(hex, sizeof hex, "%08" PRIX32, d->m[address]);
    put_line(d, text, address, hex);
}

static bool is_print(uint32_t byte) { return byte >= ' ' && byte < 127; }

/* What the pixels say if they are text: four characters to a pixel, or one. */
static void put_text(px_text *to, const uint32_t *px, uint32_t count)
{
    bool one = true;
    uint32_t printable = 0, other = 0;
    for (uint32_t i = 0; i < count; i++) {
        one = one && is_print(px[i]);
        for (unsigned k = 0; k < 4; k++) {
            printable += is_print(px_byte(px[i], k));
            other += !is_print(px_byte(px[i], k)) && px_byte(px[i], k) != 0;
        }
    }
    if (!one && (printable < 4 || other > 0))
        return;
    px_text_put(to, "\"");
    for (uint32_t i = 0; i < count; i++)
        for (unsigned k = 0; k < (one ? 1 : 4); k++)
            px_text_put(to, "%c", is_print(px_byte(px[i], k)) ? (char)px_byte(px[i], k) : '.');
    px_text_put(to, "\"");
}

static void put_data(const disassembly *d, uint32_t address, uint32_t count)
{
    char text[128], more[64] = "";
    px_text to = {text, sizeof text, 0}, comment = {more, sizeof more, 0};
    px_text_put(&to, ".pixel ");
    for (uint32_t i = 0; i < count; i++) {
        px_text_put(&to, "%s", i > 0 ? ", " : "");
        put_number(&to, d->m[address + i]);
    }
    put_text(&comment, d->m + address, count);
    put_line(d, text, address, more);
}

static void put_run(const disassembly *d, uint32_t address, uint32_t count)
{
    char text[64];
    px_text to = {text, sizeof text, 0};
    px_text_put(&to, ".fill %" PRIu32 ", ", count);
    put_number(&to, d->m[address]);
    put_line(d, text, address, "");
}

static void put_pieces(disassembly *d)
{
    const uint32_t start = d->here;
    for (uint32_t a = start; a < d->n && !ferror(d->to);) {
        const piece p = piece_at(d, a);
        if (has_label(d, a)) {
            put_position(d, a);
            put_label(d, a);
        }
        /* The assembler's picture is 0 where nothing is written. */
        if (p.kind != PIECE_RUN || d->m[a] != 0) {
            put_position(d, a);
            if (p.kind == PIECE_CODE)
                put_code(d, a);
            else if (p.kind == PIECE_RUN)
                put_run(d, a, p.length);
            else
                put_data(d, a, p.length);
            d->here = a + p.length;
        }
        a += p.length;
    }
}

/* The end of the code as the assembler will count it. */
static uint32_t counted_end(const disassembly *d)
{
    uint32_t end = PX_HEADER_PIXELS;
    for (uint32_t a = PX_HEADER_PIXELS; a < d->n;) {
        const piece p = piece_at(d, a);
        a += p.length;
        if (p.kind == PIECE_CODE)
            end = a;
    }
    return end;
}

static void put_header(const disassembly *d)
{
    char buffer[32];
    fprintf(d->to, ".profile %s\n.size %" PRIu32 ", %" PRIu32 "\n", d->profile == PX_V1 ? "v1" : "classic", d->w, d->h);
    if (!d->header) {
        if (d->profile == PX_V1)
            fputs(".header none\n", d->to);
        return;
    }
    fprintf(d->to, ".entry %s\n", address_text(d, d->m[PX_HEADER_ENTRY], buffer));
    if (counted_end(d) != d->m[PX_HEADER_END])
        fprintf(d->to, ".endcode %" PRIu32 "\n", d->m[PX_HEADER_END]);
    if (d->m[PX_HEADER_CHECKSUM] == 0)
        fputs(".checksum none\n", d->to);
}

/* ---- symbols ---- */

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/* A global label's name that is no register, no built-in name and none that labels are given here. */
static bool is_global(const char *name, size_t length)
{
    if (length == 0 || length > 200 || !is_letter(name[0]) || (length == 1 && strchr("WHN", name[0]) != NULL))
        return false;
    size_t digits = 0;
    for (size_t i = 1; i < length; i++) {
        const bool digit = name[i] >= '0' && name[i] <= '9';
        if (!digit && !is_letter(name[i]))
            return false;
        digits += digit;
    }
    return digits + 1 < length || length == 1 || strchr("rRL", name[0]) == NULL;
}

static int by_address(const void *x, const void *y)
{
    const px_symbol *a = *(const px_symbol *const *)x, *b = *(const px_symbol *const *)y;
    return a->value != b->value ? (a->value < b->value ? -1 : 1) : strcmp(a->name, b->name);
}

static int by_name(const void *x, const void *y)
{
    const px_symbol *a = *(const px_symbol *const *)x, *b = *(const px_symbol *const *)y;
    return strcmp(a->name, b->name);
}

/* Keeps what can be a label: one name to an address, one address to a name, a local name below its global one. */
static void choose_names(disassembly *d)
{
    size_t kept = 0;
    qsort(d->names, d->name_count, sizeof *d->names, by_name);
    for (size_t i = 0; i < d->name_count; i++)
        if (kept == 0 || strcmp(d->names[kept - 1]->name, d->names[i]->name) != 0)
            d->names[kept++] = d->names[i];
    d->name_count = kept;
    qsort(d->names, d->name_count, sizeof *d->names, by_address);

    const px_symbol *scope = NULL;
    uint32_t reached = 0; /* no label without a name of ours lies between the scope and here */
    kept = 0;
    for (size_t i = 0; i < d->name_count; i++) {
        const px_symbol *s = d->names[i];
        const uint32_t address = (uint32_t)s->value;
        const size_t stem = strcspn(s->name, ".");
        const bool local = s->name[stem] == '.';
        if (!is_global(s->name, stem) || (d->marks[address] & KIND) == LITERAL || (d->marks[address] & NAMED) != 0)
            continue;
        for (; reached < address; reached++)
            if (has_label(d, reached) && (d->marks[reached] & NAMED) == 0)
                scope = NULL; /* it will have a made-up name, which begins a scope of its own */
        if (local && (scope == NULL || strncmp(scope->name, s->name, stem) != 0 || scope->name[stem] != '\0' ||
                      !is_global(s->name + stem + 1, strlen(s->name + stem + 1))))
            continue;
        if (!local)
            scope = s;
        d->marks[address] |= NAMED;
        d->names[kept++] = s;
    }
    d->name_count = kept;
}

static void take_symbols(disassembly *d, const px_symbol *symbols, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if ((symbols[i].kind == PX_SYMBOL_CODE || symbols[i].kind == PX_SYMBOL_DATA) && symbols[i].value >= d->first &&
            symbols[i].value < d->n)
            d->names[d->name_count++] = &symbols[i];
    choose_names(d);
}

/* ---- what kind of picture it is ---- */

/* Whether the assembler makes these five pixels. */
static bool is_plain_header(const disassembly *d)
{
    const uint32_t *m = d->m;
    return d->profile == PX_V1 && d->n >= PX_HEADER_PIXELS && m[PX_HEADER_MAGIC] == PX_MAGIC_PROGRAM &&
           m[PX_HEADER_ENTRY] < d->n && m[PX_HEADER_END] <= d->n && m[PX_HEADER_FLAGS] == 0 &&
           (m[PX_HEADER_CHECKSUM] == 0 || m[PX_HEADER_CHECKSUM] == px_checksum(d->w, d->h, m));
}

static void find_code(disassembly *d)
{
    if (d->profile == PX_CLASSIC) {
        uint32_t end = d->w;
        while (end > 1 && d->m[end - 1] == 0 && d->m[end - 2] == 0)
            end--;
        mark_code(d, 0, end);
        return;
    }
    if (d->n > PX_HEADER_PIXELS && d->m[PX_HEADER_END] <= d->n)
        mark_code(d, PX_HEADER_PIXELS, d->m[PX_HEADER_END]);
    if (d->header)
        d->marks[d->m[PX_HEADER_ENTRY]] |= TARGET;
}

static bool disassemble_image(disassembly *d, const px_symbol *symbols, size_t count, px_error *error)
{
    d->n = d->w * d->h;
    d->header = is_plain_header(d);
    d->first = d->header ? PX_HEADER_PIXELS : 0;
    d->marks = calloc(d->n, 1);
    d->names = calloc(count + 1, sizeof *d->names);
    const bool memory = d->marks != NULL && d->names != NULL;
    if (memory) {
        find_code(d);
        take_symbols(d, symbols, count);
        put_header(d);
        d->here = d->first;
        put_pieces(d);
    }
    free(d->marks);
    free(d->names);
    return memory || px_fail(error, PX_E_SYSTEM, "no memory to disassemble %" PRIu32 " pixels", d->n);
}

static void put_state(FILE *to, const px_state *s)
{
    fprintf(to, ";   status  %s, %s\n", px_status_name(s->status), px_status_text(s->status));
    if (s->cause != PX_TRAP_NONE)
        fprintf(to, ";   cause   %s, %s\n", px_cause_name(s->cause), px_cause_text(s->cause));
    fprintf(to, ";   value   %" PRIu32 " (0x%08" PRIX32 ")\n", s->value, s->value);
    fprintf(to, ";   pc      %" PRIu32 ", pixel (%" PRIu32 ",%" PRIu32 ")\n", s->pc, s->pc % s->w, s->pc / s->w);
    fprintf(to, ";   vl      %" PRIu32 "\n;   retired %" PRIu32 "\n", s->vl, s->retired);
    for (int i = 0; i < 256; i++)
        if (s->reg[i] != 0)
            fprintf(to, ";   r%-6d %" PRIu32 " (0x%08" PRIX32 ")\n", i, s->reg[i], s->reg[i]);
    fputs("; the registers not listed are 0\n", to);
}

/* The name in a comment, without what would end the comment's line. */
static void put_name(FILE *to, const char *what, const char *name)
{
    fprintf(to, "; %s ", what);
    for (; *name != '\0'; name++)
        fputc((unsigned char)*name < ' ' || *name == 127 ? '?' : *name, to);
    fputc('\n', to);
}

bool px_disassemble(FILE *to, const px_picture *picture, const char *name, const px_symbol *symbols, size_t count,
                    px_error *error)
{
    const uint32_t first = picture->px[0];
    px_state state = {0};
    const bool saved = first == PX_MAGIC_STATE && px_state_view(&state, picture, name, NULL);
    disassembly d = {.to = to, .m = picture->px, .w = picture->w, .h = picture->h, .pc = UINT32_MAX};
    d.profile = (first & 0xFFFFFF) == (PX_MAGIC_PROGRAM & 0xFFFFFF) || first == PX_MAGIC_STATE ? PX_V1 : PX_CLASSIC;
    if (saved) {
        d.m = state.mem;
        d.w = state.w;
        d.h = state.h;
        d.profile = state.profile;
        d.pc = state.pc;
    }
    bool good = (uint64_t)d.w * d.h <= PX_MAX_PIXELS ||
                px_fail(error, PX_E_TOO_LARGE,
                        "%s: %" PRIu32 " x %" PRIu32 " pixels and no saved state; a program has at most 2^26 pixels",
                        name, d.w, d.h);
    if (good) {
        put_name(to, saved ? "the image of the saved state" : "made from", name);
        if (saved)
            put_state(to, &state);
        good = disassemble_image(&d, symbols, count, error);
    }
    if (good && (fflush(to) != 0 || ferror(to)))
        good = px_fail(error, PX_E_SYSTEM, "%s: the disassembly could not be written: %s", name, strerror(errno));
    return good;
}
