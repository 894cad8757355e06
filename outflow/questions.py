"""Everything an estimate is asked, so that it can be kept and asked again; and its answer."""

import hashlib
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from outflow.estimation import EstimateError, Scenario, estimate, national_counts, run_all
from outflow.models import EstimateRun
from outflow.nation import Draws
from outflow.snapshots import Picture
from regions.models import RunStep

# So few that a page has something to show within seconds; the whole follows.
FIRST_DRAWS = 100

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Question:
    """A picture of a region, what the other regions show, and what is to be computed from it."""

    picture: Picture
    as_of: date
    quarters: int
    draws: int
    seed: int
    # Of each scenario its ref and its changes.
    scenarios: tuple[dict[str, Any], ...]
    # Counts of the other regions, or published ones.
    nation: dict[str, Any]

    @classmethod
    def of(cls, run: EstimateRun, picture: Picture, leaned_on: dict[str, Any]) -> "Question":
        return cls(
            picture=picture,
            as_of=run.as_of,
            quarters=run.parameters["quarters"],
            draws=run.parameters["draws"],
            seed=run.seed,
            scenarios=tuple(run.parameters.get("scenarios", ())),
            nation=leaned_on,
        )

    def packed(self) -> bytes:
        """The whole question in few bytes."""
        return zlib.compress(self._text().encode())

    @classmethod
    def unpacked(cls, packed: bytes) -> "Question":
        """What `packed` was made from."""
        kept = json.loads(zlib.decompress(packed))
        return cls(
            picture=Picture.from_dict(kept["picture"]),
            as_of=date.fromisoformat(kept["as_of"]),
            quarters=kept["quarters"],
            draws=kept["draws"],
            seed=kept["seed"],
            scenarios=tuple(kept["scenarios"]),
            nation=kept["nation"],
        )

    @property
    def fingerprint(self) -> str:
        """Equal for equal questions: it covers everything that is asked."""
        return hashlib.sha256(self._text().encode()).hexdigest()

    def _text(self) -> str:
        return json.dumps(
            {
                "picture": self.picture.as_dict(),
                "as_of": self.as_of.isoformat(),
                "quarters": self.quarters,
                "draws": self.draws,
                "seed": self.seed,
                "scenarios": self.scenarios,
                "nation": self.nation,
            },
            sort_keys=True,
        )


@dataclass(frozen=True)
class Answer:
    """What an estimate says; all but `draws` as the database keeps it."""

    result: dict[str, Any]
    effects: list[Any]
    # By the ref of the scenario: its series and their difference, or why there are none.
    scenarios: dict[str, dict[str, Any]]
    counts: dict[str, Any]
    draws: Draws


def first_figures(question: Question, *, progress: Progress) -> dict[str, Any]:
    """A result of few draws that were not tried on the past, to show while the whole is made."""
    return _as_kept(
        estimate(
            question.picture.spells,
            question.picture.supply,
            **_options(question) | {"draws": min(FIRST_DRAWS, question.draws)},
            backtested=False,
            progress=lambda _stage, done, total: progress(RunStep.FIRST, done, total),
        )
    )


def answer(question: Question, *, progress: Progress | None = None) -> Answer:
    """Ask the core everything at once, so that all futures share their random numbers.

    A scenario that cannot be (any more, as of this day) is set aside with its reason: it costs the
    region neither its estimate nor its other scenarios.
    """
    asked: dict[str, Scenario] = {}
    found: dict[str, dict[str, Any]] = {}
    for given in question.scenarios:
        try:
            asked[given["ref"]] = Scenario.from_dict(
                {"name": given["ref"], "changes": given["changes"]}
            )
        except EstimateError as wrong:
            found[given["ref"]] = _refusal(wrong)
    while True:
        try:
            computed = run_all(
                question.picture.spells,
                question.picture.supply,
                **_options(question),
                scenarios=list(asked.values()),
                with_effects=True,
                progress=progress,
            )
        except EstimateError as wrong:
            name = wrong.params.get("scenario")
            if name not in asked:
                raise
            del asked[str(name)]
            found[str(name)] = _refusal(wrong)
        else:
            break
    for one in computed["scenarios"]:
        found[one["name"]] = {"series": one["series"], "difference": one["difference"]}
    return Answer(
        result=_as_kept(computed["base"]),
        effects=_as_kept(computed["effects"]),
        scenarios=_as_kept(found),
        counts=_as_kept(
            national_counts(question.picture.spells, as_of=question.as_of, register_start=None)
        ),
        draws=Draws.of(computed["draws"]),
    )


def _options(question: Question) -> dict[str, Any]:
    picture = question.picture
    return {
        "needs": picture.needs,
        "expectations": picture.expectations,
        "queue": picture.queue,
        "nation": question.nation,
        "as_of": question.as_of,
        "quarters": question.quarters,
        "draws": question.draws,
        "seed": question.seed,
    }


def _refusal(wrong: EstimateError) -> dict[str, Any]:
    return {
        "refused": {"code": wrong.code, "sentence": wrong.sentence, "params": dict(wrong.params)}
    }


def _as_kept(value: Any) -> Any:
    """The value as it comes back from the database: so that a replay can be compared with it."""
    text = json.dumps(value, allow_nan=False)
    return json.loads(text, parse_float=lambda digits: float(digits) + 0.0)  # no minus zero
