/* spec.c - writes the tables of documents from the .def files: `spec FILE...` rewrites what stands between each pair of
 * table marks, `spec --check FILE...` exits with 1 when that would change a file. `spec --constants` prints host.def as
 * constants for the assembler. */
#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "exec/registry.h"
#include "pxi/isa.h"
#include "pxi/link.h"
#include "stack/list.h"

static const char start_mark[] = "<!-- table: ", end_mark[] = "<!-- end table -->";

static void opcodes(FILE *out)
{
    static const char *const class_text[] = {
#define PXI_CLASS(id, number, text) [number] = text,
#include "pxi/isa.def"
    };
    int class = -1;
    fputs("| opcode | syntax | function | effect |\n| --- | --- | --- | --- |\n", out);
    for (int number = 0; number < 256; number++) {
        const px_opcode *op = px_opcode_of(PX_V1, (uint8_t)number);
        if (op->mnemonic == NULL)
            continue;
        if (op->class != class)
            fprintf(out, "| | **%s** | | |\n", class_text[class = op->class]);
        fprintf(out, "| 0x%02X | `%s%s%s` | %s | %s |\n", (unsigned)number, op->mnemonic, *op->operands ? " " : "",
                op->operands, op->function, op->effect);
    }
}

/* ---- runs: from the shapes ---- */

static void put_capitals(FILE *out, const char *text)
{
    for (; *text != '\0'; text++)
        fputc(toupper((unsigned char)*text), out);
}

static bool is_map(unsigned class) { return class >= PX_CLASS_VV && class <= PX_CLASS_BVX; }

/* The vector instructions of a shape, the maps by their class: "VV maps, BVV maps, DOT4.VV". */
static void names_of_shape(FILE *out, unsigned shape)
{
    static const char *const class_id[] = {
#define PXI_CLASS(id, number, text) [number] = #id,
#include "pxi/isa.def"
    };
    const char *comma = "";
    int last_map = -1;
    for (int number = 0; number < 256; number++) {
        const px_opcode *op = px_opcode_of(PX_V1, (uint8_t)number);
        if (op->mnemonic == NULL || op->shape != shape || op->class == last_map)
            continue;
        fputs(comma, out);
        comma = ", ";
        if (is_map(op->class)) {
            fprintf(out, "%s maps", class_id[last_map = op->class]);
            continue;
        }
        put_capitals(out, op->mnemonic);
    }
}

static const char *extent_text(enum px_extent extent)
{
    static const char *const text[] = {
        [PX_EXTENT_NO] = "",       [PX_EXTENT_VL] = "vl",         [PX_EXTENT_VL4] = "4*vl",
        [PX_EXTENT_TABLE] = "256", [PX_EXTENT_COUNT] = "r[%c+1]", [PX_EXTENT_STRIDED] = "vl, r[%c+1] apart",
        [PX_EXTENT_C] = "C",       [PX_EXTENT_A] = "A",           [PX_EXTENT_B] = "B"};
    return text[extent];
}

/* How d may lie to s, or to t. */
static void lie(FILE *out, enum px_lie rule, char other, const char **comma)
{
    if (rule == PX_LIE_FREE)
        return;
    fprintf(out, "%sd-%c %s", *comma, other, rule == PX_LIE_SAME ? "same or disjoint" : "disjoint");
    *comma = ", ";
}

static void runs(FILE *out)
{
    fputs("| instruction | d | s | t | overlap rule |\n| --- | --- | --- | --- | --- |\n", out);
    static const px_opcode *first[256]; /* an instruction of each shape */
    unsigned shapes = 0;
    for (int number = 255; number >= 0; number--) {
        const px_opcode *op = px_opcode_of(PX_V1, (uint8_t)number);
        if (op->mnemonic == NULL || op->class < PX_CLASS_VV)
            continue;
        first[op->shape] = op;
        shapes = op->shape >= shapes ? op->shape + 1u : shapes;
    }
    for (unsigned i = 0; i < shapes; i++) {
        if (first[i] == NULL)
            continue;
        const px_shape *shape = px_shape_of(first[i]);
        const char *comma = "";
        fputs("| ", out);
        names_of_shape(out, i);
        for (unsigned k = 0; k < 3; k++) {
            const char *text = extent_text((enum px_extent)shape->extent[k]), *letter = strstr(text, "%c");
            const int before = letter == NULL ? (int)strlen(text) : (int)(letter - text);
            fprintf(out, " | %.*s", before, text);
            if (letter != NULL)
                fprintf(out, "%c%s", 'a' + (int)k, letter + 2);
        }
        fputs(" | ", out);
        lie(out, (enum px_lie)shape->ab, 's', &comma);
        lie(out, (enum px_lie)shape->ac, 't', &comma);
        fputs(" |\n", out);
    }
}

