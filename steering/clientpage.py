"""What stands on the page of one client: the line of phases, the next step, facts and scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.access import Permission, Stage, Viewer, sees
from housing.lifecycle import ProposalState, ScreenPhase, screen_phase
from housing.projections import ProposalSeen
from outflow.lifecycle import BEFORE_GATE, IN_CARE, Phase
from outflow.models import Client, Spell
from outflow.projections import CareSeen, ClientSeen, NeedSeen, ZrmSeen, relations_to
from regions import formats
from regions.clock import today

# Scores of the last few assessments stand beside each other.
ASSESSMENTS = 4


@dataclass(frozen=True, slots=True)
class PhaseShown:
    label: str
    state: str
    when: str


@dataclass(frozen=True, slots=True)
class Step:
    """The one thing this person waits for, and the way to do it."""

    title: str
    text: str
    url: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str
    sub: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One domain: a level per assessment, empty where it was not looked at, and its course."""

    domain: str
    levels: tuple[tuple[date, str], ...]
    course: str


def may(client: Client, viewer: Viewer, permission: Permission) -> bool:
    """Whether the page offers this to the viewer for this client."""
    return any(
        sees(viewer, permission, relation=relation, stage=Stage.REGISTERED)
        for relation in relations_to(client, viewer)
    )


def current(proposals: Sequence[ProposalSeen]) -> ProposalSeen | None:
    """The proposal or tenancy that counts now."""
    return next((p for p in proposals if p.is_live or p.is_tenancy), None)


def phase_line(spells: Sequence[Spell], proposal: ProposalSeen | None) -> list[PhaseShown]:
    """The eight steps; a step that was skipped is left out, a relapse begins a new line."""
    course = _present_course(spells)
    phase = course[-1].phase if course and course[-1].until_on is None else ""
    if not phase:
        return []
    here = screen_phase(phase, proposal.state if proposal else None)
    order = list(ScreenPhase)
    began = _days_of(course, proposal)
    line = []
    for step in order:
        if order.index(step) < order.index(here):
            if step not in began:
                continue
            line.append(PhaseShown(str(step.label), "done", formats.day(began[step])))
        elif step == here:
            day = began.get(step)
            when = _("since %(day)s") % {"day": formats.day(day)} if day else ""
            line.append(PhaseShown(str(step.label), "now", when))
        else:
            line.append(PhaseShown(str(step.label), "coming", _expected(step, course, proposal)))
    return line


def earlier_courses(spells: Sequence[Spell]) -> list[str]:
    """What came before a relapse, in a sentence each."""
    sentences = []
    for spell in spells:
        if spell.phase == Phase.HOUSED and spell.until_on and not spell.exit:
            sentences.append(
                _("Lived at home from %(start)s until %(end)s; back in care since then.")
                % {"start": formats.day(spell.from_on), "end": formats.day(spell.until_on)}
            )
    return sentences


def left_sentence(spells: Sequence[Spell]) -> str:
    """How and when somebody left, where they did."""
    last = spells[-1] if spells else None
    if last is None or last.until_on is None:
        return ""
    return _("Left on %(day)s: %(how)s.") % {
        "day": formats.day(last.until_on),
        "how": last.get_exit_display() or _("reason not known"),
    }


def next_step(
    client: Client, seen: ClientSeen, proposal: ProposalSeen | None, viewer: Viewer
) -> Step | None:
    """The one thing this client waits for; nothing when there is nothing to do."""
    if proposal is not None:
        return _step_of_proposal(seen, proposal)
    if not may(client, viewer, Permission.UPDATE_READINESS) or seen.phase not in IN_CARE:
        return None
    if seen.need is None or not seen.need.municipalities:
        return Step(
            title=_("The housing need is not complete"),
            text=_("Without a wished municipality nobody can look for a home."),
            url=reverse("outflow:need", args=[client.ref]),
            label=_("Fill in housing need"),
        )
    if seen.phase in BEFORE_GATE and seen.expected_ready_on and seen.expected_ready_on < today():
        return Step(
            title=_("The expected day has passed"),
            text=_("Ready was expected on %(day)s. Is the client ready, or when?")
            % {"day": formats.day(seen.expected_ready_on)},
            url=reverse("outflow:readiness", args=[client.ref]),
            label=_("Update readiness"),
        )
    if seen.phase == Phase.READY:
        return Step(
            title=_("Waits for a proposal"),
            text=_("The coordinator proposes a dwelling. The arrangement can go on meanwhile."),
        )
    return None


