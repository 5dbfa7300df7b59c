"""What can keep the embedded servers from starting. The message is one sentence a person can act on."""


class CannotStart(Exception):
    """The embedded PostgreSQL or Valkey cannot be started."""


class FolderInUse(CannotStart):
    """Another process already serves this data folder."""
