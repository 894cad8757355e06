"""The stand-in for the person: it answers only what the importer asks, and counts that."""

from collections import Counter
from typing import Any

from lists.mapping import Mapping
from lists.pipeline import Reading
from lists.questions import Question
from tests.cases.expected import KINDS, PHASES, field_name


class Person:
    """Knows one file of a case as a party knows its own list."""

    def __init__(self, file: dict[str, Any], expected: dict[str, Any]) -> None:
        self.file = file
        self.answers: Counter[str] = Counter()
        self._places = {}
        for line in expected.get("woningen", {}).get("per_wijk_en_huurklasse", []):
            self._places.setdefault(line["wijk"], set()).add(line["gemeente"])
        self._renamed: dict[str, str] = {}

    def knows(self, renamed: dict[str, str]) -> None:
        """New header -> the header that expected.json has."""
        self._renamed = renamed

    def answer(self, reading: Reading) -> Mapping:
        """One round of answers; what the person cannot say stays open."""
        answers = Mapping()
        for question in reading.questions:
            choice = self.choice(question)
            if choice is not None:
                self.answers[question.topic.partition(".")[0]] += 1
                answers = answers.under(question.answered(choice))
        return answers

    def choice(self, question: Question) -> str | None:
        """What the person says to this question; nothing when it stays open."""
        match question.topic:
            case "kinds":
                return KINDS[self.file["soort"]]
            case "swaps":
                return "yes" if self._is_swapped(question) else "no"
            case "words.phase":
                return self._phase(question.text)
            case "neighbourhoods":
                return self._neighbourhood(question)
            case "places":
                return self._place(question)
            case "organisation":
                return self.file.get("aanbieder") or self.file.get("corporatie")
            case "columns":
                return self._column(question)
        return None

    def _is_swapped(self, question: Question) -> bool:
        headers = {
            frozenset((defect["kolom"], defect["ook_kolom"]))
            for sheet in self.file["bladen"]
            for defect in sheet["gebreken"]
            if defect["soort"] == "koppen_verwisseld"
        }
        asked = (self._renamed.get(text, text) for text in question.text.split(", "))
        return frozenset(asked) in headers

    def _phase(self, text: str) -> str | None:
        meant = self.file.get("fasewoorden", {}).get(text.strip())
        return str(PHASES[meant]) if meant else None

    def _neighbourhood(self, question: Question) -> str | None:
        wrong = {
            piece.strip()
            for sheet in self.file["bladen"]
            for defect in sheet["gebreken"]
            if defect["soort"] == "wijk_onbekend"
            for piece in [defect["waarde"]]
        }
        if question.text in wrong:
            return None
        home = question.facts.get("municipality")
        choice = f"{home}|{question.text}"
        assert not home or choice in question.options
        return choice if home else None

    def _place(self, question: Question) -> str | None:
        known = self._places.get(question.facts.get("with"), set()) & set(question.options)
        if len(known) == 1:
            return known.pop()
        return question.options[0] if question.options else None

    def _column(self, question: Question) -> str | None:
        header = self._renamed.get(question.text, question.text)
        for sheet in self.file["bladen"]:
            for column in sheet["kolommen"]:
                if column["kop"] == header or question.facts["letter"] == column["kolomletter"]:
                    names = [field_name(veld, self.file["soort"]) for veld in column["velden"]]
                    if names == ["street", "house_number"]:
                        return "address"
                    return names[0] if names else ""
        return None
