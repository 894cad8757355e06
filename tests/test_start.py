"""From a bare clone to a running site: finding Python, the two locks, the catalogues, the demo."""

import ast
import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.running import status
from tools import bootstrap, catalogues, lock, processes
from tools.offline import environment
from tools.servers import ROOT


def interpreter(directory: Path, name: str, answer: str) -> Path:
    """A stand-in for a Python on somebody's PATH."""
    path = directory / name
    path.write_text(f"#!/bin/sh\n{answer}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No pyenv, no uv, nothing on PATH but what the test puts there."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(interpreter(tmp_path, "old", "echo 3 11")))
    return tmp_path


def test_the_first_script_can_be_read_by_an_old_python() -> None:
    ast.parse((ROOT / "tools" / "bootstrap.py").read_text(), feature_version=(3, 8))


def test_the_first_script_needs_the_standard_library_only() -> None:
    tree = ast.parse((ROOT / "tools" / "bootstrap.py").read_text())
    imported = {
        alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert not any(isinstance(node, ast.ImportFrom) for node in ast.walk(tree))
    assert imported <= sys.stdlib_module_names


def test_a_recent_python_is_found_behind_a_shim_that_fails(bare_machine: Path) -> None:
    interpreter(bare_machine, "python3.14", "exit 127")
    interpreter(bare_machine, "python3", "echo 3 11")
    recent = interpreter(bare_machine, "python3.12", "echo 3 12")
    assert bootstrap.find_python(None) == str(recent)


def test_a_python_that_pyenv_holds_is_found(bare_machine: Path) -> None:
    for version in ("3.9.1", "3.12.4", "3.13.0"):
        place = bare_machine / "home" / ".pyenv" / "versions" / version / "bin"
        place.mkdir(parents=True)
        interpreter(place, "python", "echo " + " ".join(version.split(".")[:2]))
    assert "3.13.0" in bootstrap.find_python(None)


def test_without_a_recent_python_there_is_one_sentence(bare_machine: Path) -> None:
    interpreter(bare_machine, "python3", "echo 3 11")
    with pytest.raises(SystemExit) as refusal:
        bootstrap.find_python(None)
    assert "Python 3.12 or newer" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_uv_is_asked_when_no_python_is_recent_enough(bare_machine: Path) -> None:
    recent = interpreter(bare_machine, "from-uv", "echo 3 12")
    uv = interpreter(bare_machine, "uv", f'[ "$2" = find ] && echo {recent} || true')
    assert bootstrap.find_python(str(uv)) == str(recent)


def test_uv_itself_is_installed_with_its_hashes() -> None:
    block = bootstrap.locked_block("uv")
    assert re.match(r"uv==[\d.]+ \\\n", block)
    assert block.count("--hash=sha256:") > 5
    assert "==" not in block.partition("==")[2], "one package, not the next one too"


def test_the_locks_answer_what_was_asked_for() -> None:
    assert list(lock.faults()) == []


def test_a_new_wish_makes_the_locks_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = tmp_path / "pyproject.toml"
    text = lock.PROJECT.read_text()
    changed.write_text(text.replace('"django>=6.1,<6.2"', '"django>=6.2,<6.3"'))
    monkeypatch.setattr(lock, "PROJECT", changed)
    faults = " ".join(lock.faults())
    assert "answers another pyproject.toml" in faults
    assert "wanted is <6.3,>=6.2" in faults


def test_a_new_wish_for_the_oracles_makes_their_lock_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = tmp_path / "requirements.in"
    text = lock.ASKED_OF_ORACLES.read_text()
    changed.write_text(text.replace("scoringrules>=0.11,<0.12", "scoringrules>=99"))
    monkeypatch.setattr(lock, "ASKED_OF_ORACLES", changed)
    faults = " ".join(lock.faults())
    assert "oracles/requirements.lock answers another requirements.in" in faults
    assert "oracles/requirements.lock has scoringrules" in faults


def test_a_lock_without_hash_or_with_an_address_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = tmp_path / "requirements.lock"
    text = lock.RUNTIME.read_text()
    changed.write_text(f"{text}\nstray==1.0\n    # via https://example.org\n")
    monkeypatch.setattr(lock, "RUNTIME", changed)
    faults = list(lock.faults())
    assert any("no hash for stray" in fault for fault in faults)
    assert any("holds an address" in fault for fault in faults)
    assert any("differ on stray" in fault for fault in faults)


TEMPLATE = """{% load i18n %}{# a comment #}
{% trans "Ready" %} {{ _("From a filter") }} {% translate "May" context "month" %}
{% blocktranslate trimmed count n=n %}
  {{ n }} home
{% plural %}
  {{ n }} homes
{% endblocktranslate %}"""


def test_words_in_templates_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(TEMPLATE)
    found = set(catalogues._in_template(page))
    assert ("Ready", None) in found
    assert ("From a filter", None) in found
    assert ("May", "month") in found
    assert (("%(n)s home", "%(n)s homes"), None) in found


def test_words_in_python_are_found(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        'a = _("One")\n'
        'b = ngettext("%(n)d day", "%(n)d days", n)\n'
        'c = pgettext_lazy("menu", "Home")\n'
    )
    found = set(catalogues._in_python(module))
    assert found == {("One", None), (("%(n)d day", "%(n)d days"), None), ("Home", "menu")}


@pytest.fixture
def small_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one template and its two catalogues."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text('{% trans "Ready" %}{% trans "%(n)s left" %}')
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    return tmp_path


def test_catalogues_are_updated_merged_compiled_and_complete(small_catalogue: Path) -> None:
    fragment = small_catalogue / "fragment.po"
    fragment.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "Ready"\nmsgstr "Klaar"\n\nmsgid "%%(n)s left"\nmsgstr "nog %%(n)s"\n'
    )
    catalogues.update([fragment])
    assert list(catalogues.faults()) == []
    catalogues.compile_all()
    assert catalogues.catalogue_path("nl").with_suffix(".mo").exists()
    before = catalogues.catalogue_path("nl").read_bytes()
    catalogues.update([])
    assert catalogues.catalogue_path("nl").read_bytes() == before


