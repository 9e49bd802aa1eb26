; script.asm - a guest that does to COM1 what the sectors behind this one say: a run of commands, each a byte and what it
; takes, words with their low byte first. tests/firmware/pxhv.py writes them, and knows what must come out on the wire.
;
;   end                       CLI, HLT
;   out8, out16, out32  P, V  OUT P, V
;   in8                 P     IN AL, P
;   poll                N, .. N characters, each after line status has said that there is room
;   outsb, outsw     P, N, .. REP OUTS of N elements to P
;   int14               N, .. N characters by INT 14h AH=01h
;   init                AL    INT 14h AH=00h
;   int10               N, .. N characters by INT 10h AH=0Eh
;   wait                N     N times HLT with interrupts on: ticks of the timer
;   spin                N     N thousand turns of a loop without an exit
;   echo                N     N times: waits for a character, sends it back
;   sweep            N, AL    every divisor from N to FFFFh, a character that is its low byte with each; line control AL
;   reset                     by the keyboard controller; afterwards it goes on with the next command
        bits 16
        org 0x7C00
PORT    equ 0x3F8
SCRIPT  equ 0x1000                      ; segment
TRACKS  equ 6                           ; up to 107 sectors of script
RESUME  equ 0x600                       ; what a reset leaves alone: MAGIC, where to go on
MAGIC   equ 0x5AA5

        cli
        xor ax, ax
        mov ss, ax
        mov sp, 0x7C00
        cld
        mov al, 0xFE                    ; only the timer interrupts
        out 0x21, al
        mov ax, SCRIPT
        mov es, ax
        mov ds, ax
        xor bx, bx
        mov cx, 2
        xor dx, dx
        mov bp, TRACKS
        mov al, 17
.track: mov ah, 2
        push ax
        int 0x13
        pop ax
        jc end
        xor ah, ah
        shl ax, 9
        add bx, ax
        xor dh, 1
        jnz .head
        inc ch
.head:  mov cl, 1
        mov al, 18
        dec bp
        jnz .track
        xor si, si
        cmp word [cs:RESUME], MAGIC
        jne next
        mov word [cs:RESUME], 0
        mov si, [cs:RESUME + 2]

next:   lodsb
        cbw
        xchg bx, ax
        add bx, bx
        jmp [cs:commands + bx]
commands:
        dw end, out8, out16, out32, in8, poll, outsb, outsw, int14, init, int10, wait_, spin, echo, reset, sweep

end:    cli
        hlt

; DX, CX = the next word
port:   lodsw
        xchg dx, ax
        ret
number: lodsw
        xchg cx, ax
        ret

out8:   call port
        lodsb
        out dx, al
        jmp next
out16:  call port
        lodsw
        out dx, ax
        jmp next
out32:  call port
        lodsd
        out dx, eax
        jmp next
in8:    call port
        in al, dx
        jmp next

poll:   call number
.next:  mov dx, PORT + 5
.wait:  in al, dx
        test al, 0x20
        jz .wait
        lodsb
        mov dx, PORT
        out dx, al
        loop .next
        jmp next

outsb:  call port
        call number
        rep outsb
        jmp next
outsw:  call port
        call number
        rep outsw
        jmp next

int14:  call number
.next:  lodsb
        mov ah, 1
        xor dx, dx
        int 0x14
        loop .next
        jmp next
init:   lodsb
        mov ah, 0
        xor dx, dx
        int 0x14
        jmp next
int10:  call number
.next:  lodsb
        mov ah, 0x0E
        mov bx, 7
        int 0x10
        loop .next
        jmp next

wait_:  call number
.next:  sti
        hlt
        cli
        loop .next
        jmp next
spin:   call number
.next:  mov bx, 1000
.turn:  dec bx
        jnz .turn
        loop .next
        jmp next

echo:   call number
.next:  mov dx, PORT + 5
.wait:  in al, dx
        test al, 1
        jz .wait
        mov dx, PORT
        in al, dx
        out dx, al
        loop .next
        jmp next

sweep:  call number
        lodsb
        xchg bx, ax                     ; BL = line control
.next:  mov dx, PORT + 3
        mov al, 0x80
        out dx, al
        mov dx, PORT
        mov ax, cx
        out dx, ax                      ; DLL and DLM
        mov dx, PORT + 3
        mov al, bl
        out dx, al
        mov dx, PORT
        mov al, cl
        out dx, al
        inc cx
        jnz .next
        jmp next

reset:  mov word [cs:RESUME], MAGIC
        mov [cs:RESUME + 2], si
        mov al, 0xFE
        out 0x64, al
        jmp end

        times 510 - ($ - $$) db 0
        dw 0xAA55
