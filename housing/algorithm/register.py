"""The entry for the national algorithm register, field by field, in Dutch and in English."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from housing import runs
from housing.algorithm.meanings import CLIENT_FACTS, NEVER_USED, Both
from housing.decisions import A_MINUTE
from housing.matching import CORE_VERSION

SCHEMA = "weerthuis/algorithm-register/1"
UNFILLED = Both("[in te vullen door de regio]", "[to be filled in by the region]")


@dataclass(frozen=True, slots=True)
class RegionFacts:
    """What an entry says of one region; without it those places stay open."""

    name: str
    bureau: str = ""
    policy_number: int | None = None
    policy_owner: str = ""
    policy_from: date | None = None
    policy: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the register: its key and heading, and what stands there."""

    key: str
    heading: Both
    text: Both


def fields(region: RegionFacts | None = None) -> list[Field]:
    """All fields, in the order of the register."""
    return [
        Field(
            "name", Both("Naam", "Name"), Both("Matching van Weerthuis", "Matching of Weerthuis")
        ),
        Field(
            "organization",
            Both("Organisatie", "Organisation"),
            Both(region.bureau, region.bureau) if region and region.bureau else UNFILLED,
        ),
        Field(
            "region",
            Both("Regio", "Region"),
            Both(region.name, region.name) if region else UNFILLED,
        ),
        Field(
            "description_short",
            Both("Korte omschrijving", "Short description"),
            Both(
                "Stelt voor welke vrije woning past bij wie klaar is om uit beschermd wonen of"
                " opvang naar een eigen huis te gaan. Een mens besluit.",
                "Proposes which free dwelling fits whoever is ready to move from sheltered housing"
                " or a shelter to a home of their own. A person decides.",
            ),
        ),
        Field(
            "publication_category",
            Both("Publicatiecategorie", "Publication category"),
            Both("Impactvolle algoritmes", "Impactful algorithms"),
        ),
        Field(
            "status",
            Both("Status", "Status"),
            Both(
                "In gebruik waar een regio met Weerthuis werkt; vaststellen door de regio.",
                "In use where a region works with Weerthuis; the region states it.",
            ),
        ),
        Field(
            "goal",
            Both("Doel en impact", "Goal and impact"),
            Both(
                "Zoveel mogelijk mensen een passend huis, wie het dringendst is en het langst wacht"
                " eerst. Voor iemand die wacht, bepaalt een voorstel mee hoe snel en waar die gaat"
                " wonen. Wie geen voorstel krijgt, houdt de plaats en krijgt de reden, met wat het"
                " eerst helpt.",
                "As many people as possible get a home that fits, those who need it most and waited"
                " longest first. For somebody who waits, a proposal helps to decide how soon and"
                " where they will live. Whoever gets none keeps their place and gets the reason,"
                " with what would help first.",
            ),
        ),
        Field(
            "proportionality",
            Both("Afwegingen", "Proportionality"),
            Both(
                "Met lijsten op papier is niet na te gaan wie wordt overgeslagen. De matching kent"
                " alleen wat een woning moet bieden, weegt voor iedereen gelijk en legt elk"
                " voorstel"
                " uit. Er is geen model dat uit gegevens leert. Wat de regio zelf weegt, staat"
                " in een"
                " versie met eigenaar, dag en reden.",
                "With lists on paper nobody can check who is passed over. The matching knows only"
                " what a home must offer, weighs the same for everybody and explains each proposal."
                " No model learns from data. What the region itself weighs stands in a version with"
                " owner, day and reason.",
            ),
        ),
        Field(
            "human_intervention",
            Both("Menselijke tussenkomst", "Human intervention"),
            Both(
                "De matching maakt geen voorstel; de database weigert dat. Een coördinator neemt"
                " een"
                " voorstel over of wijkt af met een reden, op een eigen pagina en in even veel"
                " stappen."
                " Wie vastlegde dat iemand klaar is, besluit niet. Daarna zeggen corporatie en"
                " cliënt"
                f" ja of nee. Geteld wordt hoe vaak mensen volgen en hoe vaak binnen {A_MINUTE}"
                " seconden; is dat vaak, dan zegt de pagina dat.",
                "The matching makes no proposal; the database refuses it. A coordinator follows a"
                " proposal or departs from it with a reason, on a page of its own and in as many"
                " steps. Whoever recorded that somebody is ready does not decide. Then corporation"
                " and client say yes or no. It is counted how often people follow, and how often"
                f" within {A_MINUTE} seconds; where that is often, the page says so.",
            ),
        ),
        Field(
            "risk_management",
            Both("Risicobeheer", "Risk management"),
            Both(
                "Elke maand: wie een huis kreeg en hoe lang mensen wachtten, naar geslacht,"
                " leeftijd,"
                " aanbieder, herkomst, huishouden en soort zorg, met een toets op toeval. Bij elke"
                " wijziging van het programma: tweelingen die alleen verschillen in wat niet mag"
                " tellen, krijgen hetzelfde voorstel.",
                "Every month: who got a home and how long people waited, by sex, age, provider,"
                " origin, household and kind of care, with a test of chance. At every change of the"
                " program: twins who differ only in what must not count get the same proposal.",
            ),
        ),
        Field(
            "legal_basis",
            Both("Wettelijke basis", "Legal ground"),
            Both(
                "Wmo 2015 (beschermd wonen en opvang), Huisvestingswet 2014 en Woningwet"
                " (toewijzen),"
                " AVG artikel 6 en 9 met de grondslag die per cliënt is vastgelegd. De regio stelt"
                " vast welke grondslag geldt.",
                "Wmo 2015 (sheltered housing and shelter), Huisvestingswet 2014 and Woningwet"
                " (allocation), GDPR articles 6 and 9 with the ground that is recorded for each"
                " client. The region states which ground holds.",
            ),
        ),
        Field(
            "impact_assessments",
            Both("Impacttoetsen", "Impact assessments"),
            Both(
                "Feiten voor DPIA en IAMA staan in dit document; de regio voert ze uit.",
                "Facts for a DPIA and an IAMA stand in this document; the region carries them out.",
            ),
        ),
        Field("source_data", Both("Gegevens", "Data"), _data()),
        Field(
            "methods_and_models",
            Both("Technische werking", "How it works"),
            Both(
                "Een geheeltallig wiskundig programma over de hele regio tegelijk, zonder toeval:"
                " dezelfde gegevens geven hetzelfde antwoord. Eerst het grootste aantal mensen met"
                " een huis, dan de hoogste voorrang, dan de beste pasvorm. Een tweede programma"
                f" rekent elk antwoord na. Versie {CORE_VERSION}.",
                "An integer program over the whole region at once, without chance: equal data give"
                " an equal answer. First the largest number of people with a home, then the highest"
                " priority, then the best fit. A second program checks every answer. Version"
                f" {CORE_VERSION}.",
            ),
        ),
        Field("policy", Both("Regels van de regio", "Rules of the region"), _policy(region)),
        Field(
            "retention",
            Both("Bewaren", "Retention"),
            Both(
                f"De laatste {runs.RUNS_KEPT} matchings van een regio, alles van de laatste"
                f" {runs.DAYS_KEPT.days} dagen, en elke matching waaruit een voorstel kwam: met"
                " invoer, uitkomst, versie en vingerafdruk. De regio stelt de termijn vast volgens"
                " de selectielijst.",
                f"The last {runs.RUNS_KEPT} matchings of a region, everything of the last"
                f" {runs.DAYS_KEPT.days} days, and every matching from which a proposal came: with"
                " input, outcome, version and fingerprint. The region fixes the term by its"
                " retention schedule.",
            ),
        ),
        Field(
            "objection",
            Both("Bezwaar en vragen", "Objection and questions"),
            Both(
                "Vraag uitleg aan de begeleider: die heeft per voorstel de redenen in gewone"
                " woorden."
                " Wie het niet eens is, zegt nee, of laat de coördinator opnieuw kijken. Klacht of"
                " bezwaar: bij de zorgaanbieder, de gemeente of de cliëntenraad, en over"
                " gegevens bij"
                " de functionaris voor gegevensbescherming of de Autoriteit Persoonsgegevens."
                " Adressen: " + UNFILLED.nl,
                "Ask the care worker to explain: for each proposal they have the reasons in plain"
                " words. Whoever does not agree says no, or lets the coordinator look again."
                " Complaint or objection: with the care provider, the municipality or the client"
                " council, and about data with the data protection officer or the supervisory"
                " authority. Addresses: " + UNFILLED.en,
            ),
        ),
        Field("contact", Both("Contact", "Contact"), UNFILLED),
        Field(
            "provider",
            Both("Leverancier", "Provider"),
            Both(
                "Weerthuis, open broncode onder de EUPL-1.2.",
                "Weerthuis, open source under the EUPL-1.2.",
            ),
        ),
        Field(
            "version",
            Both("Versie en wijzigingen", "Version and changes"),
            Both(
                f"{CORE_VERSION}. De versie verandert zodra dezelfde gegevens een ander antwoord"
                " kunnen geven; CHANGELOG.md noemt wat er veranderde.",
                f"{CORE_VERSION}. The version changes as soon as the same data may give another"
                " answer; CHANGELOG.md names what changed.",
            ),
        ),
    ]


