"""Lets people move on, draw by draw, and counts what happens: one future of one chunk of draws.

All draws of a chunk lie behind each other in flat arrays: one row is one person in one draw. Own
moves (a next phase, an exit, a refused offer) happen on the day; homes are handed out in steps of
about two weeks, in which a home and a person find each other on the first day that suits both.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from outflow.estimation.admission import Admission
from outflow.estimation.chance import uniform
from outflow.estimation.contract import (
    ARRIVALS,
    BACKLOG_AT_END,
    BECOMES_READY,
    ENTERS_HOUSED,
    FIRST_EXIT,
    HOUSED,
    IN_CARE_AT_END,
    LEAVES,
    MEASURES,
    NEEDS_DWELLING,
    NOWHERE,
    OFFERED,
    READY,
    RETURNS,
    STATES,
)
from outflow.estimation.crowd import ALONE, CARE, NOT_COUNTED, WAITS
from outflow.estimation.expectations import GOES_AWAY
from outflow.estimation.exposure import Floats, Ints
from outflow.estimation.fate import Fate
from outflow.estimation.forward import at_pace, brought_forward, copied
from outflow.estimation.hazards import FAR
from outflow.estimation.homes import Queue
from outflow.estimation.knobs import Knobs
from outflow.estimation.lots import homes, people
from outflow.estimation.paces import PACED
from outflow.estimation.profiles import NeedNotes
from outflow.estimation.returns import Returns
from outflow.estimation.task import LONGEST_IN_CARE, Outcome
from outflow.estimation.waits import WaitNotes, Waits

STEPS_PER_QUARTER = 6
LEFT_OTHER = STATES.index("left_other")
DIRECT_STEP = 1 << 40
NO_FLOW = len(MEASURES)


def _flows() -> Ints:
    """Return the measure that a move from one state to another counts in, or NO_FLOW."""
    found = np.full((NOWHERE + 1, NOWHERE + 1), NO_FLOW)
    found[NOWHERE, CARE] = ARRIVALS
    found[HOUSED, CARE] = RETURNS
    found[CARE, HOUSED] = ENTERS_HOUSED
    found[CARE, FIRST_EXIT:NOWHERE] = LEAVES
    return found


FLOW = _flows()
PACES = np.isin(np.arange(NOWHERE + 1), PACED)


class Chunk:
    """One future of the draws of a fate, from everybody's first stay to the counts."""

    def __init__(self, fate: Fate, knobs: Knobs) -> None:
        self.fate, self.knobs, self.task = fate, knobs, fate.task
        self.model, self.horizon, self.draws = fate.model, fate.horizon, fate.draws
        self.crowd = people(fate, knobs)
        self.homes, self.kept_from = homes(fate, knobs)
        self.queue = Queue(len(self.crowd))
        self.fixed = np.zeros(len(self.crowd), dtype=bool)
        self.sharing = np.flatnonzero(self.crowd.lead != ALONE)
        h, kinds, quarters = self.model.histories, self.model.kinds, self.horizon.quarters
        self.regions, self.cells = len(h.regions), len(h.municipalities) * kinds
        self.places = self.draws * self.cells
        self.place = self.crowd.draw * self.cells + self.crowd.cell
        self.counts = np.zeros((len(MEASURES), quarters, self.places), np.int32)
        self.noted: list[Ints] = []
        self.needs = (
            NeedNotes(self.task.profiles, draws=self.draws, regions=self.regions, quarters=quarters)
            if self.task.profiles is not None and self.task.by_need
            else None
        )
        self.waits = (
            WaitNotes(draws=self.draws, regions=self.regions, kinds=kinds, quarters=quarters)
            if self.task.waits
            else None
        )
        self.returns = (
            Returns(knobs.relapse, fate.stays, fate.hazards[HOUSED], self.horizon)
            if knobs.relapse is not None
            else None
        )
        self.admission = (
            Admission(knobs.caps, draws=self.draws, cells=self.cells, quarters=quarters)
            if knobs.caps
            else None
        )

    def run(self) -> Outcome:
        """Return what came of this future."""
        crowd, days = self.crowd, self.horizon.days
        self._find_stays(np.flatnonzero(crowd.phase != NOWHERE), 0, int(days[0]))
        self._keep_dates()
        self._bring_forward()
        for quarter in range(self.horizon.quarters):
            self._change_pace(quarter)
            steps = np.linspace(days[quarter], days[quarter + 1], STEPS_PER_QUARTER + 1)
            marks = np.unique(steps.astype(np.int64))
            for begin, until in pairwise(marks.tolist()):
                if self.admission is not None:
                    self.admission.begin(crowd, quarter)
                self._move_on(until, quarter)
                if self._serve(begin, until):
                    self._move_on(until, quarter)
                    if len(self.sharing) and self._join(crowd.phase == READY, begin):
                        self._move_on(until, quarter)
            self._add_up(quarter)
            waits = np.flatnonzero(WAITS[crowd.phase])
            self.counts[BACKLOG_AT_END, quarter] = self._at(waits)
            self.counts[IN_CARE_AT_END, quarter] = self._at(np.flatnonzero(CARE[crowd.phase]))
            self._note_needs(BACKLOG_AT_END, quarter, waits)
        self._settle_needs()
        shape = (len(MEASURES), self.horizon.quarters, self.draws, self.cells)
        return Outcome(
            self.counts.reshape(shape).transpose(2, 3, 0, 1),
            None if self.needs is None else self.needs.result(),
            None if self.waits is None else self._waits(self.waits),
        )

    def _keep_dates(self) -> None:
        """Let people become ready on the day that their recorded date makes likely, or leave.

        Where a scenario changes the pace, what lies between now and that day goes at that pace.
        """
        who, day = self.fate.dated
        leaves = day == GOES_AWAY
        out = who[leaves & (self.crowd.ends[who] < FAR) & (self.crowd.then[who] < FIRST_EXIT)]
        self.crowd.then[out] = LEFT_OTHER
        who, day = who[~leaves], day[~leaves]
        if not len(who):
            return
        if self.knobs.pace is not None:
            day = at_pace(day, self.knobs.pace[self.crowd.cell[who]], self.horizon.days)
        self.crowd.ends[who], self.crowd.then[who] = day, READY
        self.fixed[who] = True

    def _bring_forward(self) -> None:
        """Let a policy's share become ready; see first who would have done so anyway."""
        if not self.knobs.shares:
            return
        real = self.crowd
        among = PACES[real.phase]
        self.crowd = copied(real)
        crowd, days = self.crowd, self.horizon.days
        crowd.ends[~among] = FAR
        ready_on = np.full(len(crowd), FAR)
        for quarter in range(self.horizon.quarters):
            self._change_pace(quarter)
            who = np.flatnonzero(crowd.ends < days[quarter + 1])
            while len(who):
                new, day = crowd.then[who], crowd.ends[who]
                ready_on[who[new == READY]] = day[new == READY]
                crowd.phase[who], crowd.since[who] = new, day
                self._find_stays(who, quarter)
                crowd.ends[who[~CARE[new] | (new == READY)]] = FAR
                who = who[crowd.ends[who] < days[quarter + 1]]
        leaves = ~CARE[crowd.phase]
        self.crowd = real
        for share in self.knobs.shares:
            who, day = brought_forward(
                real,
                share,
                among=among,
                ready_on=ready_on,
                leaves=leaves,
                days=days,
                draws=self.draws,
            )
            real.ends[who], real.then[who] = day, READY
            self.fixed[who] = True

    def _change_pace(self, quarter: int) -> None:
        """Stretch what is left of the stays by how the pace of a new quarter differs."""
        if not quarter:
            return
        crowd, today = self.crowd, int(self.horizon.days[quarter])
        who = np.flatnonzero(PACES[crowd.phase] & (crowd.ends > today) & (crowd.ends < FAR))
        who = who[~(self.fixed[who] & (crowd.step[who] == 1))]
        place = crowd.phase[who], crowd.draw[who], crowd.region[who]
        ratio = self.fate.pace[*place, quarter - 1] / self.fate.pace[*place, quarter]
        left = np.rint((crowd.ends[who] - today) * ratio)
        crowd.ends[who] = np.minimum(today + left, FAR).astype(np.int64)
        if self.knobs.pace is not None:
            factor = self.knobs.pace[crowd.cell[who]]
            before, now = factor[:, quarter - 1], factor[:, quarter]
            turns = np.flatnonzero(before != now)
            self._take_up(who[turns], (before / now)[turns], today)

    def _take_up(self, who: Ints, ratio: Floats, today: int) -> None:
        """Let stays that are under way go on at another pace, from today.

        A stay lasts until the sum of its rates reaches a number that is the person's luck. What
        is left of that number lasts ``ratio`` times as long.
        """
        crowd, stays = self.crowd, self.fate.stays
        phase, draw, group = crowd.phase[who], crowd.draw[who], crowd.group[who]
        row = draw * stays.groups + group
        stayed = today - crowd.since[who]
        whole = stays.used(phase, row, crowd.ends[who] - crowd.since[who])
        left = np.maximum(whole - stays.used(phase, row, stayed), 0) * ratio
        days, then = stays.draw(
            phase,
            draw,
            group,
            luck=np.exp(-left),
            choice=uniform(crowd.key[who], 2 * crowd.step[who] - 1),
            pace=np.ones(len(who)),
            stayed=stayed,
        )
        crowd.ends[who] = np.minimum(crowd.since[who] + days, FAR)
        crowd.then[who] = then

    def _find_stays(self, who: Ints, quarter: int, today: int | None = None) -> None:
        """Draw how long people stay in the phase they are in, and where they go then."""
        crowd = self.crowd
        crowd.step[who] += 1
        phase = crowd.phase[who]
        inside = phase < FIRST_EXIT
        crowd.ends[who[~inside]] = FAR
        here, phase = who[inside], phase[inside]
        draw, since, key = crowd.draw[here], crowd.since[here], crowd.key[here]
        step = 2 * crowd.step[here] - 2
        luck = uniform(key, step)
        pace = self.fate.pace[phase, draw, crowd.region[here], quarter]
        pace = pace * np.where(PACES[phase], crowd.faster[here], 1.0)
        if self.knobs.pace is not None:
            factor = self.knobs.pace[crowd.cell[here], quarter]
            pace = pace * np.where(PACES[phase], factor, 1.0)
        days, then = self.fate.stays.draw(
            phase,
            draw,
            crowd.group[here],
            luck=luck,
            choice=uniform(key, step + 1),
            pace=pace,
            stayed=None if today is None else today - since,
        )
        if self.returns is not None:
            home = np.flatnonzero(phase == HOUSED)
            row = here[home]
            days[home], then[home] = self.returns.change(
                draw=crowd.draw[row],
                group=crowd.group[row],
                cell=crowd.cell[row],
                key=crowd.key[row],
                step=crowd.step[row],
                since=crowd.since[row],
                days=days[home],
                then=then[home],
            )
        crowd.ends[here] = np.minimum(since + days, FAR)
        crowd.then[here] = then

    def _move_on(self, until: int, quarter: int) -> None:
        """Let all own moves before day ``until`` happen, in as many rounds as they need."""
        crowd = self.crowd
        who = np.flatnonzero(crowd.ends < until)
        while len(who):
            if self.admission is not None:
                who = self._admitted(self.admission, who, until, quarter)
            old, new, day = crowd.phase[who], crowd.then[who], crowd.ends[who]
            self._tally(who, old, new, quarter)
            refused = who[(old == OFFERED) & (new != HOUSED) & (crowd.home[who] >= 0)]
            self.homes.give_back(crowd.home[refused], crowd.ends[refused])
            crowd.home[who[old == OFFERED]] = -1
            fresh = who[(new == READY) & ~WAITS[old]]
            crowd.waiting_since[fresh] = crowd.ends[fresh]
            back = who[CARE[new] & ~CARE[old]]
            crowd.care_since[back] = crowd.ends[back]
            crowd.phase[who], crowd.since[who] = new, day
            self.queue.leave(who)
            self._find_stays(who, quarter)
            who = who[crowd.ends[who] < until]

    def _admitted(self, admission: Admission, who: Ints, until: int, quarter: int) -> Ints:
        """Let who finds no place in care try again from day ``until``; return the others."""
        crowd = self.crowd
        comes = np.flatnonzero(CARE[crowd.then[who]] & ~CARE[crowd.phase[who]])
        away = np.zeros(len(who), dtype=bool)
        away[comes] = admission.turned_away(crowd, who[comes], quarter)
        crowd.ends[who[away]] = until
        return who[~away]

    def _tally(self, who: Ints, old: Ints, new: Ints, quarter: int) -> None:
        crowd = self.crowd
        place = self.place[who]
        self.noted.append(FLOW[old, new] * self.places + place)
        moved_in = CARE[old] & (new == HOUSED)
        becomes_ready = (new == READY) & (old != OFFERED)
        self.noted.append(BECOMES_READY * self.places + place[becomes_ready])
        ready = who[becomes_ready]
        if self.needs is not None:
            self._note_needs(BECOMES_READY, quarter, ready)
            self._note_needs(ENTERS_HOUSED, quarter, who[moved_in])
        if self.waits is not None:
            self._note_waits(self.waits, who[moved_in], quarter)

        lead = crowd.lead[ready]
        ready = ready[(lead == ALONE) | (crowd.phase[lead] >= FIRST_EXIT)]
        self.noted.append(NEEDS_DWELLING * self.places + self.place[ready])
        self._note_needs(NEEDS_DWELLING, quarter, ready)
        left = who[WAITS[old] & (new >= FIRST_EXIT)]
        self._need_no_home(left)
        crowd.counted[who[~WAITS[new]]] = NOT_COUNTED
        crowd.counted[ready] = quarter

    def _note_needs(self, measure: int, quarter: int, who: Ints, times: int = 1) -> None:
        if self.needs is not None and len(who):
            place = self.crowd.draw[who] * self.regions + self.crowd.region[who]
            self.needs.add(measure, quarter, place, self.crowd.profile[who], times)

    def _note_waits(self, notes: WaitNotes, who: Ints, quarter: int) -> None:
        crowd = self.crowd
        since = crowd.waiting_since[who]
        place = crowd.draw[who] * (self.regions * self.model.kinds) + crowd.group[who]
        ready_in = self.horizon.quarter_of(since)
        notes.moved_in(place, quarter, ready_in, np.maximum(crowd.ends[who] - since, 0))

    def _waits(self, notes: WaitNotes) -> Waits:
        crowd = self.crowd
        who = np.flatnonzero(WAITS[crowd.phase])
        since = crowd.waiting_since[who]
        place = crowd.draw[who] * (self.regions * self.model.kinds) + crowd.group[who]
        return notes.result(place, self.horizon.quarter_of(since), self.horizon.days[-1] - since)

    def _need_no_home(self, who: Ints) -> None:
        """Take back the home counted for people who leave by themselves, in its own quarter."""
        crowd = self.crowd
        who = who[crowd.counted[who] != NOT_COUNTED]
        np.subtract.at(self.counts[NEEDS_DWELLING], (crowd.counted[who], self.place[who]), 1)
        if self.needs is not None:
            for quarter in np.unique(crowd.counted[who]).tolist():
                self._note_needs(
                    NEEDS_DWELLING, quarter, who[crowd.counted[who] == quarter], times=-1
                )

    def _settle_needs(self) -> None:
        """Do for who still waits at the end what a usual wait would show."""
        crowd = self.crowd
        waits = WAITS[crowd.phase] & (crowd.then >= FIRST_EXIT)
        watched = np.maximum(self.horizon.days[-1], crowd.waiting_since + self.model.wait_days)
        self._need_no_home(np.flatnonzero(waits & (crowd.ends < watched)))

    def _serve(self, begin: int, until: int) -> bool:
        """Hand out the homes of the days [begin, until); say whether anybody was served."""
        crowd, homes = self.crowd, self.homes
        waiting = crowd.phase == READY
        served = self._join(waiting, begin)
        towns, regions = len(self.model.histories.municipalities), self.regions
        new = self.queue.outside(waiting)
        by_care = self.task.queue == LONGEST_IN_CARE
        self.queue.join(
            new,
            queue=crowd.draw[new] * regions + crowd.region[new],
            since=crowd.care_since[new] if by_care else crowd.waiting_since[new],
            tie=crowd.key[new],
        )

        free = homes.on_offer(begin, until)
        if self.knobs.extra is not None:
            kept = free[free >= self.kept_from]
            free = free[free < self.kept_from]
            people = self.queue.who
            suits = self.knobs.extra[crowd.profile[people]]
            group = crowd.draw[people[suits]] * regions + crowd.region[people[suits]]
            served |= self._hand_out(
                kept, homes.draw[kept] * regions + homes.region[kept], suits, group, begin
            )
        local = free[homes.town[free] >= 0]
        if len(local):
            group = homes.draw[local] * towns + homes.town[local]
            wanted = np.zeros(self.draws * towns, dtype=bool)
            wanted[group] = True
            people = crowd.draw[self.queue.who] * towns + crowd.town[self.queue.who]
            near = wanted[people]
            served |= self._hand_out(local, group, near, people[near], begin)
            free = free[~homes.taken[free]]
        if len(free):
            group = homes.draw[free] * regions + homes.region[free]
            order = np.lexsort((homes.day[free], group))
            free, group = free[order], group[order]
            who, what = self.queue.first(group)
            self._give(who, free[what], begin)
            served |= bool(len(who))
        return served

    def _hand_out(
        self, what: Ints, of_home: Ints, which: NDArray[np.bool_], of_person: Ints, begin: int
    ) -> bool:
        """Give homes ``what`` to people of the same group; ``which`` of the queue may have them."""
        if not len(what):
            return False
        order = np.lexsort((self.homes.day[what], of_home))
        who, found = self.queue.first_of(which, of_person, of_home[order])
        self._give(who, what[order][found], begin)
        return bool(len(who))

    def _join(self, waiting: NDArray[np.bool_], begin: int) -> bool:
        """Take out of ``waiting`` who shares somebody else's home, and let them join it.

        They join on the day from which both are ready and the home is lived in.
        """
        crowd = self.crowd
        shares = self.sharing[waiting[self.sharing]]
        of_lead = crowd.phase[crowd.lead[shares]]
        waiting[shares[of_lead < FIRST_EXIT]] = False
        joins = shares[of_lead == HOUSED]
        lead = crowd.lead[joins]
        crowd.ends[joins] = np.maximum(np.maximum(crowd.since[joins], crowd.since[lead]), begin)
        crowd.then[joins] = HOUSED
        return bool(len(joins))

    def _give(self, who: Ints, what: Ints, begin: int) -> None:
        crowd, homes = self.crowd, self.homes
        self.queue.leave(who)
        homes.taken[what] = True
        crowd.home[who] = what
        crowd.ends[who] = np.maximum(np.maximum(homes.day[what], crowd.since[who]), begin)
        at_once = (
            uniform(crowd.key[who], DIRECT_STEP + crowd.step[who])
            < (self.model.direct[crowd.region[who]])
        )
        crowd.then[who] = np.where(at_once, HOUSED, OFFERED)

    def _add_up(self, quarter: int) -> None:
        """Count what was noted in a quarter, all at once."""
        codes = np.concatenate([*self.noted, np.zeros(0, dtype=np.int64)])
        found = np.bincount(codes, minlength=(NO_FLOW + 1) * self.places)
        self.counts[:, quarter] += found.reshape(-1, self.places)[:NO_FLOW]
        self.noted.clear()

    def _at(self, who: Ints) -> Ints:
        found: Ints = np.bincount(self.place[who], minlength=self.places)
        return found
