"""The database: engine, unit of work, connections for hot reads, signals between processes, base types."""
