/* machine.c - an interpreter twice: by switch, and by computed goto with label differences. */
#include <stdint.h>
#include <stdio.h>

enum { PUSH, ADD, MUL, DUP, SWAP, DEC, JNZ, DROP, XOR, ROT, END };

static const uint8_t program[] = {PUSH, 1,   PUSH, 200,  DUP,  ROT, MUL, PUSH, 3, ADD,  DUP, PUSH,
                                  13,   XOR, SWAP, DROP, SWAP, DEC, DUP, JNZ,  4, DROP, END};

static __attribute__((noinline)) uint32_t by_switch(const uint8_t *code)
{
    uint32_t stack[32] = {0}, *top = stack + 4, t;
    for (uint32_t pc = 0;;)
        switch (code[pc++]) {
        case PUSH:
            *top++ = code[pc++];
            break;
        case ADD:
            top--;
            top[-1] += *top;
            break;
        case MUL:
            top--;
            top[-1] *= *top;
            break;
        case XOR:
            top--;
            top[-1] ^= *top;
            break;
        case DUP:
            *top = top[-1];
            top++;
            break;
        case SWAP:
            t = top[-1];
            top[-1] = top[-2];
            top[-2] = t;
            break;
        case ROT:
            t = top[-3];
            top[-3] = top[-2];
            top[-2] = top[-1];
            top[-1] = t;
            break;
        case DEC:
            top[-1]--;
            break;
        case JNZ:
            t = code[pc++];
            if (*--top != 0)
                pc = t;
            break;
        case DROP:
            top--;
            break;
        default:
            return top[-1];
        }
}

static __attribute__((noinline)) uint32_t by_goto(const uint8_t *code)
{
    static const int32_t label[] = {&&push - &&push, &&add - &&push, &&mul - &&push, &&dup - &&push,
                                    &&swap - &&push, &&dec - &&push, &&jnz - &&push, &&drop - &&push,
                                    &&xor-&&push,    &&rot - &&push, &&end - &&push};
    uint32_t stack[32] = {0}, *top = stack + 4, t;
#define NEXT goto *(void *)((char *)&&push + label[*code++])
    const uint8_t *start = code;
    NEXT;
push:
    *top++ = *code++;
    NEXT;
add:
    top--;
    top[-1] += *top;
    NEXT;
mul:
    top--;
    top[-1] *= *top;
    NEXT;
    xor : top--;
    top[-1] ^= *top;
    NEXT;
dup:
    *top = top[-1];
    top++;
    NEXT;
swap:
    t = top[-1];
    top[-1] = top[-2];
    top[-2] = t;
    NEXT;
rot:
    t = top[-3];
    top[-3] = top[-2];
    top[-2] = top[-1];
    top[-1] = t;
    NEXT;
dec:
    top[-1]--;
    NEXT;
jnz:
    t = *code++;
    if (*--top != 0)
        code = start + t;
    NEXT;
drop:
    top--;
    NEXT;
end:
    return top[-1];
}

int main(void)
{
    printf("%u %u\n", (unsigned)by_switch(program), (unsigned)by_goto(program));
    return 0;
}
