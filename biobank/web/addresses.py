"""Addresses of our own pages, as requests tell them, and sending a browser to one."""

from urllib.parse import urlsplit

from flask import Response, current_app, redirect, request

LONGEST = 400


def own_path(told: str, otherwise: str = "/") -> str:
    """Only a path of ours: another site's address would be believed to be ours."""
    parts = urlsplit(told)
    ours = told.startswith("/") and not told.startswith(("//", "/\\")) and not parts.netloc
    return told if ours and told.isprintable() and len(told) <= LONGEST else otherwise


def came_from(otherwise: str = "/") -> str:
    """The page that a form stood on, as far as it says so."""
    return own_path(request.form.get("from", ""), otherwise)


def asked_page() -> str:
    """Where somebody goes on after a sign-in: the page that was asked for, or that the form stood on."""
    return own_path(request.full_path.rstrip("?")) if request.method == "GET" else came_from()


def is_sent_by_page() -> bool:
    """A form that `in_place.js` sends: its page stays, and takes the answer in."""
    return request.headers.get("X-From-Script") == "page"


def sent_to(path: str) -> Response:
    """To the page of this form or to another; a page that stays is told of another and goes there itself."""
    its_page = request.path.rpartition("/")[0]
    if is_sent_by_page() and urlsplit(path).path != its_page:
        return Response(status=204, headers={"Location": path})
    return current_app.make_response(redirect(path, 303))
