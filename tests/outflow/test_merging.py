"""Double registrations: found by tokens, confirmed by providers, merged by people, undone."""

from datetime import date

import pytest

from accounts.context import acting_as
from outflow import operations, runs
from outflow.errors import NotAllowed, Refused
from outflow.models import Client, LikelyDuplicate, Person
from tests.factories import World, make_client, world

pytestmark = pytest.mark.django_db

BORN = date(1982, 12, 2)


@pytest.fixture
def place() -> World:
    return world()


def two(place: World, mine: dict[str, object], other: dict[str, object]) -> tuple[Client, Client]:
    shared: dict[str, object] = {"born_on": BORN}
    return (
        make_client(place, **(shared | mine)),
        make_client(place, provider=place.other_provider, **(shared | other)),
    )


def found(place: World) -> list[LikelyDuplicate]:
    operations.find_likely_duplicates(region_id=place.region.pk)
    with acting_as(place.coordinator):
        return list(LikelyDuplicate.objects.all())


@pytest.mark.parametrize(
    ("mine", "other"),
    [
        (("Smeets", "Thijs"), ("SMEETS", "Thijs")),
        (("Jansen", "Samira"), ("Janssen", "Samira")),
        (("Vermeulen", "Johan"), ("Vemreulen", "Johan")),
        (("Beekhuizen", "Jaap"), ("Beekhuizen", "J.")),
        (("Yılmaz", "Nick"), ("Yilmaz", "Nick")),
    ],
)
def test_the_same_person_written_differently_is_found(
    place: World, mine: tuple[str, str], other: tuple[str, str]
) -> None:
    two(
        place,
        {"family_name": mine[0], "given_name": mine[1]},
        {"family_name": other[0], "given_name": other[1]},
    )
    assert [pair.agreeing for pair in found(place)] == [["surname", "born", "initial"]]


@pytest.mark.parametrize(
    "other",
    [
        {"family_name": "Wolters", "given_name": "Sanne"},  # a twin
        {"family_name": "Wolters", "given_name": "Laura", "born_on": date(1983, 12, 2)},
        {"family_name": "Kuipers", "given_name": "Laura"},
    ],
    ids=["twin", "namesake", "same birthday"],
)
def test_twins_and_namesakes_are_left_alone(place: World, other: dict[str, object]) -> None:
    two(place, {"family_name": "Wolters", "given_name": "Laura"}, other)
    assert found(place) == []


def test_two_registrations_at_one_provider_are_not_proposed(place: World) -> None:
    for _ in range(2):
        make_client(place, family_name="Smeets", given_name="Thijs", born_on=BORN)
    assert found(place) == []


def test_another_region_is_never_searched(place: World) -> None:
    alike = {"family_name": "Smeets", "given_name": "Thijs", "born_on": BORN}
    make_client(place, **alike)
    make_client(place, provider=place.foreign_provider, region=place.other_region, **alike)
    assert found(place) == []
    operations.find_likely_duplicates(region_id=place.other_region.pk)
    with acting_as(place.foreign_coordinator):
        assert not LikelyDuplicate.objects.exists()


def test_a_pair_is_listed_once_however_often_is_searched(place: World) -> None:
    mine, _other = two(
        place,
        {"family_name": "Smeets", "given_name": "Thijs"},
        {"family_name": "Smeets", "given_name": "Thijs"},
    )
    assert operations.find_likely_duplicates(region_id=place.region.pk, among=[mine.pk]) == 1
    assert operations.find_likely_duplicates(region_id=place.region.pk) == 0
    assert operations.find_likely_duplicates(region_id=place.region.pk, among=[]) == 0


@pytest.fixture
def pair(place: World) -> LikelyDuplicate:
    two(
        place,
        {"family_name": "Smeets", "given_name": "Thijs"},
        {"family_name": "Smeets", "given_name": "Thijs"},
    )
    return found(place)[0]


def people(place: World) -> int:
    with acting_as(place.coordinator):
        return len(set(Client.objects.values_list("person", flat=True)))


