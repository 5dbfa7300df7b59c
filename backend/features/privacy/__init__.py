"""Privacy: one value in clear at a time, with who looked, when and why; and the list of it for the person concerned."""
