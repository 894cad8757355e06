"""The matching: asking for one, what the last one proposes, and everything behind it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_POST

from accounts import audit
from accounts.access import Permission, Viewer, may, requires
from accounts.models import AuditEntry
from housing import causes, changes, leftovers, outcomes
from housing.appropriate import StandingSeen, see_standing, standings, together
from housing.cause_words import counted_in_words, facts_in_words
from housing.decisions import last_decisions
from housing.errors import Refused
from housing.matching_words import Names
from housing.models import MatchPair, MatchRun
from housing.operations.matching import cancel_match, request_match
from housing.outcomes import PairSeen, pair_url
from housing.shortage_words import bottleneck, brings, more_of
from housing.signedchanges import sign
from housing.tasks import carry_out_match
from housing.trying import one_more
from housing.views.places import PER_PAGE
from regions import formats
from regions.downloads import download
from regions.models import Region, RunState
from regions.progress import Progress, RunWords, progress_of
from regions.tables import Cell, Column, Table, dated, numeric

PAIRS_PER_PAGE = 10
PAIRS_ON_RUN = 5
ROWS_ON_RUN = 10
ADVICE = "advice"
SHOWN_PAIRS = ("", "decided", "promised", "all")


@requires(Permission.SEE_MATCHING)
@require_GET
def matching(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    done, newest = outcomes.last_done(viewer), outcomes.newest(viewer)
    runs = outcomes.runs_for(viewer).exclude(state=RunState.SUPERSEDED)
    page = Paginator(runs, PER_PAGE).get_page(request.GET.get("page"))
    stopped = audit.last_by(
        "match.cancelled", [run.ref for run in page if run.state == RunState.CANCELLED]
    )
    return render(
        request,
        "housing/matching.html",
        {
            "run": progress(newest, viewer) if newest and newest != done else None,
            "done": done,
            "figures": figures(done) if done else [],
            "to_decide": outcomes.undecided(done).count() if done else 0,
            "decisions": last_decisions(viewer),
            "page": page,
            "rows": [run_row(run, stopped.get(run.ref)) for run in page],
            "may_start": may(viewer, Permission.RUN_MATCHING)
            and (newest is None or newest.is_finished),
        },
    )


@requires(Permission.RUN_MATCHING)
@require_POST
def start_match(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    region = get_object_or_404(Region, pk=viewer.region_id)
    try:
        run = request_match(region=region, by=viewer)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        carry_out_match.delay_on_commit(run.pk)
        messages.success(request, _("A new matching is asked for. This page may be closed."))
    return redirect("housing:matching")


@requires(Permission.RUN_MATCHING)
@require_POST
def stop_match(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    run = get_object_or_404(outcomes.runs_for(viewer), ref=ref)
    try:
        cancel_match(run=run, by=viewer)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("The matching is stopped. The outcome before it still counts."))
    return redirect("housing:matching")


@requires(Permission.SEE_MATCHING)
@require_GET
def match_progress(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The state of one run, asked again and again while it waits or runs.

    Where a newer one took its place, that one is told of; with ?of=advice it is the advice that
    follows the result.
    """
    viewer = request.viewer
    run = get_object_or_404(outcomes.runs_for(viewer), ref=ref)
    if request.GET.get("of") == ADVICE:
        return render(request, "housing/_match_progress.html", {"run": advising(run)})
    if run.state == RunState.SUPERSEDED:
        run = outcomes.newest(viewer) or run
    return render(request, "housing/_match_progress.html", {"run": progress(run, viewer)})


