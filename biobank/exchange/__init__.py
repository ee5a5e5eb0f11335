"""What other systems send and fetch."""
