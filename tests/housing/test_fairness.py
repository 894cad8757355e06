"""Equal chances: what a month counts, that it keeps counts alone, and what the page tells of it."""

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import InternalError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import Permission, Role, grants_for
from accounts.context import acting_as, working_for
from accounts.models import AuditEntry, User
from housing import fairness, runs
from housing.fairness_audit import COLUMNS
from housing.fairness_tables import tell
from housing.models import FairnessPicture, MatchPair
from housing.operations.matching import request_match
from housing.tasks import make_fairness
from outflow.lifecycle import FacilityType, Phase
from outflow.models import CareProfile, Client, Household, Identity, Spell, ZrmScore
from regions.clock import on_day
from regions.downloads import WRITERS
from tests.factories import keeping_context, make_client, make_dwelling, sign_in, world
from weerthuis.celery import app as celery_app

pytestmark = pytest.mark.django_db

NOW = date(2026, 11, 10)
MONTH = date(2026, 10, 1)
SECRETS = {
    "family_name": "Kanariesma",
    "given_name": "Kanarietje",
    "client_number": "KAN-4711",
    "case_code": "KANARI",
    "location": "Kanariehuis",
}


@pytest.fixture(autouse=True)
def _on_a_day():
    with on_day(NOW):
        yield


@pytest.fixture
def region():
    made = world()
    User.objects.update(language="en")
    return made


def someone(
    region,
    *,
    since: date = date(2026, 5, 1),
    housed: date | None = None,
    sex: str = "V",
    born: date = date(1990, 5, 17),
    **facts: Any,
) -> Client:
    """Somebody who became ready on a day and, if asked for, moved on another."""
    client = make_client(region, since=since, born_on=born, **facts)
    leads = region.team_leader
    if client.provider_id != region.provider.pk:
        leads = region.other_team_leader
    with keeping_context(), acting_as(leads):
        identity = Identity.objects.get(client=client)
        identity.sex = sex
        identity.save()
        if housed is not None:
            Spell.objects.filter(client=client).update(until_on=housed)
            Spell.objects.create(client=client, phase=Phase.HOUSED, from_on=housed)
    return client


def picture_of(region, month: date = MONTH) -> FairnessPicture:
    with keeping_context():
        made = fairness.make_picture(region.region, month)
    assert made is not None
    return made


def group(picture: FairnessPicture, by: str, of: str) -> dict[str, Any]:
    return next(row for row in picture.rows if (row["by"], row["group"]) == (by, of))


def counts(picture: FairnessPicture, by: str = "", of: str = "") -> tuple[int, int, int]:
    row = group(picture, by, of)
    return row["waited"], row["placed"], row["waiting"]


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.content.decode()))


# What is counted ---------------------------------------------------------------------------------


def test_people_who_waited_and_got_a_home_are_counted_by_group(region):
    someone(region, housed=date(2026, 9, 1))
    someone(region, sex="M", born=date(2004, 1, 1), facility_type=FacilityType.MO)
    someone(region, sex="", need={"persons": 3, "children": 1}, origin_municipality=None)
    picture = picture_of(region)
    assert counts(picture) == (3, 1, 2)
    assert counts(picture, "sex", "V") == (1, 1, 0)
    assert counts(picture, "sex", "M") == counts(picture, "sex", "") == (1, 0, 1)
    assert counts(picture, "sex", "X") == (0, 0, 0)
    assert counts(picture, "age", "0") == (1, 0, 1)
    assert counts(picture, "age", "27") == (2, 1, 1)
    assert counts(picture, "household", "children") == (1, 0, 1)
    assert counts(picture, "household", "alone") == (2, 1, 1)
    assert counts(picture, "care", FacilityType.MO) == (1, 0, 1)
    assert counts(picture, "origin", region.municipality.code) == (2, 1, 1)
    assert counts(picture, "origin", "") == (1, 0, 1)
    assert counts(picture, "provider", str(region.provider.ref)) == (3, 1, 2)
    assert counts(picture, "provider", str(region.other_provider.ref)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("since", "housed", "expected"),
    [
        (date(2025, 1, 1), date(2025, 10, 31), (0, 0, 0)),  # home before the twelve months
        (date(2025, 1, 1), date(2025, 11, 1), (0, 0, 0)),  # the wait ended on their first day
        (date(2025, 1, 1), date(2025, 11, 2), (1, 1, 0)),
        (date(2025, 1, 1), date(2026, 10, 31), (1, 1, 0)),
        (date(2025, 1, 1), date(2026, 11, 1), (1, 0, 1)),  # home after the month: still waited
        (date(2026, 10, 31), None, (1, 0, 1)),
        (date(2026, 11, 1), None, (0, 0, 0)),
    ],
)
def test_the_twelve_months_have_a_first_and_a_last_day(region, since, housed, expected):
    someone(region)  # somebody, so that there is a picture
    someone(region, since=since, housed=housed, sex="X")
    assert counts(picture_of(region), "sex", "X") == expected


