"""Secrets at rest: AES-256-GCM under a key from the settings, bound to the row that holds them."""

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_NONCE: Final = 12


class SealBrokenError(Exception):
    """A sealed secret that this installation's key does not open, or that stood in another row."""


def seal(secret: str, row: str) -> bytes:
    """Seal a secret for the row that ``row`` names."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_key()).encrypt(nonce, secret.encode(), row.encode())


def unseal(sealed: bytes, row: str) -> str:
    """Open a secret; raises ``SealBrokenError``."""
    try:
        return AESGCM(_key()).decrypt(sealed[:_NONCE], sealed[_NONCE:], row.encode()).decode()
    except (InvalidTag, ValueError) as error:
        raise SealBrokenError(row) from error


def _key() -> bytes:
    """Derive the key: ``QINGDAN_SEAL_KEY`` if that is set, else the installation's own secret key."""
    source = os.environ.get("QINGDAN_SEAL_KEY") or settings.SECRET_KEY
    # the first room that sealed anything named the key; another name would lock its secrets out
    return HKDF(SHA256(), 32, None, b"qingdan fulfilment secrets").derive(source.encode())
