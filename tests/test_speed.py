"""What keeps pages fast with 20,000 clients, and whether the bench can tell when they are not."""

import random

import pytest
from django.db import connection

from accounts.context import acting_as
from bench.browser import FormFields
from bench.load import ENOUGH, Measured, percentile, reached
from bench.people import Deck, kind_of, variant_of
from tests.factories import make_client, world
from tests.scale import n

REF = "0d9f6a52-8c1e-4f7b-9f43-1a2b3c4d5e6f"
FORM = f"""
<form id="search"><input name="q" value="not this"></form>
<form id="round" method="post">
  <input type="hidden" name="csrfmiddlewaretoken" value="token">
  <select name="{REF}-phase"><option value="intake">I</option>
    <option value="ready" selected>R</option></select>
  <input name="{REF}-day" value="1-10-2026"><input name="{REF}-fixed" value="x" disabled>
  <input type="checkbox" name="{REF}-blockers" value="debts" checked>
  <input type="checkbox" name="{REF}-blockers" value="id">
  <button name="save" value="{REF}">Still right</button>
</form>
<form><input name="after" value="nor this"></form>
"""


@pytest.mark.django_db
@pytest.mark.parametrize(
    "key", ["care_worker", "team_leader", "access_officer", "coordinator", "allocator"]
)
def test_no_row_policy_makes_a_query_read_the_clients_of_all_regions(key):
    """The planner may use an index wherever there is one: then a whole table means none fits."""
    w = world()
    make_client(w)
    with acting_as(w.viewers[key]), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT * FROM outflow_spell WHERE client_id = 1")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "on outflow_client" in plan
    assert "Seq Scan on outflow_client" not in plan


@pytest.mark.django_db
def test_reading_the_log_of_one_client_goes_by_its_index():
    w = world()
    with acting_as(w.care_worker), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT * FROM accounts_readentry WHERE client_ref = %s", [REF])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "read_client_at" in plan
    assert "Seq Scan on accounts_readentry" not in plan


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99, 1.0])
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(share):
    chance = random.Random(7)
    for _try in range(n(50, 5000)):
        values = [chance.choice((0.1, 0.2, chance.random())) for _ in range(chance.randint(1, 60))]
        enough = [v for v in values if sum(w <= v for w in values) >= share * len(values)]
        assert percentile(values, share) == min(enough)


def quick() -> Measured:
    measured = Measured()
    for number in range(ENOUGH * 5):
        measured.read("care_worker", f"/clients/?page={number}", 0.05)
    measured.writes.extend([0.1] * ENOUGH)
    return measured


def test_quick_answers_without_errors_reach_the_goals():
    assert reached(quick())


def test_one_error_one_slow_page_or_slow_writes_miss_them():
    failing = quick()
    failing.errors.append("care_worker: /clients/ answers 500")
    assert not reached(failing)
    slow_page = quick()
    for _time in range(2 * ENOUGH):
        slow_page.read("coordinator", "/proposals/", 0.05)
        slow_page.read("coordinator", f"/matching/{REF}/", 0.31 if _time < 3 else 0.05)
    assert percentile(slow_page.all_reads, 0.95) < 0.3
    assert not reached(slow_page)
    slow_writes = quick()
    slow_writes.writes.extend([0.6] * ENOUGH)
    assert not reached(slow_writes)


def test_having_measured_nothing_reaches_nothing():
    assert not reached(Measured())


def test_a_form_is_sent_as_a_browser_sends_it():
    form = FormFields(FORM, "round")
    assert form.fields == [
        ("csrfmiddlewaretoken", "token"),
        (f"{REF}-phase", "ready"),
        (f"{REF}-day", "1-10-2026"),
        (f"{REF}-blockers", "debts"),
    ]
    assert form.saves == [REF]


def test_addresses_of_a_kind_count_together_and_questions_apart():
    assert kind_of(f"/clients/{REF}/?tab=need") == "/clients/<ref>/"
    assert variant_of("/clients/?page=2") == variant_of("/clients/?page=7")
    assert variant_of("/clients/?page=2") != variant_of("/clients/?sort=name")


def test_a_deck_gives_every_variant_before_one_comes_again():
    addresses = {"a": ["/a/1/", "/a/2/"], "b": ["/b/"], "c": ["/c/"]}
    deck = Deck(addresses, random.Random(3))
    for _round in range(n(5, 100)):
        assert sorted(kind_of(deck.next())[1] for _card in addresses) == ["a", "b", "c"]