def confirm(place: World, pair: LikelyDuplicate, *answers: tuple[str, bool]) -> None:
    for who, same in answers:
        with acting_as(place.viewers[who]):
            operations.confirm_duplicate(duplicate=pair, same=same, by=place.viewers[who])


def test_only_what_both_providers_confirmed_is_merged(place: World, pair: LikelyDuplicate) -> None:
    def merge() -> None:
        with acting_as(place.coordinator):
            operations.merge(duplicate=pair, by=place.coordinator)

    for answers in (
        (),
        (("team_leader", True),),
        (("team_leader", True), ("other_team_leader", False)),
    ):
        confirm(place, pair, *answers)
        with pytest.raises(Refused):
            merge()
        assert people(place) == 2
    confirm(place, pair, ("other_team_leader", True))
    merge()
    merge()  # twice is the same as once
    assert people(place) == 1
    with acting_as(place.coordinator):
        assert Client.objects.count() == 2  # the registrations stay


def test_a_merge_is_undone_to_the_very_person_before(place: World, pair: LikelyDuplicate) -> None:
    with acting_as(place.coordinator):
        before = dict(Client.objects.values_list("pk", "person"))
    confirm(place, pair, ("team_leader", True), ("other_team_leader", True))
    with acting_as(place.coordinator):
        operations.merge(duplicate=pair, by=place.coordinator)
        with pytest.raises(Refused):
            operations.keep_apart(duplicate=pair, by=place.coordinator)
        operations.undo_decision(duplicate=pair, by=place.coordinator)
        assert dict(Client.objects.values_list("pk", "person")) == before
        assert Person.objects.count() == 2
        assert LikelyDuplicate.objects.get().verdict == ""


def test_a_pair_kept_apart_does_not_come_back(place: World, pair: LikelyDuplicate) -> None:
    with acting_as(place.coordinator):
        operations.keep_apart(duplicate=pair, by=place.coordinator)
    with acting_as(place.team_leader), pytest.raises(Refused):
        operations.confirm_duplicate(duplicate=pair, same=True, by=place.team_leader)
    found(place)
    with acting_as(place.coordinator):
        assert not LikelyDuplicate.objects.undecided().exists()


@pytest.mark.parametrize("who", ["team_leader", "care_worker", "access_officer", "allocator"])
def test_only_the_coordinator_decides(place: World, pair: LikelyDuplicate, who: str) -> None:
    confirm(place, pair, ("team_leader", True), ("other_team_leader", True))
    viewer = place.viewers[who]
    with acting_as(viewer), pytest.raises(NotAllowed):
        operations.merge(duplicate=pair, by=viewer)
    if who == "team_leader":
        with acting_as(viewer), pytest.raises(NotAllowed):
            operations.keep_apart(duplicate=pair, by=viewer)
        with acting_as(place.coordinator):
            operations.keep_apart(duplicate=pair, by=place.coordinator)
        with acting_as(viewer), pytest.raises(NotAllowed):
            operations.undo_decision(duplicate=pair, by=viewer)
    assert people(place) == 2


def test_a_provider_answers_for_its_own_registration_alone(
    place: World, pair: LikelyDuplicate
) -> None:
    confirm(place, pair, ("team_leader", True))
    with acting_as(place.coordinator):
        row = LikelyDuplicate.objects.get()
        answers = {
            row.first.provider_id: row.first_confirms,
            row.second.provider_id: row.second_confirms,
        }
    assert answers == {place.provider.pk: True, place.other_provider.pk: None}
    with acting_as(place.coordinator), pytest.raises(NotAllowed):
        operations.confirm_duplicate(duplicate=pair, same=True, by=place.coordinator)


def test_every_night_all_regions_are_searched_again(place: World) -> None:
    two(
        place,
        {"family_name": "Smeets", "given_name": "Thijs"},
        {"family_name": "Smeets", "given_name": "Thijs"},
    )
    assert runs.look_for_duplicates() == 1
    assert runs.look_for_duplicates() == 0
