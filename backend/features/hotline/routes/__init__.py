"""The addresses of cases."""
