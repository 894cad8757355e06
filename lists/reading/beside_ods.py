"""What the values of an ods do not show: formulas, hidden rows, merged cells, real size."""

from lists.reading import refusals
from lists.reading.archive import Archive
from lists.reading.beside_xlsx import MOST_CELLS, MOST_FORMULAS, Beside
from lists.reading.markup import Attributes, walk


def read_beside(archive: Archive) -> list[Beside]:
    """Pass once over the content; long runs of repeated empty rows cost nothing."""
    if any(name.startswith(("Basic/", "Scripts/")) for name in archive.names):
        raise refusals.macros()
    if "META-INF/manifest.xml" in archive and (
        b"encryption-data" in archive.read("META-INF/manifest.xml")
    ):
        raise refusals.encrypted()
    if "content.xml" not in archive:
        raise refusals.damaged()
    passing = _Passing()
    walk(archive.chunks("content.xml"), start=passing.start, end=passing.end)
    return passing.sheets


class _Passing:
    """Counts rows and columns with their repeats, and remembers what is not a value."""

    def __init__(self) -> None:
        self.sheets: list[Beside] = []
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._row = 0
        self._repeat = 1
        self._column = 0
        self._width = 0
        self._filled: list[tuple[int, int]] = []
        self._is_hidden_row = False

    def start(self, name: str, attributes: Attributes) -> None:
        match name:
            case "table":
                self.sheets.append(Beside(name=attributes.get("table:name", "")))
                self.sheets[-1].is_hidden = attributes.get("table:style-name", "") in (
                    self._hidden_styles
                )
                self._row = 0
            case "table-row":
                self._repeat = _count(attributes.get("table:number-rows-repeated"))
                self._column = 0
                self._filled = []
                shown = attributes.get("table:visibility", "visible")
                self._is_hidden_row = shown in {"collapse", "filter"}
            case "table-cell" | "covered-table-cell":
                self._cell(attributes)
            case "style":
                self._style = attributes.get("style:name", "")
            case "table-properties":
                if attributes.get("table:display") == "false":
                    self._hidden_styles.add(self._style)
            case "script" | "event-listener":
                # Empty wrappers are ordinary; a script element that names a language is code.
                if "script:language" in attributes:
                    raise refusals.macros()

    def end(self, name: str) -> None:
        if name != "table-row" or not self.sheets:
            return
        sheet = self.sheets[-1]
        if self._filled:
            sheet.last_row = self._row + self._repeat
            sheet.last_column = max(sheet.last_column, *(last for _, last in self._filled))
            if sheet.last_row * (sheet.last_column + 1) > MOST_CELLS:
                raise refusals.too_wide(sheet.name)
            if self._is_hidden_row:
                sheet.hidden_rows.update(range(self._row + 1, self._row + self._repeat + 1))
        self._row += self._repeat

    def _cell(self, attributes: Attributes) -> None:
        repeat = _count(attributes.get("table:number-columns-repeated"))
        sheet = self.sheets[-1]
        row, column = self._row + 1, self._column
        # calcext:value-type repeats the kind; office:value-type alone says a value is there.
        if "office:value-type" in attributes:
            self._filled.append((column, column + repeat - 1))
            if column + repeat > MOST_CELLS:
                raise refusals.too_wide(sheet.name)
        formula = attributes.get("table:formula")
        if formula is not None:
            if len(sheet.formulas) + repeat > MOST_FORMULAS:
                raise refusals.too_wide(sheet.name)
            shown = formula.partition(":=")[2] if ":=" in formula else formula.lstrip("=")
            for at in range(column, column + repeat):
                sheet.formulas[row, at] = f"={shown}"
        across = _count(attributes.get("table:number-columns-spanned"))
        down = _count(attributes.get("table:number-rows-spanned"))
        if across > 1 or down > 1:
            sheet.merged.append((row, column, row + down - 1, column + across - 1))
        self._column += repeat


def _count(text: str | None) -> int:
    return max(1, int(text)) if text and text.isdigit() else 1
