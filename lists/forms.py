"""What a person fills in about a list: the file, the answers, the ground, a mended row."""

import re
from collections.abc import Mapping as AnyMapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.formhelper import ActionHelper
from lists.importing import importer_of
from lists.kinds import ListKind
from lists.mapping import NOT_USED, Mapping
from lists.questions import Question
from lists.words import meaning_words, meanings_of

GROUNDS = (
    ("", _("choose")),
    ("consent", _("consent of the client")),
    ("public_task", _("public task")),
    ("agreement", _("agreement with the client")),
)
UNANSWERED = "__open__"
KNOWN_BY = {
    "said": _("as chosen or last time"),
    "header": _("by its header"),
    "values": _("by what it holds"),
    "unknown": _("not recognised"),
    "left_out": _("left out"),
}
ISO_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("List"),
        help_text=_("xlsx, ods or csv, as it is. Nothing is put in before it was checked."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.ods,.csv,.txt,.tsv"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = ActionHelper(_("Read list"))
        self.helper.attrs = {"enctype": "multipart/form-data"}


class AnswersForm(forms.Form):
    """One field for each question that the reading asks, and the reference date."""

    reference_date = forms.DateField(
        label=_("Reference date"),
        help_text=_("The day the list tells of. Rules read this day."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    all_new = forms.BooleanField(
        label=_("Names that resemble no known neighbourhood are new neighbourhoods"),
        required=False,
    )

    def __init__(
        self, *args: Any, recognised: AnyMapping[str, Any], reference_date: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reference_date"].initial = reference_date
        if not recognised.get("reference_date_was_found"):
            self.fields["reference_date"].help_text = _(
                "The list does not say of which day it tells. Fill in that day; rules read it."
            )
        self.questions: dict[str, Question] = {}
        kinds = [importer_of(name).kind for name in recognised.get("kinds", [])]
        for index, stored in enumerate(recognised.get("questions", [])):
            question = question_of(stored)
            name = f"q{index}"
            self.questions[name] = question
            self.fields[name] = forms.ChoiceField(
                label=question.sentence,
                required=question.is_needed,
                initial=UNANSWERED,
                choices=[
                    (UNANSWERED, _("choose") if question.is_needed else _("leave it open")),
                    *(
                        (option, option_words(question, option, kinds))
                        for option in options_of(question, kinds)
                    ),
                ],
                help_text=_where(question),
            )
        self._new_names = [n for n, q in self.questions.items() if is_new_name(q)]
        if len(self._new_names) < 2:
            self._new_names = []
            del self.fields["all_new"]

    @property
    def first_fields(self) -> list[forms.BoundField]:
        """What needs thought: the day, words, headers, names that come close to a known one."""
        names = [name for name in self.fields if name not in {*self._new_names, "all_new"}]
        return [self[name] for name in sorted(names, key=lambda n: not self.fields[n].required)]

    @property
    def new_names(self) -> list[forms.BoundField]:
        """Names of places that nobody knows yet; answered together, or one by one."""
        return [self[name] for name in self._new_names]

    def mapping(self) -> Mapping:
        """The answers that were given, as one mapping."""
        answers = Mapping(reference_date=self.cleaned_data["reference_date"])
        for name, question in self.questions.items():
            choice = self.cleaned_data.get(name) or UNANSWERED
            if name in self.data and self.data[name] == NOT_USED:
                choice = NOT_USED
            if choice == UNANSWERED and name in self._new_names and self.cleaned_data["all_new"]:
                choice = question.options[0]
            if choice != UNANSWERED:
                answers = answers.under(question.answered(choice))
        return answers


class ColumnsForm(forms.Form):
    """Which field each column holds, as it was recognised; a person puts it right."""

    def __init__(self, *args: Any, recognised: AnyMapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys: dict[str, str] = {}
        self._about: dict[str, dict[str, Any]] = {}
        for index, part in enumerate(recognised.get("parts", [])):
            kind = importer_of(part["kind"]).kind
            choices = [
                (NOT_USED, _("not used")),
                *((field.name, str(field.label)) for field in kind.fields),
            ]
            for number, column in enumerate(part["columns"]):
                if column["key"] in self.keys.values():
                    continue
                name = f"c{index}_{number}"
                self.keys[name] = column["key"]
                self._about[name] = {**column, "sheet": part["sheet"]}
                header = " ".join(x for x in (column["group"], column["header"]) if x)
                self.fields[name] = forms.ChoiceField(
                    label=_("%(letter)s: %(header)s")
                    % {"letter": column["letter"], "header": header},
                    choices=choices,
                    required=False,
                    initial=column["field"],
                )
            for name in self.keys:
                self.fields[name].widget.attrs["class"] = "form-select form-select-sm"

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Each column with how it was recognised and the field to put it right."""
        return [
            {
                "field": self[name],
                "letter": about["letter"],
                "group": about["group"],
                "header": about["header"],
                "sheet": about["sheet"],
                "kind": "warn" if not about["field"] else "ok",
                "word": KNOWN_BY.get(about.get("known", ""), ""),
            }
            for name, about in self._about.items()
        ]

    def mapping(self) -> Mapping:
        """Only what the person changed: the rest stays as it was recognised."""
        changed = {
            key: self.cleaned_data[name]
            for name, key in self.keys.items()
            if self.cleaned_data[name] != (self.fields[name].initial or NOT_USED)
        }
        return Mapping(columns=changed)


class ConfirmForm(forms.Form):
    """Putting the list in; a list about people asks on what ground it is shared."""

    sharing_ground = forms.ChoiceField(
        label=_("On what ground are these data shared with the region?"), choices=GROUNDS
    )
    ready_counts_as_granted = forms.BooleanField(
        label=_("Who is ready on this list counts as granted"), required=False, initial=True
    )

    def __init__(self, *args: Any, is_about_people: bool, cancel_url: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_about_people:
            del self.fields["sharing_ground"], self.fields["ready_counts_as_granted"]
        self.cancel_url = cancel_url


class MendForm(forms.Form):
    """The cells of a row that was set aside, each under its own header."""

    def __init__(
        self,
        *args: Any,
        columns: list[dict[str, Any]],
        cells: AnyMapping[str, Any],
        wrong: AnyMapping[str, str],
        cancel_url: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.letters: dict[str, str] = {}
        for column in sorted(columns, key=lambda column: column["letter"] not in wrong):
            letter = column["letter"]
            name = f"cell_{letter}"
            self.letters[name] = letter
            header = " ".join(x for x in (column["group"], column["header"]) if x)
            text = as_typed(cells.get(letter))
            self.fields[name] = forms.CharField(
                label=_("%(letter)s: %(header)s") % {"letter": letter, "header": header},
                required=False,
                initial=text,
                strip=False,
                help_text=wrong.get(letter, ""),
                widget=forms.Textarea(attrs={"rows": 3}) if len(text) > 80 else forms.TextInput(),
            )
            self.fields[name].required_at_times = letter in wrong
        self._wrong = [name for name, letter in self.letters.items() if letter in wrong]
        self.cancel_url = cancel_url

    @property
    def wrong_fields(self) -> list[forms.BoundField]:
        """What is to be put right; all of the row where nothing points at a cell."""
        return [self[name] for name in self._wrong or self.letters]

    @property
    def other_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.letters if self._wrong and name not in self._wrong]

    def edited(self) -> dict[str, str]:
        """The cells that the person changed, by letter."""
        return {
            letter: self.cleaned_data[name]
            for name, letter in self.letters.items()
            if self.cleaned_data[name] != (self.fields[name].initial or "")
        }


def as_typed(cell: Any) -> str:
    """A cell as somebody would type it: a day of a workbook is kept year first."""
    text = "" if cell is None else str(cell)
    found = ISO_DAY.fullmatch(text)
    return "-".join(reversed(found.groups())) if found else text


def question_of(stored: AnyMapping[str, Any]) -> Question:
    return Question(
        topic=stored["topic"],
        key=stored["key"],
        text=stored["text"],
        options=tuple(stored["options"]),
        facts=stored["facts"],
        rows=tuple(stored["rows"]),
        times=stored["times"],
        is_needed=stored["is_needed"],
    )


def is_new_name(question: Question) -> bool:
    """A name of a place in a known municipality that looks like nothing known there."""
    home = question.facts.get("municipality")
    return question.topic == "neighbourhoods" and question.options == (f"{home}|{question.text}",)


def options_of(question: Question, kinds: list[ListKind]) -> tuple[str, ...]:
    """What can be answered: what was suggested first, then everything that could be meant."""
    topic, _dot, field_name = question.topic.partition(".")
    more: tuple[str, ...] = ()
    if topic == "words":
        more = tuple(str(meaning) for meaning in meanings_of(kinds, field_name))
    elif topic == "columns":
        more = (NOT_USED, *(field.name for kind in kinds for field in kind.fields))
    elif topic == "neighbourhoods":
        more = (NOT_USED,)
    return tuple(dict.fromkeys((*question.options, *more)))


def option_words(question: Question, option: str, kinds: list[ListKind]) -> str:
    """A possible answer in the words of the reader."""
    topic, _dot, field_name = question.topic.partition(".")
    match topic:
        case "words":
            return meaning_words(kinds, field_name, option)
        case "columns":
            if option == NOT_USED:
                return str(_("not used"))
            for kind in kinds:
                declared = kind.field_of(option)
                if declared is not None:
                    return str(declared.label)
        case "neighbourhoods":
            if option == NOT_USED:
                return str(_("none of these"))
            municipality, _bar, name = option.partition("|")
            place = {"name": name, "municipality": municipality}
            if name == question.text:
                return str(_("new neighbourhood: %(name)s, %(municipality)s") % place)
            return str(_("%(name)s, %(municipality)s") % place)
        case "swaps":
            return str(_("yes") if option == "yes" else _("no"))
        case "kinds":
            return str(importer_of(option).kind.label)
    return option


def _where(question: Question) -> str:
    if not question.rows:
        return ""
    rows = ", ".join(str(row) for row in question.rows[:5])
    more = question.times - len(question.rows[:5])
    if more > 0:
        return str(_("Rows %(rows)s and %(more)s more") % {"rows": rows, "more": more})
    return str(_("Row %(rows)s") % {"rows": rows})
