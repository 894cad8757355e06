"""Fresh secrets.

python -m tools.secrets     prints one set for a new installation, in the form of .env
"""

import base64
import secrets


def password() -> str:
    """A fresh password that needs no quoting in an address."""
    return secrets.token_urlsafe(24)


def key() -> str:
    """32 random bytes in base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def new_secrets() -> dict[str, str]:
    """One set of secrets for one installation; never the same twice."""
    return {
        "superuser": password(),
        "owner": password(),
        "application": password(),
        "backup": password(),
        "valkey": password(),
        "secret_key": secrets.token_urlsafe(64),
        "identity_key": key(),
        "blind_index_key": key(),
    }


if __name__ == "__main__":
    made = new_secrets()
    print(f"SECRET_KEY={made['secret_key']}")
    print(f"IDENTITY_KEYS=1:{made['identity_key']}")
    print(f"BLIND_INDEX_KEY={made['blind_index_key']}")
    print(f"POSTGRES_PASSWORD={made['superuser']}")
    print(f"WEERTHUIS_OWNER_PASSWORD={made['owner']}")
    print(f"WEERTHUIS_APPLICATION_PASSWORD={made['application']}")
    print(f"WEERTHUIS_BACKUP_PASSWORD={made['backup']}")
    print(f"VALKEY_PASSWORD={made['valkey']}")
