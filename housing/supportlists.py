"""Support in neighbourhoods, as a kind of list."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from housing.listwords import MUNICIPALITY_HEADERS, NEIGHBOURHOOD_HEADERS
from lists.cells.places import Municipality, OneNeighbourhood
from lists.cells.reader import Day, Text, Whole
from lists.cells.vocabulary import words
from lists.cells.words import Word
from lists.context import Context
from lists.kinds import Field, ListKind, RowFault
from outflow.listwords import SUPPORT_KINDS


def _support_ends_after_it_begins(
    values: Mapping[str, Any], context: Context
) -> Iterator[RowFault]:
    begin, end = values.get("from_on"), values.get("until_on")
    if begin is not None and end is not None and end < begin:
        yield RowFault("until_before_from", "until_on", facts={"from": begin.strftime("%d-%m-%Y")})


def _use_fits_places(values: Mapping[str, Any], context: Context) -> Iterator[RowFault]:
    places, in_use = values.get("places"), values.get("in_use")
    if places is not None and in_use is not None and in_use > places:
        yield RowFault("more_used_than_places", "in_use", facts={"places": places})


SUPPORT = ListKind(
    name="support",
    label=_("support in the neighbourhood"),
    key=("municipality", "neighbourhood", "kind", "provider", "from_on"),
    hints=("wijk", "ondersteuning", "voorziening", "welzijn", "sociale kaart"),
    tallies=("municipality", "kind"),
    checks=(_support_ends_after_it_begins, _use_fits_places),
    sentences={
        "outside_region": _("This municipality lies outside the region. Choose one of the region."),
        "until_before_from": _(
            "The end lies before the begin (%(from)s). One of the two is wrong."
        ),
        "more_used_than_places": _(
            "%(value)s in use is more than the %(places)s places. One of the two is wrong."
        ),
    },
    fields=(
        Field(
            "municipality",
            _("municipality"),
            Municipality(),
            MUNICIPALITY_HEADERS,
            required=True,
            missing="municipality_unknown",
        ),
        Field(
            "neighbourhood",
            _("neighbourhood"),
            OneNeighbourhood(within="municipality"),
            NEIGHBOURHOOD_HEADERS,
            required=True,
            missing="neighbourhood_unknown",
        ),
        Field(
            "kind",
            _("kind of support"),
            Word(SUPPORT_KINDS),
            words(
                "soort voorziening, voorziening, soort, soort ondersteuning, type voorziening, "
                "activiteit, aanbod, wijkvoorziening, ondersteuning, type, soort aanbod, type "
                "ondersteuning"
            ),
            required=True,
            missing="word_unknown",
            defining=True,
        ),
        Field(
            "provider",
            _("by whom"),
            Text(most=120),
            words(
                "aanbieder, organisatie, uitvoerder, welzijnsorganisatie, door wie, instelling, "
                "partij, uitgevoerd door, wie, naam organisatie, welzijnspartij"
            ),
        ),
        Field(
            "places",
            _("places"),
            Whole(most=100_000),
            words(
                "plaatsen totaal, plaatsen, capaciteit, aantal plaatsen, totaal plaatsen, "
                "plekken, aantal plekken, totaal aantal plaatsen, max deelnemers"
            ),
            defining=True,
        ),
        Field(
            "in_use",
            _("in use"),
            Whole(most=100_000),
            words(
                "in gebruik, bezet, bezetting, gebruikt, aantal bezet, bezette plaatsen, "
                "deelnemers, huidig gebruik, aantal deelnemers, plaatsen bezet"
            ),
            defining=True,
        ),
        Field(
            "times",
            _("days and hours"),
            Text(most=200),
            words(
                "dagen/uren, tijden, openingstijden, wanneer, dagen en tijden, dagen, uren, "
                "dag/tijd, tijdstip, beschikbaarheid, openingsuren"
            ),
        ),
        Field(
            "contact",
            _("contact"),
            Text(most=200),
            words(
                "contact, contactpersoon, contactgegevens, aanspreekpunt, e-mail, telefoon, "
                "contactinformatie"
            ),
        ),
        Field(
            "from_on",
            _("from"),
            Day(),
            words(
                "vanaf, van, startdatum, begindatum, ingangsdatum, start, sinds, loopt vanaf, "
                "begin, datum start"
            ),
        ),
        Field(
            "until_on",
            _("until"),
            Day(),
            words(
                "tot, tot en met, t/m, einddatum, einde, loopt tot, eind, loopt af, geldig tot, "
                "datum einde"
            ),
        ),
        Field(
            "remarks",
            _("remarks"),
            Text(),
            ("opmerkingen", "bijzonderheden", "toelichting", "notitie", "opmerking"),
        ),
    ),
)
