"""A whole list, from an opened file to records, defects and questions. No database here.

    workbook = open_list(data, name)
    reading = read_list(workbook, kinds=KINDS, context=context, remembered=..., answers=...)
    reading.questions      what only a person can say
    for part in reading.parts: for row in part.rows(): ...

Answering is reading again: the same workbook with the answers laid over the mapping.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from lists.cells.texts import is_empty, plain, shown
from lists.cells.words import Word
from lists.context import Context
from lists.kinds import ListKind
from lists.mapping import Mapping
from lists.parts import Part, read_part, year_key
from lists.questions import Question
from lists.reading import Sheet, Workbook
from lists.recognising.blocks import Block, find_blocks
from lists.rows import Outcome, Row, Settled
from lists.titles import organisation_in, reference_day, year_in

LEGEND_SIGNS = ("=", ":", "→", "->")


@dataclass(frozen=True)
class Unused:
    """A sheet without a list, and what it holds instead."""

    name: str | None
    rows: int
    is_hidden: bool = False
    is_legend: bool = False


@dataclass(frozen=True)
class Reading:
    """How a file was read: its lists, what it left, and what it asks."""

    workbook: Workbook
    parts: tuple[Part, ...]
    unused: tuple[Unused, ...]
    questions: tuple[Question, ...]
    mapping: Mapping
    reference_date: date
    reference_date_was_found: bool
    organisation: str
    organisation_was_found: bool

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part.kind.name for part in self.parts))

    @property
    def rows_in(self) -> int:
        return sum(part.facts.rows_in for part in self.parts)

    @property
    def is_ready(self) -> bool:
        """Whether the list can go in: something was recognised and nothing needed is open."""
        return bool(self.parts) and not any(question.is_needed for question in self.questions)

    def rows(self) -> Iterator[tuple[Part, Row]]:
        """Every record of the file, sheet after sheet."""
        for part in self.parts:
            for row in part.rows():
                yield part, row

    def count(self, outcome: Outcome) -> int:
        return sum(part.facts.outcomes.get(outcome, 0) for part in self.parts)


def read_list(
    workbook: Workbook,
    *,
    kinds: Sequence[ListKind],
    context: Context,
    remembered: Mapping | None = None,
    answers: Mapping | None = None,
) -> Reading:
    """Recognise every list in the workbook and read each row of it once."""
    mapping = (remembered or Mapping()).under(answers or Mapping())
    found: list[tuple[Sheet, list[Block]]] = []
    for sheet in workbook.sheets:
        hint = plain(f"{workbook.name} {sheet.name or ''}")
        chosen = mapping.kinds.get(plain(sheet.name or ""), "")
        found.append((sheet, find_blocks(sheet, kinds, context, hint=hint, chosen=chosen)))
    legend = _legend(sheet for sheet, blocks in found if not blocks)
    mapping = _with_legend(mapping, legend, found)
    titles = [title for _, blocks in found for block in blocks for title in block.title]
    names = [workbook.name.rpartition(".")[0] or workbook.name, *titles]
    names += [sheet.name for sheet, blocks in found if blocks and sheet.name]
    day = reference_day([*titles, *names])
    reference_date = mapping.reference_date or day or context.reference_date
    context = replace(context, reference_date=reference_date)
    organisation, organisation_was_found = _organisation(names, found, context, mapping)
    parts: list[Part] = []
    unused: list[Unused] = []
    questions: list[Question] = []
    for sheet, blocks in found:
        if not blocks and sheet.rows:
            is_legend = any(key in legend for key in _legend([sheet]))
            unused.append(Unused(sheet.name, len(sheet.rows), sheet.is_hidden, is_legend))
        for block in blocks:
            settled = Settled(
                context=context,
                mapping=mapping,
                year=_year(block, sheet, workbook, mapping) if block.kind.needs_year else None,
                organisation=organisation,
            )
            part, asked = read_part(sheet, block, settled)
            parts.append(part)
            questions += asked
    questions += _about_organisation(parts, organisation, context)
    if not parts:
        questions += [
            Question(
                topic="kinds",
                key=plain(sheet.name or ""),
                text=sheet.name or workbook.name,
                options=tuple(kind.name for kind in kinds),
                is_needed=True,
            )
            for sheet, _ in found
            if sheet.rows
        ]
    return Reading(
        workbook=workbook,
        parts=tuple(parts),
        unused=tuple(unused),
        questions=_once(questions),
        mapping=mapping,
        reference_date=reference_date,
        reference_date_was_found=day is not None,
        organisation=organisation,
        organisation_was_found=organisation_was_found,
    )


def _about_organisation(
    parts: Sequence[Part], organisation: str, context: Context
) -> list[Question]:
    for part in parts:
        name = part.kind.organisation_field
        if name and not organisation and part.columns.of(name) is None:
            options = context.organisations_of(*part.kind.organisation_kinds)
            return [Question("organisation", "", "", tuple(options), is_needed=True)]
    return []


def _organisation(
    names: Sequence[str],
    found: Sequence[tuple[Sheet, list[Block]]],
    context: Context,
    mapping: Mapping,
) -> tuple[str, bool]:
    if mapping.organisation:
        return mapping.organisation, False
    kinds = {
        kind for _, blocks in found for block in blocks for kind in block.kind.organisation_kinds
    }
    if not kinds:
        return "", False
    if context.uploader and context.organisations.get(context.uploader) in kinds:
        return context.uploader, False
    guess = organisation_in(names, context, *kinds)
    return guess or "", guess is not None


def _year(block: Block, sheet: Sheet, workbook: Workbook, mapping: Mapping) -> int | None:
    said = mapping.years.get(year_key(sheet))
    return said or year_in(*block.title[::-1], sheet.name or "", workbook.name)


def _legend(sheets: Iterable[Sheet]) -> dict[str, str]:
    """Lines such as `2. Stabilisatie = stabilisatie` in a sheet that explains the words."""
    legend: dict[str, str] = {}
    for sheet in sheets:
        for cells in sheet.rows[:500]:
            texts = [shown(cell) for cell in cells if not is_empty(cell)]
            if len(texts) == 2:
                legend.setdefault(plain(texts[0]), texts[1])
            for text in texts:
                for piece in text.split(","):
                    for sign in LEGEND_SIGNS:
                        word, found, meaning = piece.partition(sign)
                        if found and word.strip() and meaning.strip():
                            legend.setdefault(plain(word), meaning.strip())
                            break
    return legend


def _with_legend(
    mapping: Mapping, legend: AnyMapping[str, str], found: Sequence[tuple[Sheet, list[Block]]]
) -> Mapping:
    """Words that the file itself explains; what a person said or remembered wins."""
    words: dict[str, dict[str, str]] = {}
    kinds = {block.kind.name: block.kind for _, blocks in found for block in blocks}
    for kind in kinds.values():
        for declared in kind.fields:
            if not isinstance(declared.reader, Word):
                continue
            vocabulary = declared.reader.vocabulary
            for word, meaning in legend.items():
                if vocabulary.find(word) is None and (known := vocabulary.find(meaning)):
                    words.setdefault(declared.name, {})[word] = known
    return Mapping(words=words).under(mapping)


def _once(questions: Iterable[Question]) -> tuple[Question, ...]:
    """The same question of several sheets is one question."""
    found: dict[tuple[str, str], Question] = {}
    for question in questions:
        key = (question.topic, question.key)
        if key in found:
            known = found[key]
            question = replace(
                known,
                options=tuple(dict.fromkeys((*known.options, *question.options))),
                times=known.times + question.times,
                is_needed=known.is_needed or question.is_needed,
            )
        found[key] = question
    return tuple(found.values())
