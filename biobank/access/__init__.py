"""Who may do what where: people, roles by site, tokens, sign-in and electronic signatures."""