def need_facts(need: NeedSeen, exclusions: Sequence[str] | None, provider: str) -> list[Fact]:
    """The housing need as a list of facts."""
    facts = []
    if need.persons is not None:
        household = ngettext("%(count)s person", "%(count)s people", need.persons) % {
            "count": need.persons
        }
        children = ""
        if need.children:
            children = ngettext(
                "of whom %(count)s child", "of whom %(count)s children", need.children
            ) % {"count": need.children}
        facts.append(Fact(_("Household"), household, children))
    facts.append(Fact(_("Bedrooms"), _("at least %(count)s") % {"count": need.bedrooms}))
    access = [
        words
        for needed, words in (
            (need.step_free, _("ground floor or lift")),
            (need.wheelchair, _("suits a wheelchair")),
            (need.low_stimulus, _("low-stimulus surroundings")),
        )
        if needed
    ]
    if access:
        facts.append(Fact(_("The home has"), capfirst(formats.and_list(access))))
    if need.forms:
        facts.append(Fact(_("Housing form"), capfirst(formats.and_list(need.forms))))
    if need.contract_forms:
        facts.append(Fact(_("Contract form"), capfirst(formats.and_list(need.contract_forms))))
    facts.append(
        Fact(
            _("Municipalities"),
            _(", then ").join(need.municipalities) or _("not chosen yet"),
            formats.and_list(need.neighbourhoods) if need.neighbourhoods else "",
        )
    )
    if need.network:
        facts.append(Fact(_("Own people live in"), formats.and_list(need.network)))
    if need.day_activity:
        facts.append(Fact(_("Day activity or work in"), formats.and_list(need.day_activity)))
    facts.append(
        Fact(
            _("Highest rent"),
            formats.money(need.max_rent) or _("not known"),
            _("assumption from the law") if need.max_rent and need.max_rent_is_assumed else "",
        )
    )
    guidance = _("%(hours)s hours a week") % {
        "hours": formats.number(
            need.guidance_hours, decimals=0 if need.guidance_hours % 1 == 0 else 1
        )
    }
    facts.append(
        Fact(_("Guidance"), guidance, _("24-hour reachability") if need.reachable_24h else "")
    )
    if need.support:
        facts.append(Fact(_("Support nearby"), capfirst(formats.and_list(need.support))))
    if exclusions:
        facts.append(
            Fact(
                _("Only at %(provider)s") % {"provider": provider},
                _("Cannot be: %(areas)s") % {"areas": formats.and_list(exclusions)},
            )
        )
    return facts


def care_facts(care: CareSeen) -> list[Fact]:
    """Income and money, for the provider alone."""
    facts = []
    if care.monthly_income is not None:
        facts.append(Fact(_("Net income a month"), formats.money(care.monthly_income)))
    if care.yearly_income is not None:
        facts.append(Fact(_("Taxable income a year"), formats.money(care.yearly_income)))
    if care.income_source:
        facts.append(Fact(_("Source of income"), care.income_source))
    if care.has_debts is not None:
        facts.append(
            Fact(
                _("Debts"), _("yes") if care.has_debts else _("no"), formats.money(care.debt_amount)
            )
        )
    if care.administration:
        facts.append(Fact(_("Administration of money"), care.administration))
    if care.exclusion_reason:
        facts.append(Fact(_("Why some areas cannot be"), care.exclusion_reason))
    if care.remarks:
        facts.append(Fact(_("Remarks"), care.remarks))
    return facts


