#!/usr/bin/env python3
"""Measures the whole program from outside and prints a table: how each figure grows with the fleet.

    cargo build --release
    python3 benches/whole_program.py                       # 1,000 and 10,000 servers
    python3 benches/whole_program.py --sizes 100000        # takes its time, and some gigabytes of disk

Each size is scanned from a simulator in a process of its own, then opened, searched, reported, judged anew and compared
with itself. Absolute times are those of the machine and of what else it does; read the growth and the ratios.

Needs Python 3.9 and nothing else.
"""

import argparse
import os
import pty
import re
import resource
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from fcntl import ioctl

COLUMNS, ROWS = 120, 40
QUIET = 0.05  # seconds without output that end a frame


def main():
    arguments = parse()
    program = os.path.abspath(arguments.binary)
    if not os.path.exists(program):
        sys.exit(f"{program} is not there: cargo build --release")
    folder = tempfile.mkdtemp(prefix="flexposture-bench-")
    table = []
    try:
        for servers in arguments.sizes:
            table.append(measure(program, folder, servers, arguments))
            sys.stderr.write(f"{servers} servers measured\n")
    finally:
        if arguments.keep:
            sys.stderr.write(f"the scans are in {folder}\n")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    show(table)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=numbers, default=[1000, 10000], help="servers, with commas between")
    parser.add_argument("--binary", default="target/release/flexposture")
    parser.add_argument("--latency", type=int, default=0, help="ms before each answer of the simulator")
    parser.add_argument("--limits", choices=["none", "documented"], default="none")
    parser.add_argument("--per-subscription", type=int, default=100, help="servers of a subscription")
    parser.add_argument("--keep", action="store_true", help="keep the folder with the scans")
    return parser.parse_args()


def numbers(text):
    return [int(number.replace("_", "")) for number in text.split(",")]


def measure(program, folder, servers, arguments):
    """One row of the table."""
    home = os.path.join(folder, str(servers))
    os.makedirs(home)
    environment = {
        "HOME": home,
        "PATH": os.environ.get("PATH", ""),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "FLEXPOSTURE_TOKEN": "simulator",
    }
    file = os.path.join(home, "a.flexscan")
    row = {"servers": servers}
    subscriptions = max(1, servers // arguments.per_subscription)
    simulator = subprocess.Popen(
        [program, "simulator", "--servers", str(servers), "--subscriptions", str(subscriptions),
         "--latency", str(arguments.latency), "--limits", arguments.limits, "--port", "0"],
        stdout=subprocess.PIPE, env=environment, text=True)
    try:
        endpoint = re.search(r"http://\S+", simulator.stdout.readline()).group()
        scan = run([program, "scan", "--arm-endpoint", endpoint, "--out", file], environment)
        requests = int(re.search(r"with (\d+) requests", scan.output).group(1))
        row["scan s"] = scan.wall
        row["scan CPU s"] = scan.cpu
        row["requests"] = requests
        row["requests/s"] = requests / scan.wall
        row["scan MB"] = scan.megabytes
    finally:
        simulator.send_signal(signal.SIGTERM)
        simulator.wait()
    row["file MB"] = os.path.getsize(file) / 1e6
    row["usable ms"], row["key ms"], row["search ms"], row["explorer MB"] = explore(program, file, environment)
    for name, command in [
        ("report s", ["report", "--scan", file, "--format", "csv"]),
        ("findings s", ["report", "--scan", file, "--rows", "findings", "--format", "ndjson"]),
        ("rejudge s", ["rejudge", "--scan", file, "--strict-baseline"]),
        ("diff s", ["diff", file, file]),
    ]:
        done = run([program, *command], environment, may_fail=True)
        row[name] = done.wall if done.code in (0, 1) else None
    return row


class Done:
    """A command that ended: its wall time and CPU time in seconds, its largest memory in MB, its output."""

    def __init__(self, wall, cpu, megabytes, output, code):
        self.wall, self.cpu, self.megabytes, self.output, self.code = wall, cpu, megabytes, output, code


def run(command, environment, may_fail=False):
    with tempfile.TemporaryFile(mode="w+") as output:
        started = time.monotonic()
        child = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL, env=environment)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - started
        child.returncode = code = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read(1 << 20)
    # A scan of the simulator ends with 4: a part of its fleet is hidden on purpose.
    if code not in (0, 4) and not may_fail:
        sys.exit(f"{' '.join(command)} ended with {code}")
    return Done(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text, code)


def explore(program, file, environment):
    """Milliseconds until the list is there, for a cursor key and for a letter of a search; and megabytes."""
    started = time.monotonic()
    child, terminal = pty.fork()
    if child == 0:
        os.execve(program, [program, "explore", "--scan", file, "--fresh"], environment)
    ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    try:
        usable = wait_for(terminal, started, lambda text: "mysql-" in text)
        settle(terminal)
        keys = [press(terminal, "j") for _ in range(20)]
        press(terminal, "/")
        letters = [press(terminal, letter) for letter in "mysql-prod"]
        with open(f"/proc/{child}/status") as status:
            kilobytes = int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))
    finally:
        os.kill(child, signal.SIGTERM)
        drain(terminal)
        os.waitpid(child, 0)
        os.close(terminal)
    return usable, median(keys), median(letters), kilobytes / 1024


def wait_for(terminal, started, is_there):
    text = ""
    while not is_there(text):
        if not select.select([terminal], [], [], 60)[0]:
            sys.exit("the explorer shows no server")
        text += os.read(terminal, 1 << 16).decode(errors="replace")
    return (time.monotonic() - started) * 1000


def settle(terminal):
    while select.select([terminal], [], [], 0.5)[0]:
        os.read(terminal, 1 << 16)


def press(terminal, key):
    """Milliseconds from a key to the last byte of what it paints."""
    started = last = time.monotonic()
    os.write(terminal, key.encode())
    while select.select([terminal], [], [], QUIET)[0]:
        os.read(terminal, 1 << 16)
        last = time.monotonic()
    return (last - started) * 1000


def drain(terminal):
    try:
        while select.select([terminal], [], [], 5)[0] and os.read(terminal, 1 << 16):
            pass
    except OSError:
        pass


def median(numbers):
    return sorted(numbers)[len(numbers) // 2]


def show(table):
    for name in table[0]:
        cells = []
        for row in table:
            value = row[name]
            cells.append("-" if value is None else f"{value:,.0f}" if abs(value) >= 100 or isinstance(value, int) else f"{value:.2f}")
        print(f"{name:14}" + "".join(f"{cell:>14}" for cell in cells))


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
