"""Destruction: orders with a line for every specimen, waste batches three people who sign, certificates."""
