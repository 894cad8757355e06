"""Where lists stand in a sheet: header rows, the kind they speak of, and where they end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lists.cells.texts import is_empty, plain
from lists.context import Context
from lists.kinds import ListKind
from lists.reading import Cell, Sheet
from lists.recognising.headers import ACCEPTED, Header, synonyms_of

SEARCHED = 60
LONGEST_HEADER = 60
LEAST_MATCHES = 3
WINDOW = 3


@dataclass(frozen=True, slots=True)
class Block:
    """One list in a sheet: `first` and `last` are its data rows as a spreadsheet counts."""

    kind: ListKind
    header_rows: tuple[int, ...]
    headers: tuple[Header | None, ...]
    first: int
    last: int
    # Texts above the header: titles, from the previous block on.
    title: tuple[str, ...] = ()
    is_matrix: bool = False
    # The names across run the other way: organisations down, municipalities across.
    is_turned: bool = False
    score: float = 0.0
    rival: str | None = None


@dataclass(frozen=True, slots=True)
class _Heading:
    score: float
    rows: tuple[int, ...]
    headers: tuple[Header | None, ...]
    kind: ListKind
    rival: tuple[float, str] | None = None


def find_blocks(
    sheet: Sheet, kinds: Sequence[ListKind], context: Context, *, hint: str, chosen: str = ""
) -> list[Block]:
    """Return the lists of a sheet from top to bottom; none where nothing is recognised."""
    allowed = [kind for kind in kinds if not chosen or kind.name == chosen]
    starts: list[tuple[Block, int]] = []
    row = 1
    while row <= len(sheet.rows):
        above = starts[-1][0].headers if starts else ()
        found = _next_block(sheet, row, allowed, context, hint, above=above)
        if found is None:
            break
        starts.append((found, found.header_rows[0]))
        row = found.first
    if not starts and chosen and allowed and (bare := _first_heading(sheet, allowed[0])):
        starts.append((bare, bare.header_rows[0]))
    blocks: list[Block] = []
    for index, (block, _) in enumerate(starts):
        end = starts[index + 1][1] - 1 if index + 1 < len(starts) else len(sheet.rows)
        title_from = blocks[-1].last + 1 if blocks else 1
        while (
            end > block.first
            and _is_title_or_empty(sheet.rows[end - 1])
            and (index + 1 < len(starts))
        ):
            end -= 1
        titles = _titles(sheet, title_from, block.header_rows[0] - 1)
        blocks.append(
            Block(
                kind=block.kind,
                header_rows=block.header_rows,
                headers=block.headers,
                first=block.first,
                last=end,
                title=titles,
                is_matrix=block.is_matrix,
                is_turned=block.is_turned,
                score=block.score,
                rival=block.rival,
            )
        )
    return blocks


def _next_block(
    sheet: Sheet,
    start: int,
    kinds: Sequence[ListKind],
    context: Context,
    hint: str,
    *,
    above: tuple[Header | None, ...],
) -> Block | None:
    """The next list below; the header of the list above, once more, begins no new one."""
    is_first = not above
    until = len(sheet.rows) if not is_first else min(len(sheet.rows), start + SEARCHED)
    for row in range(start, until + 1):
        cells = sheet.rows[row - 1]
        if not is_first and not _may_begin(sheet, row):
            continue
        if not _is_heading_like(cells) or is_repeated_header(cells, above):
            continue
        matrix = _matrix_at(sheet, row, kinds, context)
        heading = _best_heading(sheet, row, kinds, hint, above)
        if heading is not None and not (matrix and matrix.score >= heading.score):
            return Block(
                kind=heading.kind,
                header_rows=heading.rows,
                headers=heading.headers,
                first=heading.rows[-1] + 1,
                last=len(sheet.rows),
                score=heading.score,
                rival=heading.rival[1] if heading.rival else None,
            )
        if matrix is not None:
            return matrix
    return None


def _first_heading(sheet: Sheet, kind: ListKind) -> Block | None:
    """Where a person said what the list is and no header is known: the first full line of texts."""
    widths = sorted(sum(1 for cell in cells if not is_empty(cell)) for cells in sheet.rows)
    usual = widths[len(widths) // 2] if widths else 0
    for number, cells in enumerate(sheet.rows[:SEARCHED], start=1):
        filled = sum(1 for cell in cells if not is_empty(cell))
        if filled >= max(2, usual * 0.6) and _is_heading_like(cells):
            return Block(
                kind=kind,
                header_rows=(number,),
                headers=_single(sheet, number),
                first=number + 1,
                last=len(sheet.rows),
            )
    return None


def _may_begin(sheet: Sheet, row: int) -> bool:
    """A further list begins after an empty row or after a title line."""
    above = sheet.rows[row - 2] if row > 1 else ()
    return _is_title_or_empty(above)


def _is_title_or_empty(cells: Sequence[Cell]) -> bool:
    filled = [cell for cell in cells if not is_empty(cell)]
    return not filled or (len(filled) == 1 and isinstance(filled[0], str))


def _is_heading_like(cells: Sequence[Cell]) -> bool:
    filled = [cell for cell in cells if not is_empty(cell)]
    if len(filled) < 2:
        return False
    texts = sum(1 for cell in filled if isinstance(cell, str) and len(cell) <= LONGEST_HEADER)
    return texts / len(filled) >= 0.7


def _best_heading(
    sheet: Sheet,
    row: int,
    kinds: Sequence[ListKind],
    hint: str,
    above: tuple[Header | None, ...],
) -> _Heading | None:
    """The best of the header rows that begin about here: one line, or two that belong together."""
    best: _Heading | None = None
    for below in range(row, min(row + WINDOW, len(sheet.rows) + 1)):
        if below > row and _is_title_or_empty(sheet.rows[below - 2]):
            break
        cells = sheet.rows[below - 1]
        if not _is_heading_like(cells) or is_repeated_header(cells, above):
            continue
        candidates: list[tuple[tuple[int, ...], tuple[Header | None, ...]]] = [
            ((below,), _single(sheet, below))
        ]
        if below > row:
            candidates.append(((below - 1, below), _double(sheet, below)))
        for rows, headers in candidates:
            found = _heading(rows, headers, kinds, hint)
            if found and (best is None or found.score > best.score + 0.5):
                best = found
    return best


def _heading(
    rows: tuple[int, ...],
    headers: tuple[Header | None, ...],
    kinds: Sequence[ListKind],
    hint: str,
) -> _Heading | None:
    found: list[tuple[float, _Heading]] = []
    present = [header for header in headers if header is not None]
    for kind in kinds:
        if not kind.fields:
            continue
        synonyms = synonyms_of(kind.fields)
        taken: dict[str, float] = {}
        matched = 0
        for header in present:
            nearest = synonyms.near(header)
            name = max(nearest, key=nearest.__getitem__, default="")
            near = nearest.get(name, 0.0)
            if near >= ACCEPTED:
                matched += 1
                taken[name] = max(taken.get(name, 0.0), near)
        defining = [declared for declared in kind.fields if declared.defining]
        has = sum(1 for declared in defining if declared.name in taken)
        if len(taken) < min(LEAST_MATCHES, len(kind.fields)) or (defining and has == 0):
            continue
        share = matched / len(present)
        if share < 0.4:
            continue
        points = sum(taken.values()) / 100
        # A list without what defines its kind is hardly one; a hint in a name helps a little.
        points *= (0.4 + 0.6 * has / len(defining)) if defining else 1.0
        points *= 1.05 if any(word in hint for word in kind.hints) else 1.0
        found.append((points, _Heading(points, rows, headers, kind)))
    if not found:
        return None
    found.sort(key=lambda pair: -pair[0])
    points, heading = found[0]
    rival = None
    if len(found) > 1 and found[1][0] > points * 0.92:
        rival = (found[1][0], found[1][1].kind.name)
    return _Heading(heading.score, heading.rows, heading.headers, heading.kind, rival)


def _single(sheet: Sheet, row: int) -> tuple[Header | None, ...]:
    return tuple(Header(text) if text else None for text in map(_text, sheet.rows[row - 1]))


def _double(sheet: Sheet, row: int) -> tuple[Header | None, ...]:
    """Two header lines: a group above several columns, or one header as high as both lines."""
    upper, lower = sheet.rows[row - 2], sheet.rows[row - 1]
    groups = _spread(sheet, row - 1)
    headers: list[Header | None] = []
    for column in range(max(len(upper), len(lower))):
        below = _text(lower[column]) if column < len(lower) else ""
        above = groups.get(column, "")
        if below:
            headers.append(Header(below, above or None))
        else:
            own = _text(upper[column]) if column < len(upper) else ""
            headers.append(Header(own) if own else None)
    return tuple(headers)


def _spread(sheet: Sheet, row: int) -> dict[int, str]:
    """Give every column the group text above it: by merged cells, else up to the next text."""
    groups: dict[int, str] = {}
    cells = sheet.rows[row - 1]
    merged = {
        first_column: last_column
        for first_row, first_column, last_row, last_column in sheet.merged
        if first_row <= row <= last_row
    }
    current = ""
    for column in range(sheet.width):
        text = _text(cells[column]) if column < len(cells) else ""
        if text:
            current = text
            if column in merged:
                groups.update(dict.fromkeys(range(column, merged[column] + 1), text))
        if column not in groups and current and not merged:
            groups[column] = current
        elif text:
            groups.setdefault(column, text)
    return groups


def _matrix_at(sheet: Sheet, row: int, kinds: Iterable[ListKind], context: Context) -> Block | None:
    """A list in two directions: names across in this row, names down below it, numbers inside."""
    cells = sheet.rows[row - 1]
    across = {column: _text(cell) for column, cell in enumerate(cells) if column and _text(cell)}
    below = []
    for number in range(row + 1, min(row + 40, len(sheet.rows)) + 1):
        if _is_title_or_empty(sheet.rows[number - 1]):
            break
        below.append(sheet.rows[number - 1])
    if len(across) < 2 or len(below) < 2:
        return None
    for kind in kinds:
        if kind.matrix is None:
            continue
        names_down = [_text(line[0]) for line in below if line]
        inside = [line[column] for line in below for column in across if column < len(line)]
        numbers = sum(1 for cell in inside if is_empty(cell) or isinstance(cell, int | float))
        if not inside or numbers / len(inside) < 0.6:
            # In a csv numbers are texts.
            numbers = sum(
                1 for cell in inside if is_empty(cell) or _text(cell).strip("-").isdigit()
            )
        if not inside or numbers / len(inside) < 0.9:
            continue
        down = _share(names_down, context)
        over = _share(list(across.values()), context)
        known = _share_of_organisations(list(across.values()), context)
        known_down = _share_of_organisations(names_down, context)
        if down >= 0.5 and over < 0.5 and (known > 0 or _is_corner(cells, kind)):
            turned = False
        elif over >= 0.5 and down < 0.5 and (known_down > 0 or _is_corner(cells, kind)):
            turned = True
        else:
            continue
        headers = tuple(Header(text) if text else None for text in map(_text, cells))
        return Block(
            kind=kind,
            header_rows=(row,),
            headers=headers,
            first=row + 1,
            last=len(sheet.rows),
            is_matrix=True,
            is_turned=turned,
            score=len(across) * max(known, known_down, 0.3),
        )
    return None


def _is_corner(cells: Sequence[Cell], kind: ListKind) -> bool:
    corner = _text(cells[0]) if cells else ""
    if kind.matrix is None or not corner:
        return False
    header = Header(corner)
    nearest = synonyms_of((kind.matrix.down, kind.matrix.across)).near(header)
    return any(near >= ACCEPTED for near in nearest.values())


def _share(names: Sequence[str], context: Context) -> float:
    texts = [name for name in names if name]
    known = sum(1 for name in texts if context.municipality(name))
    return known / len(texts) if texts else 0.0


def _share_of_organisations(names: Sequence[str], context: Context) -> float:
    texts = [name for name in names if name]
    known = sum(1 for name in texts if context.organisation(name))
    return known / len(texts) if texts else 0.0


def _titles(sheet: Sheet, first: int, last: int) -> tuple[str, ...]:
    return tuple(
        text
        for number in range(max(first, 1), last + 1)
        for text in [" ".join(filter(None, map(_text, sheet.rows[number - 1])))]
        if text
    )


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell.strip()
    return str(cell) if isinstance(cell, int) and not isinstance(cell, bool) else ""


def is_repeated_header(cells: Sequence[Cell], headers: Sequence[Header | None]) -> bool:
    """Whether a row among the data is the header once more."""
    pairs = [
        (plain(str(cell)), plain(header.text))
        for cell, header in zip(cells, headers, strict=False)
        if header is not None and not is_empty(cell)
    ]
    same = sum(1 for cell, header in pairs if cell == header)
    return len(pairs) >= 2 and same / len(pairs) >= 0.7
