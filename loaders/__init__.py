"""The only floor that opens files: YAML with positions, schemas, packs, parameters and snapshots."""
