/* relations.c - how a process ends, and who is whose: parents, children, those that wait for each other. */
#include "os/kernel/kernel.h"

/* The slot is free, and all of its column 0. */
void forget(unsigned who)
{
    static const uint32_t nothing;
    px_vl(OS_PROCESS_RUNS);
    px_copys(t.run[0] + who, pitch, &nothing, 0);
}

/* Nobody will ask for the children of one that has ended. */
static void leave_children(uint32_t pid)
{
    px_vl(columns);
    px_vseq_vx(t.scratch, t.parent, pid);
    if (px_sum(t.scratch) == 0)
        return;
    px_fill(t.other, 0);
    px_select(t.parent, t.other, t.scratch);
    px_vseq_vx(t.other, t.state, ENDED);
    px_vand_vv(t.scratch, t.scratch, t.other);
    for (uint32_t ended = px_sum(t.scratch); ended > 0; ended--) {
        px_vl(columns);
        const unsigned who = px_argmax(t.scratch);
        t.scratch[who] = 0;
        forget(who);
    }
}

/* Who has a message for one that has ended asks again, and is told. */
static void leave_senders(uint32_t pid)
{
    px_vl(columns);
    px_vseq_vx(t.scratch, t.peer, pid);
    px_vseq_vx(t.other, t.reason, FOR_RECEIVER);
    px_vand_vv(t.scratch, t.scratch, t.other);
    wake_those(t.scratch);
}

void end_process(unsigned who, uint32_t how, uint32_t status, uint32_t value)
{
    const uint32_t pid = t.pid[who];
    if (pid == 1)
        shut_down(how == PXO_EXITED ? status : 128 + status);
    t.how[who] = how;
    t.status[who] = status;
    t.value[who] = value;
    t.reason[who] = FOR_NOTHING;
    t.state[who] = ENDED;
    for (unsigned h = 0; h < HANDLES; h++) {
        const uint32_t handle = t.handle[h][who];
        t.handle[h][who] = NO_HANDLE;
        handle_left(handle);
    }
    if (OS_EVENTS > 0)
        display_left(pid);
    leave_children(pid);
    leave_senders(pid);
    const unsigned parent = column_of(t.parent[who]);
    if (parent == columns) {
        forget(who);
    } else if (t.reason[parent] == FOR_CHILD) {
        t.state[parent] = READY;
        t.reason[parent] = FOR_NOTHING;
    }
}

/* Who waits for a process that nobody else will move, the youngest first, has waited long enough. Process 1 is the
 * last.
 */
void end_stuck(void)
{
    unsigned stuck = columns;
    for (unsigned who = 0; who < columns; who++)
        if (t.state[who] == BLOCKED && t.reason[who] >= FOR_MESSAGE && (stuck == columns || t.pid[who] > t.pid[stuck]))
            stuck = who;
    if (stuck == columns)
        stuck = column_of(1);
    end_process(stuck, PXO_KILLED, 0, 0);
}

/* vl is columns, as it stays. */
void wake_those(const uint32_t *of)
{
    px_fill(t.other, READY);
    px_select(t.state, t.other, of);
    px_fill(t.other, FOR_NOTHING);
    px_select(t.reason, t.other, of);
}

void wake(uint32_t reason)
{
    uint32_t *const those = t.scratch;
    px_vl(columns);
    px_vseq_vx(those, t.reason, reason);
    if (px_sum(those) > 0)
        wake_those(those);
}

bool is_above(uint32_t pid, unsigned who)
{
    for (; who != columns; who = column_of(t.parent[who]))
        if (t.parent[who] == pid)
            return true;
    return pid == 1;
}

unsigned ended_child(uint32_t parent, uint32_t which, bool *any)
{
    if (which != 0) {
        const unsigned child = column_of(which);
        *any = child != columns && t.parent[child] == parent;
        return *any && t.state[child] == ENDED ? child : columns;
    }
    px_vl(columns);
    px_vseq_vx(t.scratch, t.parent, parent);
    *any = px_sum(t.scratch) > 0;
    px_vseq_vx(t.other, t.state, ENDED);
    px_vand_vv(t.scratch, t.scratch, t.other);
    const unsigned who = px_argmax(t.scratch);
    return t.scratch[who] != 0 ? who : columns;
}
