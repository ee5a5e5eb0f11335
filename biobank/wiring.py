"""What each step asks of the features, and what follows from it: checks before and reactions after, as data.

Installed alike for the service, the commands and the worker; `custody.record` takes no step without it.
"""

from biobank.custody.rules import Rules, install

RULES = Rules(before={}, after={})


def install_rules() -> None:
    install(RULES)
