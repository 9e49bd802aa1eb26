/* many.c - what many processes ask for in the same round is served with the same instructions. The callers are a list;
 * checks are compares of all of them, PACK leaves those that are right, and these are served. Whatever is not as most
 * are, is left for serve.c to serve one by one. */
#include "os/kernel/many.h"

enum { RUN = 4096 }; /* bytes that go to or from a file at once */

/* ---- words in the slots ---- */

void get_words(uint32_t *word, const uint32_t *at) { px_gather(word, slots, slot_pixels, at); }

static uint32_t step; /* from each place that is written next to the one behind it; 0: they do not lie so */

/* Looks at the places, for what is then put there, and into the words behind each. Processes of one program side by
 * side ask at equal steps, and COPYS costs a tenth of SCATADD on the core. */
void aim(const uint32_t *at)
{
    const uint32_t count = px_get_vl(), by = count < 2 ? 0 : at[1] - at[0];
    px_iota(t.old, at[0], by);
    px_vseq_vv(t.old, t.old, at);
    step = (int32_t)by > 0 && px_sum(t.old) == count ? by : 0;
}

/* Words of a run become others; no two are the same. By their differences, since there is no scatter but SCATADD. */
void put_at(uint32_t *run, uint32_t length, const uint32_t *at, const uint32_t *word)
{
    if (step > 0) {
        px_copys(run + at[0], step, word, 1);
        return;
    }
    px_gather(t.old, run, length, at);
    px_vsub_vv(t.old, word, t.old);
    px_scatadd(run, length, t.old, at);
}

static void put_word(const uint32_t *at, const uint32_t *word) { put_at(slots, slot_pixels, at, word); }

void put_words(uint32_t *at, const uint32_t *word)
{
    put_word(at, word);
    px_vadd_vx(at, at, 1);
}

/* Answers those in these columns, who are WAITING. */
void answer_many(const uint32_t *who, const uint32_t *answer)
{
    px_gather(t.index, t.where, columns, who);
    px_vadd_vx(t.index, t.index, SAVED_VALUE);
    get_words(t.word, t.index);
    px_fill(t.other, 0);
    aim(t.index);
    put_word(t.index, t.other);
    px_vadd_vx(t.index, t.index, SAVED_STATUS - SAVED_VALUE);
    put_word(t.index, t.other);
    px_vadd_vv(t.index, t.index, t.word);
    px_vadd_vx(t.index, t.index, SAVED_REG - SAVED_STATUS);
    aim(t.index);
    put_word(t.index, answer);
}

/* ---- lists of callers ---- */

/* Those of the `count` that ask for this and are not yet served: which they are, their columns and requests, their
 * pictures' lengths and what is right of them so far, all of it. Returns how many, which is vl then; 0: too few. */
uint32_t list_callers(uint32_t count, uint32_t kind)
{
    px_vl(count);
    px_vshr_vx(t.good, t.request, 24);
    px_vseq_vx(t.good, t.good, kind);
    px_vand_vv(t.good, t.good, t.left);
    const uint32_t some = px_sum(t.good);
    if (some < OS_MANY)
        return 0;
    px_pack(t.some, t.column, t.good);
    px_vl(some);
    px_gather(t.caller, t.who, count, t.some);
    px_gather(t.bytes_of, t.bytes, columns, t.caller);
    px_fill(t.good, 1);
    return some;
}

/* Who has something that is not 0 there is not good; who has 0 there. */
void refuse(const uint32_t *bad) { px_vsltu_vv(t.good, bad, t.good); }
void demand(const uint32_t *right) { px_vand_vv(t.good, t.good, right); }

/* Keeps those of run that are good; all that a handler keeps must go through this. */
void keep(uint32_t *run) { px_pack(run, run, t.good); }

/* Words from `at` on, by byte address: they are aligned and in the picture, or the caller is not good. Becomes where
 * that is in the slots. No picture is shorter than `bytes`. */
void check_words(uint32_t *at, uint32_t bytes)
{
    px_vand_vx(t.word, at, 3);
    refuse(t.word);
    px_vsub_vx(t.word, t.bytes_of, bytes - 1);
    px_vsltu_vv(t.word, at, t.word);
    demand(t.word);
    px_gather(t.word, t.image, columns, t.caller);
    px_vadd_vv(at, at, t.word);
    px_vshr_vx(at, at, 2);
    px_vsub_vx(at, at, PXO_ADDRESS(slots) >> 2);
}

