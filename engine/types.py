"""The types of the language, and the fields that inputs and records are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from dataclasses import field as _field

from .units import RATIO, Unit

MAX_INTEGER = 2**53 - 1
MAX_TEXT = 256
MAX_DOCUMENT = 65_536


@dataclass(frozen=True, slots=True)
class Number:
    """An IEEE double."""

    unit: Unit = RATIO

    def __str__(self) -> str:
        return f"a number in {self.unit}"


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number within ±(2^53 - 1)."""

    unit: Unit = RATIO

    def __str__(self) -> str:
        return f"an integer in {self.unit}"


@dataclass(frozen=True, slots=True)
class Boolean:
    def __str__(self) -> str:
        return "a boolean"


@dataclass(frozen=True, slots=True)
class Text:
    max_length: int = MAX_TEXT

    def __str__(self) -> str:
        return "a text"


@dataclass(frozen=True, slots=True)
class Time:
    """A moment, in whole microseconds since 1970 UTC."""

    def __str__(self) -> str:
        return "a time"


@dataclass(frozen=True, slots=True)
class Enum:
    """Members in declared order, mild to severe."""

    name: str
    members: tuple[str, ...]

    def __str__(self) -> str:
        return f"a {self.name}"


@dataclass(frozen=True, slots=True)
class Age:
    """How old a value may be: `limit` names a parameter, `of` the time it counts from.

    That is a field of the value itself where it is `inside`, else one beside it.
    """

    of: str
    limit: str
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A named place for a value: an input, a field of a record or the item of a list.

    `key` is the name that the snapshot uses; `low` and `high` bound numbers, both ends allowed. `why` is prose.
    A value that breaks its contract is absent where `forgiving`, and so is an old one that is optional; `drops` leaves
    out the bad items of a list. `requires` names the conditions on a record. `actionable`: somebody may change it, so
    that it is worth saying what would have been decided otherwise.
    """

    name: str
    type: Type
    optional: bool = False
    low: float | None = None
    high: float | None = None
    key: str = ""
    why: str = _field(default="", compare=False)
    age: Age | None = None
    forgiving: bool = False
    drops: bool = False
    requires: tuple[str, ...] = ()
    actionable: bool = _field(default=False, compare=False)

    @property
    def source(self) -> str:
        return self.key or self.name

    @property
    def dated_by(self) -> str | None:
        """The name of the time beside it that its age counts from."""
        return self.age.of if self.age and not self.age.inside else None


@dataclass(frozen=True, slots=True)
class Record:
    name: str
    fields: tuple[Field, ...]

    def __str__(self) -> str:
        return f"a {self.name or 'record'}"

    def field(self, name: str) -> tuple[int, Field] | None:
        return next(((i, each) for i, each in enumerate(self.fields) if each.name == name), None)


@dataclass(frozen=True, slots=True)
class List:
    """At most `max_items` items; `key` names the fields of a record that are different in every item."""

    item: Field
    max_items: int
    key: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"a list of {plural(self.item.type)}"


@dataclass(frozen=True, slots=True)
class Vector:
    """One value for each member of an enum."""

    by: Enum
    item: Field

    def __str__(self) -> str:
        return f"a vector of {plural(self.item.type)} by {self.by.name}"


@dataclass(frozen=True, slots=True)
class Map:
    """At most `max_items` values, each under a text of its own. What is under any other text is absent."""

    item: Field
    max_items: int
    key: Text = Text()

    def __str__(self) -> str:
        return f"a map of {plural(self.item.type)} by text"

    @property
    def entries(self) -> List:
        """The type of the same as a list of keys and values."""
        return List(Field("", Record("", (Field("key", self.key), replace(self.item, name="value")))), self.max_items)


@dataclass(frozen=True, slots=True)
class Document:
    """Free JSON, known by its fingerprint alone. `ignore` and `unordered` are patterns of paths in it."""

    ignore: tuple[str, ...] = ()
    unordered: tuple[str, ...] = ()
    max_bytes: int = MAX_DOCUMENT

    def __str__(self) -> str:
        return "a document"


@dataclass(frozen=True, slots=True)
class Unknown:
    """The type of what was already reported: it goes with everything, so that one mistake is one finding."""

    def __str__(self) -> str:
        return "unknown"


Type = Number | Integer | Boolean | Text | Time | Enum | Record | List | Vector | Map | Document | Unknown
UNKNOWN = Unknown()
BOOLEAN = Boolean()


def plural(kind: Type) -> str:
    match kind:
        case List() | Vector() | Map():
            head, _, rest = str(kind).removeprefix("a ").partition(" ")
            return f"{head}s {rest}"
        case Number(unit=unit) | Integer(unit=unit):
            return f"{unit} numbers" if isinstance(kind, Number) else f"{unit} integers"
        case Enum(name=name) | Record(name=name):
            return name or "records"
    return str(kind).removeprefix("a ") + "s"


def of_member(kind: Type) -> Type:
    """The type of a member of a vector, or of an item of a map; of anything else itself."""
    return kind.item.type if isinstance(kind, Vector | Map) else kind


def innermost(kind: Type) -> Type:
    """The type of a vector's, matrix's or map's values; of anything else itself."""
    while isinstance(kind, Vector | Map):
        kind = kind.item.type
    return kind


