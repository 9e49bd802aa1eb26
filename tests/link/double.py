"""double.py - an executor for cmd: that is honest, but for one thing. double.py HOW INPUT OUTPUT BUDGET, HOW being
slow (a second a run), lie (one pixel wrong), die (takes the process down that called it), hang, refuse (fails)."""
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../conformance"))

how, source, target, budget = sys.argv[1:]
if how == "slow":
    time.sleep(1)
if how == "hang":
    time.sleep(600)
if how == "die":
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(5)
if how == "refuse":
    sys.exit("this executor is out of order")
subprocess.run([os.environ.get("PX", "build/px"), "run", "-q", "--state", "--budget", budget, source, "-o", target],
               check=False)
if how == "lie":
    from pxvm_png import png_read, png_write

    w, h, words = png_read(target)
    words[-1] ^= 1
    png_write(target, w, h, words)