/* Those of the list are served; who is `known` has an answer. */
void served(uint32_t count, const uint32_t *answer, const uint32_t *known)
{
    aim(t.some);
    put_at(t.answer, count, t.some, answer);
    put_at(t.answered, count, t.some, known);
    px_fill(t.word, 0);
    put_at(t.left, count, t.some, t.word);
    px_fill(t.word, 1);
    put_at(t.served, count, t.some, t.word);
}

/* Who is 1 in `those`, of the list's, waits for this. */
static void wait_for(const uint32_t *those, uint32_t *reason)
{
    px_scatadd(t.state, columns, those, t.caller);
    px_vmul_vv(reason, reason, those);
    px_scatadd(t.reason, columns, reason, t.caller);
}

/* ---- calls ---- */

/* What needs nothing but the table. */
static void serve_quick(uint32_t count)
{
    px_vl(count);
    px_vseq_vx(t.answer, t.request, PXH_REQUEST(PXO_GETPID, 0));
    px_vseq_vx(t.answered, t.request, PXH_REQUEST(PXH_YIELD, 0));
    px_vor_vv(t.answered, t.answered, t.answer);
    px_vand_vv(t.answered, t.answered, t.left);
    px_vmul_vv(t.answer, t.answer, t.number);
    px_vsub_vv(t.left, t.left, t.answered);
    px_vor_vx(t.served, t.answered, 0);
}

/* PROCESS: *number, parent, state, instructions, name*, word after word, each of all callers at once. */
static void tell_processes(uint32_t count)
{
    const uint32_t *const attributes[] = {t.pid, t.parent, t.state, t.used};
    const uint32_t some = list_callers(count, PXO_PROCESS);
    if (some == 0)
        return;
    px_gather(t.from, t.argument, count, t.some);
    check_words(t.from, sizeof(pxo_process));
    px_gather(t.place, t.request, count, t.some);
    px_vand_vx(t.place, t.place, 0xFFFFFF);
    px_gather(t.count, t.pid, columns, t.caller);
    px_vseq_vx(t.word, t.place, 0);
    px_vmul_vv(t.count, t.count, t.word);
    px_vadd_vv(t.place, t.place, t.count); /* 0 is the caller */
    px_vand_vx(t.index, t.place, seat_mask);
    px_gather(t.index, seats, seat_mask + 1, t.index);
    px_gather(t.word, t.pid, columns, t.index);
    px_vseq_vv(t.word, t.word, t.place);
    demand(t.word);
    keep(t.some), keep(t.from), keep(t.index);
    px_vl(px_sum(t.good));
    aim(t.from);
    for (unsigned k = 0; k < sizeof attributes / sizeof *attributes; k++) {
        px_gather(t.word, attributes[k], columns, t.index);
        put_words(t.from, t.word);
    }
    px_gather(t.index, t.program, columns, t.index);
    for (unsigned k = 0; k < OS_NAME_WORDS; k++) {
        px_gather(t.word, px_image(map->names >> 2) + k * map->programs, map->programs, t.index);
        put_words(t.from, t.word);
    }
    px_fill(t.place, 0);
    px_fill(t.good, 1);
    served(count, t.place, t.good);
}

/* A message waits for its receiver, a receiver for its message: deliver_many brings them together. Who looks whether
 * there is one (NOW), and who has one for itself or nobody, is left. */
static void list_messages(uint32_t count, uint32_t kind)
{
    if (list_callers(count, kind) == 0)
        return;
    px_gather(t.from, t.argument, count, t.some);
    check_words(t.from, 4 * PXO_MESSAGE_WORDS);
    px_gather(t.place, t.request, count, t.some);
    px_vand_vx(t.place, t.place, 0xFFFFFF);
    px_vseq_vx(t.word, t.place, 0);
    if (kind == PXO_TAKE) {
        demand(t.word);
    } else {
        refuse(t.word);
        px_vand_vx(t.index, t.place, seat_mask);
        px_gather(t.index, seats, seat_mask + 1, t.index);
        px_vseq_vv(t.word, t.index, t.caller);
        refuse(t.word);
        px_gather(t.word, t.pid, columns, t.index);
        px_vseq_vv(t.word, t.word, t.place);
        demand(t.word);
        px_gather(t.index, t.state, columns, t.index);
        px_vseq_vx(t.word, t.index, ENDED);
        refuse(t.word);
    }
    keep(t.some), keep(t.caller), keep(t.from), keep(t.place);
    const uint32_t some = px_sum(t.good);
    px_vl(some);
    aim(t.caller);
    put_at(t.peer, columns, t.caller, t.place);
    put_at(t.block, columns, t.caller, t.from);
    px_iota(t.place, next_turns(some), 1);
    put_at(t.since, columns, t.caller, t.place);
    px_fill(t.good, 1);
    px_fill(t.place, kind == PXO_TAKE ? FOR_MESSAGE : FOR_RECEIVER);
    wait_for(t.good, t.place);
    px_fill(t.good, 0);
    px_fill(t.place, 0);
    served(count, t.place, t.good);
}

