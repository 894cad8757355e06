"""What a kind of list calls its fields and their meanings, for whoever reads a screen."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Choices
from django.utils.translation import gettext_lazy as _

from lists.kinds import Label, ListKind

# Meanings that are no choice of a model.
MEANINGS: dict[str, Label] = {
    "male": _("man"),
    "female": _("woman"),
    "other": _("other"),
    "expected": _("expected"),
    "reached": _("reached"),
    "yes": _("yes"),
    "no": _("no"),
}


def field_words(kind: ListKind, name: str) -> str:
    """The label of a field, or its name where the list does not have it."""
    declared = kind.field_of(name)
    return str(declared.label) if declared else name


def meanings_of(kinds: Iterable[ListKind], field_name: str) -> tuple[str, ...]:
    """Everything a word in this column can mean."""
    for kind in kinds:
        declared = kind.field_of(field_name)
        vocabulary = getattr(declared.reader, "vocabulary", None) if declared else None
        if vocabulary is not None:
            return tuple(vocabulary.meanings)
    return ()


def meaning_words(kinds: Iterable[ListKind], field_name: str, value: Any) -> str:
    """A meaning in words, as the choice of the model or the table above has it."""
    for meaning in meanings_of(kinds, field_name):
        if str(meaning) == str(value):
            return _label(meaning)
    return _label(value)


def _label(value: Any) -> str:
    if isinstance(value, Choices):
        return str(value.label)
    return str(MEANINGS.get(str(value), value))
