"""What each rule, fact and reason of the matching means, in Dutch and in English.

Tests hold the keys against the matcher: a rule without a meaning here fails the build.
"""

from typing import NamedTuple


class Both(NamedTuple):
    nl: str
    en: str


RULES: dict[str, Both] = {
    "rent": Both(
        "De kale huur is hoogstens wat de cliënt kan betalen; zonder grens altijd.",
        "The basic rent is at most what the client can pay; without a limit always.",
    ),
    "bedrooms": Both("Er zijn genoeg slaapkamers.", "There are enough bedrooms."),
    "step_free": Both(
        "Zonder trap, of dat is niet nodig.", "Without stairs, or that is not needed."
    ),
    "wheelchair": Both(
        "Geschikt voor een rolstoel, of dat is niet nodig.",
        "Suits a wheelchair, or that is not needed.",
    ),
    "low_stimulus": Both(
        "Prikkelarm, of dat is niet nodig.",
        "Low-stimulus surroundings, or that is not needed.",
    ),
    "form": Both(
        "De woonvorm is er een die de cliënt wil.",
        "The housing form is one the client accepts.",
    ),
    "municipality": Both(
        "De gemeente is er een die de cliënt noemde; noemde die er geen, dan elke.",
        "The municipality is one the client named; if none was named, every one.",
    ),
    "excluded": Both(
        "De wijk is er geen waar de cliënt niet kan wonen.",
        "The neighbourhood is none where the client cannot live.",
    ),
    "dates": Both(
        "De cliënt is klaar binnen de dagen die een woning mag wachten.",
        "The client is ready within the days that a dwelling may wait.",
    ),
    "refused": Both(
        "De cliënt zei niet eerder nee tegen deze woning.",
        "The client did not say no to this dwelling before.",
    ),
    "support": Both(
        "Van elke steun die nodig is, is in de wijk een plek vrij.",
        "Of all support that is needed a place is free in the neighbourhood.",
    ),
    "guidance": Both(
        "De aanbieder heeft daar uren begeleiding vrij, waar uren worden geteld.",
        "The provider has hours of guidance free there, where hours are counted.",
    ),
}

# Of the instance of the matcher: what it knows of somebody who looks for a home, and why.
CLIENT_FACTS: dict[str, Both] = {
    "ref": Both(
        "Willekeurig nummer, om de uitkomst terug te vinden; beslist niets.",
        "A random number, to find the outcome again; decides nothing.",
    ),
    "target_group": Both(
        "Beschermd wonen of opvang: welk contingent telt.",
        "Sheltered housing or shelter: which contingent counts.",
    ),
    "provider": Both(
        "Zorgaanbieder: waar die uren begeleiding vrij heeft.",
        "Care provider: where it has hours of guidance free.",
    ),
    "max_rent": Both("Hoogste kale huur.", "Highest basic rent."),
    "bedrooms": Both("Aantal slaapkamers dat nodig is.", "Number of bedrooms needed."),
    "step_free": Both("Of zonder trap nodig is.", "Whether step-free is needed."),
    "wheelchair": Both("Of een rolstoelwoning nodig is.", "Whether a wheelchair home is needed."),
    "low_stimulus": Both(
        "Of prikkelarm nodig is.", "Whether low-stimulus surroundings are needed."
    ),
    "forms": Both("Woonvormen die de cliënt wil.", "Housing forms the client accepts."),
    "municipalities": Both("Gemeenten van voorkeur.", "Municipalities wished for."),
    "excluded_neighbourhoods": Both(
        "Wijken waar wonen niet kan; nooit de reden.",
        "Neighbourhoods where living cannot be; never the reason.",
    ),
    "preferred_neighbourhoods": Both("Wijken van voorkeur.", "Neighbourhoods preferred."),
    "ready_on": Both("Vanaf welke dag iemand klaar is.", "From which day somebody is ready."),
    "waiting_since": Both("Sinds wanneer iemand wacht.", "Since when somebody waits."),
    "urgency": Both(
        "Urgentie van 0 tot 3, door mensen vastgelegd.",
        "Urgency from 0 to 3, recorded by people.",
    ),
    "half_hours": Both(
        "Uren begeleiding per week, in halve uren.", "Hours of guidance a week, in halves."
    ),
    "support": Both("Steun die in de wijk nodig is.", "Support needed in the neighbourhood."),
    "refused_dwellings": Both(
        "Woningen waartegen nee is gezegd.", "Dwellings that were said no to."
    ),
    "fit": Both(
        "Wijken van eigen mensen en dagbesteding, contractvormen, aantal personen, en de grens"
        " van passend toewijzen: wegen alleen als het aantal en de volgorde gelijk blijven.",
        "Neighbourhoods of own people and day activity, contract forms, number of persons, and the"
        " limit of appropriate allocation: they weigh only where number and order stay equal.",
    ),
}

