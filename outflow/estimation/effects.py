"""What one more dwelling a quarter would do, for each kind of dwelling that people need."""

from outflow.estimation.contract import BACKLOG_AT_END, ENTERS_HOUSED, MEASURES
from outflow.estimation.counting import Row
from outflow.estimation.profiles import NONE, Profiles

EXTRA_PER_QUARTER = 1
MOST_KINDS = 8
EFFECT_DRAWS = 200
TOLD = (MEASURES[ENTERS_HOUSED], MEASURES[BACKLOG_AT_END], "waiting")
"""The measures in which the effect of a dwelling is told."""


def kinds_worth_asking(known: Profiles | None) -> list[dict[str, str]]:
    """Return kinds of dwellings: any, then each form and accessibility, the most needed first.

    A dwelling of a kind is kept for people whose need has that kind: a form for those it suits,
    an accessibility for those who need it.
    """
    kinds: list[dict[str, str]] = [{}]
    if known is None:
        return kinds
    forms = sorted({form for need in known.rows for form in need.forms})
    access = sorted({need.accessible for need in known.rows} - {"", NONE})
    found: list[dict[str, str]] = [{"form": form} for form in forms]
    found += [{"accessible": each} for each in access]
    asked = known.of_client[known.of_client >= 0]

    def people(kind: dict[str, str]) -> int:
        return int(known.flags(kind)[asked].sum())

    found = [kind for kind in found if people(kind)]
    found.sort(key=people, reverse=True)
    return kinds + found[: MOST_KINDS - 1]


def told(rows: list[Row], kind: dict[str, str]) -> list[Row]:
    """Return the effect by region from the rows of a difference."""
    regions: dict[str, list[Row]] = {}
    for row in rows:
        whole = row["municipality"] is None and row["facility_type"] is None
        plain = "by" not in row or row["measure"] == "waiting"
        if whole and plain and row["measure"] in TOLD:
            kept = {
                key: value
                for key, value in row.items()
                if key not in ("region", "municipality", "facility_type")
            }
            regions.setdefault(str(row["region"]), []).append(kept)
    return [
        {
            "region": region,
            "kind": dict(kind),
            "extra_per_quarter": EXTRA_PER_QUARTER,
            "measures": measures,
        }
        for region, measures in regions.items()
    ]
