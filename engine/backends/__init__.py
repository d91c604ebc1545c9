"""What runs a checked pack: the reference, and the generated Python."""
