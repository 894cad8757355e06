"""The history of phases, one row per spell, as a kind of list."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from lists.cells.places import Municipality, Organisation
from lists.cells.reader import Day, Identifier
from lists.cells.vocabulary import words
from lists.cells.words import Word
from lists.context import Context
from lists.kinds import Field, ListKind, RowFault
from outflow.listwords import (
    CLIENT_NUMBER_HEADERS,
    FACILITY_TYPE_HEADERS,
    FACILITY_TYPES,
    ORIGIN_HEADERS,
    PHASE_HEADERS,
    PHASES_AND_EXITS,
)


def _until_after_from(values: Mapping[str, Any], context: Context) -> Iterator[RowFault]:
    begin, end = values.get("from_on"), values.get("until_on")
    if begin is not None and end is not None and end < begin:
        yield RowFault("until_before_from", "until_on", facts={"from": begin.strftime("%d-%m-%Y")})


def _history_lies_behind(values: Mapping[str, Any], context: Context) -> Iterator[RowFault]:
    for name in ("from_on", "until_on"):
        day = values.get(name)
        if day is not None and day > context.reference_date:
            yield RowFault("date_in_future", name)


PHASE_HISTORY = ListKind(
    name="phase_history",
    label=_("history of phases"),
    key=("client_number", "phase", "from_on"),
    hints=("historie", "fase", "verloop", "trajecten", "perioden"),
    organisation_field="provider",
    organisation_kinds=("care_provider",),
    tallies=("phase", "facility_type"),
    checks=(_until_after_from, _history_lies_behind),
    sentences={
        "of_another_provider": _(
            "This row is about a client of another provider. Who brings a list brings the own"
            " clients only."
        ),
        "exit_without_stay": _("Nobody leaves who was not there. The stay before it is missing."),
        "spells_overlap": _("This phase begins before the one before it ended."),
        "phase_unknown": _("%(value)s is not a phase. Choose how far this person is."),
        "until_before_from": _(
            "The end lies before the begin (%(from)s). One of the two is wrong."
        ),
        "date_in_future": _("%(value)s lies after the reference date. A history lies behind us."),
    },
    fields=(
        Field(
            "client_number", _("client number"), Identifier(), CLIENT_NUMBER_HEADERS, defining=True
        ),
        Field(
            "provider",
            _("provider"),
            Organisation("care_provider"),
            words(
                "aanbieder, zorgaanbieder, instelling, organisatie, zorginstelling, "
                "zorgorganisatie, naam aanbieder"
            ),
        ),
        Field("facility_type", _("kind of care"), Word(FACILITY_TYPES), FACILITY_TYPE_HEADERS),
        Field(
            "origin_municipality",
            _("municipality of origin"),
            Municipality(),
            (*ORIGIN_HEADERS, "gemeente"),
        ),
        Field(
            "phase",
            _("phase"),
            Word(PHASES_AND_EXITS, unknown="phase_unknown"),
            PHASE_HEADERS,
            required=True,
            missing="phase_unknown",
            defining=True,
        ),
        Field(
            "from_on",
            _("from"),
            Day(),
            words(
                "van, vanaf, begin, begindatum, startdatum, ingangsdatum, datum van, datum begin, "
                "ingang, per, start, datum start, fase vanaf, begonnen op"
            ),
            required=True,
            missing="impossible_date",
            defining=True,
        ),
        Field(
            "until_on",
            _("until"),
            Day(),
            words(
                "tot, einde, einddatum, t/m, tot en met, datum tot, datum einde, eind, stop, tot "
                "datum, fase tot, geëindigd op, afgesloten op"
            ),
            defining=True,
        ),
    ),
)
