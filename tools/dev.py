"""Servers for development: run a command against them.

python -m tools.dev run [--home NAME] [--database NAME] [--stop-after] -- COMMAND...
python -m tools.dev stop [--home NAME]

They stay running until `stop`, so that the next command starts at once.
"""

import argparse
import os
import subprocess
import sys

from tools.processes import Stop
from tools.servers import DATABASE, ROOT, Servers, choose_home


def run(servers: Servers, database: str, command: list[str]) -> int:
    """Run the command with the servers' addresses in its environment."""
    servers.start()
    servers.postgres.ensure_database(database)
    env = {
        **os.environ,
        **servers.environment(database),
        **servers.superuser_environment(database),
        "DEBUG": os.environ.get("DEBUG", "on"),
        "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }
    return subprocess.run(command, env=env, check=False).returncode


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    running = verbs.add_parser("run")
    running.add_argument("--database", default=DATABASE)
    running.add_argument("--stop-after", action="store_true")
    stopping = verbs.add_parser("stop")
    for verb in (running, stopping):
        verb.add_argument("--home", default="dev")
    running.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    stops = arguments.verb == "stop" or arguments.stop_after
    try:
        servers = Servers(choose_home(arguments.home), bound_to_parent=stops)
        try:
            if arguments.verb == "stop":
                servers.start()  # adopts what runs, so that there is a process to stop
                return 0
            command = arguments.command[arguments.command[:1] == ["--"] :] or ["bash"]
            return run(servers, arguments.database, command)
        finally:
            if stops:
                servers.stop()
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
