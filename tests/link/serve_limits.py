"""serve_limits.py - px serve when the system refuses: descriptors, names that change under it, a log that nobody reads.
TAP; from the repository root."""
import resource

from pxlink import *


def files(soft, hard):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def sits_there(place):
    """A connection that says nothing, or None where it is not even taken."""
    c = socket.socket(socket.AF_UNIX)
    c.connect(place.split(":", 1)[1])
    return c


def answered(place, timeout=10):
    try:
        c = Client(place)
        reply = c.ask(HELLO, timeout=timeout)
        c.close()
        return not isinstance(reply, Refusal)
    except (Gone, OSError):
        return False


def works(client):
    """A machine in an executor of its own: it needs a process and a socket pair."""
    return client.ask(RESET, 1, 16, 1, 16) == () and client.ask(WRITE, 0, 7) == () and client.ask(READ, 0, 1) == (7,)


def cpu(server):
    with open(f"/proc/{server.process.pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def at_rest(server):
    """Whether it uses next to nothing of a core: no loop turns at full speed."""
    before = cpu(server)
    time.sleep(1)
    return cpu(server) - before < 0.3


def test_few_descriptors():
    """A limit that cannot be raised: fewer clients, those all served."""
    server = Server(limit=files(128, 128))
    until(lambda: "--clients is" in server.text())
    said = [x for x in server.text().splitlines() if "the limit of open files is 128" in x]
    check(len(said) == 1 and "--clients is" in said[0] and "instead of 256" in said[0], "--clients is lowered, in a line",
          server.text())
    most = int(said[0].split("--clients is ")[1].split()[0])
    good = Client(server.place)
    check(works(good), "a client is served")
    crowd = [Client(server.place) for _ in range(most - 1)]
    check(all(works(c) for c in crowd), f"so are {most} at once, each with an executor of its own", server.text())
    lines = len(server.text().splitlines())
    extra = [sits_there(server.place) for _ in range(100)]
    late = Client(server.place)
    begin = time.monotonic()
    check(works(good) and time.monotonic() - begin < 5, "100 more than can be had disturb nobody", server.text())
    check(len(server.text().splitlines()) - lines < 10, "and fill no log", server.text())
    check(at_rest(server), "and no core")
    late.close()
    for c in extra:
        c.close()
    time.sleep(0.3)
    one = Client(server.place)
    reply = one.ask(HELLO, timeout=5)
    check(error_of(reply) == EXECUTOR and f"{most} connections" in text_of(reply), "one too many is told why", reply)
    closed = select.select([one.fd], [], [], 10)[0] and os.read(one.fd, 1) == b""
    check(closed, "and closed soon")
    one.close()
    for c in crowd:
        c.close()
    check(until(lambda: answered(server.place)), "when they have left there is room again", server.text())
    check(works(good), "and the first is served still")
    status = server.end()
    check(status == 0 and "more like it" in server.text(), "the end tells how many were refused", (status, server.text()))


def test_raised():
    """A soft limit is not the last word; executors get back the one that they know."""
    server = Server("--clients", "300", limit=files(64, 4096))
    crowd = [Client(server.place) for _ in range(120)]
    check(all(works(c) for c in crowd[:5]) and all(not isinstance(c.ask(HELLO), Refusal) for c in crowd),
          "a soft limit of 64 is raised for 120 clients", server.text())
    with open(f"/proc/{server.children()[0]}/limits") as file:
        limits = next(x.split()[3:5] for x in file if x.startswith("Max open files"))
    check(limits == ["64", "4096"], "an executor's process has the limit of before", limits)
    check("limit of open files" not in server.text(), "and nothing is to be said", server.text())
    check(server.end() == 0, "it ends well")


def test_too_few():
    command = f"ulimit -n 16; exec {PX} serve --listen unix:{DIR}/few"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=20, check=False)
    check(done.returncode == 2 and "the limit of open files is 16 (ulimit -n); px serve needs" in done.stderr,
          "a limit that leaves no room for a client is told at once", done)


