"""Web, worker and beat as real processes, to be stopped politely or killed."""

import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler

import redis
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.db import connections

from tests.databases import Database
from tools import processes
from tools.servers import ROOT, Valkey
from weerthuis import pulse


@dataclass
class Child:
    """One process group of the application."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    address: str = ""

    @property
    def pid(self) -> int:
        return self.process.pid

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        """kill -9 for it and all its children: no chance to say goodbye."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait(timeout=10)

    def stop(self) -> None:
        """Ask politely, as an operator's restart does."""
        processes.end(self.pid, seconds=15, group=True)

    def words(self) -> str:
        return self.log.read_text(errors="replace")


@dataclass
class Processes:
    """Starts the application's processes against one database and one Valkey."""

    database: Database
    valkey: Valkey
    directory: Path
    extra: dict[str, str] = field(default_factory=dict)
    started: list[Child] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        return {
            **self.database.environment(),
            "REDIS_URL": self.valkey.url,
            "MEDIA_ROOT": str(self.directory / "media"),
            "LOG_LEVEL": "INFO",
            **self.extra,
        }

    def web(self, *, workers: int = 1, threads: int = 4) -> Child:
        """gunicorn on a free port; returns when it answers."""
        port = processes.free_port()
        child = self.spawn(
            "web",
            *("gunicorn", "weerthuis.wsgi", f"--bind=127.0.0.1:{port}"),
            *(f"--workers={workers}", f"--threads={threads}", "--timeout=60"),
        )
        child.address = f"http://localhost:{port}"
        self._wait(child, lambda: status(f"{child.address}/healthz") == 200)
        return child

    def worker(self, *, concurrency: int = 1, ready: bool = True) -> Child:
        """A Celery worker; returns when it listens, unless there is no broker to listen to."""
        with suppress(redis.RedisError), redis.Redis.from_url(self.valkey.url) as client:
            client.delete(pulse.KEY)
        child = self.spawn(
            "worker",
            *("celery", "--app=weerthuis", "worker", f"--concurrency={concurrency}"),
            *("--loglevel=INFO", f"--hostname=worker-{len(self.started)}@test"),
        )
        if ready:
            self._wait(child, self._worker_listens)
        return child

    def beat(self) -> Child:
        """Celery beat; two of them may run at once."""
        schedule = self.directory / f"beat-schedule-{len(self.started)}"
        return self.spawn(
            "beat",
            *("celery", "--app=weerthuis", "beat", "--loglevel=INFO"),
            *(f"--schedule={schedule}", "--pidfile="),
        )

    def spawn(self, name: str, module: str, *arguments: str) -> Child:
        """Any module of the environment as a process of the application."""
        log = self.directory / f"{name}-{len(self.started)}.log"
        process = processes.spawn(
            [sys.executable, "-m", module, *arguments],
            log=log,
            env=self.environment(),
            cwd=ROOT,
        )
        child = Child(name=name, process=process, log=log)
        self.started.append(child)
        return child

    def stop_all(self) -> None:
        for child in self.started:
            child.kill()

    def _worker_listens(self) -> bool:
        with suppress(redis.RedisError), redis.Redis.from_url(self.valkey.url) as client:
            return bool(client.exists(pulse.KEY))
        return False

    def _wait(self, child: Child, ready: object) -> None:
        assert callable(ready)
        processes.wait_until(lambda: not child.is_alive() or ready(), seconds=60)
        words = f"{child.name} did not start:\n{child.words()}"
        assert child.is_alive(), words
        assert ready(), words


def status(address: str) -> int:
    """The status of one GET, 0 when nobody answers."""
    try:
        with urllib.request.urlopen(address, timeout=20) as response:
            return int(response.status)
    except urllib.error.HTTPError as answer:
        return answer.code
    except (urllib.error.URLError, OSError):
        return 0


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_about: object) -> None:
        """A test prints what it finds, not every request."""


class _Server(ThreadedWSGIServer):
    def process_request_thread(self, request: object, client_address: object) -> None:
        """Each request has a thread of its own: give its connections back."""
        super().process_request_thread(request, client_address)  # type: ignore[arg-type]
        connections.close_all()


@contextmanager
def site_here() -> Iterator[str]:
    """The site in threads of this process, on the database that Django's connections use."""
    server = _Server(("127.0.0.1", 0), _Quiet, connections_override=None)
    server.set_app(get_wsgi_application())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.daemon = True
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
