"""Pure core: syntax, diagnostics, checking, IR, back ends and decisions. Opens no file and imports no other floor."""