/* ---- pipes and files ---- */

/* What is open of each as its handle, which is below HANDLES or the caller is not good; becomes that. */
void look_up(uint32_t *handle)
{
    px_vsltu_vx(t.word, handle, HANDLES);
    demand(t.word);
    px_vmul_vx(handle, handle, pitch);
    px_vadd_vv(handle, handle, t.caller);
    px_gather(handle, t.handle[0], HANDLES * pitch, handle);
}

/* READ or WRITE of pipes: lists who asks, for which pipe, where the bytes are and how many. Who has not whole words, or
 * none, is left. */
static uint32_t list_transfers(uint32_t count, bool writes)
{
    const uint32_t some = list_callers(count, writes ? PXH_WRITE : PXH_READ);
    if (some == 0)
        return 0;
    px_gather(t.pipe, t.request, count, t.some);
    px_vand_vx(t.pipe, t.pipe, 0xFFFFFF);
    look_up(t.pipe);
    px_vsub_vx(t.pipe, t.pipe, PIPE_HANDLES + writes);
    px_vsltu_vx(t.word, t.pipe, 2 * map->pipes);
    demand(t.word);
    px_vand_vx(t.word, t.pipe, 1);
    refuse(t.word);
    px_vshr_vx(t.pipe, t.pipe, 1);
    px_gather(t.index, t.argument, count, t.some);
    check_words(t.index, 8);
    get_words(t.from, t.index);
    px_vadd_vx(t.index, t.index, 1);
    get_words(t.count, t.index);
    return some;
}

void check_bytes(uint32_t *at, const uint32_t *count)
{
    px_vsltu_vv(t.word, t.bytes_of, count);
    refuse(t.word);
    px_vsub_vv(t.word, t.bytes_of, count);
    px_vsltu_vv(t.word, t.word, at);
    refuse(t.word);
    px_gather(t.word, t.image, columns, t.caller);
    px_vadd_vv(at, at, t.word);
}

/* The bytes are words of the caller's picture. `from` becomes their pixel address. */
static void check_transfers(void)
{
    px_vor_vv(t.word, t.from, t.count);
    px_vand_vx(t.word, t.word, 3);
    px_vsltu_vx(t.word, t.word, 1);
    demand(t.word);
    px_vseq_vx(t.word, t.count, 0);
    refuse(t.word);
    check_bytes(t.from, t.count);
    px_vshr_vx(t.from, t.from, 2);
}

/* How many bytes it can be now, and where in the pipe: words that lie together, of a pipe that nobody else asks for in
 * this round and whose other end somebody has. */
static void find_places(bool writes)
{
    px_gather(t.place, p.head, map->pipes, t.pipe);
    px_gather(t.word, p.filled, map->pipes, t.pipe);
    if (writes) {
        px_vadd_vv(t.place, t.place, t.word);
        px_vand_vx(t.place, t.place, PIPE_ROOM - 1);
        px_fill(t.index, PIPE_ROOM);
        px_vsub_vv(t.word, t.index, t.word);
    }
    px_vmin_vv(t.count, t.count, t.word);
    px_vor_vv(t.word, t.place, t.count);
    px_vand_vx(t.word, t.word, 3);
    px_vsltu_vx(t.word, t.word, 1);
    demand(t.word);
    px_vadd_vv(t.word, t.place, t.count);
    px_vsltu_vx(t.word, t.word, PIPE_ROOM + 1);
    demand(t.word);
    px_gather(t.word, writes ? p.readers : p.writers, map->pipes, t.pipe);
    px_vseq_vx(t.word, t.word, 0);
    refuse(t.word);
    px_scatadd(p.claims, map->pipes, t.good, t.pipe);
    px_gather(t.word, p.claims, map->pipes, t.pipe);
    px_vseq_vx(t.word, t.word, 1);
    demand(t.word);
}

static void clear_claims(void)
{
    px_vl(map->pipes);
    px_fill(p.claims, 0);
}

static void move_bytes(uint32_t some, bool writes)
{
    const uint32_t *const to = writes ? t.place : t.from, *const from = writes ? t.from : t.place,
                          *const count = t.count;
    for (uint32_t i = 0; i < some; i++) {
        px_vl(count[i] >> 2);
        px_vor_vx(px_image(to[i]), px_image(from[i]), 0);
    }
    px_vl(some);
}