def test_lowered_while_it_runs():
    """Somebody takes descriptors away from a server at work: poll() and accept() fail."""
    server = Server("--clients", "200")
    good, idle = Client(server.place), [Client(server.place) for _ in range(60)]
    check(works(good) and all(not isinstance(c.ask(HELLO), Refusal) for c in idle), "61 clients")
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (20, 4096))
    lines = len(server.text().splitlines())
    check(all(works(good) for _ in range(20)), "the limit falls below what is open: clients are answered", server.text())
    crowd = [sits_there(server.place) for _ in range(50)]
    check(all(works(good) for _ in range(20)), "and while others want to connect", server.text())
    check(at_rest(server), "a core is not kept busy", server.text())
    said = server.text().splitlines()[lines:]
    check(0 < len(said) < 12 and any("limit of open files is 20 now" in x for x in said) and
          any("Too many open files" in x for x in said), "a few lines tell of it", said)
    for c in crowd:
        c.close()
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (1024, 4096))
    check(until(lambda: answered(server.place)), "and when it is raised again others can connect", server.text())
    more = Client(server.place)
    check(works(more), "with executors of their own")
    for c in idle:
        c.close()
    more.close()
    check(until(lambda: len(server.children()) == 1), "and nothing is left over", server.children())
    check(server.end() == 0, "it ends well", server.text())


def test_no_processes():
    """An executor that cannot be started costs its client an error, and is told."""
    server = Server(on="cmd:false")
    c = Client(server.place)
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (server.descriptors() + 1, 4096))
    reply = c.ask(RESET, 1, 16, 1, 16)
    check(error_of(reply) == EXECUTOR and "Too many open files" in text_of(reply), "no descriptor for an executor", reply)
    check("cannot start a process" in server.text(), "and the log has it", server.text())
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (1024, 4096))
    check(c.ask(RESET, 1, 16, 1, 16) == (), "its next RESET begins anew", server.text())


def test_leaves_at_once():
    """Executors that are ended before they have begun: their SIGTERM is theirs."""
    server = Server()
    for _ in range(300):
        c = Client(server.place)
        c.send(encode(RESET, 1, [1, 16, 1, 16]))
        c.close()
    check(until(lambda: server.process.poll() is not None or not server.children()) and server.process.poll() is None and
          answered(server.place), "300 clients that ask for an executor and leave", (server.process.poll(), server.text()))


# ---- names ----

def test_socket_of_another():
    """Two servers after each other on one name: the first to end takes only its own away."""
    name = f"{DIR}/name"
    first = Server(listen=[f"unix:{name}"])
    os.unlink(name)
    second = Server(listen=[f"unix:{name}"])
    check(first.end() == 0 and os.path.exists(name), "a socket file that another server has made stays")
    check(answered(f"unix:{name}"), "and that server is found by it")
    check(second.end() == 0 and not os.path.exists(name), "its own end removes it")
    third = Server(listen=[f"unix:{name}"])
    os.unlink(name)
    with open(name, "w") as file:
        file.write("somebody's")
    check(third.end() == 0 and open(name).read() == "somebody's", "a file that took the name stays")
    os.unlink(name)
    dead = Server(listen=[f"unix:{name}"])
    dead.end(signal.SIGKILL)
    check(os.path.exists(name), "a killed server leaves its file")
    os.symlink(name, name + "-link")
    status, out = px("serve", "--listen", f"unix:{name}-link", timeout=20)
    check(status == 2 and "something of that name is there" in out, "a link to it is no socket of ours to remove", out)
    again = Server(listen=[f"unix:{name}"])
    check(answered(f"unix:{name}"), "which the next one replaces", again.text())
    again.process.send_signal(signal.SIGSTOP)
    status, out = px("serve", "--listen", f"unix:{name}", timeout=20)
    again.process.send_signal(signal.SIGCONT)
    check(status == 2 and "something of that name is there already" in out, "one that lives, though it sleeps, is not",
          out)
    crowd = []
    again.process.send_signal(signal.SIGSTOP)
    try:
        while len(crowd) < 1000: # until the queue of those who wait is full
            c = socket.socket(socket.AF_UNIX)
            c.setblocking(False)
            c.connect(name)
            crowd.append(c)
    except BlockingIOError:
        pass
    status, out = px("serve", "--listen", f"unix:{name}", timeout=20)
    again.process.send_signal(signal.SIGCONT)
    check(status == 2 and "something of that name is there already" in out, "nor one whose queue is full", out)


