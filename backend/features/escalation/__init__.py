"""Who is called when a promise is in danger: chains of steps, pages, bundles."""
