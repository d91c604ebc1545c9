"""Diagnostics, decisions and packs, as texts for people and for programs."""
