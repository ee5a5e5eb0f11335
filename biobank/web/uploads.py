"""A file that came with a request: as a form's upload, or as the body itself."""

from flask import Request

UPLOAD = "file"
_FILE = {"schema": {"type": "string", "format": "binary"}}
_FORM = {"schema": {"type": "object", "properties": {UPLOAD: _FILE["schema"]}}}
FILE_BODY = {"content": {"multipart/form-data": _FORM, "text/csv": _FILE, "application/json": _FILE}}
"""The body of a request that brings a file, as the API's description has it."""


def file_sent(asked: Request, name: str = "") -> tuple[bytes, str]:
    """The bytes, and the name that the sender gave them; `name` is that of a body without one."""
    upload = asked.files.get(UPLOAD)
    if upload is None:
        return asked.get_data(), name
    upload.stream.seek(0)  # the page of a refusal asks once more
    return upload.stream.read(), upload.filename or name
