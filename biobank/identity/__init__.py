"""The vault that links codes to names: own database, own key; a look is written down before its answer."""
