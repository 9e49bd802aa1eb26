/* llm.c - px llm: language models that are pictures. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec/registry.h"
#include "exec/run.h"
#include "host/commands.h"
#include "host/files.h"
#include "host/font.h"
#include "host/hosting.h"
#include "llm/inspect.h"
#include "pxi/number.h"
#include "pxi/output_file.h"
#include "pxi/png/picture_file.h"
#include "pxi/text_file.h"

typedef struct arguments {
    px_operands operands;
    const char *output, *on, *calibration, *seed, *logits, *heat, *map, *dump;
    uint64_t budget;
    uint32_t steps, top_k, width;
    bool quiet, tokens;
} arguments;

static bool operands_are(const px_operands *operands, size_t least, size_t most, const char *usage, px_error *error)
{
    return (operands->count >= least && operands->count <= most) || px_fail(error, PX_E_USAGE, "expected %s", usage);
}

/* ---- convert ---- */

static const char convert_about[] =
    "Make a picture of a checkpoint of llama2.c: a pixel program that tells stories, its weights bytes.\v"
    "CHECKPOINT is a legacy float file or one of version 2 (Q8_0), TOKENIZER a tokenizer.bin of its vocabulary. How "
    "large the numbers of "
    "each layer become is measured: on stories that the model tells itself, or on a text.";

static bool text_tokens(const llm_pieces *pieces, const char *path, uint32_t **tokens, size_t *count, px_error *error)
{
    char *text;
    size_t size;
    if (!px_text_read(&text, &size, path, error))
        return false;
    const bool ok = llm_encode(pieces, text, size, tokens, count, error);
    free(text);
    return ok;
}

static bool convert(const arguments *a, px_error *error)
{
    llm_model model = {0};
    llm_pieces pieces = {0};
    llm_ranges ranges = {0};
    px_picture picture = {0};
    uint32_t *tokens = NULL;
    size_t count = 0;
    const bool ok = operands_are(&a->operands, 2, 2, "CHECKPOINT and TOKENIZER", error) &&
                    (a->output != NULL || px_fail(error, PX_E_USAGE, "no output: -o OUT.pxi")) &&
                    px_picture_place(a->output, error) && llm_model_read(&model, a->operands.at[0], error) &&
                    llm_pieces_read(&pieces, a->operands.at[1], model.vocab, error) &&
                    (a->calibration == NULL || text_tokens(&pieces, a->calibration, &tokens, &count, error)) &&
                    llm_calibrate(&model, tokens, count, &ranges, error) &&
                    llm_picture(&picture, &model, &ranges, &pieces, a->width, error) &&
                    px_picture_write(&picture, a->output, error);
    if (ok && !a->quiet)
        fprintf(px_messages(a->output),
                "%s: %" PRIu32 " layers, dimension %" PRIu32 ", %" PRIu32 " tokens, context %" PRIu32 ": %" PRIu32
                "x%" PRIu32 " pixels\n",
                a->output, model.layers, model.dim, model.vocab, model.context, picture.w, picture.h);
    free(tokens);
    px_picture_free(&picture);
    llm_ranges_free(&ranges);
    llm_pieces_free(&pieces);
    llm_model_free(&model);
    return ok;
}

static int run_convert(int argc, char **argv)
{
    arguments a = {0};
    px_error error = {0};
    const px_option options[] = {
        PX_OPTION_OUTPUT(&a.output, "the picture"),
        {"calibrate", 0, "FILE", "measure on this text, not on stories", .input = &a.calibration},
        {"width", 0, "N", "the picture's width; otherwise it is about square", .number = &a.width, .least = 16,
         .most = 8192},
        PX_OPTION_QUIET(&a.quiet, "print only errors"),
        {0}};
    px_read_arguments(
        &(px_command_line){
            .about = convert_about, .options = options, .usage = "CHECKPOINT TOKENIZER", .operands = &a.operands},
        argc, argv);
    return convert(&a, &error) ? 0 : px_complain(argv[0], &error);
}

/* ---- a model's machine ---- */

typedef struct story {
    px_state start;
    llm_layout layout;
    llm_pieces pieces;
    px_executor *executor;
    px_machine *machine;
    bool begun; /* the picture is a saved state */
} story;

static void close_story(story *s)
{
    px_machine_drop(s->machine, NULL);
    px_executor_close(s->executor);
    llm_pieces_free(&s->pieces);
    px_state_free(&s->start);
    *s = (story){0};
}

