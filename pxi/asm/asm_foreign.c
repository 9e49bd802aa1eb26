/* asm_foreign.c - words of other assemblers and machines, and what stands for them here. People type what their hands
 * know; a wrong guess at what they meant would cost them more than none. */
#include <string.h>

#include "pxi/asm/asm_internal.h"

static const char none_flags[] =
    "there are no flags: 'blt rb, rc, label' and its like compare and branch, 'slt ra, rb, "
    "rc' gives 0 or 1";
static const char none_stack[] =
    "there is no stack: keep an address in a register, as in 'st [rs], ra' and 'addi rs, rs, "
    "1'";
static const char jump[] = "write 'jmp label'";
static const char if_zero[] = "with r0 = 0, write 'beq ra, r0, label'";
static const char if_not_zero[] = "with r0 = 0, write 'bne ra, r0, label'";
static const char load[] = "write 'ld ra, [rb + number]': an address is that of a pixel";
static const char store[] = "write 'st [rb + number], rc': an address is that of a pixel";
static const char load_byte[] =
    "write 'ldb ra, [rb : rc]' for byte rc of the run at rb, 'ext ra, rb, channel' for one of "
    "a register";
static const char store_byte[] = "write 'stb [rb : rc], ra'";
static const char halves[] = "there are no halves; a pixel has four bytes: ldb and stb";
static const char address[] = "write 'set ra, label'";
static const char call[] = "write 'call ra, label', and 'ret ra' to come back";
static const char stop[] = "write 'halt'";
static const char host[] = "write 'sys rb': request in rb, argument in the next register";
static const char floats[] = "there are no floating-point numbers; fixed point with mulh and sar does much";

static const char pixels[] = "write '.pixel value, ..': 32 bits each";
static const char bytes[] = "write '.bytes value, \"string\", ..'";
static const char halfword[] = "write '.pixel value, ..' for 32 bits each, '.bytes value, ..' for 8";
static const char zero_end[] = "write '.bytes \"string\", 0'; '.text \"string\"' makes a pixel of each byte";
static const char constant[] = "write 'NAME = value'";
static const char room[] = "write '.zero count', in pixels";
static const char repeated[] = "write '.fill count, value'";
static const char sections[] = "there are no sections; code and data stand where they are written, or where .org says";
static const char global[] = "every label is to be seen in the symbol file; nothing is linked";
static const char macro[] = "write '.macro name a, b = 1' .. '.endm'; a parameter is its name alone";
static const char end_macro[] = "a macro ends with '.endm'";
static const char repeat[] = "write '.rept count, counter' .. '.endr'";
static const char condition[] = "write '.if condition', .elif, .else, '.endif'";
static const char if_defined[] = "write '.if defined(NAME)' .. '.endif'";
static const char include[] = "write '.include \"file\"'";
static const char picture[] = "files come in as pictures: '.incimage \"file.png\"'";

