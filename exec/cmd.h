/* cmd.h - the executor cmd:PROGRAM, for callers that want to hand it a picture as it is (SPEC.md section 11). */
#ifndef EXEC_CMD_H
#define EXEC_CMD_H

#include "pxi/executor.h"

typedef struct px_cmd_reply {
    bool refused;
    bool interrupted;  /* the run was cancelled, the program was ended, there is no state */
    char message[200]; /* the last line that the program wrote to standard error */
    px_state state;    /* valid unless refused; to be freed */
} px_cmd_reply;

bool px_cmd_is(const px_executor *executor);

/* Runs the program once on a file: a program, a saved state or something that it must refuse. The reply is
 * checked as far as it can be without knowing the input: exit status, a whole picture, a state that can exist. False
 * for a program that does not keep to section 11. */
bool px_cmd_exchange(px_executor *executor, const void *file, size_t size, uint64_t budget, px_cmd_reply *reply,
                     px_error *error);

#endif
