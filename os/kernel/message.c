/* message.c - messages: four words from one process to another. Nothing is kept between: a sender waits until its
 * message was taken, and the words go from one picture to the other. */
#include "os/kernel/kernel.h"

static void deliver(unsigned sender, unsigned receiver)
{
    px_vl(PXO_MESSAGE_WORDS);
    px_vor_vx(slots + t.block[receiver], slots + t.block[sender], 0);
}

/* A number of turns, one behind the other: who has the least has waited longest. */
uint32_t next_turns(uint32_t count)
{
    static uint32_t next;
    const uint32_t turn = next;
    next = (next + count) & 0x3FFFFFFF;
    return turn;
}

static uint32_t place_of(const uint32_t *block) { return (uint32_t)((const px_pixel *)block - slots); }

static void is_ready(unsigned who, int32_t answer)
{
    t.state[who] = READY;
    t.reason[who] = FOR_NOTHING;
    answer_to(who, answer);
}

/* Of those that have a message for it, who has waited longest; columns: nobody. */
static unsigned first_sender(uint32_t receiver)
{
    px_vl(columns);
    px_vseq_vx(t.scratch, t.peer, receiver);
    px_vseq_vx(t.other, t.reason, FOR_RECEIVER);
    px_vand_vv(t.scratch, t.scratch, t.other);
    px_fill(t.other, INT32_MAX);
    px_select(t.other, t.since, t.scratch);
    const unsigned who = px_argmin(t.other);
    return t.scratch[who] != 0 ? who : columns;
}

int32_t take(unsigned who, uint32_t *block)
{
    const unsigned sender = first_sender(t.pid[who]);
    t.block[who] = place_of(block);
    if (sender == columns)
        return WAITS;
    deliver(sender, who);
    is_ready(sender, 0);
    return (int32_t)t.pid[sender];
}

int32_t post(unsigned who, uint32_t to, const uint32_t *block)
{
    const unsigned receiver = column_of(to);
    if (receiver == columns || t.state[receiver] == ENDED)
        return PXH_E_ABSENT;
    if (receiver == who)
        return PXH_E_INVALID;
    t.block[who] = place_of(block);
    t.peer[who] = to;
    t.since[who] = next_turns(1);
    if (t.reason[receiver] != FOR_MESSAGE)
        return waits_for(who, FOR_RECEIVER);
    deliver(who, receiver);
    is_ready(receiver, (int32_t)t.pid[who]);
    return 0;
}

/* The words of those that are the only one for their receiver, side by side. vl: how many; t.caller and t.from are
 * these, t.place and t.count their receivers. */
static void deliver_pairs(void)
{
    px_gather(t.from, t.block, columns, t.caller);
    px_gather(t.count, t.block, columns, t.place);
    aim(t.count);
    for (unsigned k = 0; k < PXO_MESSAGE_WORDS; k++) {
        px_gather(t.word, slots, slot_pixels, t.from);
        put_words(t.count, t.word);
        px_vadd_vx(t.from, t.from, 1);
    }
    px_fill(t.count, 0);
    answer_many(t.caller, t.count);
    px_gather(t.count, t.pid, columns, t.caller);
    answer_many(t.place, t.count);
    px_fill(t.count, READY - BLOCKED);
    px_scatadd(t.state, columns, t.count, t.caller);
    px_scatadd(t.state, columns, t.count, t.place);
    px_fill(t.count, -(uint32_t)FOR_RECEIVER);
    px_scatadd(t.reason, columns, t.count, t.caller);
    px_fill(t.count, -(uint32_t)FOR_MESSAGE);
    px_scatadd(t.reason, columns, t.count, t.place);
}

/* Lists all pairs of a message and a receiver that waits for it. How many messages each receiver has is in t.scratch.
 */
static uint32_t list_pairs(void)
{
    px_vl(columns);
    px_vseq_vx(t.other, t.reason, FOR_RECEIVER);
    const uint32_t senders = px_sum(t.other);
    px_pack(t.caller, t.column, t.other);
    px_vseq_vx(t.other, t.reason, FOR_MESSAGE);
    px_fill(t.scratch, 0);
    px_vl(senders);
    px_gather(t.place, t.peer, columns, t.caller);
    px_vand_vx(t.place, t.place, seat_mask);
    px_gather(t.place, seats, seat_mask + 1, t.place);
    px_gather(t.good, t.other, columns, t.place);
    px_scatadd(t.scratch, columns, t.good, t.place);
    return senders;
}

void deliver_many(void)
{
    if (list_pairs() == 0)
        return;
    px_gather(t.word, t.scratch, columns, t.place);
    px_vseq_vx(t.word, t.word, 1);
    px_vand_vv(t.good, t.good, t.word);
    px_pack(t.caller, t.caller, t.good);
    px_pack(t.place, t.place, t.good);
    px_vl(px_sum(t.good));
    deliver_pairs();
    px_vl(columns);
    px_vsltu_vx(t.several, t.scratch, 2);
    px_vxor_vx(t.several, t.several, 1); /* for one receiver: it takes the first */
    for (uint32_t left = px_sum(t.several); left > 0; left--) {
        px_vl(columns);
        const unsigned receiver = px_argmax(t.several), sender = first_sender(t.pid[receiver]);
        t.several[receiver] = 0;
        deliver(sender, receiver);
        is_ready(sender, 0);
        is_ready(receiver, (int32_t)t.pid[sender]);
    }
}
