"""What people decided about the matching, as tables for screen, paper and lists."""

from collections.abc import Sequence

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from housing.decisions import Decisions, Month
from regions import formats
from regions.tables import Cell, Column, Table, numeric


def month_table(months: Sequence[Month]) -> Table:
    """Each month with its decisions; a share only of fifty or more."""
    return Table(
        caption=_("Decisions by month"),
        columns=[
            Column(_("Month")),
            Column(_("Followed"), "number", _("proposals")),
            Column(_("Departed"), "number", _("proposals")),
            Column(_("Share followed"), "number"),
            Column(_("Followed, time known"), "number", _("proposals")),
            Column(_("Of which within a minute"), "number", _("proposals")),
        ],
        rows=[
            [
                Cell(formats.month(month.first)),
                _cell(month.decisions, month.decisions.followed),
                _cell(month.decisions, month.decisions.departed),
                Cell(formats.percent(month.decisions.followed_share)),
                _cell(month.decisions, month.decisions.timed),
                _cell(month.decisions, month.decisions.hasty),
            ]
            for month in months
        ],
    )


def reason_table(decisions: Decisions) -> Table:
    """Why people departed from the matching, the most frequent reason first."""
    return Table(
        caption=_("Reasons to depart"),
        columns=[Column(_("Reason")), Column(_("How often"), "number", _("proposals"))],
        rows=[
            [Cell(capfirst(reason)), _cell(decisions, count)] for reason, count in decisions.reasons
        ],
    )


def _cell(decisions: Decisions, count: int) -> Cell:
    if decisions.is_exact:
        return numeric(count)
    if count < formats.SMALLEST_COUNT_SHOWN:
        return Cell(decisions.told(count))
    return numeric(formats.to_five(count))
