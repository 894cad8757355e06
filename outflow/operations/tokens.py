"""Blind tokens of an identity: equal people are found by them, nobody can be read from them."""

from datetime import date

from accounts.encryption import blind_index
from outflow.duplicates import initial, phonetic


def tokens_of(
    *, family_name: str, given_name: str, born_on: date | None
) -> dict[str, bytes | None]:
    """Tokens of the birth date, the sound of the surname and the initial; None is not known."""
    return {
        "born_token": born_token(born_on) if born_on else None,
        "surname_token": surname_token(family_name),
        "initial_token": _token(initial(given_name), "initial"),
    }


def born_token(born_on: date) -> bytes:
    return blind_index(born_on.isoformat(), purpose="born")


def surname_token(family_name: str) -> bytes | None:
    return _token(phonetic(family_name), "surname")


def _token(value: str, purpose: str) -> bytes | None:
    return blind_index(value, purpose=purpose) if value else None
