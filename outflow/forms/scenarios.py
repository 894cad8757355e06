"""What if, as a form: a name and a few changes, each in words that a councillor would use."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.formats import get_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from outflow.estimates.quarters import name_of, quarter_after, quarter_of
from outflow.lifecycle import FacilityType
from outflow.scenarios.words import GROUPS, KINDS, POLICY_SHARE, kind_of, number_of, quarter_words
from regions.clock import today

ROWS = 4
PARTS = ("kind", "value", "from", "until", "facility_type", "municipality")
QUARTERS_OFFERED = 20
MOST_PERCENT_MORE = 900
MOST_SET = 10_000
NUMBER = re.compile(r"\d{1,6}([.,]\d{1,2})?")


class AmountField(forms.Field):
    """A number as people type it: with a comma or a point, with or without a % behind it."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    default_error_messages = {
        "invalid": gettext_lazy("This is not a number. Write it as 20 or 12.5.")
    }

    def to_python(self, value: Any) -> float | None:
        text = str(value or "").strip().removesuffix("%").strip()
        if not text:
            return None
        if not NUMBER.fullmatch(text):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return float(text.replace(",", "."))


@dataclass(frozen=True)
class ChangeRow:
    """The fields of one change, for the template."""

    number: int
    kind: forms.BoundField
    amount: forms.BoundField
    fields: list[forms.BoundField]
    is_filled: bool


