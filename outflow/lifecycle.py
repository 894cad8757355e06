"""Phases of care and the steps between them, as data. Nothing here knows a model."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FacilityType(models.TextChoices):
    BW = "BW", _("sheltered housing")
    MO = "MO", _("shelter")


class Route(models.TextChoices):
    REGULAR = "regular", _("regular")
    OMSLAG = "omslag", _("home first, then care (omslag)")
    HOUSING_FIRST = "housing_first", _("Housing First")
    URGENT = "urgent", _("urgent")


# These routes may go on without the readiness gate (domain.md 4.3).
ROUTES_WITHOUT_GATE = frozenset({Route.OMSLAG, Route.HOUSING_FIRST, Route.URGENT})


class Phase(models.TextChoices):
    INTAKE = "intake", _("intake")
    STABILISING = "stabilising", _("stabilising")
    PREPARING = "preparing", _("preparing")
    READY = "ready", _("ready")
    OFFERED = "offered", _("proposal")
    HOUSED = "housed", _("living at home with guidance")
    RELAPSE = "relapse", _("back to sheltered housing or shelter")


class Exit(models.TextChoices):
    SELF_HOUSED = "self_housed", _("found a home alone")
    LONG_TERM_CARE = "long_term_care", _("to long-term care (Wlz)")
    LEFT_OTHER = "left_other", _("left for another reason")
    DECEASED = "deceased", _("deceased")
    END_OF_AFTERCARE = "end_of_aftercare", _("guidance ended")


IN_CARE = frozenset({Phase.INTAKE, Phase.STABILISING, Phase.PREPARING, Phase.READY, Phase.OFFERED})
BEFORE_GATE = frozenset({Phase.INTAKE, Phase.STABILISING, Phase.PREPARING})
WAITING = frozenset({Phase.READY, Phase.OFFERED})

# What a care worker may record; `offered` and `housed` follow from proposals (housing).
NEXT_BY_CARE = {
    Phase.INTAKE: {Phase.STABILISING, Phase.PREPARING, Phase.READY},
    Phase.STABILISING: {Phase.INTAKE, Phase.PREPARING, Phase.READY},
    Phase.PREPARING: {Phase.STABILISING, Phase.READY},
    Phase.READY: {Phase.PREPARING, Phase.STABILISING},
    Phase.OFFERED: set(),
    Phase.HOUSED: {Phase.RELAPSE},
    Phase.RELAPSE: {Phase.INTAKE, Phase.STABILISING, Phase.PREPARING},
}
NEXT_BY_HOUSING = {
    Phase.READY: {Phase.OFFERED},
    Phase.OFFERED: {Phase.READY, Phase.HOUSED},
    # A route without the gate is offered a home from any phase.
    Phase.INTAKE: {Phase.OFFERED},
    Phase.STABILISING: {Phase.OFFERED},
    Phase.PREPARING: {Phase.OFFERED},
}


class Blocker(models.TextChoices):
    """What still stands in the way of being ready; a closed list, so that it may be shared."""

    REGISTRATION = "registration", _("registered as home seeker")
    INDICATION = "indication", _("indication for guidance")
    INCOME = "income", _("income")
    DEBTS = "debts", _("arrangement for debts")
    DAY_ACTIVITY = "day_activity", _("day activity")
    NETWORK = "network", _("network in the neighbourhood")
    MOTIVATION = "motivation", _("own motivation letter")
    HOME_SKILLS = "home_skills", _("living skills")
    TREATMENT = "treatment", _("treatment comes first")


class HousingForm(models.TextChoices):
    INDEPENDENT = "independent", _("independent home")
    CLUSTERED = "clustered", _("clustered living")
    MIXED = "mixed", _("mixed living (Magic Mix)")
    SHORT_STAY = "short_stay", _("short stay")
    FLEX = "flex", _("flex home")
    SKAEVE_HUSE = "skaeve_huse", _("skaeve huse")
    INTERMEDIATE = "intermediate", _("intermediate facility")
    ROOM = "room", _("room")
    ROOM_WITH_ATTENTION = "room_with_attention", _("room with attention")
    HOUSING_FIRST = "housing_first", _("Housing First")


class ContractForm(models.TextChoices):
    """How a tenancy begins: on whose name, and what comes with it."""

    REGULAR = "regular", _("regular")
    OMKLAP = "omklap", _("on the provider's name first (omklap)")
    THREE_PARTY = "three_party", _("three-party")
    TEMPORARY = "temporary", _("temporary with guidance")
    LAST_CHANCE = "last_chance", _("last chance")
    HOUSING_FIRST_INDIRECT = "housing_first_indirect", _("Housing First through the provider")


class NearKind(models.TextChoices):
    """Why somebody would live near a place."""

    NETWORK = "network", _("people of one's own")
    DAY_ACTIVITY = "day_activity", _("day activity or work")


class SupportKind(models.TextChoices):
    MEETING_PLACE = "meeting_place", _("meeting place")
    DAY_ACTIVITY = "day_activity", _("day activity")
    NEIGHBOURHOOD_MANAGEMENT = "neighbourhood_management", _("neighbourhood management")
    NETWORK = "network", _("strengthening the network")
    NEIGHBOUR = "neighbour", _("neighbour man or woman")
    BUDDY = "buddy", _("housing buddy")
    TENANCY_COURSE = "tenancy_course", _("tenancy course")
    WALK_IN = "walk_in", _("walk-in")
    REACHABLE_24H = "reachable_24h", _("24-hour reachability")
    DEBT_HELP = "debt_help", _("help with money and debts")
    OTHER = "other", _("other support")


class ArrangementPart(models.TextChoices):
    HOUSING = "housing", _("housing")
    CARE = "care", _("care")
    WELFARE = "welfare", _("welfare")
    INCOME = "income", _("income")


class Subject(models.TextChoices):
    """What is arranged; a closed list, because the arrangement is shared with the municipality."""

    SEEKER = "seeker", _("registration as home seeker")
    HOME = "home", _("a home")
    FURNISHING = "furnishing", _("furniture and floor")
    MOVING = "moving", _("moving day")
    INDICATION = "indication", _("indication for guidance")
    GUIDANCE = "guidance", _("guidance at home")
    REACHABLE = "reachable", _("24-hour reachability")
    PLAN = "plan", _("guidance plan within a month")
    TREATMENT = "treatment", _("treatment goes on")
    BUDDY = "buddy", _("housing buddy")
    MEETING_PLACE = "meeting_place", _("meeting place")
    DAY_ACTIVITY = "day_activity", _("day activity")
    TENANCY_COURSE = "tenancy_course", _("tenancy course")
    NETWORK = "network", _("people nearby")
    INCOME = "income", _("income or benefit")
    DEBTS = "debts", _("arrangement for debts")
    BUDGET = "budget", _("management of money")
    RENT_BENEFIT = "rent_benefit", _("rent benefit")
    FIRST_COSTS = "first_costs", _("special assistance for first costs")


SUBJECTS_OF = {
    ArrangementPart.HOUSING: (Subject.SEEKER, Subject.HOME, Subject.FURNISHING, Subject.MOVING),
    ArrangementPart.CARE: (
        Subject.INDICATION,
        Subject.GUIDANCE,
        Subject.REACHABLE,
        Subject.PLAN,
        Subject.TREATMENT,
    ),
    ArrangementPart.WELFARE: (
        Subject.BUDDY,
        Subject.MEETING_PLACE,
        Subject.DAY_ACTIVITY,
        Subject.TENANCY_COURSE,
        Subject.NETWORK,
    ),
    ArrangementPart.INCOME: (
        Subject.INCOME,
        Subject.DEBTS,
        Subject.BUDGET,
        Subject.RENT_BENEFIT,
        Subject.FIRST_COSTS,
    ),
}


class ItemState(models.TextChoices):
    ARRANGED = "arranged", _("arranged")
    IN_PROGRESS = "in_progress", _("in progress")
    MISSING = "missing", _("missing")
    NOT_NEEDED = "not_needed", _("not needed")


class ZrmDomain(models.TextChoices):
    """Names of the 13 domains of the Zelfredzaamheid-Matrix 2017; levels 1 to 5, no criteria."""

    FINANCES = "finances", _("finances")
    WORK = "work", _("work and education")
    TIME = "time", _("use of time")
    HOUSING = "housing", _("housing")
    DOMESTIC_RELATIONS = "domestic_relations", _("domestic relations")
    MENTAL_HEALTH = "mental_health", _("mental health")
    PHYSICAL_HEALTH = "physical_health", _("physical health")
    SUBSTANCE_USE = "substance_use", _("substance use")
    BASIC_ADL = "basic_adl", _("basic daily activities")
    INSTRUMENTAL_ADL = "instrumental_adl", _("instrumental daily activities")
    SOCIAL_NETWORK = "social_network", _("social network")
    PARTICIPATION = "participation", _("participation in society")
    JUSTICE = "justice", _("justice")


def is_allowed(before: Phase, after: Phase, *, route: Route, by_housing: bool = False) -> bool:
    """Whether a client may go from one phase to another."""
    if not by_housing:
        return after in NEXT_BY_CARE[before]
    if before in BEFORE_GATE:
        return after in NEXT_BY_HOUSING[before] and route in ROUTES_WITHOUT_GATE
    if before == Phase.OFFERED and after in BEFORE_GATE:
        # An offer that came to nothing: back to where the client was when it was made.
        return route in ROUTES_WITHOUT_GATE
    return after in NEXT_BY_HOUSING.get(before, set())
