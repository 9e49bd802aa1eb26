/* rv.h - an RV32IMA simulator for tests, written from the RISC-V manual and apart from the translator: it runs the same
 * linked program, so that there is something to compare a picture with where no other machine can run it. */
#ifndef TESTS_CC_RV_H
#define TESTS_CC_RV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RV_TEXT = 0x40000000, RV_GROUPS = 16 };

enum rv_state { RV_RUNNING, RV_ENDED, RV_FAULT };

typedef struct rv {
    uint32_t x[32], pc;
    uint32_t group[RV_GROUPS]; /* operand registers of vector instructions */
    uint32_t vl;
    uint32_t *image; /* data memory, by words */
    uint32_t pixels;
    uint32_t *code;
    uint32_t code_words;
    uint32_t entry, data_end;
    uint32_t reserved; /* LR's address, or 1 */
    uint64_t retired;
    uint64_t random;
    enum rv_state state;
    int status;
    char fault[96]; /* why */
} rv;

/* Stops the machine with a reason. */
void rv_fault(rv *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Loads a linked program; false with a message in m->fault. Free image and code. */
bool rv_load(rv *m, const char *path, uint32_t pixels);

/* Puts arguments behind the data, and the addresses of them into pixels 5 to 7. */
void rv_arguments(rv *m, int count, char *const *words);

void rv_step(rv *m);

/* A word of opcode 0x0B, 0x2B, 0x5B or 0x7B (cc/ABI.md). */
void rv_custom(rv *m, uint32_t word);

/* ecall. */
void rv_host(rv *m);
void rv_flush(void);

#endif