DWELLING_FACTS: dict[str, Both] = {
    "ref": Both("Willekeurig nummer.", "A random number."),
    "corporation": Both(
        "Corporatie: welk contingent telt.", "Corporation: which contingent counts."
    ),
    "municipality": Both("Gemeente.", "Municipality."),
    "neighbourhood": Both(
        "Wijk: steun, draagkracht, voorkeur.", "Neighbourhood: support, capacity, preference."
    ),
    "rent": Both("Kale huur.", "Basic rent."),
    "bedrooms": Both("Slaapkamers.", "Bedrooms."),
    "ground_floor": Both("Begane grond.", "Ground floor."),
    "lift": Both("Lift.", "Lift."),
    "wheelchair": Both("Geschikt voor een rolstoel.", "Suits a wheelchair."),
    "low_stimulus": Both("Prikkelarm.", "Low-stimulus surroundings."),
    "form": Both("Woonvorm.", "Housing form."),
    "available_on": Both("Vanaf wanneer de woning vrij is.", "From when the dwelling is free."),
    "fit": Both(
        "Midden van de wijk, contractvorm, kamers, voor hoeveel personen.",
        "Middle of the neighbourhood, contract form, rooms, for how many persons.",
    ),
}

NEVER_USED: tuple[Both, ...] = (
    Both("naam, adres, telefoon, e-mail", "name, address, telephone, e-mail"),
    Both("geslacht en geboortedatum of leeftijd", "sex, and birth date or age"),
    Both("gemeente van herkomst, en welke gemeente betaalt", "origin, and which municipality pays"),
    Both(
        "nationaliteit, afkomst, godsdienst: Weerthuis legt ze niet vast",
        "nationality, descent, religion: Weerthuis does not record them",
    ),
    Both("diagnose, behandeling, notities van de zorg", "diagnosis, treatment, notes of care"),
    Both("scores van de Zelfredzaamheid-Matrix", "scores of the Zelfredzaamheid-Matrix"),
    Both("inkomen, schulden, bron van inkomen", "income, debts, source of income"),
    Both("waarom iemand ergens niet kan wonen", "why somebody cannot live somewhere"),
    Both("of iemand is afgeschermd", "whether somebody is shielded"),
    Both(
        "burgerservicenummer: Weerthuis legt het niet vast",
        "citizen service number: Weerthuis does not record it",
    ),
)

