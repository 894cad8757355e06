"""The picture in docs/architecture.md and the dictionaries below are the same thing."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

MAY_IMPORT = {
    "regions": {"regions"},
    "accounts": {"accounts", "regions"},
    "lists": {"lists", "accounts", "regions"},
    "outflow": {"outflow", "lists", "accounts", "regions"},
    "housing": {"housing", "outflow", "lists", "accounts", "regions"},
    "steering": {"steering", "housing", "outflow", "lists", "accounts", "regions"},
}
OURS = {*MAY_IMPORT, "weerthuis", "example", "tests", "tools"}

# The pure cores: what they compute can be run, checked and replayed without the application.
CORES = ("outflow/estimation", "housing/matching")
CORE_MAY_IMPORT = {"numpy", "pandas", "highspy"}

# A file's promise, and the neighbours in its own app that would break it.
PROMISES = {
    "lifecycle.py": {"models", "operations", "querysets", "forms", "views"},
    "querysets.py": {"models", "operations", "forms", "views"},
    "models.py": {"operations", "forms", "views", "runs", "tasks", "snapshots"},
    "models": {"operations", "forms", "views", "runs", "tasks", "snapshots"},
    "operations": {"forms", "views", "tasks"},
    "snapshots.py": {"operations", "views", "forms"},
    "questions.py": {"operations", "views", "forms"},
    "nation.py": {"operations", "views", "forms"},
    "replays.py": {"views", "forms"},
    "runs.py": {"views"},
    "tryouts.py": {"views"},
    "imports.py": {"views"},
    "forms.py": {"operations", "views"},
    "views": {"snapshots", "runs", "tryouts"},
}


def modules(folder: str) -> list[Path]:
    return sorted(path for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts)


def imported_by(path: Path) -> set[str]:
    """Dotted names of what a file imports, wherever in the file the import stands."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def strangers(path: Path, allowed: set[str]) -> set[str]:
    return {name.split(".")[0] for name in imported_by(path)} & OURS - allowed


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_apps_depend_in_one_direction(app):
    for path in modules(app):
        found = strangers(path, MAY_IMPORT[app])
        assert not found, f"{path.relative_to(ROOT)} imports {found}"


def test_an_arrow_the_wrong_way_is_noticed(tmp_path):
    path = tmp_path / "upward.py"
    path.write_text("def f():\n    from housing import models\n")
    assert strangers(path, MAY_IMPORT["outflow"]) == {"housing"}


@pytest.mark.parametrize("core", CORES)
def test_the_cores_know_no_django_and_no_app(core):
    files = modules(core)
    assert files
    own = core.replace("/", ".")
    for path in files:
        for name in imported_by(path):
            root = name.split(".")[0]
            inside = name == own or name.startswith(f"{own}.")
            assert inside or root not in OURS, f"{path.name} imports {name}"
            assert root not in {"django", "celery", "psycopg", "redis"}, f"{path.name}: {name}"


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_each_file_keeps_to_what_it_promises(app):
    for path in modules(app):
        inner = path.relative_to(ROOT / app)
        key = inner.parts[0]
        for name in imported_by(path):
            parts = name.split(".")
            if parts[0] == app and len(parts) > 1 and parts[1] in PROMISES.get(key, set()):
                pytest.fail(f"{path.relative_to(ROOT)} imports {name}")


def test_no_room_is_called_after_nothing():
    vague = {"common", "utils", "helpers", "services", "misc", "signals"}
    for app in MAY_IMPORT:
        for path in modules(app):
            assert not vague & {path.stem, *path.relative_to(ROOT).parts[:-1]}, path


def test_the_picture_in_the_docs_is_this_one():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    arrow = (
        "regions  <-  accounts  <-  lists  <-  outflow  <-  housing  <-  steering  <-  weerthuis"
    )
    assert arrow in page
    for app in MAY_IMPORT:
        assert f"| `{app}` |" in page
