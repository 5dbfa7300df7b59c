"""The sentences people read, one TOML file an area and locale. Read by `backend/core/locale.py`."""
