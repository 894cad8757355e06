"""The words of expected.json beside the names of the project, and the comparing of values."""

from datetime import date
from decimal import Decimal
from typing import Any

from lists.cells.texts import plain
from outflow.lifecycle import ContractForm, Exit, HousingForm, Phase, SupportKind, ZrmDomain

KINDS = {
    "clienten": "clients",
    "fasehistorie": "phase_history",
    "woningen": "dwellings",
    "wijkondersteuning": "support",
}
ZRM = {
    "Financiën": ZrmDomain.FINANCES,
    "Werk & opleiding": ZrmDomain.WORK,
    "Tijdsbesteding": ZrmDomain.TIME,
    "Huisvesting": ZrmDomain.HOUSING,
    "Huiselijke relaties": ZrmDomain.DOMESTIC_RELATIONS,
    "Geestelijke gezondheid": ZrmDomain.MENTAL_HEALTH,
    "Lichamelijke gezondheid": ZrmDomain.PHYSICAL_HEALTH,
    "Middelengebruik": ZrmDomain.SUBSTANCE_USE,
    "Basale ADL": ZrmDomain.BASIC_ADL,
    "Instrumentele ADL": ZrmDomain.INSTRUMENTAL_ADL,
    "Sociaal netwerk": ZrmDomain.SOCIAL_NETWORK,
    "Maatschappelijke participatie": ZrmDomain.PARTICIPATION,
    "Justitie": ZrmDomain.JUSTICE,
}
FIELDS = {
    "client_nummer": "client_number",
    "achternaam": "family_name",
    "tussenvoegsel": "prefix",
    "voornaam": "given_name",
    "geboortedatum": "born_on",
    "geslacht": "sex",
    "locatie": "location",
    "in_zorg_sinds": "in_care_since",
    "gemeente_herkomst": "origin_municipality",
    "fase": "phase",
    "gereed_soort": "ready_kind",
    "gereed_datum": "ready_on",
    "gereed_bereikt": "ready_reached_on",
    "gereed_verwacht": "ready_expected_on",
    "voorkeur_gemeenten": "preferred_municipalities",
    "voorkeur_wijken": "preferred_neighbourhoods",
    "vermijden": "avoided",
    "inkomen_maand": "monthly_income",
    "inkomen_jaar": "yearly_income",
    "inkomen_bron": "income_source",
    "schulden": "debts",
    "schulden_bedrag": "debt_amount",
    "bewind": "administration",
    "personen": "persons",
    "kinderen": "children",
    "slaapkamers": "bedrooms",
    "gelijkvloers": "step_free",
    "lift": "lift",
    "rolstoel": "wheelchair",
    "prikkelarm": "low_stimulus",
    "woonvorm": "form",
    "begeleiding_uren": "guidance_hours",
    "bereikbaar_24u": "reachable_24h",
    "ondersteuning": "support",
    "opmerkingen": "remarks",
    "corporatie": "corporation",
    "straat": "street",
    "huisnummer": "house_number",
    "postcode": "postcode",
    "plaats": "place",
    "wijk": "neighbourhood",
    "kale_huur": "basic_rent",
    "servicekosten": "service_costs",
    "kamers": "rooms",
    "oppervlakte": "surface",
    "verdieping": "floor",
    "woningtype": "dwelling_type",
    "beschikbaar_per": "available_on",
    "contractvorm": "contract_form",
    "gemeente": "municipality",
    "aanbieder": "provider",
    "plaatsen": "places",
    "bezet": "in_use",
    "tijden": "times",
    "contact": "contact",
    "vanaf": "from_on",
    "van": "from_on",
    "tot": "until_on",
    "e_mail_begeleider": "worker_email",
}
PHASES = {
    "instroom": Phase.INTAKE,
    "stabilisatie": Phase.STABILISING,
    "voorbereiding": Phase.PREPARING,
    "gereed": Phase.READY,
    "aangeboden": Phase.OFFERED,
    "gehuisvest": Phase.HOUSED,
    "terugval": Phase.RELAPSE,
    "overig vertrokken": Exit.LEFT_OTHER,
    "zelf gevonden": Exit.SELF_HOUSED,
    "Wlz": Exit.LONG_TERM_CARE,
    "overleden": Exit.DECEASED,
    "einde nazorg": Exit.END_OF_AFTERCARE,
}
WORDS: dict[str, dict[str, str]] = {
    "phase": PHASES,
    "sex": {"M": "male", "V": "female", "X": "other"},
    "ready_kind": {"verwacht": "expected", "bereikt": "reached"},
    "form": {
        "zelfstandig": HousingForm.INDEPENDENT,
        "geclusterd wonen": HousingForm.CLUSTERED,
        "gemengd wonen": HousingForm.MIXED,
        "tussenvoorziening": HousingForm.INTERMEDIATE,
        "skaeve huse": HousingForm.SKAEVE_HUSE,
        "kamer": HousingForm.ROOM,
        "short stay": HousingForm.SHORT_STAY,
        "flexwoning": HousingForm.FLEX,
        "housing first": HousingForm.HOUSING_FIRST,
        "kamers met aandacht": HousingForm.ROOM_WITH_ATTENTION,
    },
    "contract_form": {
        "regulier": ContractForm.REGULAR,
        "omklap": ContractForm.OMKLAP,
        "driepartijen": ContractForm.THREE_PARTY,
        "tijdelijk met begeleiding": ContractForm.TEMPORARY,
        "laatste kans": ContractForm.LAST_CHANCE,
    },
    "support": {
        "buddy": SupportKind.BUDDY,
        "wonen-buddy": SupportKind.BUDDY,
        "ontmoetingsplek": SupportKind.MEETING_PLACE,
        "dagbesteding": SupportKind.DAY_ACTIVITY,
        "woonschool": SupportKind.TENANCY_COURSE,
        "inloop": SupportKind.WALK_IN,
        "budgetcoach": SupportKind.DEBT_HELP,
        "buurtman/-vrouw": SupportKind.NEIGHBOUR,
        "buurtmanagement": SupportKind.NEIGHBOURHOOD_MANAGEMENT,
        "24-uurs bereikbaarheid": SupportKind.REACHABLE_24H,
    },
}
WORDS["kind"] = WORDS["support"]
DEFECTS = {
    "impossible_date": "onmogelijke_datum",
    "ready_before_care": "gereed_voor_instroom",
    "born_in_future": "geboortedatum_toekomst",
    "not_a_number": "geen_getal",
    "municipality_unknown": "gemeente_onbekend",
    "municipality_abolished": "gemeente_opgeheven",
    "neighbourhood_unknown": "wijk_onbekend",
    "phase_unknown": "fase_onbekend",
    "zrm_out_of_range": "zrm_buiten_bereik",
    "rent_negative": "huur_negatief",
    "postcode_missing": "postcode_ontbreekt",
    "formula_cell": "formulecel",
    "formula_like_text": "formule_injectie",
    "long_text": "lange_tekst",
    "serial_number_in_text": "serienummer_in_tekst",
    "duplicate_row": "dubbele_rij",
    "more_used_than_places": "meer_bezet_dan_plaatsen",
    "date_in_future": "datum_in_toekomst",
    "empty_row": "lege_rij",
    "header_repeated": "kop_herhaald",
    "headers_swapped": "koppen_verwisseld",
}


