from django.urls import path

from outflow.views import (
    assigning,
    clients,
    duplicates,
    editing,
    estimate,
    inventory,
    looks,
    round,
    scenario_results,
    scenarios,
)

app_name = "outflow"
urlpatterns = [
    path("clients/", clients.client_list, name="clients"),
    path("clients/register/", clients.register, name="register"),
    path("clients/round/", round.readiness_round, name="round"),
    path("clients/assign/", assigning.assign, name="assign"),
    path("clients/hand-over/", assigning.hand_over, name="hand_over"),
    path("clients/duplicates/", duplicates.duplicates, name="duplicates"),
    path(
        "clients/duplicates/<uuid:ref>/<slug:deed>/",
        duplicates.decide,
        name="decide_duplicate",
    ),
    path("clients/<uuid:ref>/readiness/", editing.readiness, name="readiness"),
    path("clients/<uuid:ref>/put-back/", editing.put_back, name="put_back"),
    path("clients/<uuid:ref>/assessment/", editing.assessment, name="assessment"),
    path("clients/<uuid:ref>/need/", editing.need, name="need"),
    path("clients/<uuid:ref>/arrangement/<slug:part>/", editing.arrangement, name="arrangement"),
    path("clients/<uuid:ref>/person/", editing.person, name="person"),
    path("clients/<uuid:ref>/back-in-care/", editing.back_in_care, name="back_in_care"),
    path("clients/<uuid:ref>/departure/", editing.departure, name="departure"),
    path("clients/<uuid:ref>/looks/", looks.looks, name="looks"),
    path("estimate/", estimate.estimate, name="estimate"),
    path("estimate/inventory/", inventory.inventory, name="inventory"),
    path(
        "estimate/inventory/definitions/",
        inventory.inventory_definitions,
        name="inventory_definitions",
    ),
    path("estimate/start/", estimate.start_estimate, name="estimate_start"),
    path("estimate/scenarios/", scenarios.scenario_list, name="scenarios"),
    path("estimate/scenarios/make/", scenarios.make, name="scenario_make"),
    path("estimate/scenarios/compare/", scenario_results.compare, name="scenario_compare"),
    path("estimate/scenarios/<uuid:ref>/", scenario_results.scenario, name="scenario"),
    path("estimate/scenarios/<uuid:ref>/change/", scenarios.change, name="scenario_change"),
    path("estimate/scenarios/<uuid:ref>/share/", scenarios.share, name="scenario_share"),
    path("estimate/scenarios/<uuid:ref>/archive/", scenarios.archive, name="scenario_archive"),
    path("estimate/<uuid:ref>/progress/", estimate.estimate_progress, name="estimate_progress"),
]
