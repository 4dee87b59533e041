"""Signatures of the warehouse interfaces, each as its owner describes it; vectors are in the tests."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Literal

WDT_EPOCH = 1_325_347_200
"""Seconds from 1970 to the beginning of 旺店通 旗舰版's clock."""


def qimen(params: Mapping[str, str], body: bytes, secret: str) -> str:
    """Sign a 奇门 call: parameters by name, then the body exactly as it is sent."""
    return _digest(secret.encode(), _joined(params), body, secret.encode()).upper()


def wangdian(params: Mapping[str, str], body: bytes, secret: str) -> str:
    """Sign a 旺店通 旗舰版 call: the body counts as a parameter of the name ``body``."""
    text = body.decode()
    return _digest(secret.encode(), _joined({**params, "body": text}), secret.encode())


def wangdian_enterprise(
    params: Mapping[str, str], secret: str, *, length: Literal["bytes", "characters"] = "bytes"
) -> str:
    """Sign a 旺店通 企业版 call: ``length-name:length-value`` joined by ``;``.

    The length of a value is counted in UTF-8 bytes. The owner does not say so for texts that are not ASCII; three
    independent clients count bytes, and ``length`` switches to characters should an installation want that.
    """
    size = (lambda text: len(text.encode())) if length == "bytes" else len
    parts = (f"{size(k):02}-{k}:{size(v):04}-{v}" for k, v in sorted(params.items()) if k != "sign")
    return _digest(";".join(parts).encode(), secret.encode())


def jushuitan(params: Mapping[str, str], secret: str) -> str:
    """Sign a 聚水潭 call."""
    return _digest(secret.encode(), _joined(params, empties=True))


def webhook(message_id: str, timestamp: str, body: bytes, secret: str) -> str:
    """Sign a webhook: ``v1,`` and the base64 of HMAC-SHA256 over ``id.timestamp.body``."""
    mac = hmac.new(secret.encode(), f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(mac.digest()).decode()


def same(given: str, computed: str) -> bool:
    """Compare two signatures in constant time."""
    return hmac.compare_digest(given.encode(), computed.encode())


def _joined(params: Mapping[str, str], *, empties: bool = False) -> bytes:
    return "".join(f"{k}{v}" for k, v in sorted(params.items()) if k != "sign" and (v or empties)).encode()


def _digest(*parts: bytes) -> str:
    return hashlib.md5(b"".join(parts), usedforsecurity=False).hexdigest()  # the interfaces prescribe MD5
