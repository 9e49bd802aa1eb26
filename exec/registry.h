/* registry.h - which executors there are, and how one is opened by name. */
#ifndef EXEC_REGISTRY_H
#define EXEC_REGISTRY_H

#include "pxi/executor.h"

/* spec is what stands behind --on: "opencl:1", "cmd:./mine 7". PX_E_USAGE for a
 * name that no executor has (the message lists those there are), PX_E_ABSENT for one that was not built or has no
 * device here. */
bool px_executor_open(px_executor **executor, const char *spec, px_error *error);
void px_executor_close(px_executor *executor); /* also fine with NULL */

/* Every kind of executor that pxOS knows, built in or not; NULL when index is past the last. */
typedef struct px_kind {
    const char *name, *form, *summary; /* "opencl", "opencl[:DEVICE]" */
    const px_driver *driver;           /* NULL when it was not built in */
    const char *absent;                /* then: why, and the package that brings it */
} px_kind;
const px_kind *px_kind_at(size_t index);

/* How an executor is written behind --on; the first word is what executors.def says that it takes. */
#define PX_FORM_NO(name, argument)   #name
#define PX_FORM_MAY(name, argument)  #name "[:" argument "]"
#define PX_FORM_MUST(name, argument) #name ":" argument

/* For messages and help texts. */
extern const char px_executor_forms[];    /* all as they are written: "ref, .., opencl[:DEVICE], .." */
extern const char px_executor_help[];     /* the same, for an option that takes one: "ref, fast, ..; default fast" */
extern const char px_executors_alone[];   /* those that run without an argument, as a list for --on: "ref,rtl,.." */
#define PX_USUAL    "fast"                /* what runs programs unless --on says otherwise */
#define PX_COMPARED "ref,fast,rtl,opencl" /* those that are compared unless --on says otherwise: four implementations  \
                                           */

/* A comma-separated list of specs, opened. With skip_absent, absent ones are reported to stderr and left out. */
typedef struct px_executors {
    px_executor **at;
    char **spec; /* as each was named */
    size_t count;
} px_executors;
/* The specs of such a list, and no executor opened. */
bool px_executors_name(px_executors *executors, const char *list, px_error *error);
bool px_executors_open(px_executors *executors, const char *list, bool skip_absent, px_error *error);
void px_executors_close(px_executors *executors);

#endif
