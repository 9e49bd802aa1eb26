/* task.c - tasks, read strictly: {"task": .., "budget": .., "cases": [{"name": .., "given": {"r1": 5, "pixel 100": 7},
 * "expected": {..}}, ..]}. */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "architect/architect.h"
#include "pxi/number.h"
#include "pxi/text_file.h"

enum { MOST_CASES = 1000, MOST_WORDS = 100000 };
static const uint64_t usual_budget = 1000000, most_budget = UINT64_C(1000000000000);

void arch_task_free(arch_task *task)
{
    for (size_t i = 0; i < task->case_count; i++) {
        free(task->cases[i].name);
        free(task->cases[i].given);
        free(task->cases[i].expected);
    }
    free(task->cases);
    free(task->text);
    *task = (arch_task){0};
}

static bool no_memory(const char *file, px_error *error)
{
    return px_fail(error, PX_E_SYSTEM, "no memory for the task in %s", file);
}

static bool known_keys(const char *file, const char *what, const cJSON *object, const char *const *keys,
                       px_error *error)
{
    if (!cJSON_IsObject(object))
        return px_fail(error, PX_E_INPUT, "%s: %s is no object, {..}", file, what);
    for (const cJSON *item = object->child; item != NULL; item = item->next) {
        size_t i = 0;
        while (keys[i] != NULL && strcmp(keys[i], item->string) != 0)
            i++;
        if (keys[i] == NULL)
            return px_fail(error, PX_E_INPUT, "%s: %s has an unknown key \"%.60s\"", file, what, item->string);
    }
    return true;
}

/* "r5" or "pixel 100". */
static bool read_place(const char *text, arch_word *word)
{
    uint64_t at;
    word->pixel = strncmp(text, "pixel ", 6) == 0;
    const char *digits = word->pixel ? text + 6 : text + 1;
    const bool good = (word->pixel || *text == 'r') &&
                      px_parse_number("", digits, 0, word->pixel ? PX_MAX_PIXELS - 1 : 255, &at, NULL);
    word->at = good ? (uint32_t)at : 0;
    return good;
}

static bool read_words(const char *file, const char *name, const cJSON *object, arch_word **words, size_t *count,
                       px_error *error)
{
    const int items = cJSON_GetArraySize(object);
    if (object != NULL && !cJSON_IsObject(object))
        return px_fail(error, PX_E_INPUT, "%s: case %s: expected an object, {\"r1\": 5, \"pixel 100\": 7}", file, name);
    if (items > MOST_WORDS)
        return px_fail(error, PX_E_INPUT, "%s: case %s: more than %d words", file, name, MOST_WORDS);
    *words = calloc((size_t)items + 1, sizeof **words);
    if (*words == NULL)
        return no_memory(file, error);
    for (const cJSON *item = object != NULL ? object->child : NULL; item != NULL; item = item->next) {
        arch_word *word = &(*words)[(*count)++];
        const double value = cJSON_IsNumber(item) ? item->valuedouble : 0.5;
        if (!read_place(item->string, word))
            return px_fail(error, PX_E_INPUT, "%s: case %s: \"%.40s\" is neither a register, \"r1\", nor \"pixel 100\"",
                           file, name, item->string);
        if (value != floor(value) || !(value >= -2147483648.0 && value <= 4294967295.0))
            return px_fail(error, PX_E_INPUT, "%s: case %s: %s is no number from -2147483648 to 4294967295", file, name,
                           item->string);
        word->value = (uint32_t)(int64_t)value;
    }
    return true;
}

static bool read_case(const char *file, const cJSON *object, size_t number, arch_case *c, px_error *error)
{
    static const char *const keys[] = {"name", "given", "expected", NULL};
    char what[32];
    snprintf(what, sizeof what, "case %zu", number);
    if (!known_keys(file, what, object, keys, error))
        return false;
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(object, "name");
    if (name != NULL && !cJSON_IsString(name))
        return px_fail(error, PX_E_INPUT, "%s: %s: \"name\" is no text", file, what);
    c->name = strdup(name != NULL ? name->valuestring : what);
    if (c->name == NULL)
        return no_memory(file, error);
    if (!read_words(file, c->name, cJSON_GetObjectItemCaseSensitive(object, "given"), &c->given, &c->given_count,
                    error) ||
        !read_words(file, c->name, cJSON_GetObjectItemCaseSensitive(object, "expected"), &c->expected,
                    &c->expected_count, error))
        return false;
    return c->expected_count > 0 || px_fail(error, PX_E_INPUT, "%s: case %s expects nothing", file, c->name);
}

static bool read_whole(arch_task *task, const char *file, const cJSON *root, px_error *error)
{
    static const char *const keys[] = {"task", "budget", "cases", NULL};
    if (!known_keys(file, "the task", root, keys, error))
        return false;
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(root, "task");
    const cJSON *budget = cJSON_GetObjectItemCaseSensitive(root, "budget");
    const cJSON *cases = cJSON_GetObjectItemCaseSensitive(root, "cases");
    const int count = cJSON_GetArraySize(cases);
    if (!cJSON_IsString(text) || *text->valuestring == '\0')
        return px_fail(error, PX_E_INPUT, "%s: \"task\" is missing, or no text", file);
    if (budget != NULL &&
        !(cJSON_IsNumber(budget) && budget->valuedouble >= 1 && budget->valuedouble <= (double)most_budget &&
          budget->valuedouble == floor(budget->valuedouble)))
        return px_fail(error, PX_E_INPUT, "%s: \"budget\" is no number from 1 to %s", file, px_grouped(most_budget));
    if (!cJSON_IsArray(cases) || count < 1 || count > MOST_CASES)
        return px_fail(error, PX_E_INPUT, "%s: \"cases\" is no list of 1 to %d cases", file, MOST_CASES);
    task->budget = budget != NULL ? (uint64_t)budget->valuedouble : usual_budget;
    task->text = strdup(text->valuestring);
    task->cases = calloc((size_t)count, sizeof *task->cases);
    if (task->text == NULL || task->cases == NULL)
        return no_memory(file, error);
    for (const cJSON *item = cases->child; item != NULL; item = item->next) {
        task->case_count++;
        if (!read_case(file, item, task->case_count, &task->cases[task->case_count - 1], error))
            return false;
    }
    return true;
}

bool arch_task_read(arch_task *task, const char *path, px_error *error)
{
    char *text;
    size_t size;
    *task = (arch_task){0};
    if (!px_text_read(&text, &size, path, error))
        return false;
    cJSON *root = cJSON_ParseWithOpts(text, NULL, true);
    const bool ok =
        root != NULL ? read_whole(task, path, root, error) : px_fail(error, PX_E_INPUT, "%s is no JSON", path);
    cJSON_Delete(root);
    free(text);
    if (!ok)
        arch_task_free(task);
    return ok;
}
