"""Appropriate allocation of a year, per corporation: counted against the norm, as far as is known.

A letting is tested where the household counts as under the income limit: its highest rent was
assumed, is not known, or lies at or under the rent limit of the day. A limit that a person decided
above it says that the income is higher, and then only other rules of the law count. Incomes
themselves are never read. See docs/adr/0008-appropriate-allocation.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Permission, Role, Viewer, may
from accounts.context import reading_for
from accounts.models import Organisation
from housing.models import Dwelling, MatchPair, MatchRun, Placement
from outflow.models import FunctionalProfile
from regions import formats
from regions.clock import today
from regions.law import Fitting, FittingRents, appropriate_norm
from regions.models import Region


@dataclass
class Counted:
    """Homes let, or proposed: tested, how many within the limit, and not tested for want of it."""

    fitting: int = 0
    above: int = 0
    not_tested: int = 0

    @property
    def tested(self) -> int:
        return self.fitting + self.above

    def add(self, outcome: Fitting) -> None:
        self.fitting += outcome == Fitting.FITS
        self.above += outcome == Fitting.DOES_NOT_FIT
        self.not_tested += outcome == Fitting.NOT_TESTED


@dataclass
class Standing:
    """How a corporation stands this year, and what the last matching proposes to it."""

    let: Counted = field(default_factory=Counted)
    proposed: Counted = field(default_factory=Counted)


def tested(
    *, rent: Decimal, limit: Decimal | None, max_rent: Decimal | None, is_assumed: bool
) -> Fitting:
    """Whether this letting counts as appropriate, by what is known without an income."""
    if limit is None:
        return Fitting.NOT_TESTED
    if max_rent is not None and max_rent > limit and not is_assumed:
        return Fitting.NOT_APPLICABLE
    return Fitting.FITS if rent <= limit else Fitting.DOES_NOT_FIT


def standings(
    region: Region | int, *, year: int, run: MatchRun | None = None
) -> dict[int, Standing]:
    """Per corporation (its key) the lettings of a year up to today, and the pairs of a run."""
    key = region if isinstance(region, int) else region.pk
    pairs = (
        list(
            MatchPair.objects.filter(run=run, is_locked=False).values_list(
                "client_id", "dwelling_id"
            )
        )
        if run
        else []
    )
    found: dict[int, Standing] = {}
    with reading_for(key, job="match"):
        let = list(
            Placement.objects.filter(region=key, from_on__year=year, from_on__lte=today())
            .order_by("pk")
            .values_list("client_id", "dwelling_id", "from_on")
        )
        homes = Dwelling.objects.in_bulk({row[1] for row in (*let, *pairs)})
        needs = FunctionalProfile.objects.in_bulk({row[0] for row in (*let, *pairs)})
        limits = FittingRents({year, run.as_of.year} if run else {year})
        for client, home, on in let:
            standing = found.setdefault(homes[home].corporation_id, Standing())
            standing.let.add(_outcome(homes[home], needs.get(client), on, limits))
        for client, home in pairs:
            standing = found.setdefault(homes[home].corporation_id, Standing())
            on = run.as_of if run else today()
            standing.proposed.add(_outcome(homes[home], needs.get(client), on, limits))
    return found


def _outcome(
    home: Dwelling, need: FunctionalProfile | None, on: date, limits: FittingRents
) -> Fitting:
    if need is None:
        return Fitting.NOT_TESTED
    return tested(
        rent=home.basic_rent,
        limit=limits.limit(persons=need.persons, on=on),
        max_rent=need.max_rent,
        is_assumed=need.max_rent_is_assumed,
    )


def together(standings: Iterable[Standing]) -> Standing:
    """The region as a whole."""
    whole = Standing()
    for one in standings:
        for part, sums in ((one.let, whole.let), (one.proposed, whole.proposed)):
            sums.fitting += part.fitting
            sums.above += part.above
            sums.not_tested += part.not_tested
    return whole


@dataclass(frozen=True, slots=True)
class StandingSeen:
    """A corporation, or the region, in sentences."""

    who: str
    sentences: tuple[str, ...]
    is_below: bool


def see_standings(viewer: Viewer, *, year: int, run: MatchRun | None = None) -> list[StandingSeen]:
    """The own corporation, each of them for the coordinator, else the region as a whole."""
    found = standings(viewer.region_id, year=year, run=run)
    if viewer.role == Role.ALLOCATOR:
        found = {key: one for key, one in found.items() if key == viewer.organisation_id}
    elif not may(viewer, Permission.AGREE_CONTINGENT):
        whole = together(found.values())
        return [see_standing(_("The region"), whole, year=year)] if found else []
    names = dict(Organisation.objects.filter(pk__in=found).values_list("pk", "name"))
    return sorted(
        (see_standing(names[key], one, year=year) for key, one in found.items()),
        key=lambda seen: seen.who,
    )


def see_standing(who: str, standing: Standing, *, year: int) -> StandingSeen:
    norm = appropriate_norm(on=date(year, 12, 31))
    let, sentences = standing.let, []
    is_below = False
    if let.tested:
        sentences.append(
            ngettext(
                "Of %(tested)s home let to a household under the income limit, as far as is known,"
                " %(fitting)s is within the rent limit.",
                "Of %(tested)s homes let to households under the income limit, as far as is known,"
                " %(fitting)s are within the rent limit.",
                let.tested,
            )
            % {"tested": formats.number(let.tested), "fitting": formats.number(let.fitting)}
        )
        if norm is not None:
            is_below = Decimal(100 * let.fitting) < norm.percent * let.tested
            words = {"percent": formats.number(norm.percent)}
            sentences.append(
                _("That is below the norm of %(percent)s percent over the year.") % words
                if is_below
                else _("The norm is %(percent)s percent over the year.") % words
            )
    else:
        sentences.append(_("Nothing was let this year that can be tested."))
    if let.not_tested:
        sentences.append(
            ngettext(
                "%(count)s home was not tested: a limit or a need is not known.",
                "%(count)s homes were not tested: a limit or a need is not known.",
                let.not_tested,
            )
            % {"count": formats.number(let.not_tested)}
        )
    if standing.proposed.tested:
        sentences.append(
            ngettext(
                "Of %(tested)s home in the last matching %(fitting)s is within the limit.",
                "Of %(tested)s homes in the last matching %(fitting)s are within the limit.",
                standing.proposed.tested,
            )
            % {
                "tested": formats.number(standing.proposed.tested),
                "fitting": formats.number(standing.proposed.fitting),
            }
        )
    return StandingSeen(who, tuple(sentences), is_below)
