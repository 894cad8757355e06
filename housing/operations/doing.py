"""What every operation here shares: one transaction, and constraints that speak."""

from collections.abc import Callable
from functools import wraps

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from accounts.access import Permission, Viewer, may
from housing.errors import NotAllowed, Refused


def operation[**Given, Result](function: Callable[Given, Result]) -> Callable[Given, Result]:
    """All of it or nothing; a constraint that refuses does so in its own sentence."""

    @wraps(function)
    def done(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        try:
            with transaction.atomic():
                return function(*args, **kwargs)
        except IntegrityError as clash:
            sentence = _sentence_of(clash)
            if sentence is None:
                raise
            raise Refused(sentence) from clash

    return done


def must_be_allowed(by: Viewer, *permissions: Permission) -> None:
    """The second question of an operation: a view has asked it before."""
    if not any(may(by, permission) for permission in permissions):
        raise NotAllowed(_("This is for somebody else to do. Nothing was changed."))


def must_be_in_region(by: Viewer, *things: models.Model) -> None:
    """Nothing reaches over the border of a region, whatever a form was made to hold."""
    if any(getattr(thing, "region_id", by.region_id) != by.region_id for thing in things):
        raise NotAllowed(_("This belongs to another region. Nothing was changed."))


def _sentence_of(clash: IntegrityError) -> str | None:
    """What the constraint that PostgreSQL names says to people."""
    diagnosis = getattr(clash.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None)
    for label in ("housing", "outflow", "regions"):
        for model in apps.get_app_config(label).get_models():
            for constraint in model._meta.constraints:
                if constraint.name == name:
                    return str(constraint.violation_error_message)
    return None
