"""The case folders that tests read: those found beside the checkout, and lists that we write."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

FOLDERS = (
    sorted(
        path.parent for path in Path(os.environ.get("WEERTHUIS_CASES", "")).glob("*/expected.json")
    )
    if os.environ.get("WEERTHUIS_CASES")
    else []
)


def every_case(what: str, seeds: Iterable[int]) -> list[Any]:
    """A folder or a seed for each case; one worker makes all tests of it, since reading is long."""
    return [
        pytest.param(folder, id=name, marks=pytest.mark.xdist_group(f"{what} {name}"))
        for folder, name in [
            *((folder, folder.name) for folder in FOLDERS),
            *((seed, f"written-{seed}") for seed in seeds),
        ]
    ]
