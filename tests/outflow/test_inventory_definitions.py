"""What the inventory counts is decided, looked at first, dated and kept; the step plan follows."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.context import acting_as
from accounts.models import AuditEntry
from outflow.errors import ChangedMeanwhile, NotAllowed, Refused
from outflow.inventories.definitions import Assumed
from outflow.inventories.stepplans import plan_of, told
from outflow.lifecycle import Phase
from outflow.models import PlannedSupply
from regions.clock import today
from regions.models import RegionRule
from regions.rules import rule
from tests.factories import make_client, sign_in, world
from tests.outflow.inventories import define, expecting, in_months, page, rows_of, take, usual

pytestmark = pytest.mark.django_db

PHASES_IN_CARE = ("intake", "stabilising", "preparing", "ready", "offered", "relapse")


@pytest.fixture
def w():
    return world()


# Definitions -------------------------------------------------------------------------------------


def test_other_definitions_count_other_people_from_today_on(w):
    for phase in (Phase.INTAKE, Phase.OFFERED, Phase.READY, Phase.PREPARING):
        make_client(w, phase=phase)
    assert len(take(w).ready) == 2
    changed = define(
        w,
        bw_phases=usual(w).bw_phases - {Phase.INTAKE},
        offer_is_ready=False,
        ready_phases=frozenset({Phase.READY, Phase.PREPARING}),
    )
    assert set(changed) == {
        "inventory_bw_phases",
        "inventory_offer_is_ready",
        "inventory_ready_phases",
    }
    counted = take(w)
    assert (len(counted.people), len(counted.ready)) == (3, 2)


def test_definitions_are_dated_owned_and_audited_and_the_earlier_ones_stay(client, w):
    RegionRule.objects.create(
        region=w.region,
        key="inventory_term_months",
        value=[3, 9],
        valid_from=today() - timedelta(days=100),
        owner="Stuurgroep",
    )
    define(w, term_months=(6, 18), owner="Regietafel 4")
    define(w, term_months=(6, 12, 18), owner="Regietafel 4")
    kept = RegionRule.objects.filter(region=w.region, key="inventory_term_months")
    assert [(row.value, row.owner) for row in kept.order_by("valid_from")] == [
        ([3, 9], "Stuurgroep"),
        ([6, 12, 18], "Regietafel 4"),
    ]
    yesterday = today() - timedelta(days=1)
    assert rule(w.region, "inventory_term_months", on=yesterday) == [3, 9]
    define(w, agreed_shares={"GM9001": Decimal(60), "GM9002": Decimal(40)}, offer_is_ready=False)
    shown = sign_in(client, w.coordinator).get(reverse("outflow:inventory_definitions"))
    told_of = [(row[2].text, row[3].text) for row in shown.context["decided"].rows]
    assert ("3, 9", "Stuurgroep") in told_of
    assert ("6, 12, 18", "Regietafel 4") in told_of
    assert ("Rietdam 60 % en Waterveen 40 %".replace(" %", "\xa0%"), "Regietafel") in told_of
    entries = AuditEntry.objects.filter(operation="region.inventory_defined")
    with acting_as(w.coordinator):
        assert entries.order_by("pk")[0].facts["rules"] == ["inventory_term_months"]
        assert len(entries) == 3
        assert {entry.user_id for entry in entries} == {w.coordinator.user_id}


def test_definitions_that_count_already_change_nothing(w):
    assert define(w) == []
    assert not RegionRule.objects.filter(region=w.region).exists()
    assert not AuditEntry.objects.filter(operation="region.inventory_defined").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"bw_phases": frozenset()},
        {"ready_phases": frozenset()},
        {"mo_phases": frozenset({"intake"})},
        {"term_months": ()},
        {"term_months": (12, 6)},
        {"term_months": (6, 6)},
        {"term_months": (0, 6)},
        {"term_months": (6, 1200)},
        {"agreed_shares": {"GM9001": Decimal(60)}},
        {"agreed_shares": {"GM9001": Decimal(60), "GM9003": Decimal(40)}},
        {"agreed_shares": {"GM9001": Decimal(110), "GM9002": Decimal(-10)}},
        {"relapse": Assumed(Decimal(11), "  ")},
        {"relapse": Assumed(Decimal(101), "telling")},
        {"own_home": Assumed(Decimal(60), "a"), "other_care": Assumed(Decimal(50), "b")},
    ],
)
def test_definitions_that_contradict_themselves_are_refused(w, wrong):
    with pytest.raises(Refused):
        define(w, **wrong)
    assert not RegionRule.objects.filter(region=w.region).exists()


def test_only_the_coordinator_decides_for_the_own_region_and_says_who_decided(w):
    for viewer in (w.steering_member, w.team_leader, w.administrator):
        with pytest.raises(NotAllowed):
            define(w, by=viewer, term_months=(3,))
    with pytest.raises(Refused):
        define(w, owner=" ", term_months=(3,))
    define(w, by=w.foreign_coordinator, term_months=(3,))
    assert usual(w).term_months == (6, 12, 24)


def test_who_saves_over_somebody_elses_change_is_told(w):
    seen = usual(w).mark
    define(w, term_months=(3,), seen=seen)
    with pytest.raises(ChangedMeanwhile):
        define(w, term_months=(9,), seen=seen)
    assert usual(w).term_months == (3,)


def form_of(w, **changes):
    now = usual(w)
    return {
        "bw_phases": sorted(now.bw_phases),
        "mo_phases": sorted(now.mo_phases),
        "ready_phases": sorted(now.ready_phases),
        "offer_is_ready": "on",
        "terms": "6, 12, 24",
        "owner": "Regietafel",
        "seen": now.mark,
        **changes,
    }


def test_looking_what_would_change_changes_nothing(client, w):
    for _ in range(12):
        make_client(w, phase=Phase.PREPARING)
    address = reverse("outflow:inventory_definitions")
    sent = form_of(w, ready_phases=["preparing", "ready"], terms="3 9")
    entries = AuditEntry.objects.count()
    shown = sign_in(client, w.coordinator).get(address, sent)
    assert shown.status_code == 200
    changes = rows_of(shown.context["changes"])
    assert ["minder dan 10", "10"] in changes.values()
    assert not RegionRule.objects.filter(region=w.region).exists()
    assert AuditEntry.objects.count() == entries
    assert not take(w).ready


def test_what_was_looked_at_is_saved_as_it_was(client, w):
    address = reverse("outflow:inventory_definitions")
    sent = form_of(w, terms="3 9", share_GM9001="62,5", share_GM9002="37,5")
    browser = sign_in(client, w.coordinator)
    shown = browser.get(address, sent)
    assert shown.content.decode().count("btn-primary") == 1
    again = browser.get(address + shown.context["again_url"])
    assert again.context["form"]["terms"].value() == "3 9"
    assert "changes" not in again.context
    hidden = {}
    for name, value in shown.context["sent"]:
        hidden.setdefault(name, []).append(value)
    answer = browser.post(address, hidden)
    assert answer.status_code == 302
    now = usual(w)
    assert now.term_months == (3, 9)
    assert now.agreed_shares == {"GM9001": Decimal("62.5"), "GM9002": Decimal("37.5")}
    assert "Regietafel" in page(browser, w.coordinator).content.decode()


def test_a_form_that_somebody_overtook_says_so_once_and_can_be_sent_again(client, w):
    address = reverse("outflow:inventory_definitions")
    browser = sign_in(client, w.coordinator)
    sent = form_of(w, terms="9")
    define(w, term_months=(3,))
    answer = browser.post(address, sent)
    assert answer.status_code == 422
    assert usual(w).term_months == (3,)
    seen = answer.context["form"]["seen"].value()
    assert browser.post(address, {**sent, "seen": seen}).status_code == 302
    assert usual(w).term_months == (9,)


@pytest.mark.parametrize(
    "wrong",
    [
        {"terms": "zes"},
        {"terms": "12, 6"},
        {"ready_phases": []},
        {"share_GM9001": "60"},
        {"own_home": "9"},
        {"own_home": "101", "own_home_source": "telling"},
        {"owner": ""},
    ],
)
def test_what_the_operation_refuses_the_form_says_at_its_field(client, w, wrong):
    address = reverse("outflow:inventory_definitions")
    browser = sign_in(client, w.coordinator)
    for answer in (
        browser.get(address, form_of(w, **wrong)),
        browser.post(address, form_of(w, **wrong)),
    ):
        assert answer.status_code == 422
        assert answer.context["form"].errors
    assert not RegionRule.objects.filter(region=w.region).exists()


# The step plan -----------------------------------------------------------------------------------


def test_the_step_plan_follows_from_the_numbers_on_the_page(w):
    for _ in range(23):
        make_client(w)
    for _ in range(31):
        expecting(w, in_months(2))
    for _ in range(12):
        make_client(w, phase=Phase.HOUSED, days=30)
    first = date(today().year + 1, 1, 1)
    for place, number in ((w.municipality, 3), (w.other_municipality, 2)):
        for quarter in range(4):
            PlannedSupply.objects.create(
                region=w.region,
                municipality=place,
                quarter_from=date(first.year, 3 * quarter + 1, 1),
                dwellings=number,
            )
    define(
        w,
        own_home=Assumed(Decimal(10), "Telling"),
        relapse=Assumed(Decimal(20), "Stuurgroep"),
        agreed_shares={"GM9001": Decimal(60), "GM9002": Decimal(40)},
    )
    counted = take(w)
    with acting_as(w.coordinator):
        plan = plan_of(w.region.pk, counted)
    one, two = plan.years
    # 31 is told as 30, 23 as 25; of 10 who moved a year before and "fewer than 10" before that
    # (taken as 5) a tenth comes back each year.
    assert (one.becomes_ready, one.returns, one.demand) == (30, 2, 32)
    assert (one.dwellings, one.task) == (29, 54)
    assert (one.delivered, one.backlog) == (plan.maximum[0], 54 - plan.maximum[0])
    assert two.task == one.backlog + two.dwellings
    assert plan.parts[0] == {"GM9001": 32, "GM9002": 22}
    assert plan.one_third == 18  # of 55, half up


def test_without_planned_dwellings_nothing_is_delivered_and_the_page_says_so(client, w):
    make_client(w)
    shown = page(client, w.coordinator)
    assert not shown.context["step_plan"].is_promised
    assert {year.delivered for year in shown.context["step_plan"].years} == {0}
    assert shown.context["parts"] is None


def test_a_plan_that_began_later_says_nothing_about_the_years_before(w):
    PlannedSupply.objects.create(
        region=w.region, quarter_from=date(today().year + 2, 1, 1), dwellings=40
    )
    with acting_as(w.coordinator):
        assert not plan_of(w.region.pk, take(w)).is_promised


def test_a_plan_that_ends_goes_on_with_its_last_year(w):
    first = date(today().year + 1, 1, 1)
    for quarter, number in enumerate((5, 6, 7, 8)):
        PlannedSupply.objects.create(
            region=w.region,
            quarter_from=date(first.year, 3 * quarter + 1, 1),
            dwellings=number,
        )
    with acting_as(w.coordinator):
        plan = plan_of(w.region.pk, take(w, on=date(today().year, 12, 31)))
    assert plan.maximum == [26, 26]


@pytest.mark.parametrize(("count", "said"), [(0, 5), (9, 5), (10, 10), (12, 10), (13, 15)])
def test_the_sum_starts_from_numbers_in_which_nobody_can_be_recognised(count, said):
    assert told(count) == said