static const struct {
    const char *word, *here;
} words[] = {
    /* branches */
    {"bgt", "write 'blt rc, rb, label', the registers exchanged"},
    {"ble", "write 'bge rc, rb, label', the registers exchanged"},
    {"bgtu", "write 'bltu rc, rb, label', the registers exchanged"},
    {"bleu", "write 'bgeu rc, rb, label', the registers exchanged"},
    {"beqz", if_zero},
    {"bnez", if_not_zero},
    {"bltz", "with r0 = 0, write 'blt ra, r0, label'"},
    {"bgez", "with r0 = 0, write 'bge ra, r0, label'"},
    {"bgtz", "with r0 = 0, write 'blt r0, ra, label'"},
    {"blez", "with r0 = 0, write 'bge r0, ra, label'"},
    {"j", jump},
    {"b", jump},
    {"bra", jump},
    {"jump", jump},
    {"goto", jump},
    {"br", jump},
    {"jz", if_zero},
    {"je", "write 'beq rb, rc, label': it compares, too"},
    {"jnz", if_not_zero},
    {"jne", "write 'bne rb, rc, label': it compares, too"},
    {"jl", "write 'blt rb, rc, label': it compares, too"},
    {"jge", "write 'bge rb, rc, label': it compares, too"},
    {"jg", "write 'blt rc, rb, label', the registers exchanged: it compares, too"},
    {"jle", "write 'bge rc, rb, label', the registers exchanged: it compares, too"},
    {"jb", "write 'bltu rb, rc, label': it compares, too"},
    {"jae", "write 'bgeu rb, rc, label': it compares, too"},
    {"ja", "write 'bltu rc, rb, label', the registers exchanged: it compares, too"},
    {"jbe", "write 'bgeu rc, rb, label', the registers exchanged: it compares, too"},
    {"jc", none_flags},
    {"jnc", none_flags},
    {"bcc", none_flags},
    {"bcs", none_flags},
    {"bmi", none_flags},
    {"bpl", none_flags},
    {"loop", "write 'addi ra, ra, -1' and, with r0 = 0, 'bne ra, r0, label'"},
    {"cmp", none_flags},
    {"cmpi", none_flags},
    {"tst", none_flags},
    {"test", none_flags},
    {"jal", call},
    {"bl", call},
    {"jsr", call},
    {"jalr", "write 'set' for the register that will come back, then 'jr rb'; or 'call ra, label'"},
    {"rts", "write 'ret rb', rb being the ra of the call"},
    {"return", "write 'ret rb', rb being the ra of the call"},
    {"iret", "there are no interrupts"},
    {"cli", "there are no interrupts"},
    {"sti", "there are no interrupts"},
    {"push", none_stack},
    {"pop", none_stack},
    {"enter", none_stack},
    {"leave", none_stack},
    /* moves */
    {"mv", "write 'mov ra, rb'"},
    {"move", "write 'mov ra, rb', or 'set ra, value' for a number"},
    {"movi", "write 'set ra, value'"},
    {"ldi", "write 'set ra, value'"},
    {"la", address},
    {"lea", address},
    {"adr", address},
    {"clr", "write 'set ra, 0'"},
    {"lw", load},
    {"ldr", load},
    {"lda", load},
    {"load", load},
    {"sw", store},
    {"str", store},
    {"sta", store},
    {"store", store},
    {"lb", load_byte},
    {"lbu", load_byte},
    {"ldrb", load_byte},
    {"sb", store_byte},
    {"strb", store_byte},
    {"lh", halves},
    {"lhu", halves},
    {"sh", halves},
    {"xchg", "there is none: three 'mov' and a free register"},
    {"swap", "there is none: three 'mov' and a free register"},
    {"in", host},
    {"out", host},
    /* arithmetic */
    {"not", "write 'xori ra, rb, -1'"},
    {"com", "write 'xori ra, ra, -1'"},
    {"neg", "with r0 = 0, write 'sub ra, r0, rb'"},
    {"inc", "write 'addi ra, ra, 1'"},
    {"dec", "write 'addi ra, ra, -1'"},
    {"abs", "with r0 = 0, write 'sub ra, r0, rb' and 'max ra, ra, rb'"},
    {"eor", "write 'xor ra, rb, rc'"},
    {"orr", "write 'or ra, rb, rc'"},
    {"nand", "write 'and ra, rb, rc' and 'xori ra, ra, -1'"},
    {"nor", "write 'or ra, rb, rc' and 'xori ra, ra, -1'"},
    {"xnor", "write 'xor ra, rb, rc' and 'xori ra, ra, -1'"},
    {"sll", "write 'shl ra, rb, rc'"},
    {"lsl", "write 'shl ra, rb, rc'"},
    {"sal", "write 'shl ra, rb, rc'"},
    {"slli", "write 'shli ra, rb, number'"},
    {"srl", "write 'shr ra, rb, rc'"},
    {"lsr", "write 'shr ra, rb, rc'"},
    {"srli", "write 'shri ra, rb, number'"},
    {"sra", "write 'sar ra, rb, rc'"},
    {"asr", "write 'sar ra, rb, rc'"},
    {"srai", "write 'sari ra, rb, number'"},
    {"rol", "there is none: two shifts and 'or'"},
    {"ror", "there is none: two shifts and 'or'"},
    {"adc", "there is no carry: 'sltu ra, sum, rb' after 'add sum, rb, rc' gives it"},
    {"sbb", "there is no borrow: 'sltu ra, rb, rc' before 'sub' gives it"},
    {"imul", "write 'mul ra, rb, rc'"},
    {"idiv", "write 'div ra, rb, rc'"},
    {"mod", "write 'rem ra, rb, rc', or remu for unsigned numbers"},
    {"sgt", "write 'slt ra, rc, rb', the registers exchanged"},
    {"sgtu", "write 'sltu ra, rc, rb', the registers exchanged"},
    {"sne", "write 'seq ra, rb, rc' and 'xori ra, ra, 1'"},
    {"seqz", "write 'seqi ra, rb, 0'"},
    {"snez", "write 'seqi ra, rb, 0' and 'xori ra, ra, 1'"},
    {"fadd", floats},
    {"fmul", floats},
    /* ends */
    {"hlt", stop},
    {"stop", stop},
    {"exit", stop},
    {"end", stop},
    {"brk", stop},
    {"ebreak", stop},
    {"int", host},
    {"int3", stop},
    {"svc", host},
    {"swi", host},
    {"trap", host},
    {"ecall", host},
    {"syscall", host},
    /* data */
    {".long", pixels},
    {".int", pixels},
    {".dword", "write '.pixel low, high': 32 bits each"},
    {".quad", "write '.pixel low, high': 32 bits each"},
    {".dw", pixels},
    {".dd", pixels},
    {"dw", pixels},
    {"dd", pixels},
    {"dq", "write '.pixel low, high': 32 bits each"},
    {".half", halfword},
    {".short", halfword},
    {".hword", halfword},
    {".byte", bytes},
    {".db", bytes},
    {"db", bytes},
    {".ascii", "write '.bytes \"string\"' for four to a pixel, '.text \"string\"' for a pixel each"},
    {".asciz", zero_end},
    {".asciiz", zero_end},
    {".string", zero_end},
    {".float", floats},
    {".double", floats},
    {".space", room},
    {".skip", room},
    {".ds", room},
    {".res", room},
    {"resb", room},
    {"resw", room},
    {"resd", room},
    {"times", repeated},
    {".dup", repeated},
    {".balign", "write '.align pixels'"},
    {".p2align", "write '.align pixels'"},
    {"align", "write '.align pixels'"},
    {"org", "write '.org address'"},
    /* names */
    {".equ", constant},
    {".equiv", constant},
    {".set", constant},
    {".define", constant},
    {".eqv", constant},
    {"equ", constant},
    {"%define", constant},
    {"%assign", constant},
    {"define", constant},
    {".req", "write '.reg name, register'"},
    {".alias", "write '.reg name, register'"},
    {".undef", "a name stays what it is"},
    {".globl", global},
    {".global", global},
    {".extern", global},
    {"global", global},
    {"extern", global},
    /* parts of a file */
    {".data", sections},
    {".bss", sections},
    {".rodata", sections},
    {".section", sections},
    {".code", sections},
    {"section", sections},
    {"segment", sections},
    {".end", "the source ends with the file"},
    {".incbin", picture},
    {"incbin", picture},
    {"%include", include},
    {"include", include},
    {"incsrc", include},
    /* text that makes text */
    {"%macro", macro},
    {"macro", macro},
    {".mac", macro},
    {"%endmacro", end_macro},
    {".endmacro", end_macro},
    {".mend", end_macro},
    {"endm", end_macro},
    {"%rep", repeat},
    {".rep", repeat},
    {".repeat", repeat},
    {".irp", repeat},
    {"rept", repeat},
    {"%endrep", "a repeat ends with '.endr'"},
    {".endrep", "a repeat ends with '.endr'"},
    {".endrepeat", "a repeat ends with '.endr'"},
    {"endr", "a repeat ends with '.endr'"},
    {"%if", condition},
    {"if", condition},
    {".ifeq", condition},
    {".ifne", condition},
    {"%ifdef", if_defined},
    {"%ifndef", "write '.if !defined(NAME)' .. '.endif'"},
    {".ifdef", if_defined},
    {".ifndef", "write '.if !defined(NAME)' .. '.endif'"},
    {".ifnotdef", "write '.if !defined(NAME)' .. '.endif'"},
    {"%else", "write '.else'"},
    {"else", "write '.else'"},
    {"%elif", "write '.elif condition'"},
    {".elseif", "write '.elif condition'"},
    {".elsif", "write '.elif condition'"},
    {"%endif", "write '.endif'"},
    {"endif", "write '.endif'"},
    {".fi", "write '.endif'"},
};

