"""network.py - the Ethernet of pxOS, hosted: its programs net, ping and udp against a station made here, from the RFCs, by Python. Under
QEMU, with its card and its own network, tests/pci/os.py has them."""
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))
from tap import finish, result

PX, OS = os.environ['PX'], os.environ['OS_PICTURE']


def folded(data):
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack('>%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def number(address):
    return socket.inet_aton(address)


class Station:
    """10.1.0.1: answers ARP and echo requests, gives leases, sends datagrams back turned around; keeps what it saw."""

    MAC, IP = bytes.fromhex('525400aabbcc'), number('10.1.0.1')

    def __init__(self, folder, spoilt=False):
        self.own, self.peer, self.spoilt = folder + '/station', folder + '/pxos', spoilt
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.own)
        self.seen, self.wrong = [], []
        threading.Thread(target=self.serve, daemon=True).start()

    def send(self, to, kind, data):
        frame = to + self.MAC + struct.pack('>H', kind) + data
        if self.spoilt:  # before each answer what nobody has to understand
            for bad in (frame[:14], frame[:20], to + self.MAC + b'\x08\x00' + b'\x4f' + b'\xff' * 70, b'\0' * 1514,
                        to + self.MAC + b'\x08\x06' + b'\0' * 20, frame[:-1]):
                self.put(bad)
        self.put(frame)

    def put(self, frame):
        try:
            self.socket.sendto(frame, self.peer)
        except OSError:
            pass

    def send_ip(self, mac, to, protocol, data):
        head = struct.pack('>BBHHHBBH', 0x45, 0, 20 + len(data), 7, 0, 64, protocol, 0) + self.IP + to
        head = head[:10] + struct.pack('>H', folded(head)) + head[12:]
        self.send(mac, 0x0800, head + data)

    def send_udp(self, mac, to, source, port, data):
        head = struct.pack('>HHHH', source, port, 8 + len(data), 0)
        self.send_ip(mac, to, 17, head + data)  # without a sum, as a station may

    def serve(self):
        while True:
            frame = self.socket.recv(65536)
            kind, mac = struct.unpack('>H', frame[12:14])[0], frame[6:12]
            if kind == 0x0806:
                self.arp(mac, frame[14:])
            elif kind == 0x0800:
                self.ip(mac, frame[14:])

    def arp(self, mac, arp):
        if arp[:8] == bytes.fromhex('0001080006040001') and arp[24:28] == self.IP:
            self.seen.append('arp')
            self.send(mac, 0x0806, bytes.fromhex('0001080006040002') + self.MAC + self.IP + mac + arp[14:18])
        elif arp[6:8] == b'\0\2':
            self.seen.append('told %s is %s' % (socket.inet_ntoa(arp[14:18]), arp[8:14].hex()))

    def ip(self, mac, ip):
        whole = struct.unpack('>H', ip[2:4])[0]
        data = ip[20:whole]
        if folded(ip[:20]) != 0 or ip[0] != 0x45:
            self.wrong.append('IP header ' + ip[:20].hex())
        if ip[9] == 1:
            if folded(data) != 0:
                self.wrong.append('ICMP sum')
            self.seen.append('echo' if data[0] == 8 else 'reply ' + data[8:].hex())
            if data[0] == 8:
                answer = b'\0\0\0\0' + data[4:]
                self.send_ip(mac, ip[12:16], 1, answer[:2] + struct.pack('>H', folded(answer)) + answer[4:])
        elif ip[9] == 17:
            if folded(ip[12:20] + struct.pack('>HH', 17, len(data)) + data) != 0:
                self.wrong.append('UDP sum')
            source, port = struct.unpack('>HH', data[:4])
            if port == 67:
                self.bootp(mac, data[8:])
            else:
                self.seen.append('udp %d %s' % (port, data[8:]))
                self.send_udp(mac, ip[12:16], port, source, data[8:][::-1])

    def bootp(self, mac, bootp):
        options, at = {}, 240
        while bootp[at] != 255:
            options[bootp[at]] = bootp[at + 2:at + 2 + bootp[at + 1]]
            at += 2 + bootp[at + 1]
        kind = options[53][0]
        self.seen.append('dhcp %d %s' % (kind, options.get(50, b'').hex()))
        answer = bytes([2]) + bootp[1:16] + number('10.1.0.77') + self.IP + bootp[24:236] + bytes.fromhex('63825363')
        answer += bytes([53, 1, {1: 2, 3: 5}[kind], 1, 4]) + number('255.255.0.0') + bytes([3, 4]) + self.IP
        self.send_udp(b'\xff' * 6, number('255.255.255.255'), 67, 68, answer + bytes([54, 4]) + self.IP + b'\xff')


