"""A Chromium for tests and screenshots, found in a fixed order.

$CHROMIUM; a browser on PATH; the npm package @sparticuz/chromium (Linux); apt-get when root;
`playwright install chromium` last. None of them may talk to anybody while the tests run.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools import static
from tools.processes import Stop
from tools.servers import ROOT

ON_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PACKAGE = static.MODULES / "@sparticuz" / "chromium"
KEPT = ROOT / "var" / "browser"
DOWNLOAD_SECONDS = 60
# Headless, quiet, and the same picture on every machine.
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--hide-scrollbars",
    "--font-render-hinting=none",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)
_UNPACK = (
    "const z=require('zlib'),fs=require('fs');"
    "fs.createReadStream(process.argv[1]).pipe(z.createBrotliDecompress())"
    ".pipe(fs.createWriteStream(process.argv[2]))"
)


def flags() -> list[str]:
    """Chromium refuses its sandbox as root; everybody else keeps it."""
    return [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def environment() -> dict[str, str]:
    """With fonts of its own where the machine has none."""
    env = dict(os.environ)
    if KEPT.joinpath("fonts", "fonts.conf").exists() and not _has_fonts():
        env["FONTCONFIG_FILE"] = str(KEPT / "fonts" / "fonts.conf")
    return env


def _has_fonts() -> bool:
    return any(
        next(Path(place).rglob("*.[to]tf"), None) is not None
        for place in ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts")
        if Path(place).is_dir()
    )


def _runs(command: str | Path, seconds: int = 20) -> bool:
    try:
        return (
            subprocess.run(
                [str(command), "--version"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=seconds,
                check=False,
            ).returncode
            == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def _on_path() -> str | None:
    for name in ON_PATH:
        found = shutil.which(name)
        if found and _runs(found):
            return found
    mac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    return mac if Path(mac).exists() and _runs(mac) else None


def _from_npm() -> str | None:
    """The package holds compressed programs; they are unpacked once and never run its scripts."""
    if sys.platform != "linux" or os.uname().machine != "x86_64":
        return None
    program = KEPT / "chromium"
    if _runs(program):
        return str(program)
    if not (PACKAGE / "bin" / "chromium.br").exists():
        try:
            static.install(with_development=True)
        except Stop:
            return None
    _npm, env = static.npm()
    node = shutil.which("node", path=env["PATH"])
    if node is None:
        return None
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in ("al2023.tar", "fonts.tar", "chromium"):
        packed, target = PACKAGE / "bin" / f"{name}.br", KEPT / f"{name}.partial"
        if not packed.exists():
            return None
        if subprocess.run([node, "-e", _UNPACK, packed, target], env=env, check=False).returncode:
            return None
        if name.endswith(".tar"):
            place = KEPT / name.partition(".")[0]
            with tarfile.open(target) as archive:
                archive.extractall(place, filter="data")
            target.unlink()
    (KEPT / "fonts" / "fonts.conf").write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
        f"<fontconfig><dir>{KEPT / 'fonts'}</dir>"
        f"<cachedir>{KEPT / 'fonts-cache'}</cachedir></fontconfig>\n"
    )
    (KEPT / "chromium.partial").chmod(0o755)
    (KEPT / "chromium.partial").rename(program)
    if _runs(program):
        return str(program)
    # A bare machine lacks a few libraries that the package brings along.
    wrapper = KEPT / "chromium-with-libraries"
    wrapper.write_text(
        f'#!/bin/sh\nLD_LIBRARY_PATH="{KEPT / "al2023" / "lib"}" exec "{program}" "$@"\n'
    )
    wrapper.chmod(0o755)
    return str(wrapper) if _runs(wrapper) else None


def _from_apt() -> str | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        done = subprocess.run(
            ["apt-get", "--quiet", *arguments],
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if done.returncode != 0 and arguments[0] == "install":
            return None
    return _on_path()


def _from_playwright() -> str | None:
    env = {**os.environ, "PLAYWRIGHT_BROWSERS_PATH": str(KEPT / "playwright")}
    try:
        subprocess.run(
            [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"],
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=DOWNLOAD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    for found in sorted((KEPT / "playwright").rglob("*hell*")):
        if found.is_file() and os.access(found, os.X_OK) and _runs(found):
            return str(found)
    return None


@contextmanager
def _alone() -> Iterator[None]:
    (ROOT / "var").mkdir(exist_ok=True)
    with (ROOT / "var" / "browser.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def find() -> str:
    """The path of a Chromium that runs, or one sentence that names the ways to get one."""
    told = os.environ.get("CHROMIUM")
    if told:
        if not _runs(told):
            raise Stop(f"CHROMIUM names {told}, which does not run.")
        return told
    with _alone():
        for way in (_on_path, _from_npm, _from_apt, _from_playwright):
            found = way()
            if found:
                return found
    raise Stop(
        "The browser tests need Chromium: install it (apt-get install chromium, brew install "
        "chromium), or name one in the variable CHROMIUM, or run 'playwright install chromium'."
    )


if __name__ == "__main__":
    try:
        print(find())
    except Stop as stop:
        sys.exit(str(stop))
