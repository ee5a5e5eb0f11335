"""What clinic staff want to see of their own work."""
