"""Settings that load and lead nowhere, for commands that need no server.

python -m tools.offline manage.py collectstatic --noinput
"""

import os
import subprocess
import sys

from tools.secrets import new_secrets


def environment() -> dict[str, str]:
    """Fresh secrets and addresses at which nobody listens."""
    made = new_secrets()
    # What loosens Django for the caller (a browser test in this process) does not come along.
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("DJANGO_ALLOW_")}
    nowhere = "postgresql://{}:none@127.0.0.1:1/none"
    return {
        **inherited,
        "DATABASE_URL": nowhere.format("weerthuis_application"),
        "DATABASE_OWNER_URL": nowhere.format("weerthuis_owner"),
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": made["secret_key"],
        "IDENTITY_KEYS": f"1:{made['identity_key']}",
        "BLIND_INDEX_KEY": made["blind_index_key"],
        "ALLOWED_HOSTS": "localhost",
        "DEBUG": "off",
        "HTTPS": "on",
        "READ_DOT_ENV": "off",
    }


if __name__ == "__main__":
    sys.exit(
        subprocess.run([sys.executable, *sys.argv[1:]], env=environment(), check=False).returncode
    )
