"""Privacy: one value in clear at a time, with who looked, when and why, for the person concerned; consent per use."""
