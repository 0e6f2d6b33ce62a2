#!/usr/bin/env python3
"""Reads one simulated fleet twice, side by side: in the call pattern of Prowler 5.46, and by `flexposture scan`.

    cargo build --release
    python3 benches/call_pattern.py                        # 100 servers, one subscription, 100 ms an answer

Prowler reads, for each subscription, the list of servers, and then, one server after the other, the list of its server
parameters (prowler/providers/azure/services/mysql/mysql_service.py, API version 2021-05-01). That pattern is repeated
here over one connection that stays open, without what Prowler does before and after it: the time is that of its answers
alone, and less than a run of Prowler takes. Its requests carry no more than the simulator needs to answer.

`flexposture scan --only DP-3` reads the same parameters, and each server in its full form; `flexposture scan` reads
everything that its conditions look at. Both times are those of the whole command.

Needs Python 3.9 and nothing else.
"""

import argparse
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from urllib.parse import urlsplit

API_VERSION = "2021-05-01"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default="target/release/flexposture")
    parser.add_argument("--servers", type=int, default=100)
    parser.add_argument("--latency", type=int, default=100, help="ms before each answer of the simulator")
    parser.add_argument("--rounds", type=int, default=3, help="the middle one of so many is printed")
    arguments = parser.parse_args()
    program = os.path.abspath(arguments.binary)
    if not os.path.exists(program):
        sys.exit(f"{program} is not there: cargo build --release")
    with tempfile.TemporaryDirectory(prefix="flexposture-bench-") as home:
        environment = {"HOME": home, "PATH": os.environ.get("PATH", ""), "FLEXPOSTURE_TOKEN": "simulator"}
        simulator = subprocess.Popen(
            [program, "simulator", "--servers", str(arguments.servers), "--subscriptions", "1",
             "--latency", str(arguments.latency), "--limits", "none", "--port", "0"],
            stdout=subprocess.PIPE, env=environment, text=True)
        try:
            endpoint = re.search(r"http://\S+", simulator.stdout.readline()).group()
            ways = {
                "one after the other": lambda: one_after_the_other(endpoint),
                "scan --only DP-3": lambda: scan(program, endpoint, home, environment, ["--only", "DP-3"]),
                "scan": lambda: scan(program, endpoint, home, environment, []),
            }
            # In turn, so that what else the machine does meets all of them.
            rounds = [{name: way() for name, way in ways.items()} for _ in range(arguments.rounds)]
        finally:
            simulator.send_signal(signal.SIGTERM)
            simulator.wait()
    show(rounds, arguments.servers)


def one_after_the_other(endpoint):
    """Requests and seconds of the list of servers and one list of parameters for each."""
    started = time.monotonic()
    connection = http.client.HTTPConnection(urlsplit(endpoint).netloc)
    requests = 0

    def pages(path):
        nonlocal requests
        while path:
            connection.request("GET", path, headers={"Authorization": "Bearer simulator"})
            answer = connection.getresponse()
            body = json.loads(answer.read())
            requests += 1
            # A server that is stopped refuses the list of its parameters; Prowler goes on with the next one.
            if answer.status != 200:
                return
            yield from body["value"]
            link = urlsplit(body.get("nextLink") or "")
            path = f"{link.path}?{link.query}" if link.path else None

    for subscription in list(pages("/subscriptions?api-version=2022-12-01")):
        servers = f"{subscription['id']}/providers/Microsoft.DBforMySQL/flexibleServers?api-version={API_VERSION}"
        for server in list(pages(servers)):
            for _ in pages(f"{server['id']}/configurations?api-version={API_VERSION}"):
                pass
    return requests, time.monotonic() - started


def scan(program, endpoint, home, environment, options):
    """Requests and seconds of a scan."""
    file = os.path.join(home, "a.flexscan")
    started = time.monotonic()
    done = subprocess.run([program, "scan", "--arm-endpoint", endpoint, "--out", file, *options],
                          env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    wall = time.monotonic() - started
    # A scan of the simulator may end with 4: a part of its fleet is hidden on purpose.
    if done.returncode not in (0, 4):
        sys.exit(f"scan ended with {done.returncode}")
    os.remove(file)
    return int(re.search(r"with (\d+) requests", done.stdout).group(1)), wall


def show(rounds, servers):
    print(f"{'':24}{'requests':>10}{'a server':>10}{'seconds':>10}{'requests/s':>12}")
    for name in rounds[0]:
        requests, seconds = sorted((it[name] for it in rounds), key=lambda it: it[1])[len(rounds) // 2]
        print(f"{name:24}{requests:>10}{requests / servers:>10.2f}{seconds:>10.2f}{requests / seconds:>12.0f}")


if __name__ == "__main__":
    main()
