"""Times as whole microseconds since 1970 UTC, read from RFC 3339 text or epoch seconds and written as RFC 3339."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_MIN = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
_MAX = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND


def parse_time(value: object) -> int | None:
    """Microseconds of RFC 3339 text with an offset, or of epoch seconds (ties to even); nothing where it is neither."""
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not _MIN <= value * 1_000_000 <= _MAX:
        return None
    if (seconds := int(value)) == value:
        return seconds * 1_000_000
    above, below = value.as_integer_ratio()
    whole, rest = divmod(above * 1_000_000, below)
    return whole + (2 * rest > below or (2 * rest == below and whole % 2 == 1))


def _from_text(text: str) -> int | None:
    if not _RFC3339.fullmatch(text):
        return None
    usual = text[10] == "T" and text[-1] != "z"
    try:
        since = datetime.fromisoformat(text if usual else text.upper().replace(" ", "T")) - _EPOCH
    except (ValueError, OverflowError):
        return None
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds  # `//` takes far longer


@lru_cache(maxsize=1_024)  # what is held, and shown with each decision, is the same for many of them
def format_time(moment: int) -> str:
    """RFC 3339 in UTC, with microseconds only where there are some."""
    text = (_EPOCH + moment * _MICROSECOND).isoformat()
    return text.replace("+00:00", "Z")
