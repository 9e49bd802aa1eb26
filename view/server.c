/* server.c - see view.h: the page and its socket, on the loopback.
 *
 * A page is given one frame, and the next when it says that it has it: nothing queues, however slow it is. What it asks
 * for besides is answered from a short list; who fills that without reading is closed. */
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "exec/run.h"
#include "pxi/number.h"
#include "pxi/pace.h"
#include "view/page_files.h"
#include "view/view.h"

enum {
    MOST_PAGES = 16,
    LINE = 1024,
    AT_ONCE = 1 << 22, /* bytes: more than a frame has */
    MOST_ANSWERS = 8,
    MOST_WISHES = 32,
    TILE = 64,
    TILES = (PX_SHOWN_WIDTH / TILE) * (PX_SHOWN_HEIGHT / TILE),
    HEAD = 11, /* words of a frame before its JSON */
    TOKEN = 32
};
static const double slice = 1.0 / 30, look_every = 0.004;

typedef struct message {
    uint8_t *bytes; /* owned; LWS_PRE before what is sent */
    size_t size;
    bool text;
} message;

typedef struct page {
    struct lws *socket;
    struct server *server;
    char line[LINE];
    size_t line_size;
    message answer[MOST_ANSWERS];
    unsigned answers;
    message frame; /* its room stays, for the next one */
    size_t frame_room;
    bool frame_due; /* it is to be sent */
    uint32_t number;
    bool wants; /* it has had the last frame */
    bool fresh; /* it has none of this window */
    px_window window;
    uint32_t *has; /* owned: the pixels of the last frame */
    uint64_t version, printed, screens;
} page;

typedef struct wish {
    page *from;
    char line[LINE];
} wish;

typedef struct server {
    px_viewer *viewer;
    struct lws_context *context;
    lws_sorted_usec_list_t timer;
    page *pages[MOST_PAGES];
    uint32_t *pixels; /* owned: of the frame that is being made */
    wish wishes[MOST_WISHES];
    unsigned wished;
    bool urgent; /* a wish that a run under way makes room for */
    char token[TOKEN + 1];
    int port;
    double looked, framed, frame_cost;
    px_error error;
    bool failed;
} server;

/* ---- messages ---- */

static bool message_new(message *m, size_t size, bool text)
{
    m->bytes = malloc(LWS_PRE + size);
    m->size = size;
    m->text = text;
    return m->bytes != NULL;
}

static void message_free(message *m)
{
    free(m->bytes);
    *m = (message){0};
}

/* The text is the callee's. */
static void reply(page *p, char *text)
{
    const size_t size = text != NULL ? strlen(text) : 0;
    if (size > 0 && p->answers < MOST_ANSWERS && message_new(&p->answer[p->answers], size, true)) {
        memcpy(p->answer[p->answers++].bytes + LWS_PRE, text, size);
        lws_callback_on_writable(p->socket);
    }
    free(text);
}

/* ---- frames ---- */

static bool tile_differs(const page *p, const uint32_t *pixels, uint32_t x, uint32_t y)
{
    const px_window *w = &p->window;
    const uint32_t across = w->across - x < TILE ? w->across - x : TILE;
    for (uint32_t j = y; j < y + TILE && j < w->down; j++)
        if (memcmp(pixels + j * w->across + x, p->has + j * w->across + x, across * sizeof *pixels) != 0)
            return true;
    return false;
}

/* The tiles that differ from those that the page has; *count of them. */
static uint32_t *add_tiles(const page *p, const uint32_t *pixels, uint32_t *to, uint32_t *count)
{
    const px_window *w = &p->window;
    *count = 0;
    for (uint32_t y = 0; y < w->down; y += TILE)
        for (uint32_t x = 0; x < w->across; x += TILE)
            if (p->fresh || tile_differs(p, pixels, x, y)) {
                *to++ = x | y << 16;
                to = px_window_cut(w, pixels, x, y, TILE, to);
                ++*count;
            }
    return to;
}

