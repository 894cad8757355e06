"""docs/algorithm.md and docs/algorithm.json, made from the rules themselves."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from accounts.access import GRANTS, Permission
from housing import decisions, fairness, runs
from housing.algorithm import meanings
from housing.algorithm.meanings import Both
from housing.algorithm.register import fields
from housing.exact_test import LEVEL
from housing.matching.policy import POLICY_FIELDS, PolicyField
from regions.formats import SMALLEST_COUNT_SHOWN

PERMISSIONS = (
    Permission.RUN_MATCHING,
    Permission.SEE_MATCHING,
    Permission.DECIDE_PROPOSAL,
    Permission.SEE_POLICY,
    Permission.SET_POLICY,
    Permission.SEE_DECISIONS,
    Permission.SEE_FAIRNESS,
)


class Limit(NamedTuple):
    """One legal limit as it stands in the dated table."""

    kind: str
    valid_from: date
    value: Decimal
    verified: bool
    source: str


HEAD = """# Het algoritme: register en feiten

Made by `manage.py algorithm_page` from the rules of the program; a test compares the two. Dutch
first, [English below](#the-algorithm-register-and-facts). `algorithm.json` holds the entry for
machines; `manage.py algorithm_page --region NAME` prints it filled in for one region.
"""


def render(limits: Iterable[Limit]) -> str:
    """The whole page as Markdown, Dutch first."""
    rows = sorted(limits)
    parts = [HEAD.rstrip(), *_language("nl", rows), "", "# The algorithm: register and facts", ""]
    return "\n".join([*parts, *_language("en", rows)]).rstrip() + "\n"


def as_json(entry: Mapping[str, object]) -> str:
    return json.dumps(entry, ensure_ascii=False, indent=2, default=str) + "\n"


def _language(language: str, limits: Sequence[Limit]) -> list[str]:
    def say(nl: str, en: str) -> str:
        return nl if language == "nl" else en

    def of(words: Both) -> str:
        return words.nl if language == "nl" else words.en

    return [
        *_section(say("1. Voor het algoritmeregister", "1. For the algorithm register")),
        *_table(
            (say("veld", "field"), say("inhoud", "content")),
            [(of(each.heading), of(each.text)) for each in fields()],
        ),
        *_section(say("2. Wat het besluit, en wat niet", "2. What it decides, and what not")),
        *_bullets(of(line) for line in DECIDES),
        *_section(say("3. Wanneer een woning past", "3. When a home fits")),
        *_table(
            ("code", say("past als", "fits when")),
            [(f"`{code}`", of(words)) for code, words in meanings.RULES.items()],
        ),
        *_section(say("4. Wat het beste is", "4. What is best")),
        *_bullets(of(line) for line in LEVELS),
        *_section(say("5. Wat een regio mag besluiten", "5. What a region may decide")),
        *_table(
            (
                say("naam", "name"),
                say("betekenis", "meaning"),
                say("standaard", "default"),
                say("grenzen", "bounds"),
            ),
            [_policy_row(each, language) for each in POLICY_FIELDS],
        ),
        *_section(say("6. Welke gegevens, en waarom", "6. Which data, and why")),
        *_table(
            (say("van een cliënt", "of a client"), say("waarom", "why")),
            [(f"`{code}`", of(words)) for code, words in meanings.CLIENT_FACTS.items()],
        ),
        "",
        *_table(
            (say("van een woning", "of a dwelling"), say("waarom", "why")),
            [(f"`{code}`", of(words)) for code, words in meanings.DWELLING_FACTS.items()],
        ),
        "",
        say("Nooit gebruikt:", "Never used:"),
        "",
        *_bullets(of(words) for words in meanings.NEVER_USED),
        "",
        say(
            "Namen, geslacht, geboortedatum, zorg, scores, geld en redenen houdt de database"
            " tegen: de rol waaronder de matching leest, heeft op die tabellen geen recht. Herkomst"
            " en afscherming staan in een tabel die zij wel leest. Daarvoor, en voor al het andere,"
            " zijn er twee toetsen: tweelingen die alleen hierin verschillen, en een blik op alle"
            " vragen die een matching aan de database stelt.",
            "The database keeps back names, sex, birth date, care, scores, money and reasons: the"
            " role under which the matching reads has no right to those tables. Origin and"
            " shielding"
            " stand in a table that it does read. For these, and for all the rest, there are two"
            " tests: twins who differ in this alone, and a look at all queries that a matching"
            " sends.",
        ),
        *_section(say("7. Redenen bij een voorstel", "7. Reasons with a proposal")),
        *_table(
            ("code", say("betekenis", "meaning")),
            [(f"`{code}`", of(words)) for code, words in meanings.REASONS.items()],
        ),
        *_section(say("8. Grenzen van de wet", "8. Limits of the law")),
        *_table(
            (
                say("grens", "limit"),
                say("vanaf", "from"),
                "euro",
                say("bevestigd", "verified"),
                say("bron", "source"),
            ),
            [
                (
                    f"`{each.kind}`",
                    each.valid_from.isoformat(),
                    f"{each.value:.2f}",
                    say("ja", "yes") if each.verified else say("nee", "no"),
                    each.source,
                )
                for each in limits
            ],
        ),
        *_section(say("9. Wie wat mag", "9. Who may do what")),
        *_table(
            (say("handeling", "action"), say("rol", "role"), say("waarover", "about")),
            [
                (
                    f"`{grant.permission.value}`",
                    grant.role.value.replace("_", " "),
                    grant.relation.value.replace("_", " "),
                )
                for permission in PERMISSIONS
                for grant in GRANTS
                if grant.permission == permission
            ],
        ),
        *_section(say("10. Gelijke kansen en toezicht", "10. Equal chances and oversight")),
        *_bullets(of(line) for line in OVERSIGHT),
        *_section(say("11. Risico's en maatregelen", "11. Risks and measures")),
        *_table(
            (
                say("risico", "risk"),
                say("maatregel", "measure"),
                say("nagegaan door", "checked by"),
            ),
            [(of(risk), of(measure), test) for risk, measure, test in RISKS],
        ),
        *_section(say("12. Hoe het is getoetst", "12. How it was tested")),
        *_bullets(of(line) for line in TESTED),
        *_section(say("13. Uitleg en klacht", "13. Explanation and complaint")),
        *_bullets(of(line) for line in EXPLAINED),
    ]


DECIDES = (
    Both(
        "Het verdeelt de vrije woningen van een regio over wie klaar is, als voorstel.",
        "It divides the free dwellings of a region over those who are ready, as a proposal.",
    ),
    Both(
        "Het besluit niets: geen voorstel, antwoord, contract of sleutel komt van het programma.",
        "It decides nothing: no proposal, answer, contract or key comes from the program.",
    ),
    Both(
        "Het zegt niet of iemand klaar is, zorg nodig heeft of ergens recht op heeft.",
        "It does not say whether somebody is ready, needs care or has a right to anything.",
    ),
    Both(
        "Het voorspelt geen gedrag en leert niet van eerdere besluiten.",
        "It predicts no behaviour and does not learn from earlier decisions.",
    ),
)
LEVELS = (
    Both("Eerst: zoveel mogelijk mensen een huis.", "First: as many people housed as possible."),
    Both(
        "Dan: de hoogste voorrang, uit urgentie en dagen wachten.",
        "Then: the highest priority, of urgency and days waited.",
    ),
    Both(
        "Dan: de beste pasvorm, in punten. Een lagere stap kost een hogere nooit iets.",
        "Then: the best fit, in points. A lower step never costs a higher one anything.",
    ),
    Both(
        "Wat is toegezegd, blijft. Contingenten met een maximum, de draagkracht van wijken, plekken"
        " voor steun en uren begeleiding zijn grenzen.",
        "What was promised stays. Contingents with a maximum, the capacity of neighbourhoods,"
        " places"
        " of support and hours of guidance are limits.",
    ),
)
OVERSIGHT = (
    Both(
        "Elke maand geteld per groep: wie wachtte, wie een huis kreeg, hoe lang het duurde, en voor"
        f" wie de matching een huis had. Onder de {SMALLEST_COUNT_SHOWN} mensen staat geen"
        " getal; een"
        " percentage en een midden van de wachttijd"
        f" alleen vanaf 50 en vanaf {fairness.LEAST_FOR_A_MIDDLE} mensen.",
        "Every month counted by group: who waited, who got a home, how long it took, and for whom"
        f" the matching had a home. Below {SMALLEST_COUNT_SHOWN} people no number stands; a"
        " share and"
        f" a middle of waiting times only of 50 and of {fairness.LEAST_FOR_A_MIDDLE} people or"
        " more.",
    ),
    Both(
        f"Een verschil heet groter dan toeval volgens de exacte toets van Fisher, niveau {LEVEL},"
        " met Holm gecorrigeerd voor alle groepen samen. Zie [gelijke kansen](fairness.md).",
        f"A difference is called larger than chance by Fisher's exact test, level {LEVEL},"
        " corrected"
        " by Holm for all groups together. See [equal chances](fairness.md).",
    ),
    Both(
        f"Geteld over de laatste {decisions.LOOKED_AT} besluiten en per maand: overgenomen,"
        " afgeweken met reden, overgenomen binnen een minuut. De regio bepaalt vanaf welk deel de"
        " pagina waarschuwt. Nooit per persoon.",
        f"Counted over the last {decisions.LOOKED_AT} decisions and by month: followed, departed"
        " with reason, followed within a minute. The region decides from which share the page"
        " warns. Never per person.",
    ),
    Both(
        f"Bewaard: de laatste {runs.RUNS_KEPT} matchings, alles van {runs.DAYS_KEPT.days} dagen, en"
        " elke matching waaruit een voorstel kwam. Elke is na te rekenen.",
        f"Kept: the last {runs.RUNS_KEPT} matchings, everything of {runs.DAYS_KEPT.days} days, and"
        " every matching from which a proposal came. Each can be computed again.",
    ),
)
RISKS = (
    (
        Both("Mensen volgen zonder te kijken.", "People follow without looking."),
        Both(
            "Redenen voor en tegen op elk voorstel; afwijken is even makkelijk; tijd wordt geteld.",
            "Reasons for and against on each proposal; departing is as easy; time is counted.",
        ),
        "`tests/housing/test_decisions.py`",
    ),
    (
        Both("Een groep krijgt minder kans.", "A group has fewer chances."),
        Both(
            "De matching kent de groep niet; de uitkomst wordt elke maand geteld.",
            "The matching does not know the group; the outcome is counted every month.",
        ),
        "`tests/housing/test_twins.py`, `tests/housing/test_fairness.py`",
    ),
    (
        Both("Een getal vertelt over een mens.", "A number tells of a person."),
        Both(
            "Afronden, weglaten en een aanval die vooraf wordt nagerekend.",
            "Rounding, leaving out, and an attack that is computed beforehand.",
        ),
        "`tests/housing/test_fairness_protection.py`",
    ),
    (
        Both("Zorggegevens sturen mee.", "Care data steer along."),
        Both(
            "De databaserol van de matching bereikt ze niet.",
            "The database role of the matching does not reach them.",
        ),
        "`tests/housing/test_twins.py`, `tests/accounts/test_second_lock.py`",
    ),
    (
        Both("De gegevens kloppen niet.", "The data are wrong."),
        Both(
            "Ronde van begeleiders; afwijken met reden ‘de gegevens kloppen niet’ wordt geteld.",
            "Round of care workers; departing because “the data are wrong” is counted.",
        ),
        "`tests/housing/test_decisions.py`",
    ),
    (
        Both("Een fout in het programma.", "A fault in the program."),
        Both(
            "Een tweede programma rekent elk antwoord na; wat niet klopt, wordt niet bewaard.",
            "A second program checks every answer; what is not true is not kept.",
        ),
        "`tests/housing/matching/`",
    ),
)
TESTED = (
    Both(
        "Kleine gevallen tegen alle mogelijke verdelingen; wetten (meer woningen huisvesten nooit"
        " minder mensen); dezelfde invoer in elke volgorde. Zie [de matcher](matcher.md).",
        "Small cases against every possible division; laws (more homes never house fewer people);"
        " equal input in any order. See [the matcher](matcher.md).",
    ),
    Both(
        "Snelheid en bewezen kwaliteit: de cijfers staan in [de metingen](benchmarks.md).",
        "Speed and proven quality: the figures stand in [the measurements](benchmarks.md).",
    ),
    Both(
        "Elke toets heeft een tegenproef: zonder de bescherming wordt hij rood.",
        "Every test has a counter-test: without the protection it goes red.",
    ),
)
EXPLAINED = (
    Both(
        "Per voorstel: redenen voor en tegen, welke andere woningen pasten, en op welke grond een"
        " ander voorging. Voor de cliënt in gewone woorden, zonder iets over anderen.",
        "With each proposal: reasons for and against, which other homes fitted, and on what ground"
        " somebody else went first. For the client in plain words, with nothing about others.",
    ),
    Both(
        "Zonder voorstel: waarom nog niet, en welke verandering het eerst helpt.",
        "Without a proposal: why not yet, and which change would help first.",
    ),
    Both(
        "Niet eens? Nee zeggen, opnieuw laten kijken, of een klacht: zie bezwaar en vragen in het"
        " eerste deel.",
        "Not agreed? Say no, let somebody look again, or complain: see objection and questions in"
        " the first part.",
    ),
)


def _policy_row(field: PolicyField, language: str) -> tuple[str, ...]:
    unit = field.unit
    if language == "nl":
        unit = {"points": "punten", "days": "dagen", "kilometres": "kilometer"}[field.unit]
    meaning = meanings.POLICY[field.name] if language == "nl" else field.meaning
    none = "geen" if language == "nl" else "none"
    if isinstance(field.default, tuple):
        default = ", ".join(map(str, field.default))
    else:
        default = none if field.default is None else str(field.default)
    to = "tot en met" if language == "nl" else "to"
    return f"`{field.name}`", meaning, f"{default} {unit}", f"{field.least} {to} {field.most}"


def _section(heading: str) -> list[str]:
    return ["", f"## {heading}", ""]


def _bullets(lines: Iterable[str]) -> list[str]:
    return [f"- {line}" for line in lines]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows),
    ]