/* What is in the pipes now. */
static void account(bool writes)
{
    px_fill(t.word, 0);
    px_vsub_vv(t.word, t.word, t.count);
    px_scatadd(p.filled, map->pipes, writes ? t.count : t.word, t.pipe);
    if (writes)
        return;
    px_vadd_vv(t.word, t.place, t.count);
    px_vand_vx(t.word, t.word, PIPE_ROOM - 1);
    aim(t.pipe);
    put_at(p.head, map->pipes, t.pipe, t.word);
}

/* Who waits for a pipe that was moved is asked again. */
static void wake_ends(uint32_t some, const uint32_t *moved)
{
    px_scatadd(p.claims, map->pipes, moved, t.pipe);
    px_vl(columns);
    px_vsub_vx(t.scratch, t.reason, FOR_PIPE);
    px_gather(t.scratch, p.claims, map->pipes, t.scratch);
    wake_those(t.scratch);
    clear_claims();
    px_vl(some);
}

/* False: nobody asks for it, of pipes or files. */
static bool move_in_pipes(uint32_t count, bool writes)
{
    if (list_transfers(count, writes) == 0)
        return false;
    check_transfers();
    find_places(writes);
    keep(t.some), keep(t.caller), keep(t.from), keep(t.count), keep(t.pipe), keep(t.place);
    const uint32_t some = px_sum(t.good);
    clear_claims();
    px_vl(some);
    account(writes);
    px_vshr_vx(t.place, t.place, 2);
    px_vmul_vx(t.index, t.pipe, PIPE_ROOM / 4);
    px_vadd_vv(t.place, t.place, t.index);
    px_vadd_vx(t.place, t.place, map->pipe_bytes >> 2);
    move_bytes(some, writes);
    px_vseq_vx(t.good, t.count, 0); /* these wait */
    px_vadd_vx(t.place, t.pipe, FOR_PIPE);
    wait_for(t.good, t.place);
    px_vxor_vx(t.good, t.good, 1);
    wake_ends(some, t.good);
    served(count, t.count, t.good);
    return true;
}

/* READ or WRITE of files, at an offset or at the handle's place: lists who asks, what is open, the place in it, where
 * the bytes are and how many. */
static uint32_t list_files(uint32_t count, bool writes, bool at)
{
    if (list_callers(count, writes ? PXH_WRITE : PXH_READ) == 0)
        return 0;
    px_gather(t.pipe, t.request, count, t.some);
    px_vand_vx(t.word, t.pipe, 0xFF0000);
    px_vseq_vx(t.word, t.word, at ? PXH_AT : 0);
    demand(t.word);
    px_vand_vx(t.pipe, t.pipe, 0xFFFF);
    look_up(t.pipe);
    px_vshr_vx(t.word, t.pipe, 31); /* a file's */
    demand(t.word);
    px_gather(t.index, t.argument, count, t.some);
    check_words(t.index, at ? 16 : 8);
    uint32_t *const words[] = {t.from, t.count, t.place, t.word};
    for (unsigned k = 0; k < (at ? 4 : 2); k++) {
        get_words(words[k], t.index);
        px_vadd_vx(t.index, t.index, 1);
    }
    if (at)
        refuse(t.word);
    check_transfers();
    keep(t.some), keep(t.from), keep(t.count), keep(t.pipe), keep(t.place);
    return px_sum(t.good);
}

/* Who is good of the list is to be served by itself, and so is the first of it. */
void leave_alone(uint32_t count)
{
    t.good[0] = 1;
    keep(t.some);
    px_vl(px_sum(t.good));
    px_fill(t.word, 0);
    aim(t.some);
    put_at(t.left, count, t.some, t.word);
}

/* Who reads or writes words of the piece of a file that the first of the list does. In their order: where two write the
 * same, the last one's stays. False: these are too few. */
static bool move_in_piece(uint32_t count, uint32_t some, bool writes)
{
    uint8_t *piece;
    uint32_t begin;
    const uint32_t open = t.pipe[0], offset = t.place[0];
    const int32_t bytes = file_peek(open, offset, writes, &piece, &begin);
    px_vl(some);
    px_vseq_vx(t.good, t.pipe, open);
    if (bytes <= 0)
        return false;
    px_vsub_vx(t.place, t.place, begin);
    px_vand_vx(t.word, t.place, 3);
    refuse(t.word);
    px_vsltu_vx(t.word, t.place, (uint32_t)bytes);
    demand(t.word);
    px_vadd_vv(t.word, t.place, t.count);
    px_vsltu_vx(t.word, t.word, (uint32_t)bytes + 1);
    demand(t.word);
    const uint32_t left = px_sum(t.good);
    if (left < OS_MANY)
        return false;
    keep(t.some), keep(t.from), keep(t.count), keep(t.place);
    px_vl(left);
    px_vadd_vv(t.word, t.place, t.count);
    const uint32_t end = begin + (uint32_t)px_rmax(t.word);
    px_vshr_vx(t.place, t.place, 2);
    px_vadd_vx(t.place, t.place, PXO_ADDRESS(piece) >> 2);
    move_bytes(left, writes);
    const int32_t wrong = writes ? file_poke(open, offset, end) : 0;
    px_vl(left);
    px_fill(t.good, 1);
    if (wrong == 0)
        served(count, t.count, t.good);
    return wrong == 0;
}