static uint32_t *add_screen(const px_picture *screen, uint32_t *to, uint32_t size[2])
{
    const uint32_t across = screen->w < PX_SHOWN_WIDTH ? screen->w : PX_SHOWN_WIDTH,
                   down = screen->h < PX_SHOWN_HEIGHT ? screen->h : PX_SHOWN_HEIGHT;
    for (uint32_t y = 0; y < down; y++)
        for (uint32_t x = 0; x < across; x++)
            *to++ = screen->px[(uint64_t)y * screen->h / down * screen->w + (uint64_t)x * screen->w / across];
    size[0] = across;
    size[1] = down;
    return to;
}

static bool room_for_frame(page *p, size_t size, px_error *error)
{
    if (p->frame.bytes == NULL || size > p->frame_room) {
        message_free(&p->frame);
        if (!message_new(&p->frame, size, false))
            return px_fail(error, PX_E_SYSTEM, "no memory for a frame");
        p->frame_room = size;
    }
    return true;
}

/* number, JSON's bytes, x y w h, across, down, the screen's width and height or 0, tiles; then the JSON to a whole
 * word, the tiles, the screen. Pixels and words are little-endian, as in a picture. */
static bool fill_frame(page *p, const uint32_t *pixels, const px_picture *shows, const char *json, size_t size,
                       px_error *error)
{
    const px_viewer *v = p->server->viewer;
    const px_window *w = &p->window;
    const bool screen = p->screens != v->shown.screens && shows != NULL;
    const size_t words = HEAD + (size + 3) / 4 + TILES + (size_t)w->across * w->down +
                         (screen ? (size_t)PX_SHOWN_WIDTH * PX_SHOWN_HEIGHT : 0);
    if (!room_for_frame(p, words * 4, error))
        return false;
    uint32_t *const start = (uint32_t *)(void *)(p->frame.bytes + LWS_PRE), *to = start + HEAD, head[HEAD] = {0};
    memcpy(to, json, size);
    memset((char *)to + size, ' ', (4 - size % 4) % 4);
    to = add_tiles(p, pixels, to + (size + 3) / 4, &head[10]);
    if (screen)
        to = add_screen(shows, to, &head[8]);
    const uint32_t facts[8] = {++p->number, (uint32_t)size, w->x, w->y, w->w, w->h, w->across, w->down};
    memcpy(head, facts, sizeof facts);
    memcpy(start, head, sizeof head);
    p->frame.size = (size_t)(to - start) * 4;
    p->frame_due = true;
    return true;
}

/* The pixels that were read become those that the page has. */
static void keep_pixels(page *p)
{
    uint32_t *const before = p->has;
    p->has = p->server->pixels;
    p->server->pixels = before;
}

static bool make_frame(page *p, px_error *error)
{
    server *s = p->server;
    px_viewer *v = s->viewer;
    size_t size = 0;
    const px_picture *shows;
    if (!px_shown_screen(&v->shown, &shows, error) || !px_window_read(v, &p->window, s->pixels, error))
        return false;
    const px_beside beside = {p->printed, shows != NULL, p->window.layer};
    char *json = px_tell_state(v, &beside, &size);
    const bool ok = json != NULL ? fill_frame(p, s->pixels, shows, json, size, error)
                                 : px_fail(error, PX_E_SYSTEM, "no memory for a frame");
    free(json);
    keep_pixels(p);
    p->wants = p->fresh = false;
    p->version = v->version;
    p->printed = px_shown_printed(&v->shown);
    p->screens = v->shown.screens;
    return ok;
}

/* When the next frames are due while the machine runs: not so often that they slow it by more than a seventh. */
static double due(const server *s)
{
    const double pause = 7 * s->frame_cost;
    return s->framed + (pause > slice ? pause : slice);
}

/* How long the machine runs now: to when frames are due, or about as long where nobody waits for one. */
static double until_due(const server *s)
{
    const double left = due(s) - px_seconds();
    return left < slice / 4 ? slice / 4 : left < slice ? left : slice;
}

/* What frames cost lately. One that took long while others had the processor counts little. */
static double usual(double before, double took)
{
    return before == 0 || took < before ? took : before + (took - before) / 16;
}

