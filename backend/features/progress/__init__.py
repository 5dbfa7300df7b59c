"""Construction-progress posts and their kin: written, reviewed, published, read, confirmed; open days."""
