/* host.h - the names of host.def as C: PXH_NAME a service's number or a value, PXH_E_NAME an error, PXH_EVENT_NAME a
 * kind of event, PXH_KEY_NAME a key. HOST.md says what they mean. */
#ifndef PXI_HOST_H
#define PXI_HOST_H

#include <stdint.h>

/* What goes into the register of SYS. */
#define PXH_REQUEST(service, payload) ((uint32_t)(service) << 24 | (uint32_t)(payload))

enum {
#define PXH_SERVICE(id, number, grant, payload, argument, reads, writes, answer, errors, text) PXH_##id = number,
#define PXH_ERROR(id, number, text)                                                            PXH_E_##id = number,
#define PXH_EVENT(id, number, a, b, text)                                                      PXH_EVENT_##id = number,
#define PXH_VALUE(id, number, text)                                                            PXH_##id = number,
#define PXH_KEY(id, number)                                                                    PXH_KEY_##id = number,
#include "pxi/host.def"
};

#endif