const char *asm_foreign(const assembler *as, asm_place word)
{
    const bool instruction = word.at[0] != '.' && word.at[0] != '%';
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (asm_same_name(&word, words[i].word))
            return instruction && as->out->profile != PX_V1 ? NULL : words[i].here;
    return NULL;
}

const char *asm_foreign_word(size_t i) { return i < sizeof words / sizeof *words ? words[i].word : NULL; }

const char *asm_usage_hint(const char *name)
{
    static const struct {
        const char *name, *hint;
    } hints[] = {
        {"call", "; ra takes the address to come back to, for ret"},
        {"ret", "; rb holds the address to come back to, as call put it there"},
        {".text", "; it makes a pixel of each byte of a string, there are no sections"},
    };
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
        if (strcmp(hints[i].name, name) == 0)
            return hints[i].hint;
    return "";
}

/* Pairs of which neither is ever a fair guess when the other is as close. */
static const char *const opposites[] = {
    "beq bne", "blt bge",   "bltu bgeu", "shl shr",   "shli shri",  "shl sar",     "shli sari",
    "min max", "mini maxi", "add sub",   "addi subi", "ld st",      "ldb stb",     "and or",
    "div rem", "ext ins",   "call ret",  "jmp jr",    ".if .endif", ".rept .endr",
};

/* Whether the other word of a pair that has the guess in it is as close to what was typed. */
static bool opposite_is_as_close(const px_guess *guess, asm_place word, const char *pair)
{
    char first[16];
    const char *second = strchr(pair, ' ') + 1;
    px_guess other = {0};
    memcpy(first, pair, (size_t)(second - pair) - 1);
    first[second - pair - 1] = '\0';
    const bool is_first = strcmp(guess->best, first) == 0;
    if (!is_first && strcmp(guess->best, second) != 0)
        return false;
    px_guess_try(&other, word.at, word.length, is_first ? second : first);
    return other.best != NULL && other.distance <= guess->distance;
}

void asm_guess_check(px_guess *guess, asm_place word)
{
    if (guess->best != NULL && guess->distance > (word.length <= 4 ? 1u : 2u))
        guess->best = NULL; /* a short word is another word already */
    for (size_t i = 0; guess->best != NULL && i < sizeof opposites / sizeof *opposites; i++)
        if (opposite_is_as_close(guess, word, opposites[i]))
            guess->best = NULL;
}
