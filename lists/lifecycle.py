"""What becomes of an uploaded list and of each of its rows."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportStage(models.TextChoices):
    """Where a person stands with a list; the run's state says what the worker does."""

    RECOGNISING = "recognising", _("being read")
    CHECKING = "checking", _("check before import")
    CONFIRMED = "confirmed", _("being put in")
    REPORTED = "reported", _("put in")
    REFUSED = "refused", _("refused")
    CANCELLED = "cancelled", _("cancelled")


class RowOutcome(models.TextChoices):
    """Each row ends in exactly one of these; together they are the rows of the file."""

    NEW = "new", _("new")
    CHANGED = "changed", _("changed")
    UNCHANGED = "unchanged", _("unchanged")
    DUPLICATE = "duplicate", _("duplicate")
    SET_ASIDE = "set_aside", _("set aside")
    REJECTED = "rejected", _("rejected")
