"""What corporations promised, what they delivered, and the key behind it, as kinds of lists."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

from housing.listwords import CORPORATION_HEADERS, MUNICIPALITY_HEADERS
from lists.cells.places import Municipality, Organisation
from lists.cells.reader import Amount, Identifier, Whole
from lists.cells.vocabulary import words
from lists.context import Context
from lists.kinds import Field, Label, ListKind, Matrix, SideRows

_COUNT = Whole(most=100_000)


def _quarter(number: int, label: Label, words: tuple[str, ...]) -> Field:
    return Field(
        f"delivered.{number}",
        label,
        _COUNT,
        (
            f"k{number}",
            f"q{number}",
            f"kwartaal {number}",
            f"{number}e kwartaal",
            f"kw{number}",
            f"kwartaal{number}",
            *words,
        ),
        defining=True,
    )


def _as_triple(values: dict[str, Any], context: Context) -> None:
    """A list with one number per row comes to the same as one in two directions."""
    if values.get("agreed_number") is not None:
        values["agreed"] = (
            (values.get("municipality"), values.get("corporation"), values["agreed_number"]),
        )


_SENTENCES: dict[str, Label] = {
    "outside_region": _("The municipality or the corporation is not of this region. Check both."),
    "quarter_in_future": _("This quarter had not begun on the reference date. Check that date."),
    "year_missing": _("For which year these weights hold is not said. Add the year."),
}

CONTINGENTS = ListKind(
    name="contingents",
    sentences=_SENTENCES,
    label=_("contingents: agreed numbers"),
    hints=("contingent", "taakstelling", "afspraken"),
    needs_year=True,
    derive=_as_triple,
    matrix=Matrix(
        down=Field(
            "municipality", _("municipality"), Municipality(), (*MUNICIPALITY_HEADERS, "plaats")
        ),
        across=Field(
            "corporation", _("corporation"), Organisation("corporation"), CORPORATION_HEADERS
        ),
        value="agreed",
        reader=_COUNT,
    ),
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
            "corporation",
            _("corporation"),
            Organisation("corporation"),
            CORPORATION_HEADERS,
            required=True,
            missing="organisation_unknown",
        ),
        Field(
            "agreed_number",
            _("agreed"),
            _COUNT,
            words(
                "afgesproken, contingent, taakstelling, afspraak, aantal woningen, toegezegd, te "
                "leveren, aantal, afgesproken aantal, opgave"
            ),
            required=True,
            defining=True,
        ),
        Field(
            "year",
            _("year"),
            Whole(least=2000, most=2100),
            ("jaar", "kalenderjaar", "contingentjaar"),
        ),
    ),
)

DELIVERIES = ListKind(
    name="deliveries",
    sentences=_SENTENCES,
    label=_("contingents: delivered per quarter"),
    key=("municipality", "corporation"),
    hints=("contingent", "geleverd", "realisatie", "kwartaal"),
    needs_year=True,
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
            "corporation",
            _("corporation"),
            Organisation("corporation"),
            CORPORATION_HEADERS,
            required=True,
            missing="organisation_unknown",
        ),
        _quarter(1, _("delivered in the first quarter"), ("eerste kwartaal",)),
        _quarter(2, _("delivered in the second quarter"), ("tweede kwartaal",)),
        _quarter(3, _("delivered in the third quarter"), ("derde kwartaal",)),
        _quarter(4, _("delivered in the fourth quarter"), ("vierde kwartaal",)),
        Field(
            "total",
            _("total"),
            _COUNT,
            ("totaal", "jaartotaal", "som", "totaal geleverd", "geleverd"),
            may_be_formula=True,
        ),
    ),
)

DISTRIBUTION_KEY = ListKind(
    name="distribution_key",
    sentences=_SENTENCES,
    label=_("distribution key"),
    key=("municipality",),
    hints=("verdeelsleutel", "grondslag", "sleutel", "verdeling"),
    side_rows=(
        SideRows(
            "weights",
            _("weights"),
            re.compile(
                r"^(?:gewicht|gewichten|weging|wegingsfactor|weegfactor|aandeel)\b\D*(?P<year>20\d\d)?"
            ),
            ("households", "social_dwellings", "inhabitants", "facility_places"),
            Amount(least=0),
        ),
    ),
    fields=(
        Field(
            "municipality",
            _("municipality"),
            Municipality(),
            MUNICIPALITY_HEADERS,
            required=True,
            missing="municipality_unknown",
            defining=True,
        ),
        Field(
            "code",
            _("CBS code"),
            Identifier(),
            ("code", "gemeentecode", "cbs-code", "gm-code", "cbs code"),
        ),
        Field(
            "households",
            _("households"),
            Whole(most=10_000_000),
            ("huishoudens", "aantal huishoudens", "huishouden", "huishoudens (indicatief)"),
            defining=True,
        ),
        Field(
            "social_dwellings",
            _("social dwellings"),
            Whole(most=10_000_000),
            words(
                "sociale huurwoningen, sociale huur, sociale voorraad, aantal sociale "
                "huurwoningen, corporatiewoningen, sociale woningvoorraad, corporatiebezit"
            ),
            defining=True,
        ),
        Field(
            "inhabitants",
            _("inhabitants"),
            Whole(most=10_000_000),
            ("inwoners", "inwonertal", "aantal inwoners", "bevolking"),
        ),
    ),
)
