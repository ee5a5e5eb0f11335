"""Material handed to approved studies for good: requests and approvals, what went where, its end."""
