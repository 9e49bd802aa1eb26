/* fat_names.c - names of FAT: UTF-8 and the UTF-16 of long names, what is compared, and the short names of 8 and 3. */
#include "os/fs/fat.h"

/* ---- names ---- */

/* Letters beyond ASCII of short names: code page 437. */
static const uint16_t page437[128] = {
    0x00C7, 0x00FC, 0x00E9, 0x00E2, 0x00E4, 0x00E0, 0x00E5, 0x00E7, 0x00EA, 0x00EB, 0x00E8, 0x00EF, 0x00EE,
    0x00EC, 0x00C4, 0x00C5, 0x00C9, 0x00E6, 0x00C6, 0x00F4, 0x00F6, 0x00F2, 0x00FB, 0x00F9, 0x00FF, 0x00D6,
    0x00DC, 0x00A2, 0x00A3, 0x00A5, 0x20A7, 0x0192, 0x00E1, 0x00ED, 0x00F3, 0x00FA, 0x00F1, 0x00D1, 0x00AA,
    0x00BA, 0x00BF, 0x2310, 0x00AC, 0x00BD, 0x00BC, 0x00A1, 0x00AB, 0x00BB, 0x2591, 0x2592, 0x2593, 0x2502,
    0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557, 0x255D, 0x255C, 0x255B, 0x2510, 0x2514,
    0x2534, 0x252C, 0x251C, 0x2500, 0x253C, 0x255E, 0x255F, 0x255A, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550,
    0x256C, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553, 0x256B, 0x256A, 0x2518, 0x250C,
    0x2588, 0x2584, 0x258C, 0x2590, 0x2580, 0x03B1, 0x00DF, 0x0393, 0x03C0, 0x03A3, 0x03C3, 0x00B5, 0x03C4,
    0x03A6, 0x0398, 0x03A9, 0x03B4, 0x221E, 0x03C6, 0x03B5, 0x2229, 0x2261, 0x00B1, 0x2265, 0x2264, 0x2320,
    0x2321, 0x00F7, 0x2248, 0x00B0, 0x2219, 0x00B7, 0x221A, 0x207F, 0x00B2, 0x25A0, 0x00A0};

static uint32_t fold(uint32_t c)
{
    if (c < 0x80)
        return c - 'a' < 26 ? c - 32 : c;
    if ((c >= 0xE0 && c <= 0xFE && c != 0xF7) || (c >= 0x3B1 && c <= 0x3C9 && c != 0x3C2) || (c >= 0x430 && c <= 0x44F))
        return c - 32;
    return c >= 0x450 && c <= 0x45F ? c - 80 : c;
}

bool fat_same(const uint16_t *a, uint32_t a_length, const uint16_t *b, uint32_t b_length)
{
    if (a_length != b_length)
        return false;
    for (uint32_t i = 0; i < a_length; i++)
        if (a[i] != b[i] && fold(a[i]) != fold(b[i]))
            return false;
    return true;
}

uint32_t fat_hash(const uint16_t *name, uint32_t length)
{
    uint32_t h = length;
    for (uint32_t i = 0; i < length; i++)
        h = (h ^ fold(name[i])) * 0x9E3779B1;
    return h == 0 ? 1 : h;
}

/* A character of UTF-8 at *at, which moves behind it; 0: there is none. */
static uint32_t decode(const uint8_t *text, uint32_t length, uint32_t *at)
{
    const uint32_t lead = text[(*at)++];
    if (lead < 0x80)
        return lead;
    const uint32_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC2 || lead > 0xF4 || length - *at < more)
        return 0;
    uint32_t c = lead & (0x3Fu >> more);
    for (uint32_t i = 0; i < more; i++, (*at)++) {
        if ((text[*at] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (text[*at] & 0x3F);
    }
    const bool longer = (more == 2 && c < 0x800) || (more == 3 && c < 0x10000);
    return longer || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF) ? 0 : c;
}

/* UTF-8 as UTF-16: units, or NAME. */
int32_t fat_to_units(const uint8_t *text, uint32_t length, uint16_t *units)
{
    uint32_t n = 0, at = 0;
    while (at < length) {
        const uint32_t c = decode(text, length, &at);
        if (c == 0 || n + (c > 0xFFFF) >= NAME_UNITS)
            return FS_E_NAME;
        if (c > 0xFFFF)
            units[n++] = (uint16_t)(0xD800 + ((c - 0x10000) >> 10));
        units[n++] = (uint16_t)(c > 0xFFFF ? 0xDC00 + (c & 0x3FF) : c);
    }
    return n == 0 ? FS_E_NAME : (int32_t)n;
}

static uint32_t encode(uint32_t c, uint8_t *to)
{
    if (c < 0x80) {
        to[0] = (uint8_t)c;
        return 1;
    }
    const uint32_t more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    to[0] = (uint8_t)((0xFF00u >> (more + 1) & 0xFF) | c >> 6 * more);
    for (uint32_t i = 1; i <= more; i++)
        to[i] = (uint8_t)(0x80 | (c >> 6 * (more - i) & 0x3F));
    return more + 1;
}

/* UTF-16 without halves of a pair as UTF-8: bytes, or 0 if there is no room. */
uint32_t fat_to_text(const uint16_t *units, uint32_t length, uint8_t *text)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < length; i++) {
        uint32_t c = units[i];
        uint8_t bytes[4];
        if (c >= 0xD800 && c < 0xDC00)
            c = 0x10000 + ((c & 0x3FF) << 10 | (units[++i] & 0x3FF));
        const uint32_t size = encode(c, bytes);
        if (size > FS_NAME - n)
            return 0;
        memcpy(text + n, bytes, size);
        n += size;
    }
    text[n] = 0;
    return n;
}