static void empty_runs(FILE *out)
{
    fputs("| instruction | r[a] |\n| --- | --- |\n", out);
    for (int number = 0; number < 256; number++) {
        const px_opcode *op = px_opcode_of(PX_V1, (uint8_t)number);
        uint32_t value;
        if (!px_empty_value((uint8_t)number, &value))
            continue;
        fputs("| ", out);
        put_capitals(out, op->mnemonic);
        fprintf(out, value > 9 ? " | 0x%08" PRIX32 " |\n" : " | %" PRIu32 " |\n", value);
    }
}

static void classic(FILE *out)
{
    fputs("| opcode | syntax | effect |\n| --- | --- | --- |\n", out);
    for (int number = 0; number < 256; number++) {
        const px_opcode *op = px_opcode_of(PX_CLASSIC, (uint8_t)number);
        if (op->mnemonic != NULL)
            fprintf(out, "| %d | `%s%s%s` | %s |\n", number, op->mnemonic, *op->operands ? " " : "", op->operands,
                    op->effect);
    }
}

#define ROWS_WORD(id, number, text) fprintf(out, "| %X | " #id " | %s |\n", (unsigned)(number), text);
#define ROWS_BYTE(id, number, text)
static void word_functions(FILE *out)
{
    fputs("| low nibble | function | result |\n| --- | --- | --- |\n", out);
#define PXI_FN(set, id, number, text) ROWS_##set(id, number, text)
#include "pxi/isa.def"
}
#undef ROWS_WORD
#undef ROWS_BYTE

#define ROWS_WORD(id, number, text)
#define ROWS_BYTE(id, number, text) fprintf(out, "| %X | " #id " | %s |\n", (unsigned)(number), text);
static void byte_functions(FILE *out)
{
    fputs("| low nibble | function | result |\n| --- | --- | --- |\n", out);
#define PXI_FN(set, id, number, text) ROWS_##set(id, number, text)
#include "pxi/isa.def"
}

static void causes(FILE *out)
{
    fputs("| number | cause | meaning |\n| --- | --- | --- |\n", out);
#define PXI_CAUSE(id, number, text) fprintf(out, "| %d | " #id " | %s |\n", number, text);
#include "pxi/isa.def"
    fputs("\n| number | status | meaning |\n| --- | --- | --- |\n", out);
#define PXI_STATUS(id, number, text) fprintf(out, "| %d | " #id " | %s |\n", number, text);
#include "pxi/isa.def"
}

static void saved_state(FILE *out)
{
    static const struct {
        int pixel, count;
        const char *text;
    } words[] = {
#define PX_SAVED(id, pixel, count, text) {pixel, count, text},
#include "pxi/state.def"
    };
    int end = 0;
    fputs("| pixel | content |\n| --- | --- |\n", out);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        end = words[i].pixel + words[i].count;
        fprintf(out, "| %d", words[i].pixel);
        if (words[i].count > 1)
            fprintf(out, "..%d", end - 1);
        fprintf(out, " | %s |\n", words[i].text);
    }
    fprintf(out, "| %d.. | 0, to the end of the row |\n", end);
}

