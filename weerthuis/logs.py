"""Logs as data, one JSON object a line, without personal data.

Only what happened, where and for which opaque ref may be logged. Addresses are logged without
their query (a search may hold a name), exceptions without their arguments and local variables.
"""

import logging
import logging.config
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

import structlog

# Fields that a library might attach and that may carry what a person typed.
_NEVER = frozenset({"args", "body", "data", "kwargs", "params", "post", "request", "result", "sql"})


def configure_logs(*, level: str, readable: bool) -> None:
    """Send the logs of Django, Celery, gunicorn and our own through one chain."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_personal_data,
    ]
    last = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer()
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "one_line": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [
                        where_it_failed,
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        last,
                    ],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "one_line"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                "django.db.backends": {"level": "INFO"},  # at DEBUG it logs parameters
                "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            },
        }
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def without_personal_data(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Drop what may carry a person's words, and the query from an address."""
    for name in _NEVER & event.keys():
        del event[name]
    for name in ("path", "url"):
        if isinstance(event.get(name), str):
            event[name] = urlsplit(event[name]).path
    return event


def where_it_failed(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Kind and place of an exception; its message may quote a row, so that stays out."""
    raised = event.pop("exc_info", None)
    event.pop("exception", None)
    if raised:
        kind, _fault, trace = raised
        places = []
        while trace is not None:
            code = trace.tb_frame.f_code
            places.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        event["fault"] = kind.__name__
        event["trace"] = places
    return event