/* A long name from a disk: false if it cannot be one. A half of a pair becomes the sign for what is no character. */
bool fat_clean(uint16_t *name, uint32_t length)
{
    uint32_t bytes = 0;
    for (uint32_t i = 0; i < length; i++) {
        const uint32_t c = name[i];
        if (c < 32 || c == '/')
            return false;
        const bool pair = c >= 0xD800 && c < 0xDC00 && i + 1 < length && (name[i + 1] & 0xFC00) == 0xDC00;
        bytes += pair ? 4 : c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
        if (pair)
            i++;
        else if (c >= 0xD800 && c < 0xE000)
            name[i] = 0xFFFD;
    }
    return length > 0 && bytes <= FS_NAME && !(length == 1 && name[0] == '.') &&
           !(length == 2 && name[0] == '.' && name[1] == '.');
}

static uint32_t short_unit(uint32_t byte, bool lower)
{
    if (byte >= 0x80)
        return page437[byte - 0x80];
    if (byte < 32 || byte == '/' || byte == '.')
        return '_';
    return lower && byte - 'A' < 26 ? byte + 32 : byte;
}

void fat_short_name(entry *e)
{
    uint32_t base = 8, end = 3, n = 0;
    while (base > 0 && e->own[base - 1] == ' ')
        base--;
    while (end > 0 && e->own[8 + end - 1] == ' ')
        end--;
    for (uint32_t i = 0; i < base; i++)
        e->alias[n++] =
            (uint16_t)short_unit(i == 0 && e->own[0] == 5 ? GONE : e->own[i], (e->own[AT_CASE] & LOWER_BASE) != 0);
    if (end > 0)
        e->alias[n++] = '.';
    for (uint32_t i = 0; i < end; i++)
        e->alias[n++] = (uint16_t)short_unit(e->own[8 + i], (e->own[AT_CASE] & LOWER_END) != 0);
    if (n == 0)
        e->alias[n++] = '_';
    e->alias_length = n;
}

uint8_t fat_checksum(const uint8_t *name)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < SHORT; i++)
        sum = (((sum & 1) << 7) + ((sum & 0xFF) >> 1) + name[i]) & 0xFF;
    return (uint8_t)sum;
}

/* ---- short names ---- */

static const uint8_t *const not_in_names = (const uint8_t *)"\"*/:<>?\\|";

static bool among(const uint8_t *set, uint32_t c)
{
    while (*set != 0 && *set != c)
        set++;
    return *set != 0;
}

bool fat_may_be_named(const uint16_t *name, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++)
        if (name[i] < 32 || name[i] == 127 || among(not_in_names, name[i]))
            return false;
    return name[length - 1] != '.' && name[length - 1] != ' ';
}

/* Letters of a part of the name, in capitals, as many as fit: how many. */
static uint32_t short_part(naming *s, const uint16_t *from, const uint16_t *to, uint8_t *part, uint32_t room,
                           uint8_t lower)
{
    static const uint8_t *const not_short = (const uint8_t *)"+,;=[]. ";
    bool small = false, large = false;
    uint32_t n = 0;
    for (; from < to; from++) {
        const uint32_t c = *from, capital = c < 0x80 ? fold(c) : '_';
        if (c == ' ' || c == '.') {
            s->whole = false;
            continue;
        }
        small = small || capital + 32 == c;
        large = large || c - 'A' < 26;
        s->whole = s->whole && c < 0x80 && n < room && !among(not_short, c);
        if (n < room)
            part[n++] = (uint8_t)(among(not_short, capital) ? '_' : capital);
    }
    if (small && large)
        s->whole = false;
    else if (small)
        s->cases |= lower;
    return n;
}

void fat_make_short(naming *s, const uint16_t *name, uint32_t length)
{
    uint32_t start = 0, dot = length;
    *s = (naming){.whole = true, .seed = fat_hash(name, length)};
    memset(s->name, ' ', SHORT);
    while (start < length && (name[start] == '.' || name[start] == ' '))
        start++;
    for (uint32_t i = start + 1; i < length; i++)
        if (name[i] == '.')
            dot = i;
    if (start > 0)
        s->whole = false;
    s->base = short_part(s, name + start, name + dot, s->name, 8, LOWER_BASE);
    if (dot < length)
        short_part(s, name + dot + 1, name + length, s->name + 8, 3, LOWER_END);
    if (s->base == 0)
        s->name[s->base++] = '_';
    if (s->whole)
        return;
    s->cases = 0;
}

/* The short name with tail t: BASE~1 to BASE~9, then BAhhhh~1 to ~9, with a hash that is another for each. */
void fat_with_tail(const naming *s, uint32_t t, uint8_t *name)
{
    static const uint8_t digits[] = "0123456789ABCDEF";
    const bool hashed = t >= TAILS;
    uint32_t n = hashed ? (s->base < 2 ? s->base : 2) : s->base < 6 ? s->base : 6;
    memcpy(name, s->name, SHORT);
    for (uint32_t i = 0; hashed && i < 4; i++)
        name[n++] = digits[(s->seed + t * 0x1F35) >> 4 * i & 15];
    name[n++] = '~';
    name[n++] = (uint8_t)('1' + t % TAILS);
    while (n < 8)
        name[n++] = ' ';
}

void fat_note_tail(naming *s, const uint8_t *slot)
{
    uint8_t name[SHORT];
    if (s->whole ||
        !(slot[1] == '~' || slot[2] == '~' || slot[3] == '~' || slot[4] == '~' || slot[5] == '~' || slot[6] == '~'))
        return;
    for (uint32_t t = 0; t < 2 * TAILS; t++) {
        fat_with_tail(s, t, name);
        if (memcmp(name, slot, SHORT) == 0)
            s->used |= 1u << t;
    }
}
