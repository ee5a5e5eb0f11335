"""What pages, API and commands share: who asks and may, errors, idempotency, paging, headers, terminal."""
