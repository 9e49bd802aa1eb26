/* cxx.c - what a C++ compiler calls without being asked, by its mangled names: new and delete over malloc, guards of
 * static objects (there is one thread), and the function that a pure virtual call ends in. */
#include <stdlib.h>

#define NAMED(name) __asm__(name)

void *px_new(size_t bytes) NAMED("_Znwj");
void *px_new_array(size_t bytes) NAMED("_Znaj");
void px_delete(void *object) NAMED("_ZdlPv");
void px_delete_array(void *object) NAMED("_ZdaPv");
void px_delete_sized(void *object, size_t bytes) NAMED("_ZdlPvj");
void px_delete_array_sized(void *object, size_t bytes) NAMED("_ZdaPvj");

void *px_new(size_t bytes)
{
    void *made = malloc(bytes > 0 ? bytes : 1);
    if (made == NULL)
        abort();
    return made;
}

void *px_new_array(size_t bytes) { return px_new(bytes); }
void px_delete(void *object) { free(object); }
void px_delete_array(void *object) { free(object); }
void px_delete_sized(void *object, size_t bytes) { (void)bytes, free(object); }
void px_delete_array_sized(void *object, size_t bytes) { (void)bytes, free(object); }
