"""A stream: lines of snapshots in, lines of decisions out, and a state file to go on from after any end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO

from ..engine.decision import Decision, Status
from ..engine.policy import Policy
from ..engine.records import record
from ..engine.streaming import Stream, key_field, written
from . import stream_state
from .lines import Line, Lines, Output, Position, StreamError
from .stopping import Stopping

_SHARE = 10  # of the time at most one in so many goes into saving
_PROGRESS_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a stream reads and writes; `-` is standard input or output. Progress is told to `tell`, if to anybody."""

    policy: Policy
    source: str = "-"
    output: str = "-"
    state: str | None = None
    key: str | None = None
    changes: bool = False
    record: bool = False
    interval: float = 1.0
    tell: Callable[[Progress], None] | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stream is; `size` is that of its input where it is a file."""

    lines: int
    offset: int
    size: int | None


@dataclass(frozen=True, slots=True)
class Summary:
    """All that a stream decided, also before it was resumed. `signal` is the one that stopped it."""

    counts: Mapping[Status, int]
    written: int
    signal: int | None


def run(plan: Plan) -> Summary:
    """Decide until the input ends or a signal comes.

    Raises StreamError, StateError, and OSError where something cannot be read or written.
    """
    saved = stream_state.read(Path(plan.state)) if plan.state else None
    with ExitStack() as stack:
        run = _Run(plan, stack.enter_context(_reading(plan.source)), stack.enter_context(_writing(plan, saved)))
        if saved:
            run.go_on(saved)
        stopping = stack.enter_context(Stopping())
        run.decide_all(stopping)
        run.end()
    return Summary(run.stream.counts, run.output.position.line, stopping.signal)


class _Run:
    def __init__(self, plan: Plan, source: BinaryIO, output: BinaryIO) -> None:
        self.plan = plan
        self.stream = Stream(plan.policy, _key(plan))
        self.lines = Lines(source, _named(plan.source, "standard input"))
        self._size = os.fstat(source.fileno()).st_size if plan.source != "-" else None
        self.output = Output(output, at_once=plan.source == "-")
        self._options = {
            "policy": plan.policy.pack.name,
            "key": plan.key,
            "changes": plan.changes,
            "record": plan.record or None,
        }
        self._save_at = self._tell_at = monotonic()

    def go_on(self, saved: stream_state.Saved) -> None:
        for name, value in self._options.items():
            if saved.options.get(name) != value:
                was, now = (_option(each) for each in (saved.options.get(name), value))
                raise StreamError(f"{self.plan.state} was saved with {name} {was}, not {now}")
        self.stream.restore(saved.keys, saved.counts)
        self.lines.skip_to(saved.read)
        self.output.cut_to(saved.written, self.plan.output)

    def decide_all(self, stopping: Stopping) -> None:
        while (raw := stopping.waiting(self.lines.read)) is not None:
            line = self.lines.take(raw)
            if line.data.strip():
                self._write(self.stream.decide(line.data), line)
            self._pause()

    def _write(self, decision: Decision, line: Line) -> None:
        if not self.plan.changes or self.stream.is_change(decision):
            recorded = record(self.plan.policy, decision, line.data) if self.plan.record else None
            self.output.write(written(decision, line.number, recorded))

    def _pause(self) -> None:
        """What is due between two lines."""
        if not self.plan.state and not self.plan.tell:
            return
        now = monotonic()
        if self.plan.state and now >= self._save_at:
            self._save()
            took = monotonic() - now
            self._save_at = now + took + max(self.plan.interval, took * _SHARE) if self.plan.interval else now
        if self.plan.tell and now >= self._tell_at:
            self.plan.tell(Progress(self.lines.position.line, self.lines.position.offset, self._size))
            self._tell_at = now + _PROGRESS_SECONDS

    def _save(self) -> None:
        """The output first: a state never covers what is not written."""
        assert self.plan.state
        self.output.secure()
        found = stream_state.Saved(
            self._options, self.lines.position, self.output.position, self.stream.counts, tuple(self.stream.kept())
        )
        stream_state.write(Path(self.plan.state), found)

    def end(self) -> None:
        if self.plan.state:
            self._save()
        self.output.flush()


def _key(plan: Plan) -> Any:
    if plan.key is None:
        return None
    field = key_field(plan.policy, plan.key)
    if field is None:
        names = ", ".join(each.name for each in plan.policy.fields if key_field(plan.policy, each.name))
        problem = f"`{plan.key}` is no input of type text or enum that every snapshot has"
        raise StreamError(f"{problem}; {f'it may be {names}' if names else f'{plan.policy} has none'}")
    return field


def _option(value: object) -> str:
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else f"`{value}`"


def _named(path: str, standard: str) -> str:
    return standard if path == "-" else path


@contextmanager
def _reading(path: str) -> Iterator[BinaryIO]:
    if path == "-":
        yield sys.stdin.buffer
    else:
        with Path(path).open("rb") as file:
            yield file


@contextmanager
def _writing(plan: Plan, saved: stream_state.Saved | None) -> Iterator[BinaryIO]:
    """Without a state from before, an output begins anew; with one it must be there, and is cut only when it fits."""
    if plan.output == "-":
        if plan.state:
            raise StreamError("a state needs an output file: standard output cannot be cut back to what it covers")
        yield sys.stdout.buffer
        return
    for other in filter(None, (plan.source if plan.source != "-" else None, plan.state)):
        if Path(other).exists() and Path(plan.output).exists() and Path(other).samefile(plan.output):
            raise StreamError(f"{plan.output} is read as well, and cannot be the output")
    with Path(plan.output).open("r+b" if saved else "wb") as file:
        yield file


__all__ = ["Plan", "Position", "Progress", "StreamError", "Summary", "run"]
