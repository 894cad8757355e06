"""What can be wrong with an instance or with an answer, as a code, facts and one sentence."""

# The sentences stand in one table so that the screens can translate them: code -> template.
INSTANCE_SENTENCES = {
    "not_an_object": "%(where)s is not an object.",
    "missing_key": "%(where)s lacks the key %(key)s.",
    "unknown_key": "%(where)s has an unknown key: %(key)s.",
    "key_twice": "An object gives the key %(key)s twice.",
    "wrong_type": "%(where)s: %(key)s must be %(expected)s.",
    "not_finite": "%(where)s: %(key)s is not a finite number.",
    "too_large": "%(where)s: %(key)s is larger than a number of this kind can be.",
    "negative": "%(where)s: %(key)s must not be negative.",
    "out_of_range": "%(where)s: %(key)s must be from %(least)s to %(most)s.",
    "not_in_halves": "%(where)s: %(key)s must be in whole or half hours.",
    "not_a_date": "%(where)s: %(key)s must be a date such as 2026-10-01.",
    "unknown_schema": "The schema must be %(expected)s.",
    "duplicate": "%(where)s is given twice.",
    "dangling_reference": "%(where)s: %(key)s refers to %(value)s, which is not in the instance.",
    "municipality_differs": (
        "%(where)s lies in municipality %(municipality)s, "
        "but its neighbourhood %(neighbourhood)s lies in %(other)s."
    ),
    "promised_twice": "%(where)s is promised twice.",
    "promises_over_capacity": (
        "The promises use %(used)s of %(where)s, and there are only %(capacity)s."
    ),
}


LONGEST_SHOWN = 60


def shown(value: object) -> str:
    """Return a value of the user's for inside a sentence: on one line, and short."""
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."


class InstanceError(ValueError):
    """The instance is not valid; ``str()`` is one sentence, ``code`` and ``params`` its parts."""

    def __init__(self, code: str, **params: str) -> None:
        self.code = code
        self.params = {name: shown(value) for name, value in params.items()}
        super().__init__(INSTANCE_SENTENCES[code] % self.params)


class CheckFailed(ValueError):
    """An answer breaks the contract; it must not be stored."""