def test_race_for_a_name():
    """Many servers want the name that a dead one left: one gets it, and is found."""
    name = f"{DIR}/race"
    Server(listen=[f"unix:{name}"]).end(signal.SIGKILL)
    all_of_them = [subprocess.Popen([PX, "serve", "--listen", f"unix:{name}"], stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL) for _ in range(8)]
    until(lambda: sum(p.poll() is None for p in all_of_them) == 1, 30)
    left = [p for p in all_of_them if p.poll() is None]
    check(len(left) == 1 and answered(f"unix:{name}"), "of eight servers one has the name", [p.poll() for p in all_of_them])
    for p in left:
        p.terminate()
        p.wait()
    check(not os.path.exists(name), "and removes it")


def test_wire_names():
    for name in ("/dev/ttyUSB_px_test", "frames:/dev/ttyUSB_px_test", "/dev/../dev/ttyUSB_px_test"):
        status, out = px("serve", "--listen", "tcp:0", "--wire", name, timeout=20)
        check(status == 2 and "there is no device" in out and not os.path.exists("/dev/ttyUSB_px_test"),
              f"--wire {name}: a device that is not there is an error and no file", out)
    os.symlink("/dev/ttyUSB_px_test", f"{DIR}/to-device")
    status, out = px("serve", "--listen", "tcp:0", "--wire", f"{DIR}/to-device", timeout=20)
    check(status == 2 and "a link to what is not there" in out and not os.path.exists("/dev/ttyUSB_px_test"),
          "nor through a link", out)
    name = f"{DIR}/moved"
    server = Server("--wire", name)
    c = Client(server.place)
    c.hello(5)
    setup, write = 0x03030001, 0x01030041
    check(c.batch(1, [setup, write], 0)[2] == 1 and open(name, "rb").read() == b"A", "a file as a wire")
    os.rename(name, name + ".1")
    reply = c.batch(2, [setup, write], 1)
    check(error_of(reply) == WIRE and "not the one that was opened" in text_of(reply) and not os.path.exists(name),
          "a wire whose name has gone is error WIRE", reply)
    with open(name, "wb") as file:
        file.write(b"other")
    check(error_of(c.batch(2, [setup, write], 1)) == WIRE and open(name, "rb").read() == b"other", "and so is another file")
    os.rename(name + ".1", name)
    check(c.batch(2, [setup, write], 1)[2] == 2 and open(name, "rb").read() == b"AA", "when it is back the batch is done")


# ---- the log, and files that are not there ----

def test_unread_log():
    """Standard error is a pipe that nobody reads: the service does not wait for it."""
    read_end, write_end = os.pipe()
    place = f"{DIR}/unread"
    process = subprocess.Popen([PX, "serve", "-v", "--listen", f"unix:{place}"], stdout=subprocess.DEVNULL,
                               stderr=write_end)
    os.close(write_end)
    try:
        until(lambda: os.path.exists(place) and answered(f"unix:{place}"))
        c = Client(f"unix:{place}")
        fine = all(not isinstance(c.ask(STATUS), Refusal) for _ in range(3000))
        check(fine, "3,000 logged requests with a log that nobody reads")
        os.read(read_end, 1 << 20)
        c.ask(STATUS)
        time.sleep(0.1)
        check(b"lines were lost" in os.read(read_end, 1 << 20), "and the log tells what was lost when it is read")
    finally:
        process.terminate()
        process.wait()
        os.close(read_end)


def test_closed_files():
    place = f"{DIR}/closed"
    process = subprocess.Popen(["bash", "-c", f"exec {PX} serve --listen unix:{place} <&- >&- 2>&-"])
    until(lambda: os.path.exists(place) and answered(f"unix:{place}"))
    c = Client(f"unix:{place}")
    check(works(c), "a server whose standard files are closed serves")
    process.terminate()
    check(process.wait() == 0, "and ends well")


run([test_few_descriptors, test_raised, test_too_few, test_lowered_while_it_runs, test_no_processes, test_leaves_at_once,
     test_socket_of_another, test_race_for_a_name, test_wire_names, test_unread_log, test_closed_files])