static void link_types(FILE *out)
{
    fputs("| type | name | payload | reply | what it does |\n| --- | --- | --- | --- | --- |\n", out);
#define PXL_TYPE(id, number, request, reply, text)                                                                     \
    fprintf(out, "| 0x%02X | " #id " | %s | %s | %s |\n", (unsigned)(number), request, reply, text);
#include "pxi/link.def"
    fputs("\n| type | reply | payload | meaning |\n| --- | --- | --- | --- |\n", out);
#define PXL_REPLY(id, number, reply, text)                                                                             \
    fprintf(out, "| 0x%02X | " #id " | %s | %s |\n", (unsigned)(number), reply, text);
#include "pxi/link.def"
}

static void link_errors(FILE *out)
{
    fputs("| error | name | meaning |\n| --- | --- | --- |\n", out);
#define PXL_ERROR(id, number, text) fprintf(out, "| %d | " #id " | %s |\n", number, text);
#include "pxi/link.def"
}

static void link_spaces(FILE *out)
{
    fputs("| space | name | content |\n| --- | --- | --- |\n", out);
#define PXL_SPACE(id, number, text) fprintf(out, "| %d | " #id " | %s |\n", number, text);
#include "pxi/link.def"
    fputs("\n| address in STATE | word |\n| --- | --- |\n", out);
#define PXL_STATE(id, number, text) fprintf(out, "| %d | %s |\n", number, text);
#include "pxi/link.def"
}

static void link_capabilities(FILE *out)
{
    fputs("| bit | capability | meaning |\n| --- | --- | --- |\n", out);
#define PXL_CAP(id, bit, text) fprintf(out, "| %d | " #id " | %s |\n", bit, text);
#include "pxi/link.def"
}

/* ---- the link's payloads ---- */

/* What stands where: a line of link.def. */
typedef struct link_word {
    const char *type;
    int word, words;
    const char *text;
} link_word;

static const link_word requests[] = {
#define PXL_REQUEST_WORD(type, id, word, words, text) {#type, word, words, text},
#include "pxi/link.def"
    {0}};
static const link_word replies[] = {
#define PXL_REPLY_WORD(type, id, word, words, text) {#type, word, words, text},
#include "pxi/link.def"
    {0}};

static void put_place(FILE *out, const link_word *w)
{
    fprintf(out, "%d", w->word);
    if (w->words == PXL_REST)
        fputs("..", out);
    else if (w->words > 1)
        fprintf(out, w->words == 2 ? ", %d" : "..%d", w->word + w->words - 1);
}

/* A payload's words from word `from` to before word `to`, each behind head. A gap in it is a mistake in link.def. */
static void payload(FILE *out, const char *head, const link_word *list, const char *type, int from, int to)
{
    int next = 0;
    for (; list->type != NULL; list++) {
        if (strcmp(list->type, type) != 0)
            continue;
        if (list->word != next) {
            fprintf(stderr, "spec: pxi/link.def: word %d of %s, expected %d\n", list->word, type, next);
            exit(2);
        }
        next += list->words == PXL_REST ? 1 : list->words;
        if (list->words == PXL_END || list->word < from || list->word >= to)
            continue;
        fputs(head, out);
        put_place(out, list);
        fprintf(out, " | %s |\n", list->text);
    }
}

/* Of the requests that every endpoint answers, and of ERROR. */
static void link_payloads(FILE *out)
{
    static const struct {
        int number;
        const char *type;
    } types[] = {
#define PXL_TYPE(id, number, request, reply, text) {number, #id},
#include "pxi/link.def"
    };
    char head[64];
    fputs("| payload of | word | content |\n| --- | --- | --- |\n", out);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (types[i].number >= PXL_BATCH)
            continue;
        snprintf(head, sizeof head, "| %s | ", types[i].type);
        payload(out, head, requests, types[i].type, 0, INT_MAX);
        snprintf(head, sizeof head, "| %s's reply | ", types[i].type);
        payload(out, head, replies, types[i].type, 0, types[i].number == PXL_HELLO ? PXR_HELLO_LENGTH : INT_MAX);
    }
    payload(out, "| ERROR | ", replies, "ERROR", 0, INT_MAX);
}

static void link_session(FILE *out)
{
    fputs("| word of HELLO's reply | content |\n| --- | --- |\n", out);
    payload(out, "| ", replies, "HELLO", PXR_HELLO_LENGTH, INT_MAX);
    fprintf(out, "\n| bit of word %d | meaning |\n| --- | --- |\n", PXR_HELLO_WIRE);
#define PXL_WIRE(id, bit, text) fprintf(out, "| %d | %s |\n", bit, text);
#include "pxi/link.def"
}

static void link_batch(FILE *out)
{
    fputs("| word | content |\n| --- | --- |\n", out);
    payload(out, "| ", requests, "BATCH", 0, INT_MAX);
}

static void link_done(FILE *out)
{
    fputs("| word | content |\n| --- | --- |\n", out);
    payload(out, "| ", replies, "DONE", 0, INT_MAX);
}

/* ---- the serial driver's pixels ---- */

static const struct {
    const char *pixel;
    int shift, bits;
    const char *text;
} fields[] = {
#define PXS_FIELD(pixel, field, shift, bits, text) {#pixel, shift, bits, text},
#include "pxi/serial.def"
};

/* What a byte of a kind of pixel holds; otherwise where no field has it. */
static void put_byte(FILE *out, const char *pixel, int byte, const char *otherwise)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const int at = 8 * byte - fields[i].shift;
        if (strcasecmp(fields[i].pixel, pixel) != 0 || at < 0 || at >= fields[i].bits)
            continue;
        const char *part = fields[i].bits == 8 ? "" : at == 0 ? ", low byte" : ", high byte";
        fprintf(out, " %s%s |", fields[i].text, part);
        return;
    }
    fprintf(out, " %s |", otherwise);
}