def test_a_person_registered_twice_counts_once(region):
    first = someone(region, since=date(2026, 3, 1))
    someone(
        region,
        since=date(2026, 6, 1),
        provider=region.other_provider,
        person=first.person,
        housed=date(2026, 8, 1),
    )
    assert counts(picture_of(region))[:2] == (1, 1)


def test_people_of_one_household_are_counted_as_living_together(region):
    with keeping_context(), acting_as(region.team_leader):
        together = Household.objects.create(region=region.region)
    someone(region, household=together)
    someone(region, household=together)
    assert counts(picture_of(region), "household", "together")[0] == 2


def test_the_wait_runs_from_ready_until_the_home_through_proposals(region):
    for day in range(1, 11):
        client = make_client(region, since=date(2026, 3, day), phase=Phase.READY)
        with keeping_context(), acting_as(region.team_leader):
            Spell.objects.filter(client=client).update(until_on=date(2026, 6, 1))
            for phase, first, last in (
                (Phase.OFFERED, date(2026, 6, 1), date(2026, 7, 1)),
                (Phase.HOUSED, date(2026, 7, 1), None),
            ):
                Spell.objects.create(client=client, phase=phase, from_on=first, until_on=last)
    assert group(picture_of(region), "", "")["placed_months"] == 4


def test_the_middle_of_nine_people_is_kept_by_nobody(region):
    for day in range(1, 10):
        someone(region, since=date(2026, 3, day), housed=date(2026, 8, 1))
    row = group(picture_of(region), "", "")
    assert (row["placed"], row["placed_months"]) == (9, None)


def matched_region(region) -> tuple[Client, Client]:
    """One of two people has a home in a matching of October."""
    with on_day(date(2026, 10, 20)):
        lucky, other = someone(region, since=date(2026, 1, 1)), someone(region, sex="M")
        make_dwelling(region)
        with keeping_context():
            run = request_match(region=region.region, by=None)
            assert runs.carry_out(run)
        with acting_as(region.coordinator):
            assert MatchPair.objects.get(run=run).client == lucky
    return lucky, other


def test_whom_the_matching_had_a_home_for_is_counted_in_the_month_itself(region):
    matched_region(region)
    picture = picture_of(region)
    row = group(picture, "", "")
    assert (row["looked"], row["matched"]) == (2, 1)
    assert group(picture, "sex", "M")["matched"] == 0


def test_matchings_that_are_no_longer_kept_are_not_counted_as_none(region):
    matched_region(region)
    with on_day(date(2026, 12, 20)):
        row = group(picture_of(region), "", "")
    assert (row["looked"], row["matched"]) == (None, None)


def test_a_month_without_a_matching_says_so(region):
    someone(region)
    assert group(picture_of(region), "", "")["matched"] is None


# Once, and only counts ---------------------------------------------------------------------------


def test_a_month_is_counted_once_however_often_it_is_asked(region):
    someone(region)
    with keeping_context():
        make_fairness()
        make_fairness()
        assert fairness.make_pictures(MONTH) == []
    with acting_as(region.coordinator):
        assert [each.month for each in FairnessPicture.objects.all()] == [MONTH]


def test_a_closed_month_does_not_change_with_what_is_recorded_later(region):
    someone(region)
    before = picture_of(region).rows
    someone(region)
    with keeping_context():
        assert fairness.make_due() == []
    with acting_as(region.coordinator):
        assert FairnessPicture.objects.get().rows == before


