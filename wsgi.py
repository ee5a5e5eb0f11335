"""What a process manager serves: `gunicorn wsgi:app`, with `biobank worker` beside it."""

from biobank.app import create_app
from biobank.settings import load_settings

app = create_app(load_settings())
