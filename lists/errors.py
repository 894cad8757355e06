"""What operations on lists refuse."""

from regions.errors import Refused

__all__ = ["Refused"]
