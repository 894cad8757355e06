"""What the tests of the inventory share: taking one, and deciding what it counts."""

from dataclasses import replace
from datetime import date

from django.urls import reverse

from accounts.context import acting_as
from outflow.inventories.counts import take_inventory
from outflow.inventories.definitions import definitions_on
from outflow.lifecycle import Phase
from outflow.operations.definitions import define_inventory
from regions.clock import today
from regions.formats import months_after
from tests.factories import make_client, sign_in


def take(w, on=None, provider=None, viewer=None, definitions=None):
    viewer = viewer or w.coordinator
    with acting_as(viewer):
        usual, _decided = definitions_on(viewer.region_id, today())
        return take_inventory(
            viewer.region_id,
            on=on or today(),
            definitions=definitions or usual,
            provider=provider.pk if provider else None,
        )


def usual(w):
    return definitions_on(w.region, today())[0]


def define(w, owner="Regietafel", by=None, seen=None, **changes):
    by = by or w.coordinator
    with acting_as(by):
        return define_inventory(
            definitions=replace(usual(w), **changes), owner=owner, by=by, seen=seen
        )


def page(client, viewer, **query):
    return sign_in(client, viewer).get(reverse("outflow:inventory"), query)


def rows_of(table):
    return {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}


def quarter_days(many):
    """The first days of quarters before today, newest first."""
    first = date(today().year, today().month - (today().month - 1) % 3, 1)
    days = [months_after(first, -3 * back) for back in range(many + 1)]
    return [day for day in days if day < today()][:many]


def next_quarter():
    first = date(today().year, today().month - (today().month - 1) % 3, 1)
    return months_after(first, 3)


def in_months(months):
    return months_after(today(), months)


def expecting(w, day, **facts):
    return make_client(w, phase=Phase.PREPARING, expected_ready_on=day, **facts)