def is_numeric(kind: Type) -> bool:
    return isinstance(kind, Number | Integer)


def by_names(kind: Type) -> Type:
    """The type with fields under their own names, as parameters have them, and not under the snapshot's keys."""
    match kind:
        case Record(name, fields):
            return Record(name, tuple(replace(each, type=by_names(each.type), key="") for each in fields))
        case List() | Vector() | Map():
            return replace(kind, item=replace(kind.item, type=by_names(kind.item.type)))
    return kind


def unit_of(kind: Type) -> Unit:
    return kind.unit if isinstance(kind, Number | Integer) else RATIO


def with_unit(kind: Type, unit: Unit) -> Type:
    return Integer(unit) if isinstance(kind, Integer) else Number(unit)


def same(left: Type, right: Type) -> bool:
    """Whether two types hold the same values; lengths and ranges are contracts of a place, not of a type."""
    match left, right:
        case (Unknown(), _) | (_, Unknown()) | (Text(), Text()):
            return True
        case (Document(), Document()):
            return (left.ignore, left.unordered) == (right.ignore, right.unordered)
        case (List(item=a), List(item=b)) | (Map(item=a), Map(item=b)):
            return same(a.type, b.type) and a.optional == b.optional
        case (Vector(by=by, item=a), Vector(by=other, item=b)):
            return by == other and same(a.type, b.type) and a.optional == b.optional
        case (Record(fields=a_fields), Record(fields=b_fields)):
            return len(a_fields) == len(b_fields) and all(
                a.name == b.name and a.optional == b.optional and same(a.type, b.type)
                for a, b in zip(a_fields, b_fields, strict=True)
            )
    return left == right


def accepts(wanted: Type, given: Type) -> bool:
    """Whether a value of `given` may stand where `wanted` is expected: it holds no other values, or is an integer for
    a number.
    """
    if isinstance(wanted, Number) and isinstance(given, Integer):
        return wanted.unit == given.unit
    return same(loosened(given, wanted), wanted)


def kin(left: Type, right: Type) -> bool:
    """Whether two types hold the same values, but for what may be absent in one of them."""
    return same(loosened(left, right), loosened(right, left))


def loosened(kind: Type, other: Type) -> Type:
    """A type with those parts optional that are so in `other`: it holds the same values, and absence there."""
    match kind, other:
        case List(item=a), List(item=b):
            return List(_loosened(a, b), kind.max_items, kind.key)
        case Vector(by=by, item=a), Vector(item=b):
            return Vector(by, _loosened(a, b))
        case Map(item=a), Map(item=b):
            return Map(_loosened(a, b), kind.max_items, kind.key)
        case (Record(fields=fields), Record(fields=others)) if len(fields) == len(others):
            return Record(kind.name, tuple(map(_loosened, fields, others)))
    return kind


def _loosened(place: Field, other: Field) -> Field:
    return replace(place, type=loosened(place.type, other.type), optional=place.optional or other.optional)
