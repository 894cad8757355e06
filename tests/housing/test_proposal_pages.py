"""What each party sees of a proposal and can do with it, on the pages themselves."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.context import acting_as
from accounts.models import ReadEntry
from housing.lifecycle import ProposalState, RefusalByClient, RefusalByCorporation, WithdrawalReason
from housing.models import Proposal
from outflow.models import Identity, SharingGround
from regions import formats
from regions.clock import on_day, today
from tests.factories import make_client, make_dwelling, sign_in, world
from tests.housing.factories import make_proposal

pytestmark = pytest.mark.django_db

NAME = "Zonneveld"
DRAWN_IN = re.compile(r'name="seen" value="([^"]*)"')
ON_THE_WAY = ["proposed", "corporation_yes", "client_yes", "viewing", "contract", "key"]


@pytest.fixture
def region():
    return world()


@pytest.fixture
def see(client, region):
    """The page of an address as a viewer sees it."""

    def look(viewer, address, **data):
        return sign_in(client, viewer).get(address, data)

    return look


@pytest.fixture
def do(client, region):
    """What a viewer posts to an address, with the state that the page there was drawn in."""

    def post(viewer, address, **data):
        browser = sign_in(client, viewer)
        if "seen" not in data and (drawn := DRAWN_IN.search(text_of(browser.get(address)))):
            data["seen"] = drawn.group(1)
        return browser.post(address, data)

    return post


def url(proposal, step=""):
    name = f"housing:proposal_{step}" if step else "housing:proposal"
    return reverse(name, args=[proposal.ref])


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.mark.parametrize("state", ON_THE_WAY)
def test_the_name_appears_to_the_allocator_only_after_the_release(region, see, state):
    proposal = make_proposal(region, state, family_name=NAME, given_name="Anouk")
    with acting_as(region.care_worker):
        identity = Identity.objects.get(client=proposal.client)
        identity.phone = "0612345678"
        identity.save()
    page = text_of(see(region.allocator, url(proposal)))
    released = ON_THE_WAY.index(state) >= ON_THE_WAY.index("client_yes")
    assert (NAME in page) == released
    assert ("17 mei 1990" in page) == released
    assert ("0612345678" in page) == (ON_THE_WAY.index(state) >= ON_THE_WAY.index("viewing"))
    assert proposal.client.case_code not in page


@pytest.mark.parametrize("state", ON_THE_WAY)
def test_the_coordinator_sees_a_code_and_never_a_name(region, see, state):
    proposal = make_proposal(region, state, family_name=NAME)
    page = text_of(see(region.coordinator, url(proposal)))
    assert proposal.client.case_code in page
    assert NAME not in page


@pytest.mark.parametrize("state", ON_THE_WAY)
def test_the_care_worker_sees_the_neighbourhood_first_and_the_address_from_the_viewing(
    region, see, state
):
    dwelling = make_dwelling(region, street="Lisdoddepad", house_number="7")
    proposal = make_proposal(region, state, dwelling=dwelling, family_name=NAME)
    page = text_of(see(region.care_worker, url(proposal)))
    assert NAME in page
    assert region.neighbourhood.name in page
    shows = ON_THE_WAY.index(state) >= ON_THE_WAY.index("viewing")
    assert ("Lisdoddepad" in page) == shows


def test_nothing_of_care_reaches_the_corporation(region, see):
    proposal = make_proposal(
        region,
        ProposalState.KEY,
        care={"remarks": "Kwetsbaar geheim", "income_source": "Wajong", "has_debts": True},
    )
    page = text_of(see(region.allocator, url(proposal)))
    for secret in ("Kwetsbaar geheim", "Wajong", proposal.client.location):
        assert secret not in page


def test_a_shielded_client_has_no_household_on_the_corporations_page(region, see):
    need = {"persons": 4, "children": 3}
    open_page = text_of(see(region.allocator, url(make_proposal(region, need=need))))
    shielded = make_proposal(region, need=need, is_shielded=True)
    shielded_page = text_of(see(region.allocator, url(shielded)))
    assert "4 personen" in open_page or "4 people" in open_page
    assert "4 personen" not in shielded_page
    assert "4 people" not in shielded_page


WHO_OPENS = [
    ("care_worker", 200),
    ("team_leader", 200),
    ("colleague", 404),
    ("other_care_worker", 404),
    ("other_team_leader", 404),
    ("access_officer", 200),
    ("other_access_officer", 404),
    ("allocator", 200),
    ("other_allocator", 404),
    ("coordinator", 200),
    ("steering_member", 404),
    ("client_representative", 404),
    ("neighbourhood_worker", 404),
    ("privacy_officer", 404),
    ("administrator", 404),
    ("foreign_coordinator", 404),
    ("foreign_allocator", 404),
    ("foreign_care_worker", 404),
]


@pytest.mark.parametrize(("who", "status"), WHO_OPENS)
def test_who_opens_a_proposal(region, see, who, status):
    assert see(region.viewers[who], url(make_proposal(region))).status_code == status


STEPS = {
    "answer": {"allocator"},
    "client_answer": {"care_worker", "team_leader"},
    "viewing": {"allocator"},
    "contract": {"allocator"},
    "key": {"allocator"},
    "withdraw": {"coordinator", "second_coordinator"},
    "expire": {"coordinator", "second_coordinator"},
}


@pytest.mark.parametrize("step", STEPS)
def test_each_step_has_a_page_for_its_own_party_alone(region, see, do, step):
    proposal = make_proposal(region)
    for who, viewer in region.viewers.items():
        opened = 200 if step in {"answer", "withdraw"} else 302  # the others are for later
        expected = opened if who in STEPS[step] else 404
        assert see(viewer, url(proposal, step)).status_code == expected, who
        if expected == 404:
            assert do(viewer, url(proposal, step)).status_code == 404, who


def test_thirty_days_after_the_end_the_proposal_is_gone_for_the_corporation(region, see, do):
    proposal = make_proposal(region)
    do(
        region.allocator,
        url(proposal, "answer"),
        answer="no",
        reason=RefusalByCorporation.LIVEABILITY,
    )
    assert see(region.allocator, url(proposal)).status_code == 200
    with on_day(today().replace(year=today().year + 1)):
        assert see(region.allocator, url(proposal)).status_code == 404
        assert see(region.coordinator, url(proposal)).status_code == 200


def test_each_side_sees_of_a_no_what_is_meant_for_it(region, see, do):
    proposal = make_proposal(region, ProposalState.CORPORATION_YES)
    do(
        region.care_worker,
        url(proposal, "client_answer"),
        answer="no",
        reason=RefusalByClient.SAFETY,
        own_words="Woont een bekende.",
    )
    safety = ("voelt zich", "does not feel safe")
    seen = {
        who: text_of(see(region.viewers[who], url(proposal)))
        for who in ("care_worker", "coordinator", "access_officer", "allocator", "team_leader")
    }
    for who in ("care_worker", "coordinator", "access_officer", "team_leader"):
        assert any(words in seen[who] for words in safety), who
    assert not any(words in seen["allocator"] for words in safety)
    assert "Woont een bekende." in seen["care_worker"]
    assert "Woont een bekende." in seen["team_leader"]
    for who in ("coordinator", "access_officer", "allocator"):
        assert "Woont een bekende." not in seen[who], who


def test_why_a_proposal_was_withdrawn_is_not_told_to_the_corporation(region, see, do):
    proposal = make_proposal(region)
    do(region.coordinator, url(proposal, "withdraw"), reason=WithdrawalReason.DECEASED)
    words = ("overleden", "died")
    assert not any(word in text_of(see(region.allocator, url(proposal))) for word in words)
    assert any(word in text_of(see(region.care_worker, url(proposal))) for word in words)


def test_the_whole_line_by_its_forms(region, see, do):
    proposal = make_proposal(region)
    steps = [
        (region.allocator, "answer", {"answer": "yes"}),
        (
            region.care_worker,
            "client_answer",
            {
                "answer": "yes",
                "release_ground": SharingGround.Ground.CONSENT,
                "release_text_version": "2026-1",
            },
        ),
        (
            region.allocator,
            "viewing",
            {"day": today().isoformat(), "at": "10:30", "meeting_point": "Bij de brievenbussen"},
        ),
        (
            region.allocator,
            "contract",
            {"contract_form": "three_party", "on": today().isoformat()},
        ),
        (region.allocator, "key", {"on": today().isoformat()}),
    ]
    for viewer, step, data in steps:
        answered = do(viewer, url(proposal, step), **data)
        assert answered.status_code == 302, (step, text_of(answered)[:2000])
    after = reverse("housing:proposal_follow_up", args=[proposal.ref, "guided"])
    assert do(region.care_worker, after, on=today().isoformat()).status_code == 302
    with acting_as(region.coordinator):
        assert Proposal.objects.get(pk=proposal.pk).state == ProposalState.GUIDED


@pytest.mark.parametrize(
    ("who", "step", "data"),
    [
        ("allocator", "answer", {"answer": ""}),
        ("allocator", "answer", {"answer": "no"}),
        ("care_worker", "client_answer", {"answer": "yes", "release_ground": "consent"}),
        ("care_worker", "client_answer", {"answer": "no", "reason": ""}),
        ("allocator", "viewing", {"day": "2020-01-01", "at": "10:00", "meeting_point": "x"}),
        ("allocator", "contract", {"contract_form": "regular"}),
        ("coordinator", "withdraw", {"reason": ""}),
    ],
)
def test_a_form_that_is_not_complete_comes_back_with_what_was_filled_in(
    region, do, who, step, data
):
    states = {"answer": "proposed", "client_answer": "corporation_yes", "contract": "viewing"}
    state = states.get(step, "client_yes")
    proposal = make_proposal(region, state)
    answered = do(region.viewers[who], url(proposal, step), **data)
    assert answered.status_code == 422
    with acting_as(region.coordinator):
        assert Proposal.objects.get(pk=proposal.pk).state == state


YES_OF_THE_CLIENT = {
    "answer": "yes",
    "release_ground": "consent",
    "release_text_version": "2026-1",
}
# Who answers, in which state, and what that party may say.
ANSWERS = [
    (
        "allocator",
        "answer",
        ProposalState.PROPOSED,
        {"answer": "yes"},
        {"answer": "no", "reason": RefusalByCorporation.LIVEABILITY},
    ),
    (
        "care_worker",
        "client_answer",
        ProposalState.CORPORATION_YES,
        YES_OF_THE_CLIENT,
        {"answer": "no", "reason": RefusalByClient.RENT},
    ),
]


def state_of(region, proposal):
    with acting_as(region.coordinator):
        return Proposal.objects.get(pk=proposal.pk).state


def says_somebody_was_earlier(page):
    return "in the meantime" in page or "intussen al vastgelegd" in page


@pytest.mark.parametrize(("who", "step", "state", "yes", "no"), ANSWERS)
@pytest.mark.parametrize("second", ["yes", "no"])
def test_a_second_tab_changes_nothing_and_lands_on_the_proposal_with_who_was_earlier(
    region, see, do, who, step, state, yes, no, second
):
    viewer, proposal = region.viewers[who], make_proposal(region, state)
    assert do(viewer, url(proposal, step), **yes).status_code == 302
    after = state_of(region, proposal)
    see(viewer, url(proposal))  # what the first tab was told
    stale = do(viewer, url(proposal, step), seen=state, **(yes if second == "yes" else no))
    assert (stale.status_code, stale.url) == (302, url(proposal))
    assert state_of(region, proposal) == after
    page = text_of(see(viewer, stale.url))
    assert says_somebody_was_earlier(page)
    assert formats.day(today()) in page


@pytest.mark.parametrize(("who", "step", "state", "yes", "no"), ANSWERS)
def test_a_no_after_a_yes_is_said_on_its_own_page(region, do, who, step, state, yes, no):
    """The negative control: the same no, from a page that shows the yes, ends the proposal."""
    viewer, proposal = region.viewers[who], make_proposal(region, state)
    do(viewer, url(proposal, step), **yes)
    do(viewer, url(proposal, step), **no)
    assert state_of(region, proposal) == ProposalState.DECLINED


@pytest.mark.parametrize(("who", "step", "state", "yes", "no"), ANSWERS)
def test_a_form_that_does_not_say_what_it_showed_changes_nothing(
    region, do, who, step, state, yes, no
):
    proposal = make_proposal(region, state)
    assert do(region.viewers[who], url(proposal, step), seen="", **yes).status_code == 302
    assert state_of(region, proposal) == state


@pytest.mark.parametrize(("who", "step", "state", "yes", "no"), ANSWERS)
def test_a_yes_after_a_withdrawal_lands_on_the_proposal_as_it_stands(
    region, see, do, who, step, state, yes, no
):
    viewer, proposal = region.viewers[who], make_proposal(region, state)
    do(region.coordinator, url(proposal, "withdraw"), reason=WithdrawalReason.MISTAKE)
    late = do(viewer, url(proposal, step), seen=state, **yes)
    assert (late.status_code, late.url) == (302, url(proposal))
    assert says_somebody_was_earlier(text_of(see(viewer, late.url)))
    assert state_of(region, proposal) == ProposalState.WITHDRAWN


POSSIBLE = {
    "answer": {"proposed", "corporation_yes", "client_yes", "viewing"},
    "client_answer": {"corporation_yes", "client_yes", "viewing"},
    "viewing": {"client_yes", "viewing"},
    "contract": {"viewing"},
    "key": {"contract"},
    "withdraw": {"proposed", "corporation_yes", "client_yes", "viewing", "contract"},
    "expire": set(),
}


@pytest.mark.parametrize("state", ON_THE_WAY)
def test_a_step_that_is_not_possible_now_leads_to_the_proposal(region, see, state):
    proposal = make_proposal(region, state)
    for step, states in POSSIBLE.items():
        viewer = region.viewers[min(STEPS[step])]
        opened = see(viewer, url(proposal, step))
        if state in states:
            assert opened.status_code == 200, step
        else:
            assert (opened.status_code, opened.url) == (302, url(proposal)), step


@pytest.mark.parametrize("state", ["proposed", "corporation_yes", "client_yes", "viewing"])
def test_the_end_of_a_proposal_shows_care_no_address_unless_a_viewing_was_planned(
    region, see, do, state
):
    ends = (
        (
            "allocator",
            "answer",
            {"answer": "no", "reason": RefusalByCorporation.LIVEABILITY},
        ),
        ("coordinator", "withdraw", {"reason": WithdrawalReason.MISTAKE}),
    )
    for number, (who, step, data) in enumerate(ends, start=7):
        dwelling = make_dwelling(region, street="Lisdoddepad", house_number=str(number))
        proposal = make_proposal(region, state, dwelling=dwelling)
        do(region.viewers[who], url(proposal, step), **data)
        assert state_of(region, proposal) in {ProposalState.DECLINED, ProposalState.WITHDRAWN}
        for care in ("care_worker", "team_leader"):
            page = text_of(see(region.viewers[care], url(proposal)))
            assert ("Lisdoddepad" in page) == (state == "viewing"), (care, step)
        assert "Lisdoddepad" in text_of(see(region.coordinator, url(proposal)))


def test_the_calendar_file_names_nobody(region, see):
    proposal = make_proposal(region, ProposalState.VIEWING, family_name=NAME)
    address = url(proposal, "calendar")
    for who in ("allocator", "care_worker"):
        answered = see(region.viewers[who], address)
        words = answered.content.decode()
        assert answered["Content-Type"].startswith("text/calendar")
        assert proposal.code in words
        assert NAME not in words
        assert proposal.client.case_code not in words
        assert "Rietlaan" in words
        assert all(len(line.encode()) <= 75 for line in words.split("\r\n"))
    assert see(region.other_allocator, address).status_code == 404
    assert see(region.allocator, url(make_proposal(region), "calendar")).status_code == 404


def test_every_look_at_a_proposal_is_in_the_log_of_the_client(region, see):
    proposal = make_proposal(region, ProposalState.CLIENT_YES)
    see(region.allocator, url(proposal))
    see(region.allocator, reverse("housing:proposals"))
    with acting_as(region.allocator):
        looks = list(ReadEntry.objects.filter(client_ref=proposal.client.ref).order_by("pk"))
    assert len(looks) == 2
    assert all("identity" in look.fields for look in looks)
    assert looks[0].occasion == proposal.code


LISTS = {
    "allocator": 1,
    "other_allocator": 0,
    "care_worker": 1,
    "colleague": 0,
    "coordinator": 1,
    "foreign_coordinator": 0,
}


def test_a_list_holds_only_the_viewers_own_proposals(region, see):
    proposal = make_proposal(region)
    for who, count in LISTS.items():
        page = text_of(see(region.viewers[who], reverse("housing:proposals")))
        assert (proposal.code in page) == bool(count), who


@pytest.mark.parametrize("who", ["allocator", "care_worker", "coordinator", "access_officer"])
def test_a_list_of_thirty_costs_the_queries_of_a_list_of_three(region, see, who):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert see(region.viewers[who], reverse("housing:proposals")).status_code == 200
        return len(seen)

    for state in ("proposed", "client_yes", "viewing"):
        make_proposal(region, state)
    see(region.viewers[who], reverse("housing:proposals"))
    few = queries()
    for state in ("proposed", "client_yes", "viewing") * 3:
        make_proposal(region, state)
    assert queries() == few


def test_a_coordinator_proposes_by_hand_with_a_reason_and_the_ground(region, see, do):
    waiting = make_client(region)
    home = make_dwelling(region)
    address = reverse("housing:proposal_new", args=[waiting.ref])
    assert see(region.care_worker, address).status_code == 404
    assert see(region.coordinator, address).status_code == 200
    missing = do(region.coordinator, address, dwelling=home.ref, departure_reason="client_wish")
    assert missing.status_code == 422
    made = do(
        region.coordinator,
        address,
        dwelling=home.ref,
        departure_reason="client_wish",
        ground="consent",
        text_version="2026-1",
    )
    assert made.status_code == 302
    with acting_as(region.coordinator):
        proposal = Proposal.objects.get(client=waiting)
    for second in (
        see(region.coordinator, address),
        do(region.coordinator, address, dwelling=home.ref, departure_reason="client_wish"),
    ):
        assert second.status_code == 302
        assert second.url == url(proposal)
    page = text_of(see(region.coordinator, url(proposal)))
    assert "heeft al een voorstel" in page or "already has a proposal" in page
    with acting_as(region.coordinator):
        assert Proposal.objects.filter(client=waiting).count() == 1


def test_the_dwellings_to_propose_say_whose_they_are_what_they_cost_and_whether_they_fit(
    region, see
):
    waiting = make_client(region, need={"max_rent": 650, "bedrooms": 2})
    make_dwelling(region, street="Pastpad", basic_rent=600, bedrooms=2)
    make_dwelling(region, street="Duurpad", basic_rent=900, bedrooms=1)
    page = see(region.coordinator, reverse("housing:proposal_new", args=[waiting.ref]))
    lines = {
        street: line
        for line in re.findall(r"<option[^>]*>([^<]*)</option>", text_of(page))
        for street in ("Pastpad", "Duurpad")
        if street in line
    }
    for line in lines.values():
        assert region.organisations["corporation"].name in line
    assert "600" in lines["Pastpad"]
    assert lines["Pastpad"].endswith((": past", ": fits"))
    assert any(words in lines["Duurpad"] for words in ("huur is te hoog", "rent is too high"))
    assert any(words in lines["Duurpad"] for words in ("slaapkamers", "bedrooms"))
    assert list(lines) == ["Pastpad", "Duurpad"]


def test_what_is_needed_with_one_answer_is_not_called_not_required(region, see):
    page = text_of(see(region.care_worker, url(make_proposal(region, "corporation_yes"))))
    for name in ("release_ground", "release_text_version", "reason"):
        label = re.search(rf'<label[^>]*for="id_{name}">(.*?)</label>', page).group(1)
        assert "wt-optional" not in label, name
    assert "wt-optional" in re.search(r'for="id_own_words">(.*?)</label>', page).group(1)


def test_a_day_before_the_step_before_it_is_answered_with_the_first_day_that_can_be(region, do):
    proposal = make_proposal(region, ProposalState.CONTRACT)
    wrong = do(region.allocator, url(proposal, "key"), on="2020-01-01")
    assert wrong.status_code == 422
    assert formats.day(today()) in text_of(wrong)
    later = do(region.allocator, url(proposal, "key"), on="2090-01-01")
    assert later.status_code == 422
    assert any(words in text_of(later) for words in ("vandaag of eerder", "today or earlier"))
    assert state_of(region, proposal) == ProposalState.CONTRACT