static void serial_operations(FILE *out)
{
    static const struct {
        const char *id, *name;
        int number;
    } operations[] = {
#define PXS_OPERATION(id, number, name) {#id, name, number},
#include "pxi/serial.def"
    };
    enum { COUNT = sizeof operations / sizeof *operations };
    fputs("| | R | G | B | A |\n| --- | --- | --- | --- | --- |\n", out);
    for (int i = 0; i < COUNT; i++) {
        fprintf(out, "| %s |", operations[i].name);
        for (int byte = 0; byte < 3; byte++)
            put_byte(out, operations[i].id, byte, "–");
        fprintf(out, " %d |\n", operations[i].number);
    }
    fprintf(out, "| error | | | | %d to 255 |\n", operations[COUNT - 1].number + 1);
}

static void serial_line(FILE *out)
{
    fputs("| bits of line control | meaning |\n| --- | --- |\n", out);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (strcmp(fields[i].pixel, "line") != 0)
            continue;
        fprintf(out, "| %d", fields[i].shift + fields[i].bits - 1);
        if (fields[i].bits > 1)
            fprintf(out, ":%d", fields[i].shift);
        fprintf(out, " | %s |\n", fields[i].text);
    }
}

static void serial_frames(FILE *out)
{
    fputs("| R | G | B | A |\n| --- | --- | --- | --- |\n|", out);
    for (int byte = 0; byte < 4; byte++)
        put_byte(out, "frame", byte, "0");
    fputs("\n", out);
}

static void serial_reads(FILE *out)
{
    fputs("| | R | G | B | A |\n| --- | --- | --- | --- | --- |\n| received |", out);
    for (int byte = 0; byte < 4; byte++)
        put_byte(out, "received", byte, "–");
    fputs("\n| result |", out);
    for (int byte = 0; byte < 4; byte++)
        put_byte(out, "result", byte, "0");
    fputs("\n| result, none left | 0 | 0 | 0 | 0 |\n\n| error flag | meaning |\n| --- | --- |\n", out);
#define PXS_ERROR(id, bit, text) fprintf(out, "| bit %d | %s |\n", bit, text);
#include "pxi/serial.def"
}

static void serial_picture(FILE *out)
{
    fputs("| address | written by | content |\n| --- | --- | --- |\n| 0..4 | | the header of a v1 program |\n", out);
#define PXS_PLACE(id, label, address, writer, text) fprintf(out, "| %d | %s | %s |\n", address, writer, text);
#include "pxi/serial.def"
}

static void serial_numbers(FILE *out)
{
    fputs("| number | what it is |\n| --- | --- |\n", out);
#define PXS_NUMBER(id, value, text) fprintf(out, "| " #value " | %s |\n", text);
#include "pxi/serial.def"
}

