"""One pair beside what else was possible: other homes for the client, others for the home."""

import re

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.context import acting_as
from accounts.models import User
from housing import runs
from housing.explanations import SIDE_BY_SIDE, Around
from housing.matching_words import Names
from housing.models import MatchPair, Proposal
from housing.operations.matching import request_match
from outflow.models import ExcludedNeighbourhood
from regions.models import Neighbourhood
from tests.factories import keeping_context, make_client, make_dwelling, sign_in, world
from tests.housing.factories import make_proposal

pytestmark = pytest.mark.django_db

GROUND = {"ground": "consent", "text_version": "2026-1"}


@pytest.fixture
def region():
    made = world()
    User.objects.update(language="en")
    return made


def pair_of(region, client) -> MatchPair:
    with keeping_context():
        assert runs.carry_out(request_match(region=region.region, by=None))
    with acting_as(region.coordinator), translation.override("en"):
        return MatchPair.objects.select_related("run__policy", "client", "dwelling").get(
            client=client, run__pk=MatchPair.objects.latest("pk").run_id
        )


def around(region, pair) -> Around:
    return Around(pair, region.coordinator, Names(region.region.pk))


def page_of(browser, region, pair, name="match_pair", query="") -> str:
    address = reverse(f"housing:{name}", args=[pair.ref])
    response = sign_in(browser, region.coordinator).get(f"{address}{query}")
    assert response.status_code == 200
    return response.content.decode()


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_up_to_three_other_homes_stand_beside_it_with_the_same_rows(region):
    client = make_client(region)
    for number in range(5):
        make_dwelling(region, basic_rent=600 + number)
    pair = pair_of(region, client)
    with acting_as(region.coordinator), translation.override("en"):
        found = around(region, pair)
        columns = found.columns()
        further = found.further_dwellings()
    assert len(columns) == 1 + SIDE_BY_SIDE
    assert [column.is_proposed for column in columns] == [True, False, False, False]
    assert len({tuple(label for label, _value in column.facts) for column in columns}) == 1
    assert further.count == 1
    shown = {column.dwelling.ref for column in columns} | {row.dwelling.ref for row in further.rows}
    assert len(shown) == 5


def test_what_was_left_over_stands_before_what_is_taken_from_somebody(region):
    client = make_client(region, days=300)
    make_client(region, days=200, case_code="BB-22")
    for _ in range(2):
        make_dwelling(region)
    left = make_dwelling(region, basic_rent=700, bedrooms=3)
    pair = pair_of(region, client)
    with acting_as(region.coordinator), translation.override("en"):
        columns = around(region, pair).columns()
    assert columns[1].dwelling.ref == left.ref
    assert columns[1].outcome == "Left over"
    assert columns[2].outcome == "Goes to case BB-22"
    assert "2 bedrooms more than needed" in columns[1].reasons.speaks_against


def test_choosing_another_home_takes_the_clicks_of_following(client, region):
    person = make_client(region)
    make_dwelling(region)
    make_dwelling(region)
    pair = pair_of(region, person)
    page = page_of(client, region, pair)
    follow = reverse("housing:match_follow", args=[pair.ref])
    depart = reverse("housing:match_depart", args=[pair.ref])
    assert f'href="{follow}"' in page
    chosen = re.search(rf'href="{depart}(\?instead=home:[0-9a-f-]+)"', page)
    assert chosen
    # One click leads to either form, and there the home is filled in already.
    form = page_of(client, region, pair, "match_depart", chosen[1])
    key = chosen[1].removeprefix("?instead=")
    assert re.search(rf'<option value="{key}"\s+selected', form)
    answer = client.post(depart, {"instead": key, "departure_reason": "client_wish", **GROUND})
    assert answer.status_code == 302
    with acting_as(region.coordinator), translation.override("en"):
        made = Proposal.objects.select_related("dwelling").get()
    assert str(made.dwelling.ref) == key.removeprefix("home:")
    assert made.departure_reason == "client_wish"


def test_what_cannot_be_chosen_is_not_filled_in(client, region):
    person = make_client(region)
    make_dwelling(region)
    other = make_dwelling(region)
    pair = pair_of(region, person)
    make_proposal(region, dwelling=other)
    form = page_of(client, region, pair, "match_depart", f"?instead=home:{other.ref}")
    assert f'value="home:{other.ref}"' not in form
    assert f"instead=home:{other.ref}" not in page_of(client, region, pair)


def test_where_somebody_cannot_live_stands_in_no_column(region, client):
    hidden = Neighbourhood.objects.create(municipality=region.municipality, name="Verborgenhoek")
    person = make_client(region)
    make_dwelling(region)
    make_dwelling(region, neighbourhood=hidden)
    pair = pair_of(region, person)
    with acting_as(region.coordinator), translation.override("en"):
        shown = {column.name for column in around(region, pair).columns()}
    # The control: without the exclusion both homes stand there.
    assert any("Verborgenhoek" in name for name in shown) or "Verborgenhoek" in pair_place(pair)
    with keeping_context(), acting_as(region.care_worker):
        ExcludedNeighbourhood.objects.create(client=person, neighbourhood=hidden)
    page = page_of(client, region, pair_of(region, person))
    assert "Verborgenhoek" not in page


def pair_place(pair: MatchPair) -> str:
    place = pair.dwelling.neighbourhood
    return place.name if place else ""


def test_why_others_do_not_get_this_home_is_said_by_its_ground(region):
    first = make_client(region, days=300, urgency=1)
    make_client(region, days=250, urgency=1, case_code="LATER")
    make_client(region, days=600, case_code="CALM")
    make_dwelling(region)
    pair = pair_of(region, first)
    with acting_as(region.coordinator), translation.override("en"):
        rows = {row.client.label: row for row in around(region, pair).seekers().rows}
    assert rows["LATER"].why == "has waited less long"
    assert rows["CALM"].why == "is less urgent"
    assert rows["CALM"].outcome == "no proposal"
    assert rows["LATER"].choice.startswith("person:")


def test_somebody_with_another_home_is_said_to_have_one(region):
    first = make_client(region, days=300)
    make_client(region, days=250, case_code="OTHER")
    make_dwelling(region)
    make_dwelling(region)
    pair = pair_of(region, first)
    with acting_as(region.coordinator), translation.override("en"):
        [row] = around(region, pair).seekers().rows
    assert row.why == "has another home in this matching"
    assert "Rietlaan" in row.outcome


def test_points_stand_only_behind_a_click_in_the_full_explanation(client, region):
    person = make_client(region)
    make_dwelling(region, bedrooms=3)
    pair = pair_of(region, person)
    page = page_of(client, region, pair)
    assert "2 bedrooms more than needed: −20" in text_of(page)
    outside = re.sub(r"<details.*?</details>", "", page, flags=re.S)
    assert "−20" not in outside
    listed = reverse("housing:match_pairs", args=[pair.run.ref])
    assert "−20" not in client.get(listed).content.decode()


def test_an_earlier_matching_shows_the_columns_and_lets_nothing_be_chosen(client, region):
    person = make_client(region)
    make_dwelling(region)
    make_dwelling(region)
    pair = pair_of(region, person)
    pair_of(region, person)
    page = text_of(page_of(client, region, pair))
    assert "side by side" in page
    assert "Choose this one" not in page
    assert "What would follow?" not in page
