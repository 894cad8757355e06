"""Finding clients: by phase, waiting time, place, provider, what is open, age of data and name."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Case, F, Q, Value, When
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.access import OrganisationKind, Permission, Relation, Viewer, grants_for
from accounts.models import Organisation
from outflow.forms.fields import read_day
from outflow.lifecycle import WAITING, Blocker, Phase
from outflow.models import Client, Identity
from outflow.operations.tokens import born_token, surname_token
from outflow.projections import needs_identity
from outflow.querysets import ClientQuerySet
from regions import formats
from regions.clock import today
from regions.models import Municipality
from regions.rules import rule

# So many names are opened to search in them; in more, tokens find surname and birth date.
NAMES_AT_ONCE = 2000
PER_PAGE = 25
# What most people look for; the rest is folded.
FIRST = ("q", "phase", "sort")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Days that the region's rules make of "long" and "too old"."""

    waiting_months: Sequence[int]
    stale_days: int

    @classmethod
    def of(cls, viewer: Viewer) -> "Bounds":
        return cls(
            waiting_months=rule(viewer.region_id, "waiting_bands_months", on=today()),
            stale_days=rule(viewer.region_id, "readiness_stale_days", on=today()),
        )


class ClientFilterForm(forms.Form):
    """Every choice is a link that can be kept; nothing chosen shows who is there now."""

    q = forms.CharField(label=_("Search"), required=False, max_length=80)
    phase = forms.ChoiceField(label=pgettext_lazy("care", "Phase"), required=False)
    waiting = forms.ChoiceField(label=_("Waiting longer than"), required=False)
    municipality = forms.ChoiceField(label=_("Municipality of origin"), required=False)
    provider = forms.ChoiceField(label=_("Care provider"), required=False)
    blocker = forms.ChoiceField(
        label=_("Still open"), required=False, choices=[("", _("all")), *Blocker.choices]
    )
    update = forms.ChoiceField(label=_("Age of data"), required=False)
    sort = forms.ChoiceField(label=_("Order"), required=False)

    def __init__(self, *args: Any, viewer: Viewer, bounds: Bounds, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        self.bounds = bounds
        self.fields["phase"].choices = [
            ("", _("all who are there")),
            ("waiting", _("ready or with a proposal")),
            *((phase.value, phase.label) for phase in Phase),
            ("left", _("left")),
        ]
        self.fields["waiting"].choices = [
            ("", _("all")),
            *(
                (months, _("%(count)s months") % {"count": months})
                for months in bounds.waiting_months
            ),
        ]
        self.fields["municipality"].choices = [("", _("all")), *_municipalities(viewer)]
        if _sees_several_providers(viewer):
            self.fields["provider"].choices = [("", _("all")), *_providers(viewer)]
        else:
            del self.fields["provider"]
        self.fields["update"].choices = [
            ("", _("all")),
            (
                "overdue",
                _("older than %(days)s") % {"days": formats.days_short(bounds.stale_days)},
            ),
        ]
        orders = [("", _("longest waiting first")), ("update", _("oldest data first"))]
        if needs_identity(viewer):
            orders.append(("name", _("by name")))
        self.fields["sort"].choices = orders

    @property
    def first_fields(self) -> list[BoundField]:
        return [self[name] for name in FIRST]

    @property
    def further_fields(self) -> list[BoundField]:
        return [field for field in self if field.name not in FIRST]

    @property
    def further_is_chosen(self) -> bool:
        """Whether what stands folded has to be seen, because it narrows the list."""
        return any(name not in FIRST for name in self.chosen())

    def chosen(self) -> dict[str, str]:
        """What was chosen; a value that is not on the list counts as nothing chosen."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


def find_clients(viewer: Viewer, form: ClientFilterForm) -> "Found":
    """The clients this viewer sees, as the form narrows and orders them."""
    chosen = form.chosen()
    clients = Client.objects.visible_to(viewer, Permission.SEE_CLIENTS).with_phase()
    phase = chosen.get("phase", "")
    if phase == "left":
        clients = clients.filter(phase__isnull=True)
    elif phase == "waiting":
        clients = clients.filter(phase__in=WAITING)
    elif phase:
        clients = clients.filter(phase=phase)
    elif "q" not in chosen:
        clients = clients.filter(phase__isnull=False)
    if months := chosen.get("waiting"):
        clients = clients.filter(phase__in=WAITING, ready_on__lt=_months_ago(int(months)))
    if key := chosen.get("municipality"):
        # Of somebody shielded the origin is not shown, so it cannot be asked for either.
        clients = clients.filter(_origin_may_be_known(viewer), origin_municipality_id=key)
    if key := chosen.get("provider"):
        clients = clients.filter(provider_id=key)
    if blocker := chosen.get("blocker"):
        clients = clients.filter(blockers__contains=[blocker])
    if chosen.get("update") == "overdue":
        clients = clients.stale(days=form.bounds.stale_days)
    if words := chosen.get("q"):
        clients = _search(clients, words, viewer)
    order = chosen.get("sort", "")
    if order == "name" and needs_identity(viewer):
        return _by_name(clients)
    return Found(clients.stale_first() if order == "update" else _who_waits_first(clients))


@dataclass(frozen=True, slots=True)
class Found:
    """Clients in order: a queryset, or keys where only opened names give the order."""

    clients: ClientQuerySet
    keys: list[int] | None = None

    def for_pages(self) -> "ClientQuerySet | list[int]":
        """What a paginator counts and cuts."""
        return self.clients if self.keys is None else self.keys

    def rows(self, cut: Sequence[Any], viewer: Viewer) -> list[Client]:
        """The clients of one page, ready to be shown."""
        keys = [item if isinstance(item, int) else item.pk for item in cut]
        rows = Client.objects.visible_to(viewer, Permission.SEE_CLIENTS).filter(pk__in=keys)
        rows = rows.for_list()
        if needs_identity(viewer):
            rows = rows.with_identity()
        by_key = {client.pk: client for client in rows}
        return [by_key[key] for key in keys]


def _who_waits_first(clients: ClientQuerySet) -> ClientQuerySet:
    """Who waits now, longest first; whoever lives at home waited once and comes after."""
    waits = Case(When(phase__in=WAITING, then=Value(0)), default=Value(1))
    return clients.order_by(waits, F("ready_on").asc(nulls_last=True), "pk")


def _search(clients: ClientQuerySet, words: str, viewer: Viewer) -> ClientQuerySet:
    """By case code for everybody; by name, birth date and number for who may know them."""
    plain = words.strip()
    wanted = Q(case_code__istartswith=plain)
    if any(grant.relation in _OWN for grant in grants_for(viewer.role, Permission.FIELD_IDENTITY)):
        wanted |= Q(client_number__iexact=plain)
    if needs_identity(viewer):
        wanted |= _by_identity(clients, plain)
    return clients.filter(wanted)


_OWN = frozenset({Relation.ASSIGNED, Relation.OWN_TEAM})


def _by_identity(clients: ClientQuerySet, words: str) -> Q:
    try:
        return Q(identity__born_token=born_token(read_day(words)))
    except ValueError:
        pass
    if clients.count() <= NAMES_AT_ONCE:
        parts = _folded(words).split()
        names = _names(clients)
        return Q(pk__in=[key for key, name in names.items() if all(p in name for p in parts)])
    token = surname_token(words)
    return Q(identity__surname_token=token) if token else Q(pk__in=[])


def _by_name(clients: ClientQuerySet) -> Found:
    if clients.count() > NAMES_AT_ONCE:
        return Found(_who_waits_first(clients))
    names = _names(clients, family_first=True)
    keys = list(clients.values_list("pk", flat=True))
    return Found(clients, keys=sorted(keys, key=lambda key: (names.get(key, ""), key)))


def _names(clients: ClientQuerySet, *, family_first: bool = False) -> dict[int, str]:
    """Opened names by key, folded; the row locks of the database decide which can be opened."""
    identities = Identity.objects.filter(client__in=clients.values("pk")).only(
        "seal_id", "family_name", "prefix", "given_name"
    )
    return {
        identity.pk: _folded(
            " ".join((str(identity.family_name), str(identity.given_name)))
            if family_first
            else identity.full_name
        )
        for identity in identities
    }


def _folded(text: str) -> str:
    """Without accents and capitals, so that Ozdemir finds Özdemir."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(mark for mark in plain if not unicodedata.combining(mark))


def _months_ago(months: int) -> date:
    """The same day some months earlier, or the last day of a shorter month."""
    year, index = divmod(today().year * 12 + today().month - 1 - months, 12)
    first = date(year, index + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(today().day, last.day))


def _origin_may_be_known(viewer: Viewer) -> Q:
    if any(grant.relation in _OWN for grant in grants_for(viewer.role, Permission.SEE_CLIENTS)):
        return Q()
    return Q(is_shielded=False)


def _sees_several_providers(viewer: Viewer) -> bool:
    return viewer.organisation_kind != OrganisationKind.CARE_PROVIDER


def _municipalities(viewer: Viewer) -> list[tuple[int, str]]:
    return list(
        Municipality.objects.filter(region_id=viewer.region_id)
        .order_by("name")
        .values_list("pk", "name")
    )


def _providers(viewer: Viewer) -> list[tuple[int, str]]:
    return list(
        Organisation.objects.filter(
            regions=viewer.region_id, kind=OrganisationKind.CARE_PROVIDER
        ).values_list("pk", "name")
    )
