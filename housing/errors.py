"""What operations of this app refuse, in sentences for a screen."""

from accounts.errors import NotAllowed
from regions.errors import Refused

__all__ = ["NotAllowed", "Refused", "StepNotPossible"]


class StepNotPossible(Refused):
    """The proposal has moved on, or ended, since the page was opened."""