@requires(Permission.SEE_MATCHING)
@require_GET
def match_run(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    run = run_or_404(viewer, ref)
    names = Names(viewer.region_id)
    last = outcomes.last_done(viewer)
    newest = outcomes.newest(viewer)
    is_last = last == run
    pairs = list(MatchPair.objects.filter(run=run, is_locked=False)[:PAIRS_ON_RUN])
    to_decide = outcomes.undecided(run)
    if is_last:
        pairs = list(to_decide[:PAIRS_ON_RUN])
    seen = outcomes.see_pairs(
        pairs,
        viewer,
        names,
        on=run.as_of,
        alternatives=outcomes.alternatives_for(pairs, run, viewer),
    )
    unmatched = leftovers.unmatched_of(run)
    unused = leftovers.unused_of(run)
    return render(
        request,
        "housing/match_run.html",
        {
            "match": run,
            "is_last": is_last,
            "last": last,
            "run": progress(newest, viewer)
            if is_last and newest and not newest.is_finished
            else None,
            "advising": advising(run) if run.has_follow_up else None,
            "parts": parts_in_words(run),
            "doubt": doubt_about(run),
            "figures": figures(run),
            "to_decide": to_decide.count(),
            "answer": answer_in_words(run.summary, names),
            "proof": proof_in_words(run.summary),
            "bottlenecks": _necks(run, names, viewer if is_last else None),
            "warning": region_limit(run),
            "without_need": run.summary["without_need"],
            # Absent in the summary of a run from before policies.
            "waiting_for_table": run.summary.get("waiting_for_table", 0),
            "policy": {"number": run.policy.number, "url": run.policy.get_absolute_url()}
            if run.policy
            else None,
            "appropriate": _appropriate(run) if is_last else None,
            "proposed": run.summary["proposed"],
            "cards": [card(pair, may_decide=is_last) for pair in seen],
            "decisions": last_decisions(viewer),
            "unmatched": rows_of(
                leftovers.see_unmatched(unmatched[:ROWS_ON_RUN], viewer, names),
                viewer if is_last else None,
            ),
            "unmatched_count": unmatched.count(),
            "unused": leftovers.see_unused(unused[:ROWS_ON_RUN], run, viewer, names),
            "unused_count": len(unused),
            "differences": differences(run),
        },
    )


@requires(Permission.SEE_MATCHING)
@require_GET
def match_pairs(request: HttpRequest, ref: UUID) -> HttpResponse:
    """All pairs of a run: those to decide first, or another part of them."""
    viewer = request.viewer
    run = run_or_404(viewer, ref)
    asked = request.GET.get("show", "")
    show = asked if asked in SHOWN_PAIRS else ""
    all_pairs = MatchPair.objects.filter(run=run).order_by("rank")
    undecided = outcomes.undecided(run)
    parts = {
        "": (_("To decide"), undecided.order_by("rank")),
        "decided": (
            _("Decided"),
            all_pairs.filter(is_locked=False).exclude(pk__in=undecided.values("pk")),
        ),
        "promised": (_("Firm promises"), all_pairs.filter(is_locked=True)),
        "all": (_("All"), all_pairs),
    }
    if "format" in request.GET:
        whole = outcomes.see_pairs(parts[show][1], viewer, Names(viewer.region_id), on=run.as_of)
        return download(
            [pairs_table(whole)], _("proposals"), request.GET["format"], as_of=run.as_of
        )
    page = Paginator(parts[show][1], PAIRS_PER_PAGE).get_page(request.GET.get("page"))
    pairs = list(page.object_list)
    is_last = outcomes.last_done(viewer) == run
    seen = outcomes.see_pairs(
        pairs,
        viewer,
        Names(viewer.region_id),
        on=run.as_of,
        alternatives=outcomes.alternatives_for(pairs, run, viewer),
    )
    return render(
        request,
        "housing/match_pairs.html",
        {
            "match": run,
            "is_last": is_last,
            "page": page,
            "cards": [card(pair, may_decide=is_last) for pair in seen],
            "list_url": f"?show={show}" if show else "",
            "parts": [
                {
                    "label": label,
                    "url": f"?show={key}" if key else "?",
                    "current": key == show,
                    "count": rows.count(),
                }
                for key, (label, rows) in parts.items()
            ],
        },
    )


@requires(Permission.SEE_MATCHING)
@require_GET
def match_unmatched(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Everybody without a proposal, or those of whom one thing is why."""
    viewer = request.viewer
    run = run_or_404(viewer, ref)
    names = Names(viewer.region_id)
    show = request.GET.get("show", "")
    found = leftovers.unmatched_because(run, show)
    if "format" in request.GET:
        table = unmatched_table(leftovers.see_unmatched(found, viewer, names))
        return download([table], _("without proposal"), request.GET["format"], as_of=run.as_of)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    is_last = outcomes.last_done(viewer) == run
    labels = {
        "": _("All"),
        leftovers.FITS: _("Nothing fits"),
        leftovers.FIRST: _("Others went first"),
        leftovers.FULL: _("Something is full"),
        leftovers.PROMISED: _("Promised to others"),
        leftovers.TABLE: _("Takes no part"),
    }
    return render(
        request,
        "housing/match_unmatched.html",
        {
            "match": run,
            "page": page,
            "advising": advising(run) if run.has_follow_up else None,
            "without_need": run.summary["without_need"],
            "rows": rows_of(
                leftovers.see_unmatched(page.object_list, viewer, names),
                viewer if is_last else None,
            ),
            "list_url": f"?show={show}" if show in labels else "",
            "parts": [
                {
                    "label": label,
                    "url": f"?show={part}" if part else "?",
                    "current": part == show,
                    "count": leftovers.unmatched_because(run, part).count(),
                }
                for part, label in labels.items()
            ],
        },
    )


@requires(Permission.SEE_MATCHING)
@require_GET
def match_unused(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    run = run_or_404(viewer, ref)
    names = Names(viewer.region_id)
    rows = leftovers.unused_of(run)
    if "format" in request.GET:
        table = unused_table(leftovers.see_unused(rows, run, viewer, names))
        return download([table], _("dwellings left"), request.GET["format"], as_of=run.as_of)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "housing/match_unused.html",
        {
            "match": run,
            "page": page,
            "advising": advising(run) if run.has_follow_up else None,
            "unused": leftovers.see_unused(page.object_list, run, viewer, names),
        },
    )


@requires(Permission.SEE_MATCHING)
@require_GET
def match_changes(request: HttpRequest, ref: UUID) -> HttpResponse:
    viewer = request.viewer
    run = run_or_404(viewer, ref)
    before = outcomes.done_before(run)
    found = changes.differences(run, before) if before else None
    page = Paginator(found.pairs if found else [], PER_PAGE).get_page(request.GET.get("page"))
    policy = found.policy if found else ""
    context = {
        "match": run,
        "before": before,
        "facts": facts_in_words(found.facts) if found else "",
        "page": page,
        "rows": changes.see_changes(page.object_list, viewer, policy=policy),
    }
    return render(request, "housing/match_changes.html", context)


def _appropriate(run: MatchRun) -> StandingSeen | None:
    """How the region stands this year with appropriate allocation, and what this run adds."""
    found = standings(run.region_id, year=run.as_of.year, run=run)
    return see_standing("", together(found.values()), year=run.as_of.year) if found else None


def run_or_404(viewer: Viewer, ref: UUID) -> MatchRun:
    """A run that came to a result; one that waits, runs or failed has no page of its own."""
    return get_object_or_404(outcomes.runs_for(viewer).filter(state=RunState.DONE), ref=ref)


def progress(run: MatchRun, viewer: Viewer) -> Progress:
    words = RunWords(
        waits=_("A new matching waits for its turn."),
        runs=_("A new matching runs."),
        ready=_("The new matching is ready."),
        failed=_("The new matching did not work out."),
        keeps=_("The outcome below stays until then; this page may be closed."),
        stopped=_("The new matching was stopped."),
        superseded=_("Something changed meanwhile, so a newer matching takes its place."),
    )
    may_run = may(viewer, Permission.RUN_MATCHING)
    return progress_of(
        run,
        words,
        poll_url=reverse("housing:match_progress", args=[run.ref]),
        retry_url=reverse("housing:match_start") if may_run else "",
        stop_url=reverse("housing:match_cancel", args=[run.ref]) if may_run else "",
        ready_note=_link(run.get_absolute_url(), _("Show it")),
    )


def advising(run: MatchRun) -> Progress:
    """The second part of a matching, which follows when its pairs are shown already."""
    if not run.has_follow_up:
        shown = _link(run.get_absolute_url(), _("Show it"))
        return Progress("done", _("It is worked out what would help first."), shown)
    poll = reverse("housing:match_progress", args=[run.ref])
    return Progress(
        "running",
        _("The proposals are ready. What would help whom first is still being worked out."),
        _("This page may be closed."),
        run.steps_done,
        run.steps_total,
        f"{poll}?of={ADVICE}",
    )


STATE_KINDS = {RunState.DONE: "ok", RunState.FAILED: "late"}


def run_row(run: MatchRun, stopped: AuditEntry | None = None) -> dict[str, Any]:
    """A run as a row of the list; only a result has numbers and a page."""
    row = {
        "asked_at": run.requested_at,
        "causes": run.causes,
        "state": str(run.get_state_display()),
        "kind": STATE_KINDS.get(RunState(run.state), "none"),
        "reason": run.reason if run.state == RunState.FAILED else _stopped_by(stopped),
    }
    if run.state != RunState.DONE:
        return row
    return row | {
        "url": run.get_absolute_url(),
        "with_proposal": run.summary["promised"] + run.summary["proposed"],
        "without_proposal": sum(run.summary["unmatched"].values()),
        "unused": run.summary["unused"],
    }


def _stopped_by(entry: AuditEntry | None) -> str:
    if entry is None or entry.user is None:
        return ""
    return _("by %(name)s, %(moment)s") % {
        "name": entry.user.name,
        "moment": formats.moment(entry.at),
    }


def figures(run: MatchRun) -> list[dict[str, Any]]:
    """The four numbers of a run; cases are exact for whoever sees them all."""
    summary = run.summary
    without = sum(summary["unmatched"].values())
    return [
        {
            "label": _("Ready and waiting"),
            "value": formats.number(summary["clients"]),
            "note": _("or ready soon"),
        },
        {
            "label": _("With proposal"),
            "value": formats.number(summary["promised"] + summary["proposed"]),
            "note": ngettext(
                "of which %(count)s firm promise",
                "of which %(count)s firm promises",
                summary["promised"],
            )
            % {"count": formats.number(summary["promised"])},
        },
        {
            "label": _("Without proposal"),
            "value": formats.number(without),
            "note": _("each with a reason"),
        },
        {
            "label": _("Dwellings left"),
            "value": formats.number(summary["unused"]),
            "note": _("of %(dwellings)s in the matching")
            % {"dwellings": formats.number(summary["dwellings"])},
        },
    ]


def region_limit(run: MatchRun) -> str:
    """That the maximum of the region leaves fewer dwellings than the run proposes."""
    left = run.summary["left_in_region"]
    if left is None or left >= run.summary["proposed"]:
        return ""
    return ngettext(
        "Under the maximum of the region %(left)s dwelling is left, fewer than are proposed.",
        "Under the maximum of the region %(left)s dwellings are left, fewer than are proposed.",
        left,
    ) % {"left": formats.number(left)}


def parts_in_words(run: MatchRun) -> str:
    """How much of the region had to be computed anew, in one sentence."""
    counts = run.summary.get("parts")
    if not counts or not counts["all"]:
        return ""
    if counts["anew"] == counts["all"]:
        return ngettext(
            "The region is %(count)s part by itself, computed anew.",
            "The region falls into %(count)s parts, all of them computed anew.",
            counts["all"],
        ) % {"count": formats.number(counts["all"])}
    return _(
        "The region falls into %(count)s parts. Changed and computed anew: %(anew)s. "
        "Of the others the answer was known."
    ) % {"count": formats.number(counts["all"]), "anew": formats.number(counts["anew"])}


def doubt_about(run: MatchRun) -> str:
    """That an outcome was other than it should be, on its own page and on that of the night."""
    if run.failure:
        return _(
            "This outcome was computed again from nothing, and then it was another. "
            "Go by the last matching, and tell the administrator."
        )
    if run.summary.get("doubt"):
        return _(
            "This outcome was computed from nothing and counts. A matching of the day before was "
            "not right: look again at what was decided with it, and tell the administrator."
        )
    return ""


def card(pair: PairSeen, *, may_decide: bool) -> dict[str, Any]:
    """A pair for its component; buttons only where there is something to decide."""
    decides = may_decide and pair.is_open and not pair.is_locked
    return {
        "title": pair.title,
        "clock": pair.clock,
        "speaks_for": pair.reasons.speaks_for,
        "speaks_against": pair.reasons.speaks_against,
        "alternatives": None if pair.is_locked else pair.alternatives,
        "locked": pair.is_locked,
        "standing": pair.standing,
        "follow_url": pair_url(pair, "follow") if decides else "",
        "depart_url": pair_url(pair, "depart") if decides else "",
        "explanation_url": pair_url(pair),
    }


def rows_of(left: list[leftovers.LeftSeen], viewer: Viewer | None) -> list[dict[str, Any]]:
    """People without a proposal as rows; a viewer is given where a change can be tried."""
    return [
        {
            "label": row.client.label,
            "url": row.client.url,
            "clock": row.clock,
            "why": row.scarce.why,
            "also": row.also,
            "change": row.scarce.change,
            "gain": row.gain,
            "step": {"label": row.scarce.label, "url": row.scarce.url} if row.scarce.url else None,
            "trial": sign(viewer, row.trial) if viewer and row.trial else "",
        }
        for row in left
    ]


def _necks(run: MatchRun, names: Names, viewer: Viewer | None) -> list[dict[str, Any]]:
    """What is short; a viewer is given where one more can be tried."""
    return [
        bottleneck(row, names)
        | {"trial": sign(viewer, [one_more(row["resource"])]) if viewer else ""}
        for row in run.summary["bottlenecks"]
    ]


def answer_in_words(summary: dict[str, Any], names: Names) -> str:
    """The matching in one or two sentences that can be said aloud; what brings most comes along."""
    found = summary["promised"] + summary["proposed"]
    answer = ngettext(
        "Of the %(clients)s people who wait or are ready soon %(found)s can have a home.",
        "Of the %(clients)s people who wait or are ready soon %(found)s can have a home.",
        found,
    ) % {"clients": formats.number(summary["clients"]), "found": formats.number(found)}
    if not summary["bottlenecks"]:
        return answer
    most = max(summary["bottlenecks"], key=lambda row: row["gain"][0])
    return f"{answer} {brings(more_of(most['resource'], names), most['gain'][0])}"


def proof_in_words(summary: dict[str, Any]) -> str:
    """Whether it is proven that nothing is better, and how much better it could be at most."""
    if summary["status"] == "optimal":
        return _("It is proven that no other division is better.")
    gap = summary["gap"]
    if gap["placements"]:
        # At least one person: a share of less than that is no person at all.
        most = max(round(gap["placements"] * (summary["promised"] + summary["proposed"])), 1)
        return ngettext(
            "At most %(people)s person more could get a home in another division.",
            "At most %(people)s people more could get a home in another division.",
            most,
        ) % {"people": formats.number(most)}
    if gap["priority"]:
        return _(
            "It is proven that no more people can get a home. In who goes first another division"
            " could be at most %(share)s better."
        ) % {"share": formats.percent(max(gap["priority"] * 100, 0.1), decimals=1)}
    return _(
        "It is proven that no more people can get a home and that the right people go first."
        " Whether everybody's home could fit still better is not proven."
    )


# Lists to take along -----------------------------------------------------------------------------


def unmatched_table(left: list[leftovers.LeftSeen]) -> Table:
    return Table(
        _("Without proposal"),
        [
            Column(_("Case")),
            Column(_("Waits")),
            Column(_("Why not yet")),
            Column(_("What helps first")),
            Column(_("What that does")),
        ],
        [
            [
                Cell(row.client.label),
                Cell(row.clock.figure),
                Cell("; ".join([row.scarce.why, *row.also])),
                Cell(row.scarce.change),
                Cell(row.gain),
            ]
            for row in left
        ],
    )


def unused_table(unused: list[leftovers.UnusedSeen]) -> Table:
    return Table(
        _("Dwellings left"),
        [
            Column(_("Dwelling")),
            Column(_("Corporation")),
            Column(_("Basic rent"), "number"),
            Column(_("Free from")),
            Column(_("Why nobody was proposed")),
            Column(_("What helps first")),
        ],
        [
            [
                Cell(outcomes.name_of(row.dwelling)),
                Cell(row.dwelling.corporation),
                numeric(row.dwelling.basic_rent, decimals=2),
                dated(row.dwelling.available_on),
                Cell(" ".join(filter(None, [row.why, row.in_the_way]))),
                Cell(row.change),
            ]
            for row in unused
        ],
    )


def pairs_table(pairs: list[PairSeen]) -> Table:
    return Table(
        _("Proposals"),
        [
            Column(_("Case")),
            Column(_("Dwelling")),
            Column(_("Waits")),
            Column(pgettext("reasons", "For")),
            Column(pgettext("reasons", "Against")),
            Column(_("State")),
        ],
        [
            [
                Cell(pair.client.label),
                Cell(outcomes.name_of(pair.dwelling)),
                Cell(pair.clock.figure if pair.clock else ""),
                Cell("; ".join(pair.reasons.speaks_for)),
                Cell("; ".join(pair.reasons.speaks_against)),
                Cell(_state_of(pair)),
            ]
            for pair in pairs
        ],
    )


def _state_of(pair: PairSeen) -> str:
    if pair.is_locked:
        return _("firm promise")
    return pair.standing.words or _("to decide")


def differences(run: MatchRun) -> dict[str, Any] | None:
    """What changed against the run before, in sentences; None when there was none before."""
    before = outcomes.done_before(run)
    if before is None:
        return None
    found = changes.differences(run, before)
    kinds = found.kinds
    sentences = [
        words % {"count": formats.number(kinds[kind])}
        for kind, words in (
            (
                causes.NEW,
                ngettext("New: %(count)s pair.", "New: %(count)s pairs.", kinds[causes.NEW]),
            ),
            (
                causes.MOVED,
                ngettext(
                    "Moved: %(count)s client goes to another dwelling.",
                    "Moved: %(count)s clients go to other dwellings.",
                    kinds[causes.MOVED],
                ),
            ),
            (
                causes.GONE,
                ngettext("Gone: %(count)s pair.", "Gone: %(count)s pairs.", kinds[causes.GONE]),
            ),
            (
                causes.PROMISED,
                ngettext(
                    "Promised: %(count)s pair became a firm promise.",
                    "Promised: %(count)s pairs became a firm promise.",
                    kinds[causes.PROMISED],
                ),
            ),
        )
        if kinds[kind]
    ]
    return {
        "before": before,
        "sentences": sentences,
        "facts": facts_in_words(found.facts),
        "causes": counted_in_words(found.causes, policy=found.policy),
    }


def _link(url: str, label: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', url, label)
