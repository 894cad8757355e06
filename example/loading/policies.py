"""The rules of the matching in the example: one version that the table decided, and a draft."""

from dataclasses import replace
from datetime import date

from django.utils import timezone

from accounts.context import acting_as
from example.loading.frame import Frame
from housing import operations
from housing.matching.policy import FitWeights, Policy
from housing.models import MatchPolicy
from housing.policies import AfterRefusal, RegionPolicy

DECIDED = RegionPolicy(
    urgency_names={
        "nl": ("geen", "versneld", "spoed", "crisis"),
        "en": ("none", "faster", "urgent", "crisis"),
    },
    offers=2,
)
DRAFT = replace(
    DECIDED,
    matcher=Policy(guard_days=540, fit=FitWeights(near_network=80)),
    after_refusal=AfterRefusal.TABLE_DECIDES,
)


def load_policies(frame: Frame) -> None:
    """Version 1 was decided before the region began here, so nothing of it was tried here."""
    by = frame.coordinator
    with acting_as(by):
        MatchPolicy.objects.create(
            region=frame.region,
            number=1,
            values=DECIDED.as_values(),
            reason="Afspraak bij de start van de regio: twee keer een passend aanbod",
            owner="Regietafel",
            made_by_id=by.user_id,
            valid_from=date(frame.world.as_of.year, 1, 1),
            adopted_at=timezone.now(),
            adopted_by_id=by.user_id,
        )
        draft = operations.draft_policy(region=frame.region, reason="", by=by)
        operations.change_draft(
            version=draft,
            policy=DRAFT,
            reason="Niemand mag eindeloos wachten, en dicht bij eigen mensen helpt om te blijven",
            by=by,
        )
