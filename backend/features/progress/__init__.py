"""Construction-progress posts and their kin: written, reviewed, published, seen, confirmed; open days and their places."""
