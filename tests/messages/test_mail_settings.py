"""Which settings of the mail server are taken, and the id that a message keeps."""

import pytest

from biobank.core.secret_files import SecretRefused
from biobank.messages.mail import check_mail_settings, message_id, sends
from biobank.settings import SettingRefused, load_settings
from tests.messages.post_office import mail_settings

DEFAULTS = load_settings({})


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"smtp_host": "mail.example"}, "not this machine"),
        ({"smtp_security": "sometimes"}, "it is one of"),
        ({"mail_from": "nobody"}, "no address"),
        ({"contact_phone": ""}, "whom people ask"),
        ({"smtp_timeout_seconds": 0}, "at least one second"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_start(wrong, sentence):
    check_mail_settings(DEFAULTS)  # nothing is set: nothing is sent
    check_mail_settings(mail_settings(DEFAULTS, 25))
    with pytest.raises(SettingRefused, match=sentence):
        check_mail_settings(mail_settings(DEFAULTS, 25, **wrong))


def test_a_password_that_others_can_read_is_refused(tmp_path):
    secret = tmp_path / "password"
    secret.write_text("plainly invented")
    secret.chmod(0o644)
    told = {"smtp_user": "biobank", "smtp_password_file": str(secret)}
    with pytest.raises(SecretRefused, match="readable by others"):
        check_mail_settings(mail_settings(DEFAULTS, 25, **told))


def test_the_message_id_is_of_this_log_and_number():
    one, other = (message_id(DEFAULTS, number) for number in (1, 2))
    assert one != other
    assert one != message_id(DEFAULTS.with_changes(ledger_origin="other.example/log"), 1)
    assert one.endswith("@biobank.example>")
    assert sends(DEFAULTS) is False
