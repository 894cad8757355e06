"""Dwelling offers of corporations, as a kind of list."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from housing.listwords import (
    CORPORATION_HEADERS,
    MUNICIPALITY_HEADERS,
    NEIGHBOURHOOD_HEADERS,
)
from lists.cells.places import Municipality, OneNeighbourhood, Organisation, Town
from lists.cells.reader import Address, Amount, Day, Floor, Identifier, Postcode, Text, Whole
from lists.cells.vocabulary import words
from lists.cells.words import Word, YesNo
from lists.context import Context
from lists.kinds import Field, ListKind, RowFault
from outflow.listwords import CONTRACT_FORMS, HOUSING_FORMS


def _rent_is_positive(values: Mapping[str, Any], context: Context) -> Iterator[RowFault]:
    service = values.get("service_costs")
    if service is not None and service < 0:
        yield RowFault("rent_negative", "service_costs")


def _rooms_hold_bedrooms(values: Mapping[str, Any], context: Context) -> Iterator[RowFault]:
    rooms, bedrooms = values.get("rooms"), values.get("bedrooms")
    if rooms is not None and bedrooms is not None and bedrooms > rooms:
        yield RowFault("more_bedrooms_than_rooms", "bedrooms")


def _house_number_is_a_number(values: Mapping[str, Any], context: Context) -> Iterator[RowFault]:
    number = str(values.get("house_number") or "").strip()
    if number and not number[0].isdecimal():
        yield RowFault("house_number_missing", "house_number")


def _offered_in_our_days(values: Mapping[str, Any], context: Context) -> Iterator[RowFault]:
    day = values.get("available_on")
    if day is not None and not 2000 <= day.year <= context.reference_date.year + 3:
        yield RowFault("day_out_of_reach", "available_on")


DWELLINGS = ListKind(
    name="dwellings",
    label=_("dwelling offers"),
    key=("street", "house_number"),
    tells_apart=("street", "house_number", "postcode"),
    hints=("aanbod", "woning", "aanbieding", "vrijkomend", "leeg"),
    organisation_field="corporation",
    organisation_kinds=("corporation",),
    tallies=("municipality",),
    checks=(
        _rent_is_positive,
        _rooms_hold_bedrooms,
        _house_number_is_a_number,
        _offered_in_our_days,
    ),
    sentences={
        "of_another_corporation": _(
            "This dwelling is of %(corporation)s. Who brings a list brings the own dwellings only."
        ),
        "outside_region": _("This dwelling lies in no municipality of the region. Check it."),
        "dwelling_withdrawn": _(
            "This dwelling was withdrawn on %(on)s. Is it free again, then fill in from which day."
        ),
        "day_out_of_reach": _(
            "%(value)s lies before 2000 or more than three years ahead. Fill in from which day the"
            " dwelling is free."
        ),
        "dwelling_taken": _(
            "This dwelling is here already, and is proposed to somebody or lived in. Offer it anew"
            " once that has ended."
        ),
        "dwelling_moved": _(
            "This dwelling is known in another municipality. Withdraw it there first."
        ),
        "rent_negative": _("%(value)s is below zero. Fill in the rent per month."),
        "more_bedrooms_than_rooms": _(
            "There are more bedrooms than rooms. One of the two is wrong."
        ),
    },
    fields=(
        Field(
            "corporation",
            _("corporation"),
            Organisation("corporation"),
            CORPORATION_HEADERS,
            required=True,
        ),
        Field(
            "address",
            _("address"),
            Address(),
            words(
                "adres, straat en huisnummer, straat + nr, adres woning, straat huisnummer, "
                "adresgegevens, object, straat en nummer, woonadres"
            ),
            fills=("street", "house_number"),
        ),
        Field("street", _("street"), Text(most=120), ("straat", "straatnaam")),
        Field(
            "house_number",
            _("house number"),
            Identifier(),
            ("huisnummer", "huisnr", "nr", "nummer", "huis nr", "huisnummer en toevoeging"),
        ),
        Field(
            "house_number_addition",
            _("addition"),
            Identifier(),
            ("toevoeging", "huisnummertoevoeging", "toev", "huisletter"),
        ),
        Field(
            "postcode",
            _("postcode"),
            Postcode(),
            ("postcode", "pc", "postcode 6", "pc6", "postc"),
            required=True,
            missing="postcode_missing",
        ),
        Field("municipality", _("municipality"), Municipality(), MUNICIPALITY_HEADERS),
        Field(
            "place",
            _("town"),
            Town(),
            ("plaats", "woonplaats", "plaatsnaam", "stad", "dorp", "kern"),
        ),
        Field(
            "neighbourhood",
            _("neighbourhood"),
            OneNeighbourhood(within="municipality", town="place"),
            NEIGHBOURHOOD_HEADERS,
        ),
        Field(
            "basic_rent",
            _("basic rent"),
            Amount(least=0, too_low="rent_negative"),
            words(
                "kale huur, netto huur, kale huurprijs, huur, huurprijs, nettohuur, kale "
                "maandhuur, huur kaal, huur per maand, kale huur per maand, huursom, maandhuur, "
                "basishuur"
            ),
            defining=True,
        ),
        Field(
            "service_costs",
            _("service costs"),
            Amount(),
            words(
                "servicekosten, service, service kosten, servicek, bijkomende kosten, "
                "servicekosten per maand, stookkosten en service"
            ),
        ),
        Field(
            "rooms",
            _("rooms"),
            Whole(least=1, most=20),
            ("kamers", "aantal kamers", "kamertal", "aantal vertrekken", "vertrekken"),
        ),
        Field(
            "bedrooms",
            _("bedrooms"),
            Whole(most=12),
            words(
                "slaapkamers, aantal slpk, aantal slaapkamers, slpk, slaapvertrekken, waarvan "
                "slaapkamers"
            ),
        ),
        Field(
            "most_persons",
            _("people, at most"),
            Whole(least=1, most=20),
            words(
                "maximaal aantal bewoners, max bewoners, hoogstens bewoners, maximaal personen, "
                "max personen, max aantal personen, maximale bezetting, max bewoning, hoogstens "
                "personen"
            ),
        ),
        Field(
            "surface",
            _("surface in m²"),
            Amount(least=0),
            words(
                "m2, m², oppervlakte, opp m², opp, woonoppervlakte, gebruiksoppervlakte, gbo, "
                "oppervlakte m2, woonopp, vloeroppervlak, grootte"
            ),
        ),
        Field(
            "floor",
            _("floor"),
            Floor(),
            ("verdieping", "etage", "verd", "woonlaag", "bouwlaag", "verdieping woning", "ligging"),
        ),
        Field("lift", _("lift"), YesNo(), ("lift", "lift aanwezig", "liftvoorziening", "met lift")),
        Field(
            "wheelchair",
            _("wheelchair"),
            YesNo(),
            words(
                "rolstoel, rolstoeltoegankelijk, rolstoelgeschikt, rolstoelwoning, toegankelijk, "
                "rolstoeltoegankelijkheid, miva, aangepast"
            ),
        ),
        Field(
            "low_stimulus",
            _("low-stimulus surroundings"),
            YesNo(),
            ("prikkelarm", "rustige ligging", "rustige omgeving", "prikkelarme woning"),
        ),
        Field(
            "dwelling_type",
            _("kind of dwelling"),
            Text(most=80),
            words(
                "type woning, woningtype, soort, soort woning, type, woningsoort, objecttype, vhe "
                "soort, complexsoort"
            ),
        ),
        Field(
            "available_on",
            _("available from"),
            Day(),
            words(
                "beschikbaar per, beschikbaar, leeg per, vrij per, beschikbaar vanaf, "
                "opleverdatum, datum beschikbaar, verhuurbaar per, ingangsdatum, leegkomst, einde "
                "huur, beschikbaarheidsdatum, datum vrij, vrij vanaf, huur per, datum leeg, "
                "oplevering"
            ),
            required=True,
            missing="impossible_date",
            defining=True,
        ),
        Field(
            "form",
            _("housing form"),
            Word(HOUSING_FORMS),
            words("woonvorm, vorm, vorm van wonen, type woonvorm, bestemming, label, woonconcept"),
        ),
        Field(
            "contract_form",
            _("contract form"),
            Word(CONTRACT_FORMS),
            words(
                "contractvorm, huurcontract, contract, soort contract, contracttype, type "
                "contract, huurvorm, huurovereenkomst, contractsoort"
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
