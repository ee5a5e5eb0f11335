"""The programme's feeds: decisions in, destruction results out, and the acknowledgements of both."""
