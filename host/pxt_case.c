/* pxt_case.c - a draft of a case to what the runner needs: the input file, the machine after loading, the machine after
 * the run.
 *
 * The machine after loading is made here from the text, not by pxi/state.c, so that the loader is under test too. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/pxt_work.h"
#include "pxi/asm/asm.h"
#include "pxi/pixel.h"

/* ---- code ---- */

static bool assembly_error(const pxt_work *b, const px_assembly *assembly, unsigned before, px_error *error)
{
    for (size_t i = 0; i < assembly->diagnostic_count; i++) {
        const px_diagnostic *d = &assembly->diagnostics[i];
        const size_t index = d->line > before ? d->line - before - 1 : 0;
        if (d->severity == PX_ERROR)
            return pxt_fail(error, b->draft->path,
                            b->draft->code[index < b->draft->codes ? index : b->draft->codes - 1].line,
                            "does not assemble: %s", d->text);
    }
    return pxt_fail(error, b->draft->path, b->draft->code[0].line, "does not assemble");
}

static bool assemble(pxt_work *b, px_error *error)
{
    const pxt_draft *draft = b->draft;
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    if (memory == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory to assemble %s", draft->path);
    fprintf(memory, ".profile %s\n.size %" PRIu32 ", %" PRIu32 "\n", draft->profile == PX_V1 ? "v1" : "classic",
            draft->w, draft->h);
    if (draft->profile == PX_V1)
        fputs(".checksum none\n", memory);
    for (size_t i = 0; i < draft->codes; i++)
        fprintf(memory, "%s\n", draft->code[i].text);
    const bool closed = fclose(memory) == 0;
    px_assembly assembly = {0};
    bool good = closed && px_assemble(&assembly, draft->path, text, size, NULL);
    if (good)
        memcpy(b->machine.mem, assembly.picture.px, (size_t)px_state_pixels(&b->machine) * sizeof(uint32_t));
    else
        assembly_error(b, &assembly, draft->profile == PX_V1 ? 3 : 2, error);
    px_assembly_free(&assembly);
    free(text);
    return good;
}

/* ---- the input file ---- */

/* SPEC.md section 9, written out once more: px_state_save would not write a state that no machine can be in. */
static bool state_picture(const pxt_work *b, px_picture *picture, px_error *error)
{
    const px_state *machine = &b->machine;
    const uint32_t rows = (PX_STATE_WORDS + machine->w - 1) / machine->w;
    const uint32_t fields[] = {PX_MAGIC_STATE, machine->profile, machine->w,     machine->h,     machine->pc,
                               machine->vl,    machine->status,  machine->cause, machine->value, machine->retired};
    if (!px_picture_new(picture, machine->w, rows + machine->h, error))
        return false;
    memcpy(picture->px, fields, sizeof fields);
    memcpy(picture->px + sizeof fields / sizeof *fields, machine->reg, sizeof machine->reg);
    memcpy(picture->px + (size_t)rows * machine->w, machine->mem,
           (size_t)px_state_pixels(machine) * sizeof *machine->mem);
    return true;
}

static bool program_picture(const pxt_work *b, px_picture *picture, px_error *error)
{
    const px_state *machine = &b->machine;
    if (!px_picture_new(picture, machine->w, machine->h, error))
        return false;
    memcpy(picture->px, machine->mem, (size_t)px_state_pixels(machine) * sizeof *machine->mem);
    if (b->checksum && picture->w * picture->h >= PX_HEADER_PIXELS)
        picture->px[PX_HEADER_CHECKSUM] = px_checksum(picture->w, picture->h, picture->px);
    return true;
}

static bool input_picture(const pxt_work *b, px_picture *picture, px_error *error)
{
    if (!(b->is_state ? state_picture(b, picture, error) : program_picture(b, picture, error)))
        return false;
    for (size_t i = 0; i < b->file_count; i++) {
        if (b->file_at[i] >= picture->w * picture->h)
            return pxt_fail(error, b->draft->path, b->c->line,
                            "file[%" PRIu32 "] of an input file of %" PRIu32 " pixels", b->file_at[i],
                            picture->w * picture->h);
        picture->px[b->file_at[i]] = b->file_value[i];
    }
    return true;
}

static int digit_of(char c)
{
    static const char digits[] = "0123456789ABCDEF";
    const char *at = c != '\0' ? strchr(digits, c >= 'a' && c <= 'f' ? c - 32 : c) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

/* Two digits a byte; blanks may stand between bytes. */
static bool bytes_of_line(pxt_file *file, const pxt_draft *draft, const pxt_line *line, px_error *error)
{
    for (const char *at = line->text + strspn(line->text, " "); *at != '\0'; at += 2 + strspn(at + 2, " ")) {
        const int high = digit_of(at[0]), low = high >= 0 ? digit_of(at[1]) : -1;
        if (low < 0)
            return pxt_fail(error, draft->path, line->line, "found '%.8s', expected bytes of two hexadecimal digits",
                            at);
        file->data[file->size++] = (uint8_t)(16 * high + low);
    }
    return true;
}

static bool given_bytes(const pxt_draft *draft, pxt_file *file, px_error *error)
{
    size_t room = 1;
    for (size_t i = 0; i < draft->pngs; i++)
        room += strlen(draft->png[i].text) / 2 + 1;
    *file = (pxt_file){malloc(room), 0};
    if (file->data == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a case of %s", draft->path);
    for (size_t i = 0; i < draft->pngs; i++)
        if (!bytes_of_line(file, draft, &draft->png[i], error))
            return false;
    return true;
}

static bool input_file(const pxt_work *b, px_error *error)
{
    const pxt_draft *draft = b->draft;
    pxt_file *file = &b->c->input;
    if ((draft->pngs > 0 || draft->zeros_w > 0) && (b->file_count > 0 || b->checksum))
        return pxt_fail(error, draft->path, b->c->line,
                        "png is the whole input file: no file[..], no checksum beside it");
    if (draft->pngs > 0)
        return given_bytes(draft, file, error);
    if (draft->zeros_w > 0)
        return pxt_png_of_zeros(file, draft->zeros_w, draft->zeros_h, error);
    px_picture picture = {0};
    const bool good = input_picture(b, &picture, error) && pxt_png_of(file, &picture, error);
    px_picture_free(&picture);
    return good;
}

/* ---- a case ---- */

/* The header of each slot: a machine that has not begun. */
static bool slots(pxt_work *b, px_error *error)
{
    for (size_t i = 0; i < b->c->slot_count; i++) {
        const pxt_slot *slot = &b->c->slots[i];
        const uint64_t length = pxt_slot_before(slot) + (uint64_t)slot->w * slot->h;
        if (slot->at + (uint64_t)(slot->copies - 1) * slot->apart + length > px_state_pixels(&b->machine))
            return pxt_fail(error, b->draft->path, b->c->line, "slot %c does not lie within the image of %" PRIu32,
                            slot->name, px_state_pixels(&b->machine));
        if (slot->copies > 1 && slot->apart < length)
            return pxt_fail(error, b->draft->path, b->c->line, "the slots %c of %" PRIu64 " pixels overlap", slot->name,
                            length);
        const uint32_t header[] = {PX_MAGIC_STATE, PX_V1, slot->w, slot->h};
        for (uint32_t k = 0; k < slot->copies; k++)
            memcpy(b->machine.mem + slot->at + (size_t)k * slot->apart, header, sizeof header);
    }
    return true;
}

/* The image before what was given: the code, or a header alone. */
static bool image(pxt_work *b, px_error *error)
{
    if (b->draft->codes > 0)
        return assemble(b, error);
    const uint32_t pixels = px_state_pixels(&b->machine);
    if (b->draft->profile == PX_V1 && pixels >= PX_HEADER_PIXELS) {
        b->machine.mem[PX_HEADER_MAGIC] = PX_MAGIC_PROGRAM;
        b->machine.mem[PX_HEADER_ENTRY] = pixels > PX_HEADER_PIXELS ? PX_HEADER_PIXELS : 0;
    }
    return true;
}

/* SPEC.md section 2: what a program is once it has been loaded. */
static void as_loaded(pxt_work *b)
{
    if (b->draft->profile != PX_V1 || px_state_pixels(&b->machine) < PX_HEADER_PIXELS)
        return;
    if (!b->has_pc)
        b->machine.pc = b->machine.mem[PX_HEADER_ENTRY];
    if (!b->is_state)
        b->machine.mem[PX_HEADER_CHECKSUM] = 0;
}

static bool build_all(pxt_work *b, px_error *error)
{
    px_case *c = b->c;
    const pxt_draft *draft = b->draft;
    if (!px_state_new(&b->machine, draft->profile, draft->w, draft->h, error) || !image(b, error) || !slots(b, error) ||
        !pxt_given(b, error))
        return false;
    if (b->is_state)
        as_loaded(b);
    if (!input_file(b, error))
        return false;
    as_loaded(b);
    if (!px_state_copy(&c->initial, &b->machine, error) || !px_state_copy(&c->expected, &b->machine, error) ||
        !pxt_expect(b, error))
        return false;
    return !c->refused || draft->expects == 1 ||
           pxt_fail(error, draft->path, draft->expect[0].line, "a refused input has no other expectation");
}

bool pxt_build(px_case *c, const pxt_draft *draft, px_error *error)
{
    pxt_work *b = calloc(1, sizeof *b);
    uint8_t *seen = calloc(PXT_SEEN_FIELDS + 256 + (size_t)draft->w * draft->h, 1);
    bool good = b != NULL && seen != NULL;
    if (good) {
        b->draft = draft;
        b->c = c;
        b->seen = seen;
        good = build_all(b, error);
        px_state_free(&b->machine);
        free(b->file_at);
        free(b->file_value);
    } else {
        px_fail(error, PX_E_SYSTEM, "no memory for a case of %s", draft->path);
    }
    free(seen);
    free(b);
    return good;
}
