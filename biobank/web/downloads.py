"""A document as an answer that a browser saves under a name."""

from flask import Response


def download(content: bytes, content_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type=content_type, headers=headers)
