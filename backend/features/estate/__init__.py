"""The estate: regions, projects, buildings, homes, ownerships with their dates, and the import that fills them."""
