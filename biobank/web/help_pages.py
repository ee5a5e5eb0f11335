"""Help for each station: one screen that says what it is for, the usual order, and what to do otherwise."""

import re

from flask import Blueprint, current_app, render_template
from jinja2 import TemplateNotFound

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.web.permission import reads

blueprint = Blueprint("help_pages", __name__)
NAME = re.compile(r"[a-z][a-z_-]*")
FRAME = "frame"


class NoSuchHelp(NotFound):
    """The address names no station of ours."""

    title = "No help of that name"


@blueprint.get("/help/<name>")
@reads(Permission.SEE_WORK)
def help_page(name: str, *, work: Work, by: Actor) -> str:  # noqa: ARG001 (the frame shows who reads it)
    if not NAME.fullmatch(name) or name == FRAME:
        raise NoSuchHelp("There is no help of that name; open it from the page that you work at.")
    try:
        current_app.jinja_env.get_template(f"help/{name}.html")
    except TemplateNotFound as problem:
        raise NoSuchHelp("There is no help for this page yet; ask your lead.") from problem
    return render_template(f"help/{name}.html")
