"""What only a person can say about a list, gathered so that each thing is asked once."""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from lists.cells.reader import Ask
from lists.kinds import Label
from lists.mapping import Mapping

SHOWN_ROWS = 20
SENTENCES: dict[str, Label] = {
    "kinds": _("What kind of list is sheet %(text)s?"),
    "columns": _("What does column %(text)s hold?"),
    "swaps": _("Do the headers %(text)s stand above each other's column?"),
    "words": _("What does %(text)s mean?"),
    "neighbourhoods": _("Is %(text)s a neighbourhood of %(municipality)s?"),
    "places": _("In which municipality does %(text)s lie?"),
    "organisations": _("Which organisation is %(text)s?"),
    "organisation": _("Whose list is this?"),
    "years": _("Which year is sheet %(text)s about?"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask; the answer is a mapping made by `answered`."""

    topic: str
    key: str
    text: str
    options: tuple[str, ...] = ()
    facts: AnyMapping[str, Any] = field(default_factory=dict)
    rows: tuple[int, ...] = ()
    times: int = 0
    # The list cannot go in before this is answered.
    is_needed: bool = False

    @property
    def sentence(self) -> str:
        template = str(SENTENCES[self.topic.partition(".")[0]])
        return template % {"municipality": "", **self.facts, "text": f"‘{self.text}’"}

    def answered(self, choice: str) -> Mapping:
        """The answer as a mapping, to be laid over what is already known."""
        topic, _, field_name = self.topic.partition(".")
        match topic:
            case "kinds":
                return Mapping(kinds={self.key: choice})
            case "columns":
                return Mapping(columns={self.key: choice})
            case "swaps":
                return Mapping(swaps={self.key: choice == "yes"})
            case "words":
                return Mapping(words={field_name: {self.key: choice}})
            case "neighbourhoods":
                return Mapping(neighbourhoods={self.key: choice})
            case "places":
                return Mapping(places={self.key: choice})
            case "organisations":
                return Mapping(organisations={self.key: choice})
            case "organisation":
                return Mapping(organisation=choice)
            case "years":
                return Mapping(years={self.key: int(choice)})
            case "reference_date":
                return Mapping(reference_date=date.fromisoformat(choice))
        raise ValueError(self.topic)


class Gathered:
    """Questions of rows, counted: the same word on a hundred rows is one question."""

    def __init__(self) -> None:
        self._asks: dict[tuple[str, str], Ask] = {}
        self._times: Counter[tuple[str, str]] = Counter()
        self._rows: dict[tuple[str, str], list[int]] = {}

    def add(self, asks: Iterable[Ask], row: int) -> None:
        for ask in asks:
            key = (ask.topic, ask.key)
            self._asks.setdefault(key, ask)
            self._times[key] += 1
            rows = self._rows.setdefault(key, [])
            if len(rows) < SHOWN_ROWS:
                rows.append(row)

    def questions(
        self, more_options: AnyMapping[tuple[str, str], tuple[str, ...]]
    ) -> list[Question]:
        found = []
        for key, ask in self._asks.items():
            options = (*ask.suggestions, *more_options.get(key, ()))
            found.append(
                Question(
                    topic=ask.topic,
                    key=ask.key,
                    text=ask.text,
                    options=tuple(dict.fromkeys(options)),
                    facts=ask.facts,
                    rows=tuple(self._rows[key]),
                    times=self._times[key],
                )
            )
        return sorted(found, key=lambda question: (question.topic, -question.times))
