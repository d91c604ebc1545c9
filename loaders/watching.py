"""A policy that follows its files: what they become takes its place between two decisions, where it is fit.

What is not fit changes nothing. The last good version goes on, and the next decision says why.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

from ..engine.decision import Decision, NotedDecision
from ..engine.diagnostics import Diagnostic
from ..engine.policy import Policy
from ..engine.session import Session
from ..engine.state_document import StateError
from . import lookup
from .policies import LoadError, load_policy

_COARSE = 2.0  # seconds: within them a file may change again without its time of change
_MOST_NOTES = 20


def watch(reference: str | Path, **options: Any) -> WatchedPolicy:
    """A policy that follows its files; the options are those of `flyball.load`, and so is what it raises."""
    return WatchedPolicy(partial(load_policy, reference, **options))


class WatchedPolicy:
    """Made by `flyball.watch`. `policy` is the version that decides now, `problem` what keeps a newer one from it.

    It is safe to share between threads; a session of it belongs to one.
    """

    def __init__(self, load: Callable[[], Policy]) -> None:
        self._load = load
        self._lock = Lock()
        self._stop = Event()
        self._thread: Thread | None = None
        self._notes: deque[Diagnostic] = deque(maxlen=_MOST_NOTES)
        self.problem: Diagnostic | None = None
        with lookup.reading() as read:
            self.policy = self._load()
        self._seen = {path: Look.at(path) for path in read}

    def __repr__(self) -> str:
        return f"<WatchedPolicy {self.policy}>"

    # Decisions

    def decide(self, snapshot: Mapping[str, Any], *, now: str | float | None = None) -> Decision:
        """`decide` of the version that is in force."""
        return self.told(self.policy.decide(snapshot, now=now))

    def decide_json(self, data: bytes | str, *, now: str | float | None = None) -> Decision:
        return self.told(self.policy.decide_json(data, now=now))

    def session(self, key: str | None = None) -> WatchedSession:
        """A session that goes on in each version whose state follows from its own."""
        return WatchedSession(self, self.policy.session(key))

    def restore(self, document: Mapping[str, Any] | bytes | str) -> WatchedSession:
        """Raises StateError where the version in force does not go on from it."""
        return WatchedSession(self, self.policy.restore(document))

    def told(self, decision: Decision) -> Decision:
        """The decision, with what has not been said yet."""
        if not self._notes:
            return decision
        notes = []
        while self._notes:
            notes.append(self._notes.popleft())
        return NotedDecision.of(decision, notes)

    def say(self, problem: str, policy: Policy) -> Diagnostic:
        """Have the next decision say why a version goes on."""
        found = Diagnostic.of("FB733", policy=str(policy), problem=problem)
        self._notes.append(found)
        return found

    # Files

    def check(self) -> bool:
        """Look at the files. Whether another version has taken the place of the last one."""
        with self._lock:
            return self._looked() != self._seen and self._follow()

    def _looked(self) -> dict[Path, Look]:
        return {path: before.again(path) for path, before in self._seen.items()}

    def _follow(self) -> bool:
        """The files are looked at before they are read: what changes meanwhile is seen the next time."""
        before = self._looked()
        with lookup.reading() as read:
            policy, problem = self._read()
        self._seen = {path: before.get(path) or Look.at(path) for path in {*read, *before}}
        if policy is None:
            self.problem = self.say(problem, self.policy)
            return False
        self.problem, changed = None, policy.hash != self.policy.hash
        if changed or policy.parameters_hash != self.policy.parameters_hash:
            self.policy = policy
            return True
        return False

    def _read(self) -> tuple[Policy | None, str]:
        """The policy as its files are now, or what is wrong with it."""
        try:
            policy = self._load()
            policy.restore(self.policy.session().save())
            policy.step, policy.examiner  # noqa: B018  made here, so that no decision waits for them
        except LoadError as error:
            first = next(each for each in error.findings if each.severity == "error")
            return None, f"{first.span or first.path or error.path}: {first.message}"
        except StateError as error:
            return None, error.findings[0].message
        except (lookup.NotFoundError, OSError) as error:
            return None, str(error)
        except Exception as error:  # noqa: BLE001  what the engine does wrong here must not end what decides well
            return None, f"{type(error).__name__}: {error}"
        return policy, ""

    # In the background

    def start(self, seconds: float = 1.0) -> None:
        """Have a thread of its own look at the files again and again, and prepare what they become."""
        if self._thread is None:
            self._stop.clear()
            self._thread = Thread(target=self._watch, args=(seconds,), name=f"flyball {self.policy}", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _watch(self, seconds: float) -> None:
        """A file that is still being written is waited for: it may look whole where it ends too early."""
        last = self._seen
        while not self._stop.wait(seconds):
            found = self._looked()
            if found == last:
                self.check()
            last = found


class WatchedSession:
    """The session of one key, whose state goes with it into a newer version. It belongs to one thread."""

    def __init__(self, watched: WatchedPolicy, session: Session) -> None:
        self._watched = watched
        self._session = session
        self._stays: object = None

    @property
    def key(self) -> str | None:
        return self._session.key

    def step(self, snapshot: Mapping[str, Any], *, now: str | float | None = None) -> Decision:
        return self._watched.told(self._current().step(snapshot, now=now))

    def step_json(self, data: bytes | str, *, now: str | float | None = None) -> Decision:
        return self._watched.told(self._current().step_json(data, now=now))

    @property
    def state(self) -> dict[str, Any]:
        return self._session.state

    def save(self) -> bytes:
        return self._session.save()

    def _current(self) -> Session:
        """The session in the version in force, or in the last one that its state goes on in."""
        policy = self._watched.policy
        if policy is not self._session.policy and policy is not self._stays:
            try:
                self._session = policy.restore(self._session.save())
            except StateError as error:
                self._stays = policy
                self._watched.say(error.findings[0].message, self._session.policy)  # type: ignore[arg-type]  # of a policy
        return self._session


@dataclass(frozen=True, slots=True)
class Look:
    """What tells that a file or folder has changed; nothing where there is none.

    `content` is the hash of a file whose time of change is too young to tell of a further one. It is left out of
    equality: `again` has looked at it.
    """

    stamp: tuple[int, int, int] | None
    content: str | None = field(default=None, compare=False)

    @classmethod
    def at(cls, path: Path) -> Look:
        try:
            found = path.stat()
            young = abs(time.time() - found.st_mtime) < _COARSE and path.is_file()
        except OSError:
            return cls(None)
        return cls((found.st_mtime_ns, found.st_size, found.st_ino), _hash(path) if young else None)

    def again(self, path: Path) -> Look:
        """The same file later; a look that was young is one at another file where the bytes are others."""
        now = Look.at(path)
        if self.content is None or now.stamp != self.stamp:
            return now
        content = now.content or _hash(path)
        return now if content == self.content else Look(None, content)


def _hash(path: Path) -> str | None:
    try:
        return lookup.hash_of(lookup.read_bytes(path))
    except OSError:
        return None


__all__ = ["WatchedPolicy", "WatchedSession", "watch"]
