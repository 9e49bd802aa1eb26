/* registry.c - the executors built into this binary, and the ones that could have been. */
#include "exec/registry.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec/drivers.h"
#include "pxi/guess.h"

/* What an executor needs in order to be built in, and what is said of one that lacks it. */
#define HERE(driver)         &(driver), NULL
#define ABSENT(why)          NULL, (why)
#define WITH_NOTHING(driver) HERE(driver)
#ifdef PX_HAVE_RTL
#define WITH_VERILATOR(driver) HERE(driver)
#else
#define WITH_VERILATOR(driver) ABSENT("built without Verilator; install the package verilator and build again")
#endif
#if defined PX_HAVE_RTL && defined PX_NO_LANES
#define WITH_LANES(driver) ABSENT("left out by RTL_MODELS; build again without it")
#else
#define WITH_LANES(driver) WITH_VERILATOR(driver)
#endif
#ifdef PX_HAVE_OPENCL
#define WITH_OPENCL(driver) HERE(driver)
#else
#define WITH_OPENCL(driver)                                                                                            \
    ABSENT("built without OpenCL; install the packages ocl-icd-opencl-dev and pocl-opencl-icd and build again")
#endif

static const px_kind kinds[] = {
#define PX_EXECUTOR(name, takes, argument, needs, summary)                                                             \
    {#name, PX_FORM_##takes(name, argument), summary, WITH_##needs(px_##name##_driver)},
#include "exec/executors.def"
};

const char px_executor_forms[] =
#define PX_EXECUTOR_REFERENCE(name, takes, argument, needs, summary) PX_FORM_##takes(name, argument)
#define PX_EXECUTOR(name, takes, argument, needs, summary)           ", " PX_FORM_##takes(name, argument)
#include "exec/executors.def"
    ;

const char px_executor_help[] =
#define PX_EXECUTOR_REFERENCE(name, takes, argument, needs, summary) PX_FORM_##takes(name, argument)
#define PX_EXECUTOR(name, takes, argument, needs, summary)           ", " PX_FORM_##takes(name, argument)
#include "exec/executors.def"
    "; default " PX_USUAL;

#define SELF_NO(name)   "," #name
#define SELF_MAY(name)  "," #name
#define SELF_MUST(name) ""
const char px_executors_alone[] =
#define PX_EXECUTOR_REFERENCE(name, takes, argument, needs, summary) #name
#define PX_EXECUTOR(name, takes, argument, needs, summary)           SELF_##takes(name)
#include "exec/executors.def"
    ;

const px_kind *px_kind_at(size_t index) { return index < sizeof kinds / sizeof *kinds ? &kinds[index] : NULL; }

static const px_kind *kind_named(const char *name, size_t length)
{
    for (size_t i = 0; px_kind_at(i) != NULL; i++)
        if (strlen(kinds[i].name) == length && strncmp(kinds[i].name, name, length) == 0)
            return &kinds[i];
    return NULL;
}

static bool no_such_executor(const char *spec, px_error *error)
{
    if (strchr(spec, ',') != NULL)
        return px_fail(error, PX_E_USAGE, "expected one executor, found '%s'; `px diff` takes a list; there are %s",
                       spec, px_executor_forms);
    px_guess guess = {0};
    for (size_t i = 0; px_kind_at(i) != NULL; i++)
        px_guess_try(&guess, spec, strcspn(spec, ":"), kinds[i].name);
    return px_fail(error, PX_E_USAGE, "no executor is called '%s'%s%s%s; there are %s", spec,
                   guess.best != NULL ? "; did you mean '" : "", guess.best != NULL ? guess.best : "",
                   guess.best != NULL ? "'?" : "", px_executor_forms);
}

bool px_executor_open(px_executor **executor, const char *spec, px_error *error)
{
    const size_t length = strcspn(spec, ":");
    const px_kind *kind = kind_named(spec, length);
    if (kind == NULL)
        return no_such_executor(spec, error);
    if (kind->driver == NULL)
        return px_fail(error, PX_E_ABSENT, "executor %s is absent: %s", kind->name, kind->absent);
    return kind->driver->open(executor, spec[length] == ':' ? spec + length + 1 : NULL, error);
}

void px_executor_close(px_executor *executor)
{
    assert(executor == NULL || executor->machines == 0);
    if (executor != NULL)
        executor->ops->close(executor);
}

/* A command may hold commas, so cmd: takes the rest of the list. */
static size_t spec_length(const char *list)
{
    return strncmp(list, "cmd:", 4) == 0 ? strlen(list) : strcspn(list, ",");
}

static bool append(px_executors *executors, const char *spec, size_t length)
{
    px_executor **at = realloc(executors->at, (executors->count + 1) * sizeof *at);
    executors->at = at != NULL ? at : executors->at;
    char **specs = realloc(executors->spec, (executors->count + 1) * sizeof *specs);
    executors->spec = specs != NULL ? specs : executors->spec;
    char *copy = strndup(spec, length);
    if (at == NULL || specs == NULL || copy == NULL) {
        free(copy);
        return false;
    }
    executors->at[executors->count] = NULL;
    executors->spec[executors->count++] = copy;
    return true;
}

/* Their specs alone. */
bool px_executors_name(px_executors *executors, const char *list, px_error *error)
{
    *executors = (px_executors){0};
    for (const char *at = list;;) {
        const size_t length = spec_length(at);
        if (!append(executors, at, length)) {
            px_executors_close(executors);
            return px_fail(error, PX_E_SYSTEM, "no memory for another executor");
        }
        if (at[length] == '\0')
            return true;
        at += length + 1;
    }
}

static bool open_at(px_executors *executors, size_t i, bool skip_absent, px_error *error)
{
    px_error reason = {0};
    if (px_executor_open(&executors->at[i], executors->spec[i], &reason))
        return true;
    executors->at[i] = NULL;
    if (!skip_absent || reason.code != PX_E_ABSENT)
        return px_fail(error, reason.code, "%s", reason.text);
    fprintf(stderr, "px: %s; going on without it\n", reason.text);
    return true;
}

static void leave_out_absent(px_executors *executors)
{
    size_t left = 0;
    for (size_t i = 0; i < executors->count; i++)
        if (executors->at[i] == NULL)
            free(executors->spec[i]);
        else {
            executors->at[left] = executors->at[i];
            executors->spec[left++] = executors->spec[i];
        }
    executors->count = left;
}

/* Workers first: a process that has a driver's threads does not fork well. */
bool px_executors_open(px_executors *executors, const char *list, bool skip_absent, px_error *error)
{
    bool ok = px_executors_name(executors, list, error);
    for (int others = 0; others < 2; others++)
        for (size_t i = 0; ok && i < executors->count; i++)
            if ((strncmp(executors->spec[i], "worker:", 7) != 0) == (others == 1))
                ok = open_at(executors, i, skip_absent, error);
    if (ok)
        leave_out_absent(executors);
    else
        px_executors_close(executors);
    return ok;
}

void px_executors_close(px_executors *executors)
{
    for (size_t i = 0; i < executors->count; i++) {
        px_executor_close(executors->at[i]);
        free(executors->spec[i]);
    }
    free(executors->at);
    free(executors->spec);
    *executors = (px_executors){0};
}
