"""Lets people move on, draw by draw, and counts what happens.

All draws of a chunk lie behind each other in flat arrays: one row is one person in one draw. Own
moves (a next phase, an exit, a refused offer) happen on the day; homes are handed out in steps of
about two weeks, in which a home and a person find each other on the first day that suits both.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from outflow.estimation.chance import Keys, mixed, of_text, uniform
from outflow.estimation.contract import (
    ARRIVALS,
    BACKLOG,
    BACKLOG_AT_END,
    BECOMES_READY,
    ENTERS_HOUSED,
    FIRST_EXIT,
    HOUSED,
    IN_CARE,
    IN_CARE_AT_END,
    LEAVES,
    MEASURES,
    NEEDS_DWELLING,
    NOWHERE,
    OFFERED,
    PHASES,
    READY,
    RETURNS,
    Counts,
)
from outflow.estimation.exposure import Floats, Ints
from outflow.estimation.hazards import FAR, PhaseHazards, draw_hazards
from outflow.estimation.homes import Homes, Plan, drawn_homes, pair_up
from outflow.estimation.levels import draw_counts
from outflow.estimation.model import PACED, Model
from outflow.estimation.tables import OPEN

STEPS_PER_QUARTER = 6
ROWS_PER_CHUNK = 150_000
DIRECT_STEP = 1 << 40
NOT_COUNTED = -1
ALONE = -1

_CARE = np.isin(np.arange(NOWHERE + 1), IN_CARE)
_WAITS = np.isin(np.arange(NOWHERE + 1), BACKLOG)


@dataclass(frozen=True)
class Horizon:
    """The quarters to come: ``days`` are their first days and the first day after the last.

    ``days[0]`` is the reference date, also where that lies inside its quarter; ``share_left``
    says how much of each quarter still lies ahead.
    """

    days: Ints
    share_left: Floats

    @property
    def quarters(self) -> int:
        return len(self.share_left)


@dataclass
class _Crowd:
    """Everybody in every draw of a chunk. ``ends`` is the day of the next own move."""

    draw: Ints
    cell: Ints
    group: Ints
    region: Ints
    town: Ints
    key: Keys
    phase: Ints
    since: Ints
    waiting_since: Ints
    ends: Ints
    then: Ints
    step: Ints
    home: Ints
    counted: Ints
    lead: Ints


def simulate(
    model: Model,
    horizon: Horizon,
    *,
    plan: Plan | None,
    leads: Ints | None = None,
    draws: int,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> Counts:
    """Return counts of shape (draws, cells, measures, quarters).

    A cell is municipality x facility type. Without a ``plan`` the homes are drawn from the past.
    ``leads`` names for each client the client of the same household whose home it is, or ALONE.
    """
    h = model.histories
    if not h.municipalities:
        return np.zeros((draws, 0, len(MEASURES), horizon.quarters), dtype=np.int32)
    present = int((h.end >= OPEN).sum())
    coming = model.inflow.mean().sum() * horizon.share_left.sum()
    size = int(np.clip(ROWS_PER_CHUNK // (present + coming + 1), 1, draws))
    parts = []
    for number, begin in enumerate(range(0, draws, size)):
        count = min(size, draws - begin)
        chunk = _Chunk(model, horizon, plan, leads, draws=count, seed=seed, number=number)
        parts.append(chunk.run(first_draw=begin))
        if progress is not None:
            progress(begin + count, draws)
    return np.concatenate(parts)


class _Chunk:
    """One chunk of draws, from its parameters to its counts."""

    def __init__(
        self,
        model: Model,
        horizon: Horizon,
        plan: Plan | None,
        leads: Ints | None,
        *,
        draws: int,
        seed: int,
        number: int,
    ) -> None:
        self.model, self.horizon, self.draws, self.leads = model, horizon, draws, leads
        self.seed = seed

        def stream(purpose: str) -> np.random.Generator:
            return np.random.default_rng([seed, number, of_text(purpose)])

        kinds = model.kinds
        self.hazards: list[PhaseHazards] = draw_hazards(
            model.exposures, kinds, draws=draws, rng=stream("hazards")
        )
        self.pace = np.ones((len(PHASES), draws, horizon.quarters))
        for phase in PACED:
            if phase in model.pace:
                paths, _ = model.pace[phase].paths(draws, horizon.quarters, stream(f"pace {phase}"))
                self.pace[phase] = paths[:, 0]
        self.arriving = stream("inflow")
        if plan is not None:
            self.homes: Homes = plan.homes(draws)
        else:
            self.homes = drawn_homes(
                model.supply,
                draws=draws,
                days=horizon.days,
                share_left=horizon.share_left,
                rng=stream("homes"),
            )
        self.cells = len(model.histories.municipalities) * kinds
        self.counts = np.zeros((len(MEASURES), horizon.quarters, draws * self.cells), np.int32)

    def run(self, *, first_draw: int) -> Counts:
        """Return the counts of this chunk, shape (draws, cells, measures, quarters)."""
        self.crowd = _joined(self._present(first_draw), self._arrivals(first_draw))
        self._find_stays(np.flatnonzero(self.crowd.phase != NOWHERE), 0, self.horizon.days[0])
        days = self.horizon.days
        for quarter in range(self.horizon.quarters):
            steps = np.linspace(days[quarter], days[quarter + 1], STEPS_PER_QUARTER + 1)
            marks = np.unique(steps.astype(np.int64))
            for begin, until in pairwise(marks.tolist()):
                self._move_on(until, quarter)
                if self._serve(begin, until):
                    self._move_on(until, quarter)
            phase = self.crowd.phase
            self.counts[BACKLOG_AT_END, quarter] = self._at(np.flatnonzero(_WAITS[phase]))
            self.counts[IN_CARE_AT_END, quarter] = self._at(np.flatnonzero(_CARE[phase]))
        self._settle_needs()
        shape = (len(MEASURES), self.horizon.quarters, self.draws, self.cells)
        return self.counts.reshape(shape).transpose(2, 3, 0, 1)

    def _present(self, first_draw: int) -> _Crowd:
        """Return everybody whose spell lasts on the reference date, once for each draw."""
        h, draws = self.model.histories, self.draws
        now = np.flatnonzero(h.end >= OPEN)
        count = len(now)
        draw = np.repeat(np.arange(draws), count)
        own = mixed(np.arange(first_draw, first_draw + draws).astype(np.uint64) + self._salt())

        def each(values: Ints) -> Ints:
            return np.tile(values, draws)

        kinds = self.model.kinds
        lead = np.full(count, ALONE)
        if self.leads is not None:
            place = np.full(len(h.keys) + 1, ALONE)
            place[h.client[now]] = np.arange(count)
            lead = place[self.leads[h.client[now]]]
        leads = np.where(each(lead) == ALONE, ALONE, each(lead) + draw * count)
        return _Crowd(
            draw=draw,
            cell=each(h.municipality[now] * kinds + h.kind[now]),
            group=each(h.region[now] * kinds + h.kind[now]),
            region=each(h.region[now]),
            town=each(h.municipality[now]),
            key=mixed(each(h.keys[h.client[now]].astype(np.int64)).astype(np.uint64) ^ own[draw]),
            phase=each(h.phase[now]),
            since=each(h.start[now]),
            waiting_since=each(h.waiting_since[now]),
            ends=np.full(count * draws, FAR),
            then=np.full(count * draws, -1),
            step=np.zeros(count * draws, dtype=np.int64),
            home=np.full(count * draws, -1),
            counted=np.full(count * draws, NOT_COUNTED),
            lead=leads,
        )

    def _arrivals(self, first_draw: int) -> _Crowd:
        """Return everybody who is still to come, on the day and in the phase of coming."""
        model, days = self.model, self.horizon.days
        kinds = model.kinds
        rates, scatter = model.inflow.paths(self.draws, self.horizon.quarters, self.arriving)
        counts = draw_counts(rates * self.horizon.share_left, scatter, self.arriving)
        draw, group, quarter = (
            np.repeat(axis, counts.ravel()) for axis in np.indices(counts.shape).reshape(3, -1)
        )
        total = len(draw)
        each = counts.ravel()
        turn = np.arange(total) - np.repeat(np.cumsum(each) - each, each)
        places = np.array(
            [
                of_text(f"{region}|{kind}")
                for region in model.histories.regions
                for kind in model.histories.kinds or [""]
            ],
            dtype=np.uint64,
        )
        key = mixed(
            mixed(places[group] + mixed((draw + first_draw).astype(np.uint64) + self._salt()))
            ^ (quarter * 1_000_003 + turn).astype(np.uint64)
        )
        weights = self.arriving.standard_gamma(
            np.broadcast_to(model.towns, (self.draws, *model.towns.shape))
        )
        share = np.cumsum(weights, axis=2)
        share = share.reshape(-1, share.shape[2])[draw * counts.shape[1] + group]
        luck = uniform(key, -1)[:, None] * share[:, -1:] if total else share
        town = (share <= luck).sum(axis=1) if total else np.zeros(0, dtype=np.int64)
        first = (model.entry[group] <= uniform(key, -2)[:, None]).sum(axis=1)
        width = days[quarter + 1] - days[quarter]
        day = days[quarter] + np.floor(uniform(key, -3) * width).astype(np.int64)
        return _Crowd(
            draw=draw,
            cell=town * kinds + group % kinds,
            group=group,
            region=group // kinds,
            town=town,
            key=key,
            phase=np.full(total, NOWHERE),
            since=day,
            waiting_since=day,
            ends=day,
            then=np.minimum(first, len(PHASES) - 1),
            step=np.zeros(total, dtype=np.int64),
            home=np.full(total, -1),
            counted=np.full(total, NOT_COUNTED),
            lead=np.full(total, ALONE),
        )

    def _salt(self) -> np.uint64:
        return np.uint64(of_text(f"seed {self.seed}"))

    def _find_stays(self, who: Ints, quarter: int, today: int | None = None) -> None:
        """Draw how long people stay in the phase they are in, and where they go then."""
        crowd = self.crowd
        phases = crowd.phase[who]
        for phase in range(len(PHASES)):
            here = who[phases == phase]
            if not len(here):
                continue
            stayed = np.zeros(len(here)) if today is None else today - crowd.since[here]
            days, then = self.hazards[phase].stays(
                crowd.draw[here],
                crowd.group[here],
                stayed.astype(np.float64),
                luck=uniform(crowd.key[here], 2 * crowd.step[here]),
                choice=uniform(crowd.key[here], 2 * crowd.step[here] + 1),
                pace=self.pace[phase][crowd.draw[here], quarter],
            )
            crowd.ends[here] = np.where(days >= FAR, FAR, crowd.since[here] + days)
            crowd.then[here] = then
        crowd.step[who] += 1
        gone = who[phases >= FIRST_EXIT]
        crowd.ends[gone] = FAR

    def _move_on(self, until: int, quarter: int) -> None:
        """Let all own moves before day ``until`` happen, in as many rounds as they need."""
        crowd = self.crowd
        who = np.flatnonzero(crowd.ends < until)
        while len(who):
            old, new, day = crowd.phase[who], crowd.then[who], crowd.ends[who]
            self._tally(who, old, new, quarter)
            refused = who[(old == OFFERED) & (new != HOUSED) & (crowd.home[who] >= 0)]
            self.homes.give_back(crowd.home[refused], crowd.ends[refused])
            crowd.home[who[old == OFFERED]] = -1
            fresh = who[(new == READY) & ~_WAITS[old]]
            crowd.waiting_since[fresh] = crowd.ends[fresh]
            crowd.phase[who], crowd.since[who] = new, day
            self._find_stays(who, quarter)
            who = who[crowd.ends[who] < until]

    def _tally(self, who: Ints, old: Ints, new: Ints, quarter: int) -> None:
        crowd = self.crowd
        from_care, to_care, exits = _CARE[old], _CARE[new], new >= FIRST_EXIT
        for measure, counts in (
            (ARRIVALS, (old == NOWHERE) & to_care),
            (RETURNS, (old == HOUSED) & to_care),
            (BECOMES_READY, (new == READY) & (old != OFFERED)),
            (ENTERS_HOUSED, from_care & (new == HOUSED)),
            (LEAVES, from_care & exits),
        ):
            if counts.any():
                self.counts[measure, quarter] += self._at(who[counts])

        ready = who[(new == READY) & (old != OFFERED)]
        lead = crowd.lead[ready]
        ready = ready[(lead == ALONE) | (crowd.phase[lead] >= FIRST_EXIT)]
        self.counts[NEEDS_DWELLING, quarter] += self._at(ready)
        left = who[_WAITS[old] & exits]
        self._need_no_home(left)
        crowd.counted[who[~_WAITS[new]]] = NOT_COUNTED
        crowd.counted[ready] = quarter

    def _need_no_home(self, who: Ints) -> None:
        """Take back the home counted for people who leave by themselves, in its own quarter."""
        crowd = self.crowd
        who = who[crowd.counted[who] != NOT_COUNTED]
        where = crowd.draw[who] * self.cells + crowd.cell[who]
        np.subtract.at(self.counts[NEEDS_DWELLING], (crowd.counted[who], where), 1)

    def _settle_needs(self) -> None:
        """Do for who still waits at the end what a usual wait would show."""
        crowd = self.crowd
        waits = _WAITS[crowd.phase] & (crowd.then >= FIRST_EXIT)
        watched = np.maximum(self.horizon.days[-1], crowd.waiting_since + self.model.wait_days)
        self._need_no_home(np.flatnonzero(waits & (crowd.ends < watched)))

    def _serve(self, begin: int, until: int) -> bool:
        """Hand out the homes of the days [begin, until); say whether anybody was served."""
        crowd, homes = self.crowd, self.homes
        waiting = np.flatnonzero(crowd.phase == READY)
        lead = crowd.lead[waiting]
        follows = (lead != ALONE) & (crowd.phase[lead] < FIRST_EXIT)
        joins = waiting[follows & (crowd.phase[lead] == HOUSED)]
        crowd.ends[joins] = np.maximum(
            np.maximum(crowd.since[joins], crowd.since[crowd.lead[joins]]), begin
        )
        crowd.then[joins] = HOUSED
        waiting = waiting[~follows]

        free = homes.on_offer(begin, until)
        served = bool(len(joins))
        towns, regions = len(self.model.histories.municipalities), len(self.model.direct)
        for person_place, home_place, places in (
            (crowd.town, homes.town, towns),
            (crowd.region, homes.region, regions),
        ):
            if not len(free) or not len(waiting):
                break
            local = free[home_place[free] >= 0]
            home_group = homes.draw[local] * places + home_place[local]
            wanted = np.zeros(self.draws * places, dtype=bool)
            wanted[home_group] = True
            near = wanted[crowd.draw[waiting] * places + person_place[waiting]]
            people = waiting[near]
            person_group = crowd.draw[people] * places + person_place[people]
            who, what = pair_up(
                person_group,
                np.lexsort((crowd.key[people], crowd.waiting_since[people], person_group)),
                home_group,
                np.lexsort((homes.day[local], home_group)),
            )
            self._give(people[who], local[what], begin)
            served = served or bool(len(who))
            waiting = waiting[~np.isin(waiting, people[who])] if len(who) else waiting
            free = free[~homes.taken[free]]
        return served

    def _give(self, who: Ints, what: Ints, begin: int) -> None:
        crowd, homes = self.crowd, self.homes
        homes.taken[what] = True
        crowd.home[who] = what
        crowd.ends[who] = np.maximum(np.maximum(homes.day[what], crowd.since[who]), begin)
        at_once = (
            uniform(crowd.key[who], DIRECT_STEP + crowd.step[who])
            < (self.model.direct[crowd.region[who]])
        )
        crowd.then[who] = np.where(at_once, HOUSED, OFFERED)

    def _at(self, who: Ints) -> Ints:
        code = self.crowd.draw[who] * self.cells + self.crowd.cell[who]
        return np.bincount(code, minlength=self.draws * self.cells)


def _joined(first: _Crowd, second: _Crowd) -> _Crowd:
    return _Crowd(
        **{
            name: np.concatenate([getattr(first, name), getattr(second, name)])
            for name in _Crowd.__dataclass_fields__
        }
    )
