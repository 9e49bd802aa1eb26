/* pool.c - registers that hold a constant, or the base of 256 pixels of data, from the program's start on. */
#include "cc/select.h"

bool cc_pool_holds(const cc_program *p, cc_value v, uint8_t *held)
{
    for (uint32_t i = 0; i < p->pool_count; i++)
        if (p->pool[i].value.kind == v.kind && p->pool[i].value.value == v.value) {
            *held = (uint8_t)(CC_POOL_FIRST + i);
            return true;
        }
    return false;
}

bool cc_pool_window(const cc_program *p, uint32_t pixel, uint8_t *base, uint8_t *offset)
{
    for (uint32_t i = 0; i < p->pool_count; i++) {
        const cc_value v = p->pool[i].value;
        if (v.kind != CC_NUMBER || pixel - v.value > 255)
            continue;
        *base = (uint8_t)(CC_POOL_FIRST + i);
        *offset = (uint8_t)(pixel - v.value);
        return true;
    }
    return false;
}
