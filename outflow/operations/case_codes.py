"""Case codes like H8-QF: random, never counting up, unique within a region."""

import secrets

from django.db import connection

# Without signs that are read for one another (0 O, 1 I L) and without vowels, so without words.
ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"


def case_code() -> str:
    """One code of four signs in two pairs.

    >>> len(case_code()), case_code()[2]
    (5, '-')
    """
    signs = [secrets.choice(ALPHABET) for _ in range(4)]
    return "".join(signs[:2]) + "-" + "".join(signs[2:])


def free_case_codes(count: int) -> list[str]:
    """So many codes that nobody in the viewer's region has.

    Another transaction may take one meanwhile: the constraint says so and the caller tries again.
    """
    free: list[str] = []
    tried: set[str] = set()
    while len(free) < count:
        fresh: set[str] = set()
        while len(fresh) < count - len(free):
            code = case_code()
            if code not in tried:
                tried.add(code)
                fresh.add(code)
        with connection.cursor() as cursor:
            cursor.execute("SELECT weerthuis_taken_case_codes(%s)", [list(fresh)])
            taken = {row[0] for row in cursor.fetchall()}
        free += sorted(fresh - taken)
    secrets.SystemRandom().shuffle(free)
    return free
