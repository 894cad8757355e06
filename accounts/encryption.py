"""Identity at rest: AES-GCM bound to its place, and blind indexes to search without reading.

Protects stolen dumps and backups, and anyone who reads the database directly. It does not protect
against an application that is taken over: that holds the keys.
"""

import hmac
import os
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

_NONCE_BYTES = 12
# Short enough that several values share a token, long enough to find a person in a region.
_TOKEN_BYTES = 8


def encrypt(text: str, *, place: str) -> bytes:
    """Seal `text` for one place (table, column, row); it opens nowhere else.

    The result is: key version (1 byte), nonce (12 bytes), ciphertext with its tag.
    """
    version = max(settings.IDENTITY_KEYS)
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(settings.IDENTITY_KEYS[version]).encrypt(nonce, text.encode(), place.encode())
    return bytes([version]) + nonce + sealed


def decrypt(sealed: bytes, *, place: str) -> str:
    """Open what `encrypt` sealed for this place.

    Raises `cryptography.exceptions.InvalidTag` when the bytes were changed or moved.
    """
    sealed = bytes(sealed)
    version, nonce, rest = sealed[0], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    return AESGCM(settings.IDENTITY_KEYS[version]).decrypt(nonce, rest, place.encode()).decode()


def blind_index(value: str, *, purpose: str) -> bytes:
    """A token by which equal values are found without showing them; another key than `encrypt`."""
    message = f"{purpose}|{value}".encode()
    return hmac.new(settings.BLIND_INDEX_KEY, message, sha256).digest()[:_TOKEN_BYTES]


class SealedTextField(models.BinaryField):
    """Text that is sealed in the database, bound to table, column and the row's `seal_id`.

    The model must have a `seal_id` (UUID) that never changes. In memory the attribute is text.
    """

    description = "Sealed text"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["editable"] = True
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        return name, path, args, kwargs

    def _check_str_default_value(self) -> list:
        return []  # the default is text, as the attribute is

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, str):
            raise TypeError("Sealed text is written by save() or bulk_create(), which seal it.")
        return super().get_db_prep_value(value, connection, prepared)

    def pre_save(self, instance: models.Model, add: bool) -> bytes | None:
        value = getattr(instance, self.attname)
        if value is None:
            return None
        return encrypt(str(value), place=self.place(instance))

    def place(self, instance: models.Model) -> str:
        return f"{instance._meta.db_table}|{self.column}|{instance.seal_id}"

    def contribute_to_class(
        self, cls: type[models.Model], name: str, private_only: bool = False
    ) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Opened(self))


class _Opened:
    """Opens the sealed bytes the first time the attribute is read."""

    def __init__(self, field: SealedTextField) -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type | None = None) -> Any:
        if instance is None:
            return self
        if self.field.attname not in instance.__dict__:
            instance.refresh_from_db(fields=[self.field.attname])
        value = instance.__dict__[self.field.attname]
        if isinstance(value, bytes | memoryview):
            value = decrypt(bytes(value), place=self.field.place(instance))
            instance.__dict__[self.field.attname] = value
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value
