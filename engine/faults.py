"""A fault of evaluation: what an operation says when it has no result."""

from __future__ import annotations

from .source import Span


class Fault(Exception):  # noqa: N818  the field's word is fault
    """Raised by an operation; a back end catches it, attaches the place once and reports it as a diagnostic."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


class Located(Exception):  # noqa: N818  as above
    """A fault with the place of the operation that raised it."""

    def __init__(self, fault: Fault, span: Span | None) -> None:
        super().__init__(fault.code)
        self.fault = fault
        self.span = span
