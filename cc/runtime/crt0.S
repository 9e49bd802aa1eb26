# crt0.S - from the translator's start code to main and to the end. r34, the stack pointer, is set; argc and argv are pixels
# 5 and 6, bytes 20 and 24 (cc/ABI.md).
        .section .text.start, "ax"
        .globl _start
_start: lui   tp, %hi(__tls_base)
        addi  tp, tp, %lo(__tls_base)
        lui   s0, %hi(__init_array_start)
        addi  s0, s0, %lo(__init_array_start)
        lui   s1, %hi(__init_array_end)
        addi  s1, s1, %lo(__init_array_end)
        j     2f
1:      lw    a0, 0(s0)
        addi  s0, s0, 4
        jalr  a0
2:      bltu  s0, s1, 1b
        lw    a0, 20(zero)
        lw    a1, 24(zero)
        li    a2, 0
        call  main
        tail  exit
