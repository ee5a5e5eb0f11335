"""Everything with a barcode: identifiers, aliases, kinds, containment, families."""