@pytest.mark.parametrize(
    ("find", "put", "fault"),
    [
        ('msgstr "Klaar"', 'msgstr ""', "untranslated"),
        ('msgid "Ready"', '#, fuzzy\nmsgid "Ready"', "fuzzy"),
        ('msgid "Ready"', 'msgid "Never said"', "no longer in the sources"),
        ('msgid "Ready"', 'msgid "Redy"', "not in the catalogue"),
    ],
)
def test_an_incomplete_catalogue_is_noticed(
    small_catalogue: Path, find: str, put: str, fault: str
) -> None:
    test_catalogues_are_updated_merged_compiled_and_complete(small_catalogue)
    path = catalogues.catalogue_path("nl")
    text = path.read_text()
    assert find in text
    path.write_text(text.replace(find, put))
    assert any(fault in found for found in catalogues.faults())


def test_a_lost_placeholder_is_noticed(small_catalogue: Path) -> None:
    (small_catalogue / "templates" / "page.html").write_text(
        "{% blocktrans %}{{ name }} moves{% endblocktrans %}"
    )
    fragment = small_catalogue / "fragment.po"
    fragment.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "%(name)s moves"\nmsgstr "%(naam)s verhuist"\n'
    )
    catalogues.update([fragment])
    assert any("placeholders" in found for found in catalogues.faults())


# The demo ---------------------------------------------------------------------------------------


class Launcher:
    """`make demo` as a person starts it, with a data directory of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        env = {key: value for key, value in os.environ.items() if key not in environment()}
        for name in ("DATABASE_SUPERUSER_URL", "DATABASE_BACKUP_URL", "MAKELEVEL", "MEDIA_ROOT"):
            env.pop(name, None)
        self.begun = time.monotonic()
        self.log = home.with_suffix(f".{time.monotonic_ns()}.log")
        self.process = processes.spawn(
            [sys.executable, "-m", "tools.demo", "--home", home], log=self.log, env=env, cwd=ROOT
        )

    def words(self) -> str:
        return self.log.read_text()

    def address(self, seconds: float) -> str:
        """Where the demo says it is, once it says so."""
        said = re.compile(r"^  (http://localhost:\d+)$", re.MULTILINE)
        processes.wait_until(
            lambda: said.search(self.words()) is not None or self.process.poll() is not None,
            seconds=seconds,
        )
        found = said.search(self.words())
        assert found, self.words()
        return found[1]


def alive_in(home: Path) -> list[str]:
    """Processes that name this data directory or were started for it."""
    listed = subprocess.run(
        ["ps", "-ww", "-eo", "command="], capture_output=True, text=True, check=True
    )
    return [line for line in listed.stdout.splitlines() if str(home) in line]


def test_the_demo_starts_survives_kill_9_and_stops_on_ctrl_c(servers_home: Path) -> None:
    home = servers_home / "demo"
    first = Launcher(home)
    second = None
    try:
        address = first.address(seconds=400)
        assert status(f"{address}/readyz") == 200
        assert "@" in first.words(), "it prints one sign-in per role"

        beside = Launcher(home)
        assert beside.process.wait(timeout=60) == 1
        assert f"already runs at {address}" in beside.words()

        os.kill(first.process.pid, signal.SIGKILL)
        first.process.wait()
        second = Launcher(home)
        address = second.address(seconds=60)
        took = time.monotonic() - second.begun
        assert status(f"{address}/readyz") == 200
        # Ten seconds is the promise on a machine of its own; here other tests run beside it.
        assert took < 25, took

        os.kill(second.process.pid, signal.SIGINT)
        assert second.process.wait(timeout=60) == 0
        assert alive_in(home) == []
        assert status(f"{address}/healthz") == 0
        assert (home / "postgres" / "PG_VERSION").exists(), "the data stay"
    finally:
        for launcher in filter(None, (first, second)):
            processes.end(launcher.process.pid)