REASONS: dict[str, Both] = {
    "promised": Both("was al toegezegd", "was promised before"),
    "promise_breaks_rule": Both(
        "de toezegging blijft, al past iets niet",
        "the promise stands although something does not fit",
    ),
    "rent_fits": Both("de huur past", "the rent is within the limit"),
    "no_rent_limit": Both("er is geen grens voor de huur bekend", "no limit for the rent is known"),
    "bedrooms_fit": Both("genoeg slaapkamers", "enough bedrooms"),
    "step_free_fits": Both("zonder trap is nodig en is er", "step-free is needed and there"),
    "wheelchair_fits": Both(
        "rolstoelwoning is nodig en is er", "a wheelchair home is needed and there"
    ),
    "low_stimulus_fits": Both("prikkelarm is nodig en is er", "low stimulus is needed and there"),
    "form_fits": Both("een woonvorm die de cliënt wil", "a housing form the client accepts"),
    "municipality_wished": Both("een gemeente van voorkeur", "a municipality wished for"),
    "preferred_neighbourhood": Both("een wijk van voorkeur", "a neighbourhood preferred"),
    "near_network": Both("dicht bij eigen mensen", "near own people"),
    "near_day_activity": Both("dicht bij werk of dagbesteding", "near work or day activity"),
    "contract_form_wished": Both("een contractvorm die past", "a contract form that suits"),
    "ready_in_time": Both("op tijd klaar", "ready in time"),
    "support_available": Both("de nodige steun is er", "the support needed is there"),
    "guidance_fits": Both("de aanbieder heeft daar uren", "the provider has hours there"),
    "urgent": Both("urgentie boven 0", "an urgency above 0"),
    "waited": Both("hoe lang iemand wacht", "how long somebody waited"),
    "longest_waiting": Both(
        "wacht het langst van wie hier ook past", "waited longest of those who fit here too"
    ),
    "not_preferred_neighbourhood": Both(
        "tegen: een andere wijk heeft de voorkeur", "against: another neighbourhood is preferred"
    ),
    "feature_not_needed": Both(
        "tegen: een voorziening die deze cliënt niet nodig heeft",
        "against: a feature that this client does not need",
    ),
    "spare_bedrooms": Both(
        "tegen: meer slaapkamers dan nodig", "against: more bedrooms than needed"
    ),
    "far_from_network": Both("tegen: ver van eigen mensen", "against: far from own people"),
    "far_from_day_activity": Both(
        "tegen: ver van werk of dagbesteding", "against: far from work or day activity"
    ),
    "contract_form_not_wished": Both(
        "tegen: een andere contractvorm", "against: another contract form"
    ),
    "many_persons": Both(
        "tegen: meer personen dan waarvoor de woning is",
        "against: more persons than the home is meant for",
    ),
    "above_appropriate_rent": Both(
        "tegen: huur boven passend toewijzen", "against: a rent above appropriate allocation"
    ),
    "above_soft_placements": Both(
        "tegen: de wijk draagt meer dan makkelijk gaat",
        "against: the neighbourhood carries more than is easy",
    ),
}

POLICY: dict[str, str] = {
    "urgency_points": "Punten voor urgentie 0, 1, 2 en 3, naast één punt voor elke dag wachten",
    "longest_counted_wait_days": "Tot zoveel dagen telt wachten mee voor de volgorde",
    "guard_days": "Wie langer wacht, gaat voor wie later kwam met gelijke voorrang",
    "preferred_neighbourhood": "Een woning in een wijk van voorkeur",
    "near_network": "Een woning dicht bij eigen mensen",
    "near_day_activity": "Een woning dicht bij werk of dagbesteding",
    "near_km": "Tot deze afstand telt als dichtbij; op drie keer zo ver telt het niet meer",
    "contract_form": "Een contractvorm die bij de cliënt past",
    "wasted_wheelchair": "Een rolstoelwoning voor wie die niet nodig heeft",
    "wasted_step_free": "Een woning zonder trap voor wie dat niet nodig heeft",
    "wasted_low_stimulus": "Een prikkelarme woning voor wie dat niet nodig heeft",
    "spare_bedroom": "Elke slaapkamer meer dan nodig",
    "person_too_many": "Elke persoon meer dan waarvoor de woning is",
    "above_appropriate_rent": "Een huur boven de grens van passend toewijzen",
    "above_soft_placements": "Elke plaatsing meer dan een wijk makkelijk draagt",
}
