"""A participant as the sample side knows one: a code, consents, standing; never a name."""
