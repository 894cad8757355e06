"""How fast people move on now: the times, the region, the provider and the person.

The rates of ``hazards`` are those of the whole past. What differs from them is learned here, each
as far as the numbers carry: the pace of a phase and of a region may drift, providers
and municipalities differ, and who took longer than usual in earlier phases often does so in the
next one too.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outflow.estimation.contract import INTAKE, PHASES, PREPARING, STABILISING
from outflow.estimation.exposure import Exposure, Floats, Ints, groups_of, observed
from outflow.estimation.hazards import expected_rates
from outflow.estimation.histories import Histories
from outflow.estimation.levels import Levels, fit_levels
from outflow.estimation.quarters import date_of, quarter_of

PACED = (INTAKE, STABILISING, PREPARING)
"""Phases whose pace may change with the times."""

IS_PACED = np.isin(np.arange(len(PHASES)), PACED)

PACE_WEIGHT = 10.0
"""Moves that the pace of one weighs before anything is seen."""

SMOOTH = 50.0
"""Moves that weigh beside those of a quarter when the times are set apart from the regions."""

A_YEAR = 4

LOOKED_BACK = 28
"""Quarters that tell the pace of now; before that the times were others."""

FAR_ENOUGH = 4_000
"""Days up to which a stay is looked up; beyond them the last rate holds."""

UNLIKE = np.array([0.0, 0.05, 0.1, 0.2, 0.35, 0.6, 1.0])
"""How much people may differ in pace (variance), each tried on the past."""

TRIED_ON = 40_000
"""About as many stays are enough to tell how much people differ."""

WILDEST, CALM = 4.0, 1e6
"""Shapes of the gamma numbers by which a single quarter differs from its level."""

LEAST_APART, MOST_APART = 2.0, 10_000.0


@dataclass(frozen=True)
class Paces:
    """Factors on the rates of PACED phases.

    ``times`` has one series per phase (by number), ``regions`` one per region (None: a single
    region, whose pace is that of the times); ``usual`` (phases, regions) is how many moves a
    quarter the rates expect nowadays. ``of_client`` is the factor of every client number,
    ``of_provider`` that of every provider, ``of_town`` that of every municipality,
    ``of_target`` that of every target group a list knows, ``unlike`` the variance of pace among
    people.
    """

    times: dict[int, Levels]
    regions: Levels | None
    usual: Floats
    of_client: Floats
    of_provider: Floats
    of_town: Floats
    of_target: dict[str, float]
    unlike: float

    def paths(self, draws: int, quarters: int, regions: int, rng: np.random.Generator) -> Floats:
        """Return factors (phases, draws, regions, quarters) for the quarters to come."""
        found = np.ones((len(PHASES), draws, regions, quarters))
        for phase, levels in self.times.items():
            level, scatter = levels.paths(draws, quarters, rng)
            moves = self.usual[phase].sum(keepdims=True)
            found[phase] *= level * _gusts(scatter, moves, quarters, rng)
        if self.regions is not None:
            level, scatter = self.regions.paths(draws, quarters, rng)
            found[list(PACED)] *= level * _gusts(scatter, self.usual.sum(axis=0), quarters, rng)
        return found


def _gusts(scatter: Floats, moves: Floats, quarters: int, rng: np.random.Generator) -> Floats:
    """Return factors (draws, series, quarters) that make moves scatter as wide as they did."""
    beyond = np.maximum(scatter[:, None] - 1, 0.0)
    shape = np.divide(
        moves, beyond, out=np.full((len(scatter), len(moves)), CALM), where=beyond > 0
    )
    shape = np.clip(shape, WILDEST, CALM)
    wide = np.broadcast_to(shape[..., None], (*shape.shape, quarters))
    return np.asarray(rng.standard_gamma(wide) / wide)


def fit_paces(
    h: Histories,
    counted: list[Exposure],
    *,
    register_start: int,
    days: Ints,
    now: int,
    target_groups: Mapping[str, str] | None = None,
) -> Paces:
    """Learn the paces from every stay watched in the last years of the register.

    ``target_groups`` names the target group of clients as far as a list knows them.
    """
    regions, kinds = len(h.regions), max(len(h.kinds), 1)
    days = days[-LOOKED_BACK - 1 :]
    quarters = len(days) - 1
    which, begun, _, then = observed(h, max(register_start, int(days[0])))
    paced = IS_PACED[h.phase[which]]
    which, then = which[paced], then[paced]
    begin: Ints = begun[paced].astype(np.int64)
    stayed: Ints = np.minimum(h.end[which], h.as_of) - h.start[which]
    used = _Used(counted, kinds, h.phase[which], groups_of(h)[which])
    moved = (then >= 0).astype(np.float64)
    expected = used(stayed) - used(begin)

    provider, town = h.provider[which], h.municipality[which]
    of_provider = _factors(moved, expected, provider, [place for place, _ in h.providers])
    expected = expected * of_provider[provider]
    of_town = _factors(moved, expected, town, [place for place, _ in h.municipalities])
    expected = expected * of_town[town]
    target, names = _target_groups(h, target_groups or {})
    of_target = _target_factors(moved, expected, target[h.client[which]], len(names))
    expected = expected * of_target[target[h.client[which]]]
    person, unlike = _person_factors(moved, expected, h.client[which], h.phase[which])
    of_client = np.ones(len(h.keys))
    last = np.flatnonzero(_first_of_each(h.client[which][::-1])[::-1])
    own = person * of_provider[provider] * of_town[town]
    own *= of_target[target[h.client[which]]]
    of_client[h.client[which][last]] = own[last]

    spells, quarter, share = _by_quarter(h, which, begin, stayed, used, days)
    share *= own[spells]
    place = (h.phase[which][spells] * regions + h.region[which][spells]) * quarters + quarter
    size = len(PHASES) * regions * quarters
    shape = (len(PHASES), regions, quarters)
    hoped = np.bincount(place, weights=share, minlength=size).reshape(shape)
    ended = np.flatnonzero(moved)
    when = np.searchsorted(days, h.end[which[ended]], side="right") - 1
    inside = (when >= 0) & (when < quarters)
    place = (h.phase[which[ended]] * regions + h.region[which[ended]]) * quarters + when
    came = np.bincount(place[inside], minlength=size).reshape(shape).astype(np.float64)

    lately = (hoped[:, :, -A_YEAR:]).mean(axis=2)
    times = {
        phase: fit_levels(
            came[phase].sum(axis=0)[None],
            hoped[phase].sum(axis=0)[None],
            expected=np.ones(1),
            weight=PACE_WEIGHT,
            first=quarter_of(date_of(int(days[0]))),
            now=now,
        )
        for phase in PACED
        if came[phase].any()
    }
    by_region = None
    if regions > 1:
        nation_came, nation_hoped = came.sum(axis=1), hoped.sum(axis=1)
        times_then = (SMOOTH + nation_came) / (SMOOTH + nation_hoped)
        here = (hoped * times_then[:, None]).sum(axis=0)
        by_region = fit_levels(
            came.sum(axis=0), here, expected=np.ones(regions), weight=PACE_WEIGHT
        )
    of_known = dict(zip(names, of_target[:-1].tolist(), strict=True))
    return Paces(times, by_region, lately, of_client, of_provider, of_town, of_known, unlike)


class _Used:
    """Looks up how much of the rates of their phase and group stays have used up."""

    def __init__(self, counted: list[Exposure], kinds: int, phase: Ints, group: Ints) -> None:
        days = np.arange(FAR_ENOUGH + 1, dtype=np.float64)
        tables, tails, starts, lasts = [], [], {}, {}
        offset = after = 0
        for number in PACED:
            causes, rates = expected_rates(counted[number], kinds)
            rate = rates.sum(axis=2) if len(causes) else np.zeros(rates.shape[:2])
            edges = counted[number].edges
            total = np.zeros_like(rate)
            np.cumsum(rate[:, :-1] * np.diff(edges), axis=1, out=total[:, 1:])
            at = np.searchsorted(edges, days, side="right") - 1
            table = total[:, at] + rate[:, at] * (days - edges[at])
            starts[number] = offset
            offset += table.size
            tables.append(table.ravel())
            lasts[number] = after
            after += len(rate)
            tails.append(rate[:, -1])
        self.table, tail = np.concatenate(tables), np.concatenate(tails)
        first, last = np.zeros((2, len(PHASES)), dtype=np.int64)
        for number in PACED:
            first[number], last[number] = starts[number], lasts[number]
        self.row = first[phase] + group * len(days)
        self.tail = tail[last[phase] + group]

    def __call__(self, stayed: Ints, which: Ints | None = None) -> Floats:
        row, tail = (self.row, self.tail) if which is None else (self.row[which], self.tail[which])
        beyond = np.maximum(stayed - FAR_ENOUGH, 0)
        return np.asarray(self.table[row + np.clip(stayed, 0, FAR_ENOUGH)] + beyond * tail)


def _by_quarter(
    h: Histories, which: Ints, begin: Ints, stayed: Ints, used: _Used, days: Ints
) -> tuple[Ints, Ints, Floats]:
    """Return for every stay and quarter it touches the moves that the rates expect."""
    start = h.start[which]
    first = np.searchsorted(days, start + begin, side="right") - 1
    last = np.searchsorted(days, start + stayed, side="left") - 1
    count = np.maximum(last - first + 1, 0)
    stay = np.repeat(np.arange(len(which)), count)
    turn = np.arange(len(stay)) - np.repeat(np.cumsum(count) - count, count)
    quarter = first[stay] + turn
    inner = np.flatnonzero(turn < count[stay] - 1)
    until = used(stayed)[stay]
    until[inner] = used(days[quarter[inner] + 1] - start[stay[inner]], stay[inner])
    share = until.copy()
    share[inner + 1] -= until[inner]
    begins = np.flatnonzero(turn == 0)
    share[begins] -= used(begin)[stay[begins]]
    return stay, quarter, share


def _factors(moved: Floats, expected: Floats, part: Ints, region_of: list[int]) -> Floats:
    """Return how much faster people move on in each part of a region than its rates say.

    Parts are providers or municipalities; the less they differ beyond chance, and the fewer moves
    one has, the nearer to one. The only part of a region is the region.
    """
    count = len(region_of)
    came = np.bincount(part, weights=moved, minlength=count)
    hoped = np.bincount(part, weights=expected, minlength=count)
    region = np.array(region_of, dtype=np.int64)
    several = np.bincount(region)[region] > 1
    squares = float((hoped[several] ** 2).sum())
    if squares <= 0:
        return np.ones(count)
    beyond = float((((came - hoped) ** 2 - hoped)[several]).sum()) / squares
    weight = float(np.clip(1 / beyond, LEAST_APART, MOST_APART)) if beyond > 0 else MOST_APART
    return np.where(several, (weight + came) / (weight + hoped), 1.0)


def _target_groups(h: Histories, known: Mapping[str, str]) -> tuple[Ints, list[str]]:
    """Return the number of every client's target group, the last for nobody knows, and names."""
    names = sorted({group for group in known.values() if group})
    number = {group: place for place, group in enumerate(names)}
    found = [number.get(known.get(name, ""), len(names)) for name in h.names]
    return np.array(found, dtype=np.int64), names


