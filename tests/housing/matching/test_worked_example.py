"""docs/matcher.md is true: its example runs, and its tables name every code there is."""

import json
import re
from pathlib import Path

from housing.matching import check, match
from housing.matching.eligibility import RULES
from housing.matching.explaining import REASON_CODES
from tests.housing.matching.instances import region

PAGE = (Path(__file__).parents[3] / "docs" / "matcher.md").read_text(encoding="utf-8")
ONLY_IDENTIFIES = {"schema", "core_version", "fingerprint", "solver"}


def block(name):
    return json.loads(re.search(rf"```json {name}\n(.*?)```", PAGE, re.DOTALL).group(1))


def test_the_example_gives_the_answer_of_the_page():
    result = match(block("instance"))
    check(block("instance"), result)
    shown = {key: value for key, value in result.items() if key not in ONLY_IDENTIFIES}
    assert shown == block("result")


def codes_in(heading, end):
    section = PAGE.split(heading)[1].split(end)[0]
    first_cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return [code for cell in first_cells for code in re.findall(r"`(\w+)`", cell)]


def test_the_page_names_every_rule_and_every_reason():
    assert codes_in("## What goes together", "## What is best") == list(RULES)
    assert sorted(codes_in("## What it says", "`unmatched")) == sorted(REASON_CODES)


def test_no_reason_outside_the_closed_set_is_given():
    given = region(40, 25, seed=3)
    for row in given["quotas"]:
        row["remaining"] += 1
    given["locked"] = [{"client": "C00000", "dwelling": "D00000"}]
    pairs = match(given)["pairs"]
    told = {reason["code"] for pair in pairs for reason in pair["reasons"]}
    assert told <= set(REASON_CODES)
    assert len(told) > 10
