"""What is wrong with a cell or a row, in one sentence that says what to do."""

from collections.abc import Mapping as AnyMapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from lists.kinds import Label, ListKind

SENTENCES: dict[str, Label] = {
    "impossible_date": _("%(value)s is not a day that exists. Write it as day-month-year."),
    "serial_number_in_text": _(
        "%(value)s is a day as Excel counts days, not as people write it. Choose the date."
    ),
    "not_a_number": _("%(value)s is not a number. Fill in a number or leave the cell empty."),
    "not_a_whole_number": _("%(value)s is not a whole number. Fill in a count."),
    "too_low": _("%(value)s is lower than can be. Fill in the right number."),
    "out_of_range": _("%(value)s lies outside what can be. Fill in the right number."),
    "municipality_unknown": _("%(value)s is not a municipality. Choose the right one."),
    "municipality_abolished": _(
        "%(value)s is no longer a municipality. Choose the municipality of today."
    ),
    "neighbourhood_unknown": _(
        "%(value)s is not a known neighbourhood there. Choose the right one or have it added."
    ),
    "place_unknown": _("In which municipality %(value)s lies is not known. Choose it."),
    "organisation_unknown": _("%(value)s is not an organisation in this region. Choose it."),
    "word_unknown": _("What %(value)s means here is not known. Choose the meaning."),
    "yes_no_unknown": _("%(value)s is neither yes nor no. Choose one."),
    "formula_cell": _(
        "This cell holds a formula. Type the value itself; the last outcome is a suggestion."
    ),
    "formula_like_text": _("This text begins like a formula. It stays text and does nothing."),
    "name_is_formula": _("%(value)s begins like a formula and is no name. Type the name."),
    "long_text": _("This text is very long. It is kept whole; check that it belongs here."),
    "postcode_wrong": _("%(value)s is not a postcode. Write it as 1234 AB."),
    "postcode_missing": _("The postcode is missing. Fill it in."),
    "house_number_missing": _("%(value)s has no house number. Fill in street and number."),
    "email_wrong": _("%(value)s is not an e-mail address."),
    "value_missing": _("This cell is empty and cannot be. Fill it in."),
    "key_missing": _("Without this the row cannot be told from others, so it is not put in."),
    "duplicate_row": _("This row is the same as row %(row)s. It counts once."),
    "same_key_differs": _("Row %(row)s is about the same, with other values. Choose which holds."),
    "empty_row": _("This row is empty and was skipped."),
    "header_repeated": _("This row repeats the header and was skipped."),
    "total_row": _("This row holds totals and was skipped."),
    "note_row": _("This row is a remark and was skipped."),
    "headers_swapped": _(
        "The headers %(value)s and %(other)s seem to stand above each other's column."
    ),
    "refused": _("%(sentence)s"),
    "total_differs": _("The total in this row is not the sum of its numbers."),
}
# These tell something and change nothing: the row goes in.
NOTES = frozenset({"formula_like_text", "long_text", "total_differs"})


def sentence(
    kind: ListKind | None, defect: str, *, value: str = "", facts: AnyMapping[str, Any]
) -> str:
    """Return the sentence for a defect in the language of the reader."""
    own = kind.sentences if kind else {}
    template = str(own.get(defect) or SENTENCES[defect])
    quoted = value if len(value) <= 60 else f"{value[:60]}…"
    return template % {"value": f"‘{quoted}’", **facts}