class ScenarioForm(forms.Form):
    """A name and up to four changes; what is left empty changes nothing."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("As you would call it at the table."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        places: Mapping[str, str],
        name: str = "",
        changes: Sequence[Mapping[str, Any]] = (),
        seen: str = "",
    ) -> None:
        initial: dict[str, Any] = {"name": name, "seen": seen}
        for number, change in enumerate(changes, 1):
            initial |= _initial_of(number, change)
        super().__init__(_moved_up(data), initial=initial)
        quarters = _quarters(changes)
        for number in range(1, ROWS + 1):
            self.fields |= _fields_of(number, quarters, places)
        self.fields["kind_1"].required = True
        self.fields["kind_1"].error_messages["required"] = _("Choose what changes.")

    def rows(self) -> Iterator[ChangeRow]:
        for number in range(1, ROWS + 1):
            kind, amount, *others = (self[f"{part}_{number}"] for part in PARTS)
            is_filled = any(field.value() for field in (kind, amount, *others))
            yield ChangeRow(number, kind, amount, others, is_filled)

    def first_row(self) -> ChangeRow:
        return next(self.rows())

    def more_rows(self) -> list[ChangeRow]:
        return list(self.rows())[1:]

    def more_are_filled(self) -> bool:
        return any(row.is_filled for row in self.more_rows())

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean(self) -> dict[str, Any]:
        for number in range(1, ROWS + 1):
            self._check(number)
        return self.cleaned_data

    def changes(self) -> list[dict[str, Any]]:
        """The changes as the core reads them."""
        numbers = range(1, ROWS + 1)
        return [self._change(n) for n in numbers if self.cleaned_data.get(f"kind_{n}")]

    def _check(self, number: int) -> None:
        """What is wrong with one change, at the field where it can be put right."""
        at = {part: f"{part}_{number}" for part in PARTS}
        given = {part: self.cleaned_data.get(at[part]) for part in PARTS}
        if not given["kind"]:
            if at["kind"] not in self.errors and any(self.data.get(name) for name in at.values()):
                self.add_error(at["kind"], _("Choose what changes."))
            return
        if at["value"] not in self.errors:
            problem = _problem_with(given["kind"], given["value"])
            if problem:
                self.add_error(at["value"], problem)
        if given["kind"] == POLICY_SHARE:
            if not given["until"]:
                self.add_error(at["until"], _("Choose the quarter by which they are ready."))
            if given["from"]:
                self.add_error(
                    at["from"],
                    _("This change has no first quarter: it is about the people in care now."),
                )
        elif given["from"] and given["until"] and given["until"] < given["from"]:
            self.add_error(at["until"], _("The last quarter lies before the first."))

    def _change(self, number: int) -> dict[str, Any]:
        of = {part: self.cleaned_data.get(f"{part}_{number}") or None for part in PARTS}
        kind, value = KINDS[of["kind"]], self.cleaned_data[f"value_{number}"]
        change: dict[str, Any] = {"what": kind.what}
        if kind.what == POLICY_SHARE:
            change |= {"share": round(value / 100, 4), "by": of["until"]}
        else:
            amount = round(1 + kind.sign * value / 100, 4) if kind.sign else value
            change |= {"how": kind.how, "value": amount, "from": of["from"], "until": of["until"]}
        change |= {"facility_type": of["facility_type"], "municipality": of["municipality"]}
        return {key: given for key, given in change.items() if given is not None}


class ShareForm(forms.Form):
    """With whom a scenario is shared from now on."""

    organisations = forms.MultipleChoiceField(
        label=gettext_lazy("Share with"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one organisation.")},
    )

    def __init__(self, *args: Any, parties: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisations"].choices = parties


def _fields_of(
    number: int, quarters: list[str], places: Mapping[str, str]
) -> dict[str, forms.Field]:
    in_words = [(quarter, quarter_words(quarter)) for quarter in quarters]
    fields: dict[str, forms.Field] = {
        "kind": forms.ChoiceField(
            label=_("What changes"), choices=[("", _("Choose")), *_kinds()], required=False
        ),
        "value": AmountField(label=_("How much"), required=False),
        "from": forms.ChoiceField(
            label=_("From"), choices=[("", _("right away")), *in_words], required=False
        ),
        "until": forms.ChoiceField(
            label=_("Up to and including"),
            choices=[("", _("to the end")), *in_words],
            required=False,
        ),
        "facility_type": forms.ChoiceField(
            label=_("For whom"),
            choices=[("", _("everybody")), *FacilityType.choices],
            required=False,
        ),
        "municipality": forms.ChoiceField(
            label=_("Where"),
            choices=[("", _("the whole region")), *sorted(places.items(), key=lambda it: it[1])],
            required=False,
        ),
    }
    for field in fields.values():
        # They say themselves what nothing chosen means.
        field.required_at_times = True
    return {f"{part}_{number}": field for part, field in fields.items()}


def _kinds() -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, kind in KINDS.items():
        groups.setdefault(str(GROUPS[kind.what]), []).append((code, str(kind.label)))
    return list(groups.items())


def _problem_with(code: str, value: float | None) -> str:
    kind = KINDS[code]
    if value is None:
        return _("Say how much.")
    if kind.what == POLICY_SHARE or kind.sign < 0:
        if value > 100:
            return _("At most 100%: more than everybody cannot be.")
        if kind.what == "readiness" and value > 95:
            return _("At most 95%: nobody becoming ready at all cannot be computed.")
    if kind.sign > 0 and value > MOST_PERCENT_MORE:
        return _("At most 900%: ten times as much as now.")
    if not kind.is_percent and value > MOST_SET:
        return _("At most 10,000.")
    if kind.is_percent and not value:
        return _("More than 0: with 0 nothing changes.")
    return ""


def _initial_of(number: int, change: Mapping[str, Any]) -> dict[str, Any]:
    amount = number_of(change)
    initial = {part: change.get(part) for part in ("from", "until", "facility_type")}
    initial |= {
        "kind": kind_of(change),
        "value": f"{amount:g}".replace(".", get_format("DECIMAL_SEPARATOR")),
        "until": change.get("until") or change.get("by"),
        "municipality": change.get("municipality"),
    }
    return {f"{part}_{number}": value for part, value in initial.items()}


def _quarters(changes: Sequence[Mapping[str, Any]]) -> list[str]:
    """The quarters to choose from, and those that were chosen before."""
    keys = ("from", "until", "by")
    found = {change[key] for change in changes for key in keys if change.get(key)}
    start = quarter_of(today())
    for _each in range(QUARTERS_OFFERED):
        found.add(name_of(start))
        start = quarter_after(start)
    return sorted(found)


def _moved_up(data: QueryDict | None) -> QueryDict | None:
    """The filled changes come first, so that a change has one number wherever it is named."""
    if data is None:
        return None
    rows = [
        {part: data.get(f"{part}_{number}", "").strip() for part in PARTS}
        for number in range(1, ROWS + 1)
    ]
    rows.sort(key=lambda row: not any(row.values()))
    moved = data.copy()
    for number, row in enumerate(rows, 1):
        for part in PARTS:
            moved[f"{part}_{number}"] = row[part]
    return moved
