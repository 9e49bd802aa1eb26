/* elf.h - the numbers of the ELF format that linked RISC-V programs have. */
#ifndef CC_ELF_H
#define CC_ELF_H

#include "cc/internal.h"

enum { ELF_HEADER = 52, ELF_SECTION = 40, ELF_SYMBOL = 16, ELF_RELA = 12, ELF_RISCV = 243 }; /* sizes; the machine */

enum { ELF_NULL, ELF_PROGBITS, ELF_SYMTAB, ELF_STRTAB, ELF_RELATIONS, ELF_NOBITS = 8, ELF_REL = 9 };

enum { ELF_WRITE = 1, ELF_ALLOC = 2, ELF_EXECUTE = 4, ELF_TLS = 0x400 };

enum { ELF_FUNCTION = 2, ELF_SECTION_SYMBOL = 3 }; /* types of symbols */

/* X(name, number): the relocations that are looked at, or passed over because the linked words say all. */
#define ELF_RELOCATIONS(X)                                                                                             \
    X(NONE, 0)                                                                                                         \
    X(32, 1)                                                                                                           \
    X(BRANCH, 16)                                                                                                      \
    X(JAL, 17)                                                                                                         \
    X(CALL, 18)                                                                                                        \
    X(CALL_PLT, 19)                                                                                                    \
    X(GOT_HI20, 20)                                                                                                    \
    X(TLS_GOT_HI20, 21)                                                                                                \
    X(TLS_GD_HI20, 22)                                                                                                 \
    X(PCREL_HI20, 23)                                                                                                  \
    X(PCREL_LO12_I, 24)                                                                                                \
    X(PCREL_LO12_S, 25)                                                                                                \
    X(HI20, 26)                                                                                                        \
    X(LO12_I, 27)                                                                                                      \
    X(LO12_S, 28)                                                                                                      \
    X(TPREL_HI20, 29)                                                                                                  \
    X(TPREL_LO12_I, 30)                                                                                                \
    X(TPREL_LO12_S, 31) X(TPREL_ADD, 32) X(ADD8, 33) X(ADD16, 34) X(ADD32, 35) X(SUB8, 37) X(SUB16, 38) X(SUB32, 39)   \
        X(ALIGN, 43) X(RVC_BRANCH, 44) X(RVC_JUMP, 45) X(RELAX, 51) X(SUB6, 52) X(SET6, 53) X(SET8, 54) X(SET16, 55)   \
            X(SET32, 56) X(32_PCREL, 57)

enum {
#define ELF_R(name, number) R_##name = (number),
    ELF_RELOCATIONS(ELF_R)
#undef ELF_R
};

static inline bool cc_is_text(const cc_section *s)
{
    return (s->flags & (ELF_ALLOC | ELF_EXECUTE)) == (ELF_ALLOC | ELF_EXECUTE);
}

static inline bool cc_is_moved(const cc_section *s)
{
    return (s->flags & (ELF_ALLOC | ELF_EXECUTE)) == ELF_ALLOC && s->type != ELF_NULL;
}

/* What takes place in the image beside the code: thread-local zeros do not. */
static inline bool cc_is_data(const cc_section *s)
{
    return (s->flags & (ELF_ALLOC | ELF_EXECUTE)) == ELF_ALLOC && s->size > 0 && s->type != ELF_NULL &&
           !(s->type == ELF_NOBITS && (s->flags & ELF_TLS) != 0);
}

#endif
