"""Differences between expected and found as cases: an owner, a state, the site's answer, a resolution."""