static bool open_story(story *s, const char *path, const char *on, px_error *error)
{
    px_picture picture = {0};
    *s = (story){0};
    if (!px_picture_read(&picture, path, error))
        return false;
    s->begun = picture.px[0] == PX_MAGIC_STATE;
    const bool ok = px_state_take(&s->start, &picture, path, error) &&
                    llm_layout_of(&s->layout, s->start.mem, s->start.w, s->start.h, path, error) &&
                    llm_pieces_of(&s->pieces, &s->layout, s->start.mem, error) &&
                    (on == NULL || px_executor_open(&s->executor, on, error));
    px_picture_free(&picture);
    return ok;
}

/* The given tokens, and how the story goes on from there. */
static bool prepare(story *s, const uint32_t *tokens, size_t count, uint32_t watch, px_error *error)
{
    uint32_t *image = s->start.mem;
    const uint32_t context = s->layout.z.context;
    if (count > context)
        return px_fail(error, PX_E_INPUT, "the text has %zu tokens, and the model's context %" PRIu32, count, context);
    for (size_t i = 0; i < count; i++)
        image[LLM_AT_TOKENS + i] = tokens[i];
    image[LLM_AT_PROMPT] = (uint32_t)count;
    image[LLM_AT_WATCH] = watch;
    return true;
}

/* ---- run ---- */

static const char run_about[] =
    "Have a model tell a story that begins with TEXT.\v"
    "MODEL is a picture of px llm convert, or the saved state of a story, which goes on. Stopped by --budget or "
    "Ctrl-C, a story is saved with -o. "
    "`px run MODEL --host` tells one without a beginning.\n\n"
    "Exit status: 0 the story ended, 3 it was stopped, 1 trapped, 2 wrong usage or bad input.";

static bool set_options(const arguments *a, story *s, px_error *error)
{
    uint64_t seed;
    uint32_t *image = s->start.mem;
    if (a->steps != 0 && a->steps > s->layout.z.context)
        return px_fail(error, PX_E_USAGE, "--steps %" PRIu32 ": the model's context is %" PRIu32, a->steps,
                       s->layout.z.context);
    if (a->steps != 0)
        image[LLM_AT_STEPS] = a->steps;
    if (a->top_k > s->layout.z.vocab)
        return px_fail(error, PX_E_USAGE, "--top-k %" PRIu32 ": the vocabulary has %" PRIu32 " tokens", a->top_k,
                       s->layout.z.vocab);
    if (a->top_k != 0)
        image[LLM_AT_TOP_K] = a->top_k;
    if (a->seed != NULL) {
        if (!px_parse_number("--seed", a->seed, 1, UINT32_MAX, &seed, error))
            return false;
        image[LLM_AT_CHANCE] = (uint32_t)seed;
    }
    return true;
}

static bool begin(const arguments *a, story *s, px_error *error)
{
    const char *text = a->operands.count > 1 ? a->operands.at[1] : "";
    uint32_t *tokens;
    size_t count;
    if (s->begun)
        return (a->operands.count == 1 ||
                px_fail(error, PX_E_USAGE, "%s is a story that has begun: it takes no text", a->operands.at[0])) &&
               set_options(a, s, error);
    if (!llm_encode(&s->pieces, text, strlen(text), &tokens, &count, error))
        return false;
    const bool ok = prepare(s, tokens, count, 0, error) && set_options(a, s, error);
    free(tokens);
    return ok;
}

static bool tell(const arguments *a, story *s, px_hosting *hosting, int *status, px_error *error)
{
    px_answerer answerer;
    px_stop stop = {0};
    bool exited = false;
    uint64_t budget = a->budget;
    if (!px_hosting_begin(hosting, &s->start, true, &budget, &answerer, error) ||
        !px_machine_create_from(s->executor, &s->start, &s->machine, error))
        return false;
    px_catch_signals();
    if (!px_run_answering(s->machine, budget, &answerer, false, &stop, error) ||
        !px_hosting_end(hosting, &stop, &exited, status, error))
        return false;
    char text[256];
    *status = px_stop_exit(&stop);
    px_stop_text(&stop, s->machine->w, px_interrupted(), text, sizeof text);
    if (*status != 0)
        fprintf(stderr, "\n%s: %s\n", a->operands.at[0], text);
    else
        puts("");
    px_view view;
    px_rows rows;
    return a->output == NULL || (px_machine_rows(s->machine, stop.status == PX_HALTED, &view, &rows, error) &&
                                 px_write_or_keep(&rows, 0, a->output, error));
}