/* Frames for those who wait for one. The machine is at rest. */
static bool make_frames(server *s, px_error *error)
{
    const double now = px_seconds();
    bool any = false, ok = true;
    if (s->viewer->running && now < due(s) - look_every / 2)
        return true;
    for (int i = 0; ok && i < MOST_PAGES; i++) {
        page *p = s->pages[i];
        if (p == NULL || !p->wants || p->window.w == 0 || (!p->fresh && p->version == s->viewer->version))
            continue;
        any = true;
        ok = make_frame(p, error);
        lws_callback_on_writable(p->socket);
    }
    if (any) {
        s->framed = now;
        s->frame_cost = usual(s->frame_cost, px_seconds() - now);
    }
    return ok;
}

/* ---- what pages say ---- */

static bool starts(const char *line, const char *word, const char **rest)
{
    const size_t length = strlen(word);
    if (strncmp(line, word, length) != 0 || (line[length] != ' ' && line[length] != '\0'))
        return false;
    *rest = line + length + strspn(line + length, " ");
    return true;
}

static void want_window(page *p, const char *rest)
{
    px_window w = {0};
    char layer[16] = "";
    if (sscanf(rest, "%u %u %u %u %u %u %15s", &w.x, &w.y, &w.w, &w.h, &w.across, &w.down, layer) != 7)
        return;
    for (int i = 0; i < PX_LAYERS; i++)
        if (strcmp(layer, px_layer_names[i]) == 0)
            w.layer = (px_layer)i;
    p->window = px_window_fit(p->server->viewer, w);
    p->fresh = true;
}

/* What needs no machine is done at once; the rest, when it is at rest. False: the page asks without listening. */
static bool take_line(page *p)
{
    server *s = p->server;
    const char *rest, *const line = p->line;
    unsigned a, b, c;
    if (starts(line, "had", &rest)) {
        p->wants = true;
    } else if (starts(line, "window", &rest)) {
        want_window(p, rest);
    } else if (starts(line, "key", &rest)) {
        if (s->viewer->host != NULL && sscanf(rest, "%u %u", &a, &b) == 2)
            (void)px_host_key(s->viewer->host, a, b != 0);
    } else if (starts(line, "pointer", &rest)) {
        if (s->viewer->host != NULL && sscanf(rest, "%u %u %u", &a, &b, &c) == 3)
            px_host_pointer(s->viewer->host, a, b, c);
    } else {
        wish *last = s->wished > 0 ? &s->wishes[s->wished - 1] : NULL;
        const bool again =
            last != NULL && last->from == p && starts(line, "do goto", &rest) && starts(last->line, "do goto", &rest);
        if (!again && (s->wished == MOST_WISHES || p->answers == MOST_ANSWERS))
            return false;
        if (!again)
            last = &s->wishes[s->wished++];
        last->from = p;
        snprintf(last->line, sizeof last->line, "%s", line);
        s->urgent |= starts(line, "do", &rest) || starts(line, "pause", &rest);
    }
    return true;
}

static bool is_run(const char *line) { return strcmp(line, "run") == 0 || strcmp(line, "continue") == 0; }

static bool file_word(const char *line)
{
    const char *rest;
    return starts(line, "save", &rest) || starts(line, "quit", &rest) || starts(line, "q", &rest);
}

/* A word of px debug. */
static bool do_word(server *s, page *p, const char *line, px_error *error)
{
    px_viewer *v = s->viewer;
    char *answer = NULL;
    v->running = v->resumed = false;
    if (is_run(line)) {
        v->running = true;
        v->version++;
        return true;
    }
    if (file_word(line))
        answer =
            strdup("{\"command\": \"\", \"ok\": false, \"error\": \"a page neither saves nor ends: px debug does\"}");
    else if (!px_viewer_do(v, line, &answer, error))
        return false;
    reply(p, answer);
    return true;
}

static bool grant_wish(server *s, const wish *w, px_error *error)
{
    const char *rest;
    uint64_t address;
    if (starts(w->line, "do", &rest))
        return do_word(s, w->from, rest, error);
    if (starts(w->line, "pause", &rest)) {
        s->viewer->running = s->viewer->resumed = false;
        s->viewer->version++;
    } else if (starts(w->line, "look", &rest)) {
        if (px_parse_number("address", rest, 0, UINT32_MAX, &address, NULL))
            reply(w->from, px_tell_pixel(s->viewer, (uint32_t)address));
    } else if (starts(w->line, "slots", &rest)) {
        reply(w->from, px_tell_slots(s->viewer));
    }
    return true;
}

