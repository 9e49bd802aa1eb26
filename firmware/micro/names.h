/* names.h - the list as lines for NASM: the preprocessor alone reads this. */
#define MICRO_PLACE(id, offset, bytes, writer, text) AT_##id equ offset
#define MICRO_FIELD(id, offset, bytes, writer, text) ENTRY_##id equ offset
#define MICRO_OP(id, number, address, value, text)   OP_##id equ number
#define MICRO_STATUS(id, number, text)               STATUS_##id equ number
#define MICRO_NUMBER(id, number, text)               MICRO_##id equ number
#include "firmware/micro/mailbox.def"
