"""Addresses of homes, promises, support, proposals and the matching."""

from django.urls import path

from housing.matching_urls import urlpatterns as matching_urls
from housing.views import (
    answers,
    contingents,
    dwellings,
    keys,
    letters,
    proposals,
    support,
    tenancies,
)

app_name = "housing"

dwelling_urls = [
    path("dwellings/", dwellings.dwellings, name="dwellings"),
    path("dwellings/new/", dwellings.enter_dwelling, name="enter_dwelling"),
    path("dwellings/<uuid:ref>/", dwellings.dwelling, name="dwelling"),
    path("dwellings/<uuid:ref>/change/", dwellings.change_dwelling, name="dwelling_change"),
    path("dwellings/<uuid:ref>/withdraw/", dwellings.withdraw_dwelling, name="dwelling_withdraw"),
]

contingent_urls = [
    path("contingents/", contingents.contingents, name="contingents"),
    path("contingents/new/", contingents.agree, name="contingent_agree"),
    path("contingents/key/<int:year>/", keys.contingent_key, name="contingent_key"),
    path(
        "contingents/key/<int:year>/change/",
        keys.change_contingent_key,
        name="contingent_key_change",
    ),
    path("contingents/<uuid:ref>/", contingents.contingent, name="contingent"),
    path("contingents/<uuid:ref>/raise/", contingents.raise_contingent, name="contingent_raise"),
    path(
        "contingents/<uuid:ref>/correct/", contingents.correct_contingent, name="contingent_correct"
    ),
]

support_urls = [
    path("neighbourhoods/", support.neighbourhoods, name="neighbourhoods"),
    path("neighbourhoods/guidance/", support.neighbourhood_guidance, name="neighbourhood_guidance"),
    path("neighbourhoods/<uuid:ref>/", support.neighbourhood, name="neighbourhood"),
    path(
        "neighbourhoods/<uuid:ref>/capacity/",
        support.neighbourhood_capacity,
        name="neighbourhood_capacity",
    ),
    path("support/new/", support.enter_support, name="enter_support"),
    path("support/<uuid:ref>/", support.support_offer, name="support_offer"),
]

proposal_urls = [
    path("proposals/", proposals.proposals, name="proposals"),
    path("clients/<uuid:ref>/propose/", proposals.propose, name="proposal_new"),
    path(
        "clients/<uuid:ref>/explanation/",
        letters.explanation_for_client,
        name="explanation_for_client",
    ),
    path("proposals/<uuid:ref>/", proposals.proposal, name="proposal"),
    path("proposals/<uuid:ref>/answer/", answers.answer, name="proposal_answer"),
    path(
        "proposals/<uuid:ref>/client-answer/", answers.client_answer, name="proposal_client_answer"
    ),
    path("proposals/<uuid:ref>/viewing/", tenancies.viewing, name="proposal_viewing"),
    path("proposals/<uuid:ref>/viewing.ics", tenancies.viewing_calendar, name="proposal_calendar"),
    path("proposals/<uuid:ref>/contract/", tenancies.contract, name="proposal_contract"),
    path("proposals/<uuid:ref>/key/", tenancies.key, name="proposal_key"),
    path("proposals/<uuid:ref>/after/<str:step>/", tenancies.follow_up, name="proposal_follow_up"),
    path("proposals/<uuid:ref>/withdraw/", proposals.withdraw, name="proposal_withdraw"),
    path("proposals/<uuid:ref>/expire/", proposals.expire, name="proposal_expire"),
]

urlpatterns = [*dwelling_urls, *contingent_urls, *support_urls, *proposal_urls, *matching_urls]
