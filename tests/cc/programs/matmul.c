/* matmul.c - integer matrices, by rows, by columns and transposed. */
#include "tests/cc/say.h"

enum { SIZE = 30 };
static int a[SIZE][SIZE], b[SIZE][SIZE], c[SIZE][SIZE], d[SIZE][SIZE];

static void multiply(int out[SIZE][SIZE], int x[SIZE][SIZE], int y[SIZE][SIZE])
{
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++) {
            int sum = 0;
            for (int k = 0; k < SIZE; k++)
                sum += x[i][k] * y[k][j];
            out[i][j] = sum;
        }
}

static void transpose(int x[SIZE][SIZE])
{
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < i; j++) {
            const int kept = x[i][j];
            x[i][j] = x[j][i];
            x[j][i] = kept;
        }
}

int main(void)
{
    uint32_t sum = 0, same = 1;
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++) {
            a[i][j] = (int)(chance() % 199) - 99;
            b[i][j] = (int)(chance() % 199) - 99;
        }
    multiply(c, a, b);
    transpose(a);
    transpose(b);
    multiply(d, b, a);
    transpose(d);
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++) {
            same &= c[i][j] == d[i][j];
            sum = mixed(sum, (uint32_t)c[i][j]);
        }
    say("%u %x\n", same, sum);
    return 0;
}
