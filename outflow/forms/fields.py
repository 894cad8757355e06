"""A day as people write it, and lists of choices that are drawn as boxes to tick."""

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from regions import formats

# Dutch and English, by their first three letters; March and May differ between the two.
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan",),
            ("feb",),
            ("mrt", "maa", "mar"),
            ("apr",),
            ("mei", "may"),
            ("jun",),
            ("jul",),
            ("aug",),
            ("sep",),
            ("okt", "oct"),
            ("nov",),
            ("dec",),
        ),
        start=1,
    )
    for name in names
}
ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")
NUMBERS = re.compile(r"(?P<day>\d{1,2})[-/. ](?P<month>\d{1,2})[-/. ](?P<year>\d{4})")
NAMED = re.compile(r"(?:(?P<day>\d{1,2}) )?(?P<name>[a-z]{3,9})\.? (?P<year>\d{4})")


def read_day(text: str) -> date:
    """A day from what somebody typed; a month alone is its first day.

    >>> read_day("1-12-2026") == read_day("1 dec 2026") == read_day("dec 2026")
    True

    Raises ValueError for what is no day.
    """
    plain = " ".join(text.lower().split())
    for pattern in (ISO, NUMBERS):
        found = pattern.fullmatch(plain)
        if found:
            return date(int(found["year"]), int(found["month"]), int(found["day"]))
    found = NAMED.fullmatch(plain)
    if found and found["name"][:3] in MONTHS:
        return date(int(found["year"]), MONTHS[found["name"][:3]], int(found["day"] or 1))
    raise ValueError(text)


class DayField(forms.Field):
    """Takes 1-12-2026, 1 dec 2026 or dec 2026."""

    widget = forms.TextInput
    default_error_messages = {
        "required": _("Write a date."),
        "invalid": _("This is not a date. Write it as 1-12-2026, 1 Dec 2026 or Dec 2026."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs.setdefault("autocomplete", "off")

    def to_python(self, value: Any) -> date | None:
        if isinstance(value, date) or value in self.empty_values:
            return value or None
        try:
            return read_day(str(value))
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    def prepare_value(self, value: Any) -> Any:
        return formats.day(value) if isinstance(value, date) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True


class TickField(forms.MultipleChoiceField):
    """Several of a closed list, as boxes to tick; hands over a frozen set of codes."""

    widget = forms.CheckboxSelectMultiple

    def clean(self, value: Any) -> frozenset[str]:
        return frozenset(super().clean(value))


class PlacesField(TickField):
    """Several neighbourhoods; hands over a frozen set of keys."""

    def clean(self, value: Any) -> frozenset[Any]:
        return frozenset(int(key) for key in super().clean(value))


def optional_key(value: Any) -> int | None:
    """A key from a list of choices in which nothing may be chosen."""
    return int(value) if value else None
