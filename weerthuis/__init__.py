"""Wiring only: settings, addresses, jobs, health. Imports everything, imported by nothing."""

from weerthuis.celery import app as celery_app

__all__ = ["celery_app"]
