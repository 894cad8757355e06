"""Addresses of the matching."""

from django.urls import path

from housing.views import matching, oversight, pairs, policies, trying

urlpatterns = [
    path("matching/", matching.matching, name="matching"),
    path("matching/start/", matching.start_match, name="match_start"),
    path("fairness/", oversight.fairness, name="fairness"),
    path("matching/decisions/", oversight.match_decisions, name="match_decisions"),
    path("matching/pairs/<uuid:ref>/", pairs.match_pair, name="match_pair"),
    path("matching/pairs/<uuid:ref>/follow/", pairs.match_follow, name="match_follow"),
    path("matching/pairs/<uuid:ref>/depart/", pairs.match_depart, name="match_depart"),
    path("matching/policy/", policies.match_policies, name="match_policies"),
    path("matching/policy/new/", policies.match_policy_new, name="match_policy_new"),
    path("matching/policy/<uuid:ref>/", policies.match_policy, name="match_policy"),
    path(
        "matching/policy/<uuid:ref>/draft/", policies.match_policy_draft, name="match_policy_draft"
    ),
    path(
        "matching/policy/<uuid:ref>/adopt/", policies.match_policy_adopt, name="match_policy_adopt"
    ),
    path(
        "matching/policy/<uuid:ref>/preview/",
        policies.match_policy_preview,
        name="match_policy_preview",
    ),
    path("matching/policy/<uuid:ref>/drop/", policies.match_policy_drop, name="match_policy_drop"),
    path("matching/readmit/<uuid:ref>/", policies.match_readmit, name="match_readmit"),
    path("matching/try-outs/", trying.try_outs, name="try_outs"),
    path("matching/try-outs/new/", trying.try_out_new, name="try_out_new"),
    path("matching/try-outs/<uuid:ref>/", trying.try_out, name="try_out"),
    path(
        "matching/try-outs/<uuid:ref>/progress/", trying.try_out_progress, name="try_out_progress"
    ),
    path("matching/try-outs/<uuid:ref>/drop/", trying.try_out_drop, name="try_out_drop"),
    path("matching/<uuid:ref>/", matching.match_run, name="match_run"),
    path("matching/<uuid:ref>/progress/", matching.match_progress, name="match_progress"),
    path("matching/<uuid:ref>/stop/", matching.stop_match, name="match_cancel"),
    path("matching/<uuid:ref>/proposals/", matching.match_pairs, name="match_pairs"),
    path("matching/<uuid:ref>/without/", matching.match_unmatched, name="match_unmatched"),
    path("matching/<uuid:ref>/dwellings/", matching.match_unused, name="match_unused"),
    path("matching/<uuid:ref>/changes/", matching.match_changes, name="match_changes"),
]
