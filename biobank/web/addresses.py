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
    """The page that a form stood on, as far as it or htmx says so."""
    page = urlsplit(request.headers.get("HX-Current-URL", ""))
    of_htmx = page.path + (f"?{page.query}" if page.query else "")
    return own_path(request.form.get("from") or of_htmx, otherwise)


def asked_page() -> str:
    """Where somebody goes on after a sign-in: the page that was asked for, or that the form stood on."""
    return own_path(request.full_path.rstrip("?")) if request.method == "GET" else came_from()


def sent_to(path: str) -> Response:
    """A whole new page: htmx is told so in a header, since it would put a redirect's page into a part."""
    if request.headers.get("HX-Request"):
        return Response(status=200, headers={"HX-Redirect": path})
    return current_app.make_response(redirect(path, 303))
