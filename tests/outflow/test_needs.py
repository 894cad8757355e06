"""Housing need, the rent that the law suggests, households and the arrangement."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.context import acting_as
from outflow import operations
from outflow.arrangement import see_arrangement, sentence_of
from outflow.errors import NotAllowed, Refused, RefusedAt
from outflow.lifecycle import ArrangementPart, ItemState, Subject
from outflow.models import ArrangementItem, Client, Household, SharingGround
from outflow.operations import NeedFacts
from regions.clock import today
from regions.models import LegalParameter
from tests.factories import World, make_client, world

pytestmark = pytest.mark.django_db

DAY = date(2035, 3, 1)  # later than every limit the law has set so far


@pytest.fixture
def place() -> World:
    return world()


@pytest.fixture
def limits() -> None:
    for kind, value in (
        ("fitting_rent_small", "800.01"),
        ("fitting_rent_large", "850.02"),
        ("fitting_income_single", "30000"),
        ("fitting_income_multi", "40000"),
    ):
        LegalParameter.objects.create(
            kind=kind, valid_from=date(2035, 1, 1), value=value, source="proef"
        )


@pytest.mark.parametrize(
    ("persons", "income", "amount"),
    [
        (1, None, "800.01"),
        (2, None, "800.01"),
        (3, None, "850.02"),
        (1, "30000", "800.01"),
        (1, "30001", None),
        (2, "30001", "800.01"),
        (3, "40001", None),
    ],
)
def test_the_law_suggests_a_rent_unless_the_income_is_too_high(
    limits: None, persons: int, income: str | None, amount: str | None
) -> None:
    found = operations.suggest_max_rent(
        persons=persons, on=DAY, yearly_income=Decimal(income) if income else None
    )
    assert (str(found.amount) if found else None) == amount
    if found:
        assert found.income_is_known is (income is not None)
        assert not found.is_verified


def test_a_missing_limit_stays_missing() -> None:
    LegalParameter.objects.all().delete()
    assert operations.suggest_max_rent(persons=1, on=DAY) is None
    LegalParameter.objects.create(
        kind="fitting_rent_small", valid_from=DAY + timedelta(days=1), value="900", source="later"
    )
    assert operations.suggest_max_rent(persons=1, on=DAY) is None
    assert operations.suggest_max_rent(persons=1, on=DAY + timedelta(days=1)) is not None


def test_a_need_is_written_whole_and_told_once(place: World) -> None:
    client = make_client(place)
    need = NeedFacts(
        persons=3,
        children=2,
        bedrooms=2,
        wheelchair=True,
        forms=("independent",),
        contract_forms=("omklap", "three_party"),
        max_rent=Decimal("700.00"),
        max_rent_is_assumed=False,
        guidance_hours=Decimal("2.5"),
        support=("buddy", "walk_in"),
        municipalities=(place.other_municipality.pk, place.municipality.pk),
        preferred_neighbourhoods=frozenset({place.neighbourhood.pk}),
        network=frozenset({place.neighbourhood.pk, place.other_neighbourhood.pk}),
        day_activity=frozenset({place.neighbourhood.pk}),
        excluded_neighbourhoods=frozenset({place.other_neighbourhood.pk}),
    )
    with acting_as(place.care_worker):
        assert operations.record_need([(client, need)], by=place.care_worker) == [client]
        assert operations.needs_of([client])[client.pk] == need
        assert operations.record_need([(client, need)], by=place.care_worker) == []
        fewer = replace(need, network=frozenset({place.neighbourhood.pk}), contract_forms=())
        assert operations.record_need([(client, fewer)], by=place.care_worker) == [client]
        assert operations.needs_of([client])[client.pk] == fewer
    with acting_as(place.colleague), pytest.raises(NotAllowed):
        operations.record_need([(client, need)], by=place.colleague)


def test_a_household_is_one_and_ends_with_its_last_but_one(place: World) -> None:
    first, second, third, fourth = (make_client(place) for _ in range(4))
    by = place.care_worker
    with acting_as(by):
        with pytest.raises(Refused):
            operations.group_household(clients=[first], by=by)
        household = operations.group_household(clients=[first, second], by=by)
        second.refresh_from_db()
        assert operations.group_household(clients=[second, third], by=by) == household
        operations.leave_household(client=second, by=by)
        assert Client.objects.filter(household=household).count() == 2
        third.refresh_from_db()
        operations.leave_household(client=third, by=by)
        assert not Client.objects.filter(household__isnull=False).exists()
        one = operations.group_household(clients=[first, second], by=by)
        operations.group_household(clients=[third, fourth], by=by)
        second.refresh_from_db()
        third.refresh_from_db()
        with pytest.raises(Refused):
            operations.group_household(clients=[second, third], by=by)
        assert Household.objects.filter(pk=one.pk).exists()


def test_the_arrangement_tells_what_is_missing(place: World) -> None:
    client = make_client(place)
    by = place.care_worker
    with acting_as(by):
        client = Client.objects.for_list().get()
        empty = sentence_of(see_arrangement(client, by))
        for part, subject, state in (
            (ArrangementPart.HOUSING, Subject.SEEKER, ItemState.ARRANGED),
            (ArrangementPart.CARE, Subject.GUIDANCE, ItemState.IN_PROGRESS),
            (ArrangementPart.WELFARE, Subject.BUDDY, ItemState.MISSING),
        ):
            operations.arrange(
                client=client,
                part=part,
                subject=subject,
                state=state,
                responsible=place.provider,
                due_on=today(),
                by=by,
            )
        kinds = [(seen.part, seen.kind) for seen in see_arrangement(client, by)]
        assert kinds == [
            ("housing", "ok"),
            ("care", "warn"),
            ("welfare", "late"),
            ("income", "none"),
        ]
        item = ArrangementItem.objects.get(part="welfare")
        operations.set_item_state(item=item, state=ItemState.ARRANGED, by=by)
        assert not any(seen.has_gap for seen in see_arrangement(client, by))
        assert sentence_of(see_arrangement(client, by)) != empty


def test_the_municipality_with_a_task_arranges_too_and_others_do_not(place: World) -> None:
    client = make_client(place)
    for who, allowed in (
        ("access_officer", True),
        ("other_access_officer", False),
        ("coordinator", False),
        ("colleague", False),
    ):
        viewer = place.viewers[who]
        with acting_as(viewer):
            if allowed:
                operations.arrange(
                    client=client,
                    part=ArrangementPart.INCOME,
                    subject=Subject.INCOME,
                    state=ItemState.ARRANGED,
                    by=viewer,
                )
                continue
            with pytest.raises(NotAllowed):
                operations.arrange(
                    client=client,
                    part=ArrangementPart.INCOME,
                    subject=Subject.DEBTS,
                    state=ItemState.ARRANGED,
                    by=viewer,
                )


def test_what_belongs_elsewhere_is_refused_at_its_field(place: World) -> None:
    client = make_client(place)
    by = place.care_worker
    with acting_as(by):
        for wrong, field in (
            ({"subject": Subject.DEBTS}, "subject"),
            ({"subject": Subject.BUDDY, "responsible": place.foreign_welfare}, "responsible"),
        ):
            with pytest.raises(RefusedAt) as refused:
                operations.arrange(
                    client=client,
                    part=ArrangementPart.WELFARE,
                    state=ItemState.ARRANGED,
                    by=by,
                    **wrong,
                )
            assert refused.value.field == field


def test_a_ground_is_recorded_once_and_can_be_withdrawn(place: World) -> None:
    client = make_client(place)
    by = place.team_leader
    consent = SharingGround.Ground.CONSENT
    with acting_as(by):
        for count in (1, 0):
            assert (
                operations.record_sharing_ground(
                    clients=[client], ground=consent, on=today(), by=by
                )
                == count
            )
        operations.withdraw_sharing_ground(client=client, on=today(), by=by)
        assert not SharingGround.objects.filter(withdrawn_on=None).exists()
        assert (
            operations.record_sharing_ground(clients=[client], ground=consent, on=today(), by=by)
            == 1
        )