/* Of these bytes of a run, so many callers have some, whose first ones are in t.index; the last has what is left. */
static uint32_t share_out(uint32_t some, uint32_t bytes)
{
    while (t.index[some - 1] >= bytes)
        some--;
    const uint32_t left = bytes - t.index[some - 1];
    if (t.count[some - 1] > left)
        t.count[some - 1] = left;
    return some;
}

/* What is no word of the last one's bytes. */
static void move_rest(uint32_t last)
{
    const uint32_t words = t.count[last] >> 2;
    memcpy(px_image(t.from[last] + words), px_image(t.place[last] + words), t.count[last] & 3);
}

/* At the place of a handle that several share: side by side in the file, in their order, so that they are one transfer
 * of the file system's. Who comes behind what that has moved, asks by itself. False: these are too few. */
static bool move_as_run(uint32_t count, bool writes)
{
    static uint32_t run[RUN / 4];
    const uint32_t open = t.pipe[0];
    px_vseq_vx(t.good, t.pipe, open);
    const uint32_t some = px_sum(t.good);
    if (some < OS_MANY)
        return false;
    keep(t.some), keep(t.from), keep(t.count);
    px_vl(some);
    px_vmin_vx(t.word, t.count, RUN + 1); /* so that no sum wraps */
    px_scanadd(t.index, t.word, 0);
    px_vadd_vv(t.word, t.word, t.index);
    px_vsltu_vx(t.good, t.word, RUN + 1);
    uint32_t left = px_sum(t.good);
    px_vl(left);
    const uint32_t bytes = left < OS_MANY ? 0 : t.index[left - 1] + t.count[left - 1];
    px_vshr_vx(t.place, t.index, 2);
    px_vadd_vx(t.place, t.place, PXO_ADDRESS(run) >> 2);
    if (writes)
        move_bytes(left, true);
    const bool can = bytes > 0 && (!writes || file_has_room(open, bytes)); /* who is told FULL has asked by itself */
    const int32_t moved = can ? file_move(open, writes, NULL, (uint8_t *)run, bytes) : 0;
    if (moved > 0)
        left = share_out(left, (uint32_t)moved);
    px_vl(moved > 0 ? left : some); /* none is served before another that comes first */
    px_fill(t.good, 1);
    if (moved <= 0)
        return false;
    if (!writes) {
        move_bytes(left, false);
        move_rest(left - 1);
    }
    served(count, t.count, t.good);
    return true;
}

/* READ and WRITE of files: piece after piece, run after run, until what is left is not worth it. */
static void move_files(uint32_t count, bool writes)
{
    for (unsigned at = 0; at < 2; at++)
        for (unsigned missed = 0; missed < MISSES;) {
            const uint32_t some = list_files(count, writes, at != 0);
            if (some < OS_MANY)
                break;
            px_vl(some);
            if (!(at != 0 ? move_in_piece(count, some, writes) : move_as_run(count, writes))) {
                leave_alone(count);
                missed++;
            }
        }
}

/* Serves whom it can of the `count` in t.who; returns how many are left, whose columns are in t.alone. */
uint32_t serve_many(uint32_t count)
{
    serve_quick(count);
    if (px_sum(t.left) >= OS_MANY) {
        tell_processes(count);
        tell_files(count);
        for (unsigned writes = 0; writes < 2; writes++)
            if (move_in_pipes(count, writes != 0))
                move_files(count, writes != 0);
        list_messages(count, PXO_POST);
        list_messages(count, PXO_TAKE);
        deliver_many();
    }
    px_vl(count);
    const uint32_t answered = px_sum(t.answered);
    px_vsub_vx(t.left, t.served, 1); /* not 0: who is left */
    const uint32_t left = (uint32_t)(px_pack(t.alone, t.who, t.left) - (px_pixel *)t.alone);
    px_pack(t.caller, t.who, t.answered);
    px_pack(t.count, t.answer, t.answered);
    px_vl(answered);
    answer_many(t.caller, t.count);
    return left;
}
