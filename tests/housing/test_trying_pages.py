"""What a coordinator tries out on the pages: step by step, from a bottleneck, from a pair."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from accounts.access import Permission, Role, grants_for
from accounts.context import acting_as
from accounts.models import ReadEntry, User
from housing import runs, trying, tryouts
from housing.forms.trying import FORMS
from housing.models import MatchPair, MatchRun, Proposal, TryOut
from housing.operations.matching import request_match
from housing.signedchanges import sign, unsign
from housing.trying import KINDS
from housing.trying_words import CANNOT_BE, LABELS, SENTENCES
from outflow.lifecycle import SupportKind
from outflow.models import ExcludedNeighbourhood
from regions.models import Neighbourhood, RunState
from tests.factories import (
    keeping_context,
    make_client,
    make_dwelling,
    make_support,
    sign_in,
    world,
)
from tests.housing.factories import make_proposal

pytestmark = pytest.mark.django_db

NAME = "Zonneveld"
MAY = {role for role in Role if grants_for(role, Permission.TRY_OUT)}
LIST, NEW = reverse("housing:try_outs"), reverse("housing:try_out_new")


@pytest.fixture
def region():
    made = world()
    User.objects.update(language="en")
    return made


@pytest.fixture
def see(client, region):
    def look(address, viewer=None, **data):
        return sign_in(client, viewer or region.coordinator).get(address, data)

    return look


@pytest.fixture
def do(client, region):
    def post(address, viewer=None, **data):
        return sign_in(client, viewer or region.coordinator).post(address, data)

    return post


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def signed_in_page(response) -> str:
    found = re.search(r'name="changes"\s+value="([^"]*)"', response.content.decode())
    assert found
    return found[1]


def matched(region) -> MatchRun:
    with keeping_context():
        run = request_match(region=region.region, by=None)
        assert runs.carry_out(run)
    run.refresh_from_db()
    return run


def only_try_out() -> TryOut:
    return TryOut.objects.get()


def carried_out(try_out: TryOut) -> TryOut:
    with keeping_context():
        assert tryouts.carry_out(try_out)
    try_out.refresh_from_db()
    return try_out


def a_home(region, **facts: Any) -> dict[str, Any]:
    return {
        "place": f"n:{region.neighbourhood.ref}",
        "corporation": str(region.corporation.ref),
        "basic_rent": "650,00",
        "bedrooms": "1",
        "form": "independent",
        "available_on": "2026-12-24",
        "adding": "dwelling_more",
        **facts,
    }


# Putting changes together ------------------------------------------------------------------------


def test_a_change_is_added_step_by_step_without_any_script(region, see, do):
    make_client(region)
    page = see(NEW)
    assert "A dwelling more" in text_of(page)
    picked = do(NEW, changes=signed_in_page(page), deed="pick:dwelling_more")
    assert "Corporation" in text_of(picked)
    added = do(NEW, changes=signed_in_page(picked), deed="add", **a_home(region))
    told = "A dwelling more in Molenbuurt by Corporation: EUR 650.00, 1 bedroom, independent"
    assert told in text_of(added).replace("\xa0", " ")
    again = do(NEW, changes=signed_in_page(added), deed="add", **a_home(region, bedrooms="2"))
    assert TryOut.objects.count() == 0
    tried = do(NEW, changes=signed_in_page(again), deed="try")
    run = only_try_out()
    assert tried.url == run.get_absolute_url()
    assert [change["bedrooms"] for change in run.changes] == [1, 2]


def test_a_change_that_is_filled_in_is_tried_at_once(region, do):
    assert do(NEW, deed="try", **a_home(region)).status_code == 302
    assert only_try_out().changes[0]["rent"] == 650.0


def test_a_change_can_be_left_out_again(region, see, do):
    added = do(NEW, deed="add", **a_home(region))
    left = do(NEW, changes=signed_in_page(added), deed="remove:0")
    assert "Leave out" not in text_of(left)
    nothing = do(NEW, changes=signed_in_page(left), deed="try")
    assert "there is nothing to try" in text_of(nothing)
    assert not TryOut.objects.exists()


def test_what_is_wrong_in_one_change_keeps_the_others(region, do):
    added = do(NEW, deed="add", **a_home(region))
    wrong = do(NEW, changes=signed_in_page(added), deed="try", **a_home(region, basic_rent="veel"))
    assert wrong.status_code == 422
    page = text_of(wrong)
    assert "A dwelling more in Molenbuurt" in page
    assert "Enter a number" in page
    assert not TryOut.objects.exists()


def test_after_five_changes_no_more_are_offered(region, do):
    page = do(NEW, deed="add", **a_home(region))
    for _ in range(4):
        page = do(NEW, changes=signed_in_page(page), deed="add", **a_home(region))
    assert "A dwelling more in Molenbuurt" in text_of(page)
    assert "Another change with it" not in text_of(page)
    six = do(NEW, changes=signed_in_page(page), deed="try", **a_home(region))
    assert "At most 5 changes" in text_of(six)


def test_changes_that_were_tampered_with_are_not_tried(region, do):
    mine = sign(region.coordinator, [{"kind": "vacancy_days", "days": 40}])
    theirs = sign(region.foreign_coordinator, [{"kind": "vacancy_days", "days": 40}])
    assert unsign(region.coordinator, mine) == [{"kind": "vacancy_days", "days": 40}]
    for given in (theirs, mine[:-2], "nonsense"):
        answer = do(NEW, changes=given, deed="try")
        assert "could not be read any more" in text_of(answer)
    assert not TryOut.objects.exists()
    assert do(NEW, changes=mine, deed="try").status_code == 302


CASES: list[tuple[str, dict[str, str], str]] = [
    ("support", {"support_kind": "buddy", "how": "less", "number": "2"}, "2 places less in Molen"),
    ("rent_limit", {"case_code": " aa-11 ", "max_rent": "700"}, "Case AA-11 may pay up to EUR 700"),
    ("municipality_too", {"case_code": "AA-11", "municipality": "GM9002"}, "accepts Waterveen"),
    ("form_too", {"case_code": "AA-11", "form": "clustered"}, "also accepts this form: clustered"),
    ("vacancy_days", {"days": "45"}, "may stay empty for 45 days"),
]


@pytest.mark.parametrize(("kind", "facts", "told"), CASES)
def test_every_change_is_said_in_a_sentence(region, do, kind, facts, told):
    make_client(region, case_code="AA-11")
    place = {"place": f"n:{region.neighbourhood.ref}"} if kind == "support" else {}
    page = do(NEW, deed="add", adding=kind, **place, **facts)
    assert told in text_of(page).replace("\xa0", " ")


def test_what_limits_can_be_chosen_as_the_matcher_counts_it(region, see, do):
    make_client(region)
    region.neighbourhood.max_placements = 2
    region.neighbourhood.save()
    home = make_dwelling(region)
    proposal = make_proposal(region)
    matched(region)
    for kind, choice, told in (
        ("neighbourhood", {"place": str(region.neighbourhood.ref)}, "Molenbuurt carries 1 person"),
        ("dwelling_less", {"dwelling": str(home.ref)}, "Without the dwelling"),
        ("let_go", {"promise": str(proposal.ref)}, "The promise to case"),
    ):
        more = {"how": "more", "number": "1"} if kind == "neighbourhood" else {}
        page = do(NEW, deed="add", adding=kind, **choice, **more)
        assert told in text_of(page), kind


def test_a_case_code_that_is_not_in_the_region_is_refused_in_a_sentence(region, do):
    make_client(
        region,
        region=region.other_region,
        provider=region.foreign_provider,
        case_code="ZZ-99",
        assigned_to=None,
        wishes=(),
    )
    for code in ("ZZ-99", "YY-98"):
        page = do(NEW, deed="add", adding="rent_limit", case_code=code, max_rent="700")
        assert page.status_code == 422
        assert "No client in this region has this case code." in text_of(page)


# One answer --------------------------------------------------------------------------------------


def test_the_answer_says_who_gains_and_why_and_holds_no_name(region, see, do):
    first = make_client(region, family_name=NAME, case_code="AA-11", days=200)
    second = make_client(region, family_name=NAME, case_code="BB-22", days=100)
    make_dwelling(region)
    do(NEW, deed="try", **a_home(region))
    run = only_try_out()
    assert "The try-out waits for its turn." in text_of(see(run.get_absolute_url()))
    carried_out(run)
    response = see(run.get_absolute_url())
    page = text_of(response)
    assert "1 person more gets a home: 1 gets one" in page
    assert "nobody loses one." in page
    assert "BB-22" in page or "AA-11" in page
    assert "Gets the dwelling that was added." in page
    assert NAME not in response.content.decode()
    with acting_as(region.care_worker):
        seen = ReadEntry.objects.filter(client_ref__in=(first.ref, second.ref))
        assert seen.filter(role=Role.COORDINATOR, purpose="matching").exists()
    assert "1 person more gets a home" in text_of(see(LIST))
    # The control: there is a name to be found.
    own = see(reverse("steering:client", args=[first.ref]), viewer=region.care_worker)
    assert NAME in own.content.decode()


def test_who_would_lose_a_home_stands_first_with_the_reason(region, see, do):
    make_client(region, case_code="AA-11", days=200)
    make_client(region, case_code="BB-22", days=100)
    home = make_dwelling(region)
    page = do(NEW, deed="add", adding="rent_limit", case_code="AA-11", max_rent="100")
    do(NEW, changes=signed_in_page(page), deed="try")
    run = carried_out(only_try_out())
    page = text_of(see(run.get_absolute_url()))
    assert page.index("AA-11 gets none any more") < page.index("BB-22 gets a home")
    assert "The home of before goes to case BB-22." in page
    assert "the rent is too high" in page
    assert f"{home.street} {home.house_number}" in page
    assert "As many people get a home as before" in page


def test_where_somebody_cannot_live_is_told_by_no_try_out(region, see, do):
    hidden = Neighbourhood.objects.create(municipality=region.municipality, name="Verborgenhoek")
    client = make_client(region, case_code="EX-11")
    with keeping_context(), acting_as(region.care_worker):
        ExcludedNeighbourhood.objects.create(client=client, neighbourhood=hidden)
    make_dwelling(region)
    do(NEW, deed="try", **a_home(region, place=f"n:{hidden.ref}"))
    page = do(NEW, deed="add", adding="rent_limit", case_code="EX-11", max_rent="100")
    page = do(
        NEW, changes=signed_in_page(page), deed="try", **a_home(region, place=f"n:{hidden.ref}")
    )
    run = carried_out(TryOut.objects.order_by("-pk")[0])
    page = text_of(see(run.get_absolute_url()))
    assert "EX-11 gets none any more" in page
    assert "exclu" not in page


def test_what_cannot_be_is_said_with_the_number_of_the_change(region, see, do):
    make_client(region)
    gone = sign(region.coordinator, [{"kind": "dwelling_less", "dwelling": str(region.office.ref)}])
    do(NEW, changes=gone, deed="try")
    run = carried_out(only_try_out())
    page = text_of(see(run.get_absolute_url()))
    assert "Change 1 cannot be tried: this dwelling is not in the matching any more." in page
    assert "Nothing in the lists or agreements was changed." in page


def test_a_try_out_is_stopped_put_away_and_tried_again(region, see, do):
    make_client(region)
    do(NEW, deed="try", **a_home(region))
    run = only_try_out()
    drop = reverse("housing:try_out_drop", args=[run.ref])
    stopped = do(drop)
    assert stopped.url == LIST
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert "This try-out was stopped" in text_of(see(run.get_absolute_url()))
    again = see(f"{NEW}?like={run.ref}")
    assert "A dwelling more in Molenbuurt" in text_of(again)
    assert "Put this try-out away?" in text_of(see(drop))
    assert do(drop).status_code == 302
    assert not TryOut.objects.exists()


@pytest.mark.parametrize("format", ["xlsx", "ods", "csv"])
def test_the_differences_can_be_taken_along(region, see, do, format):
    make_client(region, case_code="AA-11")
    do(NEW, deed="try", **a_home(region))
    run = carried_out(only_try_out())
    answer = see(run.get_absolute_url(), format=format)
    assert answer.status_code == 200
    if format == "csv":
        assert "AA-11" in answer.content.decode("utf-8-sig")


@pytest.mark.parametrize("role", [role for role in Role if role not in MAY])
def test_whoever_does_not_match_finds_no_try_out(region, see, do, role):
    do(NEW, deed="try", **a_home(region))
    run = only_try_out()
    viewer = region.viewers[str(role)]
    for address in (LIST, NEW, run.get_absolute_url()):
        assert see(address, viewer=viewer).status_code == 404, address
    assert do(NEW, viewer=viewer, deed="try", **a_home(region)).status_code == 404
    assert TryOut.objects.count() == 1


def test_another_region_sees_none_of_it(region, see, do):
    do(NEW, deed="try", **a_home(region))
    run = only_try_out()
    assert see(run.get_absolute_url(), viewer=region.foreign_coordinator).status_code == 404
    assert see(f"{NEW}?like={run.ref}", viewer=region.foreign_coordinator).status_code == 404
    assert "Nothing was tried yet" in text_of(see(LIST, viewer=region.foreign_coordinator))


# From a matching ---------------------------------------------------------------------------------


def test_a_bottleneck_is_tried_with_one_click(region, see, do):
    for _ in range(2):
        make_client(region, need={"support": [SupportKind.BUDDY]})
        make_dwelling(region)
    make_support(region, places=1, in_use=0)
    run = matched(region)
    page = see(reverse("housing:match_run", args=[run.ref]))
    assert "Try with one more" in text_of(page)
    assert do(NEW, changes=signed_in_page(page), deed="try").status_code == 302
    tried = carried_out(only_try_out())
    assert tried.changes[0]["support_kind"] == "buddy"
    assert tried.summary["gained"] == 1


def test_what_would_help_somebody_is_tried_with_one_click(region, see, do):
    make_dwelling(region, basic_rent=Decimal("718.02"))
    make_client(region, need={"max_rent": Decimal("700.00")}, case_code="AA-11")
    run = matched(region)
    with keeping_context():
        assert runs.carry_out(run)
    page = see(reverse("housing:match_unmatched", args=[run.ref]))
    assert "A rent limit EUR 18.02 higher" in text_of(page).replace("\xa0", " ")
    assert do(NEW, changes=signed_in_page(page), deed="try").status_code == 302
    assert carried_out(only_try_out()).summary["gained"] == 1


def test_another_home_for_a_pair_is_tried_with_one_click(region, see, do):
    make_client(region, case_code="AA-11", days=200)
    make_client(region, case_code="BB-22", days=100)
    make_dwelling(region)
    make_dwelling(region, street="Tweedelaan")
    run = matched(region)
    with acting_as(region.coordinator):
        pair = MatchPair.objects.filter(run=run).first()
    page = see(reverse("housing:match_pair", args=[pair.ref]))
    assert "What would follow?" in text_of(page)
    assert do(NEW, changes=signed_in_page(page), deed="try").status_code == 302
    tried = carried_out(only_try_out())
    assert tried.changes[0]["kind"] == "choose"
    assert tried.summary["moved"] == 2
    assert Proposal.objects.count() == 0


def test_an_earlier_matching_offers_nothing_to_try(region, see):
    for _ in range(2):
        make_client(region, need={"support": [SupportKind.BUDDY]})
        make_dwelling(region)
    make_support(region, places=1, in_use=0)
    run = matched(region)
    matched(region)
    page = text_of(see(reverse("housing:match_run", args=[run.ref])))
    assert "One more housing buddy place" in page
    assert "Try with one more" not in page


# Nothing forgotten -------------------------------------------------------------------------------


def test_every_kind_has_its_words_and_its_form():
    assert set(SENTENCES) == set(KINDS)
    # A pair chooses for somebody: that has its own button, and no form.
    assert set(FORMS) == set(LABELS) == set(KINDS) - {"choose"}
    source = Path(trying.__file__).read_text(encoding="utf-8")
    codes = set(re.findall(r'CannotBe\("(\w+)"', source))
    codes |= set(re.findall(r'_found\([^,]+, "(\w+)"', source))
    assert set(CANNOT_BE) == codes
