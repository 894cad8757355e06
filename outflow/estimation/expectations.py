"""Days on which people were expected to be ready: how good were they, and what do they tell now?

Every date ever recorded is held against what came, also where nothing came yet. A date counts as
a mixture: with some weight the person becomes ready around it (earlier or later as dates have been
before), otherwise as the rates say. The weight is what would have foretold the past best, and zero
where dates would have foretold nothing that the rates did not.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from outflow.estimation.contract import (
    FIRST_EXIT,
    HOUSED,
    INTAKE,
    OFFERED,
    PHASES,
    PREPARING,
    READY,
    STABILISING,
    STATES,
)
from outflow.estimation.exposure import Exposure, Floats, Ints
from outflow.estimation.hazards import incidence
from outflow.estimation.histories import Histories
from outflow.estimation.tables import OPEN

BEFORE_READY = (INTAKE, STABILISING, PREPARING)

WEEK = 7
WEEKS = 8 * 52
"""How far ahead the rates are followed, in weeks."""

SOURCE = "expectations"

LEAST_RECORDS = 10
WORTH_IT = 3.0
"""By how much the log-likelihood must rise before a date is believed at all."""

ROUNDS = 25
GONE = "gone"
LEAST_LEAVE, LEAST_DENSITY = 0.05, 1e-6

BY_THE_RATES, GOES_AWAY = -1, -2
"""What stands for a day where no date counts."""

A_MONTH = 31
LEAST_SPREAD, MOST_SPREAD = 5.0, 200.0
TINY = 1e-12


@dataclass(frozen=True)
class Expected:
    """What the dates of the people present tell about the day on which each becomes ready.

    ``client`` are client numbers, one each. With the chance ``weight`` the person becomes ready
    around ``centre``, logistic with scale ``spread`` and after ``as_of``; with the chance
    ``leaves`` the person leaves instead; otherwise the rates say what happens. ``rows`` say how
    good dates were: name, value, source.
    """

    client: Ints
    weight: Floats
    leaves: Floats
    centre: Floats
    spread: float
    as_of: int
    rows: list[tuple[str, object, str]]

    def days(self, place: Ints, *, luck: Floats, choice: Floats) -> Ints:
        """Return for entries ``place`` the day of becoming ready, GOES_AWAY or BY_THE_RATES.

        ``choice`` and ``luck`` are uniform numbers: whether the date counts, and which day.
        """
        low = _below((self.as_of - self.centre[place]) / self.spread)
        share = np.clip(low + luck * (1 - low), TINY, 1 - TINY)
        day = self.centre[place] + self.spread * np.log(share / (1 - share))
        day = np.clip(np.floor(day), self.as_of, self.as_of + WEEK * WEEKS).astype(np.int64)
        out = choice < self.weight[place] + self.leaves[place]
        other = np.where(out, GOES_AWAY, BY_THE_RATES)
        return np.where(choice < self.weight[place], day, other)


def fit_expectations(
    h: Histories,
    counted: list[Exposure],
    *,
    register_start: int,
    told: pd.DataFrame,
    current: pd.DataFrame | None = None,
) -> Expected:
    """Learn from every date recorded before the reference date how far the present ones count.

    Parameters
    ----------
    counted
        The exposures of the histories: what the rates would say without any date.
    told
        Every date ever recorded: ``client`` (name), ``recorded_on`` and ``expected_ready`` as day
        numbers, OPEN where a date was taken back.
    current
        The dates that hold now: ``client`` and ``expected_ready``. Without them the last ones of
        ``told`` hold.
    """
    records = _records(h, told, register_start)
    rates = _Rates(h, counted)
    weight, bias, spread = 0.0, 0.0, MOST_SPREAD
    share = _weights(records)
    came, never = records["came"].to_numpy(), records["never"].to_numpy()
    ahead = records["came"].to_numpy() - records["expected"].to_numpy()
    if len(records) >= LEAST_RECORDS:
        without = rates.likelihood(records, h.as_of)
        weight, bias, spread, gain = _mixture(
            records, without, share, rates.leaving(records, h.as_of)
        )
        if gain < WORTH_IT:
            weight = 0.0
    seen = (came < OPEN) & ~never
    due = (records["expected"].to_numpy() + A_MONTH < h.as_of) & ~never
    kept = seen & (np.abs(ahead) <= A_MONTH)
    rows: list[tuple[str, object, str]] = [
        ("expected_ready:seen", int((seen | due).sum()), SOURCE),
        ("expected_ready:weight", round(100 * weight), SOURCE),
    ]
    if due.any():
        good = round(100 * float(kept[due].mean()))
        rows.append(("expected_ready:within_a_month", good, SOURCE))
    if seen.any():
        low, middle, high = np.quantile(ahead[seen], [0.25, 0.5, 0.75])
        rows.append(("expected_ready:bias", round(float(middle)), SOURCE))
        rows.append(("expected_ready:spread", round(float(high - low)), SOURCE))
    present = _present(h, told, current)
    if weight == 0.0 or not len(present):
        nobody = np.zeros(0, dtype=np.int64)
        none = np.zeros(0)
        return Expected(nobody, none, none, none, spread, h.as_of, rows)
    centre = present["expected"].to_numpy(dtype=np.float64) + bias
    ever, later = rates.leaving(present, h.as_of)
    by_day = weight * (1 - ever) * (1 - _below((h.as_of - centre) / spread))
    by_exit = weight * later
    by_rates = (1 - weight) * rates.likelihood(present, h.as_of)
    whole = np.maximum(by_day + by_exit + by_rates, TINY)
    return Expected(
        client=present["client"].to_numpy(dtype=np.int64),
        weight=by_day / whole,
        leaves=by_exit / whole,
        centre=centre,
        spread=spread,
        as_of=h.as_of,
        rows=rows,
    )


def _records(h: Histories, told: pd.DataFrame, register_start: int) -> pd.DataFrame:
    """Return the dates recorded while the person was on the way, with what came of each.

    ``phase``, ``stayed`` and ``group`` are those of the day of recording; ``came`` is the day of
    becoming ready (OPEN: not yet), ``never`` whether the person left instead; ``until`` is the
    last day that was seen and ``open`` whether the person is on the way still.
    """
    number = {name: client for client, name in enumerate(h.names)}
    rows = pd.DataFrame(
        {
            "client": [number.get(str(name), -1) for name in told["client"]],
            "recorded": told["recorded_on"].to_numpy(dtype=np.int64),
            "expected": told["expected_ready"].to_numpy(dtype=np.int64),
        }
    )
    rows = rows[
        (rows["client"] >= 0)
        & (rows["recorded"] < h.as_of)
        & (rows["recorded"] >= register_start)
        & (rows["expected"] < OPEN)
    ]
    rows = rows.sort_values(["client", "recorded", "expected"], ignore_index=True)
    rows = rows.drop_duplicates(ignore_index=True)
    return _followed(h, rows)


def _followed(h: Histories, rows: pd.DataFrame) -> pd.DataFrame:
    """Add what the histories say about the person at the day of recording and afterwards."""
    client, day = rows["client"].to_numpy(), rows["recorded"].to_numpy()
    span = max(int(h.start.max(initial=0)), h.as_of) + 2
    low = min(int(h.start.min(initial=0)), int(np.min(day, initial=0)))
    code = h.client * (span - low) + (h.start - low)
    spell = np.searchsorted(code, client * (span - low) + (day - low), side="right") - 1
    inside = (spell >= 0) & (h.client[np.maximum(spell, 0)] == client)
    spell = np.maximum(spell, 0)
    inside &= np.isin(h.phase[spell], BEFORE_READY) & (h.end[spell] > day)
    rows, spell = rows[inside].reset_index(drop=True), spell[inside]
    ends = _end_of_the_way(h)
    last = ends[spell]
    then = h.next[last]
    waits = np.isin(then, (READY, OFFERED, HOUSED)) & (h.end[last] < OPEN)
    left = (then >= FIRST_EXIT) & (h.end[last] < OPEN)
    kinds = max(len(h.kinds), 1)
    return rows.assign(
        phase=h.phase[spell],
        stayed=rows["recorded"].to_numpy() - h.start[spell],
        group=h.region[spell] * kinds + h.kind[spell],
        came=np.where(waits, h.end[last], OPEN),
        never=left,
        until=np.minimum(h.end[last], h.as_of),
        open=h.end[last] >= OPEN,
    )


def _end_of_the_way(h: Histories) -> Ints:
    """Return for every spell the last one before the person is ready, or out of sight."""
    count = len(h.phase)
    place = np.arange(count)
    goes_on = np.zeros(count, dtype=bool)
    if count > 1:
        goes_on[:-1] = h.client[1:] == h.client[:-1]
    on_the_way = np.isin(h.phase, BEFORE_READY)
    stops = ~goes_on | ~on_the_way
    if count > 1:
        stops[:-1] |= ~on_the_way[1:]
    found = np.where(stops, place, count)
    return np.minimum.accumulate(found[::-1])[::-1] if count else place


def _present(h: Histories, told: pd.DataFrame, current: pd.DataFrame | None) -> pd.DataFrame:
    """Return the date that holds now of everybody on the way, as a record not yet come true."""
    number = {name: client for client, name in enumerate(h.names)}
    last = told[told["recorded_on"] < h.as_of]
    last = last.assign(number=[number.get(str(name), -1) for name in last["client"]])
    last = last.sort_values(["number", "recorded_on", "expected_ready"], kind="stable")
    last = last.drop_duplicates("number", keep="last")
    names: list[int] = last["number"].tolist()
    dates: dict[int, int] = dict(zip(names, last["expected_ready"].tolist(), strict=True))
    since: dict[int, int] = dict(zip(names, last["recorded_on"].tolist(), strict=True))
    if current is not None:
        days = current["expected_ready"].tolist()
        # The list of needs says what holds now of whom it names; of others the last record does.
        dates |= {
            number[str(name)]: int(day)
            for name, day in zip(current["client"], days, strict=True)
            if str(name) in number
        }
    yesterday = h.as_of - 1
    wanted = sorted(client for client, day in dates.items() if client >= 0 and day < OPEN)
    recorded = [min(since.get(client, yesterday), yesterday) for client in wanted]
    rows = pd.DataFrame(
        {
            "client": np.array(wanted, dtype=np.int64),
            "recorded": np.array(recorded, dtype=np.int64),
            "expected": np.array([dates[client] for client in wanted], dtype=np.int64),
        }
    )
    found = _followed(h, rows)
    return found[found["open"]].reset_index(drop=True)


def _weights(records: pd.DataFrame) -> Floats:
    """Return the share of each record: a person with many dates counts once."""
    client = records["client"].to_numpy(dtype=np.int64)
    if not len(client):
        return np.zeros(0)
    return np.asarray(1 / np.bincount(client)[client])


def _mixture(
    records: pd.DataFrame, without: Floats, share: Floats, leaving: tuple[Floats, Floats]
) -> tuple[float, float, float, float]:
    """Return weight, bias and spread of dates, and the log-likelihood gained (EM)."""
    expected = records["expected"].to_numpy(dtype=np.float64)
    came = records["came"].to_numpy(dtype=np.float64)
    never = records["never"].to_numpy()
    recorded = records["recorded"].to_numpy(dtype=np.float64)
    until = records["until"].to_numpy(dtype=np.float64)
    seen = (came < OPEN) & ~never
    if seen.sum() < LEAST_RECORDS / 2:
        return 0.0, 0.0, MOST_SPREAD, 0.0
    late = came[seen] - expected[seen]
    weight, bias = 0.5, float(np.median(late))
    spread = float(np.clip(np.median(np.abs(late - bias)) / np.log(3), LEAST_SPREAD, MOST_SPREAD))
    for _ in range(ROUNDS):
        with_date = _by_date(seen, never, came, expected, recorded, until, leaving, bias, spread)
        belief = weight * with_date / np.maximum(weight * with_date + (1 - weight) * without, TINY)
        weight = float((belief * share).sum() / share.sum())
        counts = (belief * share)[seen]
        bias = _weighted_median(late, counts)
        apart = _weighted_median(np.abs(late - bias), counts)
        spread = float(np.clip(apart / np.log(3), LEAST_SPREAD, MOST_SPREAD))
    with_date = _by_date(seen, never, came, expected, recorded, until, leaving, bias, spread)
    mixed = np.log(np.maximum(weight * with_date + (1 - weight) * without, TINY))
    gain = float((share * (mixed - np.log(np.maximum(without, TINY)))).sum())
    return weight, bias, spread, gain


def _by_date(
    seen: np.ndarray,
    never: np.ndarray,
    came: Floats,
    expected: Floats,
    recorded: Floats,
    until: Floats,
    leaving: tuple[Floats, Floats],
    bias: float,
    spread: float,
) -> Floats:
    """Return how likely what came was if dates were to be believed (per day, or not yet)."""
    centre = expected + bias
    possible = np.maximum(1 - _below((recorded - centre) / spread), 1e-3)
    z = np.abs(np.where(seen, came - centre, 0.0)) / spread
    density = np.exp(-z) / (spread * (1 + np.exp(-z)) ** 2)
    waiting = 1 - _below((until - centre) / spread)
    ever, later = leaving
    by_day = (1 - ever) * np.where(seen, density, waiting) / possible
    return np.where(never, ever, by_day + np.where(seen, 0.0, later))


class _Rates:
    """What the rates say about becoming ready: by phase, days stayed and group."""

    def __init__(self, h: Histories, counted: list[Exposure]) -> None:
        self.kinds = max(len(h.kinds), 1)
        self.counted = counted
        self.known: dict[tuple[int, int], dict[str, Floats]] = {}
        self.onward: dict[tuple[int, int], tuple[Floats, Floats]] = {}
        self.grid = np.arange(2 * WEEKS + 1, dtype=np.float64) * WEEK

    def likelihood(self, records: pd.DataFrame, as_of: int) -> Floats:
        """Return how likely what came was: per day, or the chance of not yet, or of leaving."""
        found = np.ones(len(records))
        columns = [records[name].to_numpy() for name in ("phase", "stayed", "group")]
        columns += [records[name].to_numpy() for name in ("recorded", "came", "never", "until")]
        for place, (phase, stayed, group, recorded, came, never, until) in enumerate(
            zip(*(column.tolist() for column in columns), strict=True)
        ):
            ready, gone = self.outcome(phase, stayed, group)
            week = min((until - recorded) // WEEK, WEEKS - 1)
            if never:
                found[place] = max(gone[-1], LEAST_LEAVE)
            elif came < OPEN:
                found[place] = max((ready[week + 1] - ready[week]) / WEEK, LEAST_DENSITY)
            else:
                found[place] = max(1 - ready[week] - gone[week], 0.0)
        return found

    def outcome(self, phase: int, stayed: int, group: int) -> tuple[Floats, Floats]:
        """Return the shares ready, and gone, within so many weeks, for who has stayed some days."""
        moves = self._moves(phase, group)
        at = min(stayed // WEEK, WEEKS)
        ready, gone = np.zeros(WEEKS + 1), np.zeros(WEEKS + 1)
        staying = 1 - sum((each[at] for each in moves.values()), 0.0)
        if staying <= TINY:
            return ready, gone
        for name, share in moves.items():
            within = (share[at : at + WEEKS + 1] - share[at]) / staying
            if name == STATES[READY]:
                ready += within
            elif name == GONE:
                gone += within
            elif PHASES.index(name) > phase:
                later_ready, later_gone = self._from_entry(PHASES.index(name), group)
                ready += _followed_by(within, later_ready)
                gone += _followed_by(within, later_gone)
        return ready, gone

    def leaving(self, records: pd.DataFrame, as_of: int) -> tuple[Floats, Floats]:
        """Return for each record the chance of leaving instead, and of doing so after ``until``."""
        ever, later = np.zeros(len(records)), np.zeros(len(records))
        columns = [records[name].tolist() for name in ("phase", "stayed", "group")]
        columns += [records[name].tolist() for name in ("recorded", "until")]
        for place, (phase, stayed, group, recorded, until) in enumerate(zip(*columns, strict=True)):
            _, gone = self.outcome(phase, stayed, group)
            ever[place] = np.clip(gone[-1], LEAST_LEAVE, 1 - LEAST_LEAVE)
            later[place] = max(gone[-1] - gone[min((until - recorded) // WEEK, WEEKS - 1)], 0.0)
        return ever, later

    def _from_entry(self, phase: int, group: int) -> tuple[Floats, Floats]:
        if (phase, group) not in self.onward:
            self.onward[(phase, group)] = self.outcome(phase, 0, group)
        return self.onward[(phase, group)]

    def _moves(self, phase: int, group: int) -> dict[str, Floats]:
        """Return the shares that left the phase within so many weeks, by what came next."""
        if (phase, group) not in self.known:
            every = incidence(self.counted[phase], self.kinds, group, self.grid)
            onward = {STATES[READY], *(STATES[number] for number in BEFORE_READY)}
            kept = {name: share for name, share in every.items() if name in onward}
            rest = [share for name, share in every.items() if name not in onward]
            if rest:
                kept[GONE] = np.sum(rest, axis=0)
            self.known[(phase, group)] = kept
        return self.known[(phase, group)]


def _followed_by(first: Floats, second: Floats) -> Floats:
    """Return the share that took both steps within so many weeks."""
    steps = np.diff(first, prepend=0.0)
    return np.convolve(steps, second)[: len(first)]


def _below(z: Floats) -> Floats:
    """Return the logistic distribution function."""
    return 1 / (1 + np.exp(-np.clip(z, -60, 60)))


def _weighted_median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    if reached[-1] <= 0:
        return float(np.median(values))
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])
