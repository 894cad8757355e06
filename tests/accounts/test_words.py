"""Every operation that is recorded has words for the screen."""

import re
from pathlib import Path

from accounts.words import OPERATIONS, operation_words

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("regions", "accounts", "lists", "outflow", "housing", "steering")
RECORDED = re.compile(r'audit\.(?:record|entry|happened)\(\s*"([a-z_]+\.[a-z_]+)"')


def recorded() -> set[str]:
    return {
        code
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        for code in RECORDED.findall(path.read_text(encoding="utf-8"))
    }


def test_what_is_recorded_in_the_sources_has_words():
    assert len(recorded()) > 30
    assert recorded() - set(OPERATIONS) == set()


def test_an_operation_of_another_time_is_still_readable():
    assert operation_words("client.something_old") == "client: something old"