static int run_run(int argc, char **argv)
{
    arguments a = {.on = PX_USUAL, .budget = PX_NO_BUDGET};
    px_hosting hosting;
    px_error error = {0};
    story s = {0};
    int status = 0;
    px_hosting_init(&hosting);
    hosting.host = true;
    const px_option options[] = {
        PX_OPTION_ON(&a.on),
        {"steps", 0, "N", "the story's tokens at most, TEXT among them; otherwise the context", .number = &a.steps,
         .least = 1, .most = 1020},
        {"top-k", 0, "N", "take one of the N best tokens by chance; 1, the best, if not given", .number = &a.top_k,
         .least = 1, .most = LLM_MOST_BEST},
        {"seed", 0, "N", "of chance, 1 if not given", .text = &a.seed},
        PX_OPTION_BUDGET(&a.budget),
        PX_OPTION_OUTPUT(&a.output, "write the image when the story has ended, the saved state otherwise"),
        {0}};
    px_read_arguments(
        &(px_command_line){.about = run_about, .options = options, .usage = "MODEL [TEXT]", .operands = &a.operands},
        argc, argv);
    const bool ok = operands_are(&a.operands, 1, 2, "MODEL and perhaps TEXT", &error) &&
                    (a.output == NULL || px_picture_place(a.output, &error)) &&
                    open_story(&s, a.operands.at[0], a.on, &error) && begin(&a, &s, &error) &&
                    tell(&a, &s, &hosting, &status, &error);
    px_hosting_abandon(&hosting);
    close_story(&s);
    return ok ? status : px_complain(argv[0], &error);
}

/* ---- watching: loss, and what inspect counts ---- */

typedef struct watcher {
    const llm_layout *layout;
    const uint32_t *tokens;
    size_t count, position; /* of the tokens that are given */
    uint32_t *logits;
    double loss;
    FILE *log; /* of the logits; NULL: none */
} watcher;

static void add_loss(watcher *w)
{
    const uint32_t vocab = w->layout->z.vocab;
    int32_t most = INT32_MIN;
    double sum = 0;
    for (uint32_t v = 0; v < vocab; v++)
        most = (int32_t)w->logits[v] > most ? (int32_t)w->logits[v] : most;
    for (uint32_t v = 0; v < vocab; v++)
        sum += exp(((double)(int32_t)w->logits[v] - most) / LLM_LOGIT_ONE);
    w->loss += log(sum) - ((double)(int32_t)w->logits[w->tokens[w->position + 1]] - most) / LLM_LOGIT_ONE;
}

/* Answers: what is printed is not, and at each SYS of request 0 the logits are looked at. */
static px_answered watch_logits(void *context, px_machine *machine, const px_stop *stop, uint64_t executed,
                                uint32_t *word, px_error *error)
{
    watcher *w = context;
    const uint32_t vocab = w->layout->z.vocab;
    (void)executed;
    *word = stop->request & 0xFFFFFF;
    if (stop->request != 0)
        return PX_ANSWERED;
    if (!px_get(machine, PX_SPACE_PIXEL, w->layout->table[LLM_LOGITS].at, w->logits, vocab, error))
        return PX_ANSWER_FAILED;
    if (w->position + 1 < w->count)
        add_loss(w);
    if (w->log != NULL)
        fwrite(w->logits, 4, vocab, w->log);
    w->position++;
    return PX_ANSWERED;
}

static bool run_watched(story *s, const char *path, const uint32_t *tokens, size_t count, uint32_t watch,
                        const px_answerer *answerer, px_error *error)
{
    px_stop stop;
    if (!prepare(s, tokens, count, watch, error))
        return false;
    s->start.mem[LLM_AT_STEPS] = (uint32_t)count;
    px_machine_drop(s->machine, NULL);
    s->machine = NULL;
    if (!px_machine_create(s->executor, &s->start, &s->machine, error) ||
        !px_run_answering(s->machine, PX_NO_BUDGET, answerer, false, &stop, error))
        return false;
    return stop.status == PX_HALTED || px_fail(error, PX_E_INPUT, "%s did not come to its end: %s", path,
                                               px_interrupted() ? "it was interrupted" : "it is damaged");
}

