"""Files: photos, recordings and documents that lines name; handed in over weak networks, shown to who sees the line."""
