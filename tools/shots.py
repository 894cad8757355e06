"""`make shots`: the pictures of the documentation, made from the example region.

docs/shots.toml lists them. Each entry: `name` (docs/img/NAME.png), `role`, `page` (the name of an
address without arguments), and if wanted `bring` (a list of the example's own case folder, by a
part of its file's name, to upload there), `follow` (CSS selectors of links to click one after the
other), `wait` (a CSS selector that a worker brings about: the page is opened again until it comes),
`width`, `height` (the most that is shown) and `language`.

python -m tools.shots [WORD ...]     only pictures whose name holds one of the words
"""

import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse
from playwright.sync_api import Browser, FloatRect, Page, sync_playwright

from example.lists import write_case
from regions.clock import today
from tools import chromium, processes
from tools.demo import answers, run_command, step
from tools.pictures import shrink
from tools.processes import Stop
from tools.servers import ROOT, Servers
from tools.test import throw_away_home

LIST = ROOT / "docs" / "shots.toml"
PICTURES = ROOT / "docs" / "img"


@dataclass(frozen=True)
class Shot:
    """One picture: what is looked at, by whom, and how wide."""

    name: str
    role: str
    page: str
    bring: str = ""
    follow: tuple[str, ...] = ()
    wait: str = ""
    width: int = 1280
    height: int = 1100
    language: str = "nl"


def wanted(words: list[str]) -> list[Shot]:
    entries = tomllib.loads(LIST.read_text())["shot"]
    listed = [Shot(**entry | {"follow": tuple(entry.get("follow", ()))}) for entry in entries]
    return [shot for shot in listed if not words or any(word in shot.name for word in words)]


def session_of(role: str, language: str) -> str:
    """The cookie of somebody with this role in the example region."""
    membership = (
        apps.get_model("accounts", "Membership")
        .objects.live()
        .filter(role=role, region__is_example=True)
        .select_related("user")
        .order_by("pk")
        .first()
    )
    if membership is None:
        raise Stop(f"Nobody in the example region has the role {role}.")
    user = membership.user
    user.chosen_membership_id = membership.pk
    user.language = language
    user.save(update_fields=["chosen_membership_id", "language"])
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def bring_list(page: Page, lists: Path, word: str) -> None:
    """Upload a list and wait until the worker has read it."""
    [file] = [path for path in lists.iterdir() if word in path.name]
    page.locator("main [type=file]").set_input_files(file)
    page.locator("main form button[type=submit]").click()
    page.locator(".wt-import, main form[action$='/answers/']").first.wait_for(timeout=120_000)


def is_there(page: Page, selector: str) -> bool:
    """Whether a page that is opened again shows it."""
    page.reload()
    return page.locator(selector).count() > 0


def take(browser: Browser, address: str, shot: Shot, cookie: str, lists: Path) -> None:
    """Open the page as that person and keep what it shows."""
    context = browser.new_context(
        viewport={"width": shot.width, "height": 800},
        locale=shot.language,
        timezone_id="Europe/Amsterdam",
        reduced_motion="reduce",
    )
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": f"{address}/"}]
    )
    page = context.new_page()
    answer = page.goto(f"{address}{reverse(shot.page)}")
    if answer is None or answer.status != 200:
        raise Stop(f"{shot.name}: {shot.page} does not open for {shot.role}.")
    if shot.bring:
        bring_list(page, lists, shot.bring)
    for link in shot.follow:
        with page.expect_navigation():
            page.locator(link).first.click()
    if shot.wait and not processes.wait_until(
        lambda: is_there(page, shot.wait), seconds=120, every=1
    ):
        raise Stop(f"{shot.name}: {shot.wait} does not come.")
    page.wait_for_load_state("networkidle")
    whole = page.evaluate("document.documentElement.scrollHeight")
    clip: FloatRect = {
        "x": 0,
        "y": 0,
        "width": shot.width,
        "height": min(whole, shot.height),
    }
    png = page.screenshot(full_page=True, clip=clip)
    page.goto("about:blank")
    (PICTURES / f"{shot.name}.png").write_bytes(shrink(png, page))
    context.close()


def runs_are_done() -> bool:
    """Whether the worker has come to the end of what loading the example asked for."""
    for label in ("housing.MatchRun", "outflow.EstimateRun"):
        runs = apps.get_model(label).objects
        if runs.filter(state__in=["queued", "running"]).exists():
            return False
        if any(run.has_follow_up for run in runs.filter(state="done")):
            return False
    return True


def make(home: Path, shots: list[Shot]) -> None:
    servers = Servers(home, throw_away=True)
    port = processes.free_port()
    running: list[subprocess.Popen[bytes]] = []
    try:
        with step("PostgreSQL and Valkey"):
            servers.start()
        env = {**os.environ, **servers.environment(), **servers.demo_environment()}
        env |= {"MEDIA_ROOT": str(home / "media"), "LOG_LEVEL": "WARNING"}
        with step("database"):
            run_command(env, "migrate", "--database", "owner", "--verbosity", "0")
        with step("the example region"):
            run_command(env, "load_example")
        programs = (
            ("celery", "--app=weerthuis", "worker", "--concurrency=1"),
            ("celery", "--app=weerthuis", "beat", f"--schedule={home / 'beat'}", "--pidfile="),
            ("gunicorn", "weerthuis.wsgi", f"--bind=127.0.0.1:{port}"),
        )
        for program in programs:
            argv = [sys.executable, "-m", *program]
            running.append(processes.spawn(argv, log=home / "site.log", env=env, cwd=ROOT))
        address = f"http://localhost:{port}"
        if not processes.wait_until(lambda: answers(f"{address}/readyz"), seconds=60):
            raise Stop(f"The site does not start: {(home / 'site.log').read_text()}")
        os.environ.update(env, DJANGO_SETTINGS_MODULE="weerthuis.settings")
        django.setup()
        with step("estimate and matching"):
            if not processes.wait_until(runs_are_done, seconds=240, every=1):
                raise Stop(f"The worker does not finish: {(home / 'site.log').read_text()}")
        lists = home / "lists"
        write_case(lists, seed=1, as_of=today())
        # A browser's event loop and the database do not go together in one thread.
        cookies = [session_of(shot.role, shot.language) for shot in shots]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium.find(),
                args=chromium.flags(),
                env={**chromium.environment()},
            )
            for shot, cookie in zip(shots, cookies, strict=True):
                with step(shot.name):
                    take(browser, address, shot, cookie, lists)
            browser.close()
    finally:
        for process in running:
            processes.end(process.pid, group=True)
        servers.stop()
        shutil.rmtree(home, ignore_errors=True)


def main() -> int:
    shots = wanted(sys.argv[1:])
    PICTURES.mkdir(parents=True, exist_ok=True)
    make(throw_away_home(), shots)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Stop as stop:
        sys.exit(str(stop))
