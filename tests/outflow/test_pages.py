"""Every page about people: who opens it, what stands on it, and what it leaves out."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import Viewer
from accounts.context import acting_as
from accounts.models import ReadEntry, User
from outflow import operations
from outflow.lifecycle import ArrangementPart, Blocker, ItemState, Phase, Subject
from outflow.models import Client, LikelyDuplicate
from outflow.operations import ZrmFacts
from regions.clock import today
from tests.factories import World, make_client, sign_in, world

pytestmark = pytest.mark.django_db

NAME = "Quirijnse"
SECRETS = {
    "remarks": "liever niet bellen",
    "exclusion_reason": "woont iemand die ze mijdt",
    "income_source": "bijstandsuitkering",
}


@pytest.fixture
def place() -> World:
    made = world()
    User.objects.update(language="en")
    return made


@pytest.fixture
def client_file(place: World) -> Client:
    """One client about whom everything is known."""
    found = make_client(
        place,
        family_name=NAME,
        given_name="Xandra",
        born_on=date(1987, 3, 9),
        case_code="H8-QF",
        client_number="DOSSIER-77",
        care={"has_debts": True, **SECRETS},
        blockers=[Blocker.DEBTS],
    )
    with acting_as(place.team_leader):
        operations.record_zrm(
            [(found, [ZrmFacts("finances", 2, today() - timedelta(days=90))])],
            by=place.team_leader,
        )
        operations.record_zrm([(found, [ZrmFacts("finances", 4, today())])], by=place.team_leader)
        operations.arrange(
            client=found,
            part=ArrangementPart.WELFARE,
            subject=Subject.BUDDY,
            state=ItemState.MISSING,
            by=place.team_leader,
        )
    return found


def opened(browser: Browser, viewer: Viewer, url: str, **query: str) -> tuple[int, str]:
    answer = sign_in(browser, viewer).get(url, query)
    return answer.status_code, answer.content.decode()


COORDINATORS = ("coordinator", "second_coordinator")
CLIENT_PAGES = {
    "steering:client": {"care_worker", "team_leader", "access_officer", *COORDINATORS},
    "outflow:readiness": {"care_worker", "team_leader"},
    "outflow:assessment": {"care_worker", "team_leader"},
    "outflow:need": {"care_worker", "team_leader"},
    "outflow:person": {"care_worker", "team_leader"},
    "outflow:departure": {"care_worker", "team_leader"},
    "outflow:looks": {"care_worker", "team_leader"},
}


@pytest.mark.parametrize("where", CLIENT_PAGES)
def test_who_opens_a_page_of_a_client(
    place: World, client: Browser, client_file: Client, where: str
) -> None:
    url = reverse(where, args=[client_file.ref])
    for name, viewer in place.viewers.items():
        status, _content = opened(client, viewer, url)
        assert status == (200 if name in CLIENT_PAGES[where] else 404), name


def test_the_arrangement_is_changed_by_who_arranges(
    place: World, client: Browser, client_file: Client
) -> None:
    for part in ArrangementPart.values:
        url = reverse("outflow:arrangement", args=[client_file.ref, part])
        for name, viewer in place.viewers.items():
            allowed = name in {"care_worker", "team_leader", "access_officer"}
            assert opened(client, viewer, url)[0] == (200 if allowed else 404), name
    url = reverse("outflow:arrangement", args=[client_file.ref, "garden"])
    assert opened(client, place.care_worker, url)[0] == 404


LISTS = {
    "outflow:clients": {"care_worker", "team_leader", "access_officer", *COORDINATORS},
    "outflow:register": {"care_worker", "team_leader"},
    "outflow:round": {"care_worker", "team_leader"},
    "outflow:assign": {"team_leader"},
    "outflow:hand_over": {"team_leader"},
    "outflow:duplicates": {"team_leader", "coordinator"},
}


@pytest.mark.parametrize("where", LISTS)
def test_who_opens_a_list(place: World, client: Browser, client_file: Client, where: str) -> None:
    roles = {place.viewers[name].role for name in LISTS[where]}
    for name, viewer in place.viewers.items():
        status, _content = opened(client, viewer, reverse(where))
        assert status == (200 if viewer.role in roles else 404), name


def test_the_care_worker_sees_the_whole_file(
    place: World, client: Browser, client_file: Client
) -> None:
    _status, content = opened(client, place.care_worker, client_file.get_absolute_url())
    for shown in (NAME, "Xandra", "H8-QF", "DOSSIER-77", *SECRETS.values(), "housing buddy"):
        assert shown.lower() in content.lower(), shown


@pytest.mark.parametrize("where", ["client", "list", "search"])
def test_a_coordinators_pages_hold_no_name(
    place: World, client: Browser, client_file: Client, where: str
) -> None:
    url, query = {
        "client": (client_file.get_absolute_url(), {}),
        "list": (reverse("outflow:clients"), {}),
        "search": (reverse("outflow:clients"), {"q": "H8"}),
    }[where]
    _status, content = opened(client, place.coordinator, url, **query)
    assert "H8-QF" in content
    for hidden in (NAME, "Xandra", "1987", "DOSSIER-77", "De Haven", *SECRETS.values()):
        assert hidden.lower() not in content.lower(), hidden


def test_a_coordinator_cannot_find_somebody_by_name_or_number(
    place: World, client: Browser, client_file: Client
) -> None:
    for words in (NAME, "9-3-1987", "DOSSIER-77"):
        _status, content = opened(client, place.coordinator, reverse("outflow:clients"), q=words)
        assert "H8-QF" not in content
        _status, content = opened(client, place.care_worker, reverse("outflow:clients"), q=words)
        assert NAME in content  # so the words do find somebody


def test_a_coordinator_sees_how_far_an_arrangement_is_and_not_what_is_in_it(
    place: World, client: Browser, client_file: Client
) -> None:
    _status, content = opened(client, place.coordinator, client_file.get_absolute_url())
    assert "1 missing" in content
    assert "buddy" not in content.lower()


def test_the_municipality_sees_a_name_and_no_care_profile(
    place: World, client: Browser, client_file: Client
) -> None:
    _status, content = opened(client, place.access_officer, client_file.get_absolute_url())
    assert NAME in content
    for hidden in (*SECRETS.values(), "DOSSIER-77", "ZRM"):
        assert hidden.lower() not in content.lower(), hidden


def test_of_somebody_shielded_others_see_neither_origin_nor_household(
    place: World, client: Browser
) -> None:
    hidden = make_client(
        place,
        is_shielded=True,
        origin_municipality=place.other_municipality,
        financing_municipality=place.municipality,
        need={"persons": 3, "children": 2},
    )
    for name, sees_it in (("care_worker", True), ("coordinator", False)):
        _status, content = opened(client, place.viewers[name], hidden.get_absolute_url())
        assert (f"From {place.other_municipality}" in content) is sees_it
        assert ("3 people" in content) is sees_it
    found = {"municipality": str(place.other_municipality.pk)}
    _status, content = opened(client, place.coordinator, reverse("outflow:clients"), **found)
    assert hidden.case_code not in content  # not by asking for the origin either


def test_each_look_is_written_down_and_the_client_can_read_it(
    place: World, client: Browser, client_file: Client
) -> None:
    opened(client, place.second_coordinator, client_file.get_absolute_url())
    with acting_as(place.privacy_officer):
        look = ReadEntry.objects.get(client_ref=client_file.ref, role="coordinator")
        assert "need" in look.fields
        assert "identity" not in look.fields
    _status, content = opened(
        client, place.care_worker, reverse("outflow:looks", args=[client_file.ref])
    )
    assert place.bureau.name in content
    assert place.memberships["second_coordinator"].user.name not in content


@pytest.mark.parametrize(
    ("query", "who"),
    [
        ({}, {"A", "B", "C"}),
        ({"phase": Phase.READY}, {"A"}),
        ({"phase": "waiting"}, {"A", "B"}),
        ({"phase": "left"}, {"D"}),
        ({"waiting": "6"}, {"A"}),
        ({"blocker": Blocker.INCOME}, {"C"}),
        ({"update": "overdue"}, {"C"}),
        ({"q": "bb"}, {"B"}),
        ({"q": "ccee"}, {"C"}),
        ({"q": "dd"}, {"D"}),  # who is searched is found, also after leaving
        ({"phase": "no such phase", "waiting": "x"}, {"A", "B", "C"}),
    ],
)
def test_the_list_is_narrowed(
    place: World, client: Browser, query: dict[str, str], who: set[str]
) -> None:
    make_client(place, case_code="AA-22", days=300)
    make_client(place, case_code="BB-22", phase=Phase.OFFERED, days=20)
    make_client(
        place,
        case_code="CC-22",
        phase=Phase.PREPARING,
        family_name="Ccéë",
        blockers=[Blocker.INCOME],
        checked_on=today() - timedelta(days=60),
    )
    make_client(place, case_code="DD-22", exit="left_other")
    _status, content = opened(client, place.care_worker, reverse("outflow:clients"), **query)
    assert {letter for letter in "ABCD" if f"{letter}{letter}-22" in content} == who


def test_names_are_sorted_after_they_were_opened(place: World, client: Browser) -> None:
    for name in ("Zwanenburg", "Ödemir", "Aalders"):
        make_client(place, family_name=name)
    _status, content = opened(client, place.care_worker, reverse("outflow:clients"), sort="name")
    assert content.index("Aalders") < content.index("Ödemir") < content.index("Zwanenburg")


def test_without_javascript_and_with_it_the_list_is_the_same(
    place: World, client: Browser, client_file: Client
) -> None:
    sign_in(client, place.care_worker)
    url = reverse("outflow:clients")
    plain = client.get(url).content
    in_place = client.get(url, headers={"HX-Request": "true"}).content
    assert b'id="clients"' in plain
    assert b'id="clients"' in in_place


def test_a_client_is_registered_and_looked_after(place: World, client: Browser) -> None:
    sign_in(client, place.care_worker)
    sent = {
        "given_name": "Noor",
        "family_name": "Meijden",
        "born_on": "2-4-1991",
        "client_number": "A-1",
        "facility_type": "BW",
        "in_care_since": "6 jan 2025",
        "origin_municipality": str(place.municipality.pk),
        "route": "regular",
        "urgency": "0",
        "phase": "preparing",
        "day": "",
    }
    wrong = client.post(reverse("outflow:register"), sent | {"phase": "ready"})
    assert wrong.status_code == 422
    assert "Meijden" in wrong.content.decode()  # nothing is lost
    answer = client.post(reverse("outflow:register"), sent)
    with acting_as(place.care_worker):
        made = Client.objects.get()
    assert answer.url == reverse("outflow:need", args=[made.ref])
    again = client.post(reverse("outflow:register"), sent)
    assert again.status_code == 422


def test_the_need_is_recorded_with_what_stays_at_the_provider(
    place: World, client: Browser, client_file: Client
) -> None:
    User.objects.update(language="nl")  # who writes amounts with a comma
    sign_in(client, place.care_worker)
    url = reverse("outflow:need", args=[client_file.ref])
    sent = {
        "persons": "2",
        "children": "1",
        "bedrooms": "2",
        "housing_forms": ["independent", "clustered"],
        "max_rent": "713,02",
        "first_municipality": str(place.other_municipality.pk),
        "second_municipality": str(place.municipality.pk),
        "guidance_hours": "2,5",
        "support": ["buddy"],
        "excluded_neighbourhoods": [str(place.other_neighbourhood.pk)],
        "exclusion_reason": "alleen voor ons",
    }
    assert client.post(url, sent | {"children": "2"}).status_code == 422
    assert client.post(url, sent).status_code == 302
    with acting_as(place.care_worker):
        need = operations.needs_of([client_file])[client_file.pk]
    assert need.municipalities == (place.other_municipality.pk, place.municipality.pk)
    assert need.excluded_neighbourhoods == {place.other_neighbourhood.pk}
    assert str(need.max_rent) == "713.02"
    _status, content = opened(client, place.coordinator, client_file.get_absolute_url())
    assert place.other_neighbourhood.name not in content
    assert "alleen voor ons" not in content


def test_clients_are_assigned_by_location_or_one_by_one(place: World, client: Browser) -> None:
    here = [make_client(place, assigned_to=None, location="Anker") for _ in range(3)]
    there = make_client(place, assigned_to=None, location="Brug")
    elsewhere = make_client(place, assigned_to=None, location="Kade")
    stranger = make_client(place, provider=place.other_provider, location="Anker")
    sign_in(client, place.team_leader)
    answer = client.post(
        reverse("outflow:assign"),
        {
            "to": str(place.colleague.membership_id),
            "location": ["Anker"],
            "client": [str(there.ref), str(stranger.ref)],
        },
    )
    assert answer.status_code == 302
    _status, content = opened(client, place.colleague, reverse("outflow:clients"))
    for mine in (*here, there):
        assert mine.case_code in content
    for other in (elsewhere, stranger):
        assert other.case_code not in content


def test_of_a_pair_each_sees_only_its_own_half(place: World, client: Browser) -> None:
    alike = {"family_name": "Smeets", "given_name": "Thijs", "born_on": date(1982, 12, 2)}
    mine = make_client(place, **alike)
    make_client(place, provider=place.other_provider, **alike)
    operations.find_likely_duplicates(region_id=place.region.pk)
    with acting_as(place.coordinator):
        pair = LikelyDuplicate.objects.get()
    url = reverse("outflow:duplicates")
    _status, content = opened(client, place.coordinator, url)
    assert "Smeets" not in content
    assert mine.case_code in content
    _status, content = opened(client, place.team_leader, url)
    assert "Smeets" in content
    assert content.count("a registration elsewhere") == 1
    assert place.other_provider.name not in content
    sign_in(client, place.team_leader)
    decide = reverse("outflow:decide_duplicate", args=[pair.ref, "merge"])
    assert client.post(decide).status_code == 404  # a provider confirms and does not merge
    for who in ("foreign_coordinator", "foreign_team_leader", "care_worker", "allocator"):
        sign_in(client, place.viewers[who])
        decide = reverse("outflow:decide_duplicate", args=[pair.ref, "apart"])
        assert client.post(decide).status_code == 404


def test_a_list_of_thirty_costs_the_queries_of_three(place: World, client: Browser) -> None:
    urls = [
        (who, reverse(page), query)
        for who, page, query in (
            ("care_worker", "outflow:clients", {}),
            ("care_worker", "outflow:clients", {"sort": "name"}),
            ("coordinator", "outflow:clients", {}),
            ("access_officer", "outflow:clients", {}),
            ("care_worker", "outflow:round", {}),
            ("team_leader", "outflow:assign", {}),
            ("coordinator", "outflow:duplicates", {}),
            ("team_leader", "outflow:duplicates", {}),
        )
    ]

    def costs() -> list[int]:
        counted = []
        for who, url, query in urls:
            sign_in(client, place.viewers[who])
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url, query).status_code == 200
            counted.append(len(queries))
        return counted

    def fill(count: int) -> None:
        for number in range(count):
            alike = {"family_name": f"Smeets{number}", "given_name": "Thijs"}
            make_client(place, **alike)
            make_client(place, assigned_to=None, location=f"Huis {number}")
            make_client(place, provider=place.other_provider, **alike)
        operations.find_likely_duplicates(region_id=place.region.pk)

    fill(3)
    few = costs()
    fill(22)
    assert costs() == few
