"""Parcels from site to site: manifest, dispatch, arrival, receipt line by line."""
