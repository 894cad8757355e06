"""Eight years of people coming, recovering and moving on: the phases of every client number."""

from dataclasses import dataclass
from datetime import date, timedelta

from example.chance import Chance
from example.records import Spell

BURN_IN_DAYS = 6 * 365
GUIDANCE_DAYS = 730
RECENTLY_HOUSED_DAYS = 92
BW_SHARE = 0.44

# Per phase: median days for BW and MO with the spread, and where people go next.
STAYS = {
    "intake": (60, 28, 0.7),
    "stabilising": (300, 105, 0.8),
    "preparing": (140, 75, 0.7),
    "ready": (85, 95, 0.8),
    "offered": (24, 22, 0.6),
    "relapse": (60, 45, 0.7),
}
NEXT = {
    "intake": (("stabilising", 0.9), ("left_other", 0.08), ("long_term_care", 0.02)),
    "stabilising": (("preparing", 0.84), ("left_other", 0.1), ("long_term_care", 0.04),
                    ("self_housed", 0.012), ("deceased", 0.008)),
    "preparing": (("ready", 0.87), ("relapse", 0.06), ("left_other", 0.05),
                  ("long_term_care", 0.02)),
    "ready": (("offered", 0.81), ("self_housed", 0.08), ("relapse", 0.05), ("left_other", 0.04),
              ("long_term_care", 0.015), ("deceased", 0.005)),
    "offered": (("housed", 0.9), ("ready", 0.1)),
    "relapse": (("stabilising", 0.6), ("preparing", 0.4)),
}  # fmt: skip
RELAPSE_AFTER_MOVE = 0.11
# Homes become scarcer: the wait of those who are ready grows by this share a year.
LONGER_WAIT_A_YEAR = 0.04


@dataclass(frozen=True, slots=True)
class Course:
    """One client number: which kind of place, since when, and every phase until the day."""

    facility_type: str
    in_care_since: date
    spells: tuple[Spell, ...]

    def is_listed(self, as_of: date) -> bool:
        """Whether a provider's list of this day still holds the client."""
        last = self.spells[-1]
        if last.ends is not None:
            return False
        return last.phase != "housed" or (as_of - last.begins).days <= RECENTLY_HOUSED_DAYS


def _walk(chance: Chance, facility_type: str, arrival: date, as_of: date) -> list[Spell]:
    phase, begins = "intake", arrival
    spells: list[Spell] = []
    while True:
        if phase == "housed":
            if chance.happens(RELAPSE_AFTER_MOVE):
                length, following = round(chance.uniform(60, 700)), "relapse"
            else:
                length, following = GUIDANCE_DAYS, "end_of_aftercare"
        else:
            bw_days, mo_days, spread = STAYS[phase]
            median: float = bw_days if facility_type == "BW" else mo_days
            if phase == "ready":
                years = (begins - as_of).days / 365 + 8
                median *= max(0.7, 1 + LONGER_WAIT_A_YEAR * years)
            length = chance.days(median, spread, least=3)
            following = chance.one_of(NEXT[phase])
        ends = begins + timedelta(days=length)
        if ends >= as_of:
            return [*spells, Spell(phase, begins, None, None)]
        spells.append(Spell(phase, begins, ends, following))
        if following not in STAYS and following != "housed":
            return spells
        phase, begins = following, ends


def invent_courses(
    chance: Chance, *, as_of: date, register_start: date, arrivals_a_year: float
) -> list[Course]:
    """Return the course of every client number that the register knows, by day of arrival.

    The register was opened on `register_start`: whoever was there keeps the true first day of
    the phase that was going on, earlier phases and earlier leavers are absent.
    """
    courses: list[Course] = []
    arrival = register_start - timedelta(days=BURN_IN_DAYS)
    passed = 0.0
    while True:
        passed += chance.expovariate(arrivals_a_year / 365.25)
        day = arrival + timedelta(days=int(passed))
        if day >= as_of:
            return courses
        facility_type = "BW" if chance.happens(BW_SHARE) else "MO"
        spells = _walk(chance, facility_type, day, as_of)
        kept = tuple(s for s in spells if s.ends is None or s.ends > register_start)
        if kept:
            courses.append(Course(facility_type, day, kept))
