"""What every feature stands on: errors, moments, tables and transactions; no word of the domain."""
