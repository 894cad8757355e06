"""The main menu of each role: at most seven entries, in the order of the work."""

from typing import NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import Permission, Role, may


class Entry(NamedTuple):
    """A menu entry: its words, its page, what it takes to see it, and pages that belong to it."""

    label: str | Promise
    url_name: str
    permission: Permission
    family: tuple[str, ...] = ()


_TODAY = Entry(_("Today"), "steering:today", Permission.SEE_TODAY)
_CLIENT_PAGES = ("steering:client", "outflow:")
_CLIENTS = Entry(_("Clients"), "outflow:clients", Permission.SEE_CLIENTS, _CLIENT_PAGES)
_OWN_CLIENTS = _CLIENTS._replace(label=_("My clients"))
_RESIDENTS = _CLIENTS._replace(label=_("Residents"))
_ROUND = Entry(_("Round"), "outflow:round", Permission.UPDATE_READINESS)
_DWELLINGS = Entry(
    _("Dwellings"),
    "housing:dwellings",
    Permission.SEE_DWELLINGS,
    ("housing:dwelling", "housing:enter_dwelling"),
)
_CONTINGENT = Entry(
    _("Contingent"), "housing:contingents", Permission.SEE_CONTINGENT, ("housing:contingent",)
)
_SUPPORT = Entry(
    _("Neighbourhoods"),
    "housing:neighbourhoods",
    Permission.SEE_SUPPORT,
    ("housing:neighbourhood", "housing:enter_support", "housing:support"),
)
_MATCHING = Entry(
    _("Matching"),
    "housing:matching",
    Permission.SEE_MATCHING,
    ("housing:match", "housing:try_out", "housing:fairness"),
)
_PROPOSALS = Entry(
    _("Proposals"), "housing:proposals", Permission.SEE_PROPOSALS, ("housing:proposal",)
)
_LISTS = Entry(_("Lists"), "lists:imports", Permission.SEE_IMPORTS, ("lists:",))
_ESTIMATE_PAGES = ("outflow:estimate", "outflow:inventory", "outflow:scenario")
_FIGURES = Entry(_("Figures"), "steering:dashboard", Permission.SEE_DASHBOARD, _ESTIMATE_PAGES)
_ESTIMATE = Entry(_("Estimate"), "outflow:estimate", Permission.SEE_ESTIMATE, _ESTIMATE_PAGES)
_FAIRNESS = Entry(_("Equal chances"), "housing:fairness", Permission.SEE_FAIRNESS)
_DECISIONS = Entry(_("Decisions"), "housing:match_decisions", Permission.SEE_DECISIONS)
_POLICY = Entry(
    _("Rules of the matching"),
    "housing:match_policies",
    Permission.SEE_POLICY,
    ("housing:match_policy",),
)
_AUDIT = Entry(_("What was done"), "accounts:audit", Permission.SEE_AUDIT)
_ORGANISATIONS = Entry(
    _("Organisations"),
    "accounts:organisations",
    Permission.MANAGE_ORGANISATIONS,
    ("accounts:organisation", "accounts:add_organisation"),
)
_ACCOUNTS = Entry(
    _("Accounts"), "accounts:accounts", Permission.MANAGE_ACCOUNTS, ("accounts:add_account",)
)

MENUS: dict[Role, tuple[Entry, ...]] = {
    Role.CARE_WORKER: (_TODAY, _OWN_CLIENTS, _ROUND, _PROPOSALS, _SUPPORT),
    Role.TEAM_LEADER: (_TODAY, _CLIENTS, _ROUND, _PROPOSALS, _SUPPORT, _LISTS, _FIGURES),
    Role.ACCESS_OFFICER: (
        _TODAY,
        _RESIDENTS,
        _PROPOSALS,
        _DWELLINGS,
        _CONTINGENT,
        _SUPPORT,
        _FIGURES,
    ),
    Role.ALLOCATOR: (_TODAY, _DWELLINGS, _PROPOSALS, _CONTINGENT, _LISTS, _FIGURES),
    Role.COORDINATOR: (
        _TODAY,
        _CLIENTS,
        _DWELLINGS,
        _SUPPORT,
        _MATCHING,
        _PROPOSALS,
        _FIGURES,
    ),
    Role.STEERING_MEMBER: (
        _FIGURES._replace(label=_("Overview")),
        _ESTIMATE,
        _CONTINGENT,
        _FAIRNESS,
        _POLICY,
    ),
    Role.CLIENT_REPRESENTATIVE: (_FIGURES._replace(label=_("Overview")), _FAIRNESS),
    Role.NEIGHBOURHOOD_WORKER: (_TODAY, _SUPPORT),
    Role.PRIVACY_OFFICER: (_TODAY, _AUDIT, _DECISIONS, _FAIRNESS, _POLICY),
    Role.ADMINISTRATOR: (_TODAY, _ORGANISATIONS, _ACCOUNTS),
}


def menu(request: HttpRequest) -> list[dict[str, object]]:
    """The menu for this request; an entry is current on its own page and on those beneath it."""
    viewer = request.viewer
    if viewer is None:
        return []
    here = request.resolver_match.view_name if request.resolver_match else ""
    entries = [entry for entry in MENUS[viewer.role] if may(viewer, entry.permission)]
    closest = max(entries, key=lambda entry: _closeness(entry, here), default=None)
    return [
        {
            "url": reverse(entry.url_name),
            "label": entry.label,
            "current": entry is closest and _closeness(entry, here) > 0,
        }
        for entry in entries
    ]


def _closeness(entry: Entry, here: str) -> int:
    """How well a page belongs under an entry: its own page best, then the longest family name."""
    if entry.url_name == here:
        return 1000
    return max((len(name) for name in entry.family if here.startswith(name)), default=0)
