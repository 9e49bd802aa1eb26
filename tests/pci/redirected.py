"""redirected.py - a USB device that is a thread here, behind QEMU's usb-redir (usbredir protocol 0.7): it says of itself what a test
wants to be said."""
import os
import socket
import struct
import threading

from accelerator import path

HELLO, CONNECT, DISCONNECT, INTERFACES, ENDPOINTS, SET_CONFIGURATION, CONFIGURATION, START, STARTED = 0, 1, 2, 4, 5, 6, 8, 15, 17
CONTROL, INTERRUPT = 100, 103
STALL = 4
KEYBOARD = bytes.fromhex('0902220001010080000904000001030101000921110100012241000705810308000a')


class Device:
    """`says`: (request type, request, value) -> bytes, None: a stall, or `silent`: nothing. What is not there is a keyboard's."""

    count = 0
    silent = object()

    def __init__(self, says=(), speed=2, kind=(0, 0, 0)):
        Device.count += 1
        self.place = path('redirected%d' % Device.count)
        self.says, self.speed, self.kind = dict(says), speed, kind
        self.asked, self.started = [], threading.Event()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.place)
        self.listener.listen(1)
        name = os.path.basename(self.place)
        self.options = ('-chardev', 'socket,id=%s,path=%s' % (name, self.place), '-device', 'usb-redir,chardev=' + name)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        try:
            self.line = self.listener.accept()[0]
            hello = b'test'.ljust(64, b'\0') + struct.pack('<I', 1 << 4 | 1 << 5 | 1 << 6)  # what QEMU wants behind xHCI
            self.line.sendall(struct.pack('<III', HELLO, len(hello), 0) + hello)
            self.read(struct.unpack('<III', self.read(12))[1])
            self.send(INTERFACES, struct.pack('<I', 1) + b'\0' * 128)
            types = bytearray(b'\xff' * 32)
            types[0] = types[16] = 0
            types[17] = types[18] = 3
            self.send(ENDPOINTS, bytes(types) + b'\x0a' * 32 + b'\0' * 32 + struct.pack('<32H', *[64] * 32))
            self.send(CONNECT, struct.pack('<BBBBHH', self.speed, *self.kind, 0x1209, 0x0001))
            while True:
                kind, length, number = struct.unpack('<IIQ', self.read(16))
                self.answer(kind, number, self.read(length))
        except (OSError, struct.error):
            pass

    def read(self, count):
        data = b''
        while len(data) < count:
            got = self.line.recv(count - len(data))
            if not got:
                raise OSError
            data += got
        return data

    def send(self, kind, data, number=0):
        self.line.sendall(struct.pack('<IIQ', kind, len(data), number) + data)

    def answer(self, kind, number, data):
        if kind == SET_CONFIGURATION:
            self.asked.append((0, 9, data[0]))
            self.send(CONFIGURATION, b'\0' + data[:1], number)
        elif kind == START:
            self.send(STARTED, b'\0' + data[:1], number)
            self.started.set()
        elif kind == CONTROL:
            endpoint, request, what, _, value, index, length = struct.unpack('<BBBBHHH', data[:10])
            self.asked.append((what, request, value))
            got = self.says.get((what, request, value), self.usual(what, request, value))
            if got is Device.silent:
                return
            got, status = (b'', STALL) if got is None else (got[:length] if what & 0x80 else b'', 0)
            self.send(CONTROL, struct.pack('<BBBBHHH', endpoint, request, what, status, value, index, len(got)) + got, number)

    def usual(self, what, request, value):
        if (what, request, value >> 8) == (0x80, 6, 1):
            return struct.pack('<BBHBBBBHHHBBBB', 18, 1, 0x200, *self.kind, 64, 0x1209, 1, 0x100, 0, 0, 0, 1)
        if (what, request, value >> 8) == (0x80, 6, 2):
            return KEYBOARD
        return b'' if what & 0x80 == 0 else None

    def report(self, data, endpoint=0x81):
        self.send(INTERRUPT, struct.pack('<BBH', endpoint, 0, len(data)) + data)

    def key(self, usage):
        self.report(bytes((0, 0, usage, 0, 0, 0, 0, 0)))
        self.report(bytes(8))

    def leave(self):
        self.send(DISCONNECT, b'')