def identity_facts(seen: ClientSeen) -> list[Fact]:
    """Who it is and how to reach them, as far as this viewer may know."""
    pairs = (
        (_("Case code"), seen.case_code if seen.name else None),
        (_("Born"), formats.day(date.fromisoformat(seen.born_on)) if seen.born_on else None),
        (_("Telephone"), seen.phone),
        (_("E-mail address"), seen.email),
        (_("Client number"), seen.client_number),
        (_("Location"), seen.location),
        (_("In care since"), formats.day(seen.in_care_since)),
    )
    return [Fact(label, value) for label, value in pairs if value]


def score_table(zrm: Sequence[ZrmSeen]) -> tuple[list[date], list[ScoreRow]]:
    """The days of the last assessments, and per domain the levels under them."""
    days = sorted({day for domain in zrm for day, _level in domain.levels})[-ASSESSMENTS:]
    rows = []
    for domain in zrm:
        levels = dict(domain.levels)
        known = [levels[day] for day in days if day in levels]
        rows.append(
            ScoreRow(
                domain=capfirst(domain.domain),
                levels=tuple((day, str(levels.get(day, ""))) for day in days),
                course=_course(known),
            )
        )
    return days, rows


def _course(levels: Sequence[int]) -> str:
    if len(levels) < 2:
        return ""
    if levels[-1] > levels[-2]:
        return pgettext("course of a score", "up")
    if levels[-1] < levels[-2]:
        return pgettext("course of a score", "down")
    return pgettext("course of a score", "the same")


def _step_of_proposal(seen: ClientSeen, proposal: ProposalSeen) -> Step | None:
    where = proposal.dwelling.label
    until = formats.day_with_weekday(proposal.answer_by)
    match proposal.state:
        case ProposalState.PROPOSED:
            return Step(
                title=_("The corporation answers by %(day)s about %(dwelling)s")
                % {"day": until, "dwelling": where},
                text=_("It sees the housing profile without a name."),
                url=proposal.url,
                label=_("Open proposal"),
            )
        case ProposalState.CORPORATION_YES:
            return Step(
                title=_("%(client)s decides by %(day)s about %(dwelling)s")
                % {"client": seen.label, "day": until, "dwelling": where},
                text=_(
                    "One fitting offer is the rule; after a no follows a talk about the reason."
                ),
                url=proposal.url,
                label=_("Record answer"),
            )
        case ProposalState.CLIENT_YES | ProposalState.VIEWING | ProposalState.CONTRACT:
            return Step(
                title=_("On the way to %(dwelling)s") % {"dwelling": where},
                text=_("Now: %(state)s.") % {"state": proposal.state_label},
                url=proposal.url,
                label=_("Open proposal"),
            )
    return None


def _present_course(spells: Sequence[Spell]) -> list[Spell]:
    """The spells since the last relapse, or all of them."""
    begin = max((at for at, s in enumerate(spells) if s.phase == Phase.RELAPSE), default=0)
    return list(spells[begin:])


def _days_of(course: Sequence[Spell], proposal: ProposalSeen | None) -> dict[ScreenPhase, date]:
    """The first day of each step that was reached."""
    days: dict[ScreenPhase, date] = {}
    for spell in course:
        step = screen_phase(spell.phase, None)
        if step in {ScreenPhase.PROPOSAL, ScreenPhase.LIVING} and step in days:
            days[step] = spell.from_on  # the offer or home of now, not one that came to nothing
        days.setdefault(step, spell.from_on)
    if proposal is not None:
        days[ScreenPhase.PROPOSAL] = proposal.proposed_on
        if proposal.contract_on:
            days[ScreenPhase.CONTRACT] = proposal.contract_on
        if proposal.key_on:
            days[ScreenPhase.KEY] = proposal.key_on
    return days


def _expected(step: ScreenPhase, course: Sequence[Spell], proposal: ProposalSeen | None) -> str:
    if step == ScreenPhase.READY and course:
        day = course[-1].client.expected_ready_on
        return _("expected %(month)s") % {"month": formats.month(day)} if day else ""
    if step == ScreenPhase.CONTRACT and proposal is not None and proposal.viewing_at:
        return _("after the viewing")
    return ""