def entry(region: RegionFacts | None = None) -> dict[str, Any]:
    """The entry for machines."""
    return {
        "schema": SCHEMA,
        "core_version": CORE_VERSION,
        "fields": {each.key: {"nl": each.text.nl, "en": each.text.en} for each in fields(region)},
        "policy": region.policy if region else None,
    }


def _data() -> Both:
    used = [words for key, words in CLIENT_FACTS.items() if key != "ref"]
    return Both(
        "Van een cliënt: "
        + " ".join(words.nl for words in used)
        + " Nooit: "
        + "; ".join(words.nl for words in NEVER_USED)
        + ". Bron: wat begeleiders vastleggen, en lijsten van partijen.",
        "Of a client: "
        + " ".join(words.en for words in used)
        + " Never: "
        + "; ".join(words.en for words in NEVER_USED)
        + ". Source: what care workers record, and lists of the parties.",
    )


def _policy(region: RegionFacts | None) -> Both:
    if region is None or region.policy_number is None:
        return Both(
            "Wat in de tabel hieronder als standaard staat, tot de regio iets anders besluit.",
            "What stands in the table below as default, until the region decides otherwise.",
        )
    day = region.policy_from.isoformat() if region.policy_from else ""
    return Both(
        f"Versie {region.policy_number}, vastgesteld door {region.policy_owner}, vanaf {day}.",
        f"Version {region.policy_number}, decided by {region.policy_owner}, from {day}.",
    )