def defect_name(kind: str, soort: str) -> str:
    """What expected.json calls a defect."""
    if kind == "until_before_from":
        return "tot_voor_van" if soort == "fasehistorie" else "tot_voor_vanaf"
    return DEFECTS.get(kind, kind)


def field_name(veld: str, soort: str) -> str:
    """What the project calls a field of expected.json."""
    if veld.startswith("zrm."):
        return f"zrm.{ZRM[veld.removeprefix('zrm.')]}"
    if veld == "soort":
        return "kind" if soort == "wijkondersteuning" else "facility_type"
    return FIELDS.get(veld, veld)


def shown(value: Any, limit: int = 60) -> Any:
    """A value as expected.json writes it."""
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, str):
        return value.strip()[:limit]
    if value == "":
        return None
    return value


def same(name: str, expected: Any, found: Any, raw: str) -> bool:
    """Whether a value read is the value expected; words by the table above, not by reading."""
    if name == "zrm":
        return {ZRM[domain]: level for domain, level in expected.items()} == found
    if name in WORDS:
        several = isinstance(found, tuple)
        wanted = expected if isinstance(expected, list) else [expected] if expected else []
        got = list(found) if several else [found] if found else []
        if all(word in WORDS[name] for word in wanted):
            return [WORDS[name][word] for word in wanted] == got
        # A word this table does not know: it must have been read from just these words.
        return len(got) == len(wanted) and all(plain(word) in plain(raw) for word in wanted)
    if isinstance(expected, list):
        return expected == [getattr(each, "name", each) for each in found]
    if hasattr(found, "municipality"):
        found = found.name
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(found, date):
        return expected == found.isoformat()
    if isinstance(expected, int | float) and found is not None:
        return abs(float(found) - expected) < 0.005
    return (expected or None) == (found or None)
