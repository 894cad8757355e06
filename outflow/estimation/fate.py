"""What is drawn once for a chunk of draws, whatever the scenario: rates, arrivals and homes.

Arrivals and homes lie ready in layers. The estimate takes layer 0 whole. A scenario with 2.3 times
as many takes layers 0 and 1 whole and of layer 2 what has luck below 0.3; one with 0.7 times as
many takes of layer 0 what has luck below 0.7. So more always holds all of less, and who or what is
in two futures is the same in both.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from outflow.estimation.chance import Keys, mixed, of_text, pick, uniform
from outflow.estimation.contract import IN_CARE, NOWHERE, PHASES
from outflow.estimation.crowd import ALONE, NOT_COUNTED, Crowd
from outflow.estimation.expectations import BY_THE_RATES
from outflow.estimation.exposure import Floats, Ints
from outflow.estimation.hazards import FAR, PhaseHazards, draw_hazards
from outflow.estimation.histories import Histories
from outflow.estimation.homes import REGION_WIDE, Homes
from outflow.estimation.knobs import Knobs
from outflow.estimation.levels import draw_counts
from outflow.estimation.paces import PACED
from outflow.estimation.stays import Stays
from outflow.estimation.tables import OPEN
from outflow.estimation.task import Task

TOWN_STEP, ENTRY_STEP, DAY_STEP, LUCK_STEP, JOIN_STEP = -1, -2, -3, -5, -6
DATE_STEP, BELIEF_STEP = -8, -9


@dataclass
class Coming:
    """Everybody who might still come; ``quarter``, ``layer`` and ``luck`` are as above."""

    crowd: Crowd
    quarter: Ints
    layer: Ints
    luck: Floats


@dataclass
class PossibleHomes:
    """Every home that might come free; ``quarter``, ``layer`` and ``luck`` as of people."""

    homes: Homes
    quarter: Ints
    layer: Ints
    luck: Floats


class Fate:
    """The draws ``first_draw`` and on: parameters, people and homes of all futures."""

    def __init__(self, task: Task, *, first_draw: int, draws: int, number: int) -> None:
        self.task, self.draws, self.number = task, draws, number
        self.model, self.horizon = task.model, task.horizon
        kinds = self.model.kinds
        self.hazards: list[PhaseHazards] = draw_hazards(
            self.model.exposures, kinds, draws=draws, rng=self._stream("hazards")
        )
        self.stays = Stays.of(self.hazards)
        self.pace = self.model.paces.paths(
            draws, self.horizon.quarters, len(self.model.histories.regions), self._stream("pace")
        )
        salt = np.uint64(of_text(f"seed {task.seed}"))
        self.own = mixed(np.arange(first_draw, first_draw + draws).astype(np.uint64) + salt)
        self.present = self._present()
        self.dated = self._dated()
        self.coming = self._coming(_layers(task.futures, "inflow"))
        self.homes = self._possible_homes(_layers(task.futures, "homes"))

    def _stream(self, purpose: str) -> np.random.Generator:
        return np.random.default_rng([self.task.seed, self.number, of_text(purpose)])

    def _present(self) -> Crowd:
        """Return everybody whose spell lasts on the reference date, once for each draw."""
        h, draws, leads = self.model.histories, self.draws, self.task.leads
        now = np.flatnonzero(h.end >= OPEN)
        count = len(now)
        draw = np.repeat(np.arange(draws), count)

        def each(values: Ints) -> Ints:
            return np.tile(values, draws)

        kinds = self.model.kinds
        lead = np.full(count, ALONE)
        if leads is not None:
            place = np.full(len(h.keys) + 1, ALONE)
            place[h.client[now]] = np.arange(count)
            lead = place[leads[h.client[now]]]
        keys = mixed(np.tile(h.keys[h.client[now]], draws) ^ self.own[draw])
        group = each(h.region[now] * kinds + h.kind[now])
        profile = np.zeros(count * draws, dtype=np.int64)
        if self.task.profiles is not None:
            known = each(self.task.profiles.of_client[h.client[now]])
            profile = np.where(known >= 0, known, self.task.profiles.given(keys, group))
        return Crowd(
            draw=draw,
            cell=each(h.municipality[now] * kinds + h.kind[now]),
            group=group,
            region=each(h.region[now]),
            town=each(h.municipality[now]),
            key=keys,
            phase=each(h.phase[now]),
            since=each(h.start[now]),
            waiting_since=each(h.waiting_since[now]),
            care_since=each(care_since(h)[now]),
            ends=np.full(count * draws, FAR),
            then=np.full(count * draws, -1),
            step=np.zeros(count * draws, dtype=np.int64),
            home=np.full(count * draws, -1),
            counted=np.full(count * draws, NOT_COUNTED),
            lead=np.where(each(lead) == ALONE, ALONE, each(lead) + draw * count),
            profile=profile,
            faster=np.tile(self.model.paces.of_client[h.client[now]], draws),
        )

    def _dated(self) -> tuple[Ints, Ints]:
        """Return rows of people present who become ready around their date, and on which day."""
        expected, h = self.model.expected, self.model.histories
        if expected is None or not len(expected.client):
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        number = np.full(len(h.keys), -1)
        number[expected.client] = np.arange(len(expected.client))
        place = np.tile(number[h.client[np.flatnonzero(h.end >= OPEN)]], self.draws)
        who = np.flatnonzero((place >= 0) & np.isin(self.present.phase, PACED))
        key = self.present.key[who]
        day = expected.days(
            place[who], luck=uniform(key, DATE_STEP), choice=uniform(key, BELIEF_STEP)
        )
        return who[day != BY_THE_RATES], day[day != BY_THE_RATES]

    def _coming(self, layers: int) -> Coming:
        """Return everybody who might still come, on the day and in the phase of coming."""
        model, quarters = self.model, self.horizon.quarters
        luck = self._stream("inflow")
        rates, scatter = model.inflow.paths(self.draws, quarters, luck)
        means = rates * self.horizon.share_left
        counts = [draw_counts(means, scatter, luck)]
        towns = luck.standard_gamma(np.broadcast_to(model.towns, (self.draws, *model.towns.shape)))
        counts += [
            draw_counts(means, scatter, self._stream(f"inflow {number}"))
            for number in range(1, layers)
        ]
        axes = [
            np.repeat(axis, np.stack(counts).ravel())
            for axis in np.indices((layers, *counts[0].shape)).reshape(4, -1)
        ]
        layer, draw, group, quarter = axes
        each = np.stack(counts).ravel()
        turn = np.arange(len(draw)) - np.repeat(np.cumsum(each) - each, each)
        h = model.histories
        places = np.array(
            [of_text(f"{region}|{kind}") for region in h.regions for kind in h.kinds or [""]],
            dtype=np.uint64,
        )
        key = mixed(
            mixed(places[group] + self.own[draw])
            ^ (quarter * 1_000_003 + turn + (layer << 40)).astype(np.uint64)
        )
        row = draw * rates.shape[1] + group
        town = pick(towns.reshape(-1, towns.shape[2]), row, uniform(key, TOWN_STEP))
        crowd = self.arriving(draw, group, town, quarter, key)
        return self._with_households(Coming(crowd, quarter, layer, uniform(key, LUCK_STEP)), turn)

    def _with_households(self, coming: Coming, turn: Ints) -> Coming:
        """Let some people come with somebody before them of the same group, quarter and layer.

        They share a home, a need and their luck, so that they go the same way together.
        """
        if self.task.joins is None or not len(turn):
            return coming
        crowd, place = coming.crowd, np.arange(len(turn))
        joins = (turn > 0) & (uniform(crowd.key, JOIN_STEP) < self.task.joins[crowd.region])
        first = np.maximum.accumulate(np.where(joins, 0, place))
        together = crowd.picked(first)
        together.lead = np.where(joins, first, ALONE)
        return Coming(together, coming.quarter, coming.layer, coming.luck[first])

    def arriving(self, draw: Ints, group: Ints, town: Ints, quarter: Ints, key: Keys) -> Crowd:
        """Return people who come in a quarter, on a day and in a phase that their key says."""
        model, days, count = self.model, self.horizon.days, len(draw)
        kinds = model.kinds
        first = pick(np.diff(model.entry, axis=1, prepend=0.0), group, uniform(key, ENTRY_STEP))
        width = days[quarter + 1] - days[quarter]
        day = days[quarter] + np.floor(uniform(key, DAY_STEP) * width).astype(np.int64)
        profiles = self.task.profiles
        return Crowd(
            draw=draw,
            cell=town * kinds + group % kinds,
            group=group,
            region=group // kinds,
            town=town,
            key=key,
            phase=np.full(count, NOWHERE),
            since=day,
            waiting_since=day.copy(),
            care_since=day.copy(),
            ends=day.copy(),
            then=np.minimum(first, len(PHASES) - 1),
            step=np.zeros(count, dtype=np.int64),
            home=np.full(count, -1),
            counted=np.full(count, NOT_COUNTED),
            lead=np.full(count, ALONE),
            profile=(
                np.zeros(count, dtype=np.int64) if profiles is None else profiles.given(key, group)
            ),
            faster=self.model.paces.of_town[town],
        )

    def _possible_homes(self, layers: int) -> PossibleHomes:
        """Return the planned homes of every draw, or as many layers as the past makes likely."""
        horizon = self.horizon
        if self.task.plan is not None:
            homes = self.task.plan.homes(self.draws)
            quarter = horizon.quarter_of(homes.day)
            code = np.stack([homes.draw, homes.region, homes.town + 1, quarter])
            layer = np.zeros(len(quarter), dtype=np.int64)
            key = mixed(mixed(code[1].astype(np.uint64)) + code[2].astype(np.uint64))
            turn = places_within(*code)
        else:
            random = self._stream("homes")
            rates, scatter = self.model.supply.paths(self.draws, horizon.quarters, random)
            free = self.model.idle.drawn(rates[:, :, 0], scatter, self._stream("idle homes"))
            means = rates * horizon.share_left
            counts = np.stack(
                [draw_counts(means, scatter, random)]
                + [
                    draw_counts(means, scatter, self._stream(f"homes {layer}"))
                    for layer in range(1, layers)
                ]
            )
            layer, draw, region, quarter = (
                np.repeat(axis, counts.ravel()) for axis in np.indices(counts.shape).reshape(4, -1)
            )
            turn = np.arange(len(draw)) - np.repeat(
                np.cumsum(counts.ravel()) - counts.ravel(), counts.ravel()
            )
            key = mixed(self.own[draw] + np.uint64(of_text("home")) + region.astype(np.uint64))
            width = horizon.days[quarter + 1] - horizon.days[quarter]
            homes = Homes(
                draw, region, np.full(len(draw), REGION_WIDE), horizon.days[quarter], _none(draw)
            )
        stirred = mixed(key ^ (quarter * 1_000_003 + turn + (layer << 40)).astype(np.uint64))
        luck = uniform(stirred, LUCK_STEP)
        if self.task.plan is None:
            homes.day = homes.day + np.floor(uniform(stirred, DAY_STEP) * width).astype(np.int64)
            return _with_idle(PossibleHomes(homes, quarter, layer, luck), *free)
        return PossibleHomes(homes, quarter, layer, luck)


def _with_idle(coming: PossibleHomes, draw: Ints, region: Ints, day: Ints) -> PossibleHomes:
    """Return the homes to come and, in quarter -1, those that stand free already."""
    more = (draw, region, np.full(len(draw), REGION_WIDE), day, _none(draw))
    old = coming.homes
    parts = (old.draw, old.region, old.town, old.day, old.taken)
    zeros = np.zeros(len(draw), dtype=np.int64)
    return PossibleHomes(
        Homes(*(np.concatenate(pair) for pair in zip(parts, more, strict=True))),
        np.concatenate([coming.quarter, zeros - 1]),
        np.concatenate([coming.layer, zeros]),
        np.concatenate([coming.luck, np.zeros(len(draw))]),
    )


def _none(like: Ints) -> NDArray[np.bool_]:
    return np.zeros(len(like), dtype=bool)


def places_within(*codes: Ints) -> Ints:
    """Return each row's place, from 0, among the rows that agree in all codes, in their order."""
    order = np.lexsort(codes)
    same = np.ones(len(order), dtype=bool)
    for code in codes:
        same[1:] &= code[order][1:] == code[order][:-1]
    position = np.arange(len(order))
    same[:1] = False
    found = np.empty(len(order), dtype=np.int64)
    found[order] = position - np.maximum.accumulate(np.where(same, 0, position))
    return found


def care_since(h: Histories) -> Ints:
    """Return for every spell in care the day on which that time in care began."""
    within = np.isin(h.phase, IN_CARE) & np.isin(h.came_from, IN_CARE)
    begins = np.where(within, 0, np.arange(len(within)))
    return h.start[np.maximum.accumulate(begins)] if len(within) else h.start


def _layers(futures: tuple[Knobs, ...], what: str) -> int:
    """Return how many layers the futures need, at least one."""
    most = 1.0
    for knobs in futures:
        for amount in getattr(knobs, what):
            if amount.how == "times":
                most = max(most, amount.value)
    return math.ceil(most)
