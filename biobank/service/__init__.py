"""Running the service: serving it, sealing beside it, bringing its database up to date."""
