"""What there is to choose from for a try-out: each list is read when a form asks for it.

What limits is taken from the last matching, so that a list offers what the matcher counts.
"""

from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from accounts.access import OrganisationKind, Permission, Purpose, Viewer
from accounts.models import Organisation
from housing.lifecycle import LIVE
from housing.matching_words import Names
from housing.models import Dwelling, MatchRecord, Proposal
from housing.outcomes import dwelling_in_words, last_done, name_of
from housing.projections import see_dwelling, see_dwellings
from outflow.lifecycle import FacilityType
from outflow.models import Client
from outflow.projections import see_clients
from regions.models import Municipality

MOST_LISTED = 500

Options = list[tuple[str, str]]


class Choices:
    """The lists of one viewer's region."""

    def __init__(self, viewer: Viewer, names: Names) -> None:
        self.viewer = viewer
        self.names = names

    @cached_property
    def municipalities(self) -> list[Municipality]:
        return list(
            Municipality.objects.filter(region_id=self.viewer.region_id).prefetch_related(
                "neighbourhoods"
            )
        )

    @cached_property
    def corporations(self) -> Options:
        found = Organisation.objects.filter(
            regions=self.viewer.region_id, kind=OrganisationKind.CORPORATION
        ).order_by("name")
        return [(str(ref), name) for ref, name in found.values_list("ref", "name")]

    @cached_property
    def free_dwellings(self) -> Options:
        homes = (
            Dwelling.objects.visible_to(self.viewer, Permission.SEE_DWELLINGS)
            .free()
            .for_list()
            .soonest_first()[:MOST_LISTED]
        )
        return [
            (str(home.ref), dwelling_in_words(home)) for home in see_dwellings(homes, self.viewer)
        ]

    @cached_property
    def quotas(self) -> Options:
        return [
            (
                f"{row['corporation']}|{row['municipality']}|{row['target_group'] or ''}",
                self._quota_in_words(row),
            )
            for row in self._of_last_matching("quotas")
        ]

    def _quota_in_words(self, row: dict[str, Any]) -> str:
        words = _("%(corporation)s in %(place)s") % {
            "corporation": self.names.party(row["corporation"]),
            "place": self.names.town(row["municipality"]),
        }
        group = row["target_group"]
        return f"{words}, {FacilityType(group).label}" if group else words

    @cached_property
    def guidance(self) -> Options:
        return [
            (
                f"{row['provider']}|{row['municipality']}",
                _("%(provider)s in %(place)s")
                % {
                    "provider": self.names.party(row["provider"]),
                    "place": self.names.town(row["municipality"]),
                },
            )
            for row in self._of_last_matching("guidance")
        ]

    @cached_property
    def limited_neighbourhoods(self) -> Options:
        return sorted(
            (
                (row["ref"], self.names.part(row["ref"]))
                for row in self._of_last_matching("neighbourhoods")
                if row["max_placements"] is not None
            ),
            key=lambda option: option[1],
        )

    @cached_property
    def _promises(self) -> list[Proposal]:
        found = Proposal.objects.visible_to(self.viewer, Permission.SEE_PROPOSALS)
        return list(
            found.filter(state__in=LIVE).for_list().order_by("-proposed_on", "-pk")[:MOST_LISTED]
        )

    @property
    def promises(self) -> Options:
        clients = [proposal.client for proposal in self._promises]
        seen = see_clients(clients, self.viewer, purpose=Purpose.MATCHING)
        return [
            (
                str(proposal.ref),
                _("Proposal %(code)s: case %(case)s, %(dwelling)s")
                % {
                    "code": proposal.code,
                    "case": client.label,
                    "dwelling": name_of(see_dwelling(proposal.dwelling, self.viewer)),
                },
            )
            for proposal, client in zip(self._promises, seen, strict=True)
        ]

    def promised_client(self, proposal: str) -> str:
        return next(str(each.client.ref) for each in self._promises if str(each.ref) == proposal)

    def client(self, case_code: str) -> Client | None:
        """The client of the region with this code, however it is typed."""
        code = "".join(case_code.split()).upper()
        return (
            Client.objects.visible_to(self.viewer, Permission.SEE_CLIENTS)
            .filter(case_code=code)
            .first()
        )

    def _of_last_matching(self, part: str) -> list[dict[str, Any]]:
        run = last_done(self.viewer)
        if run is None:
            return []
        return MatchRecord.objects.values_list(f"instance__{part}", flat=True).get(run=run)
