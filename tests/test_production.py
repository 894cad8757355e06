"""Production settings: what must be there, what is refused, what the browser is told."""

import http.client
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import Processes
from tools.offline import environment
from tools.servers import ROOT
from weerthuis import logs

REQUIRED = (
    "SECRET_KEY",
    "IDENTITY_KEYS",
    "BLIND_INDEX_KEY",
    "DATABASE_URL",
    "REDIS_URL",
    "ALLOWED_HOSTS",
)


def run(env: dict[str, str], *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *argv],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_deployment_check_finds_nothing() -> None:
    done = run(environment(), "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


def test_the_deployment_check_can_fail() -> None:
    done = run(
        environment() | {"HTTPS": "off"},
        *("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
    )
    assert done.returncode == 1


@pytest.mark.parametrize("name", REQUIRED)
def test_nothing_starts_while_a_setting_is_missing(name: str) -> None:
    env = {key: value for key, value in environment().items() if key != name}
    done = run(env, "manage.py", "check")
    assert done.returncode == 1
    assert name in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, "one sentence, not a traceback"


@pytest.mark.parametrize(
    ("name", "weak"),
    [
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "django-insecure-change-me-" + "x" * 60),
        ("IDENTITY_KEYS", "1:" + "A" * 43 + "="),  # 32 zero bytes
        ("IDENTITY_KEYS", "not versioned"),
        ("IDENTITY_KEYS", "1:c2hvcnQ="),
        ("BLIND_INDEX_KEY", "c2hvcnQ="),
        ("DATABASE_URL", "sqlite:///weerthuis.db"),
        ("ALLOWED_HOSTS", "*"),
    ],
)
def test_a_weak_or_default_setting_is_refused(name: str, weak: str) -> None:
    done = run(environment() | {name: weak}, "manage.py", "check")
    assert done.returncode == 1
    assert name in done.stderr
    assert weak not in done.stderr or name in {"DATABASE_URL", "ALLOWED_HOSTS"}


def test_the_two_keys_may_not_be_the_same() -> None:
    env = environment()
    env["BLIND_INDEX_KEY"] = env["IDENTITY_KEYS"].partition(":")[2]
    assert run(env, "manage.py", "check").returncode == 1


def test_gunicorn_refuses_with_one_sentence_and_does_not_try_again() -> None:
    done = run(
        environment() | {"SECRET_KEY": ""},
        *("-m", "gunicorn", "weerthuis.wsgi", "--preload", "--bind=127.0.0.1:0"),
    )
    assert done.returncode != 0
    assert "SECRET_KEY is missing" in done.stderr


def test_the_worker_refuses_without_a_secret() -> None:
    done = run(
        environment() | {"SECRET_KEY": ""}, "-m", "celery", "--app=weerthuis", "worker", "-c1"
    )
    assert done.returncode != 0
    assert "SECRET_KEY is missing" in done.stderr + done.stdout


def test_demo_mode_refuses_a_database_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "servers.json").write_text(json.dumps({"postgres_port": 2}))
    env = environment() | {"WEERTHUIS_DEMO": "on", "WEERTHUIS_DATA_DIR": str(tmp_path)}
    done = run(env, "manage.py", "check")
    assert done.returncode == 1
    assert "embedded database" in done.stderr
    (tmp_path / "servers.json").write_text(json.dumps({"postgres_port": 1}))
    assert run(env, "manage.py", "check").returncode == 0


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL", "DATABASE_OWNER_URL"])
def test_make_demo_refuses_to_start_beside_an_outside_server(name: str) -> None:
    env = {key: value for key, value in os.environ.items() if key not in environment()}
    done = run(env | {name: environment()[name]}, "-m", "tools.demo")
    assert done.returncode == 1
    assert done.stderr.startswith(f"{name} is set")


def ask(address: str, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=20)
    connection.request("GET", path, headers={"Host": "weerthuis.example", **headers})
    return connection.getresponse()


def test_a_production_site_sends_strict_headers_and_locked_cookies(running: Processes) -> None:
    static = running.directory / "static"
    running.extra |= {
        "HTTPS": "on",
        "BEHIND_PROXY": "on",
        "ALLOWED_HOSTS": "weerthuis.example,localhost",
        "STATIC_ROOT": str(static),
    }
    collected = run(running.environment(), "manage.py", "collectstatic", "--noinput")
    assert collected.returncode == 0, collected.stderr
    web = running.web()

    plain = ask(web.address, "/")
    assert plain.status == 301
    assert plain.headers["Location"] == "https://weerthuis.example/"
    assert ask(web.address, "/healthz").status == 200, "the health check needs no certificate"

    secure = {"X-Forwarded-Proto": "https"}
    # A page without a session may send to sign-in first.
    answer = ask(web.address, "/", **secure)
    for _hop in range(3):
        if answer.status not in {301, 302}:
            break
        target = answer.headers["Location"].removeprefix("https://weerthuis.example")
        answer = ask(web.address, target, **secure)
    assert answer.status == 200, answer.status
    page = answer.read().decode()

    headers = answer.headers
    years = headers["Strict-Transport-Security"]
    assert int(years.split("max-age=")[1].split(";")[0]) >= 31_536_000
    assert "includeSubDomains" in years
    policy = headers["Content-Security-Policy"]
    for never in ("unsafe", "http:", "https:", "*"):
        assert never not in policy
    for directive in ("default-src", "frame-ancestors", "base-uri", "form-action"):
        assert directive in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"

    cookies = headers.get_all("Set-Cookie") or []
    assert cookies, "the sign-in form sets a CSRF cookie"
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        assert all(mark in cookie for mark in ("Secure", "HttpOnly", "SameSite", "Path=/"))
        assert "Domain" not in cookie

    stylesheets = [part.split('"')[0] for part in page.split('href="')[1:] if ".css" in part[:120]]
    assert stylesheets
    for address in stylesheets:
        sheet = ask(web.address, address, **secure)
        assert sheet.status == 200
        assert "immutable" in sheet.headers["Cache-Control"], "hashed names may be kept"


def test_an_unknown_host_is_refused(running: Processes) -> None:
    web = running.web()
    assert ask(web.address, "/", Host="elsewhere.example").status == 400


def test_logs_tell_where_it_failed_and_not_about_whom(capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.root.handlers[:]
    logs.configure_logs(level="INFO", readable=False)
    try:
        try:
            raise ValueError("Jansen, born 1 May 1980")
        except ValueError:
            logging.getLogger("outflow").exception("import.failed")
    finally:
        logging.root.handlers = before
    line = json.loads(capsys.readouterr().err)
    assert line["event"] == "import.failed"
    assert line["fault"] == "ValueError"
    assert "Jansen" not in json.dumps(line)
    assert "test_production.py" in line["trace"][0]


def test_a_logged_address_loses_its_query() -> None:
    event = {"event": "page.read", "path": "/clients/?q=Jansen", "post": {"surname": "Jansen"}}
    assert logs.without_personal_data(None, "info", event) == {
        "event": "page.read",
        "path": "/clients/",
    }
