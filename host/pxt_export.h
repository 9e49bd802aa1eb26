/* pxt_export.h - the conformance set as pictures, for implementers who have no px. */
#ifndef HOST_PXT_EXPORT_H
#define HOST_PXT_EXPORT_H

#include "host/pxt.h"

/* Below directory: FILE/NAME.input.pxi and FILE/NAME.expected.pxi for each case, and FILE/cases.tsv with a line each:
 * the name of the files, the budget, "run" or "refused" (there is no expected state then), the case's name. */
bool px_cases_export(const px_cases *cases, const char *directory, px_error *error);

#endif
