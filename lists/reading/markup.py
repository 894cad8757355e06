"""One way through the XML of a workbook: streamed, without entities, without the outside."""

from collections.abc import Callable, Iterable
from xml.parsers import expat

from lists.reading import refusals

type Attributes = dict[str, str]


def walk(
    chunks: Iterable[bytes],
    *,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Call back for each element; names come without their namespace prefix.

    A document type or an entity is refused: a workbook needs neither, an attack does.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> int:
        raise refusals.forbidden_markup()

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.StartElementHandler = lambda name, attributes: start(_local(name), attributes)
    if end is not None:
        parser.EndElementHandler = lambda name: end(_local(name))
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise refusals.damaged() from error


def _local(name: str) -> str:
    return name.rpartition(":")[2]
