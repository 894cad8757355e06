"""The two catalogues: update them from the sources, compile them, check that they are complete.

python -m tools.catalogues update [--merge FRAGMENT.po ...]
python -m tools.catalogues compile
python -m tools.catalogues check

Works with babel alone, so that nobody needs GNU gettext. The English catalogue repeats the source:
without it Django would fall back to Dutch for an English reader.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = (
    "regions",
    "accounts",
    "lists",
    "outflow",
    "housing",
    "steering",
    "weerthuis",
    "example",
)
LANGUAGES = ("nl", "en")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_STRING = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(
    rf"\b(_|gettext|ngettext|pgettext|npgettext)\(\s*{_STRING}"
    rf"(?:\s*,\s*{_STRING})?(?:\s*,\s*{_STRING})?"
)
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
# A date of making would change the file when nothing else did.
_VOLATILE = (b'"POT-Creation-Date', b'"PO-Revision-Date', b'"Generated-By')

Found = tuple[str | tuple[str, ...], str | None]


def catalogue_path(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def _in_python(path: Path) -> Iterator[Found]:
    with path.open("rb") as source:
        for _line, message, _comments, context in extract("python", source, keywords=KEYWORDS):
            yield message, context


def _in_template(path: Path) -> Iterator[Found]:
    for call in _CALL.finditer(templatize(path.read_text(), origin=str(path))):
        name, *quoted = call.groups()
        texts = [ast.literal_eval(text) for text in quoted if text]
        context = texts.pop(0) if name in {"pgettext", "npgettext"} else None
        plural = name in {"ngettext", "npgettext"}
        yield (texts[0], texts[1]) if plural else texts[0], context


def sources() -> Iterator[Path]:
    """Every file that may hold words for the screen."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            if path.suffix in {".py", ".html", ".txt"} and "migrations" not in path.parts:
                yield path
    yield from sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())


def extracted() -> Catalog:
    """All strings in the sources, with the files that hold them."""
    template = Catalog(fuzzy=False)
    for path in sources():
        finder = _in_python if path.suffix == ".py" else _in_template
        place = path.relative_to(ROOT).as_posix()
        for message, context in finder(path):
            template.add(message, context=context, locations=[(place, 0)])
    return template


def read(path: Path, language: str) -> Catalog:
    """A catalogue from a file, or an empty one."""
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def write(catalogue: Catalog, path: Path) -> None:
    """Write sorted, without line numbers and dates, so that a difference is a real one."""
    catalogue.fuzzy = False
    catalogue.project, catalogue.version = "weerthuis", "1"
    catalogue.header_comment = (
        "# Words of Weerthuis. Made by `make messages`; edit the msgstr only."
    )
    catalogue.revision_date = catalogue.creation_date = datetime(2026, 1, 1, tzinfo=UTC)
    made = BytesIO()
    write_po(made, catalogue, width=96, sort_output=True, include_lineno=False)
    kept = [line for line in made.getvalue().splitlines() if not line.startswith(_VOLATILE)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\n".join(kept) + b"\n")


def _key(message: Message) -> tuple[object, str | None]:
    return (tuple(message.id) if isinstance(message.id, tuple | list) else message.id), (
        message.context
    )


def _is_translated(message: Message) -> bool:
    texts = message.string if isinstance(message.string, tuple | list) else [message.string]
    return bool(texts) and all(texts)


def update(fragments: list[Path]) -> None:
    """Bring both catalogues up to the sources; fragments fill what is still untranslated."""
    template = extracted()
    for language in LANGUAGES:
        path = catalogue_path(language)
        old = read(path, language)
        known = {_key(message): message.string for message in old if _is_translated(message)}
        if language == "nl":
            for fragment in fragments:
                for message in read(fragment, language):
                    if message.id and _is_translated(message):
                        known.setdefault(_key(message), message.string)
        new = Catalog(locale=language)
        for message in template:
            if not message.id:
                continue
            string = message.id if language == "en" else known.get(_key(message), "")
            if isinstance(message.id, tuple | list) and isinstance(string, str):
                string = (string, string) if string else ("", "")
            new.add(message.id, string=string, context=message.context, locations=message.locations)
        write(new, path)
        waiting = sum(bool(m.id) and not _is_translated(m) for m in new)
        print(f"{language}: {len(new)} messages, {waiting} untranslated")


def compile_all() -> None:
    """Make the binary catalogues that Django reads, where they are older than their source."""
    for language in LANGUAGES:
        path = catalogue_path(language)
        target = path.with_suffix(".mo")
        if not path.exists():
            continue
        if target.exists() and target.stat().st_mtime >= path.stat().st_mtime:
            continue
        partial = target.with_suffix(".partial")
        with partial.open("wb") as file:
            write_mo(file, read(path, language))
        partial.rename(target)


def faults() -> Iterator[str]:
    """What keeps the catalogues from being complete, one sentence each."""
    wanted = {_key(message) for message in extracted() if message.id}
    for language in LANGUAGES:
        catalogue = read(catalogue_path(language), language)
        present = {_key(message): message for message in catalogue if message.id}
        for key in sorted(wanted - present.keys(), key=str):
            yield f"{language}: not in the catalogue: {key[0]!r}"
        for key in sorted(present.keys() - wanted, key=str):
            yield f"{language}: no longer in the sources: {key[0]!r}"
        for key, message in present.items():
            if not _is_translated(message):
                yield f"{language}: untranslated: {key[0]!r}"
            elif message.fuzzy:
                yield f"{language}: fuzzy: {key[0]!r}"
            elif not _same_placeholders(message):
                yield f"{language}: other placeholders than the source: {key[0]!r}"


def _same_placeholders(message: Message) -> bool:
    """A singular may leave out the number; nothing may be invented or lost otherwise."""
    ids = message.id if isinstance(message.id, tuple | list) else [message.id]
    strings = message.string if isinstance(message.string, tuple | list) else [message.string]
    wanted = set().union(*(_PLACEHOLDER.findall(text) for text in ids))
    used = [set(_PLACEHOLDER.findall(text or "")) for text in strings]
    if len(ids) == 1:
        return used[0] == wanted
    return used[-1] == wanted and all(one <= wanted for one in used)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("verb", choices=["update", "compile", "check"])
    parser.add_argument("--merge", nargs="*", type=Path, default=[])
    arguments = parser.parse_args()
    if arguments.verb == "update":
        update(arguments.merge)
    elif arguments.verb == "compile":
        compile_all()
    else:
        found = list(faults())
        print("\n".join(found[:200]))
        print(f"catalogues: {len(found)} faults")
        return 1 if found else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
