"""Reports as HTML and Markdown, by Jinja2 templates; a folder of the user's own stands in front of ours.

What a pack, a snapshot or a reason says is text wherever it ends up: it is escaped, and never taken for a template.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from .text import clean, markdown_text, part

Form = Literal["html", "md"]

_OWN = Path(__file__).parent / "templates"


class RenderError(Exception):
    """A template that cannot be found, read or run; the message says which, and where."""


class Renderer:
    """Fills templates. `folder` holds those that stand in for ours of the same name."""

    def __init__(self, folder: str | None = None) -> None:
        if folder is not None and not Path(folder).is_dir():
            raise RenderError(f"no folder {folder}")
        loaders: list[BaseLoader] = [FileSystemLoader(each) for each in (folder, str(_OWN)) if each]
        self._loader = ChoiceLoader(loaders)

    def render(self, kind: str, form: Form, **content: Any) -> str:
        """The report of one kind, such as `pack`. Raises RenderError."""
        environment = self._html() if form == "html" else self._markdown()
        try:
            return environment.get_template(f"{kind}.{form}").render(content)
        except TemplateError as error:
            raise RenderError(_described(error, f"{kind}.{form}")) from error

    def _html(self) -> Environment:
        environment = self._environment(autoescape=True)
        environment.globals |= {"asset": self._asset, "fingerprint": self._fingerprint}
        return environment

    def _markdown(self) -> Environment:
        environment = self._environment(autoescape=False, finalize=_finalized, keep_trailing_newline=True)
        environment.filters["code"] = _code
        return environment

    def _environment(self, **options: Any) -> Environment:
        environment = ImmutableSandboxedEnvironment(
            loader=self._loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, **options
        )
        environment.filters["part"] = part
        return environment

    def _asset(self, name: str) -> Markup:
        """A style sheet or script of ours or of the user's, as it is."""
        return Markup(self._source(name))

    def _fingerprint(self, name: str) -> str:
        """The hash by which a page's security policy knows its script."""
        return f"sha256-{b64encode(sha256(self._source(name).encode()).digest()).decode()}"

    def _source(self, name: str) -> str:
        return self._loader.get_source(Environment(autoescape=True), name)[0]


def _described(error: TemplateError, name: str) -> str:
    line = getattr(error, "lineno", None)
    place = f"{getattr(error, 'name', None) or name}{f':{line}' if line else ''}"
    return f"{place}: {error.message or type(error).__name__}"


def _finalized(value: object) -> object:
    return value if isinstance(value, Markup) else markdown_text(value)


def _code(value: object) -> Markup:
    """A name or value as code, where that shows it as it is."""
    text = clean(" ".join(str(value).split()))
    plain = text and "`" not in text and "|" not in text
    return Markup(f"`{text}`" if plain else markdown_text(text))


def in_html(content: Mapping[str, str]) -> dict[str, Markup]:
    """Drawings of ours, to stand in a page as they are."""
    return {name: Markup(drawing) for name, drawing in content.items()}


__all__ = ["Form", "RenderError", "Renderer", "in_html"]
