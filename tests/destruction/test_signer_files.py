"""The keys that sign certificates: made, renewed, and refused with one sentence each when they will not do."""

import stat
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from biobank.core import moments
from biobank.destruction.signer_files import (
    FORMER,
    ROOT,
    SIGNER,
    TRUSTED,
    SigningKeyRefused,
    fingerprint,
    load_signer,
    name_of,
    read_key_and_chain,
    trusted_roots,
    warnings,
)
from biobank.destruction.signer_making import NO_USE, SignerExists, create_signer, renew_signer
from biobank.settings import load_settings

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path):
    create_signer(tmp_path / "keys", "Testa Programme", NOW)
    return tmp_path / "keys"


def private(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def pem(certificate):
    return certificate.public_bytes(Encoding.PEM)


def refused(folder, at=NOW):
    with pytest.raises(SigningKeyRefused) as refusal:
        load_signer(folder, at)
    return refusal.value.detail


def test_a_signer_under_a_root_of_ones_own(folder):
    signer = load_signer(folder, NOW)
    assert name_of(signer.certificate) == "Signer of certificates of destruction, Testa Programme"
    assert name_of(signer.root) == "Root of certificates of destruction, Testa Programme"
    assert isinstance(signer.key.curve, ec.SECP256R1)
    assert signer.ends_at == NOW + timedelta(days=730)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()}
    assert modes == {SIGNER: 0o600, ROOT: 0o600, f"root-{fingerprint(signer.root)[:16]}.pem": 0o644}


def test_keys_are_never_made_over_others(folder):
    before = (folder / SIGNER).read_bytes()
    with pytest.raises(SignerExists, match="--renew"):
        create_signer(folder, "Testa Programme", NOW)
    assert (folder / SIGNER).read_bytes() == before


def test_a_renewal_keeps_the_root_and_remembers_who_signed_before(folder):
    first = load_signer(folder, NOW)
    renew_signer(folder, "Testa Programme", NOW)
    second = load_signer(folder, NOW)
    assert (second.root, second.certificate != first.certificate) == (first.root, True)
    [former] = (folder / FORMER).iterdir()
    assert x509.load_pem_x509_certificates(former.read_bytes()) == [first.certificate]
    assert b"PRIVATE" not in former.read_bytes()
    renew_signer(folder, "Testa Programme", NOW, new_root=True)
    assert load_signer(folder, NOW).root != first.root
    assert first.root in trusted_roots(folder)


def test_a_root_that_is_kept_elsewhere_or_ends_too_soon_renews_nothing(folder):
    before = (folder / SIGNER).read_bytes()
    with pytest.raises(SigningKeyRefused, match="before the next signer would"):
        renew_signer(folder, "Testa Programme", NOW + timedelta(days=19 * 365))
    (folder / ROOT).unlink()
    with pytest.raises(SigningKeyRefused, match="bring it back for the renewal"):
        renew_signer(folder, "Testa Programme", NOW)
    assert (folder / SIGNER).read_bytes() == before


def test_what_is_missing_open_or_no_key(folder):
    path = folder / SIGNER
    path.chmod(0o604)
    assert f"run chmod 600 {path}" in refused(folder)
    path.chmod(0o600)
    path.write_bytes(b"nonsense")
    assert "does not hold a private key" in refused(folder)
    path.write_bytes(private(ec.generate_private_key(ec.SECP256R1())))
    assert "does not hold a private key" in refused(folder)
    path.unlink()
    assert "No such file or directory" in refused(folder)
    path.mkdir()
    assert "cannot be read" in refused(folder)


def test_a_key_that_does_not_belong_or_is_of_another_kind(folder):
    path = folder / SIGNER
    certificates = b"".join(map(pem, read_key_and_chain(path)[1]))
    path.write_bytes(private(ec.generate_private_key(ec.SECP256R1())) + certificates)
    assert "does not belong to the first certificate" in refused(folder)
    for other in (ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)):
        path.write_bytes(private(other) + certificates)
        assert "not on the curve P-256" in refused(folder)