static bool grant_wishes(server *s, px_error *error)
{
    while (s->wished > 0) {
        const wish first = s->wishes[0];
        memmove(s->wishes, s->wishes + 1, --s->wished * sizeof *s->wishes);
        s->urgent = false;
        for (unsigned i = 0; i < s->wished; i++)
            s->urgent |= s->wishes[i].line[0] == 'd' || s->wishes[i].line[0] == 'p';
        if (first.from != NULL && !grant_wish(s, &first, error))
            return false;
    }
    s->urgent = false;
    return true;
}

/* ---- the sockets ---- */

static bool is_ours(const server *s, const char *place)
{
    char with[64];
    static const char *const names[] = {"127.0.0.1", "localhost"};
    for (int i = 0; i < 2; i++) {
        snprintf(with, sizeof with, "%s:%d", names[i], s->port);
        if (strcmp(place, with) == 0 || (s->port == 80 && strcmp(place, names[i]) == 0))
            return true;
    }
    return false;
}

/* Whether a request is for us, and from our own page: a page of somebody else's can make a browser send one. */
static bool may_come(const server *s, struct lws *socket)
{
    char host[256] = "", origin[256] = "";
    if (lws_hdr_copy(socket, host, sizeof host, WSI_TOKEN_HOST) <= 0 || !is_ours(s, host))
        return false;
    if (lws_hdr_total_length(socket, WSI_TOKEN_ORIGIN) == 0)
        return true;
    return lws_hdr_copy(socket, origin, sizeof origin, WSI_TOKEN_ORIGIN) > 0 && strncmp(origin, "http://", 7) == 0 &&
           is_ours(s, origin + 7);
}

/* What is asked for behind the token, or NULL. */
static const char *behind_token(const server *s, const char *path)
{
    unsigned wrong = strlen(path) < TOKEN + 2 || path[0] != '/' || path[TOKEN + 1] != '/';
    for (int i = 0; !wrong && i < TOKEN; i++)
        wrong |= (unsigned)(path[1 + i] ^ s->token[i]);
    return wrong ? NULL : path + TOKEN + 2;
}

static int refuse(struct lws *socket, unsigned status, const char *why)
{
    lws_return_http_status(socket, status, why);
    return -1;
}

static bool add_header(struct lws *socket, const char *name, const char *value, uint8_t **at, uint8_t *end)
{
    return lws_add_http_header_by_name(socket, (const uint8_t *)name, (const uint8_t *)value, (int)strlen(value), at,
                                       end) == 0;
}

static int send_file(struct lws *socket, const page_file *file)
{
    uint8_t head[LWS_PRE + 2048], *const start = head + LWS_PRE, *at = start, *const end = head + sizeof head;
    if (lws_add_http_common_headers(socket, HTTP_STATUS_OK, file->type, file->size, &at, end) != 0 ||
        !add_header(socket, "content-security-policy:",
                    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' "
                    "data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
                    &at, end) ||
        !add_header(socket, "x-content-type-options:", "nosniff", &at, end) ||
        !add_header(socket, "referrer-policy:", "no-referrer", &at, end) ||
        !add_header(socket, "cache-control:", "no-store", &at, end) ||
        lws_finalize_write_http_header(socket, start, &at, end) != 0)
        return -1;
    lws_set_wsi_user(socket, (void *)(uintptr_t)file);
    lws_callback_on_writable(socket);
    return 0;
}

static int send_body(struct lws *socket, const page_file *file)
{
    message m;
    if (file == NULL || !message_new(&m, file->size, false))
        return -1;
    memcpy(m.bytes + LWS_PRE, file->bytes, file->size);
    const int sent = lws_write(socket, m.bytes + LWS_PRE, file->size, LWS_WRITE_HTTP_FINAL);
    message_free(&m);
    return sent < 0 || lws_http_transaction_completed(socket) ? -1 : 0;
}

