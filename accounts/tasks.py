"""What is forgotten every night."""

from celery import shared_task

from accounts import submissions


@shared_task
def forget_submissions() -> None:
    """A form that was sent days ago is not sent again by mistake."""
    submissions.forget_old()
