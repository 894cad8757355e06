"""What operations of this app refuse."""

from regions.errors import Refused

__all__ = ["NotAllowed", "Refused"]


class NotAllowed(Refused):
    """The viewer may not do this; screens never offer it, so a view answers 404."""
