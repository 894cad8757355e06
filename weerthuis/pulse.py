"""Whether broker and worker live: the worker leaves a mark in the broker, others look for it."""

import time

import redis
from django.conf import settings

KEY = "weerthuis:worker-seen"
BEAT_EVERY = 5  # seconds
LATELY = 30  # seconds


class _Memory:
    """What this process knows for a few seconds, so that pages do not each ask the broker."""

    client: redis.Redis | None = None
    last_beat = 0.0
    asked_at = float("-inf")
    answer = False


def _client() -> redis.Redis:
    if _Memory.client is None:
        _Memory.client = redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=0.5
        )
    return _Memory.client


def beat() -> None:
    """Called by the worker: it lives. Said every few seconds at most, and forgotten by itself."""
    now = time.monotonic()
    if now - _Memory.last_beat < BEAT_EVERY:
        return
    _Memory.last_beat = now
    try:
        _client().set(KEY, int(time.time()), ex=LATELY)
    except redis.RedisError:
        _Memory.last_beat = 0.0


def broker_answers() -> bool:
    """Whether the broker can be reached now."""
    try:
        return bool(_client().ping())
    except redis.RedisError:
        return False


def worker_seen_lately() -> bool:
    """Whether a worker left its mark in the last half minute."""
    try:
        return bool(_client().exists(KEY))
    except redis.RedisError:
        return False


def computing_waits() -> bool:
    """Whether runs wait because no worker can hear of them; remembered for a few seconds."""
    now = time.monotonic()
    if now - _Memory.asked_at > BEAT_EVERY:
        _Memory.answer = not worker_seen_lately()
        _Memory.asked_at = time.monotonic()
    return _Memory.answer


def forget() -> None:
    """Ask anew, at the address that the settings name now."""
    _Memory.client = None
    _Memory.last_beat = 0.0
    _Memory.asked_at = float("-inf")