static int on_http(struct lws *socket, enum lws_callback_reasons reason, void *user, void *in, size_t size)
{
    const server *s = lws_context_user(lws_get_context(socket));
    if (reason == LWS_CALLBACK_HTTP_WRITEABLE)
        return send_body(socket, user);
    if (reason == LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION) /* a socket that asks for no protocol of ours */
        return -1;
    if (reason != LWS_CALLBACK_HTTP)
        return lws_callback_http_dummy(socket, reason, user, in, size);
    const char *name = behind_token(s, in);
    if (!may_come(s, socket))
        return refuse(socket, HTTP_STATUS_FORBIDDEN, "This page is for this machine's own browser.");
    if (name == NULL)
        return refuse(socket, HTTP_STATUS_NOT_FOUND, "The address that px view printed has more to it.");
    for (size_t i = 0; i < sizeof page_files / sizeof *page_files; i++)
        if (strcmp(name, page_files[i].name) == 0)
            return send_file(socket, &page_files[i]);
    return refuse(socket, HTTP_STATUS_NOT_FOUND, "There is no such thing here.");
}

static uint32_t *new_pixels(void) { return malloc(sizeof(uint32_t) * PX_SHOWN_WIDTH * PX_SHOWN_HEIGHT); }

static int open_page(server *s, struct lws *socket, page *p)
{
    for (int i = 0; i < MOST_PAGES; i++)
        if (s->pages[i] == NULL) {
            *p = (page){.socket = socket, .server = s, .wants = true, .fresh = true, .has = new_pixels()};
            if (p->has == NULL)
                return -1;
            s->pages[i] = p;
            reply(p, px_tell_program(s->viewer));
            return 0;
        }
    return -1;
}

static void close_page(server *s, page *p)
{
    for (int i = 0; i < MOST_PAGES; i++)
        if (s->pages[i] == p)
            s->pages[i] = NULL;
    for (unsigned i = 0; i < s->wished; i++)
        if (s->wishes[i].from == p)
            s->wishes[i].from = NULL;
    for (unsigned i = 0; i < p->answers; i++)
        message_free(&p->answer[i]);
    p->answers = 0;
    message_free(&p->frame);
    free(p->has);
    p->has = NULL;
}

static int send_next(page *p)
{
    message *m = p->answers > 0 ? &p->answer[0] : &p->frame;
    if (p->answers == 0 && !p->frame_due)
        return 0;
    const int sent = lws_write(p->socket, m->bytes + LWS_PRE, m->size, m->text ? LWS_WRITE_TEXT : LWS_WRITE_BINARY);
    if (p->answers > 0) {
        message_free(m);
        memmove(p->answer, p->answer + 1, --p->answers * sizeof *p->answer);
        p->answer[p->answers] = (message){0};
    } else {
        p->frame_due = false;
    }
    if (p->answers > 0 || p->frame_due)
        lws_callback_on_writable(p->socket);
    return sent < 0 ? -1 : 0;
}

static int receive(page *p, const char *bytes, size_t size)
{
    if (size >= LINE - p->line_size || memchr(bytes, '\0', size) != NULL)
        return -1;
    memcpy(p->line + p->line_size, bytes, size);
    p->line_size += size;
    if (!lws_is_final_fragment(p->socket) || lws_remaining_packet_payload(p->socket) > 0)
        return 0;
    p->line[p->line_size] = '\0';
    p->line_size = 0;
    return take_line(p) ? 0 : -1;
}

static int on_socket(struct lws *socket, enum lws_callback_reasons reason, void *user, void *in, size_t size)
{
    server *s = lws_context_user(lws_get_context(socket));
    char path[TOKEN + 32] = "";
    switch (reason) {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        if (!may_come(s, socket) || lws_hdr_copy(socket, path, sizeof path, WSI_TOKEN_GET_URI) <= 0 ||
            behind_token(s, path) == NULL)
            return refuse(socket, HTTP_STATUS_FORBIDDEN, "This socket is for px view's own page.");
        return 0;
    case LWS_CALLBACK_ESTABLISHED:
        return open_page(s, socket, user);
    case LWS_CALLBACK_CLOSED:
        close_page(s, user);
        return 0;
    case LWS_CALLBACK_RECEIVE:
        return receive(user, in, size);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return send_next(user);
    default:
        return 0;
    }
}

/* ---- the loop ---- */

static void wake(lws_sorted_usec_list_t *timer) { (void)timer; }

static void look(server *s, double seconds)
{
    if (seconds > 0)
        lws_sul_schedule(s->context, 0, &s->timer, wake, (lws_usec_t)(seconds * 1e6));
    lws_service(s->context, seconds > 0 ? 0 : -1);
    s->looked = px_seconds();
}

