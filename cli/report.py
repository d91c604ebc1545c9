"""Write a report that people want to read, to one file that needs nothing else: HTML, Markdown or JSON.

  pack PACK                 the pack as a document: contract, parameters, rules as sentences, tables, a graph of it all
  decision POLICY SNAPSHOT  why a decision came out so, each number's way drawn, and what would have changed it
  decision DECISION         the same of one that `decide --record --format json` wrote
  run DECISIONS             the decisions of a stream: modes and blocks over time, what fired, what bound, what failed
  diff A B                  what changed between two versions, and the bump that it needs; A and B as for `flyball diff`

HTML is one page without any network: it prints, goes with light and dark, and its tables can be sorted and filtered.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import decisions
from .common import CannotStartError, Exit, add_cache, add_parameters, add_rules, fail, say_json

if TYPE_CHECKING:
    from ..engine.ir import Pack
    from ..reports.explanation_views import Explanation
    from ..reports.run_report import Run
    from ..reports.run_views import RunReport

EXAMPLE = """example:
  flyball report pack orchestrator@1 --output orchestrator.html
  flyball report pack swing_governor@1.0.0 --format md
  flyball report decision orchestrator@1 snapshot.json --output decision.html
  flyball report run decisions.jsonl --output run.html
  flyball report diff main:rules rules --output changes.html"""

_OF_DECISIONS = ("snapshot", "now", "changed", "policy")
_TEMPLATES_HELP = "a folder of templates (pack.html, page.html, report.css, ...) that stand in for Flyball's own"


@dataclass(frozen=True, slots=True)
class Content:
    """What a report shows: `view` for the templates, `document` as JSON, and `drawings` as SVG for pages."""

    view: object
    document: dict[str, Any]
    draw: Callable[[], dict[str, str]] = field(default=dict)
    code: int = Exit.OK


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=sorted(_KINDS), help="what it is about")
    parser.add_argument(
        "subject", metavar="SUBJECT", help="a pack's name, name@version or file; or a file of written decisions"
    )
    parser.add_argument(
        "snapshot",
        metavar="SNAPSHOT|B",
        nargs="?",
        help="a JSON file, or - for standard input; of a diff the other side",
    )
    parser.add_argument("--format", choices=("html", "md", "json"), default="html", help="default: html")
    parser.add_argument("--output", metavar="FILE", help="write it here, and not to standard output")
    parser.add_argument("--templates", metavar="DIR", help=_TEMPLATES_HELP)
    parser.add_argument("--changed", metavar="NAME", help="of a decision: the output, or the intent, to change")
    decisions.add_arguments(parser)
    add_parameters(parser)
    add_rules(parser)
    add_cache(parser)


def run(options: argparse.Namespace) -> int:
    _check(options)
    content = _KINDS[options.kind](options)
    if options.format == "json":
        _write(options.output, content.document)
    else:
        _write(options.output, _rendered(options, content))
    return content.code


def _check(options: argparse.Namespace) -> None:
    """What does not go together."""
    allowed = {"decision": _OF_DECISIONS, "diff": ("snapshot",), "run": ("policy",)}.get(options.kind, ())
    given = next((name for name in _OF_DECISIONS if getattr(options, name) is not None and name not in allowed), None)
    if given:
        fail(f"a report on a {options.kind} has no {'SNAPSHOT' if given == 'snapshot' else f'--{given}'}")


def _rendered(options: argparse.Namespace, content: Content) -> str:
    try:
        from ..reports.rendering import Renderer, RenderError, in_html

        drawings = in_html(content.draw()) if options.format == "html" else {}
    except ModuleNotFoundError as error:
        fail(f"`{error.name}` is not installed: reports need the extra, as in `pip install 'flyball[report]'`")
    try:
        return Renderer(options.templates).render(options.kind, options.format, view=content.view, drawings=drawings)
    except RenderError as error:
        fail(str(error))


def _write(output: str | None, content: str | dict[str, Any]) -> None:
    if output is None:
        say_json(content.rstrip("\n") if isinstance(content, str) else content)
        return
    import json

    text = content if isinstance(content, str) else json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    try:
        Path(output).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        fail(f"cannot write {output}: {error.strerror or error}")
    sys.stderr.write(f"{output}: {len(text.encode()):,} bytes\n")


def _pack(options: argparse.Namespace) -> Content:
    from ..reports.pack_document import pack_document
    from .history import history_of
    from .opening import find_file, open_document, open_policy

    options.policy = options.subject
    policy = open_policy(options)
    history = history_of(find_file(options.subject, options.rules), options.rules)
    view = pack_document(policy, *open_document(options.subject, options.rules), history)
    return Content(view, view.to_dict())


def _run(options: argparse.Namespace) -> Content:
    from ..loaders.lines import reading
    from ..reports.run_margins import Sample
    from ..reports.run_report import Run

    run, sample = Run(), Sample()
    try:
        with reading(options.subject) as lines:
            for line in lines:
                run.add(line.data, line.number)
                sample.add(line.data)
    except OSError as error:
        fail(f"cannot read {options.subject}: {error.strerror or error}")
    margins = sample.near_misses(decisions.finder(options)) if sample.seen else None
    view = run.report(*_deciding(options, run), margins)
    return Content(view, view.to_dict(), lambda: _charts(view))


def _deciding(options: argparse.Namespace, run: Run) -> tuple[Pack | None, list[str]]:
    """The pack that decided most of a run, if it is found, with its hashes."""
    from ..loaders.policies import LoadError, load_policy
    from .opening import find_file, unfit

    reference = options.policy or run.policy
    if reference is None:
        return None, []
    try:
        policy = load_policy(find_file(reference, options.rules), rules=options.rules, environment=False)
    except CannotStartError:
        if options.policy:
            raise
        return None, []
    except LoadError as error:
        if options.policy:
            raise unfit(error.path, error.findings) from error
        return None, []
    return policy.pack, [policy.hash, *(part.hash for part in policy.pack.parts)]


def _charts(view: RunReport) -> dict[str, str]:
    from ..reports.run_charts import draw

    return draw(view)


def _decision(options: argparse.Namespace) -> Content:
    view, code = decisions.explained(options, options.subject, options.snapshot)
    return Content(view, view.to_dict(), lambda: _waterfalls(view), code)


def _waterfalls(view: Explanation) -> dict[str, str]:
    """Of the numbers that a rule changed."""
    drawn = [each for each in view.outputs if each.has_waterfall]
    if not drawn:
        return {}
    from ..reports.charts import waterfall

    return {each.name: waterfall(each) for each in drawn}


def _diff(options: argparse.Namespace) -> Content:
    from ..reports.comparison_view import diff_view
    from .comparing import compared
    from .diff import document

    if options.snapshot is None:
        fail("a report on a diff needs two versions: report diff A B")
    found = compared(options.subject, options.snapshot, options.rules)
    view = diff_view(found.comparisons, found.added, found.removed)
    return Content(view, document(found))


_KINDS: dict[str, Callable[[argparse.Namespace], Content]] = {
    "decision": _decision,
    "diff": _diff,
    "pack": _pack,
    "run": _run,
}
