"""What the values of an xlsx do not show: formulas, hidden rows, merged cells, leading zeros."""

import posixpath
import re
from dataclasses import dataclass, field

from lists.reading import refusals
from lists.reading.archive import Archive
from lists.reading.markup import Attributes, walk
from lists.reading.workbook import column_index

REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
MOST_CELLS = 8_000_000
MOST_FORMULAS = 500_000


@dataclass
class Beside:
    """What stands beside the values of one sheet."""

    name: str
    is_hidden: bool = False
    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    # Cells whose number format is zeros only: a client number 5402 that is shown as 0005402.
    padded: dict[tuple[int, int], int] = field(default_factory=dict)
    last_row: int = 0
    last_column: int = 0


def read_beside(archive: Archive) -> list[Beside]:
    """Pass once over each sheet, in the order of the workbook."""
    if _has_macros(archive):
        raise refusals.macros()
    if "xl/workbook.xml" not in archive:
        raise refusals.damaged()
    targets = _targets(archive)
    widths = _zero_widths(archive)
    found = []
    for name, state, relation in _sheets(archive):
        target = targets.get(relation)
        if target is None or target not in archive:
            raise refusals.damaged()
        beside = Beside(name=name, is_hidden=state != "visible")
        _pass_over(archive, target, beside, widths)
        if (beside.last_row * (beside.last_column + 1)) > MOST_CELLS:
            raise refusals.too_wide(name)
        found.append(beside)
    return found


def _has_macros(archive: Archive) -> bool:
    for name in archive.names:
        lowered = name.lower()
        if "vbaproject" in lowered or "macrosheets/" in lowered or "dialogsheets/" in lowered:
            return True
    kinds = archive.read("[Content_Types].xml") if "[Content_Types].xml" in archive else b""
    return b"macroenabled" in kinds.lower() or b"vbaproject" in kinds.lower()


def _sheets(archive: Archive) -> list[tuple[str, str, str]]:
    sheets: list[tuple[str, str, str]] = []

    def start(name: str, attributes: Attributes) -> None:
        if name == "sheet":
            relation = next((v for k, v in attributes.items() if k.endswith(":id")), "")
            sheets.append(
                (attributes.get("name", ""), attributes.get("state", "visible"), relation)
            )

    walk(archive.chunks("xl/workbook.xml"), start=start)
    return sheets


def _targets(archive: Archive) -> dict[str, str]:
    targets: dict[str, str] = {}

    def start(name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            targets[attributes.get("Id", "")] = posixpath.normpath(path)

    if "xl/_rels/workbook.xml.rels" in archive:
        walk(archive.chunks("xl/_rels/workbook.xml.rels"), start=start)
    return targets


def _zero_widths(archive: Archive) -> dict[str, int]:
    """Return style index -> how many digits, for number formats made of zeros only."""
    formats: dict[str, int] = {}
    widths: dict[str, int] = {}
    inside = {"cellXfs": False}
    count = {"xf": 0}

    def start(name: str, attributes: Attributes) -> None:
        if name == "numFmt" and re.fullmatch(r"0{2,15}", attributes.get("formatCode", "")):
            formats[attributes.get("numFmtId", "")] = len(attributes["formatCode"])
        elif name == "cellXfs":
            inside["cellXfs"] = True
        elif name == "xf" and inside["cellXfs"]:
            width = formats.get(attributes.get("numFmtId", ""))
            if width:
                widths[str(count["xf"])] = width
            count["xf"] += 1

    def end(name: str) -> None:
        if name == "cellXfs":
            inside["cellXfs"] = False

    if "xl/styles.xml" in archive:
        walk(archive.chunks("xl/styles.xml"), start=start, end=end)
    return widths


def _pass_over(archive: Archive, member: str, beside: Beside, widths: dict[str, int]) -> None:
    row = 0
    column = -1
    style = ""
    kind = ""
    in_formula = False
    formula: list[str] = []
    shared = ""
    masters: dict[str, str] = {}

    def start(name: str, attributes: Attributes) -> None:
        nonlocal row, column, style, kind, in_formula, shared
        if name == "c":
            match = REFERENCE.fullmatch(attributes.get("r", ""))
            if match:
                column, row = column_index(match[1]), int(match[2])
            else:
                column += 1
            style, kind = attributes.get("s", ""), attributes.get("t", "n")
        elif name == "v" or name == "is":
            beside.last_row = max(beside.last_row, row)
            beside.last_column = max(beside.last_column, column)
            if kind == "n" and style in widths:
                beside.padded[row, column] = widths[style]
        elif name == "f":
            in_formula, shared = True, ""
            formula.clear()
            if attributes.get("t") == "shared":
                shared = attributes.get("si", "")
        elif name == "row":
            row = int(attributes["r"]) if attributes.get("r", "").isdigit() else row + 1
            column = -1
            if attributes.get("hidden") in {"1", "true"}:
                beside.hidden_rows.add(row)
        elif name == "mergeCell":
            _keep_merged(attributes.get("ref", ""), beside)

    def text(piece: str) -> None:
        if in_formula:
            formula.append(piece)

    def end(name: str) -> None:
        nonlocal in_formula
        if name != "f":
            return
        in_formula = False
        words = "".join(formula)
        if shared:
            words = masters.setdefault(shared, words) if words else masters.get(shared, "")
        if len(beside.formulas) >= MOST_FORMULAS:
            raise refusals.too_wide(beside.name)
        beside.formulas[row, column] = f"={words}"

    walk(archive.chunks(member), start=start, end=end, text=text)


def _keep_merged(reference: str, beside: Beside) -> None:
    first, _, last = reference.partition(":")
    begin, finish = REFERENCE.fullmatch(first), REFERENCE.fullmatch(last)
    if begin and finish and len(beside.merged) < MOST_FORMULAS:
        beside.merged.append(
            (int(begin[2]), column_index(begin[1]), int(finish[2]), column_index(finish[1]))
        )
