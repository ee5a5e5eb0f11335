"""What comes from outside this machine comes by TLS or is refused, before anything of it is read."""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, request

from biobank.access.setup_links import public_address
from biobank.core.errors import Forbidden
from biobank.core.hosts import is_loopback
from biobank.settings import SettingRefused, Settings
from biobank.web.current import current_settings

A_YEAR = 365 * 24 * 60 * 60
FORWARDED = {"x-forwarded-for", "x-forwarded-proto"}
"""What the proxy says of a request: whose it is, and that it came by TLS."""


class NotEncrypted(Forbidden):
    """Sent in plain from another machine."""

    title = "Not encrypted"


def install_transport(app: Flask, settings: Settings) -> None:
    app.config["SESSION_COOKIE_SECURE"] = _is_public_by_tls(settings)
    app.before_request(_refuse_what_is_plain)
    app.after_request(_stay_encrypted)


def can_be_served(settings: Settings) -> None:
    """Outside the loopback a proxy that is named terminates TLS. Raises `SettingRefused`."""
    if settings.trusted_proxy:
        _proxy_can_be(settings)
    elif not is_loopback(settings.serve_host):
        raise SettingRefused(
            f"serve_host is {settings.serve_host!r}, which other machines reach without encryption; set "
            "trusted_proxy to the address of the proxy that terminates TLS, or serve_host to 127.0.0.1."
        )


def _proxy_can_be(settings: Settings) -> None:
    try:
        ip_address(settings.trusted_proxy)
    except ValueError as problem:
        raise SettingRefused(
            f"trusted_proxy is {settings.trusted_proxy!r}; write the IP address from which the proxy that "
            "terminates TLS connects, such as 10.0.0.5."
        ) from problem
    if not _is_public_by_tls(settings):
        raise SettingRefused(
            f"trusted_proxy is set, and public_url is {settings.public_url!r}; write the address under which "
            "people reach the proxy, which begins with https://."
        )


def waitress_options(settings: Settings) -> dict[str, Any]:
    """Of what a request says of itself only the proxy is believed."""
    if not settings.trusted_proxy:
        return {"clear_untrusted_proxy_headers": True}
    return {
        "trusted_proxy": settings.trusted_proxy,
        "trusted_proxy_headers": FORWARDED,
        "trusted_proxy_count": 1,
        "clear_untrusted_proxy_headers": True,
    }


def _is_public_by_tls(settings: Settings) -> bool:
    return urlsplit(public_address(settings)).scheme == "https"


def is_for_tls_alone() -> bool:
    """Whether a cookie may go over TLS alone: by a proxy on this machine too, whatever it says of itself."""
    return request.is_secure or _is_public_by_tls(current_settings())


def _refuse_what_is_plain() -> None:
    if not request.is_secure and not is_loopback(request.remote_addr or "localhost"):  # none: a local socket
        raise NotEncrypted(
            "This came without encryption and was not read; open the service under its address that begins "
            "with https://, and take a password or token that was sent like this as known to others."
        )


def _stay_encrypted(response: Response) -> Response:
    """Browsers that came by TLS once come by it alone for a year."""
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={A_YEAR}")
    return response
