"""Chat: conversations on a project's hotline, the queue they wait in, and who takes them."""
