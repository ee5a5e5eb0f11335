"""The vault that links codes to names: own database, own key; every look is written down before the answer."""
