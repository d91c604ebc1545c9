"""From a document tree to a checked pack: names, types, units, presence, order."""

from .pack import check_pack, check_vocabulary

__all__ = ["check_pack", "check_vocabulary"]
