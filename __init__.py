"""Flyball: trading policy and risk as reviewed YAML, and decisions that say which line made them."""

from ._version import __version__

__all__ = ["__version__"]