static const char loss_about[] = "Print how well a model foresees a text: the mean loss of a token, in nats.\v"
                                 "A text longer than the model's context is taken in pieces. With --tokens it is a "
                                 "list of token numbers, which -1 parts into stories.";

static bool list_of_tokens(const char *path, uint32_t vocab, uint32_t **tokens, size_t *count, px_error *error)
{
    char *text;
    size_t size;
    if (!px_text_read(&text, &size, path, error))
        return false;
    *count = 0;
    *tokens = calloc(size / 2 + 2, sizeof **tokens);
    bool ok = *tokens != NULL || px_fail(error, PX_E_SYSTEM, "no memory for tokens");
    for (char *word = ok ? strtok(text, " \t\n") : NULL; word != NULL && ok; word = strtok(NULL, " \t\n")) {
        int64_t token;
        ok = px_parse_signed(path, word, -1, (int64_t)vocab - 1, &token, error);
        (*tokens)[(*count)++] = (uint32_t)token;
    }
    free(text);
    return ok;
}

/* The length of the piece that begins at a text's token: it has the model's context, and ends in front of UINT32_MAX.
 */
static size_t piece_at(const uint32_t *tokens, size_t count, size_t at, uint32_t most)
{
    size_t length = 0;
    while (at + length < count && length < most && tokens[at + length] != UINT32_MAX)
        length++;
    return length;
}

static bool all_pieces(const arguments *a, story *s, uint32_t *tokens, size_t count, FILE *log, px_error *error)
{
    const uint32_t context = s->layout.z.context;
    watcher w = {.layout = &s->layout, .logits = calloc(s->layout.z.vocab, sizeof *w.logits), .log = log};
    const px_answerer answerer = {.answer = watch_logits, .context = &w};
    bool ok = w.logits != NULL || px_fail(error, PX_E_SYSTEM, "no memory for logits");
    uint64_t judged = 0;
    for (size_t at = 0; at < count && ok;) {
        const size_t length = piece_at(tokens, count, at, context);
        if (length >= 2) {
            if (!a->tokens)
                tokens[at] = LLM_BOS;
            w.tokens = tokens + at;
            w.count = length;
            w.position = 0;
            ok = run_watched(s, a->operands.at[0], tokens + at, length, 1, &answerer, error);
            judged += length - 1;
        }
        at += length;
        if (a->tokens)
            at += at < count && tokens[at] == UINT32_MAX;
        else if (at < count)
            at--; /* the last of a piece is foreseen there, and BOS takes its place in the next */
    }
    free(w.logits);
    if (ok && judged == 0)
        return px_fail(error, PX_E_INPUT, "%s has no token to foresee", a->operands.at[1]);
    if (ok)
        printf("loss %.4f a token, over %" PRIu64 " tokens\n", w.loss / (double)judged, judged);
    return ok;
}

static bool measure_loss(const arguments *a, px_error *error)
{
    story s = {0};
    uint32_t *tokens = NULL;
    size_t count = 0;
    px_output output = {0};
    bool ok =
        operands_are(&a->operands, 2, 2, "MODEL and TEXT", error) && open_story(&s, a->operands.at[0], a->on, error) &&
        (!s.begun || px_fail(error, PX_E_INPUT, "%s is a story that has begun; expected a model", a->operands.at[0])) &&
        (a->tokens ? list_of_tokens(a->operands.at[1], s.layout.z.vocab, &tokens, &count, error)
                   : text_tokens(&s.pieces, a->operands.at[1], &tokens, &count, error)) &&
        (a->logits == NULL || px_output_open(&output, a->logits, error));
    if (ok) {
        px_catch_signals();
        ok = all_pieces(a, &s, tokens, count, output.file, error);
        if (output.file != NULL)
            ok = px_output_close(&output, ok, error) && ok;
    }
    free(tokens);
    close_story(&s);
    return ok;
}

static int run_loss(int argc, char **argv)
{
    arguments a = {.on = PX_USUAL};
    px_error error = {0};
    const px_option options[] = {PX_OPTION_ON(&a.on),
                                 {"tokens", 0, NULL, "TEXT is a list of token numbers", .flag = &a.tokens},
                                 {"logits", 0, "FILE",
                                  "write the logits: words of 65536 a nat, the vocabulary for each token",
                                  .output = &a.logits},
                                 {0}};
    px_read_arguments(
        &(px_command_line){.about = loss_about, .options = options, .usage = "MODEL TEXT", .operands = &a.operands},
        argc, argv);
    return measure_loss(&a, &error) ? 0 : px_complain(argv[0], &error);
}

