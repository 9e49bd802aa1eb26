"""websocket.py - a WebSocket client (RFC 6455), as far as the tests need one: for px view's socket, and for Chromium's."""
import base64, os, socket, struct, urllib.parse


class Refused(Exception):
    """The answer to the handshake was not 101; args[0] is the status."""


class WebSocket:
    def __init__(self, url, headers=None, protocol=None, timeout=20):
        place = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((place.hostname, place.port), timeout)
        self.rest = b''
        fields = {'Host': place.netloc, 'Upgrade': 'websocket', 'Connection': 'Upgrade', 'Sec-WebSocket-Version': '13',
                  'Sec-WebSocket-Key': base64.b64encode(os.urandom(16)).decode()}
        if protocol:
            fields['Sec-WebSocket-Protocol'] = protocol
        fields.update(headers or {})
        request = f'GET {place.path or "/"} HTTP/1.1\r\n' + ''.join(f'{k}: {v}\r\n' for k, v in fields.items()) + '\r\n'
        self.socket.sendall(request.encode())
        head = b''
        while not head.endswith(b'\r\n\r\n'):
            more = self.socket.recv(1)
            if not more:
                raise Refused(int(head.split()[1]) if b' ' in head else 0)
            head += more
        if head.split()[1] != b'101':
            self.socket.close()
            raise Refused(int(head.split()[1]))

    def send(self, text):
        data = text.encode()
        size = len(data)
        head = struct.pack('>BB', 0x81, 0x80 | size) if size < 126 else \
            struct.pack('>BBH', 0x81, 0x80 | 126, size) if size < 65536 else struct.pack('>BBQ', 0x81, 0x80 | 127, size)
        self.socket.sendall(head + bytes(4) + data)  # a mask of zeros

    def exactly(self, count):
        while len(self.rest) < count:
            more = self.socket.recv(1 << 20)
            if not more:
                raise EOFError
            self.rest += more
        data, self.rest = self.rest[:count], self.rest[count:]
        return data

    def receive(self):
        """The next message: str or bytes. EOFError when it was closed."""
        whole, kind = b'', 0
        while True:
            first, size = self.exactly(2)
            size &= 127
            if size > 125:
                size = struct.unpack('>H' if size == 126 else '>Q', self.exactly(2 if size == 126 else 8))[0]
            data = self.exactly(size)
            if first & 15 == 8:
                raise EOFError
            if first & 15 in (9, 10):
                continue
            kind = first & 15 or kind
            whole += data
            if first & 128:
                return whole.decode() if kind == 1 else whole

    def close(self):
        self.socket.close()
