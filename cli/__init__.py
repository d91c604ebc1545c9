"""The command line: arguments in, one call down, rendering out."""