/* ---- inspect ---- */

static const char inspect_about[] =
    "Tell how near a model's numbers come to their limits on a text, and how its attention is spread.\v"
    "TEXT is the text itself. The heat map has a square for each layer (downwards) and head: a row a position, a "
    "column each that it "
    "looks at. The map shows what stands where in the picture; bands in q, k, v and in the caches are heads.";

typedef struct inspector {
    const llm_layout *layout;
    llm_inspection counts;
    uint32_t *work, first, pixels, position, count; /* count: of the text's tokens */
    FILE *dump;                                     /* of all that was seen; NULL: none */
} inspector;

static px_answered watch_layers(void *context, px_machine *machine, const px_stop *stop, uint64_t executed,
                                uint32_t *word, px_error *error)
{
    inspector *i = context;
    (void)executed;
    *word = stop->request & 0xFFFFFF;
    if (stop->request != 0)
        return PX_ANSWERED;
    if (stop->argument > i->layout->z.layers || i->position >= i->count) {
        px_fail(error, PX_E_INPUT, "the model's program stops where none of px llm's does: it is damaged");
        return PX_ANSWER_FAILED;
    }
    if (!px_get(machine, PX_SPACE_PIXEL, i->first, i->work, i->pixels, error))
        return PX_ANSWER_FAILED;
    llm_inspect(&i->counts, i->layout, i->work, stop->argument, i->position);
    if (i->dump != NULL) {
        const uint32_t at[] = {stop->argument, i->position};
        fwrite(at, sizeof *at, 2, i->dump);
        fwrite(i->work, sizeof *i->work, i->pixels, i->dump);
    }
    i->position += stop->argument == i->layout->z.layers;
    return PX_ANSWERED;
}

static void print_counts(const llm_inspection *in, size_t tokens)
{
    printf("%zu tokens%16s at a limit        of  greatest, of its limit\n", tokens, "");
    for (int i = 0; i < LLM_COUNTS; i++)
        printf("%-24s %10" PRIu64 " %10" PRIu64 "  %5.1f %%\n", llm_count_names[i], in->of[i].clipped, in->of[i].seen,
               100 * in->of[i].most);
    printf("softmax: %.1f %% of the weights are 0; a head looks at %.1f %% of the positions (sum squared over sum of "
           "squares)\n",
           100.0 * (double)in->no_weight / (double)in->weights, 100 * in->spread / (double)in->heads);
}

static bool heat_picture(llm_inspection *in, const llm_sizes *z, uint32_t side, px_error *error)
{
    in->side = side;
    if (!px_picture_new(&in->heat, LLM_HEAT_LEFT + z->heads * (side + LLM_HEAT_GAP),
                        LLM_HEAT_TOP + z->layers * (side + LLM_HEAT_GAP), error))
        return false;
    char text[24];
    for (size_t i = 0; i < (size_t)in->heat.w * in->heat.h; i++)
        in->heat.px[i] = 0xFF303030;
    for (uint32_t head = 0; head < z->heads; head++) {
        snprintf(text, sizeof text, "h%" PRIu32, head);
        px_font_write(&in->heat, LLM_HEAT_LEFT + head * (side + LLM_HEAT_GAP), 2, 1, 0xFFFFFFFF, text);
    }
    for (uint32_t layer = 0; layer < z->layers; layer++) {
        snprintf(text, sizeof text, "layer %" PRIu32, layer);
        px_font_write(&in->heat, 2, LLM_HEAT_TOP + layer * (side + LLM_HEAT_GAP), 1, 0xFFFFFFFF, text);
    }
    return true;
}

static bool write_copy(const px_picture *picture, uint32_t zoom, const char *path, px_error *error)
{
    const px_rows rows = px_picture_rows(picture);
    return px_copy_write(&rows, zoom, path, error);
}

