"""What operations on people may refuse."""

from accounts.errors import NotAllowed
from regions.errors import Refused

__all__ = ["ChangedMeanwhile", "NotAllowed", "Refused", "RefusedAt"]


class RefusedAt(Refused):
    """The sentence belongs at one field of the form."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class ChangedMeanwhile(Refused):
    """Somebody else saved after this page was opened; nothing was overwritten."""