def session(lines, spoilt=False, more=(), during=None):
    with tempfile.TemporaryDirectory() as folder:
        station = Station(folder, spoilt)
        px = subprocess.Popen([PX, 'os', OS, '--net', 'unix:%s,%s' % (station.peer, station.own), '--save', folder + '/saved', *more],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if during:
            threading.Thread(target=during, args=(station,), daemon=True).start()
        try:
            said = px.communicate(('\n'.join(lines) + '\n').encode(), timeout=120)[0].decode('latin-1')
        except subprocess.TimeoutExpired:
            px.kill()
            said = 'it did not end: ' + px.communicate()[0].decode('latin-1')
        return said, station


said, station = session(['ping 10.1.0.1; echo $?'])
result('no address yet' in said and '1\n' in said and not station.seen, 'ping without an address says what to do', said)

said, station = session(['net dhcp', 'cat /home/net', 'ping -c 2 10.1.0.1', 'echo forwards | udp 10.1.0.1 9'])
card = re.search(r'card ((?:[0-9a-f]{2}:){5}[0-9a-f]{2}), 10\.1\.0\.77/16 by 10\.1\.0\.1\n', said)
result(card and station.seen[:2] == ['dhcp 1 ', 'dhcp 3 0a01004d'], 'a lease is asked for, taken, and told', (said, station.seen))
result(card and int(card[1][:2], 16) & 3 == 2, 'the card has an address that anybody may take, and no group\'s', said)
result('10.1.0.77 255.255.0.0 10.1.0.1\n' in said, 'it is in /home/net', said)
result(re.search(r'10\.1\.0\.1: answer 1, \d+\.\d ms\n10\.1\.0\.1: answer 2, .*\n2 of 2 answered\n', said), 'a station is pinged', said)
result('\nsdrawrof\n' in '\n' + said and "udp 9 b'forwards'" in station.seen, 'a datagram goes and comes', (said, station.seen))
result(not station.wrong, 'all sums that were sent are right', station.wrong)

said, station = session(['net 10.1.0.9/24', 'net', 'ping -c 1 10.1.0.1; echo $?', 'ping -c 1 10.1.0.5; echo $?'], spoilt=True)
result(said.count('10.1.0.9/24\n') == 2 and '1 of 1 answered\n0\n' in said, 'frames that are cut off, garbage or wrong do no harm', said)
result('nobody answers for that address\n1\n' in said, 'nobody is told', said)


def ask_echo(station):
    """Asks the system's echo server, as soon as it answers ARP, and pings it."""
    asks = bytes.fromhex('0001080006040001') + Station.MAC + Station.IP + b'\0' * 6 + number('10.1.0.9')
    for _ in range(600):
        told = [s for s in station.seen if s.startswith('told 10.1.0.9')]
        if told:
            break
        station.send(b'\xff' * 6, 0x0806, asks)
        threading.Event().wait(0.1)
    mac = bytes.fromhex(told[0].split()[-1])
    echo = b'\x08\0\0\0\x12\x34\0\1' + b'odd'
    station.send_ip(mac, number('10.1.0.9'), 1, echo[:2] + struct.pack('>H', folded(echo)) + echo[4:])
    for size in (0, 1, 1000, 1472):
        station.send_udp(mac, number('10.1.0.9'), 5000, 7, b'x' * size)


said, station = session(['net 10.1.0.9/24', 'udp -e 7 4; echo $?'], during=ask_echo)
back = [s for s in station.seen if s.startswith('udp 5000')]
result('/24\n0\n' in said and back == ["udp 5000 b'%s'" % ('x' * n) for n in (0, 1, 1000, 1472)],
       'an echo server gives back datagrams up to the largest', (said, [len(b) for b in back]))
result('reply ' + b'odd'.hex() in station.seen, 'and answers echo requests of odd length meanwhile', station.seen)

said, station = session(['net 1.2.3/4; echo $?', 'net 1.2.3.4/33; echo $?', 'ping 1.2.3.256; echo $?', 'udp -e 0; echo $?'])
result(said.count('2\n') == 4 and said.count('usage:') == 4, 'addresses that are none are refused', said)

none = subprocess.run([PX, 'os', OS, '--save', '/dev/null'], input=b'net; echo $?\nnet 10.0.0.1/8\nping 10.0.0.2; echo $?\n', capture_output=True, timeout=120)
result(b'ping: network: ' in none.stderr + none.stdout and none.stdout.count(b'1\n') >= 1, 'without an Ethernet programs say so', none)
finish()
