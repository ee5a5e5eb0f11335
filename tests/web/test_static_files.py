"""Style and scripts travel compressed and once; pages, which hold a secret, are never compressed."""

import gzip

import pytest

from biobank.web.static_files import FOLDER, address_of, folder_mark

STYLE = "vendor/uswds/css/uswds.min.css"


def test_a_style_sheet_is_compressed_and_kept_for_good(client):
    answer = client.get(address_of(STYLE), headers={"Accept-Encoding": "gzip"})
    plain = (FOLDER / STYLE).read_bytes()
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data) == plain
    assert len(answer.data) < len(plain) / 4
    kept = answer.headers["Cache-Control"]
    assert "immutable" in kept
    assert "max-age=31536000" in kept
    assert "Accept-Encoding" in answer.headers["Vary"]
    brotli = client.get(address_of(STYLE), headers={"Accept-Encoding": "gzip, br, zstd"})
    assert brotli.headers["Content-Encoding"] == "br"
    assert client.get(address_of(STYLE)).data == plain


def test_a_page_of_before_an_upgrade_gets_the_file_of_now_and_does_not_keep_it(client):
    answer = client.get(address_of(STYLE).replace(folder_mark(), "0123456789abcdef"))
    assert answer.status_code == 200
    assert "immutable" not in answer.headers["Cache-Control"]
    assert "max-age=31536000" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/sign-in", "/api/v1/openapi.json", "/healthz"])
def test_what_is_not_a_file_is_never_compressed(client, path):
    answer = client.get(path, headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in answer.headers


def test_nothing_outside_of_the_folder_is_sent(client):
    assert client.get(f"/static/{folder_mark()}/../app.py").status_code == 404
    assert client.get(f"/static/{folder_mark()}/%2e%2e/app.py").status_code == 404
