"""Why a file is refused whole: nothing in it is read, and the sentence says what to do."""

from django.utils.translation import gettext as _

from regions.errors import Refused

MEGABYTE = 1024 * 1024


class ListRefused(Refused):
    """The file was not read; `code` is for reports and tests, `sentence` for the screen."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def empty() -> ListRefused:
    return ListRefused("empty", _("This file is empty. Choose the file that holds the list."))


def too_large(limit: int) -> ListRefused:
    return ListRefused(
        "too_large",
        _("This file is larger than %(megabytes)s MB. Split the list and put in the parts.")
        % {"megabytes": limit // MEGABYTE},
    )


def unknown_type() -> ListRefused:
    return ListRefused(
        "unknown_type",
        _("Only xlsx, ods and csv are read here. Save the list as one of these and try again."),
    )


def old_workbook() -> ListRefused:
    return ListRefused(
        "old_workbook",
        _("This is an old Excel file (xls). Open it, save it as xlsx and try again."),
    )


def encrypted() -> ListRefused:
    return ListRefused(
        "encrypted",
        _("This file is locked with a password. Save it without the password and try again."),
    )


def macros() -> ListRefused:
    return ListRefused(
        "macros",
        _("This workbook holds macros (small programs). Save it without macros and try again."),
    )


def wrong_type(claimed: str, found: str) -> ListRefused:
    return ListRefused(
        "wrong_type",
        _("The name says %(claimed)s, the content is %(found)s. Save the list again and retry.")
        % {"claimed": claimed, "found": found},
    )


def bomb() -> ListRefused:
    return ListRefused(
        "bomb",
        _("This file unpacks to far more than a list needs. Copy the list to a new file."),
    )


def too_wide(sheet: str | None) -> ListRefused:
    return ListRefused(
        "too_wide",
        _("Sheet %(sheet)s is too large: cells stand far apart. Copy the list to a new file.")
        % {"sheet": sheet or ""},
    )


def damaged() -> ListRefused:
    return ListRefused(
        "damaged",
        _("This file is damaged and cannot be read. Open it, save it again and retry."),
    )


def forbidden_markup() -> ListRefused:
    return ListRefused(
        "forbidden_markup",
        _("This file refers to something outside itself. Copy the list to a new file."),
    )


def open_quote(row: int) -> ListRefused:
    return ListRefused(
        "open_quote",
        _("A quotation mark opens near row %(row)s and never closes, so rows cannot be told apart.")
        % {"row": row},
    )


def not_text() -> ListRefused:
    return ListRefused(
        "not_text",
        _("This file is called csv but does not hold text. Save the list once more and try again."),
    )
