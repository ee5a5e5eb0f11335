"""The application, put together: database, secrets, the edges' kit, the features' edges."""

from pathlib import Path

from flask import Flask
from sqlalchemy.engine import URL, make_url

from biobank.access import pages as access_pages
from biobank.core.database import db, prepare_engine
from biobank.settings import Settings
from biobank.web import health
from biobank.web.current import keep_settings, read_secret_key
from biobank.web.errors import install_error_handlers
from biobank.web.frame import install_frame
from biobank.web.headers import add_headers
from biobank.web.metrics import install_metrics
from biobank.web.permission import assert_every_route_declares, public

BLUEPRINTS = (health.blueprint, access_pages.blueprint)
LARGEST_REQUEST = 16 * 1024 * 1024


def create_app(settings: Settings) -> Flask:
    """Raises `SecretRefused` or `UndeclaredRoute` instead of starting half."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    keep_settings(app, settings)
    app.secret_key = read_secret_key(settings)
    connect_database(app, settings)
    install_metrics(app)
    add_headers(app)
    install_frame(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    install_error_handlers(app)
    public("style and scripts")(app.view_functions["static"])
    assert_every_route_declares(app)
    return app


def connect_database(app: Flask, settings: Settings) -> None:
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url(settings)
    # Parameters stay out of error messages, and so out of the log.
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "hide_parameters": True,
        "pool_pre_ping": not is_sqlite(settings),
    }
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)


def is_sqlite(settings: Settings) -> bool:
    return make_url(settings.database_url).get_backend_name() == "sqlite"


def database_url(settings: Settings) -> URL:
    """A relative SQLite path is relative to where the service was started, not to the package."""
    url = make_url(settings.database_url)
    if not is_sqlite(settings) or url.database in (None, "", ":memory:"):
        return url
    return url.set(database=str(Path(url.database or "").resolve()))
