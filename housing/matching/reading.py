"""Reads one value of an instance at a time and refuses what the contract does not allow."""

import datetime
import math
import re
from collections.abc import Iterable
from typing import Any

from housing.matching.errors import InstanceError, shown

LARGEST = 10**9
LARGEST_FACT = 10**15
DEEPEST = 20
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Row:
    """One object of the instance, with the words to point at it in a message."""

    def __init__(
        self, value: Any, where: str, required: Iterable[str], optional: Iterable[str] = ()
    ) -> None:
        if not isinstance(value, dict):
            raise InstanceError("not_an_object", where=where)
        self.value = value
        self.where = where
        for key in value:
            if key not in required and key not in optional:
                raise InstanceError("unknown_key", where=where, key=str(key))
        for key in required:
            if key not in value:
                raise InstanceError("missing_key", where=where, key=key)

    def _wrong(self, key: str, expected: str) -> InstanceError:
        return InstanceError("wrong_type", where=self.where, key=key, expected=expected)

    def text(self, key: str) -> str:
        value = self.value[key]
        if not isinstance(value, str):
            raise self._wrong(key, "a text")
        return value

    def text_or_null(self, key: str) -> str | None:
        if self.value[key] is None:
            return None
        if not isinstance(self.value[key], str):
            raise self._wrong(key, "a text or null")
        return self.text(key)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts as a set: sorted, each once."""
        value = self.value[key]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._wrong(key, "a list of texts")
        return tuple(sorted(set(value)))

    def truth(self, key: str) -> bool:
        value = self.value[key]
        if not isinstance(value, bool):
            raise self._wrong(key, "true or false")
        return value

    def number(self, key: str, expected: str = "a number") -> float:
        value = self.value[key]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(key, expected)
        if isinstance(value, float) and not math.isfinite(value):
            raise InstanceError("not_finite", where=self.where, key=key)
        if value < 0:
            raise InstanceError("negative", where=self.where, key=key)
        if value > LARGEST:
            raise InstanceError("too_large", where=self.where, key=key)
        return float(value) + 0.0  # turns -0.0 into 0.0

    def number_or_null(self, key: str) -> float | None:
        return None if self.value[key] is None else self.number(key, "a number or null")

    def whole(self, key: str, expected: str = "a whole number") -> int:
        """A count; 3.0 is a whole number, as in JSON Schema, because many programs write it so."""
        number = self.number(key, expected)
        if number != int(number):
            raise self._wrong(key, expected)
        return int(number)

    def whole_or_null(self, key: str) -> int | None:
        return None if self.value[key] is None else self.whole(key, "a whole number or null")

    def whole_between(
        self, key: str, least: int, most: int, expected: str = "a whole number"
    ) -> int:
        """A whole number within bounds, which may lie below 0."""
        return self._between(key, self.value[key], least, most, expected)

    def wholes_between(self, key: str, least: int, most: int) -> tuple[int, ...]:
        """A list of whole numbers within bounds, in the order given."""
        expected = "a list of whole numbers"
        value = self.value[key]
        if not isinstance(value, list):
            raise self._wrong(key, expected)
        return tuple(self._between(key, item, least, most, expected) for item in value)

    def _between(self, key: str, value: Any, least: float, most: float, expected: str) -> int:
        number = self._within(key, value, least, most, expected)
        if number != int(number):
            raise self._wrong(key, expected)
        return int(number)

    def _within(self, key: str, value: Any, least: float, most: float, expected: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(key, expected)
        if isinstance(value, float) and not math.isfinite(value):
            raise InstanceError("not_finite", where=self.where, key=key)
        if not least <= value <= most:
            bounds = {"least": f"{least:g}", "most": f"{most:g}"}
            raise InstanceError("out_of_range", where=self.where, key=key, **bounds)
        return float(value) + 0.0

    def place(self, key: str) -> tuple[float, float]:
        """A place on earth: latitude and longitude in degrees."""
        return self._place(key, self.value[key], "[latitude, longitude] in degrees")

    def places(self, key: str) -> tuple[tuple[float, float], ...]:
        """A list of places as a set: sorted, each once."""
        expected = "a list of [latitude, longitude] in degrees"
        value = self.value[key]
        if not isinstance(value, list):
            raise self._wrong(key, expected)
        return tuple(sorted({self._place(key, item, expected) for item in value}))

    def _place(self, key: str, value: Any, expected: str) -> tuple[float, float]:
        if not isinstance(value, list) or len(value) != 2:
            raise self._wrong(key, expected)
        latitude, longitude = value
        return (
            self._within(key, latitude, -90, 90, expected),
            self._within(key, longitude, -180, 180, expected),
        )

    def half_hours(self, key: str) -> int:
        """Hours in halves, counted in half hours so that sums stay exact."""
        halves = self.number(key) * 2
        if halves != int(halves):
            raise InstanceError("not_in_halves", where=self.where, key=key)
        return int(halves)

    def date(self, key: str) -> datetime.date:
        value = self.value[key]
        if not isinstance(value, str) or not ISO_DATE.fullmatch(value):
            raise InstanceError("not_a_date", where=self.where, key=key)
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            raise InstanceError("not_a_date", where=self.where, key=key) from None

    def rows(
        self, key: str, name: str, required: Iterable[str], optional: Iterable[str] = ()
    ) -> list["Row"]:
        value = self.value[key]
        if not isinstance(value, list):
            raise self._wrong(key, "a list")
        required, optional = tuple(required), tuple(optional)
        return [
            Row(item, _place(item, name, number), required, optional)
            for number, item in enumerate(value, start=1)
        ]

    def facts(self, key: str) -> dict[str, Any]:
        """Free-form facts: any JSON object with finite numbers; absent means none."""
        value = self.value.get(key, {})
        if not isinstance(value, dict):
            raise self._wrong(key, "an object")
        self._refuse_odd_values(key, value, DEEPEST)
        return value

    def _refuse_odd_values(self, key: str, value: Any, depth: int) -> None:
        if depth == 0:
            raise self._wrong(key, f"at most {DEEPEST} levels deep")
        if isinstance(value, float) and not math.isfinite(value):
            raise InstanceError("not_finite", where=self.where, key=key)
        if isinstance(value, int) and abs(value) > LARGEST_FACT:
            raise InstanceError("too_large", where=self.where, key=key)
        if isinstance(value, dict):
            if not all(isinstance(inner, str) for inner in value):
                raise self._wrong(key, "an object with texts as keys")
            children: list[Any] = list(value.values())
        elif isinstance(value, list):
            children = value
        elif value is None or isinstance(value, str | int | float):
            return
        else:
            raise self._wrong(key, "made of plain JSON values")
        for child in children:
            self._refuse_odd_values(key, child, depth - 1)


def _place(item: Any, name: str, number: int) -> str:
    ref = item.get("ref") if isinstance(item, dict) else None
    return f"{name} {shown(ref)}" if isinstance(ref, str) else f"{name} number {number}"
