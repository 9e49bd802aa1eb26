#!/bin/bash
# libpng-push-says-adler32.sh - libpng's push reader calls what zlib refuses an Adler-32 mismatch, warns, and ends.
#
# The file below is a picture whose zlib header names a window of 512 bytes while its data reach further back; such files come from
# real encoders, and their Adler-32 is right. libpng's sequential reader passes on what zlib says, as an error. The push reader
# (png_process_data) has one sentence for each Z_DATA_ERROR, which blames the check value, as a benign error: a warning unless
# png_set_benign_errors(png, 0) was called. It then comes to the end callback as if all rows had been there.
# Seen, libpng 1.6.39 (Debian 12, libpng16-16 1.6.39-2+deb12u6) with zlib 1.2.13:
#   sequential: error "IDAT: invalid distance too far back"
#   push: warning "IDAT: IDAT: ADLER32 checksum mismatch" end after 1 of 2 rows
# Who uses the push reader has to count the rows, and to look himself what is wrong.
#
# Takes the packages into a temporary folder; needs a C compiler (cc) and Python.
# Exit: 0 as written here, 1 the behaviour has changed, 2 it could not be tried.
set -u
pinned=(libpng-dev=1.6.39-2+deb12u6 libpng16-16=1.6.39-2+deb12u6 zlib1g{,-dev}=1:1.2.13.dfsg-1)
t=$(mktemp -d) && trap 'rm -rf "$t"' EXIT
cd "$t" || exit 2
apt-get -qq download "${pinned[@]}" >log 2>&1 || { cat log; exit 2; }
for d in *.deb; do dpkg -x "$d" root || exit 2; done
python3 - <<'PY' || exit 2
import struct, zlib
def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
width, state, row = 1200, 1, []
for _ in range(width):                      # bytes without a pattern: the second row is found in the first alone
    state = state * 1103515245 + 12345 & 0x7FFFFFFF
    row.append(state >> 16 & 255)
data = zlib.compress((b'\0' + bytes(row)) * 2)
data = b'\x18\x19' + data[2:]               # CINFO 1: 512 bytes
assert (data[0] << 8 | data[1]) % 31 == 0
with open('window.png', 'wb') as f:
    f.write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, 2, 8, 0, 0, 0, 0)) +
            chunk(b'IDAT', data) + chunk(b'IEND', b''))
PY
cat >read.c <<'C'
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
static int rows;
static void error(png_structp png, png_const_charp text)
{
    (void)png;
    printf("error \"%s\" ", text);
    exit(0);
}
static void warning(png_structp png, png_const_charp text)
{
    (void)png;
    printf("warning \"%s\" ", text);
}
static void on_info(png_structp png, png_infop info) { png_read_update_info(png, info); }
static void on_row(png_structp png, png_bytep row, png_uint_32 y, int pass)
{
    (void)png, (void)row, (void)y, (void)pass;
    rows++;
}
static void on_end(png_structp png, png_infop info)
{
    (void)png, (void)info;
    printf("end after %d of 2 rows", rows);
}
int main(int argc, char **argv)
{
    static unsigned char bytes[65536], pixels[2][1200], *row[2] = {pixels[0], pixels[1]};
    FILE *f = fopen("window.png", "rb");
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, error, warning);
    png_infop info = png_create_info_struct(png);
    if (!f || !info || argc != 2)
        return 2;
    if (argv[1][0] == 'p') {
        png_set_progressive_read_fn(png, NULL, on_info, on_row, on_end);
        png_process_data(png, info, bytes, fread(bytes, 1, sizeof bytes, f));
    } else {
        png_init_io(png, f);
        png_read_info(png, info);
        png_read_image(png, row);
        printf("end");
    }
    return 0;
}
C
so=$(find root -name 'libpng16.so.16') z=$(find root -name 'libz.so.1')
cc -I root/usr/include -o read read.c "$so" "$z" || exit 2
export LD_LIBRARY_PATH=$t/${so%/*}:$t/${z%/*}
push=$(./read push) && sequential=$(./read sequential) || exit 2
printf 'libpng %s\nsequential: %s\npush: %s\n' "$(basename "$(readlink -f "$so")")" "$sequential" "$push"
case "$sequential / $push" in
error*'too far back'*/*warning*'ADLER32 checksum mismatch'*'end after 1 of 2 rows') echo "as before" ;;
*) echo "the behaviour has changed"; exit 1 ;;
esac
