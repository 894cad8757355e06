"""Opening a list as a party keeps it: safely, bounded, and without running anything in it."""

from lists.reading.opening import open_list
from lists.reading.refusals import ListRefused
from lists.reading.workbook import Cell, Sheet, Workbook, column_index, column_letter

__all__ = [
    "Cell",
    "ListRefused",
    "Sheet",
    "Workbook",
    "column_index",
    "column_letter",
    "open_list",
]
