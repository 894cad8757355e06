"""How long the second start of the demo takes: from the command to a site that answers."""

import os
import signal
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from tools import processes
from tools.processes import Stop
from tools.servers import ROOT, choose_home

STARTS = 3
MOST_SECONDS = 180
GOAL = 10.0


def once(home: Path) -> float:
    """Start the demo, wait for its address and its first page, stop it."""
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DEBUG"}
    }
    log = home / "start.log"
    begun = time.monotonic()
    with log.open("w") as out:
        demo = subprocess.Popen(
            [sys.executable, "-u", "-m", "tools.demo", "--home", home],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        ready = processes.wait_until(
            lambda: demo.poll() is not None or _address(log) != "",
            seconds=MOST_SECONDS,
            every=0.02,
        )
        if not ready or demo.poll() is not None:
            raise Stop(f"The demo does not start; {log} tells why.")
        address = f"{_address(log)}/sign-in/"
        with urllib.request.urlopen(address, timeout=30) as page:  # noqa: S310 - our own address
            page.read()
        return time.monotonic() - begun
    finally:
        demo.send_signal(signal.SIGINT)
        try:
            demo.wait(timeout=60)
        except subprocess.TimeoutExpired:
            demo.kill()


def _address(log: Path) -> str:
    """The address stands alone on a line once everything runs."""
    lines = (line.strip() for line in log.read_text().splitlines())
    return next((line for line in lines if line.startswith("http://")), "")


def run(*, short: bool) -> bool:
    home = choose_home("bench-demo")
    print(f"\nstart: load average {os.getloadavg()[0]:.1f}", flush=True)
    print(f"  first start here  {once(home):5.1f} s", flush=True)
    seconds = [once(home) for _number in range(1 if short else STARTS)]
    middle = statistics.median(seconds)
    each = ", ".join(f"{value:.1f}" for value in seconds)
    print(f"  second start      {middle:5.1f} s (median of {each}; goal {GOAL:.0f})")
    return short or middle <= GOAL
