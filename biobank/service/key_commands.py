"""The command that makes and renews the keys by which certificates of destruction are signed."""

from typing import Any

import click
from cryptography.x509 import Certificate

from biobank.core import moments
from biobank.destruction.signer_files import (
    ROOT,
    TRUSTED,
    certificate_folder,
    fingerprint,
    load_signer,
    name_of,
)
from biobank.destruction.signer_making import create_signer, renew_signer
from biobank.settings import load_settings
from biobank.web.terminal import json_option, show, unattended


@click.command("certificate")
@click.option("--renew", is_flag=True, help="Make the next signer; what was signed before stays valid.")
@click.option("--new-root", is_flag=True, help="With --renew: make a new root above it too.")
@json_option
@unattended("keys come before the first account")
def certificate(*, renew: bool, new_root: bool, as_json: bool) -> None:
    """Make the keys that sign certificates of destruction: a root and a signer under it."""
    settings, now = load_settings(), moments.now()
    folder = certificate_folder(settings)
    if new_root and not renew:
        raise click.UsageError("--new-root goes with --renew.")
    if renew:
        renew_signer(folder, settings.programme, now, new_root=new_root)
    else:
        create_signer(folder, settings.programme, now)
    signer = load_signer(folder, now)
    lines = [
        *_told("Certificates are signed by", signer.certificate),
        *_told("Its root is", signer.root),
        f"Give the root's certificate in {folder / TRUSTED} to whoever checks certificates.",
        f"Keep copies of {folder} where the database is not.",
        f"Then take {folder / ROOT} off this machine: only a renewal needs it.",
    ]
    show(
        {"folder": str(folder), "signer": _described(signer.certificate), "root": _described(signer.root)},
        as_json=as_json,
        lines=lines,
    )


def _told(what: str, certificate: Certificate) -> list[str]:
    described = _described(certificate)
    return [
        f"{what} {described['name']}, until {described['until']}.",
        f"  SHA-256 {described['sha256']}",
    ]


def _described(certificate: Certificate) -> dict[str, Any]:
    return {
        "name": name_of(certificate),
        "until": certificate.not_valid_after_utc.date().isoformat(),
        "sha256": fingerprint(certificate),
    }
