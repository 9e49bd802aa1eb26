/* endpoint.h - the answering end of the link over any executor: request frames in, reply frames out (LINK.md sections 2
 * and 3). No sockets and no clock of its own: whoever owns the bytes decodes frames, asks px_endpoint_request(), and
 * calls px_endpoint_step() whenever nothing else is to be done, for a run makes progress only there.
 *
 * px serve, which knows BATCH as well, takes those requests out before they come here and adds its words to HELLO. */
#ifndef EXEC_ENDPOINT_H
#define EXEC_ENDPOINT_H

#include "pxi/executor.h"
#include "pxi/link.h"
#include "wire/window.h"

typedef struct px_endpoint px_endpoint;

/* executor stays its owner's, who closes it after the endpoint. name goes into HELLO, cut to 16 ASCII characters. */
bool px_endpoint_open(px_endpoint **endpoint, px_executor *executor, const char *name, px_error *error);
void px_endpoint_close(px_endpoint *endpoint); /* also fine with NULL */

/* From here on it knows the requests of a window, which stays its owner's. */
void px_endpoint_see(px_endpoint *endpoint, px_link_window *window);

/* Counts there how often its executor, at work in a step, has asked whether it is to stop. */
void px_endpoint_signs(px_endpoint *endpoint, uint64_t *signs);

/* Answers one request, always. reply->payload is valid until the next call. RUN only notes that a run is under way.
 * READ and WRITE after a run take as long as the executor needs to hand out its state. */
void px_endpoint_request(px_endpoint *endpoint, const px_link_frame *request, px_link_frame *reply);

/* Runs a slice of the run under way, some 20 to 50 ms where the executor's instructions are short enough. Returns
 * whether the run goes on. An executor that fails ends the run; STATUS then answers with error EXECUTOR. */
bool px_endpoint_step(px_endpoint *endpoint);
bool px_endpoint_running(const px_endpoint *endpoint);

/* What frames do not carry: what its last ERROR EXECUTOR came of, uncut; and of all runs, the one under way with them,
 * the instructions, and the clock cycles where the executor has a clock. */
const px_error *px_endpoint_failure(const px_endpoint *endpoint);
void px_endpoint_counts(const px_endpoint *endpoint, uint64_t *executed, uint64_t *cycles);

/* Takes the machine out of the executor, which somebody else is about to use; the next request puts it back. */
bool px_endpoint_release(px_endpoint *endpoint, px_error *error);

/* Fills in an ERROR reply to request, its text from a sentence (NULL: none); words has room for PX_ENDPOINT_ERROR words
 * and stays the reply's payload. For those who answer some requests themselves. */
enum { PX_ENDPOINT_ERROR = 65 };
void px_endpoint_refuse(const px_link_frame *request, enum px_link_error number, const char *text, uint32_t *words,
                        px_link_frame *reply);

#endif
