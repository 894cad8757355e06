"""An invented world in the database, through the operations that people use wherever there is one.

What lies in the past and has no operation (who lived where, who answered when) is written in bulk,
in the context of the party that would have written it.
"""

from example.loading.frame import Frame
from example.loading.guard import EXAMPLE_PASSWORD, NotHere, SignIn, example_as_of, sign_ins
from example.loading.whole import load_world

__all__ = [
    "EXAMPLE_PASSWORD",
    "Frame",
    "NotHere",
    "SignIn",
    "example_as_of",
    "load_world",
    "sign_ins",
]
