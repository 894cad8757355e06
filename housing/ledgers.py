"""The ledger made ready for a page: rows, bars, a sentence to say aloud, lines people can read."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Permission, Role, Viewer
from housing.balances import Balance, YearLedger, expected_at_end, most_of
from housing.lifecycle import ContingentKind, EntryKind
from housing.models import Contingent, ContingentEntry
from housing.yearend import YearEnd
from outflow.lifecycle import FacilityType
from regions import formats
from regions.charts.bars import balance_bar
from regions.clock import today
from regions.tables import Cell, Column, Table

BY_CORPORATION, BY_MUNICIPALITY, MATRIX = "corporation", "municipality", "matrix"
# A promise lags when even the high end of what is expected stays below it.
LAGS_FROM_DAYS = 120


@dataclass(frozen=True, slots=True)
class EntrySeen:
    """One line of the ledger as a viewer reads it."""

    on: date
    what: str
    detail: str
    where: str
    counts: int
    url: str | None


@dataclass(frozen=True)
class YearAnswer:
    """What the page says first."""

    promised: int
    counted: int
    expected: YearEnd | None
    region: str


def contingent_title(contingent: Contingent) -> str:
    title = _("%(corporation)s in %(municipality)s") % {
        "corporation": contingent.corporation.name,
        "municipality": contingent.municipality.name,
    }
    if contingent.target_group:
        title += f", {FacilityType(contingent.target_group).label}"
    return title


def year_answer(ledger: YearLedger) -> YearAnswer:
    total = ledger.total
    return YearAnswer(
        promised=total.to_deliver,
        counted=total.counted,
        expected=expected_at_end(total, year=ledger.year, most=_most_of_region(ledger)),
        region=_region_words(ledger),
    )


def ledger_table(ledger: YearLedger, *, by: str, of: str = "") -> dict[str, Any]:
    """The ledger per corporation or per municipality; `of` opens one of them."""
    chosen = [
        c
        for c in ledger.contingents
        if not of or of in {str(c.corporation.ref), c.municipality.code}
    ]
    opened = bool(of)
    groups = _groups(chosen, by, opened=opened)
    own = [(label, url, ledger.balance_of(members), members) for label, url, members in groups]
    largest = max((balance.to_deliver for _l, _u, balance, _m in own), default=0)
    rows = [
        _row(label, url, balance, ledger.year, largest, _sum_of_most(members, ledger))
        for label, url, balance, members in own
    ]
    if ledger.others is not None and not opened and ledger.others != Balance():
        rows.append(
            _row(_("Other corporations together"), None, ledger.others, ledger.year, largest, None)
        )
    total = sum((balance for _l, _u, balance, _m in own), Balance())
    if not opened and ledger.others is not None:
        total = total + ledger.others
    heading = _("Municipality") if by == BY_MUNICIPALITY else _("Corporation")
    return {
        "caption": _("Contingent %(year)d, numbers of dwellings") % {"year": ledger.year},
        "heading": heading if not opened else _("Contingent"),
        "expected_heading": _("Expected end of %(year)d") % {"year": ledger.year},
        "rows": rows,
        "total": _row(
            _("Together"), None, total, ledger.year, 0, _most_of_region(ledger), bar=False
        )
        if len(rows) > 1
        else None,
    }


def matrix_table(ledger: YearLedger) -> Table:
    """Corporations down, municipalities across; in a cell what was counted of what was agreed."""
    places = sorted({c.municipality.name for c in ledger.contingents})
    rows, totals = [], dict.fromkeys(places, Balance())
    for corporation, members in groupby(ledger.contingents, key=lambda c: c.corporation.name):
        at: dict[str, list[Contingent]] = {}
        for member in members:
            at.setdefault(member.municipality.name, []).append(member)
        cells = [Cell(corporation)]
        for place in places:
            here = at.get(place, [])
            balance = ledger.balance_of(here)
            totals[place] = totals[place] + balance
            cells.append(
                Cell(
                    _of(balance) if here else "",
                    url=here[0].get_absolute_url() if len(here) == 1 else "",
                )
            )
        cells.append(Cell(_of(ledger.balance_of([c for found in at.values() for c in found]))))
        rows.append(cells)
    return Table(
        caption=_("Contingent %(year)d: counted of agreed, numbers of dwellings")
        % {"year": ledger.year},
        columns=[
            Column(_("Corporation")),
            *(Column(place, "number") for place in places),
            Column(_("Together"), "number"),
        ],
        rows=rows,
        totals=[
            Cell(_("Region")),
            *(Cell(_of(totals[place])) for place in places),
            Cell(_of(sum(totals.values(), Balance()))),
        ],
    )


def balance_facts(balance: Balance, expected: YearEnd | None) -> list[dict[str, Any]]:
    """A contingent in words and numbers, for a list of facts."""
    facts = [
        {
            "label": _("To deliver"),
            "value": formats.number(balance.to_deliver),
            "sub": _("%(agreed)s agreed, %(moved)s moved over or raised")
            % {"agreed": balance.agreed, "moved": balance.moved}
            if balance.moved
            else "",
        },
        {"label": _("Let so far"), "value": formats.number(balance.let)},
        {"label": _("Accepted, not yet let"), "value": formats.number(balance.waiting)},
        {"label": _("Offered, does not count yet"), "value": formats.number(balance.offered)},
        {"label": _("Returned so far"), "value": formats.number(balance.returned)},
        {"label": _("To go"), "value": formats.number(balance.to_go)},
    ]
    if expected is not None:
        facts.append(
            {
                "label": _("Expected at the end of the year"),
                "value": formats.span(expected.low, expected.high),
                "sub": _("most likely %(number)s") % {"number": expected.likely},
            }
        )
    return facts


def bar_of(name: str, balance: Balance, expected: YearEnd | None, *, largest: int) -> SafeString:
    return balance_bar(
        name=name,
        agreed=balance.to_deliver,
        let=balance.let,
        accepted=balance.waiting,
        offered=balance.offered,
        largest=largest,
        low=expected.low if expected else None,
        likely=expected.likely if expected else None,
        high=expected.high if expected else None,
    )


def entries_seen(
    viewer: Viewer, *, contingent: Contingent | None = None, year: int | None = None
) -> "LazyEntries":
    """Lines of one contingent or of a year, newest first; codes only for who may see proposals."""
    lines = ContingentEntry.objects.select_related(
        "contingent__corporation", "contingent__municipality", "proposal", "dwelling"
    ).order_by("-on", "-pk")
    if contingent is not None:
        lines = lines.filter(contingent=contingent)
    elif year is not None:
        visible = Contingent.objects.visible_to(viewer, Permission.SEE_CONTINGENT)
        lines = lines.filter(contingent__in=visible.filter(year=year).order_by())
    else:
        raise ValueError("a contingent or a year")
    return LazyEntries(lines, lambda entry: _entry(entry, viewer))


class LazyEntries:
    """Lines that are projected only when a page of them is asked for."""

    def __init__(
        self,
        lines: QuerySet[ContingentEntry],
        project: Callable[[ContingentEntry], EntrySeen],
    ) -> None:
        self.lines, self.project = lines, project
        self.ordered = True

    def count(self) -> int:
        return self.lines.order_by().count()

    __len__ = count

    def __getitem__(self, wanted: slice) -> list[EntrySeen]:
        return [self.project(line) for line in self.lines[wanted]]


def _entry(entry: ContingentEntry, viewer: Viewer) -> EntrySeen:
    reaches = viewer.role in {Role.COORDINATOR, Role.ALLOCATOR}
    kind = EntryKind(entry.kind)
    what = str(kind.label).capitalize()
    if entry.proposal is not None and reaches:
        what = _("%(what)s, proposal %(code)s") % {"what": what, "code": entry.proposal.code}
    detail = [entry.reason, entry.authority]
    if entry.dwelling is not None and reaches:
        detail.insert(0, str(entry.dwelling))
    return EntrySeen(
        on=entry.on,
        what=what,
        detail=", ".join(part for part in detail if part),
        where=f"{entry.contingent.corporation.name}, {entry.contingent.municipality.name}",
        counts=_counts(entry),
        url=entry.proposal.get_absolute_url() if entry.proposal and reaches else None,
    )


def _counts(entry: ContingentEntry) -> int:
    """What the line does to what is still to go: an accepted dwelling takes one off."""
    match entry.kind:
        case EntryKind.ACCEPTED | EntryKind.CORRECTED:
            return -entry.dwellings
        case EntryKind.RETURNED | EntryKind.AGREED | EntryKind.MOVED_OVER | EntryKind.OVERRIDE:
            return entry.dwellings
    return 0


Group = tuple[str, str | None, list[Contingent]]


def _groups(contingents: list[Contingent], by: str, *, opened: bool) -> Iterable[Group]:
    if opened:
        return [(contingent_title(c), c.get_absolute_url(), [c]) for c in contingents]
    found: dict[str, list[Contingent]] = {}
    for contingent in contingents:
        party = contingent.municipality if by == BY_MUNICIPALITY else contingent.corporation
        found.setdefault(party.name, []).append(contingent)
    return [(name, _open_url(found[name], by), found[name]) for name in sorted(found)]


def _open_url(members: list[Contingent], by: str) -> str:
    first = members[0]
    if len(members) == 1:
        return first.get_absolute_url()
    of = first.municipality.code if by == BY_MUNICIPALITY else first.corporation.ref
    return f"?year={first.year}&by={by}&of={of}"


def _row(
    label: str,
    url: str | None,
    balance: Balance,
    year: int,
    largest: int,
    most: int | None,
    *,
    bar: bool = True,
) -> dict[str, Any]:
    expected = expected_at_end(balance, year=year, most=most)
    return {
        "label": label,
        "url": url,
        "flag": _lags(balance, expected),
        "agreed": balance.to_deliver,
        "agreed_sub": f"{balance.agreed} + {balance.moved}" if balance.moved else "",
        "let": balance.let,
        "accepted": balance.waiting,
        "offered": balance.offered,
        "returned": balance.returned,
        "to_go": balance.to_go,
        "bar": bar_of(label, balance, expected, largest=largest) if bar else "",
        "expected": formats.span(expected.low, expected.high) if expected else "",
        "expected_sub": _("most likely %(number)s") % {"number": expected.likely}
        if expected
        else "",
    }


def _lags(balance: Balance, expected: YearEnd | None) -> dict[str, str] | None:
    if (
        expected is None
        or expected.high >= balance.to_deliver
        or today().timetuple().tm_yday < LAGS_FROM_DAYS
    ):
        return None
    return {"kind": "late", "word": _("lags behind")}


def _sum_of_most(members: list[Contingent], ledger: YearLedger) -> int | None:
    """The most that a group can reach, if everything in it is a maximum."""
    limits = [most_of(member, ledger.balances[member.pk]) for member in members]
    known = [limit for limit in limits if limit is not None]
    return sum(known) if len(known) == len(limits) else None


def _most_of_region(ledger: YearLedger) -> int | None:
    region = ledger.region
    if region is None or region.kind != ContingentKind.MAXIMUM or region.agreed is None:
        return None
    return region.agreed + region.raised


def _region_words(ledger: YearLedger) -> str:
    region = ledger.region
    if region is None or region.agreed is None:
        return ""
    return ngettext(
        "For the region together: %(number)s dwelling, as a %(kind)s.",
        "For the region together: %(number)s dwellings, as a %(kind)s.",
        region.agreed,
    ) % {"number": formats.number(region.agreed), "kind": region.get_kind_display()}


def _of(balance: Balance) -> str:
    return _("%(counted)s of %(agreed)s") % {
        "counted": formats.number(balance.counted),
        "agreed": formats.number(balance.to_deliver),
    }
