"""tap.py - results of a suite in Python, as TAP has them."""
import sys

MOST_LINES = 60  # of a detail: its last ones
count = bad = 0


def result(good, name, *details):
    """A case; what is to be seen where it fails. Whether it was good."""
    global count, bad
    count += 1
    bad += not good
    print(f"{'ok' if good else 'not ok'} {count} - {name}", flush=True)
    for detail in () if good else details:
        print("".join(f"# {line}\n" for line in str(detail).splitlines()[-MOST_LINES:]), end="", flush=True)
    return good


def finish():
    print(f"1..{count}")
    sys.exit(bad > 0)


def skip(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(0)
