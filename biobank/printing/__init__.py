"""Labels for what has a barcode, and the log of what was printed; the only importer of `labels`."""
