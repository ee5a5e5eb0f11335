"""One person at one site on one day."""
