/* isa_lists.h - isa.def and state.def for the kernels.
 *
 * An OpenCL compiler at run time has no include path, so the build expands this file with the C preprocessor and puts
 * the result in front of the kernels. Without PX_LIST it becomes the constants; with it, a line for each shape and each
 * opcode, which opencl/fold.awk makes macros of: PX_CLASS_ALU(X) and so on list the opcodes of a class,
 * PX_SHAPE_MAP2(X) those of a shape, and PX_RUN_SHAPES(X) the shapes of vector instructions. */
#ifdef PX_LIST
#define PXI_OP(id, mnemonic, number, class, function, operands, shape, colour, effect) op class shape X(id, function)
#define PXI_SHAPE(id, a, b, c, use, ab, ac, regs)                                      shape id X(id, a, b, c, ab, ac)
#include "pxi/isa.def"
#else
enum {
#define PXI_OP(id, mnemonic, number, class, function, operands, shape, colour, effect) OP_##id = number,
#define PXI_CLASSIC(id, mnemonic, number, operands, colour, effect)                    OP_##id = number,
#define PXI_STATUS(id, number, text)                                                   STATUS_##id = number,
#define PXI_CAUSE(id, number, text)                                                    TRAP_##id = number,
#define PXI_GET(id, number, text)                                                      GET_##id = number,
#include "pxi/isa.def"
};
enum {
#define PX_SAVED(id, pixel, count, text) PX_M_##id = pixel,
#include "pxi/state.def"
};
#endif