static bool inspect_text(const arguments *a, story *s, px_error *error)
{
    const llm_layout *l = &s->layout;
    inspector i = {.layout = l, .first = l->table[LLM_X].at, .pixels = l->table[LLM_WEIGHTS].at - l->table[LLM_X].at};
    const px_answerer answerer = {.answer = watch_layers, .context = &i};
    uint32_t *tokens = NULL;
    size_t count = 0;
    px_output output = {0};
    i.work = calloc(i.pixels, sizeof *i.work);
    bool ok = (i.work != NULL || px_fail(error, PX_E_SYSTEM, "no memory for a model's numbers")) &&
              llm_encode(&s->pieces, a->operands.at[1], strlen(a->operands.at[1]), &tokens, &count, error) &&
              (a->heat == NULL || heat_picture(&i.counts, &l->z, (uint32_t)count, error)) &&
              (a->dump == NULL || px_output_open(&output, a->dump, error));
    i.dump = output.file;
    i.count = (uint32_t)count;
    if (ok) {
        px_catch_signals();
        ok = run_watched(s, a->operands.at[0], tokens, count, 2, &answerer, error);
        if (i.dump != NULL)
            ok = px_output_close(&output, ok, error) && ok;
    }
    if (ok)
        print_counts(&i.counts, count);
    ok = ok && (a->heat == NULL || write_copy(&i.counts.heat, count > 64 ? 1 : 3, a->heat, error));
    px_picture_free(&i.counts.heat);
    free(tokens);
    free(i.work);
    return ok;
}

/* ---- the map ---- */

enum { MAP_SCALE = 2, MAP_LEGEND = 160, MAP_LINE = 10 };

static uint32_t map_colour(uint32_t number)
{
    static const uint32_t colours[] = {0x4060F0, 0x40C0F0, 0x50D060, 0xF0A040, 0xE05050, 0xC060E0, 0xF0E060, 0x60E0C0};
    return colours[number % (sizeof colours / sizeof *colours)];
}

/* A pixel in its table's colour: as bright as its bytes are, the darkest a third; in a band of an odd head darker. */
static uint32_t map_pixel(uint32_t pixel, uint32_t colour, bool odd)
{
    uint32_t sum = 0, shown = 0xFF000000;
    for (uint32_t k = 0; k < 4; k++)
        sum += (uint32_t)abs((int8_t)(pixel >> (8 * k)));
    const uint32_t full = 60 + (sum > 195 ? 195 : sum), light = odd ? full / 2 : full;
    for (uint32_t k = 0; k < 3; k++)
        shown |= (colour >> (8 * (2 - k)) & 255) * light / 255 << (8 * k);
    return shown;
}

/* The head that pixel i of a layer's table belongs to; 0 where it belongs to all. */
static uint32_t head_of(const llm_sizes *z, int table, uint32_t i)
{
    const uint32_t row = i / (z->dim / 4), rotated = 2 * z->half;
    switch (table) {
    case LLM_L_QKV:
        return row < rotated ? row % z->half / (z->size / 2) : (row - rotated) / z->size;
    case LLM_L_KEYS:
        return i / z->context % (z->kv_dim / 8) / (z->size / 8);
    case LLM_L_VALUES:
        return i / (z->size * z->context / 4);
    default:
        return 0;
    }
}

/* A table in its colour, and, from its row on, the first free line of the legend. */
static void map_table(px_picture *map, const story *s, const char *name, uint32_t at, uint32_t pixels, int number,
                      bool in_layer, uint32_t *line)
{
    const uint32_t width = s->start.w, rows = (at + pixels - 1) / width - at / width + 1;
    for (uint32_t i = at; i < at + pixels; i++)
        for (uint32_t k = 0; k < MAP_SCALE * MAP_SCALE; k++)
            map->px[(size_t)(i / width * MAP_SCALE + k / MAP_SCALE) * map->w + i % width * MAP_SCALE + k % MAP_SCALE] =
                map_pixel(s->start.mem[i], map_colour((uint32_t)number),
                          in_layer && head_of(&s->layout.z, number, i - at) % 2 == 1);
    if (rows < 3)
        return; /* too small to be pointed at */
    const uint32_t y = at / width * MAP_SCALE > *line ? at / width * MAP_SCALE : *line;
    const uint32_t colour = map_pixel(0x7F7F7F7F, map_colour((uint32_t)number), false);
    px_font_write(map, width * MAP_SCALE + 8, y, 1, colour, name);
    *line = y + MAP_LINE;
}

