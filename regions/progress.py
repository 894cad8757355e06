"""What a run looks like on screen: that it waits, where it is, that it is ready, why it failed."""

from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _

from regions import formats
from regions.models import Run, RunState


@dataclass(frozen=True, slots=True)
class RunWords:
    """How one kind of run is spoken of; each is a whole sentence."""

    waits: str
    runs: str
    ready: str
    failed: str
    keeps: str
    # Only where somebody may stop it, or a newer one may take its place.
    stopped: str = ""
    superseded: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """What the component `run_progress` draws."""

    state: Literal["waiting", "running", "done", "failed", "stopped", "superseded"]
    sentence: str
    note: str = ""
    done: int = 0
    total: int = 0
    poll_url: str = ""
    retry: dict[str, Any] | None = None
    stop: dict[str, Any] | None = None


def progress_of(
    run: Run,
    words: RunWords,
    *,
    poll_url: str,
    retry_url: str = "",
    stop_url: str = "",
    ready_note: str = "",
) -> Progress:
    """The state of a run in words; while it waits or runs the page asks again at `poll_url`.

    `stop_url` and `retry_url` only for whoever may stop it or ask again.
    """
    stop = {"label": _("Stop"), "url": stop_url} if stop_url else None
    match run.state:
        case RunState.QUEUED:
            note = _sentences(_why(run), words.keeps)
            return Progress("waiting", words.waits, note, 0, 0, poll_url, stop=stop)
        case RunState.RUNNING:
            return Progress(
                "running",
                words.runs,
                _sentences(_where(run), words.keeps),
                run.steps_done,
                run.steps_total,
                poll_url,
                stop=stop,
            )
        case RunState.FAILED:
            return Progress(
                "failed",
                words.failed,
                _sentences(run.reason, words.keeps),
                retry=_again(_("Try again"), retry_url),
            )
        case RunState.CANCELLED:
            return Progress(
                "stopped",
                words.stopped or _("Somebody stopped this."),
                retry=_again(_("Ask again"), retry_url),
            )
        case RunState.SUPERSEDED:
            newer = _("Something changed meanwhile, so a newer one takes its place.")
            return Progress("superseded", words.superseded or newer)
    return Progress("done", words.ready, ready_note)


def _again(label: str, url: str) -> dict[str, Any] | None:
    return {"label": label, "url": url} if url else None


def _where(run: Run) -> str:
    if not run.step:
        return ""
    if not run.steps_total:
        return _("Now: %(step)s.") % {"step": run.step_label}
    return _("Now: %(step)s, %(done)s of %(total)s.") % {
        "step": run.step_label,
        "done": formats.number(run.steps_done),
        "total": formats.number(run.steps_total),
    }


def _why(run: Run) -> str:
    causes = run.causes
    return _("Because: %(causes)s.") % {"causes": formats.and_list(causes)} if causes else ""


def _sentences(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
