"""`make lint`: everything about the source that a machine can judge, without any server."""

import subprocess
import sys
import time
from pathlib import Path

from tools.offline import environment
from tools.servers import ROOT

BIN = Path(sys.executable).parent
PACKAGES = (
    "regions",
    "accounts",
    "lists",
    "outflow",
    "housing",
    "steering",
    "weerthuis",
    "example",
    "tools",
)


def checks() -> dict[str, list[str | Path]]:
    python = sys.executable
    present = [name for name in PACKAGES if (ROOT / name).is_dir()]
    templates = sorted({path.parent for path in ROOT.glob("*/templates")} | {ROOT / "templates"})
    folders = [path / "templates" if path.name != "templates" else path for path in templates]
    return {
        "ruff check": [BIN / "ruff", "check", "."],
        "ruff format": [BIN / "ruff", "format", "--check", "."],
        "mypy": [python, "-m", "mypy", "manage.py", *present],
        "templates": [python, "-m", "djlint", "--check", "--lint", *folders],
        "migrations": [python, "manage.py", "makemigrations", "--check", "--dry-run"],
        "catalogues": [python, "-m", "tools.catalogues", "check"],
        "locks": [python, "-m", "tools.lock", "check"],
    }


def main() -> int:
    wanted = sys.argv[1:]
    failed = []
    # makemigrations warns that it cannot compare with a database: there is none on purpose
    env = environment() | {"PYTHONWARNINGS": "ignore::RuntimeWarning"}
    for name, argv in checks().items():
        if wanted and name not in wanted:
            continue
        begun = time.monotonic()
        done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        verdict = "ok" if done.returncode == 0 else "FAILED"
        print(f"{name:<14}{verdict:<8}{time.monotonic() - begun:5.1f} s", flush=True)
        if done.returncode != 0:
            failed.append(name)
            print((done.stdout + done.stderr).strip(), flush=True)
    if failed:
        print(f"lint: {', '.join(failed)} failed", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
