"""A viewing as a calendar file: when and where, the code of the proposal, and nobody's name."""

from datetime import UTC, datetime, timedelta

VIEWING_LASTS = timedelta(minutes=30)
LINE_OCTETS = 75


def viewing_file(*, code: str, at: datetime, summary: str, location: str, made_at: datetime) -> str:
    """An iCalendar object (RFC 5545) with one event."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Weerthuis//viewing//NL",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:viewing-{code}@weerthuis",
        f"DTSTAMP:{_moment(made_at)}",
        f"DTSTART:{_moment(at)}",
        f"DTEND:{_moment(at + VIEWING_LASTS)}",
        f"SUMMARY:{_text(summary)}",
        f"LOCATION:{_text(location)}",
        "CLASS:PRIVATE",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Break after at most 75 octets, never inside a character."""
    parts, current, size = [], "", 0
    for character in line:
        octets = len(character.encode())
        if size + octets > LINE_OCTETS:
            parts.append(current)
            current, size = " ", 1
        current += character
        size += octets
    return "\r\n".join([*parts, current])
