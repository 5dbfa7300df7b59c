"""Looking at foreign bytes, in a process of its own with limits: `python -m backend.features.files.looking`."""