/* While the machine runs, or waits for its host. */
static bool meanwhile(void *context, bool resting)
{
    server *s = context;
    if (resting) {
        s->viewer->version++;
        s->failed |= !make_frames(s, &s->error);
        look(s, slice / 2);
    } else if (px_seconds() - s->looked > look_every) {
        look(s, 0);
    }
    return s->urgent || s->failed || px_interrupted() || (resting && s->wished > 0);
}

/* Whether counts are wanted: where they are soon had, always. */
static bool watched(const server *s)
{
    for (int i = 0; i < MOST_PAGES; i++)
        if (s->pages[i] != NULL && s->pages[i]->window.layer != PX_LAYER_PICTURE)
            return true;
    return px_tape_about(s->viewer->debugger.tape).running < 1;
}

static bool step(server *s, px_error *error)
{
    char *answer = NULL;
    bool all = true;
    if (!s->viewer->running && watched(s) && !px_viewer_count(s->viewer, slice, &all, error))
        return false;
    look(s, s->viewer->running || !all || s->wished > 0 ? 0 : 0.1);
    if (!grant_wishes(s, error))
        return false;
    if (s->viewer->running && !px_viewer_slice(s->viewer, until_due(s), &answer, error))
        return false;
    if (answer != NULL)
        for (int i = 0; i < MOST_PAGES; i++)
            if (s->pages[i] != NULL)
                reply(s->pages[i], strdup(answer));
    free(answer);
    if (s->failed)
        *error = s->error;
    return !s->failed && make_frames(s, error);
}

static bool begin(server *s, uint32_t port, px_error *error)
{
    /* Of what is sent, libwebsockets gives the system no more at a time than of what is received, unless told. */
    static const struct lws_protocols protocols[] = {{"http", on_http, 0, 0, 0, NULL, AT_ONCE},
                                                     {"px-view", on_socket, sizeof(page), LINE, 0, NULL, AT_ONCE},
                                                     {NULL, NULL, 0, 0, 0, NULL, 0}};
    /* With IPv6 in it, libwebsockets takes this interface for all. */
    const struct lws_context_creation_info info = {.port = (int)port,
                                                   .iface = "127.0.0.1",
                                                   .protocols = protocols,
                                                   .user = s,
                                                   .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                                                              LWS_SERVER_OPTION_DISABLE_IPV6 |
                                                              LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND};
    uint8_t chance[TOKEN / 2];
    if (getrandom(chance, sizeof chance, 0) != (ssize_t)sizeof chance)
        return px_fail(error, PX_E_SYSTEM, "no random numbers for the address of the page");
    for (size_t i = 0; i < sizeof chance; i++)
        snprintf(s->token + 2 * i, 3, "%02x", chance[i]);
    lws_set_log_level(0, NULL);
    s->context = lws_create_context(&info);
    struct lws_vhost *host = s->context != NULL ? lws_create_vhost(s->context, &info) : NULL;
    if (host == NULL)
        return px_fail(error, PX_E_SYSTEM,
                       port != 0 ? "port %u of 127.0.0.1 cannot be had: somebody else has it, or "
                                   "it may not be yours; without --port a free one is taken"
                                 : "no port of 127.0.0.1 can be had",
                       (unsigned)port);
    s->port = lws_get_vhost_listen_port(host);
    return true;
}

bool px_view_serve(px_viewer *v, uint32_t port, px_error *error)
{
    server *s = calloc(1, sizeof *s);
    if (s == NULL || (s->pixels = new_pixels()) == NULL) {
        free(s);
        return px_fail(error, PX_E_SYSTEM, "no memory for a server");
    }
    s->viewer = v;
    bool ok = begin(s, port, error);
    if (ok) {
        v->meanwhile = meanwhile;
        v->context = s;
        printf("http://127.0.0.1:%d/%s/\n", s->port, s->token);
        fflush(stdout);
    }
    while (ok && !px_interrupted())
        ok = step(s, error);
    v->meanwhile = NULL;
    if (s->context != NULL)
        lws_context_destroy(s->context);
    free(s->pixels);
    free(s);
    return ok;
}
