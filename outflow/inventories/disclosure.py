"""Which numbers of the region are not told beside the exact ones of an own organisation."""

from collections.abc import Collection, Sequence

from django.utils.translation import gettext as _

from regions.formats import SMALLEST_COUNT_SHOWN
from regions.tables import Cell, Table


class SeenTable(Table):
    """A table that knows whether it keeps a number back."""

    @property
    def keeps_back(self) -> bool:
        rows = [*self.rows, self.totals]
        return any(cell.text == untold().text for row in rows for cell in row)


def untold() -> Cell:
    return Cell(_("not told"))


def tells_few(count: int, own: int = 0) -> bool:
    """Whether the number beside the own clients would tell of fewer than 10 others, or none."""
    return own > 0 and count - own < SMALLEST_COUNT_SHOWN


def kept_back(counts: Sequence[Sequence[int]], elsewhere: Collection[int] = ()) -> list[bool]:
    """Which numbers of a column are not told; the total is the last of them.

    The total less all others must not tell them either: so the next fewest others go with them,
    until those who are kept back together are no few. `elsewhere` stands on other tables too.
    """
    back = [tells_few(*each) for each in counts]
    if back[-1]:
        return back
    others = [count - sum(own) for count, *own in counts[:-1]]
    for at in sorted(range(len(others)), key=others.__getitem__):
        hidden = [max(number, 0) for number, is_back in zip(others, back, strict=False) if is_back]
        if not hidden or sum(hidden) >= SMALLEST_COUNT_SHOWN:
            break
        if at not in elsewhere and counts[at][0] >= SMALLEST_COUNT_SHOWN:
            back[at] = True
    return back
