"""RFC 8785 canonical JSON, and hashes over it: the same bytes for the same values on every machine."""

from __future__ import annotations

from json.encoder import encode_basestring
from typing import Any

from .types import MAX_INTEGER


def canonical_json(value: Any) -> str:
    """Raises ValueError for what JSON cannot hold."""
    text = canonical_text(value)
    text.encode()  # a lone surrogate is no text
    return text


def digest(value: Any) -> str:
    return digest_of(canonical_json(value))


def digest_of(text: str) -> str:
    """The hash of what is canonical already."""
    import hashlib  # noqa: PLC0415  only who hashes pays for its import

    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def canonical_text(value: Any) -> str:
    """The same, where no text has a lone surrogate."""
    kind = type(value)
    if kind is str:
        return encode_basestring(value)
    if kind is float:
        return number_text(value)
    if kind is int and -MAX_INTEGER <= value <= MAX_INTEGER:
        return repr(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if isinstance(value, dict):
        return _object(value)
    if isinstance(value, list | tuple):
        return f"[{','.join([canonical_text(each) for each in value])}]"
    return _rare(value)


def _object(value: dict[Any, Any]) -> str:
    if not all(type(key) is str and key.isascii() for key in value):
        return _rare(value)  # which sorts by other units than code points
    return f"{{{','.join([f'{encode_basestring(key)}:{canonical_text(value[key])}' for key in sorted(value)])}}}"


def number_text(value: float) -> str:
    if value.is_integer():
        return repr(int(value)) if -MAX_INTEGER <= value <= MAX_INTEGER else _rare(value)
    text = repr(value)
    return _rare(value) if "e" in text or "n" in text else text  # an exponent, NaN and infinities


def _rare(value: Any) -> str:
    import rfc8785  # noqa: PLC0415  only what it alone can write waits for its import

    return rfc8785.dumps(value).decode()
