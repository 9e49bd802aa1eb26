/* vm.c - a byte-code machine, once by a switch and once by labels as values. */
#include "tests/cc/say.h"

enum { PUSH, ADD, SUB, MUL, DUP, SWAP, OVER, DROP, JNZ, STORE, LOAD, LESS, END };

/* Collatz lengths of 1 to 60, summed. */
static const signed char code[] = {PUSH,   0, STORE, 1,    PUSH, 1,     STORE,   0,        /* 0: sum, n */
                                   LOAD,   0, STORE, 2,                                    /* 8: x = n */
                                   LOAD,   1, PUSH,  1,    ADD,  STORE, 1,                 /* 12: sum++ */
                                   LOAD,   2, DUP,   PUSH, 2,    STORE, 3,       STORE, 4, /* 19 */
                                   LOAD,   4, LOAD,  4,    LOAD, 4,     PUSH,    3,     MUL,   ADD, SWAP, DROP, /* 28 */
                                   STORE,  5, DROP,                                                             /* 40 */
                                   LOAD,   2, PUSH,  3,    MUL,  PUSH,  1,       ADD,   STORE, 2,               /* 43 */
                                   LOAD,   2, PUSH,  100,  LESS, JNZ,   12 - 60, /* 53: while x < 100 */
                                   LOAD,   0, PUSH,  1,    ADD,  DUP,   STORE,   0,     PUSH,  60,  LESS, JNZ,
                                   8 - 73, /* 60 */
                                   END};

static int memory[8];

static int by_switch(void)
{
    int stack[32], *top = stack, kept, steps = 0;
    for (const signed char *pc = code;; steps++)
        switch (*pc++) {
        case PUSH:
            *top++ = *pc++;
            break;
        case ADD:
            top--;
            top[-1] += *top;
            break;
        case SUB:
            top--;
            top[-1] -= *top;
            break;
        case MUL:
            top--;
            top[-1] *= *top;
            break;
        case DUP:
            *top = top[-1];
            top++;
            break;
        case SWAP:
            kept = top[-1];
            top[-1] = top[-2];
            top[-2] = kept;
            break;
        case OVER:
            *top = top[-2];
            top++;
            break;
        case DROP:
            top--;
            break;
        case JNZ:
            pc += *--top ? *pc + 1 : 1;
            break;
        case STORE:
            memory[*pc++] = *--top;
            break;
        case LOAD:
            *top++ = memory[*pc++];
            break;
        case LESS:
            top--;
            top[-1] = top[-1] < *top;
            break;
        default:
            return steps;
        }
}

static int by_labels(void)
{
    static const void *const labels[] = {&&push, &&add, &&sub,   &&mul,  &&dup,  &&swap, &&over,
                                         &&drop, &&jnz, &&store, &&load, &&less, &&end};
    int stack[32], *top = stack, kept, steps = -1;
    const signed char *pc = code;
#define NEXT                                                                                                           \
    do {                                                                                                               \
        steps++;                                                                                                       \
        goto *labels[*pc++];                                                                                           \
    } while (0)
    NEXT;
push:
    *top++ = *pc++;
    NEXT;
add:
    top--;
    top[-1] += *top;
    NEXT;
sub:
    top--;
    top[-1] -= *top;
    NEXT;
mul:
    top--;
    top[-1] *= *top;
    NEXT;
dup:
    *top = top[-1];
    top++;
    NEXT;
swap:
    kept = top[-1];
    top[-1] = top[-2];
    top[-2] = kept;
    NEXT;
over:
    *top = top[-2];
    top++;
    NEXT;
drop:
    top--;
    NEXT;
jnz:
    pc += *--top ? *pc + 1 : 1;
    NEXT;
store:
    memory[*pc++] = *--top;
    NEXT;
load:
    *top++ = memory[*pc++];
    NEXT;
less:
    top--;
    top[-1] = top[-1] < *top;
    NEXT;
end:
    return steps;
}

int main(void)
{
    uint32_t sum = 0;
    for (int round = 0; round < 12; round++) {
        const int a = by_switch();
        sum = mixed(sum, (uint32_t)(a + memory[1]));
        const int b = by_labels();
        sum = mixed(sum, (uint32_t)(b * 3 + memory[2]));
        if (round == 0)
            say("%d %d %d\n", a, b, memory[1]);
    }
    say("%x\n", sum);
    return 0;
}