static void executors(FILE *out)
{
    fputs("| `--on` | what it is |\n| --- | --- |\n", out);
#define PX_EXECUTOR(name, takes, argument, needs, summary)                                                             \
    fprintf(out, "| `%s` | %s |\n", PX_FORM_##takes(name, argument), summary);
#include "exec/executors.def"
}

static void host_grants(FILE *out)
{
    fputs("| option of px run --host | the program may use |\n| --- | --- |\n", out);
#define PXH_GRANT(id, option, text)                                                                                    \
    fprintf(out, "| %s%s%s | %s |\n", *option ? "`" : "", option, *option ? "`" : "", text);
#include "pxi/host.def"
}

enum grant {
#define PXH_GRANT(id, option, text) GRANT_##id,
#include "pxi/host.def"
    GRANTS /* how many */
};

static void host_services(FILE *out)
{
    static const char *const granted[] = {
#define PXH_GRANT(id, option, text) [GRANT_##id] = text,
#include "pxi/host.def"
    };
    fputs("| number | service | what it does | payload | argument | reads | writes | answer | errors |\n"
          "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
          out);
    for (int g = 0; g < GRANTS; g++) {
        fprintf(out, "| | **%s** | | | | | | | |\n", granted[g]);
#define PXH_SERVICE(id, number, grant, payload, argument, reads, writes, answer, errors, text)                         \
    if (g == GRANT_##grant)                                                                                            \
        fprintf(out, "| 0x%02X | " #id " | %s | %s | %s | %s | %s | %s | %s |\n", (unsigned)(number), text, payload,   \
                argument, reads, writes, answer, errors);
#include "pxi/host.def"
    }
}

static void host_errors(FILE *out)
{
    fputs("| answer | name | meaning |\n| --- | --- | --- |\n", out);
#define PXH_ERROR(id, number, text) fprintf(out, "| %d | " #id " | %s |\n", number, text);
#include "pxi/host.def"
}

static void host_values(FILE *out)
{
    fputs("| name | value | meaning |\n| --- | --- | --- |\n", out);
#define PXH_VALUE(id, number, text)                                                                                    \
    fprintf(out, number > 9 ? "| " #id " | 0x%X | %s |\n" : "| " #id " | %u | %s |\n", (unsigned)(number), text);
#include "pxi/host.def"
}

static void os_calls(FILE *out)
{
    fputs("| number | call | what it does | payload | argument | answer | errors |\n"
          "| --- | --- | --- | --- | --- | --- | --- |\n",
          out);
#define PXO_CALL(id, number, payload, argument, answer, errors, text)                                                  \
    fprintf(out, "| 0x%02X | " #id " | %s | %s | %s | %s | %s |\n", (unsigned)(number), text, payload, argument,       \
            answer, errors);
#include "os/os.def"
}

static void os_values(FILE *out)
{
    fputs("| name | value | meaning |\n| --- | --- | --- |\n", out);
#define PXO_VALUE(id, value, text)                                                                                     \
    fprintf(out, value > 9 ? "| " #id " | 0x%X | %s |\n" : "| " #id " | %u | %s |\n", (unsigned)(value), text);
#include "os/os.def"
}

static void os_limits(FILE *out)
{
    fputs("| usual | mini | of what |\n| --- | --- | --- |\n", out);
#define OS_LIMIT(id, usual, mini, text) fprintf(out, "| %u | %u | %s |\n", (unsigned)(usual), (unsigned)(mini), text);
#include "os/fs/limits.def"
}

static void os_services(FILE *out)
{
    const char *comma = "";
#define PXO_SERVED(id)                                                                                                 \
    fprintf(out, "%s" #id, comma);                                                                                     \
    comma = ", ";
#include "os/os.def"
    fputs(".\n", out);
}

static void stack_codes(FILE *out)
{
    static const char *const behind[] = {
#define STACK_OPERAND(name, bytes, text) [STACK_##name] = (text),
#include "stack/stack.def"
    };
    fputs("| byte | | behind it | takes | gives | what it gives, or does |\n| --- | --- | --- | --- | --- | --- |\n",
          out);
#define STACK_CODE(name, byte, operand, takes, gives, text)                                                            \
    fprintf(out, "| %02X | " #name " | %s | %d | %d | %s |\n", (unsigned)(byte), behind[STACK_##operand], takes,       \
            gives, text);
#include "stack/stack.def"
}

static void stack_errors(FILE *out)
{
    fputs("| number | error | meaning |\n| --- | --- | --- |\n", out);
#define STACK_ERROR(name, number, text) fprintf(out, "| %d | " #name " | %s |\n", number, text);
#include "stack/stack.def"
}

static void stack_places(FILE *out)
{
    fputs("| | pixel | what is there |\n| --- | --- | --- |\n", out);
#define STACK_PLACE(name, address, text) fprintf(out, "| " #name " | %d | %s |\n", address, text);
#include "stack/stack.def"
}

static void micro_places(FILE *out)
{
    fputs("| offset | name | bytes | writer | what is there |\n| --- | --- | --- | --- | --- |\n", out);
#define MICRO_PLACE(id, offset, bytes, writer, text)                                                                   \
    fprintf(out, "| 0x%04X | " #id " | %d | %s | %s |\n", (unsigned)(offset), bytes, writer, text);
#include "firmware/micro/mailbox.def"
}

static void micro_fields(FILE *out)
{
    fputs("| offset | name | bytes | writer | what is there |\n| --- | --- | --- | --- | --- |\n", out);
#define MICRO_FIELD(id, offset, bytes, writer, text)                                                                   \
    fprintf(out, "| %d | " #id " | %d | %s | %s |\n", offset, bytes, writer, text);
#include "firmware/micro/mailbox.def"
}

static void micro_operations(FILE *out)
{
    fputs("| number | operation | what it does | ADDRESS | VALUE |\n| --- | --- | --- | --- | --- |\n", out);
#define MICRO_OP(id, number, address, value, text)                                                                     \
    fprintf(out, "| %d | " #id " | %s | %s | %s |\n", number, text, address, value);
#include "firmware/micro/mailbox.def"
}

static void micro_statuses(FILE *out)
{
    fputs("| number | status | meaning |\n| --- | --- | --- |\n", out);
#define MICRO_STATUS(id, number, text) fprintf(out, "| 0x%02X | " #id " | %s |\n", (unsigned)(number), text);
#include "firmware/micro/mailbox.def"
}

static void micro_numbers(FILE *out)
{
    fputs("| name | number | meaning |\n| --- | --- | --- |\n", out);
#define MICRO_NUMBER(id, number, text) fprintf(out, "| " #id " | 0x%X | %s |\n", (unsigned)(number), text);
#include "firmware/micro/mailbox.def"
}

static void host_events(FILE *out)
{
    fputs("| kind | event | a | b | meaning |\n| --- | --- | --- | --- | --- |\n", out);
#define PXH_EVENT(id, number, a, b, text) fprintf(out, "| %d | " #id " | %s | %s | %s |\n", number, a, b, text);
#include "pxi/host.def"
}

static void host_keys(FILE *out)
{
    fputs("| key | number |\n| --- | --- |\n", out);
#define PXH_KEY(id, number) fprintf(out, "| " #id " | 0x%X |\n", (unsigned)(number));
#include "pxi/host.def"
}

static void host_constants(void)
{
    puts("; Made from pxi/host.def: SYS_NAME is a request's number in its place, E_NAME an error, EVENT_NAME, "
         "KEY_NAME "
         "and");
    puts("; the other SYS_ names what they are called in HOST.md.");
#define PXH_SERVICE(id, number, grant, payload, argument, reads, writes, answer, errors, text)                         \
    printf("SYS_" #id " = 0x%02X000000\n", (unsigned)(number));
#define PXH_ERROR(id, number, text)       printf("E_" #id " = %d\n", number);
#define PXH_EVENT(id, number, a, b, text) printf("EVENT_" #id " = %d\n", number);
#define PXH_VALUE(id, number, text)       printf("SYS_" #id " = 0x%X\n", (unsigned)(number));
#define PXH_KEY(id, number)               printf("KEY_" #id " = 0x%X\n", (unsigned)(number));
#include "pxi/host.def"
}

static const struct {
    const char *name;
    void (*write)(FILE *);
} tables[] = {{"classes and opcodes", opcodes},
              {"WORD functions", word_functions},
              {"BYTE functions", byte_functions},
              {"runs", runs},
              {"empty runs", empty_runs},
              {"causes and statuses", causes},
              {"classic opcodes", classic},
              {"saved state", saved_state},
              {"link types", link_types},
              {"link errors", link_errors},
              {"link spaces", link_spaces},
              {"link capabilities", link_capabilities},
              {"link payloads", link_payloads},
              {"link session", link_session},
              {"link batch", link_batch},
              {"link done", link_done},
              {"serial operations", serial_operations},
              {"serial line", serial_line},
              {"serial frames", serial_frames},
              {"serial reads", serial_reads},
              {"serial picture", serial_picture},
              {"serial numbers", serial_numbers},
              {"executors", executors},
              {"host grants", host_grants},
              {"host services", host_services},
              {"host errors", host_errors},
              {"host values", host_values},
              {"host events", host_events},
              {"host keys", host_keys},
              {"micro places", micro_places},
              {"micro fields", micro_fields},
              {"micro operations", micro_operations},
              {"micro statuses", micro_statuses},
              {"micro numbers", micro_numbers},
              {"os calls", os_calls},
              {"os values", os_values},
              {"os limits", os_limits},
              {"os services", os_services},
              {"stack codes", stack_codes},
              {"stack errors", stack_errors},
              {"stack places", stack_places}};

static void write_table(const char *name, FILE *out)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (strncmp(name, tables[i].name, strlen(tables[i].name)) == 0) {
            tables[i].write(out);
            return;
        }
    fprintf(stderr, "spec: there is no table '%s'", name);
    exit(2);
}

static void rewrite(const char *text, FILE *out)
{
    while (*text != '\0') {
        const char *start = strstr(text, start_mark), *end = start != NULL ? strstr(start, end_mark) : NULL;
        if (end == NULL)
            break;
        const char *body = strchr(start, '\n') + 1;
        fwrite(text, 1, (size_t)(body - text), out);
        write_table(start + sizeof start_mark - 1, out);
        text = end;
        const char *after = strchr(end, '\n');
        if (after == NULL)
            break;
        fwrite(text, 1, (size_t)(after + 1 - text), out);
        text = after + 1;
    }
    fputs(text, out);
}

static char *read_all(const char *path)
{
    FILE *in = fopen(path, "rb");
    char *text = NULL;
    size_t size = 0;
    if (in == NULL) {
        perror(path);
        exit(2);
    }
    FILE *memory = open_memstream(&text, &size);
    for (int c; (c = getc(in)) != EOF;)
        putc(c, memory);
    fclose(memory);
    fclose(in);
    return text;
}

/* Rewrites or checks one file; false when a check finds it old. */
static bool do_file(const char *path, bool check)
{
    char *old = read_all(path), *new = NULL;
    size_t size;
    FILE *out = open_memstream(&new, &size);
    rewrite(old, out);
    fclose(out);
    const bool same = strcmp(old, new) == 0;
    if (!same && check)
        fprintf(stderr, "%s: a table is not what its .def file says; `make spec` rewrites it\n", path);
    if (!same && !check) {
        char temporary[4096];
        snprintf(temporary, sizeof temporary, "%s.new", path);
        FILE *file = fopen(temporary, "wb");
        if (file == NULL || fputs(new, file) == EOF || fclose(file) != 0 || rename(temporary, path) != 0) {
            perror(temporary);
            exit(2);
        }
    }
    free(old);
    free(new);
    return same || !check;
}

int main(int argc, char **argv)
{
    const bool check = argc > 1 && strcmp(argv[1], "--check") == 0;
    bool good = true;
    if (argc == 2 && strcmp(argv[1], "--constants") == 0) {
        host_constants();
        return fflush(stdout) != 0;
    }
    if (argc < 2 + check) {
        fputs("usage: spec [--check] FILE..., spec --constants\n", stderr);
        return 2;
    }
    for (int i = 1 + check; i < argc; i++)
        good = do_file(argv[i], check) && good;
    return !good;
}