@pytest.mark.parametrize("statement", ["UPDATE {} SET rows = '[]'", "DELETE FROM {}"])
def test_the_database_changes_no_month_that_was_counted(region, statement):
    someone(region)
    picture_of(region)
    with (
        working_for(region.region.pk, job="fairness"),
        pytest.raises((InternalError, ProgrammingError), match="Cannot update or delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format("housing_fairnesspicture"))


def test_months_that_were_missed_are_counted_later(region):
    someone(region, since=date(2026, 1, 1))
    with keeping_context():
        assert [each.month for each in fairness.make_due()] == [MONTH]
        with on_day(date(2027, 2, 3)):
            made = fairness.make_due()
    assert [each.month for each in made] == [
        date(2026, 11, 1),
        date(2026, 12, 1),
        date(2027, 1, 1),
    ]


def test_another_worker_that_counts_in_the_same_moment_does_no_harm(region, monkeypatch):
    someone(region)
    real = fairness._rows

    def meanwhile(*args: Any, **facts: Any) -> Any:
        rows = list(real(*args, **facts))
        with keeping_context(), working_for(region.region.pk, job="fairness"):
            FairnessPicture.objects.create(region=region.region, month=MONTH, rows=rows)
        return rows

    monkeypatch.setattr(fairness, "_rows", meanwhile)
    with keeping_context():
        assert fairness.make_picture(region.region, MONTH) is None


def test_a_month_that_is_not_over_is_not_counted(region):
    someone(region)
    with pytest.raises(ValueError, match="2026-11 is not over"):
        fairness.make_picture(region.region, date(2026, 11, 1))


def test_a_region_where_nobody_waited_has_no_picture(region):
    make_client(region, phase=Phase.PREPARING)
    with keeping_context():
        assert fairness.make_due() == []


def test_every_night_asks_for_it():
    tasks = {str(each["task"]) for each in settings.CELERY_BEAT_SCHEDULE.values()}
    assert "housing.tasks.make_fairness" in tasks
    assert "housing.tasks.make_fairness" in celery_app.tasks


def test_nothing_but_counts_and_codes_of_groups_is_kept(region):
    client = someone(region, **SECRETS, born=date(1987, 6, 5))
    kept = json.dumps(picture_of(region).rows)
    for secret in (*SECRETS.values(), "1987", "06-05", str(client.ref), str(client.person.ref)):
        assert secret not in kept
    for row in json.loads(kept):
        assert set(row.pop("hidden")) <= set(COLUMNS)
        numbers = {key: value for key, value in row.items() if key not in {"by", "group"}}
        assert set(map(type, numbers.values())) <= {int, type(None)}
    [entry] = AuditEntry.objects.filter(operation="fairness.counted")
    assert (entry.facts, entry.object_ref) == ({"month": "2026-10"}, None)


def test_of_an_identity_only_sex_and_birth_date_are_asked(region):
    someone(region, **SECRETS)
    with CaptureQueriesContext(connection) as queries:
        picture_of(region)
    asked = " ".join(query["sql"] for query in queries)
    assert '"outflow_identity"."sex"' in asked  # the control: it is asked here
    for column in ("family_name", "given_name", "prefix", "phone", "email", "_token"):
        assert column not in asked
    for table in ("outflow_careprofile", "outflow_zrmscore", "outflow_arrangementitem"):
        assert table not in asked


def test_the_job_reaches_no_care_profile_and_changes_no_person(region):
    client = someone(region)
    with keeping_context(), acting_as(region.team_leader):
        ZrmScore.objects.create(client=client, domain="finances", level=3, assessed_on=NOW)
        assert CareProfile.objects.count() == ZrmScore.objects.count() == 1  # the control
    with working_for(region.region.pk, job="fairness"):
        assert Identity.objects.count() == 1
        assert CareProfile.objects.count() == ZrmScore.objects.count() == 0
    with working_for(region.other_region.pk, job="fairness"):
        assert Identity.objects.count() == Client.objects.count() == 0
    for job in ("match", "figures", "estimate"):
        with working_for(region.region.pk, job=job):
            assert Identity.objects.count() == 0


@pytest.mark.parametrize("role", list(Role))
def test_who_has_no_grant_reads_no_counts_in_the_database_either(region, role):
    someone(region)
    picture_of(region)
    may = bool(grants_for(role, Permission.SEE_FAIRNESS))
    with acting_as(region.viewers[str(role)]):
        assert FairnessPicture.objects.count() == may
    foreign = region.viewers.get(f"foreign_{role}")
    if foreign is not None:
        with acting_as(foreign):
            assert FairnessPicture.objects.count() == 0


# What the page tells -----------------------------------------------------------------------------


def row(by: str, of: str, waited: int, placed: int, **facts: Any) -> dict[str, Any]:
    return {
        "by": by,
        "group": of,
        "waited": waited,
        "placed": placed,
        "placed_months": 5 if placed >= 10 else None,
        "waiting": 0,
        "waiting_months": None,
        "looked": None,
        "matched": None,
    } | facts


def kept(region, *rows: dict[str, Any], month: date = MONTH) -> FairnessPicture:
    fairness._note_hidden(list(rows))
    with keeping_context(), working_for(region.region.pk, job="fairness"):
        return FairnessPicture.objects.create(region=region.region, month=month, rows=list(rows))


def by_sex(region, women: tuple[int, int], men: tuple[int, int]) -> FairnessPicture:
    total = tuple(map(sum, zip(women, men, strict=True)))
    return kept(region, row("", "", *total), row("sex", "V", *women), row("sex", "M", *men))


def test_a_difference_larger_than_chance_is_said_with_its_numbers(region, client):
    by_sex(region, (80, 10), (160, 80))
    page = text_of(sign_in(client, region.client_representative).get(reverse("housing:fairness")))
    assert "Between some groups the difference is larger than chance explains." in page
    assert (
        "Woman: got a home less often than chance explains, 10 of 80 people."
        " Of all groups together it was 90 of 240."
    ) in page
    assert "There may be a good reason" in page
    assert "more often than chance" not in page


def test_a_difference_that_may_be_chance_is_said_to_be_so(region, client):
    by_sex(region, (80, 30), (160, 65))
    page = text_of(sign_in(client, region.steering_member).get(reverse("housing:fairness")))
    assert "Between no groups is the difference larger than chance explains." in page
    assert "No difference that is larger than chance explains." in page
    assert "What stands out" not in page


def test_those_of_whom_nothing_is_known_make_nobody_stand_out(region):
    """Of who left often only the home is known: they are no group to be held against."""
    rows = [row("", "", 380, 180), row("sex", "V", 120, 45), row("sex", "M", 120, 45)]
    with_unknown = kept(region, *rows, row("sex", "", 140, 90))
    assert [part.differences for part in tell(with_unknown).parts if part.differences] == []
    # The control: as a group with a name the same people do make others stand out.
    rows.append(row("sex", "X", 140, 90))
    fairness._note_hidden(rows)
    named = FairnessPicture(region=region.region, month=MONTH, rows=rows)
    assert [part.differences for part in tell(named).parts if part.differences] != []


def test_who_the_matching_passes_over_is_said_too(region):
    picture = kept(
        region,
        row("", "", 240, 90, looked=200, matched=92),
        row("sex", "V", 80, 30, looked=60, matched=12),
        row("sex", "M", 160, 60, looked=140, matched=80),
    )
    [sentence] = [each for part in tell(picture).parts for each in part.differences]
    assert "matching" in sentence


def test_few_people_are_divided_by_nothing(region, client):
    for _ in range(3):
        someone(region, housed=date(2026, 9, 1))
    picture_of(region)
    page = text_of(sign_in(client, region.privacy_officer).get(reverse("housing:fairness")))
    assert "fewer than 10 people were ready" in page
    assert "Too few people to divide them like this" in page
    assert "Larger than chance" in page
    assert "Between no groups" not in page


def test_numbers_are_rounded_and_shares_are_of_fifty_or_more(region, client):
    by_sex(region, (48, 21), (101, 47))
    page = text_of(sign_in(client, region.coordinator).get(reverse("housing:fairness")))
    assert "Woman 50 20" in page
    assert "Man 100 45" in page
    assert "45 %" in page.replace("\u00a0", " ")
    for exact in ("48", "101", "47", "149", "68"):
        assert not re.search(rf"\b{exact}\b", page.split("Care provider")[0])


@pytest.mark.parametrize("format", sorted(WRITERS))
def test_the_list_holds_what_the_page_tells(region, client, format):
    by_sex(region, (48, 21), (101, 4))
    browser = sign_in(client, region.client_representative)
    answer = browser.get(reverse("housing:fairness"), {"format": format, "month": "2026-10"})
    assert answer.status_code == 200
    assert "2026-10-31" in answer["Content-Disposition"]
    if format == "csv":
        listed = answer.content.decode("utf-8-sig")
        assert "fewer than 10" in listed
        for exact in ("48", "101", '"4"'):
            assert exact not in listed


def test_an_earlier_month_can_be_chosen_and_an_unknown_one_is_said(region, client):
    kept(region, row("", "", 100, 50), month=date(2026, 9, 1))
    kept(region, row("", "", 200, 90))
    browser = sign_in(client, region.coordinator)
    address = reverse("housing:fairness")
    assert "<b>200 people</b>" in browser.get(address).content.decode()
    assert "<b>100 people</b>" in browser.get(address, {"month": "2026-09"}).content.decode()
    unknown = browser.get(address, {"month": "onzin"}).content.decode()
    assert "There are no figures of that month." in unknown
    assert "<b>200 people</b>" in unknown


def test_before_the_first_month_the_page_says_when_it_comes(region, client):
    page = text_of(sign_in(client, region.steering_member).get(reverse("housing:fairness")))
    assert "No figures yet" in page
    assert "first night after it" in page


def test_groups_are_called_by_their_names(region, client):
    someone(region, origin_municipality=region.elsewhere)
    someone(region)
    picture = picture_of(region)
    for place in picture.rows:
        place.update(waited=place["waited"] * 40, placed=0)
        place["hidden"] = ["looked", "matched", "waiting"]
    with on_day(NOW + timedelta(days=31)):
        told = tell(FairnessPicture(region=region.region, month=MONTH, rows=picture.rows))
    named = {cells[0].text for table in told.tables for cells in table.rows}
    assert {"Provider", "Rietdam"} <= named
    assert not any(str(region.provider.ref) in name for name in named)