def _target_factors(moved: Floats, expected: Floats, target: Ints, count: int) -> Floats:
    """Return how much faster each target group moves on than the others, 1 for who is in none.

    Whoever a list of needs names is still there, so all known groups together look slow: they are
    held against each other, not against everybody.
    """
    if count < 2:
        return np.ones(count + 1)
    known = target < count
    hoped = float(expected[known].sum())
    level = float(moved[known].sum()) / hoped if hoped > 0 else 1.0
    factors = _factors(moved[known], expected[known] * level, target[known], [0] * count)
    return np.append(factors, 1.0)


def _person_factors(
    moved: Floats, expected: Floats, client: Ints, phase: Ints
) -> tuple[Floats, float]:
    """Return for every stay how much faster the earlier stays of the person let expect.

    Stays are sorted by client and day. How much people differ is what would have foretold their
    later moves best; zero when that is best.
    """
    begins = _first_of_each(client)
    first = np.maximum.accumulate(np.where(begins, np.arange(len(client)), 0))
    before_moved = np.cumsum(moved) - moved
    before_hoped = np.cumsum(expected) - expected
    done = before_moved - before_moved[first]
    spent = before_hoped - before_hoped[first]
    known = np.flatnonzero(~begins)
    tried = known[:: len(known) // TRIED_ON + 1]
    sample = (moved[tried], expected[tried], phase[tried], done[tried], spent[tried])
    fits = [_foretold(unlike, *sample) for unlike in UNLIKE.tolist()]
    best = float(UNLIKE[int(np.argmax(fits))])
    factor = np.ones(len(client))
    if best > 0:
        factor[known] = (1 + best * done[known]) / (1 + best * spent[known])
        for number in PACED:
            here = known[phase[known] == number]
            hoped = float((factor[here] * expected[here]).sum())
            factor[here] *= (1 + moved[here].sum()) / (1 + hoped)
    return factor, best


def _foretold(
    unlike: float, moved: Floats, expected: Floats, phase: Ints, done: Floats, spent: Floats
) -> float:
    """Return how well stays are foretold when people differ so much in pace (log-likelihood)."""
    factor = (1 + unlike * done) / (1 + unlike * spent)
    hoped = np.bincount(phase, weights=factor * expected, minlength=len(PHASES))
    came = np.bincount(phase, weights=moved, minlength=len(PHASES))
    factor *= ((1 + came) / (1 + hoped))[phase]
    return float((moved * np.log(factor) - factor * expected).sum())


def _first_of_each(client: Ints) -> NDArray[np.bool_]:
    """Flag the first of the rows of each client; rows of a client stand together."""
    found = np.ones(len(client), dtype=bool)
    found[1:] = client[1:] != client[:-1]
    return found
