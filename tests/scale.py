"""How many examples a randomised test tries: few at every run, many when proving."""

import json
import os
import sys
from pathlib import Path


def n(small: int, full: int) -> int:
    """Return ``full`` when WEERTHUIS_SCALE is ``full``, else ``small``."""
    chosen = full if os.environ.get("WEERTHUIS_SCALE") == "full" else small
    ledger = os.environ.get("WEERTHUIS_PROOF")
    if ledger:  # `make prove` prints the N beside each result
        caller = sys._getframe(1)
        place = f"{caller.f_code.co_filename}:{caller.f_lineno}"
        with Path(ledger).open("a") as lines:
            lines.write(json.dumps({"place": place, "n": chosen}) + "\n")
    return chosen
