"""RFC 8785 canonical JSON, and hashes over it: the same bytes for the same values on every machine."""

from __future__ import annotations

from typing import Any


def canonical_json(value: Any) -> str:
    """Raises ValueError for what JSON cannot hold."""
    return _bytes(value).decode()


def digest(value: Any) -> str:
    import hashlib  # noqa: PLC0415  as below

    return f"sha256:{hashlib.sha256(_bytes(value)).hexdigest()}"


def _bytes(value: Any) -> bytes:
    import rfc8785  # noqa: PLC0415  only who writes or hashes pays for its import

    return rfc8785.dumps(value)
