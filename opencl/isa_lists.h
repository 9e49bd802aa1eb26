/* isa_lists.h - isa.def for the kernels.
 *
 * An OpenCL compiler at run time has no include path, so the build expands this file with the C preprocessor and puts
 * the result in front of the kernels. Without PX_LIST it becomes the constants; with it, one line an opcode: its
 * class and X(id, function), which opencl.mk folds into one macro a class, PX_CLASS_ALU(X) and so on. */
#ifdef PX_LIST
#define PXI_OP(id, mnemonic, number, class, function, operands, colour, effect) class X(id, function)
#include "pxi/isa.def"
#else
enum {
#define PXI_OP(id, mnemonic, number, class, function, operands, colour, effect) OP_##id = number,
#define PXI_CLASSIC(id, mnemonic, number, operands, colour, effect)             OP_##id = number,
#define PXI_STATUS(id, number, text)                                            STATUS_##id = number,
#define PXI_CAUSE(id, number, text)                                             TRAP_##id = number,
#define PXI_GET(id, number, text)                                               GET_##id = number,
#include "pxi/isa.def"
};
#endif
