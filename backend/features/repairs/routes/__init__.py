"""The addresses of repairs."""

from backend.features.repairs.routes.tickets import list_tickets, tickets

__all__ = ["list_tickets", "tickets"]
