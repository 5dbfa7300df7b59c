"""One folder a capability, in the owner's words. `pyproject.toml` holds their order: each calls only those below it."""
