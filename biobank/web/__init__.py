"""What pages, API and commands share: authorisation, errors, idempotency, paging, headers, terminal output."""
