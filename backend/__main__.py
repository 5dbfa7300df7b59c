"""`python -m backend` is `tongxing`."""

from backend.cli import main

main()
