"""The client list of a provider, as a kind of list."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from lists.cells.places import Municipalities, Municipality, Neighbourhoods
from lists.cells.reader import Amount, Day, Email, Identifier, Name, NamePrefix, Text, Whole
from lists.cells.vocabulary import words
from lists.cells.words import Word, WordList, YesNo
from lists.context import Context
from lists.kinds import Field, ListKind, RowFault
from outflow.lifecycle import ZrmDomain
from outflow.listwords import (
    CLIENT_NUMBER_HEADERS,
    CONTRACT_FORMS,
    FACILITY_TYPE_HEADERS,
    FACILITY_TYPES,
    HOUSING_FORMS,
    ORIGIN_HEADERS,
    PHASE_HEADERS,
    PHASES,
    READY_KINDS,
    SEXES,
    SUPPORT_KINDS,
)

_ZRM = {
    ZrmDomain.FINANCES: ("financiën", "geld", "financien"),
    ZrmDomain.WORK: words("werk & opleiding, werk en opleiding, werk, opleiding, werk/opleiding"),
    ZrmDomain.TIME: ("tijdsbesteding", "dagbesteding", "daginvulling"),
    ZrmDomain.HOUSING: ("huisvesting", "wonen"),
    ZrmDomain.DOMESTIC_RELATIONS: ("huiselijke relaties", "gezinsrelaties", "relaties"),
    ZrmDomain.MENTAL_HEALTH: words(
        "geestelijke gezondheid, psychische gezondheid, psychisch, geestelijk, ggz"
    ),
    ZrmDomain.PHYSICAL_HEALTH: words(
        "lichamelijke gezondheid, fysieke gezondheid, lichamelijk, fysiek"
    ),
    ZrmDomain.SUBSTANCE_USE: ("middelengebruik", "verslaving", "gebruik van middelen", "middelen"),
    ZrmDomain.BASIC_ADL: ("basale adl", "adl basaal", "adl", "vaardigheden adl", "adl basis"),
    ZrmDomain.INSTRUMENTAL_ADL: ("instrumentele adl", "adl instrumenteel", "iadl"),
    ZrmDomain.SOCIAL_NETWORK: ("sociaal netwerk", "netwerk"),
    ZrmDomain.PARTICIPATION: ("maatschappelijke participatie", "participatie", "meedoen"),
    ZrmDomain.JUSTICE: ("justitie", "politie en justitie", "politie", "justitieel"),
}


def _zrm_fields() -> tuple[Field, ...]:
    return tuple(
        Field(
            f"zrm.{domain}",
            domain.label,
            Whole(least=1, most=5, outside="zrm_out_of_range"),
            tuple(form for word in names for form in (word, f"zrm {word}")),
        )
        for domain, names in _ZRM.items()
    )


def _ready_before_care(values: Mapping[str, Any], context: Context) -> Iterator[RowFault]:
    since = values.get("in_care_since")
    if since is None:
        return
    for name in ("ready_on", "ready_reached_on", "ready_expected_on"):
        day = values.get(name)
        if day is not None and day < since:
            yield RowFault("ready_before_care", name, facts={"since": since.strftime("%d-%m-%Y")})


def _born_before_today(values: Mapping[str, Any], context: Context) -> Iterator[RowFault]:
    born = values.get("born_on")
    if born is not None and born > context.reference_date:
        yield RowFault("born_in_future", "born_on")


def _care_has_begun(values: Mapping[str, Any], context: Context) -> Iterator[RowFault]:
    since = values.get("in_care_since")
    if since is not None and since > context.reference_date:
        yield RowFault("care_in_future", "in_care_since")


def _an_adult_counts(values: Mapping[str, Any], context: Context) -> Iterator[RowFault]:
    persons, children = values.get("persons"), values.get("children")
    if persons is not None and children is not None and children >= max(persons, 1):
        yield RowFault("children_fill_household", "children")


def _one_ready_day(values: dict[str, Any], context: Context) -> None:
    """Two columns (reached, expected) and one column with a kind come to the same two facts."""
    reached, expected = values.get("ready_reached_on"), values.get("ready_expected_on")
    if "ready_on" in values or (reached is None and expected is None):
        return
    values["ready_on"] = reached or expected
    values["ready_kind"] = "reached" if reached else "expected"


CLIENTS = ListKind(
    name="clients",
    label=_("client list"),
    key=("client_number",),
    tells_apart=("client_number",),
    hints=("client", "uitstroom", "bewoner", "deelnemer", "caseload"),
    organisation_field="provider",
    organisation_kinds=("care_provider",),
    tallies=("origin_municipality", "facility_type", "phase"),
    checks=(_born_before_today, _care_has_begun, _ready_before_care, _an_adult_counts),
    derive=_one_ready_day,
    sentences={
        "step_not_allowed": _(
            "Known here as %(before)s; the list says %(after)s, and that step is not a step of"
            " care. Nothing of this row was put in. Look the client up and choose."
        ),
        "older_than_known": _(
            "How far this person is was recorded on %(on)s, after the day of this list. Nothing of"
            " this row was put in. Look the client up and choose."
        ),
        "phase_unknown": _("%(value)s is not a phase. Choose how far this person is."),
        "ready_before_care": _(
            "This day lies before care began (%(since)s). One of the two is wrong."
        ),
        "born_in_future": _("%(value)s lies in the future. Fill in the birth date."),
        "care_in_future": _(
            "%(value)s lies after the day of this list. Fill in from which day there is care."
        ),
        "zrm_out_of_range": _("%(value)s is not a level. The matrix runs from 1 to 5."),
        "children_fill_household": _("Children are part of the people; at least one is an adult."),
    },
    fields=(
        Field(
            "client_number", _("client number"), Identifier(), CLIENT_NUMBER_HEADERS, defining=True
        ),
        Field(
            "family_name",
            _("family name"),
            Name(),
            words(
                "achternaam, familienaam, naam, geslachtsnaam, achternaam cliënt, naam cliënt, "
                "cliëntnaam"
            ),
            defining=True,
        ),
        Field(
            "prefix",
            _("name prefix"),
            NamePrefix(),
            words(
                "tussenvoegsel, voorvoegsel, tussen, tussenv, tv, voorv, tussenvoegsels, "
                "voorvoegsels, vv"
            ),
        ),
        Field(
            "given_name",
            _("given name"),
            Name(),
            ("voornaam", "roepnaam", "voornamen", "voorletters", "vnaam", "voorl", "initialen"),
        ),
        Field(
            "born_on",
            _("birth date"),
            Day(is_birth=True),
            ("geboortedatum", "geboren", "geb datum", "geboren op", "geboortedag", "gebdatum"),
            defining=True,
        ),
        Field(
            "sex",
            _("sex"),
            Word(SEXES),
            ("geslacht", "m/v", "m/v/x", "gesl", "sekse", "man/vrouw", "gender"),
        ),
        Field(
            "facility_type",
            _("kind of care"),
            Word(FACILITY_TYPES, unknown="word_unknown"),
            FACILITY_TYPE_HEADERS,
            required=True,
        ),
        Field(
            "location",
            _("location"),
            Text(most=120),
            words(
                "locatie, verblijfplaats, woonlocatie, adres locatie, huis, vestiging, locatie "
                "verblijf, woonvoorziening, verblijfslocatie, huidige locatie, huisvest nu, team, "
                "afdeling, locatienaam"
            ),
        ),
        Field(
            "in_care_since",
            _("in care since"),
            Day(),
            words(
                "sinds, datum instroom, startdatum, in zorg sinds, instroomdatum, begindatum, "
                "verblijf sinds, datum opname, opnamedatum, start zorg, ingangsdatum, startdatum "
                "zorg, begin zorg, datum in zorg, binnen sinds, datum start, datum aanvang, "
                "aanvangsdatum, datum plaatsing, in huis sinds"
            ),
        ),
        Field(
            "origin_municipality",
            _("municipality of origin"),
            Municipality(),
            ORIGIN_HEADERS,
        ),
        Field(
            "phase",
            _("phase"),
            Word(PHASES, unknown="phase_unknown"),
            PHASE_HEADERS,
            required=True,
            missing="phase_unknown",
            defining=True,
        ),
        Field(
            "ready_kind",
            _("ready: expected or reached"),
            Word(READY_KINDS),
            words(
                "v/b, verwacht/bereikt, verwacht of bereikt, uitstroomdatum type, soort datum, "
                "type datum, b/v, datum soort, uitstroom soort, aard datum, soort uitstroomdatum, "
                "datumsoort, gereed soort"
            ),
        ),
        Field(
            "ready_reached_on",
            _("ready since"),
            Day(),
            words(
                "gereed sinds, klaar sinds, uitstroomgereed sinds, gereed bereikt, datum bereikt, "
                "werkelijk gereed, feitelijk gereed, uitstroomklaar sinds"
            ),
        ),
        Field(
            "ready_expected_on",
            _("expected ready on"),
            Day(),
            words(
                "verwacht gereed, verwachte uitstroomdatum, verwachte datum gereed, verwachte "
                "uitstroom, verwacht klaar, verw datum, datum verwacht, prognose uitstroom, "
                "streefdatum uitstroom, verwachte gereeddatum, verwachte datum uitstroom"
            ),
        ),
        Field(
            "ready_on",
            _("ready on"),
            Day(),
            words(
                "gereed per, uitstroomdatum, gereed datum, datum gereed, klaar per, klaar op, "
                "klaar vanaf, datum uitstroomgereed, uitstroom per, uitstroom datum, uitstroom "
                "gereed per, datum klaar, gereeddatum, gereed op, uitstroomklaar, uitstroomklaar "
                "datum, uitstroomklaar per, beschikbaar voor uitstroom"
            ),
        ),
        Field(
            "preferred_municipalities",
            _("wished municipalities"),
            Municipalities(),
            words(
                "voorkeur gemeente, voorkeursgemeente, wil naar, gewenste gemeente, voorkeur "
                "gemeenten, woonwens gemeente, wens gemeente, uitstroomgemeente, gemeente "
                "voorkeur, wil wonen in, gewenste woonplaats, zoekt in, gemeente van voorkeur, "
                "uitstroom naar gemeente, gewenste gemeenten, voorkeur woonplaats, bestemming"
            ),
        ),
        Field(
            "preferred_neighbourhoods",
            _("preferred neighbourhoods"),
            Neighbourhoods(within="preferred_municipalities"),
            words(
                "wijk(en), wijken, voorkeur wijk, voorkeurswijk, voorkeur wijken, gewenste wijk, "
                "wijk van voorkeur, buurt, voorkeursbuurt, gewenste buurt, gewenste wijken, "
                "woonwens wijk, voorkeur buurt, wijkvoorkeur, voorkeurswijken, wens wijk"
            ),
        ),
        Field(
            "avoided",
            _("excluded neighbourhoods"),
            Neighbourhoods(within="preferred_municipalities"),
            words(
                "liever niet, niet in, vermijden, uitgesloten wijken, niet gewenst, "
                "contra-indicatie, wijken uitsluiten, niet in wijk, uitsluiten, uitgesloten, mag "
                "niet in, ongewenste wijken, te vermijden, liever niet in, niet naar, beslist "
                "niet, te vermijden wijken, wijken liever niet, buurt liever niet, vermijden "
                "wijken, te vermijden buurten, wijk niet, buurten niet, uitgesloten buurten"
            ),
        ),
        Field(
            "network",
            _("neighbourhoods of own people"),
            Neighbourhoods(within="preferred_municipalities"),
            words(
                "netwerk in wijk, netwerk wijk, wijk netwerk, wijken netwerk, familie in wijk, "
                "wijk van netwerk, wijk familie, netwerk woont in, wijk naasten, buurt netwerk"
            ),
        ),
        Field(
            "day_activity",
            _("neighbourhoods of day activity or work"),
            Neighbourhoods(within="preferred_municipalities"),
            words(
                "dagbesteding in wijk, wijk dagbesteding, dagbesteding wijk, wijk werk, werk in "
                "wijk, werk wijk, wijk werk of dagbesteding, wijk van werk, buurt dagbesteding"
            ),
        ),
        *_zrm_fields(),
        Field(
            "monthly_income",
            _("net income a month"),
            Amount(),
            words(
                "inkomen per maand bedrag, netto inkomen per maand, inkomen per maand, "
                "maandinkomen, inkomen, netto inkomen, inkomen bedrag, netto maandinkomen, "
                "inkomen netto p.m., maandinkomsten, inkomsten per maand"
            ),
        ),
        Field(
            "yearly_income",
            _("taxable income a year"),
            Amount(),
            words(
                "jaarinkomen, inkomen per jaar, inkomen per jaar bedrag, bruto jaarinkomen, "
                "belastbaar inkomen, toetsinkomen, verzamelinkomen, rekeninkomen, inkomen jaar"
            ),
        ),
        Field(
            "income_source",
            _("source of income"),
            Text(most=80),
            words(
                "inkomen bron, soort inkomen, inkomstenbron, bron inkomen, bron van inkomsten, "
                "inkomensbron, inkomenssoort, bron inkomsten, uitkering, type inkomen, inkomen "
                "soort, inkomsten uit, inkomen per maand bron, bron"
            ),
        ),
        Field(
            "debts",
            _("debts"),
            YesNo(),
            words(
                "schulden, schuld, schulden j/n, heeft schulden, schulden ja/nee, "
                "schuldenproblematiek, schulden aanwezig"
            ),
        ),
        Field(
            "debt_amount",
            _("amount of debts"),
            Amount(),
            words(
                "schulden bedrag, schuldbedrag, hoogte schulden, bedrag schulden, omvang "
                "schulden, schuldenlast, totale schuld, hoogte schuld, schuld bedrag"
            ),
        ),
        Field(
            "administration",
            _("administration of money"),
            Text(most=80),
            words(
                "bewind/beheer, bewind, beheer, bewindvoering, financieel beheer, budgetbeheer, "
                "schulden bewind, soort bewind, bewindvoerder, bewind of beheer, inkomensbeheer"
            ),
        ),
        Field(
            "persons",
            _("people"),
            Whole(least=1, most=20),
            words(
                "huishouden personen, aantal personen, personen, huishoudgrootte, hh omvang, "
                "omvang huishouden, gezinsgrootte, grootte huishouden, huishouden omvang, "
                "huishoudomvang, aantal gezinsleden, gezinsomvang"
            ),
        ),
        Field(
            "children",
            _("of whom children"),
            Whole(most=19),
            words(
                "kinderen, waarvan kinderen, aantal kinderen, huishouden kinderen, thuiswonende "
                "kinderen, kinderen mee, inwonende kinderen, wv kinderen"
            ),
        ),
        Field(
            "bedrooms",
            _("bedrooms, at least"),
            Whole(most=12),
            words(
                "slaapkamers, min slaapkamers, aantal slaapkamers, slaapk, minimaal slaapkamers, "
                "benodigde slaapkamers, slaapkamers nodig, woning slaapkamers"
            ),
        ),
        Field(
            "step_free",
            _("step-free"),
            YesNo(),
            words(
                "gelijkvloers, begane grond, gelijkvl, drempelvrij, geen trappen, zonder trap, "
                "traploos, begane grond nodig, gelijkvloers nodig, nultreden"
            ),
        ),
        Field(
            "lift",
            _("lift"),
            YesNo(),
            words(
                "lift, lift nodig, liftvoorziening, woning lift, lift noodzakelijk, lift vereist"
            ),
        ),
        Field(
            "wheelchair",
            _("wheelchair"),
            YesNo(),
            words(
                "rolstoel, rolstoelgeschikt, rolstoeltoegankelijk, rolstoelwoning, "
                "rolstoelgebruik, rolstoel nodig, rolstoelgebruiker"
            ),
        ),
        Field(
            "low_stimulus",
            _("low-stimulus surroundings"),
            YesNo(),
            words(
                "prikkelarm, rustige omgeving, prikkelarme omgeving, prikkelgevoelig, prikkelarme "
                "woning, rustig, prikkelarm wonen, rustige woonomgeving, rustige plek, rustige "
                "woonplek, weinig prikkels"
            ),
        ),
        Field(
            "form",
            _("housing form"),
            WordList(HOUSING_FORMS),
            words(
                "woonvorm, gewenste woonvorm, woning woonvorm, vorm van wonen, soort woning, "
                "woningvorm, type woonvorm, woonwens, woontype, type woning, benodigde woonvorm"
            ),
        ),
        Field(
            "contract_forms",
            _("contract forms that fit"),
            WordList(CONTRACT_FORMS),
            words(
                "contractvorm, contractvormen, gewenste contractvorm, soort contract, huurvorm, "
                "contract, vorm van contract, passende contractvorm, contractsoort, type contract"
            ),
        ),
        Field(
            "guidance_hours",
            _("hours of guidance a week"),
            Amount(least=0),
            words(
                "uren p/w, uren per week, begeleidingsuren, uren week, begeleiding uren, uren "
                "begeleiding, aantal uren begeleiding, begeleiding uren per week, uren, ambulante "
                "uren, begeleiding uur p/w, uur begeleiding"
            ),
        ),
        Field(
            "reachable_24h",
            _("24-hour reachability"),
            YesNo(),
            words(
                "24 uur, 24-uurs, bereikbaar 24/7, 24 uurs bereikbaarheid, 24/7, 24-uurszorg, 24 "
                "uurs zorg, bereikbaarheid 24 uur, 24 uurs bereikbaar, begeleiding 24 uur, dag en "
                "nacht bereikbaar, nachtelijke bereikbaarheid, nachtbereikbaarheid"
            ),
        ),
        Field(
            "support",
            _("support needed in the neighbourhood"),
            WordList(SUPPORT_KINDS),
            words(
                "nodig in de wijk, inzet wijk, ondersteuning, wijkondersteuning, hulp in de wijk, "
                "ondersteuning wijk, ondersteuning in de wijk, begeleiding nodig in de wijk, "
                "wijkvoorzieningen, welzijn, inzet welzijn, benodigde ondersteuning, "
                "voorzieningen in de wijk, steun in de wijk, wat is nodig in de wijk, arrangement "
                "welzijn"
            ),
        ),
        Field(
            "worker_email",
            _("care worker's e-mail"),
            Email(),
            words(
                "e-mail begeleider, begeleider, mail begeleider, emailadres begeleider, e-mail, "
                "persoonlijk begeleider, mailadres pb, contactpersoon e-mail, e-mailadres, email "
                "medewerker, trajectbegeleider"
            ),
        ),
        Field(
            "remarks",
            _("remarks"),
            Text(),
            words(
                "opmerkingen, bijzonderheden, notitie, toelichting, notities, opmerking, "
                "aantekeningen, memo, overig, aanvullende informatie, extra informatie, overige "
                "informatie"
            ),
        ),
    ),
)