def test_what_is_not_in_force_yet_or_any_more(folder):
    assert "begins on 2026-11-22; look at this machine's clock" in refused(folder, NOW - timedelta(hours=1))
    assert "ended on 2028-11-21; run `biobank keys certificate --renew`" in refused(
        folder, NOW + timedelta(days=731)
    )


def test_nobody_is_trusted_who_is_not_among_the_roots(folder):
    [root] = (folder / TRUSTED).iterdir()
    root.chmod(0o666)
    assert f"Others may write {root}" in refused(folder)
    root.chmod(0o644)
    root.write_bytes(b"nonsense")
    assert "holds no certificate" in refused(folder)
    root.unlink()
    assert "vouches for Signer of certificates of destruction" in refused(folder)


def issued_by(issuer_key, issuer, key, name, usage, *, at=NOW, ca=False):
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(1))
        .not_valid_after(at + timedelta(400))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**NO_USE | dict.fromkeys(usage, True)), critical=True)
        .sign(issuer_key, SHA256())
    )


def own_authority(folder, *, usage=("digital_signature", "content_commitment"), whole=True, at=NOW):
    """An institution's own root, one between, and a signer, as its certificate desk would hand them over."""
    folder.joinpath(TRUSTED).mkdir(parents=True)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(3)]
    ca = ("key_cert_sign", "crl_sign")
    root_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Testa Institution")])
    root = issued_by(keys[0], root_name, keys[0], "Testa Institution", ca, ca=True, at=at)
    between = issued_by(keys[0], root.subject, keys[1], "Testa Department", ca, ca=True, at=at)
    signer = issued_by(keys[1], between.subject, keys[2], "Testa Biobank", usage, at=at)
    (folder / TRUSTED / "institution.pem").write_bytes(pem(root))
    chain = [signer, between] if whole else [signer]
    (folder / SIGNER).write_bytes(private(keys[2]) + b"".join(map(pem, chain)))
    (folder / SIGNER).chmod(0o600)
    return [signer, between, root]


def test_an_institutions_own_authority(tmp_path):
    signer, between, root = own_authority(tmp_path / "own")
    loaded = load_signer(tmp_path / "own", NOW)
    assert (loaded.chain, loaded.root) == ((signer, between), root)
    own_authority(tmp_path / "gap", whole=False)
    assert "vouches for Testa Biobank" in refused(tmp_path / "gap")
    own_authority(tmp_path / "web", usage=("digital_signature",))
    assert "lacks the key usage nonRepudiation" in refused(tmp_path / "web")
    path = tmp_path / "own" / SIGNER
    path.write_bytes(path.read_bytes() + pem(signer))
    assert "are no chain" in refused(tmp_path / "own")


def test_a_file_signed_under_an_institutions_own_authority_is_accepted(tmp_path):
    from io import BytesIO

    from reportlab.pdfgen.canvas import Canvas

    from biobank.destruction.proof import attach
    from biobank.destruction.signed_files import examine
    from biobank.destruction.signing import certified

    own_authority(tmp_path / "own", at=moments.now())
    page = BytesIO()
    canvas = Canvas(page)
    canvas.drawString(100, 100, "A page")
    attach(canvas, b"{}")
    canvas.save()
    signed = certified(page.getvalue(), load_signer(tmp_path / "own", moments.now()), "x")
    assert examine(signed, trusted_roots(tmp_path / "own")).findings == ()


def test_the_end_is_warned_of(folder):
    settings = load_settings({}).with_changes(
        certificate_keys_folder=str(folder), certificate_warning_days=60
    )
    assert warnings(settings, NOW + timedelta(days=660)) == []
    [sentence] = warnings(settings, NOW + timedelta(days=680))
    assert "ends on 2028-11-21; run `biobank keys certificate --renew`" in sentence
    [sentence] = warnings(settings, NOW + timedelta(days=800))
    assert sentence.startswith("No destruction order can be confirmed: The certificate of Signer")
    [sentence] = warnings(settings.with_changes(certificate_keys_folder=""), moments.now())
    assert "certificate_keys_folder is not set" in sentence


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SigningKeyRefused, match="No key can be written at"):
        create_signer(tmp_path / "file" / "keys", "Testa Programme", NOW)