static bool draw_map(const story *s, const char *path, px_error *error)
{
    const llm_layout *l = &s->layout;
    px_picture map;
    uint32_t line = 0;
    if (!px_picture_new(&map, s->start.w * MAP_SCALE + MAP_LEGEND, s->start.h * MAP_SCALE + 2 * MAP_LINE, error))
        return false;
    for (size_t i = 0; i < (size_t)map.w * map.h; i++)
        map.px[i] = 0xFF181818;
    map_table(&map, s, "words, tokens, program", 0, l->code_end, 6, false, &line);
    for (int i = 0; i < LLM_TABLES; i++)
        if (l->table[i].pixels != 0)
            map_table(&map, s, l->table[i].name, l->table[i].at, l->table[i].pixels, i, false, &line);
    for (uint32_t layer = 0; layer < l->z.layers; layer++)
        for (int i = 0; i < LLM_LAYER_TABLES; i++) {
            char name[64];
            snprintf(name, sizeof name, "layer %" PRIu32 ": %s", layer, l->in_layer[i].name + 2);
            map_table(&map, s, name, l->layers_at + layer * l->layer_pixels + l->in_layer[i].at, l->in_layer[i].pixels,
                      i, true, &line);
        }
    const bool ok = write_copy(&map, 1, path, error);
    px_picture_free(&map);
    return ok;
}

static void print_sizes(const story *s)
{
    const llm_layout *l = &s->layout;
    const uint64_t weights = (uint64_t)l->z.layers * (l->in_layer[LLM_L_KEYS].at - l->in_layer[LLM_L_QKV].at) +
                             l->table[LLM_CLASS].pixels + l->table[LLM_EMBED].pixels;
    printf("%" PRIu32 " layers, dimension %" PRIu32 ", hidden %" PRIu32 ", %" PRIu32 " heads, %" PRIu32
           " of keys, %" PRIu32 " tokens, context %" PRIu32 "\n",
           l->z.layers, l->z.dim, l->z.hidden, l->z.heads, l->z.kv, l->z.vocab, l->z.context);
    printf("%" PRIu32 "x%" PRIu32 " pixels: weights %s, caches %s\n", s->start.w, s->start.h, px_grouped(weights),
           px_grouped((uint64_t)l->z.layers * (l->in_layer[LLM_L_KEYS].pixels + l->in_layer[LLM_L_VALUES].pixels)));
}

static int run_inspect(int argc, char **argv)
{
    arguments a = {.on = PX_USUAL};
    px_error error = {0};
    story s = {0};
    const px_option options[] = {
        PX_OPTION_ON(&a.on),
        {"heat", 0, "FILE", "attention on TEXT, as a picture", .output = &a.heat},
        {"map", 0, "FILE", "the model's picture, with names", .output = &a.map},
        {"dump", 0, "FILE", "each layer's numbers at each position: layer, position, the words from the residual on",
         .output = &a.dump},
        {0}};
    px_read_arguments(
        &(px_command_line){
            .about = inspect_about, .options = options, .usage = "MODEL [TEXT]", .operands = &a.operands},
        argc, argv);
    const bool text = a.operands.count == 2;
    const bool ok =
        operands_are(&a.operands, 1, 2, "MODEL and perhaps TEXT", &error) &&
        (text || (a.heat == NULL && a.dump == NULL) || px_fail(&error, PX_E_USAGE, "--heat and --dump need a TEXT")) &&
        open_story(&s, a.operands.at[0], text ? a.on : NULL, &error) &&
        (!text || !s.begun ||
         px_fail(&error, PX_E_INPUT, "%s is a story that has begun; expected a model", a.operands.at[0])) &&
        (!text || inspect_text(&a, &s, &error)) && (a.map == NULL || draw_map(&s, a.map, &error));
    if (ok && !text)
        print_sizes(&s);
    close_story(&s);
    return ok ? 0 : px_complain(argv[0], &error);
}

/* ---- px llm ---- */

static const char about[] =
    "Language models that are pictures: integers from end to end, the same token on every executor.\v"
    "  px llm convert CHECKPOINT TOKENIZER -o MODEL.pxi   of llama2.c's formats\n"
    "  px llm run MODEL.pxi [TEXT]                        tell a story, or go on with one\n"
    "  px llm loss MODEL.pxi TEXT                         how well it foresees a text\n"
    "  px llm inspect MODEL.pxi [TEXT]                    sizes, limits, attention, a map\n\n"
    "Each has --help. llm/README.md has the picture and each layer's definition.";

int px_cmd_llm(int argc, char **argv)
{
    static const px_subcommand commands[] = {
        {"convert", run_convert}, {"run", run_run}, {"loss", run_loss}, {"inspect", run_inspect}, {NULL, NULL}};
    return px_run_subcommand(commands, about, argc, argv);
}
